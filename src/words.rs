//! Every word that the page shows, in one table per language.
//!
//! Plain data and functions without any web type, so that the page that ships before WASM says the
//! same as the app. A language is one more folder like [`en`], one more name in [`Language`], and one
//! more arm in [`words`] and in [`lab_words`].

pub mod downloads;
pub mod en;
pub mod lab;
mod language;
#[cfg(test)]
mod tests;
pub mod training;
pub mod zh;

use engine::messages::{EventKind, Why};

use self::lab::LabWords;
pub use self::language::{Language, speak, spoken};

/// An item that would rise: title, place now (0 = far down), place then.
pub type Rise = (String, u32, u32);

/// The words of one language. Functions take what they talk about.
pub struct Words {
    /// BCP 47 tag.
    pub lang: &'static str,
    /// Name of the software.
    pub brand: &'static str,
    /// The one sentence that explains the page.
    pub lede: &'static str,
    /// Link that jumps over the list.
    pub skip: &'static str,

    /// Heading of the ranked list.
    pub for_you: &'static str,
    /// Heading of the wall.
    pub catalogue: &'static str,
    /// Label and placeholder of the text filter.
    pub filter: &'static str,
    /// How many items the wall has.
    pub count: fn(usize) -> String,
    /// The filter matched nothing.
    pub nothing_found: &'static str,
    /// The list is empty.
    pub nothing_left: &'static str,

    /// One-line reason.
    pub why: fn(&Why) -> String,
    /// Read before the reason: what the disclosure explains.
    pub why_title: fn(&str) -> String,
    /// Button: like, with the title.
    pub like: fn(&str) -> String,
    /// Button: dislike, with the title.
    pub dislike: fn(&str) -> String,
    /// Button: dismiss, with the title.
    pub dismiss: fn(&str) -> String,
    /// What was done to an item that is still shown.
    pub done: fn(EventKind) -> &'static str,
    /// Moved up by so many places (positive), or down.
    pub moved: fn(i64) -> String,
    /// Was not in the list before.
    pub new: &'static str,
    /// What would happen: title of the item, and items that would rise with their places now (0 = far
    /// down) and then.
    pub preview: fn(&str, &[Rise]) -> String,
    /// There is a newer order.
    pub updated: &'static str,

    /// Undo.
    pub undo: &'static str,
    /// Do again what was undone.
    pub redo: &'static str,
    /// Stop learning.
    pub pause: &'static str,
    /// Learn again.
    pub resume: &'static str,
    /// Save the profile.
    pub export: &'static str,
    /// Load a profile.
    pub import: &'static str,
    /// Erase the profile.
    pub forget: &'static str,
    /// Asked before erasing.
    pub forget_question: &'static str,
    /// Yes, erase.
    pub forget_yes: &'static str,
    /// No, keep.
    pub forget_no: &'static str,
    /// Label of the exploration slider.
    pub explore: &'static str,
    /// Its left end.
    pub explore_low: &'static str,
    /// Its right end.
    pub explore_high: &'static str,
    /// What the slider does.
    pub explore_tip: &'static str,

    /// Read before the name of the language that the language switch changes to.
    pub language: &'static str,
    /// Label of the theme switch.
    pub theme: &'static str,
    /// Themes: as the system, light, dark.
    pub themes: [&'static str; 3],

    /// Heading of the learning panel.
    pub panel: &'static str,
    /// Label and tooltip: where training happens.
    pub backend: (&'static str, &'static str),
    /// Label and tooltip: bytes sent.
    pub sent: (&'static str, &'static str),
    /// Button that opens "Train here".
    pub train: &'static str,
    /// While a part of the page is being loaded.
    pub loading: &'static str,
    /// Sentences for the notice area and for failures.
    pub notices: NoticeWords,
}

/// Sentences for the notice area.
pub struct NoticeWords {
    /// WASM is refused.
    pub no_wasm: &'static str,
    /// WASM works, but without the vector arithmetic that the learner is compiled to.
    pub no_simd: &'static str,
    /// Scripts are off.
    pub no_script: &'static str,
    /// A file of the page could not be loaded.
    pub not_loaded: &'static str,
    /// A link had something wrong in it.
    pub bad_link: fn(&str) -> String,
    /// Words on the button that goes back to the visitor's own profile, and the sentence beside it.
    pub trying: (&'static str, &'static str),
    /// The lab could not be loaded.
    pub lab_away: &'static str,
    /// The worker was restarted.
    pub restarted: &'static str,
    /// The worker fails again and again.
    pub stopped: &'static str,
    /// Worker and page are of different versions.
    pub protocol: &'static str,
    /// Something failed; the argument says what.
    pub failed: fn(&str) -> String,
    /// No storage; the argument is the browser's reason.
    pub memory: fn(&str) -> String,
    /// Another tab writes.
    pub other_tab: &'static str,
    /// Stored data was set aside; the argument says why.
    pub set_aside: fn(&str) -> String,
    /// Button: save what was set aside.
    pub save_bytes: &'static str,
    /// Learning is paused, so the click was not learnt.
    pub paused: &'static str,
    /// Everything was forgotten.
    pub forgotten: &'static str,
    /// A profile was imported.
    pub imported: &'static str,
    /// A file could not be read.
    pub unreadable: &'static str,
    /// A file could not be written.
    pub not_saved: &'static str,
    /// The catalogue does not have this item.
    pub unknown_item: fn(&str) -> String,
    /// There is no connection, and the page goes on.
    pub offline: &'static str,
    /// A newer version of the page waits.
    pub newer: &'static str,
    /// Button: load the newer version.
    pub use_newer: &'static str,
    /// Close the notice.
    pub close: &'static str,
}

/// The words of the language that is spoken now.
pub fn words() -> &'static Words {
    match spoken() {
        Language::English => &en::EN,
        Language::Chinese => &zh::ZH,
    }
}

/// The words of the lab in the language that is spoken now. Apart from [`words`], so that the page's
/// module does not carry them.
pub fn lab_words() -> &'static LabWords {
    match spoken() {
        Language::English => &en::lab::LAB,
        Language::Chinese => &zh::lab::LAB,
    }
}

/// Digits in groups of three.
pub(crate) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What a worker or a browser said, which is English, with a full stop; empty stays empty.
fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    if text.is_empty() {
        String::new()
    } else {
        format!("{text}.")
    }
}
