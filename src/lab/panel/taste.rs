//! The visitor's profile as bars, one per tag, and what can be said about each.

use engine::analysis::{FacetLeanings, LeaningView};
use engine::messages::{Op, Wish};
use leptos::prelude::*;

use crate::lab::Lab;
use crate::lab::explanation::Bar;
use crate::words::lab_words;

/// Bars of a facet that are shown at first.
const FEW: usize = 6;

/// Bars of every facet that says something.
#[component]
pub fn Taste(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = &lab_words().taste;
    lab.analyst.show();
    let bars = move || {
        let Some(analysis) = lab.analyst.analysis.get() else {
            return super::waiting(lab).into_any();
        };
        if analysis.leanings.is_empty() {
            return view! { <p class="note">{w.nothing}</p> }.into_any();
        }
        let lifts = analysis.leanings.iter().flat_map(|of| &of.leanings);
        let scale = lifts.fold(1e-6_f32, |most, bar| most.max(bar.lift.abs()));
        let facets = analysis.leanings.into_iter();
        facets
            .map(|of| view! { <Facet lab of scale/> })
            .collect_view()
            .into_any()
    };
    view! {
        <p class="note">{w.note}</p>
        <div class="leanings" data-testid="leanings">{bars}</div>
    }
}

#[component]
fn Facet(lab: Lab, of: FacetLeanings, scale: f32) -> impl IntoView {
    let w = &lab_words().taste;
    let facet = StoredValue::new(of.facet.clone());
    let (first, rest): (Vec<_>, Vec<_>) = of
        .leanings
        .into_iter()
        .enumerate()
        .partition(|(at, bar)| *at < FEW || bar.steps != 0 || bar.never);
    let line = move |(_, bar): (usize, LeaningView)| {
        view! { <Leaning lab facet=facet.get_value() bar scale/> }
    };
    let more = (!rest.is_empty()).then(|| {
        view! {
            <details class="more-bars">
                <summary>{(w.more_bars)(rest.len())}</summary>
                <ul class="parts" role="list">{rest.into_iter().map(line).collect_view()}</ul>
            </details>
        }
    });
    view! {
        <h3>{(w.facet)(&of.facet)}</h3>
        <ul class="parts" role="list">{first.into_iter().map(line).collect_view()}</ul>
        {more}
    }
}

#[component]
fn Leaning(lab: Lab, facet: String, bar: LeaningView, scale: f32) -> impl IntoView {
    let w = &lab_words().taste;
    let LeaningView {
        value,
        lift,
        items,
        chosen,
        steps,
        never,
    } = bar;
    let tag = StoredValue::new((facet, value.clone()));
    let say = move |wish: Wish, event: &web_sys::MouseEvent| {
        let (facet, value) = tag.get_value();
        let op = Op::Wish {
            // 53 random bits: every one of them fits the number that carries it.
            id: (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64,
            at: js_sys::Date::now(),
            facet,
            value,
            wish,
        };
        lab.change(op, Some(event.time_stamp()));
    };
    let button = |wish: Wish, id: &'static str, sign: &'static str, label: String, off: bool| {
        view! {
            <button
                type="button" class="quiet wish" data-testid=id aria-label=label.clone() title=label disabled=off
                on:click=move |event| say(wish, &event)
            >{sign}</button>
        }
    };
    let wished = if never {
        w.never.to_owned()
    } else {
        (w.steps)(steps)
    };
    let settled = steps != 0 || never;
    let last = if settled {
        button(Wish::Clear, "wish-clear", "↺", (w.clear)(&value), false)
    } else {
        button(
            Wish::Forget,
            "wish-forget",
            "✕",
            (w.forget)(&value, chosen),
            chosen == 0,
        )
    };
    view! {
        <li class="part leaning" class:never=never title=(w.counts)(items, chosen)>
            <Bar label=value.clone() value=lift scale decimals=2/>
            <span class="wishes">
                {button(Wish::More, "wish-more", "+", (w.more)(&value), steps >= 3)}
                {button(Wish::Less, "wish-less", "−", (w.less)(&value), steps <= -3)}
                {button(Wish::Never, "wish-never", "⊘", (w.no_more)(&value), never)}
                {last}
            </span>
            <span class="wished">{wished}</span>
        </li>
    }
}
