//! What a like would change, shown before it happens: while the pointer or the keyboard focus rests
//! on something that can be liked.

use std::cell::RefCell;

use engine::messages::{EventKind, Preview, ReplyBody, RequestBody};
use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::state::State;
use crate::words::words;

/// Milliseconds of rest before the ranker is asked.
const REST: u32 = 140;

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Previewed {
    /// Title of the item.
    title: String,
    preview: Preview,
}

impl Previewed {
    /// Where an item of the list would be; `None`: where it is.
    pub fn place(&self, id: &str, now: u32) -> Option<u32> {
        let found = self.preview.places.iter().find(|(item, _)| item == id);
        found.map(|(_, place)| *place).filter(|place| *place != now)
    }
}

thread_local! {
    static RESTING: RefCell<Option<Timeout>> = const { RefCell::new(None) };
}

/// The pointer or the focus has come to rest on an item.
pub fn begin(state: State, kind: EventKind, id: &str, title: &str) {
    if state.paused.get_untracked() || !state.ready.get_untracked() {
        return;
    }
    let (id, title) = (id.to_owned(), title.to_owned());
    let rest = Timeout::new(REST, move || {
        // Emptied, so that an answer that comes after the end is known to be late.
        let asked = RESTING.with_borrow(Option::is_some);
        if !asked {
            return;
        }
        let view = state.view();
        let answer = state.call(RequestBody::Preview {
            item: id,
            kind,
            view,
        });
        spawn_local(async move {
            // A preview that does not come is none; what fails here fails in a click, too.
            if let Ok(ReplyBody::Previewed(preview)) = answer.await
                && RESTING.with_borrow(Option::is_some)
            {
                let preview = *preview;
                state.previewed.set(Some(Previewed { title, preview }));
            }
        });
    });
    RESTING.set(Some(rest));
}

/// It has left, or something else happens.
pub fn end(state: State) {
    RESTING.set(None);
    if state.previewed.with_untracked(Option::is_some) {
        state.previewed.set(None);
    }
}

/// The sentence under the list. It lies over the page, so nothing moves.
#[component]
pub fn PreviewLine(
    /// The page's state.
    state: State,
) -> impl IntoView {
    let w = words();
    let line = move || {
        let Previewed { title, preview } = state.previewed.get()?;
        let rising: Vec<(String, u32, u32)> = preview
            .rising
            .into_iter()
            .map(|rising| (rising.title, rising.from, rising.to))
            .collect();
        Some(view! {
            <p class="preview" data-testid="preview">{(w.preview)(&title, &rising)}</p>
        })
    };
    view! { <div class="preview-line" aria-live="polite">{line}</div> }
}
