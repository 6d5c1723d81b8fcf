//! Files out of and into the page.

use js_sys::{Array, Uint8Array};
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, Url};

/// Offers bytes to the visitor as a download.
///
/// # Errors
///
/// What the browser threw.
pub fn save(bytes: &[u8], name: &str) -> Result<(), JsValue> {
    save_array(&Uint8Array::from(bytes), name)
}

/// The same for bytes that are outside this program's memory.
///
/// # Errors
///
/// What the browser threw.
pub fn save_array(bytes: &Uint8Array, name: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/octet-stream");
    let parts = Array::of1(bytes);
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The download holds the data from here on, but some browsers read it only after this task.
    gloo::timers::callback::Timeout::new(60_000, move || drop(Url::revoke_object_url(&url)))
        .forget();
    Ok(())
}

/// The bytes of a file that the visitor chose.
///
/// # Errors
///
/// What the browser threw.
pub async fn read(file: &File) -> Result<Vec<u8>, JsValue> {
    let buffer = JsFuture::from(file.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}
