//! What the worker asks of the browser: messages out, the clock, memory, what was sent.

use js_sys::ArrayBuffer;
use wasm_bindgen::JsCast;
use web_sys::{DedicatedWorkerGlobalScope, PerformanceEntry};

use crate::messages::Message;

/// The worker's global object.
pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// To the page.
pub(super) fn post(message: &Message) {
    // Plain data can always be encoded and cloned. A failure would leave the request unanswered, and
    // the page restarts a worker that does not answer.
    if let Ok(value) = serde_wasm_bindgen::to_value(message) {
        let _ = scope().post_message(&value);
    }
}

/// Milliseconds since the Unix epoch, with the resolution of `performance.now()`.
pub(super) fn epoch_now() -> f64 {
    scope()
        .performance()
        .map_or_else(js_sys::Date::now, |p| p.time_origin() + p.now())
}

/// Bytes of query strings of everything this worker has requested, as the browser recorded it. The
/// worker has no code that sends a body; the page's policy allows no other origin.
pub(super) fn bytes_sent() -> u32 {
    let Some(performance) = scope().performance() else {
        return 0;
    };
    let entries = performance.get_entries_by_type("resource").into_iter();
    let names = entries.filter_map(|entry| Some(entry.dyn_into::<PerformanceEntry>().ok()?.name()));
    names
        .filter_map(|name| Some(name.split_once('?')?.1.len() as u32))
        .sum()
}

pub(super) fn memory_bytes() -> u32 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    memory
        .buffer()
        .unchecked_into::<ArrayBuffer>()
        .byte_length()
}

/// A random number below 2^53.
pub(super) fn random() -> u64 {
    let mut bytes = [0; 8];
    let filled = scope()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    if filled.is_err() {
        return (js_sys::Math::random() * 9e15) as u64;
    }
    u64::from_le_bytes(bytes) >> 11
}
