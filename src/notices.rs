//! Sentences for the visitor, at the foot of the page.

use gloo::timers::callback::Timeout;
use leptos::prelude::*;

use crate::words::words;

/// Milliseconds that a passing notice stays.
const STAY: u32 = 9_000;

/// Something that the visitor may do about a notice.
#[derive(Clone)]
pub struct Offer {
    /// Words on the button.
    pub label: String,
    /// Runs when it is pressed.
    pub run: Callback<()>,
}

#[derive(Clone)]
struct Note {
    /// At most one notice of each topic is shown.
    topic: String,
    /// Grows with each notice, so that a timer ends only its own.
    number: u32,
    text: String,
    offer: Option<Offer>,
}

/// The notices on screen; copies are the same.
#[derive(Clone, Copy)]
pub struct Notices {
    notes: RwSignal<Vec<Note>>,
    count: StoredValue<u32>,
}

impl Notices {
    /// No notices.
    pub fn new() -> Self {
        Self {
            notes: RwSignal::new(Vec::new()),
            count: StoredValue::new(0),
        }
    }

    /// Shows a sentence for some seconds; it replaces an earlier one of the same topic.
    pub fn say(&self, topic: &str, text: &str) {
        let number = self.put(topic, text, None);
        let notes = self.notes;
        Timeout::new(STAY, move || {
            notes.update(|notes| notes.retain(|note| note.number != number))
        })
        .forget();
    }

    /// Shows a sentence until it is closed.
    pub fn keep(&self, topic: &str, text: &str, offer: Option<Offer>) {
        self.put(topic, text, offer);
    }

    /// Takes the sentence of a topic away.
    pub fn close(&self, topic: &str) {
        if self
            .notes
            .with_untracked(|notes| notes.iter().any(|note| note.topic == topic))
        {
            self.notes
                .update(|notes| notes.retain(|note| note.topic != topic));
        }
    }

    fn put(&self, topic: &str, text: &str, offer: Option<Offer>) -> u32 {
        let number = self.count.get_value() + 1;
        self.count.set_value(number);
        let note = Note {
            topic: topic.to_owned(),
            number,
            text: text.to_owned(),
            offer,
        };
        self.notes.update(|notes| {
            notes.retain(|note| note.topic != topic);
            notes.push(note);
        });
        number
    }
}

impl Default for Notices {
    fn default() -> Self {
        Self::new()
    }
}

/// The notice area. It is always there, so that assistive technology hears what is put into it.
#[component]
pub fn NoticeArea(
    /// What to show.
    notices: Notices,
) -> impl IntoView {
    let w = &words().notices;
    view! {
        <div class="notices" role="status" data-testid="notices">
            <For each=move || notices.notes.get() key=|note| note.number let:note>
                <div class="notice">
                    <p>{note.text.clone()}</p>
                    {note.offer.clone().map(|offer| view! {
                        <button type="button" class="quiet" on:click=move |_| offer.run.run(())>{offer.label.clone()}</button>
                    })}
                    <button type="button" class="quiet" on:click=move |_| notices.close(&note.topic)>
                        {w.close}
                    </button>
                </div>
            </For>
        </div>
    }
}
