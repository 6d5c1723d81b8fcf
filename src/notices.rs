//! Sentences for the visitor, at the foot of the page.

use std::sync::Arc;

use gloo::timers::callback::Timeout;
use leptos::prelude::*;

use crate::state::State;
use crate::words::NoticeWords;

/// Milliseconds that a passing notice stays.
const STAY: u32 = 9_000;

/// Makes a sentence in the language that is spoken when it is shown.
type Sentence = dyn Fn(&NoticeWords) -> String + Send + Sync;

/// Something that the visitor may do about a notice.
pub struct Offer {
    /// Words on the button.
    pub label: Box<Sentence>,
    /// Runs when it is pressed.
    pub run: Callback<()>,
}

#[derive(Clone)]
struct Note {
    /// At most one notice of each topic is shown.
    topic: String,
    /// Grows with each notice, so that a timer ends only its own.
    number: u32,
    text: Arc<Sentence>,
    offer: Option<Arc<Offer>>,
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
    pub fn say(&self, topic: &str, text: impl Fn(&NoticeWords) -> String + Send + Sync + 'static) {
        let number = self.put(topic, Arc::new(text), None);
        let notes = self.notes;
        Timeout::new(STAY, move || {
            notes.update(|notes| notes.retain(|note| note.number != number))
        })
        .forget();
    }

    /// Shows a sentence until it is closed.
    pub fn keep(
        &self,
        topic: &str,
        text: impl Fn(&NoticeWords) -> String + Send + Sync + 'static,
        offer: Option<Offer>,
    ) {
        self.put(topic, Arc::new(text), offer);
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

    fn put(&self, topic: &str, text: Arc<Sentence>, offer: Option<Offer>) -> u32 {
        let number = self.count.get_value() + 1;
        self.count.set_value(number);
        let note = Note {
            topic: topic.to_owned(),
            number,
            text,
            offer: offer.map(Arc::new),
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
    /// The page's state.
    state: State,
) -> impl IntoView {
    let notices = state.notices;
    let draw = move |note: Note| {
        let Note {
            topic, text, offer, ..
        } = note;
        let offer = offer.map(|offer| {
            let run = offer.run;
            view! {
                <button type="button" class="quiet" on:click=move |_| run.run(())>
                    {move || (offer.label)(&state.words().notices)}
                </button>
            }
        });
        view! {
            <div class="notice">
                <p>{move || text(&state.words().notices)}</p>
                {offer}
                <button type="button" class="quiet" on:click=move |_| notices.close(&topic)>
                    {move || state.words().notices.close}
                </button>
            </div>
        }
    };
    view! {
        <div class="notices" role="status" data-testid="notices">
            <For each=move || notices.notes.get() key=|note| note.number children=draw/>
        </div>
    }
}
