//! One place of the ranked list.

use engine::messages::EventKind;
use leptos::prelude::*;

use crate::bridge::Place;
use crate::bridge::host::LabPlace;
use crate::cover_link::CoverLink;
use crate::icons;
use crate::item::byline;
use crate::preview;
use crate::state::{Moved, Row, State};
use crate::words::words;

/// Place, cover, words, reason and three buttons.
#[component]
pub fn RowView(
    /// The page's state.
    state: State,
    /// The row; its signals change in place.
    row: Row,
) -> impl IntoView {
    let w = words();
    let item = row.data.read_untracked().item.clone();
    let (title, by, id) = (item.title.clone(), byline(&item), row.id.clone());

    let rank = {
        let data = row.data.clone();
        move || data.read().rank
    };
    let reason = {
        let data = row.data.clone();
        move || (w.why)(&data.read().why)
    };
    let done = row.done.clone();
    let open = {
        let id = id.clone();
        Memo::new(move |_| state.explained.with(|open| open.as_deref() == Some(&id)))
    };
    let panel_id = format!("why-{id}");
    let toggle = {
        let id = id.clone();
        move |_| {
            state.explained.update(|open| {
                *open = (open.as_deref() != Some(&id)).then(|| id.clone());
            });
        }
    };
    let votes = [
        (EventKind::Like, "like", icons::LIKE, w.like),
        (EventKind::Dislike, "dislike", icons::DISLIKE, w.dislike),
        (EventKind::Dismiss, "dismiss", icons::DISMISS, w.dismiss),
    ]
    .map(|(kind, name, icon, label)| {
        let (id, done) = (id.clone(), row.done.clone());
        let (resting, named) = (id.clone(), title.clone());
        let rest = move || preview::begin(state, kind, &resting, &named);
        let focused = rest.clone();
        view! {
            <button
                on:pointerenter=move |event| if event.pointer_type() != "touch" { rest() }
                on:pointerleave=move |_| preview::end(state)
                on:focus=move |_| focused()
                on:blur=move |_| preview::end(state)
                class=format!("vote {name}")
                type="button"
                data-testid=name
                aria-label=label(&title)
                aria-pressed=move || (done.get() == Some(kind)).then_some("true")
                on:click=move |event| state.act(kind, &id, event.time_stamp())
                inner_html=icon
            ></button>
        }
    });
    let acted = {
        let done = done.clone();
        move || done.get().is_some()
    };
    let explained_item = id.clone();
    let controls = panel_id.clone();
    view! {
        <li class="row" class:acted=acted data-item-id=id.clone()>
            <span class="place">
                <span class="rank">{rank}</span>
                <Mark state row=row.clone()/>
                <Ghost state row=row.clone()/>
            </span>
            <CoverLink state item/>
            <div class="what">
                <p class="title">{title.clone()}</p>
                <p class="by">{by}</p>
            </div>
                <button
                    class="why"
                    type="button"
                    data-testid="why"
                    aria-expanded=move || if open.get() { "true" } else { "false" }
                    aria-controls=move || open.get().then(|| controls.clone())
                    on:click=toggle
                >
                    <span class="hidden-text">{(w.why_title)(&title)} " "</span>
                    <span class="reason">
                        {move || match done.get() {
                            Some(kind) => (w.done)(kind).to_owned(),
                            None => reason(),
                        }}
                    </span>
                    <span class="turn-box" inner_html=icons::DISCLOSE></span>
                </button>
            <div class="votes">{votes}</div>
            <Show when=move || open.get()>
                <div class="explanation" id=panel_id.clone() data-testid="explanation">
                    <button type="button" class="quiet sheet-close" on:click=move |_| state.explained.set(None)>
                        {w.notices.close}
                    </button>
                    <LabPlace state place=Place::Explanation { item: explained_item.clone() } id=format!("lab-{}", panel_id)/>
                </div>
            </Show>
        </li>
    }
}

/// Where the row would be after what is previewed.
#[component]
fn Ghost(
    /// The page's state.
    state: State,
    /// The row.
    row: Row,
) -> impl IntoView {
    move || {
        let now = row.data.read().rank;
        let place = state
            .previewed
            .with(|previewed| previewed.as_ref()?.place(&row.id, now))?;
        let (text, class) = match place {
            0 => ("✕".to_owned(), "ghost down"),
            place if place < now => (format!("→{place}"), "ghost up"),
            place => (format!("→{place}"), "ghost down"),
        };
        // The sentence under the list says the same.
        Some(view! { <span class=class aria-hidden="true">{text}</span> })
    }
}

/// How many places the row has moved; it fades, and stays readable with reduced motion.
#[component]
fn Mark(
    /// The page's state.
    state: State,
    /// The row.
    row: Row,
) -> impl IntoView {
    let w = words();
    let text = move || match row.moved.get() {
        Moved::Not => None,
        Moved::New => Some((w.new.to_owned(), w.new.to_owned(), "up")),
        Moved::By(places) => {
            let sign = if places < 0 { "−" } else { "+" };
            let class = if places < 0 { "down" } else { "up" };
            Some((
                format!("{sign}{}", places.unsigned_abs()),
                (w.moved)(places),
                class,
            ))
        }
    };
    move || {
        // Two equal animations by turns: changing the name is what starts one again.
        let turn = if state.placed.get().is_multiple_of(2) {
            "a"
        } else {
            "b"
        };
        text().map(|(short, long, class)| {
            view! {
                <span class=format!("moved {class} turn-{turn}")>
                    <span aria-hidden="true">{short}</span>
                    <span class="hidden-text">{long}</span>
                </span>
            }
        })
    }
}
