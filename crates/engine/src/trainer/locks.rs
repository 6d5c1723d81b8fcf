//! Web Locks, through `Reflect`, because web-sys still counts them as unstable.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;

use super::browser::{call, get, scope, sleep};

/// How often a lock that is taken is asked for again, and the milliseconds between: a worker that was
/// ended a moment ago may still hold it.
const PATIENCE: (u32, i32) = (10, 150);

/// A lock that is held until this is dropped, or the worker ends.
pub(super) struct Held(Rc<RefCell<Option<Function>>>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            let _ = release.call0(&JsValue::NULL);
        }
    }
}

/// What came of asking for a lock.
pub(super) enum Asked {
    /// It is ours.
    Held(Held),
    /// Someone else has it.
    Taken,
    /// The browser has no Web Locks, or refuses them here.
    NoLocks,
}

/// Asks for a lock, for a while if it is taken.
pub(super) async fn take(name: &str) -> Asked {
    for _ in 0..PATIENCE.0 {
        match take_now(name).await {
            Asked::Taken => sleep(PATIENCE.1).await,
            other => return other,
        }
    }
    Asked::Taken
}

/// Asks for a lock once.
pub(super) async fn take_now(name: &str) -> Asked {
    let Ok(locks) = get(&scope().navigator(), "locks") else {
        return Asked::NoLocks;
    };
    if locks.is_falsy() {
        return Asked::NoLocks;
    }
    let options = Object::new();
    let _ = Reflect::set(&options, &"ifAvailable".into(), &true.into());
    let release = Rc::new(RefCell::new(None));
    let slot = Rc::clone(&release);
    let granted = Promise::new(&mut |resolve, reject| {
        let slot = Rc::clone(&slot);
        let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            let ours = lock.is_truthy();
            let _ = resolve.call1(&JsValue::NULL, &ours.into());
            if !ours {
                return JsValue::NULL;
            }
            // The lock is held until this promise settles.
            Promise::new(&mut |settle, _| *slot.borrow_mut() = Some(settle)).into()
        });
        let arguments = Array::of3(&name.into(), &options, &granted);
        match call(&locks, "request", &arguments) {
            Ok(asked) => {
                let _ = call(&asked, "catch", &Array::of1(&reject));
            }
            Err(why) => {
                let _ = reject.call1(&JsValue::NULL, &why);
            }
        }
    });
    match JsFuture::from(granted).await {
        Ok(ours) if ours.is_truthy() => Asked::Held(Held(release)),
        Ok(_) => Asked::Taken,
        Err(_) => Asked::NoLocks,
    }
}
