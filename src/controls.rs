//! What the visitor can do to the learner as a whole.

use engine::messages::Op;
use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::bridge::ToLab;
use crate::state::State;
use crate::words::words;

/// Undo, redo and pause, beside the heading.
#[component]
pub fn UndoPause(
    /// The page's state.
    state: State,
) -> impl IntoView {
    let w = words();
    let nothing = move || {
        !state
            .summary
            .with(|s| s.as_ref().is_some_and(|s| s.can_undo))
    };
    let nothing_undone = move || {
        !state
            .summary
            .with(|s| s.as_ref().is_some_and(|s| s.can_redo))
    };
    let redo = move |event: web_sys::MouseEvent| {
        state.change(Op::Redo, Some(event.time_stamp()), |_| ());
    };
    let undo = move |event: web_sys::MouseEvent| {
        state.change(Op::Undo, Some(event.time_stamp()), |_| ());
    };
    view! {
        <button type="button" class="quiet" data-testid="undo" disabled=nothing on:click=undo>{w.undo}</button>
        <button type="button" class="quiet" data-testid="redo" disabled=nothing_undone on:click=redo>{w.redo}</button>
        <button
            type="button"
            class="quiet"
            data-testid="pause"
            aria-pressed=move || if state.paused.get() { "true" } else { "false" }
            on:click=move |_| state.toggle_pause()
        >
            {move || if state.paused.get() { w.resume } else { w.pause }}
        </button>
    }
}

/// Exploration, export, import and forget.
#[component]
pub fn Controls(
    /// The page's state.
    state: State,
) -> impl IntoView {
    let w = words();
    let slide = move |event: web_sys::Event| {
        let input: HtmlInputElement = event_target(&event);
        state.set_explore(input.value_as_number() as f32 / 100.0);
    };
    let file = NodeRef::<Input>::new();
    let choose = move |_| {
        if let Some(input) = file.get_untracked() {
            // The same file may be chosen again.
            input.set_value("");
            input.click();
        }
    };
    let chosen = move |event: web_sys::Event| {
        let input: HtmlInputElement = event_target(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            state.import(file);
        }
    };
    let off = move || !state.ready.get();
    view! {
        <label class="explore" title=w.explore_tip>
            <span class="hidden-text">{w.explore} ": "</span>
            <span aria-hidden="true">{w.explore_low}</span>
            <input
                type="range" min="0" max="100" step="5"
                data-testid="explore"
                prop:value=move || (state.explore.get() * 100.0).round().to_string()
                aria-valuetext=move || format!("{:.0} %", state.explore.get() * 100.0)
                on:change=slide
            />
            <span>{w.explore_high}</span>
        </label>
        <div class="actions">
            <button type="button" class="quiet" data-testid="export" disabled=off on:click=move |_| state.export()>{w.export}</button>
            <button type="button" class="quiet" data-testid="import" disabled=off on:click=choose>{w.import}</button>
            <input node_ref=file type="file" hidden aria-label=w.import accept=".hgprofile,application/octet-stream" on:change=chosen/>
            <Forget state/>
            <TrainHereButton state/>
        </div>
    }
}

/// Forget, in two steps: the second is asked in place.
#[component]
fn Forget(state: State) -> impl IntoView {
    let w = words();
    let asking = RwSignal::new(false);
    let first = NodeRef::<leptos::html::Button>::new();
    let keep = NodeRef::<leptos::html::Button>::new();
    // The keyboard stays where the question is; the safe answer has the focus.
    Effect::new(move |before: Option<bool>| {
        let asking = asking.get();
        let target = if asking { keep } else { first };
        if before.is_some_and(|before| before != asking) {
            request_animation_frame(move || {
                if let Some(button) = target.get_untracked() {
                    let _ = button.unchecked_ref::<web_sys::HtmlElement>().focus();
                }
            });
        }
        asking
    });
    let ask = move || {
        view! {
            <button
                node_ref=first type="button" class="quiet" data-testid="forget"
                disabled=move || !state.ready.get()
                on:click=move |_| asking.set(true)
            >{w.forget}</button>
        }
    };
    view! {
        <Show when=move || asking.get() fallback=ask>
            <span class="confirm" role="group" aria-label=w.forget_question>
                <span>{w.forget_question}</span>
                <button type="button" class="danger" data-testid="forget-yes" on:click=move |_| {
                    asking.set(false);
                    state.forget();
                }>{w.forget_yes}</button>
                <button node_ref=keep type="button" class="quiet" data-testid="forget-no" on:click=move |_| asking.set(false)>
                    {w.forget_no}
                </button>
            </span>
        </Show>
    }
}

/// The button that opens "Train here", which the lab draws. The label says how far a training is.
#[component]
fn TrainHereButton(state: State) -> impl IntoView {
    let w = words();
    let label = move || {
        let told = state.train_button.get();
        told.map_or_else(|| w.train.to_owned(), |(label, _)| label)
    };
    let busy = move || {
        state
            .train_button
            .with(|told| told.as_ref().is_some_and(|(_, busy)| *busy))
    };
    view! {
        <button
            type="button" class="quiet train-button" data-testid="train-here"
            aria-haspopup="dialog"
            class:busy=busy
            disabled=move || !state.ready.get()
            on:click=move |_| state.lab(|lab| lab.tell(state, ToLab::TrainHere))
        >{label}</button>
    }
}
