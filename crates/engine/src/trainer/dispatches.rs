//! How many kernels the browser was asked to run.
//!
//! Counted where it happens: the two dispatching methods of `GPUComputePassEncoder` are wrapped in
//! proxies, so nothing that this worker dispatches is missed, and a backend that computes elsewhere
//! shows as 0.

use std::cell::Cell;

use js_sys::{Array, Function, Object, Proxy, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::browser::{get, scope};

thread_local! {
    static COUNT: Cell<u32> = const { Cell::new(0) };
}

/// Dispatches so far.
pub(super) fn count() -> u32 {
    COUNT.get()
}

/// Starts counting. Where there is no WebGPU there is nothing to count.
pub(super) fn watch() {
    let encoder = get(&scope(), "GPUComputePassEncoder");
    let Ok(prototype) = encoder.and_then(|class| get(&class, "prototype")) else {
        return;
    };
    for name in ["dispatchWorkgroups", "dispatchWorkgroupsIndirect"] {
        let method = get(&prototype, name).and_then(|method| method.dyn_into::<Function>());
        let Ok(method) = method else { continue };
        let counted = Closure::<dyn Fn(Function, JsValue, Array) -> Result<JsValue, JsValue>>::new(
            |method: Function, this: JsValue, arguments: Array| {
                COUNT.set(COUNT.get().wrapping_add(1));
                method.apply(&this, &arguments)
            },
        );
        let handler = Object::new();
        let _ = Reflect::set(&handler, &"apply".into(), &counted.into_js_value());
        let _ = Reflect::set(&prototype, &name.into(), &Proxy::new(&method, &handler));
    }
}

#[cfg(all(test, feature = "trainer-webgpu"))]
mod tests;
