//! What the trainer asks of the browser: messages out, clocks, memory, entropy, the network.

use js_sys::{Array, ArrayBuffer, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, Response};

use super::Problem;
use crate::training::{Fault, News};

/// The worker's global object.
pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// To the page.
pub(super) fn post(news: &News) {
    // Plain data can always be encoded and cloned.
    if let Ok(value) = serde_wasm_bindgen::to_value(news) {
        let _ = scope().post_message(&value);
    }
}

/// To the page: something did not work.
pub(super) fn post_problem(Problem { fault, message }: Problem) {
    post(&News::Failed { fault, message });
}

/// To the page: a finished pack, whose bytes are moved there and not copied.
pub(super) fn post_pack(news: &News) {
    let Ok(value) = serde_wasm_bindgen::to_value(news) else {
        return;
    };
    let transfer = Array::new();
    if let Ok(bytes) = get(&value, "Packed").and_then(|packed| get(&packed, "bytes"))
        && let Some(bytes) = bytes.dyn_ref::<Uint8Array>()
    {
        transfer.push(&bytes.buffer());
    }
    let _ = scope().post_message_with_transfer(&value, &transfer);
}

/// A property.
pub(super) fn get(target: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(target, &JsValue::from_str(name))
}

/// Calls a method. Through `Reflect`, for what web-sys counts as unstable.
pub(super) fn call(target: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    get(target, method)?
        .dyn_into::<Function>()?
        .apply(target, arguments)
}

/// Calls a method that gives a promise, and waits for it.
pub(super) async fn ask(
    target: &JsValue,
    method: &str,
    arguments: &Array,
) -> Result<JsValue, JsValue> {
    let promise = call(target, method, arguments)?;
    JsFuture::from(Promise::resolve(&promise)).await
}

/// Milliseconds since the worker started.
pub(super) fn now() -> f64 {
    scope()
        .performance()
        .map_or_else(js_sys::Date::now, |performance| performance.now())
}

/// Waits.
pub(super) async fn sleep(milliseconds: i32) {
    let over = Promise::new(&mut |resolve, _| {
        let set =
            scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        if set.is_err() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    });
    let _ = JsFuture::from(over).await;
}

/// Bytes of the WASM memory. It never shrinks.
pub(super) fn memory_bytes() -> u32 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    memory
        .buffer()
        .unchecked_into::<ArrayBuffer>()
        .byte_length()
}

/// Entropy for seeds.
pub(super) fn random() -> u64 {
    let mut bytes = [0; 8];
    let filled = scope()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    if filled.is_err() {
        return (js_sys::Math::random() * 9e15) as u64;
    }
    u64::from_le_bytes(bytes)
}

/// SHA-256 in hexadecimal; `None` where the browser does not compute it (pages without HTTPS).
pub(super) async fn sha256(bytes: &[u8]) -> Option<String> {
    let subtle = get(&get(&scope(), "crypto").ok()?, "subtle").ok()?;
    let arguments = Array::of2(&"SHA-256".into(), &Uint8Array::from(bytes));
    let digest = ask(&subtle, "digest", &arguments).await.ok()?;
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = Uint8Array::new(&digest).to_vec();
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Some(
        digits
            .map(|digit| char::from(DIGITS[usize::from(digit)]))
            .collect(),
    )
}

/// The page's pack. The page has fetched it already, so the browser's cache has it.
pub(super) async fn fetch(url: &str) -> Result<Vec<u8>, Problem> {
    let problem = |why: &str| {
        Problem::new(
            Fault::Pack,
            format!("the pack {url} could not be fetched{why}; check the connection and reload"),
        )
    };
    let unreachable = |_| problem("");
    let response: Response = JsFuture::from(scope().fetch_with_str(url))
        .await
        .map_err(unreachable)?
        .unchecked_into();
    if !response.ok() {
        return Err(problem(&format!(": the server says {}", response.status())));
    }
    let buffer = JsFuture::from(response.array_buffer().map_err(unreachable)?)
        .await
        .map_err(unreachable)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}
