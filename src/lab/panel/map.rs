//! The taste map: the catalogue in two dimensions, the visitor's way over it, and the same in words.

use engine::analysis::{MapPoint, MapView};
use leptos::prelude::*;
use leptos::svg::Svg;
use wasm_bindgen::JsCast;

use crate::lab::Lab;
use crate::words::lab_words;

/// Size of the drawing, in its own units, and the margin in it.
const SIZE: f32 = 320.0;
const EDGE: f32 = 12.0;

/// How far from the pointer an item may be to be named, in units of the drawing.
const NEAR: f32 = 14.0;

/// From the map's coordinates to the drawing's.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Frame {
    low: [f32; 2],
    span: f32,
}

impl Frame {
    /// A square around all points, so that distances are alike in both directions.
    fn around(points: &[MapPoint]) -> Self {
        let end = |axis: usize, pick: fn(f32, f32) -> f32, start: f32| {
            points.iter().map(|point| point.at[axis]).fold(start, pick)
        };
        let low = [0, 1].map(|axis| end(axis, f32::min, f32::INFINITY));
        let high = [0, 1].map(|axis| end(axis, f32::max, f32::NEG_INFINITY));
        let span = (high[0] - low[0]).max(high[1] - low[1]).max(1e-6);
        let centred = [0, 1].map(|axis| (low[axis] + high[axis] - span) / 2.0);
        Self { low: centred, span }
    }

    fn place(&self, at: [f32; 2]) -> [f32; 2] {
        let scale = (SIZE - 2.0 * EDGE) / self.span;
        let x = EDGE + (at[0] - self.low[0]) * scale;
        // Up is up.
        let y = SIZE - EDGE - (at[1] - self.low[1]) * scale;
        [x.clamp(0.0, SIZE), y.clamp(0.0, SIZE)]
    }
}

/// Map, name under the pointer, and neighbours.
#[component]
pub fn TasteMap(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = &lab_words().map;
    lab.analyst.show();
    let pointed = RwSignal::new(None::<String>);
    let drawing = move || match lab.analyst.map.get() {
        None => super::waiting(lab).into_any(),
        Some(map) => view! { <Drawing lab map pointed/> }.into_any(),
    };
    let nearest = move || {
        let analysis = lab.analyst.analysis.get()?;
        (!analysis.nearest.is_empty()).then(|| {
            let items = analysis.nearest.into_iter().map(|near| {
                view! { <li>{near.title} " " <span class="number">{format!("{:.2}", near.cosine)}</span></li> }
            });
            view! {
                <h3>{w.nearest}</h3>
                <ol class="nearest" data-testid="nearest">{items.collect_view()}</ol>
            }
        })
    };
    let caption = move || {
        pointed.get().unwrap_or_else(|| {
            let here = lab
                .analyst
                .analysis
                .with(|analysis| analysis.as_ref().is_some_and(|a| !a.trail.is_empty()));
            if here { w.here } else { w.nowhere }.to_owned()
        })
    };
    view! {
        <figure class="map" title=w.tip>
            {drawing}
            <figcaption class="note">{caption}</figcaption>
        </figure>
        {nearest}
        <p class="note">
            {move || lab.analyst.map.with(|map| map.as_ref().map(|map| (w.axes)(map.points.len(), map.explained)))}
        </p>
    }
}

#[component]
fn Drawing(lab: Lab, map: MapView, pointed: RwSignal<Option<String>>) -> impl IntoView {
    let w = &lab_words().map;
    let frame = Frame::around(&map.points);
    // One path: two thousand elements would be slow.
    let dots: String = map
        .points
        .iter()
        .map(|point| {
            let [x, y] = frame.place(point.at);
            format!("M{x:.1} {y:.1}h0")
        })
        .collect();
    let svg = NodeRef::<Svg>::new();
    let points = StoredValue::new(map.points);
    let point_at = move |event: web_sys::PointerEvent| {
        let Some(svg) = svg.get_untracked() else {
            return;
        };
        let element: &web_sys::Element = svg.unchecked_ref();
        let bounds = element.get_bounding_client_rect();
        let scale = SIZE / bounds.width().max(1.0) as f32;
        let at = [
            (f64::from(event.client_x()) - bounds.left()) as f32 * scale,
            (f64::from(event.client_y()) - bounds.top()) as f32 * scale,
        ];
        let title = points.with_value(|points| {
            let distance = |point: &MapPoint| {
                let [x, y] = frame.place(point.at);
                (x - at[0]).hypot(y - at[1])
            };
            points
                .iter()
                .map(|point| (distance(point), point))
                .filter(|(distance, _)| *distance < NEAR)
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, point)| match point.kind.as_str() {
                    "" => point.title.clone(),
                    kind => format!("{}, {kind}", point.title),
                })
        });
        if pointed.with_untracked(|before| *before != title) {
            pointed.set(title);
        }
    };
    let trail = move || {
        let trail = lab
            .analyst
            .analysis
            .with(|analysis| analysis.as_ref().map(|a| a.trail.clone()))
            .unwrap_or_default();
        let places: Vec<[f32; 2]> = trail.into_iter().map(|at| frame.place(at)).collect();
        let line: String = places
            .iter()
            .map(|[x, y]| format!("{x:.1},{y:.1} "))
            .collect();
        let last = places.last().copied();
        view! {
            <polyline class="trail" points=line></polyline>
            {last.map(|[x, y]| view! { <circle class="here" data-testid="here" cx=x cy=y r="6"></circle> })}
        }
    };
    let text = move || {
        let nearest = lab.analyst.analysis.with(|analysis| {
            let near = analysis.as_ref().map(|a| a.nearest.iter());
            let titles = near.into_iter().flatten().take(3);
            titles.map(|near| near.title.clone()).collect::<Vec<_>>()
        });
        (w.text)(&nearest)
    };
    view! {
        <svg
            node_ref=svg viewBox=format!("0 0 {SIZE} {SIZE}") role="img" aria-label=text
            data-testid="map"
            on:pointermove=point_at
            on:pointerleave=move |_| pointed.set(None)
        >
            <path class="dots" d=dots></path>
            {trail}
        </svg>
    }
}
