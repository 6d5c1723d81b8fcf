//! Every word that the page shows, in one table per language.
//!
//! Plain data and functions without any web type, so that the page that ships before WASM says the
//! same as the app. A language is one more file like [`en`] and one more arm in [`words`].

pub mod en;
pub mod training;

use engine::messages::{EventKind, Why};

use self::training::{TrainWords, TuningWords};

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
    /// There is a newer order.
    pub updated: &'static str,

    /// Undo.
    pub undo: &'static str,
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

    /// Label of the theme switch.
    pub theme: &'static str,
    /// Themes: as the system, light, dark.
    pub themes: [&'static str; 3],

    /// Words of the explanation.
    pub explanation: ExplanationWords,
    /// Words of the learning panel.
    pub panel: PanelWords,
    /// Words of its part on fine-tuning.
    pub tuning: TuningWords,
    /// Words of "Train here".
    pub train: TrainWords,
    /// Sentences for the notice area and for failures.
    pub notices: NoticeWords,
}

/// Words behind "why".
pub struct ExplanationWords {
    /// While it is fetched.
    pub loading: &'static str,
    /// Heading: parts of each expert.
    pub experts: &'static str,
    /// Heading: parts of each history item.
    pub history: &'static str,
    /// No history yet.
    pub no_history: &'static str,
    /// Heading: tags.
    pub tags: &'static str,
    /// Disclosure of the plain numbers.
    pub numbers: &'static str,
    /// Heads of the table: expert, raw score, weight, part of the score.
    pub columns: [&'static str; 4],
    /// Label of the sum.
    pub score: &'static str,
    /// Place and uncertainty in a sentence: rank (0 = excluded), uncertainty 0..1.
    pub standing: fn(u32, f32) -> String,
    /// Remove a history item, short.
    pub remove: &'static str,
    /// Remove a history item, with its title.
    pub remove_title: fn(&str) -> String,
    /// Name of an expert.
    pub expert: fn(&str) -> String,
    /// What an expert goes by, in a sentence; empty for one that is not known.
    pub expert_tip: fn(&str) -> &'static str,
    /// A history item with what was done.
    pub did: fn(EventKind, &str) -> String,
    /// The bars' reading: amber speaks for, slate against.
    pub legend: &'static str,
}

/// Words of the learning panel.
pub struct PanelWords {
    /// Its heading.
    pub title: &'static str,
    /// Label and tooltip: where the numbers are computed.
    pub backend: (&'static str, &'static str),
    /// Label and tooltip: bytes sent.
    pub sent: (&'static str, &'static str),
    /// Heading of the times.
    pub times: &'static str,
    /// Column heads: stage, median, 95th percentile.
    pub time_columns: [&'static str; 3],
    /// Stages with tooltips: learn, rank, click to paint.
    pub stages: [(&'static str, &'static str); 3],
    /// How many samples the times come from.
    pub samples: fn(usize) -> String,
    /// Nothing measured yet.
    pub no_samples: &'static str,
    /// Heading and tooltip of the fusion weights.
    pub weights: (&'static str, &'static str),
    /// Weight now and at the start.
    pub weight: fn(f32, f32) -> String,
    /// Heading of the history.
    pub history: &'static str,
    /// Nothing learnt yet.
    pub no_history: &'static str,
    /// Label and tooltip: bytes stored.
    pub stored: (&'static str, &'static str),
    /// Label and tooltip: memory.
    pub memory: (&'static str, &'static str),
    /// Label and tooltip: events learnt from.
    pub events: (&'static str, &'static str),
    /// Label and tooltip: items seen.
    pub seen: (&'static str, &'static str),
    /// Heading: about the catalogue.
    pub about: &'static str,
    /// Size of the pack: items, events, bytes.
    pub pack: fn(u32, u32, u32) -> String,
    /// Licence.
    pub licence: fn(&str) -> String,
    /// Said when the pack's events were simulated.
    pub simulated: &'static str,
    /// Where the profile is: on this device, in another tab, in memory.
    pub storage: [&'static str; 3],
}

/// Sentences for the notice area.
pub struct NoticeWords {
    /// WASM is refused.
    pub no_wasm: &'static str,
    /// Scripts are off.
    pub no_script: &'static str,
    /// A file of the page could not be loaded.
    pub not_loaded: &'static str,
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
    /// Close the notice.
    pub close: &'static str,
}

/// The words of the page's language.
pub fn words() -> &'static Words {
    &en::EN
}
