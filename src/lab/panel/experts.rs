//! How much each expert moves the ranking, now and over the events.

use engine::analysis::Analysis;
use leptos::prelude::*;

use crate::lab::Lab;
use crate::words::lab_words;

/// Size of a small line.
const WIDTH: f32 = 90.0;
const HEIGHT: f32 = 22.0;

/// A line per expert.
#[component]
pub fn Experts(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = lab_words();
    lab.analyst.show();
    let lines = move || {
        let Some(analysis) = lab.analyst.analysis.get() else {
            return super::waiting(lab).into_any();
        };
        let all = analysis.experts.iter().enumerate();
        let lines = all.map(|(at, expert)| {
            let share = |point: Option<&engine::analysis::SharePoint>| {
                point.and_then(|point| point.shares.get(at)).copied().unwrap_or(0.0)
            };
            let (first, now) = (share(analysis.shares.first()), share(analysis.shares.last()));
            view! {
                <li class="part expert" title=(w.explanation.expert_tip)(expert)>
                    <span class="part-name">{(w.explanation.expert)(expert)}</span>
                    <svg class="spark" viewBox=format!("0 0 {WIDTH} {HEIGHT}") aria-hidden="true" preserveAspectRatio="none">
                        <polyline class="line own" points=spark(&analysis, at)></polyline>
                    </svg>
                    <span class="number">{(w.panel.share)(now, first)}</span>
                </li>
            }
        });
        view! { <ul class="parts" role="list" data-testid="experts">{lines.collect_view()}</ul> }
            .into_any()
    };
    view! {
        <h3 title=w.panel.shares.1>{w.panel.shares.0}</h3>
        {lines}
        <p class="note">{w.panel.shares.1}</p>
    }
}

/// The share of one expert over the events, from 0 to the largest share of any.
fn spark(analysis: &Analysis, expert: usize) -> String {
    let all = analysis.shares.iter().flat_map(|point| &point.shares);
    let largest = all.fold(1e-6_f32, |most, share| most.max(*share));
    let last = analysis.shares.last().map_or(1, |point| point.event.max(1));
    let points = analysis.shares.iter().map(|point| {
        let x = WIDTH * point.event as f32 / last as f32;
        let share = point.shares.get(expert).copied().unwrap_or(0.0);
        format!(
            "{x:.1},{:.1} ",
            HEIGHT - 1.0 - (HEIGHT - 2.0) * share / largest
        )
    });
    points.collect()
}
