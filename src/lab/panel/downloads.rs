//! The table of downloads.

use engine::training::Backend;
use gloo::events::EventListener;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageChannel, MessageEvent};

use crate::downloads::{Entry, Row, rows, size, total};
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
    let found = Memo::new(move |_| rows(&told.with(|told| told.concat())));
    let lines = move || {
        let lines = found.get().into_iter().map(|row| {
            let Row {
                part,
                source,
                files,
                transferred,
                decoded,
            } = row;
            view! {
                <tr>
                    <th scope="row">{(w.part)(part)} " " <small>{(w.files)(files)}</small></th>
                    <td>{size(transferred)}</td>
                    <td>{size(decoded)}</td>
                    <td>{(w.source)(source)}</td>
                </tr>
            }
        });
        lines.collect_view()
    };
    let sum = move || {
        let (transferred, decoded) = found.with(|rows| total(rows));
        view! {
            <tr>
                <th scope="row">{w.total}</th>
                <td data-testid="downloaded">{size(transferred)}</td>
                <td>{size(decoded)}</td>
                <td></td>
            </tr>
        }
    };
    view! {
        <h3>{w.title}</h3>
        <table class="downloads" data-testid="downloads">
            <thead><tr>{w.columns.map(|name| view! { <th scope="col">{name}</th> })}</tr></thead>
            <tbody>{lines}</tbody>
            <tfoot>{sum}</tfoot>
        </table>
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
        entries.extend(found.iter().filter_map(read));
    }
    entries
}

fn read(entry: JsValue) -> Option<Entry> {
    serde_wasm_bindgen::from_value(entry).ok()
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
        let entries = entries.map(|entries| entries.iter().filter_map(read).collect());
        // The panel may have been closed meanwhile, and its signals with it.
        told.try_update(|told| told[at] = entries.unwrap_or_default());
    })
    .forget();
    port.start();
    send(&channel.port2());
}
