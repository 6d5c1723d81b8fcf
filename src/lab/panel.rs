//! The inside of the learning panel: what the learner is doing, in charts and numbers.

mod curve;
mod downloads;
mod experts;
mod map;
mod taste;
mod trial;
mod tuning;

use engine::messages::{Storage, Summary};
use leptos::prelude::*;

use crate::bridge::ToPage;
use crate::lab::Lab;
use crate::stats::Quantiles;
use crate::words::lab_words;
use curve::Curve;
use downloads::Downloads;
use experts::Experts;
use map::TasteMap;
use taste::Taste;
use trial::Trial;
use tuning::FineTuning;

/// The panel's tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// Learning curves.
    Curve,
    /// The taste map.
    Map,
    /// The profile's bars.
    Taste,
    /// A scripted visitor, and comparisons.
    Try,
    /// Experts, fine-tuning, times.
    Inside,
    /// What is stored and sent.
    Trust,
}

impl Tab {
    const ALL: [Self; 6] = [
        Self::Curve,
        Self::Map,
        Self::Taste,
        Self::Try,
        Self::Inside,
        Self::Trust,
    ];

    /// The tab of a link.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.id() == id)
    }

    fn id(self) -> &'static str {
        match self {
            Self::Curve => "curve",
            Self::Map => "map",
            Self::Taste => "taste",
            Self::Try => "try",
            Self::Inside => "inside",
            Self::Trust => "trust",
        }
    }
}

/// The inside. One tab is drawn at a time.
#[component]
pub fn Inside(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = &lab_words().panel;
    let tab = lab.tab;
    let choose = move |one: Tab| {
        tab.set(one);
        lab.tell(&ToPage::Tab(one.id().to_owned()));
    };
    // A link to the panel names the tab that it shows.
    choose(tab.get_untracked());
    // Arrow keys go from tab to tab, as the pattern for tabs has it.
    let keys = move |event: web_sys::KeyboardEvent| {
        let at = Tab::ALL.iter().position(|one| *one == tab.get_untracked());
        let count = Tab::ALL.len();
        let next = match (event.key().as_str(), at) {
            ("ArrowRight", Some(at)) => (at + 1) % count,
            ("ArrowLeft", Some(at)) => (at + count - 1) % count,
            ("Home", _) => 0,
            ("End", _) => count - 1,
            _ => return,
        };
        event.prevent_default();
        choose(Tab::ALL[next]);
        let id = format!("tab-{}", Tab::ALL[next].id());
        if let Some(button) = document().get_element_by_id(&id) {
            let _ = wasm_bindgen::JsCast::unchecked_ref::<web_sys::HtmlElement>(&button).focus();
        }
    };
    let tabs = Tab::ALL.iter().zip(w.tabs).map(|(&one, name)| {
        let chosen = move || tab.get() == one;
        view! {
            <button
                type="button" role="tab" class="tab" id=format!("tab-{}", one.id()) data-testid=format!("tab-{}", one.id())
                aria-selected=move || if chosen() { "true" } else { "false" }
                aria-controls="tab-inside"
                tabindex=move || if chosen() { "0" } else { "-1" }
                on:click=move |_| choose(one)
            >{name}</button>
        }
    });
    let inside = move || match tab.get() {
        Tab::Curve => view! { <Curve lab/> }.into_any(),
        Tab::Map => view! { <TasteMap lab/> }.into_any(),
        Tab::Taste => view! { <Taste lab/> }.into_any(),
        Tab::Try => view! { <Trial lab/> }.into_any(),
        Tab::Inside => view! {
            <Experts lab/>
            <FineTuning lab/>
            <TimesTable lab/>
        }
        .into_any(),
        Tab::Trust => view! {
            <Facts lab/>
            <About lab/>
            <Downloads lab/>
            <History lab/>
        }
        .into_any(),
    };
    view! {
        <div class="panel-inside">
            <div class="tabs" role="tablist" aria-label=w.tabs_label on:keydown=keys>{tabs.collect_view()}</div>
            <div id="tab-inside" class="tab-inside" role="tabpanel" aria-labelledby=move || format!("tab-{}", tab.get().id())>
                {inside}
            </div>
        </div>
    }
}

/// Until the analyst has an answer, or why it has none.
fn waiting(lab: Lab) -> impl IntoView {
    let sentence = move || match lab.analyst.failure.get() {
        None => lab_words().loading.to_owned(),
        Some(why) => (lab_words().no_analysis)(&why),
    };
    view! { <p class="loading" role="status">{sentence}</p> }
}

/// Median and 95th percentile of each stage.
#[component]
fn TimesTable(lab: Lab) -> impl IntoView {
    let w = &lab_words().panel;
    let cell = |milliseconds: Option<f64>| {
        milliseconds.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.2} ms"))
    };
    let lines = move || {
        let (times, _) = lab.times.get();
        let line = |(times, (name, tip)): (Quantiles, (&'static str, &'static str))| {
            view! {
                <tr title=tip>
                    <th scope="row">{name}</th>
                    <td>{cell(times.map(|times| times.0))}</td>
                    <td>{cell(times.map(|times| times.1))}</td>
                </tr>
            }
        };
        times.into_iter().zip(w.stages).map(line).collect_view()
    };
    let count = move || match lab.times.get().1 {
        0 => w.no_samples.to_owned(),
        n => (w.samples)(n as usize),
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

/// Bytes in the unit that suits them.
pub fn size(bytes: u32) -> String {
    match f64::from(bytes) / 1000.0 {
        kilobytes if kilobytes < 1000.0 => format!("{kilobytes:.1} KB"),
        kilobytes => format!("{:.1} MB", kilobytes / 1000.0),
    }
}

/// Events, seen items, bytes.
#[component]
fn Facts(lab: Lab) -> impl IntoView {
    let w = &lab_words().panel;
    let number = |get: fn(&Summary) -> u32| move || lab.summary.with(|s| s.as_ref().map_or(0, get));
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
fn History(lab: Lab) -> impl IntoView {
    let w = lab_words();
    let lines = move || {
        let history = lab
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
fn About(lab: Lab) -> impl IntoView {
    let w = &lab_words().panel;
    let about = move || {
        lab.pack.get().map(|(pack, bytes)| {
            view! {
                <p>{pack.about}</p>
                <p>{(w.pack)(pack.items, pack.events, bytes)}</p>
                {pack.simulated.then(|| view! { <p><strong>{w.simulated}</strong></p> })}
                {(!pack.licence.is_empty()).then(|| view! { <p>{(w.licence)(&pack.licence)}</p> })}
            }
        })
    };
    let storage = move || {
        lab.storage.get().map(|storage| match storage {
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
