//! Counts what the page sends.
//!
//! The browser lists every resource that the page requests, with its address. A request can carry
//! data in its query string or in its body. Query strings are counted from that list. Bodies need
//! no counting: no code of the page makes a request with a body, and the Content-Security-Policy
//! (`connect-src 'self'`, `form-action 'none'`) leaves none to other code.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    PerformanceEntry, PerformanceObserver, PerformanceObserverEntryList, PerformanceObserverInit,
    Url,
};

use crate::js;

/// Calls `add` with the query-string bytes of each resource that this page requested or will.
pub fn watch(add: impl Fn(u32) + 'static) {
    let callback = Closure::<dyn Fn(PerformanceObserverEntryList)>::new(
        move |list: PerformanceObserverEntryList| {
            let sum = list
                .get_entries()
                .iter()
                .map(|entry| query_bytes(&entry.unchecked_into::<PerformanceEntry>().name()))
                .sum();
            if sum > 0 {
                add(sum);
            }
        },
    );
    if let Ok(observer) = PerformanceObserver::new(callback.as_ref().unchecked_ref()) {
        let options = js::object(&[("type", "resource".into()), ("buffered", true.into())]);
        let options: PerformanceObserverInit = options.unchecked_into();
        observer.observe(&options);
    }
    // Lives as long as the page.
    callback.forget();
}

/// Bytes of an address after the question mark, without the fragment.
fn query_bytes(address: &str) -> u32 {
    if !address.starts_with("http") {
        // data: and blob: addresses never leave the device.
        return 0;
    }
    let query = Url::new(address)
        .map(|url| url.search())
        .unwrap_or_default();
    u32::try_from(query.len().saturating_sub(1)).unwrap_or(u32::MAX)
}
