//! Rows glide to their new places: where each was, where each is, and the way between (FLIP).

use std::collections::HashMap;

use js_sys::Array;
use leptos::prelude::{document, request_animation_frame, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use crate::js;

/// Milliseconds from the old place to the new.
const DURATION: f64 = 200.0;
const ROWS: &str = "[data-testid=recommendations] > [data-item-id]";

/// Where rows were before a change, in pixels of the viewport.
pub struct Before(HashMap<String, (f64, f64)>);

/// Does the visitor ask for less motion?
pub fn reduced() -> bool {
    let query = window().match_media("(prefers-reduced-motion: reduce)");
    matches!(query, Ok(Some(query)) if query.matches())
}

fn rows() -> Vec<(String, Element)> {
    let Ok(list) = document().query_selector_all(ROWS) else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|at| {
            let row: Element = list.get(at)?.unchecked_into();
            Some((row.get_attribute("data-item-id")?, row))
        })
        .collect()
}

/// Notes where every row is. Call it before the change.
pub fn before() -> Option<Before> {
    if reduced() {
        return None;
    }
    let places = rows().into_iter().map(|(id, row)| {
        let rect = row.get_bounding_client_rect();
        (id, (rect.left(), rect.top()))
    });
    Some(Before(places.collect()))
}

/// Lets every row glide from where it was, in the frame that shows the change.
pub fn after(before: Option<Before>) {
    let Some(Before(places)) = before else { return };
    request_animation_frame(move || {
        // All reads before all writes, so that layout is computed once.
        let moves: Vec<_> = rows()
            .into_iter()
            .filter_map(|(id, row)| {
                let rect = row.get_bounding_client_rect();
                match places.get(&id) {
                    Some((left, top)) => {
                        let (dx, dy) = (left - rect.left(), top - rect.top());
                        (dx.abs() > 0.5 || dy.abs() > 0.5).then(|| {
                            (
                                row,
                                "transform",
                                format!("translate({dx:.1}px, {dy:.1}px)"),
                                "none",
                            )
                        })
                    }
                    None => Some((row, "opacity", "0".to_owned(), "1")),
                }
            })
            .collect();
        for (row, property, from, to) in moves {
            let frames: Array = [from.as_str(), to]
                .into_iter()
                .map(|value| JsValue::from(js::object(&[(property, value.into())])))
                .collect();
            let options =
                js::object(&[("duration", DURATION.into()), ("easing", "ease-out".into())]);
            // Without animations the rows are where they belong all the same.
            let _ = js::call(&row, "animate", &Array::of2(&frames, &options));
        }
    });
}
