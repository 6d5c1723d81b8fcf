//! The visitor's language: chosen once when a module starts, and changed by the switch.
//!
//! The words themselves know nothing of the browser; this is what tells them which table to take.

use leptos::prelude::*;

use crate::preferences;
use crate::words::{Language, speak};

/// Speaks the language that the visitor chose, else the first of the browser's that has a table,
/// else English.
pub fn begin() {
    let chosen = preferences::get::<Language>(preferences::LANGUAGE);
    speak(chosen.or_else(preferred).unwrap_or_default());
}

/// Speaks this language from here on, and on the next visits.
pub fn choose(language: Language) {
    speak(language);
    preferences::set(preferences::LANGUAGE, Some(language));
}

/// Says in the document which language it is in, and which way its lines run.
pub fn declare(language: Language) {
    if let Some(root) = document().document_element() {
        // Setting attributes of valid names cannot fail.
        let _ = root.set_attribute("lang", language.tag());
        let _ = root.set_attribute("dir", language.direction());
    }
}

/// The first language of the browser's list that has a table.
fn preferred() -> Option<Language> {
    let navigator = window().navigator();
    let listed = navigator.languages().to_vec();
    let mut tags = listed.iter().filter_map(|tag| tag.as_string());
    tags.find_map(|tag| Language::from_tag(&tag))
        .or_else(|| Language::from_tag(&navigator.language()?))
}
