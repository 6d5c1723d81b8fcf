//! Settings that the visitor chose, kept in the browser's local storage.
//!
//! They are about the page, not about the visitor's taste; a browser that refuses storage gets the
//! defaults.

use gloo::storage::{LocalStorage, Storage as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// `true` while learning is paused.
pub const PAUSED: &str = "honeyguide.paused";
/// Exploration, 0 to 1.
pub const EXPLORE: &str = "honeyguide.explore";
/// Times of both builds of the trainer, as measured on this device.
pub const BACKEND: &str = "honeyguide.backend";
/// A training that was not finished: its name and how far it came. The training itself is in
/// IndexedDB.
pub const TRAINING: &str = "honeyguide.training";
/// Tag of a language of `words::Language`; missing: as the browser.
pub const LANGUAGE: &str = "honeyguide.language";
/// `"light"` or `"dark"`; missing: as the system. `boot.js` reads it, too.
pub const THEME: &str = "honeyguide.theme";

/// gloo panics where the browser refuses storage, so it is asked first.
fn available() -> bool {
    matches!(leptos::prelude::window().local_storage(), Ok(Some(_)))
}

/// A stored setting, if there is a readable one.
pub fn get<T: DeserializeOwned>(key: &str) -> Option<T> {
    available().then(|| LocalStorage::get(key).ok()).flatten()
}

/// Stores a setting, or erases it.
pub fn set<T: Serialize>(key: &str, value: Option<T>) {
    if !available() {
        return;
    }
    match value {
        // A full or refusing storage loses a setting, nothing more.
        Some(value) => drop(LocalStorage::set(key, value)),
        None => LocalStorage::delete(key),
    }
}
