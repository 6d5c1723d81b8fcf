//! What the encoder looks at, as a small heat map.

use engine::analysis::Attention;
use leptos::prelude::*;

use super::Lab;
use crate::words::lab_words;

/// Side of one field, in units of the drawing.
const SIDE: f32 = 12.0;

/// One row per head, one column per choice, the newest on the left.
#[component]
pub fn AttentionMap(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = &lab_words().attention;
    lab.analyst.show();
    move || {
        let attention = lab
            .analyst
            .analysis
            .with(|analysis| analysis.as_ref().and_then(|a| a.attention.clone()))?;
        let Attention {
            titles,
            heads,
            blocks,
        } = attention;
        let most = heads.iter().flatten().fold(1e-6_f32, |a, b| a.max(*b));
        let per_block = heads.len() / (blocks as usize).max(1);
        let fields = heads.iter().enumerate().map(|(row, shares)| {
            let fields = shares.iter().enumerate().map(|(column, share)| {
                let tip = (w.field)(
                    titles.get(column).map_or("", String::as_str),
                    row / per_block.max(1) + 1,
                    row % per_block.max(1) + 1,
                    *share,
                );
                view! {
                    <rect
                        class="heat" x=column as f32 * SIDE y=row as f32 * SIDE
                        width=SIDE - 1.0 height=SIDE - 1.0
                        style:fill-opacity=format!("{:.3}", share / most)
                    ><title>{tip}</title></rect>
                }
            });
            fields.collect_view()
        });
        let fields = fields.collect_view();
        let (width, height) = (titles.len() as f32 * SIDE, heads.len() as f32 * SIDE);
        // The choice that the heads look at most, on average.
        let mean = |column: usize| heads.iter().filter_map(|row| row.get(column)).sum::<f32>();
        let strongest = (0..titles.len()).max_by(|a, b| mean(*a).total_cmp(&mean(*b)));
        let text = strongest.map_or_else(String::new, |column| {
            (w.text)(&titles[column], mean(column) / heads.len() as f32)
        });
        Some(view! {
            <h3 title=w.title.1>{w.title.0}</h3>
            <svg class="heat-map" style:max-inline-size=format!("{:.1}rem", width / 10.0) viewBox=format!("0 0 {width} {height}") role="img" aria-label=text.clone() data-testid="attention">
                {fields}
            </svg>
            <p class="note">{text}</p>
        })
    }
}
