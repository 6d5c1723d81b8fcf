//! The learning panel: what the learner is doing, in numbers, folded until asked for.

mod tuning;

use engine::messages::{ExpertWeight, Storage, Summary};
use leptos::html::Details;
use leptos::prelude::*;

use crate::state::State;
use crate::stats::Samples;
use crate::words::words;
use tuning::FineTuning;

/// The panel. Its summary line has two facts; the rest is drawn while it is open.
#[component]
pub fn Panel(
    /// The page's state.
    state: State,
) -> impl IntoView {
    let w = &words().panel;
    let details = NodeRef::<Details>::new();
    let open = RwSignal::new(false);
    let toggle = move |_| {
        if let Some(details) = details.get_untracked() {
            open.set(details.open());
        }
    };
    let sent = move || {
        let worker = state
            .summary
            .with(|s| s.as_ref().map_or(0, |s| s.bytes_sent));
        format!("{} B", worker.saturating_add(state.page_sent.get()))
    };
    view! {
        <details class="panel" node_ref=details on:toggle=toggle>
            <summary>
                <span class="panel-title">{w.title}</span>
                <span class="fact" title=w.backend.1>
                    <span>{w.backend.0} " "</span>
                    <b data-testid="backend">{move || state.ready.get().then(|| state.training.backend.get().name())}</b>
                </span>
                <span class="fact" title=w.sent.1>
                    <span>{w.sent.0} " "</span>
                    <b data-testid="bytes-sent">{sent}</b>
                </span>
            </summary>
            <Show when=move || open.get()>
                <Inside state/>
            </Show>
        </details>
    }
}

#[component]
fn Inside(state: State) -> impl IntoView {
    view! {
        <div class="panel-inside">
            <TimesTable state/>
            <Weights state/>
            <FineTuning state/>
            <Facts state/>
            <History state/>
            <About state/>
        </div>
    }
}

/// Median and 95th percentile of each stage.
#[component]
fn TimesTable(state: State) -> impl IntoView {
    let w = &words().panel;
    let cell = |samples: &Samples, q| {
        samples
            .quantile(q)
            .map_or_else(|| "–".to_owned(), |ms| format!("{ms:.2} ms"))
    };
    let lines = move || {
        state.times.with(|times| {
            [&times.learn, &times.rank, &times.paint]
                .into_iter()
                .zip(w.stages)
                .map(|(samples, (name, tip))| {
                    view! {
                        <tr title=tip>
                            <th scope="row">{name}</th>
                            <td>{cell(samples, 0.5)}</td>
                            <td>{cell(samples, 0.95)}</td>
                        </tr>
                    }
                })
                .collect_view()
        })
    };
    let count = move || match state.times.with(|times| times.rank.len()) {
        0 => w.no_samples.to_owned(),
        n => (w.samples)(n),
    };
    view! {
        <h3>{w.times}</h3>
        <table>
            <thead><tr>{w.time_columns.map(|name| view! { <th scope="col">{name}</th> })}</tr></thead>
            <tbody>{lines}</tbody>
        </table>
        <p class="note">{count}</p>
    }
}

/// Fusion weights as small bars, with a mark where each began.
#[component]
fn Weights(state: State) -> impl IntoView {
    let w = words();
    let bars = move || {
        let weights = state
            .summary
            .with(|s| s.as_ref().map(|s| s.weights.clone()).unwrap_or_default());
        let largest = weights
            .iter()
            .fold(1e-6_f32, |a, e| a.max(e.weight).max(e.initial));
        weights
            .into_iter()
            .map(|ExpertWeight { expert, weight, initial }| {
                let percent = |value: f32| format!("{:.1}%", (value / largest * 100.0).clamp(0.0, 100.0));
                view! {
                    <li class="part" title=(w.explanation.expert_tip)(&expert)>
                        <span class="part-name">{(w.explanation.expert)(&expert)}</span>
                        <span class="track from-start" aria-hidden="true">
                            <span class="bar for" style:inline-size=percent(weight)></span>
                            <span class="began" style:inset-inline-start=percent(initial)></span>
                        </span>
                        <span class="number">{(w.panel.weight)(weight, initial)}</span>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <h3 title=w.panel.weights.1>{w.panel.weights.0}</h3>
        <ul class="parts wide-number" role="list">{bars}</ul>
        <p class="note">{w.panel.weights.1}</p>
    }
}

/// Bytes in the unit that suits them.
pub fn size(bytes: u32) -> String {
    match f64::from(bytes) / 1000.0 {
        kilobytes if kilobytes < 1000.0 => format!("{kilobytes:.1} KB"),
        kilobytes => format!("{:.1} MB", kilobytes / 1000.0),
    }
}

/// Events, seen items, bytes.
#[component]
fn Facts(state: State) -> impl IntoView {
    let w = &words().panel;
    let number =
        |get: fn(&Summary) -> u32| move || state.summary.with(|s| s.as_ref().map_or(0, get));
    let (events, seen) = (number(|s| s.events), number(|s| s.seen));
    let (stored, memory) = (number(|s| s.stored_bytes), number(|s| s.memory_bytes));
    view! {
        <dl class="facts">
            <div title=w.events.1><dt>{w.events.0}</dt><dd data-testid="events">{events}</dd></div>
            <div title=w.seen.1><dt>{w.seen.0}</dt><dd data-testid="seen">{seen}</dd></div>
            <div title=w.stored.1><dt>{w.stored.0}</dt><dd data-testid="stored">{move || size(stored())}</dd></div>
            <div title=w.memory.1><dt>{w.memory.0}</dt><dd>{move || size(memory())}</dd></div>
        </dl>
    }
}

/// What was learnt from, newest first.
#[component]
fn History(state: State) -> impl IntoView {
    let w = words();
    let lines = move || {
        let history = state
            .summary
            .with(|s| s.as_ref().map(|s| s.history.clone()).unwrap_or_default());
        if history.is_empty() {
            return view! { <p class="note">{w.panel.no_history}</p> }.into_any();
        }
        let items = history
            .into_iter()
            .map(|h| view! { <li>{(w.explanation.did)(h.kind, &h.title)}</li> })
            .collect_view();
        view! { <ol class="history" role="list">{items}</ol> }.into_any()
    };
    view! {
        <h3>{w.panel.history}</h3>
        {lines}
    }
}

/// Where items, numbers and profile are from and kept.
#[component]
fn About(state: State) -> impl IntoView {
    let w = &words().panel;
    let about = move || {
        state.pack.get().map(|(pack, bytes)| {
            view! {
                <p>{pack.about}</p>
                <p>{(w.pack)(pack.items, pack.events, bytes)}</p>
                {pack.simulated.then(|| view! { <p><strong>{w.simulated}</strong></p> })}
                <p>{(w.licence)(&pack.licence)}</p>
            }
        })
    };
    let storage = move || {
        state.storage.get().map(|storage| match storage {
            Storage::Device => w.storage[0],
            Storage::OtherTab => w.storage[1],
            Storage::Memory { .. } => w.storage[2],
        })
    };
    view! {
        <h3>{w.about}</h3>
        <div class="about">
            {about}
            <p>{storage}</p>
        </div>
    }
}
