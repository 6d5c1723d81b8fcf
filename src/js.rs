//! Small ways around the browser's functions: those that web-sys offers only behind its unstable flag,
//! and what `boot.js` and the page's head left.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// What `boot.js` left for the app; `None` where it did not run.
pub fn early() -> Option<JsValue> {
    let early = Reflect::get(&leptos::prelude::window(), &"honeyguide".into()).ok()?;
    early.is_object().then_some(early)
}

/// The content of a meta element; empty if it is missing.
pub fn meta(name: &str) -> String {
    leptos::prelude::document()
        .query_selector(&format!("meta[name={name}]"))
        .ok()
        .flatten()
        .and_then(|meta| meta.get_attribute("content"))
        .unwrap_or_default()
}

/// Writes panics to the console.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into())
    }));
}

/// A plain object with these properties.
pub fn object(properties: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        // A plain object takes any property.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object
}

/// Calls a method.
///
/// # Errors
///
/// What the method threw, or that there is no such method.
pub fn call(target: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    Reflect::get(target, &JsValue::from_str(method))?
        .dyn_into::<Function>()?
        .apply(target, arguments)
}
