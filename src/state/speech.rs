//! The language of the page.

use leptos::prelude::*;

use super::{Moved, State};
use crate::bridge::ToLab;
use crate::language;
use crate::words::{Language, Words, words};

impl State {
    /// The words of now. Whoever asks in a view is asked again when the language changes.
    pub fn words(&self) -> &'static Words {
        self.language.track();
        words()
    }

    /// Changes the language; everything that has words is drawn anew in it.
    pub fn speak(&self, language: Language) {
        language::choose(language);
        // Before the views: what they ask the lab to draw is to be in this language, too.
        self.lab(|lab| lab.mention(ToLab::Speak(language)));
        // Rows that are drawn anew would say a second time how they came to their places.
        self.rows
            .with_untracked(|rows| rows.iter().for_each(|row| row.moved.set(Moved::Not)));
        self.language.set(language);
    }
}
