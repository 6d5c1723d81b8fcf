//! User Timing: the measures that anyone can read from the browser's performance timeline.

use engine::messages::Timings;
use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{MessageChannel, Performance};

use crate::js;

/// From the click's timestamp to the first task after the frame that shows its effect.
pub const CLICK_TO_PAINT: &str = "honeyguide:click-to-paint";
/// Scoring and ranking in the worker.
pub const RANK: &str = "honeyguide:rank";
/// Learning in the worker.
pub const LEARN: &str = "honeyguide:learn";

/// An attempt to fine-tune, in the trainer.
pub const ADAPT: &str = "honeyguide:adapt";

fn performance() -> Option<Performance> {
    leptos::prelude::window().performance()
}

/// Milliseconds since the page began, on the clock of event timestamps.
pub fn now() -> f64 {
    performance().map_or(0.0, |performance| performance.now())
}

/// Writes a measure, both ends on the page's clock.
fn measure(name: &str, start: f64, end: f64) {
    let Some(performance) = performance() else {
        return;
    };
    let start = start.max(0.0);
    let options = js::object(&[("start", start.into()), ("end", end.max(start).into())]);
    // A browser without measure options has no timeline to fill; the page works all the same.
    let _ = js::call(&performance, "measure", &Array::of2(&name.into(), &options));
}

/// Writes the worker's measures, moved from the epoch to the page's clock.
pub fn worker(timings: &Timings) {
    let origin = performance().map_or(0.0, |performance| performance.time_origin());
    let start = timings.started_at - origin;
    let between = start + timings.learn;
    measure(LEARN, start, between);
    measure(RANK, between, between + timings.rank);
}

/// Writes the measure of an attempt to fine-tune that has just ended.
pub fn adapted(milliseconds: f64) {
    let end = now();
    measure(ADAPT, end - milliseconds, end);
}

/// Measures from `stamp` to now and returns the milliseconds. Call it in [`after_paint`].
pub fn click_to_paint(stamp: f64) -> f64 {
    let end = now();
    measure(CLICK_TO_PAINT, stamp, end);
    end - stamp
}

/// Runs something in the first task after the next frame; in a hidden tab, which paints no frame,
/// in the next task.
pub fn after_paint(run: impl FnOnce() + 'static) {
    if leptos::prelude::document().hidden() {
        next_task(run);
    } else {
        leptos::prelude::request_animation_frame(move || next_task(run));
    }
}

/// A message to oneself is a task without the delay that timers have.
fn next_task(run: impl FnOnce() + 'static) {
    let Ok(channel) = MessageChannel::new() else {
        gloo::timers::callback::Timeout::new(0, run).forget();
        return;
    };
    let port = channel.port1();
    let closing = port.clone();
    let run = Closure::once_into_js(move || {
        closing.close();
        run();
    });
    port.set_onmessage(Some(run.unchecked_ref()));
    // An undefined value can always be cloned.
    let _ = channel
        .port2()
        .post_message(&wasm_bindgen::JsValue::UNDEFINED);
}
