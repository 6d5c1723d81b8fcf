//! "Train here": a sheet in which a catalogue and logs become a model, in the browser.
//!
//! The sheet may be closed while it trains; the button that opens it says how far it is.

mod chart;
mod form;
mod offer;
mod outcome;
mod running;

use engine::training::Phase;
use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::bridge::ToPage;
use crate::lab::Lab;
use crate::training::conductor::Job;
use crate::words::lab_words;
use form::Form;
use offer::Offer;
use outcome::Outcome;
use running::Running;

/// Keeps the page's button up to date: it says how far a training is.
pub fn follow_button(lab: Lab) {
    let training = lab.training;
    Effect::new(move || {
        lab.language.track();
        let w = &lab_words().train;
        let busy = training.job.with(Job::is_active);
        let label = if busy {
            let percent = training.view.with(|view| match view {
                Some(view) if view.phase == Phase::Paused => None,
                Some(view) => Some(percent(view.step, view.steps)),
                None => Some(0),
            });
            percent.map_or_else(|| w.paused.to_owned(), |percent| (w.busy)(percent))
        } else if training.finished.with(Option::is_some) {
            w.done.to_owned()
        } else {
            w.title.to_owned()
        };
        lab.tell(&ToPage::TrainButton { label, busy });
    });
}

/// The sheet. What is in it is drawn only while it is open.
#[component]
pub fn TrainHere(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let training = lab.training;
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        let open = training.sheet.get();
        if let Some(dialog) = dialog.get()
            && dialog.open() != open
        {
            if open {
                // It is in the document and closed, so it can be shown.
                let _ = dialog.show_modal();
            } else {
                dialog.close();
            }
        }
    });
    // A press beside the sheet closes it; one that begins inside and ends outside does not.
    let beside = move |event: web_sys::MouseEvent| {
        let on_dialog = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|element| element.tag_name() == "DIALOG");
        if on_dialog {
            training.sheet.set(false);
        }
    };
    // A file that is dropped beside the drop area must not replace the page.
    let hold = |event: web_sys::DragEvent| event.prevent_default();
    view! {
        <dialog
            node_ref=dialog class="sheet" aria-labelledby="train-title" data-testid="train-sheet"
            on:close=move |_| training.sheet.set(false)
            on:mousedown=beside
            on:dragover=hold
            on:drop=hold
        >
            <Show when=move || training.sheet.get()>
                <Sheet lab/>
            </Show>
        </dialog>
    }
}

/// The inside, made anew each time that the sheet is opened. While it is open it is modal, so the
/// language cannot change under it.
#[component]
fn Sheet(lab: Lab) -> impl IntoView {
    let w = &lab_words().train;
    let training = lab.training;
    let busy = move || training.job.with(Job::is_active);
    view! {
        <div class="sheet-inside">
            <header class="sheet-head">
                <div>
                    <h2 id="train-title">{w.title}</h2>
                    <p class="sheet-lede">{w.lede}</p>
                </div>
                <button type="button" class="quiet" data-testid="train-close" on:click=move |_| training.sheet.set(false)>
                    {move || if busy() { w.close_running } else { w.close }}
                </button>
            </header>
            <p class="remark" role="status" data-testid="train-remark">{move || training.remark.get()}</p>
            <Stage lab/>
        </div>
    }
}

/// Which of the sheet's states is shown.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Missing,
    Form,
    Offer,
    Running,
    Outcome,
}

#[component]
fn Stage(lab: Lab) -> impl IntoView {
    let training = lab.training;
    let shown = Memo::new(move |_| {
        training.job.with(|job| match job {
            _ if !training.built() => Shown::Missing,
            Job::Waits(_) | Job::Asked(_) | Job::Runs { .. } | Job::Ends { .. } => Shown::Running,
            Job::Offered(_) => Shown::Offer,
            Job::None if training.finished.with(Option::is_some) => Shown::Outcome,
            Job::None if training.stored.with(Option::is_some) => Shown::Offer,
            Job::None => Shown::Form,
        })
    });
    move || match shown.get() {
        Shown::Missing => view! { <p class="empty">{lab_words().train.not_built}</p> }.into_any(),
        Shown::Form => view! { <Form lab/> }.into_any(),
        Shown::Offer => view! { <Offer lab/> }.into_any(),
        Shown::Running => view! { <Running lab/> }.into_any(),
        Shown::Outcome => view! { <Outcome lab/> }.into_any(),
    }
}

/// Whole percent of steps done.
fn percent(done: u32, all: u32) -> u32 {
    (f64::from(done) / f64::from(all.max(1)) * 100.0).min(100.0) as u32
}
