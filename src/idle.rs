//! When the page may fetch something unasked: in a moment in which the visitor does nothing, and not
//! where the browser asks to save data or the device has little memory.

use std::cell::Cell;

use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use js_sys::{Array, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use crate::{js, timing};

/// Milliseconds without a touch of pointer, wheel or keyboard that count as idle.
const QUIET: f64 = 1_500.0;

/// Gigabytes of memory, as browsers round them, up to which no trainer is started unasked.
const LITTLE_MEMORY: f64 = 1.0;

thread_local! {
    static LAST_INPUT: Cell<f64> = const { Cell::new(f64::NEG_INFINITY) };
    static LISTENS: Cell<bool> = const { Cell::new(false) };
}

/// Runs something no sooner than `after` milliseconds from now, when the tab is in sight, the visitor
/// has not touched anything for a while and the browser has nothing else to do.
pub fn when_idle(after: u32, run: impl FnOnce() + 'static) {
    listen();
    Timeout::new(after, move || {
        let quiet = timing::now() - LAST_INPUT.get();
        if document().hidden() {
            when_idle(QUIET as u32, run);
        } else if quiet < QUIET {
            when_idle((QUIET - quiet).ceil() as u32, run);
        } else {
            next_idle(run);
        }
    })
    .forget();
}

fn listen() {
    if LISTENS.replace(true) {
        return;
    }
    for name in ["pointerdown", "keydown", "wheel", "touchmove"] {
        let note = |_: &web_sys::Event| LAST_INPUT.set(timing::now());
        EventListener::new_with_options(
            &window(),
            name,
            EventListenerOptions::run_in_capture_phase(),
            note,
        )
        // As long as the page lives.
        .forget();
    }
}

/// `requestIdleCallback`, or a timer where there is none.
fn next_idle(run: impl FnOnce() + 'static) {
    let window: JsValue = window().into();
    let has = Reflect::has(&window, &"requestIdleCallback".into()).unwrap_or(false);
    if has {
        let run = Closure::once_into_js(run);
        // It exists, so it can be called.
        let _ = js::call(&window, "requestIdleCallback", &Array::of1(&run));
    } else {
        Timeout::new(200, run).forget();
    }
}

/// Does the visitor's browser ask to save data?
pub fn saves_data() -> bool {
    get(&window().navigator(), "connection")
        .filter(JsValue::is_object)
        .and_then(|connection| get(&connection, "saveData"))
        .is_some_and(|save| save.is_truthy())
}

/// Has the device so little memory that a trainer beside the page might end both? Browsers that do
/// not say are taken to have enough.
pub fn has_little_memory() -> bool {
    get(&window().navigator(), "deviceMemory")
        .and_then(|gigabytes| gigabytes.as_f64())
        .is_some_and(|gigabytes| gigabytes <= LITTLE_MEMORY)
}

fn get(target: &JsValue, key: &str) -> Option<JsValue> {
    Reflect::get(target, &key.into()).ok()
}
