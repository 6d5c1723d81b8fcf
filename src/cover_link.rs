//! A cover that can be clicked, on the wall and in the list.

use engine::messages::{EventKind, ItemView};
use leptos::either::Either;
use leptos::prelude::*;

use crate::item::{link, picture};
use crate::preview;
use crate::state::State;

/// A cover. A click is an event for the learner; where the catalogue has addresses, it also opens
/// the item in a new tab.
#[component]
pub fn CoverLink(
    /// The page's state.
    state: State,
    /// The item.
    item: ItemView,
) -> impl IntoView {
    let picture = picture(&item);
    let url = link(&item).map(str::to_owned);
    let id = item.id;
    let (resting, title) = (id.clone(), item.title);
    let rest = move || preview::begin(state, EventKind::Click, &resting, &title);
    let (enter, focus) = (rest.clone(), rest);
    let enter = move |event: web_sys::PointerEvent| {
        // A finger does not hover.
        if event.pointer_type() != "touch" {
            enter();
        }
    };
    let leave = move |_: web_sys::PointerEvent| preview::end(state);
    let blur = move |_: web_sys::FocusEvent| preview::end(state);
    let focus = move |_: web_sys::FocusEvent| focus();
    let click = move |event: web_sys::MouseEvent| {
        state.act(EventKind::Click, &id, event.time_stamp());
    };
    match url {
        Some(url) => Either::Left(view! {
            <a class="cover" href=url target="_blank" rel="noopener noreferrer" on:click=click on:pointerenter=enter on:pointerleave=leave on:focus=focus on:blur=blur inner_html=picture></a>
        }),
        None => Either::Right(view! {
            <button class="cover" type="button" on:click=click on:pointerenter=enter on:pointerleave=leave on:focus=focus on:blur=blur inner_html=picture></button>
        }),
    }
}
