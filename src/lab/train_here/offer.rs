//! A training that was not finished: go on, or drop it.

use leptos::prelude::*;

use crate::lab::Lab;
use crate::training::conductor::Job;
use crate::words::lab_words;

/// The offer. Where another training was about to begin, that one is offered, too.
#[component]
pub fn Offer(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = &lab_words().train;
    let training = lab.training;
    let stored = move || training.stored.get();
    let another = move || training.job.with(|job| matches!(job, Job::Offered(_)));
    let ago = move || {
        let at = stored().map(|stored| stored.at).filter(|at| *at > 0.0);
        at.map(|at| (w.stored_ago)((js_sys::Date::now() - at) / 60_000.0))
    };
    let drop_it = move |_| {
        if another() {
            training.begin_anew();
        } else {
            training.discard();
        }
    };
    view! {
        <div class="offer">
            <p class="offer-text" data-testid="train-offer">{move || stored().map(|stored| (w.offer)(&stored))}</p>
            <p class="note">{ago}</p>
            <div class="sheet-foot">
                <button type="button" class="primary" data-testid="train-go-on" on:click=move |_| training.go_on()>
                    {w.go_on}
                </button>
                <button type="button" class="quiet" data-testid="train-discard" on:click=drop_it>
                    {move || if another() { w.begin_anew } else { w.discard }}
                </button>
            </div>
        </div>
    }
}
