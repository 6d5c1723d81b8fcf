//! The ranked list and what stands around it.

use gloo::timers::callback::Timeout;
use leptos::html::Ol;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusEvent};

use crate::controls::{Controls, UndoPause};
use crate::panel::Panel;
use crate::preview::PreviewLine;
use crate::row::RowView;
use crate::state::State;
use crate::words::words;

/// Milliseconds from when pointer and focus have left the list to when it may change.
const RELEASE: u32 = 250;

/// "For you": the list, its controls and the learning panel.
///
/// Nothing moves while the pointer or the keyboard focus is inside the list: a newer order waits
/// behind a button, and applies when the button is pressed or when pointer and focus have left.
/// The button stands inside, so that reaching for it is not leaving.
#[component]
pub fn ForYou(
    /// The page's state.
    state: State,
) -> impl IntoView {
    let w = words();
    let pointed = RwSignal::new(false);
    let focused = RwSignal::new(false);
    let rows = NodeRef::<Ol>::new();
    // Holding begins at once and ends late: between two rows focus is nowhere for a moment.
    let release = StoredValue::new_local(None::<Timeout>);
    Effect::new(move || {
        if pointed.get() || focused.get() {
            release.set_value(None);
            state.held.set(true);
        } else if state.held.get_untracked() {
            release.set_value(Some(Timeout::new(RELEASE, move || {
                state.held.set(false);
                state.show_newer();
            })));
        }
    });
    let focus_in = move |event: FocusEvent| {
        // Focus that a click left behind does not hold the list: then the pointer does.
        let element: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
        focused.set(element.is_some_and(|e| e.matches(":focus-visible").unwrap_or(true)));
    };
    let show = move |_| {
        // The button goes away; whoever pressed it by keyboard goes on from the list.
        if let Some(rows) = rows.get_untracked() {
            let _ = rows.focus();
        }
        state.show_newer();
    };
    let waits = move || state.newer.with(Option::is_some);
    view! {
        <section class="for-you" aria-labelledby="for-you-title">
            <div class="head">
                <h2 id="for-you-title">{w.for_you}</h2>
                <div class="tools"><UndoPause state/></div>
            </div>
            <div
                class="held"
                on:pointerenter=move |_| pointed.set(true)
                on:pointerleave=move |_| pointed.set(false)
                on:focusin=focus_in
                on:focusout=move |_| focused.set(false)
            >
                <div class="updated" role="status">
                    <Show when=waits>
                        <button type="button" class="newer" data-testid="show-newer" on:click=show>
                            {w.updated}
                        </button>
                    </Show>
                </div>
                <ol class="rows" data-testid="recommendations" tabindex="-1" node_ref=rows>
                    <For each=move || state.rows.get() key=|row| row.id.clone() let:row>
                        <RowView state row/>
                    </For>
                </ol>
                <PreviewLine state/>
            </div>
            <Show when=move || state.ready.get() && state.rows.with(Vec::is_empty)>
                <p class="empty">{w.nothing_left}</p>
            </Show>
            <div class="below">
                <Controls state/>
                <Panel state/>
            </div>
        </section>
    }
}
