//! Sentences at the foot of the page, said by the lab.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::link::Link;
use crate::bridge::ToPage;

/// Something that the visitor may do about a sentence.
pub struct Offer {
    /// Words on the button.
    pub label: &'static str,
    /// Runs when it is pressed.
    pub run: Callback<()>,
}

/// The way to the page's notices; copies are the same.
#[derive(Clone, Copy)]
pub struct Notices {
    link: StoredValue<Link, LocalStorage>,
    offers: StoredValue<BTreeMap<String, Callback<()>>>,
}

impl Notices {
    /// Through this link.
    pub fn new(link: Link) -> Self {
        Self {
            link: StoredValue::new_local(link),
            offers: StoredValue::new(BTreeMap::new()),
        }
    }

    /// Shows a sentence for some seconds; it replaces an earlier one of the same topic.
    pub fn say(&self, topic: &'static str, text: &str) {
        self.put(topic, text, false, None);
    }

    /// Shows a sentence until it is closed.
    pub fn keep(&self, topic: &'static str, text: &str, offer: Option<Offer>) {
        self.put(topic, text, true, offer);
    }

    /// Takes the sentence of a topic away.
    pub fn close(&self, topic: &'static str) {
        let topic = topic.to_owned();
        self.link
            .with_value(|link| link.tell(&ToPage::Unsay { topic }));
    }

    /// The button of a sentence was pressed.
    pub fn pressed(&self, topic: &str) {
        let run = self.offers.with_value(|offers| offers.get(topic).copied());
        if let Some(run) = run {
            run.run(());
        }
    }

    fn put(&self, topic: &str, text: &str, keep: bool, offer: Option<Offer>) {
        let label = offer.as_ref().map(|offer| offer.label.to_owned());
        self.offers.update_value(|offers| {
            match offer {
                Some(offer) => offers.insert(topic.to_owned(), offer.run),
                None => offers.remove(topic),
            };
        });
        let said = ToPage::Say {
            topic: topic.to_owned(),
            text: text.to_owned(),
            keep,
            offer: label,
        };
        self.link.with_value(|link| link.tell(&said));
    }
}
