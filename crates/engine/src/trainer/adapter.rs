//! The graphics adapter that the browser offers. Asked for, never used: only the WebGPU build makes a
//! device, and by itself.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

use super::browser::{ask, call, get, scope};
use crate::training::WebgpuSupport;

/// Can the WebGPU build run here?
pub(super) async fn support() -> WebgpuSupport {
    let none = |why: &str| WebgpuSupport::None(why.into());
    let navigator = scope().navigator();
    let gpu = get(&navigator, "gpu").unwrap_or_default();
    if gpu.is_falsy() {
        return none("this browser has no WebGPU");
    }
    let options = Object::new();
    // As the WebGPU build asks: on machines with two adapters the answer depends on it.
    let _ = Reflect::set(
        &options,
        &"powerPreference".into(),
        &"high-performance".into(),
    );
    let adapter = match ask(&gpu, "requestAdapter", &Array::of1(&options)).await {
        Ok(adapter) if adapter.is_truthy() => adapter,
        _ => return none("the browser offers no WebGPU adapter"),
    };
    let features = get(&adapter, "features").unwrap_or_default();
    let timestamps = call(&features, "has", &Array::of1(&"timestamp-query".into()));
    if !timestamps.is_ok_and(|has| has.is_truthy()) {
        return none("the WebGPU adapter has no timestamp queries");
    }
    let info = get(&adapter, "info").unwrap_or_default();
    let name = name(&info);
    // It has moved from the adapter to its information.
    let fallback = [&adapter, &info]
        .into_iter()
        .any(|place| get(place, "isFallbackAdapter").is_ok_and(|is| is.is_truthy()));
    if fallback {
        WebgpuSupport::Software(name)
    } else {
        WebgpuSupport::Hardware(name)
    }
}

/// The adapter's description, or what there is of vendor and architecture.
fn name(info: &JsValue) -> String {
    let text = |key: &str| get(info, key).ok().and_then(|value| value.as_string());
    let description = text("description").unwrap_or_default();
    if !description.is_empty() {
        return description;
    }
    let parts = [text("vendor"), text("architecture")];
    let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}
