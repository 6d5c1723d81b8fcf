//! Try it out: a scripted visitor whose clicks can be watched, and a comparison of two rankings.

use engine::messages::Rival;
use leptos::prelude::*;
use recommender::interleave::sign_test;
use web_sys::{HtmlInputElement, HtmlSelectElement};

use crate::bridge::ToPage;
use crate::lab::Lab;
use crate::lab::script::{SPEEDS, Taste};
use crate::words::lab_words;

/// Points below which a comparison says nothing, and the probability that counts as sure.
const FEWEST: u32 = 10;
const SURE: f64 = 0.05;

/// The rankings that the learner's can be compared with, in the order of the choices.
const RIVALS: [Option<Rival>; 4] = [
    None,
    Some(Rival::Popularity),
    Some(Rival::Settings {
        explore: 0.7,
        diversity: 0.2,
    }),
    Some(Rival::Settings {
        explore: 0.0,
        diversity: 0.8,
    }),
];

/// Script and comparison.
#[component]
pub fn Trial(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    // The tastes to choose from come from the analyst.
    lab.analyst.show();
    view! {
        <Script lab/>
        <Comparison lab/>
    }
}

#[component]
fn Script(lab: Lab) -> impl IntoView {
    let w = &lab_words().trial;
    let script = lab.script;
    let choose = move |which: usize, label: &'static str| {
        let options = move || {
            let tastes = lab.tastes();
            let chosen = script.tastes.get()[which].clone();
            // Without a choice the script takes the first and the second.
            let options = tastes.into_iter().enumerate().map(|(at, taste)| {
                let selected = chosen
                    .as_ref()
                    .map_or(at == which, |chosen| *chosen == taste);
                let value = taste.key();
                view! { <option value=value selected=selected>{taste.value}</option> }
            });
            options.collect_view()
        };
        let change = move |event: web_sys::Event| {
            let select: HtmlSelectElement = event_target(&event);
            script.choose(which, Taste::from_key(&select.value()));
        };
        view! {
            <label class="field"><span>{label}</span>
                <select data-testid=format!("taste-{which}") on:change=change>{options}</select>
            </label>
        }
    };
    let speed = move |event: web_sys::Event| {
        let input: HtmlInputElement = event_target(&event);
        script.set_speed(lab, input.value_as_number() as usize);
    };
    let run = move |_| {
        if script.runs.get_untracked() {
            script.stop();
        } else {
            script.start(lab);
        }
    };
    let none = move || lab.tastes().is_empty();
    let standing = move || {
        let (clicks, found) = script.counts.get();
        (w.standing)(clicks, found, script.runs.get())
    };
    view! {
        <h3>{w.script.0}</h3>
        <p class="note">{w.script.1}</p>
        <div class="script">
            {choose(0, w.likes)}
            {choose(1, w.then)}
            <label class="field"><span>{w.speed}</span>
                <input
                    type="range" min="0" max=SPEEDS.len() - 1 step="1" data-testid="script-speed"
                    prop:value=move || script.speed.get().to_string()
                    aria-valuetext=move || (w.per_second)(SPEEDS[script.speed.get()])
                    on:change=speed
                />
                <span class="number">{move || (w.per_second)(SPEEDS[script.speed.get()])}</span>
            </label>
            <div class="actions">
                <button type="button" class="primary" data-testid="script-run" disabled=none on:click=run>
                    {move || if script.runs.get() { w.stop } else { w.start }}
                </button>
                <button
                    type="button" class="quiet" data-testid="script-flip"
                    disabled=move || !script.runs.get()
                    on:click=move |_| script.flip()
                >{w.flip}</button>
            </div>
        </div>
        <p class="standing" role="status" data-testid="script-standing">{standing}</p>
    }
}

#[component]
fn Comparison(lab: Lab) -> impl IntoView {
    let w = &lab_words().trial;
    let choices = RIVALS.into_iter().zip(w.rivals).enumerate();
    let choices = choices.map(|(at, (rival, name))| {
        let change = move |_| {
            lab.score.set((0, 0));
            lab.tell(&ToPage::Compare(rival));
        };
        view! {
            <label class="choice">
                <input
                    type="radio" name="rival" data-testid=format!("rival-{at}")
                    prop:checked=move || lab.rival.get() == rival on:change=change
                />
                <span>{name}</span>
            </label>
        }
    });
    let result = move || {
        let (own, rival) = lab.score.get();
        lab.rival.get()?;
        let sure = own + rival >= FEWEST && sign_test(own, rival) < SURE;
        Some((w.result)(own, rival, sign_test(own, rival), sure))
    };
    view! {
        <h3>{w.compare.0}</h3>
        <p class="note">{w.compare.1}</p>
        <fieldset class="rivals"><legend class="hidden-text">{w.compare.0}</legend>{choices.collect_view()}</fieldset>
        <p class="standing" role="status" data-testid="comparison">{result}</p>
    }
}
