//! How the page hears of what this worker cannot survive: panics and a lost device.

use std::cell::{Cell, OnceCell};
use std::panic::PanicHookInfo;
use std::rc::Rc;

use super::Problem;
use super::browser::post_problem;
use super::inbox::Inbox;
use crate::training::Fault;

thread_local! {
    /// For callbacks that can hold nothing of the task's.
    static INBOX: OnceCell<Rc<Inbox>> = const { OnceCell::new() };
    static LOST: Cell<bool> = const { Cell::new(false) };
    static LOSS_TOLD: Cell<bool> = const { Cell::new(false) };
}

/// From now on panics are told of, and a lost device comes into this inbox.
pub(super) fn watch(inbox: &Rc<Inbox>) {
    std::panic::set_hook(Box::new(panicked));
    INBOX.with(|cell| {
        cell.get_or_init(|| Rc::clone(inbox));
    });
}

/// Before the worker traps.
fn panicked(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let what = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("an unknown error");
    let memory = ["memory", "capacity overflow"];
    let fault = if LOST.get() {
        Fault::DeviceLost
    } else if memory.iter().any(|word| what.contains(word)) {
        Fault::Memory
    } else {
        Fault::Other
    };
    let mut message = format!("the trainer failed: {what}");
    if let Some(place) = info.location() {
        message += &format!(" ({}:{})", place.file(), place.line());
    }
    post_problem(Problem { fault, message });
}

/// The graphics device is gone. Called by the browser, once.
#[cfg(feature = "trainer-webgpu")]
pub(super) fn lost(why: &str) {
    use super::inbox::Event;
    use gloo::timers::callback::Timeout;

    /// Milliseconds after which the page hears of it even if the task hangs in a read.
    const HANGS_MS: u32 = 3_000;

    LOST.set(true);
    let why = why.to_owned();
    let message = loss(&why).message;
    INBOX.with(|inbox| {
        if let Some(inbox) = inbox.get() {
            inbox.push(Event::Lost(why));
        }
    });
    Timeout::new(HANGS_MS, move || post_loss(message)).forget();
}

/// A lost device as a problem.
#[cfg(feature = "trainer-webgpu")]
pub(super) fn loss(why: &str) -> Problem {
    let message = format!("training on the graphics adapter failed: {why}");
    Problem::new(Fault::DeviceLost, message)
}

/// To the page, once: the callback, a failed step and a hanging task all tell of the same loss.
pub(super) fn post_loss(message: String) {
    if !LOSS_TOLD.replace(true) {
        post_problem(Problem::new(Fault::DeviceLost, message));
    }
}
