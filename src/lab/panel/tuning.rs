//! The panel's part on fine-tuning: what the adapter did, in a sentence and in numbers, and why it
//! is trained where it is.

use engine::training::{Adapted, Backend};
use leptos::prelude::*;

use super::size;
use crate::lab::Lab;
use crate::lab::training::Tuning;
use crate::training::choice::{Choice, Why};
use crate::words::lab_words;
use crate::words::training::Named;

/// State, numbers, and the choice of build.
#[component]
pub fn FineTuning(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = &lab_words().tuning;
    let training = lab.training;
    let trains = move || {
        !matches!(
            training.tuning.get(),
            Tuning::Unknown | Tuning::NoEncoder | Tuning::NotBuilt
        )
    };
    view! {
        <h3 title=w.title.1>{w.title.0}</h3>
        <p class="standing" data-testid="adapter-state">{move || sentence(lab)}</p>
        <Ask lab/>
        {move || training.adapted.get().map(|adapted| view! { <Numbers lab adapted/> })}
        <Show when=trains>
            <Builds lab/>
        </Show>
        <p class="note">{w.title.1}</p>
    }
}

/// How fine-tuning stands, in one sentence or two.
fn sentence(lab: Lab) -> String {
    let w = &lab_words().tuning;
    let training = lab.training;
    let used = lab
        .summary
        .with(|summary| summary.as_ref().map_or(0, |s| s.adapted_choices));
    let weight = || size(training.weight(training.choice.get().adapt).unwrap_or(0));
    let told = match training.tuning.get() {
        Tuning::Unknown => String::new(),
        Tuning::NoEncoder => return w.no_encoder.to_owned(),
        Tuning::NotBuilt => return w.not_built.to_owned(),
        Tuning::GaveUp(why) => (w.gave_up)(&why),
        Tuning::Failed(why) => (w.failed)(&why),
        Tuning::SavesData => (w.saves_data)(&weight()),
        Tuning::LittleMemory => (w.little_memory)(&weight()),
        Tuning::Waits => w.waits.to_owned(),
        Tuning::Loading => (w.loading)(&weight()),
        Tuning::Ready => match training.adapted.get() {
            Some(last) if last.accepted && used > 0 => {
                return (w.tuned)(last.choices, last.loss_before, last.loss_after);
            }
            Some(last) if !last.accepted && last.steps > 0 => {
                (w.rejected)(last.choices, &last.reason)
            }
            Some(last) if !last.accepted => (w.failed)(&last.reason),
            _ if used > 0 => return (w.earlier)(used),
            _ => w.ready.to_owned(),
        },
    };
    if used == 0 {
        return told;
    }
    // What an earlier attempt gave is still in the list.
    format!("{told} {}", (w.stays)(used))
        .trim_start()
        .to_owned()
}

/// The button that the state asks for, if it asks for one.
#[component]
fn Ask(lab: Lab) -> impl IntoView {
    let w = &lab_words().tuning;
    let training = lab.training;
    move || {
        match training.tuning.get() {
        Tuning::SavesData | Tuning::LittleMemory => Some(view! {
            <button type="button" class="quiet" data-testid="adapt-here" on:click=move |_| training.adapt_here()>
                {w.adapt_here}
            </button>
        }.into_any()),
        Tuning::GaveUp(_) | Tuning::Failed(_) => Some(view! {
            <button type="button" class="quiet" data-testid="train-again" on:click=move |_| training.try_again()>
                {w.again}
            </button>
        }.into_any()),
        _ => None,
    }
    }
}

/// The last attempt's numbers, each with its baseline.
#[component]
fn Numbers(lab: Lab, adapted: Adapted) -> impl IntoView {
    let w = &lab_words().tuning;
    let on_gpu = lab.training.backend.get_untracked() == Backend::Webgpu;
    let ranker = lab
        .summary
        .with_untracked(|s| s.as_ref().map_or(0, |s| s.memory_bytes));
    // Before anything was held back there is no loss to show.
    let loss = adapted.loss_after.is_finite() && adapted.loss_after > 0.0;
    view! {
        <dl class="facts">
            {loss.then(|| view! {
                <Fact name=w.loss id="held-back-loss" value=(w.nats)(adapted.loss_after) beside=(w.before)(adapted.loss_before)/>
            })}
            <Fact name=w.time id="trainer-time" value=format!("{:.1} ms", adapted.milliseconds) beside=(w.steps)(adapted.steps)/>
            <Fact name=w.dispatches id="dispatches" value=adapted.dispatches.to_string() beside=w.dispatched_on[usize::from(on_gpu)].to_owned()/>
            <Fact name=w.memory id="trainer-memory" value=size(adapted.memory_bytes) beside=(w.beside_ranker)(&size(ranker))/>
        </dl>
    }
}

/// A number with its name, its unit and what to compare it with.
#[component]
pub fn Fact(
    /// Name and tooltip.
    name: Named,
    /// For the tests.
    id: &'static str,
    /// The number with its unit.
    value: String,
    /// What to compare it with; empty for nothing.
    beside: String,
) -> impl IntoView {
    view! {
        <div title=name.1>
            <dt>{name.0}</dt>
            <dd><span data-testid=id>{value}</span> <small>{beside}</small></dd>
        </div>
    }
}

/// Times of both builds, the faster one marked, and the reason in a sentence.
#[component]
fn Builds(lab: Lab) -> impl IntoView {
    let w = &lab_words().tuning.build;
    let training = lab.training;
    let reason = move || {
        if training.timing.get() {
            return w.timing.to_owned();
        }
        match training.choice.get().why {
            Why::First => w.first.to_owned(),
            Why::Forced => w.forced.to_owned(),
            Why::None(reason) => (w.none)(&reason),
            Why::Software(name) => (w.software)(&name),
            Why::Measured { measured, earlier } => (w.measured)(&measured.adapter, earlier),
            Why::Failed(message) => (w.failed)(&message),
        }
    };
    let table = move || match training.choice.get() {
        Choice {
            adapt,
            pretrain,
            why: Why::Measured { measured, .. },
        } => {
            let (cpu, webgpu) = (measured.cpu, measured.webgpu);
            let rows = [
                (w.rows[0], cpu.adapt, webgpu.adapt, adapt),
                (w.rows[1], cpu.pretrain, webgpu.pretrain, pretrain),
            ];
            let lines = rows.map(|(name, cpu, webgpu, chosen)| {
                view! {
                    <tr title=name.1>
                        <th scope="row">{name.0}</th>
                        <StepTime milliseconds=cpu chosen=chosen == Backend::Cpu/>
                        <StepTime milliseconds=webgpu chosen=chosen == Backend::Webgpu/>
                    </tr>
                }
            });
            Some(view! {
                <table data-testid="build-times">
                    <thead><tr>{w.columns.map(|name| view! { <th scope="col">{name}</th> })}</tr></thead>
                    <tbody>{lines}</tbody>
                </table>
            })
        }
        _ => None,
    };
    view! {
        <h3 title=w.title.1>{w.title.0}</h3>
        {table}
        <p class="standing" data-testid="backend-reason">{reason}</p>
    }
}

#[component]
fn StepTime(milliseconds: f32, chosen: bool) -> impl IntoView {
    let w = &lab_words().tuning.build;
    let class = if chosen { "chosen" } else { "" };
    view! {
        <td class=class>
            {format!("{milliseconds:.1} ms")}
            {chosen.then(|| view! { <span class="hidden-text">", "{w.chosen}</span> })}
        </td>
    }
}
