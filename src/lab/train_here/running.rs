//! A training that runs: what it does, how far it is, how well it does.

use engine::training::{Phase, TrainingView};
use leptos::html::Button;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::chart::{LossChart, NdcgChart};
use super::percent;
use crate::lab::Lab;
use crate::lab::panel::size;
use crate::training::conductor::{Job, Want};
use crate::words::lab_words;
use crate::words::training::Named;

/// Progress, charts, numbers, buttons. Everything is there from the start, so that nothing jumps
/// when the first numbers come.
#[component]
pub fn Running(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = &lab_words().train;
    let training = lab.training;
    let view = training.view;
    let phase = Memo::new(move |_| phase(lab));
    let done = move || view.with(|view| view.as_ref().map_or(0, |v| percent(v.step, v.steps)));
    let steps = move || view.with(|view| view.as_ref().map(|v| (w.steps)(v.step, v.steps)));
    let data = move || {
        view.with(|view| {
            let known = view.as_ref().filter(|v| v.items > 0);
            known.map(|v| (w.data)(v.items, v.visitors, v.choices))
        })
    };
    view! {
        <div class="running">
            <p class="phase" role="status" data-testid="train-phase">{phase}</p>
            <div
                class="progress" role="progressbar" aria-label=w.progress
                aria-valuemin="0" aria-valuemax="100" aria-valuenow=move || done().to_string()
            >
                <span class="progress-bar" style:inline-size=move || format!("{}%", done())></span>
            </div>
            <p class="note progress-text">
                <span data-testid="train-steps">{steps}</span>
                <span>{data}</span>
            </p>
            <div class="charts">
                <LossChart view/>
                <NdcgChart view/>
            </div>
            <Numbers lab/>
            <Buttons lab/>
        </div>
    }
}

/// What happens now, in a sentence.
fn phase(lab: Lab) -> String {
    let w = &lab_words().train;
    let training = lab.training;
    let told = training
        .view
        .with(|view| view.as_ref().map(|v| (w.phase)(v.phase, v.epoch, v.epochs)));
    match (training.job.get(), told) {
        (Job::Ends { .. }, _) => w.ending.to_owned(),
        (Job::Runs { .. }, Some(told)) => told,
        (Job::Runs { .. }, None) => (w.phase)(Phase::Reading, 0, 0),
        (Job::Asked(_), _) => w.preparing[2].to_owned(),
        (_, _) if training.timing.get() => w.preparing[1].to_owned(),
        (_, _) => w.preparing[0].to_owned(),
    }
}

#[component]
fn Numbers(lab: Lab) -> impl IntoView {
    let w = &lab_words().train;
    let training = lab.training;
    let view = training.view;
    let number = move |get: fn(&TrainingView) -> String| {
        move || {
            view.with(|view| {
                view.as_ref()
                    .filter(|v| v.phase != Phase::Reading)
                    .map_or_else(|| "–".to_owned(), get)
            })
        }
    };
    let rate = number(|v| {
        format!(
            "{}/s",
            crate::words::grouped(v.rate.max(0.0).round() as usize)
        )
    });
    let left = number(|v| (lab_words().train.seconds)(v.seconds_left));
    let memory = number(|v| size(v.memory_bytes));
    let dispatches = number(|v| crate::words::grouped(v.dispatches as usize));
    let backend = move || training.backend.get().name();
    view! {
        <dl class="facts">
            <Live name=w.rate id="train-rate" value=rate/>
            <Live name=w.left id="train-left" value=left/>
            <Live name=w.backend id="train-backend" value=backend/>
            <Live name=w.memory id="train-memory" value=memory/>
            <Live name=w.dispatches id="train-dispatches" value=dispatches/>
        </dl>
        <p class="note adapter-name">{move || training.adapter.get()}</p>
    }
}

/// A number that changes while one looks.
#[component]
fn Live<V: IntoView + 'static>(
    name: Named,
    id: &'static str,
    value: impl Fn() -> V + Send + 'static,
) -> impl IntoView {
    view! {
        <div title=name.1>
            <dt>{name.0}</dt>
            <dd data-testid=id>{value}</dd>
        </div>
    }
}

/// Pause, finish, cancel; cancelling asks once, in place.
#[component]
fn Buttons(lab: Lab) -> impl IntoView {
    let w = &lab_words().train;
    let training = lab.training;
    let asking = RwSignal::new(false);
    let cancel = NodeRef::<Button>::new();
    let keep = NodeRef::<Button>::new();
    // The keyboard stays where the question is; the safe answer has the focus.
    Effect::new(move |before: Option<bool>| {
        let asking = asking.get();
        let target = if asking { keep } else { cancel };
        if before.is_some_and(|before| before != asking) {
            request_animation_frame(move || {
                if let Some(button) = target.get_untracked() {
                    let _ = button.unchecked_ref::<web_sys::HtmlElement>().focus();
                }
            });
        }
        asking
    });
    let paused = move || training.job.with(|job| *job == Job::Runs { paused: true });
    let running = move || training.job.with(|job| matches!(job, Job::Runs { .. }));
    // A pack can be made once there are weights.
    let finishable = move || {
        running()
            && training.view.with(|view| {
                view.as_ref().is_some_and(|v| {
                    v.step > 0 && !matches!(v.phase, Phase::Reading | Phase::Packing)
                })
            })
    };
    let droppable = move || {
        training.job.with(|job| {
            matches!(
                job,
                Job::Runs { .. } | Job::Asked(_) | Job::Waits(Want::Begin | Want::GoOn)
            )
        })
    };
    let ask = move || {
        view! {
            <button
                node_ref=cancel type="button" class="quiet" data-testid="train-cancel"
                disabled=move || !droppable() on:click=move |_| asking.set(true)
            >{w.cancel}</button>
        }
    };
    view! {
        <div class="sheet-foot">
            <button
                type="button" class="primary" data-testid="train-pause" disabled=move || !running()
                on:click=move |_| training.pause(!paused())
            >{move || if paused() { w.resume } else { w.pause }}</button>
            <button
                type="button" class="quiet" data-testid="train-finish" title=w.finish.1
                disabled=move || !finishable() on:click=move |_| training.finish()
            >{w.finish.0}</button>
            <Show when=move || asking.get() fallback=ask>
                <span class="confirm" role="group" aria-label=w.cancel_question>
                    <span>{w.cancel_question}</span>
                    <button type="button" class="danger" data-testid="train-cancel-yes" on:click=move |_| {
                        asking.set(false);
                        training.cancel();
                    }>{w.cancel_yes}</button>
                    <button node_ref=keep type="button" class="quiet" data-testid="train-cancel-no" on:click=move |_| asking.set(false)>
                        {w.cancel_no}
                    </button>
                </span>
            </Show>
        </div>
    }
}
