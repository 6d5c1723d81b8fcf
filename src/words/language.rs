//! The languages that the page speaks, and which of them is spoken now.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

/// A language with a table of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English, and what every page says before the app runs.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Chinese in simplified characters.
    #[serde(rename = "zh-Hans")]
    Chinese,
}

impl Language {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
        }
    }

    /// Its own name for itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    /// The direction of its lines, as HTML has it: `ltr` or `rtl`.
    pub fn direction(self) -> &'static str {
        match self {
            Self::English | Self::Chinese => "ltr",
        }
    }

    /// The language that comes after it in the switch.
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|one| *one == self);
        Self::ALL[at.map_or(0, |at| (at + 1) % Self::ALL.len())]
    }

    /// The language of a BCP 47 tag such as `zh-CN`, by its first part; scripts and regions share a
    /// table. `None` for a language without one.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let first = |tag: &str| {
            let first = tag.split(['-', '_']).next().unwrap_or_default();
            first.to_ascii_lowercase()
        };
        let wanted = first(tag);
        Self::ALL.into_iter().find(|one| first(one.tag()) == wanted)
    }
}

thread_local! {
    /// A browser's module has one thread. The server never changes it, so every thread of it says
    /// English.
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
}

/// The language that is spoken now.
pub fn spoken() -> Language {
    SPOKEN.get()
}

/// Speaks this language from here on, in this module and thread.
pub fn speak(language: Language) {
    SPOKEN.set(language);
}
