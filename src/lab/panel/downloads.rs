//! The table of downloads.

use engine::training::Backend;
use gloo::events::EventListener;
use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageChannel, MessageEvent};

use crate::downloads::{Entry, rows, table};
use crate::lab::Lab;
use crate::words::lab_words;

/// Who has a timeline: the page, the ranker, both trainers, the analyst.
const TIMELINES: usize = 5;

/// What page and workers have downloaded, with bytes and source.
///
/// A worker's downloads are in its own timeline, so it is asked. One that has ended takes its
/// timeline along; what it told while this was open stays.
#[component]
pub fn Downloads(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = &lab_words().downloads;
    let told = RwSignal::new(<[Vec<Entry>; TIMELINES]>::default());
    Effect::new(move || {
        // Again whenever a trainer was opened, or has ended an attempt.
        lab.training.open.track();
        lab.training.adapted.track();
        told.update(|told| told[0] = of_page());
        ask(told, 1, |port| lab.ask_downloads(port));
        ask(told, 4, |port| lab.analyst.ask_downloads(port));
        for (at, backend) in [(2, Backend::Cpu), (3, Backend::Webgpu)] {
            ask(told, at, |port| lab.training.ask_downloads(backend, port));
        }
    });
    let html = move || told.with(|told| table(&rows(&told.concat())));
    view! {
        <h3>{w.title}</h3>
        <table class="downloads" data-testid="downloads" inner_html=html></table>
        <p class="note">{w.note}</p>
    }
}

/// The page's own timeline.
fn of_page() -> Vec<Entry> {
    let Some(performance) = window().performance() else {
        return Vec::new();
    };
    let mut entries = Vec::new();
    for kind in ["navigation", "resource"] {
        let found = performance.get_entries_by_type(kind);
        entries.extend(found.iter().map(read));
    }
    entries
}

fn read(entry: JsValue) -> Entry {
    let get = |key: &str| Reflect::get(&entry, &key.into()).unwrap_or_default();
    let text = |key| get(key).as_string().unwrap_or_default();
    let number = |key| get(key).as_f64().unwrap_or_default();
    Entry {
        name: text("name"),
        initiator_type: text("initiatorType"),
        transfer_size: number("transferSize"),
        encoded_body_size: number("encodedBodySize"),
        decoded_body_size: number("decodedBodySize"),
        delivery_type: text("deliveryType"),
    }
}

/// Asks a worker through a port for its timeline. One that is not there does not answer.
fn ask(
    told: RwSignal<[Vec<Entry>; TIMELINES]>,
    at: usize,
    send: impl FnOnce(&web_sys::MessagePort),
) {
    let Ok(channel) = MessageChannel::new() else {
        return;
    };
    let port = channel.port1();
    let closing = port.clone();
    EventListener::once(&port, "message", move |event| {
        closing.close();
        let data = event.unchecked_ref::<MessageEvent>().data();
        let entries = data.dyn_into::<js_sys::Array>().ok();
        let entries = entries.map(|entries| entries.iter().map(read).collect());
        // The panel may have been closed meanwhile, and its signals with it.
        told.try_update(|told| told[at] = entries.unwrap_or_default());
    })
    .forget();
    port.start();
    send(&channel.port2());
}
