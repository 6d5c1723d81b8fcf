//! Behind "why": signed bars, then the numbers.

use engine::messages::{Explained, HistoryPart, Op};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::lab::Lab;
use crate::lab::attention::AttentionMap;
use crate::words::lab_words;

/// The explanation of one item. It is asked for again when the learner has changed, but like the
/// list it is part of, it does not change under pointer or focus.
#[component]
pub fn Explanation(
    /// The lab.
    lab: Lab,
    /// Id of the item.
    item: String,
) -> impl IntoView {
    let explained = RwSignal::new(None::<Explained>);
    let version = Memo::new(move |before: Option<&u32>| match before {
        Some(before) if lab.held.get() => *before,
        _ => lab.version.get(),
    });
    Effect::new(move || {
        version.track();
        let item = item.clone();
        spawn_local(async move {
            let answer = lab.explain(item).await;
            // The explanation may have been closed meanwhile.
            let _ = explained.try_set(answer);
        });
    });
    move || match explained.get() {
        None => view! { <p class="loading">{lab_words().loading}</p> }.into_any(),
        Some(explained) => view! { <Parts lab explained/> }.into_any(),
    }
}

#[component]
fn Parts(lab: Lab, explained: Explained) -> impl IntoView {
    let w = &lab_words().explanation;
    let Explained {
        score,
        rank,
        experts,
        wishes,
        history,
        tags,
        uncertainty,
        ..
    } = explained;
    let largest =
        |parts: &mut dyn Iterator<Item = f32>| parts.fold(1e-6_f32, |a, b| a.max(b.abs()));
    // Experts and history are shares of the same score, so they have one scale; tags have theirs.
    let scale = largest(
        &mut experts
            .iter()
            .map(|e| e.contribution)
            .chain(history.iter().map(|h| h.contribution)),
    );
    let tag_scale = largest(&mut tags.iter().map(|tag| tag.contribution));
    let expert_bars = experts
        .iter()
        .map(|part| {
            view! { <li class="part" title=(w.expert_tip)(&part.expert)><Bar label=(w.expert)(&part.expert) value=part.contribution scale/></li> }
        })
        .collect_view();
    let history_bars = history
        .iter()
        .map(|part| {
            view! { <li class="part with-button"><HistoryBar lab part=part.clone() scale/></li> }
        })
        .collect_view();
    let tag_bars = tags
        .iter()
        .take(8)
        .map(|tag| {
            view! { <li class="part"><Bar label=tag.value.clone() value=tag.contribution scale=tag_scale/></li> }
        })
        .collect_view();
    let wish_bars = wishes
        .iter()
        .map(|wish| {
            view! { <li class="part"><Bar label=wish.value.clone() value=wish.contribution scale/></li> }
        })
        .collect_view();
    let lines = experts
        .iter()
        .map(|part| {
            view! {
                <tr>
                    <th scope="row" title=(w.expert_tip)(&part.expert)>{(w.expert)(&part.expert)}</th>
                    <td>{signed(part.raw)}</td>
                    <td>{format!("{:.3}", part.weight)}</td>
                    <td>{signed(part.contribution)}</td>
                </tr>
            }
        })
        .collect_view();
    // The analyst is asked only by who looks at the numbers.
    let numbers = RwSignal::new(false);
    let details = NodeRef::<leptos::html::Details>::new();
    let toggle = move |_| {
        if let Some(details) = details.get_untracked() {
            numbers.set(details.open());
        }
    };
    view! {
        <p class="legend">{w.legend}</p>
        <h3>{w.experts}</h3>
        <ul class="parts" role="list">{expert_bars}</ul>
        {(!wishes.is_empty()).then(|| view! {
            <h3>{w.wishes}</h3>
            <ul class="parts" role="list">{wish_bars}</ul>
        })}
        <h3>{w.history}</h3>
        {if history.is_empty() {
            view! { <p>{w.no_history}</p> }.into_any()
        } else {
            view! { <ul class="parts" role="list">{history_bars}</ul> }.into_any()
        }}
        {(!tags.is_empty()).then(|| view! {
            <h3>{w.tags}</h3>
            <ul class="parts" role="list">{tag_bars}</ul>
        })}
        <details class="numbers" node_ref=details on:toggle=toggle>
            <summary>{w.numbers}</summary>
            <table>
                <thead><tr>{w.columns.map(|name| view! { <th scope="col">{name}</th> })}</tr></thead>
                <tbody>{lines}</tbody>
                <tfoot><tr><th scope="row" colspan="3">{w.score}</th><td>{signed(score)}</td></tr></tfoot>
            </table>
            <p>{(w.standing)(rank, uncertainty)}</p>
            <Show when=move || numbers.get()><AttentionMap lab/></Show>
        </details>
    }
}

/// A history item with its removal. What was removed stays on screen, crossed out, until the
/// explanation is drawn anew.
#[component]
fn HistoryBar(lab: Lab, part: HistoryPart, scale: f32) -> impl IntoView {
    let w = &lab_words().explanation;
    let removed = RwSignal::new(false);
    let label = (w.did)(part.kind, &part.title);
    let item = part.item;
    let remove = move |event: web_sys::MouseEvent| {
        removed.set(true);
        lab.change(Op::Remove { item: item.clone() }, Some(event.time_stamp()));
    };
    view! {
        <span class="bar-parts" class:removed=removed>
            <Bar label value=part.contribution scale/>
        </span>
        <button
            type="button" class="quiet" data-testid="remove" disabled=move || removed.get()
            aria-label=(w.remove_title)(&part.title) on:click=remove
        >{w.remove}</button>
    }
}

/// A bar from the middle: to the end for, to the start against.
#[component]
pub fn Bar(
    /// What it is about.
    label: String,
    /// Signed value.
    value: f32,
    /// Value of a bar of full length, positive.
    scale: f32,
    /// Decimals of the number.
    #[prop(default = 3)]
    decimals: usize,
) -> impl IntoView {
    let class = if value < 0.0 {
        "bar against"
    } else {
        "bar for"
    };
    let length = format!("{:.1}%", (value.abs() / scale * 50.0).min(50.0));
    view! {
        // The spaces are for those who read or copy the text; the grid does not show them.
        <span class="part-name">{label}</span>
        " "
        <span class="track" aria-hidden="true"><span class=class style:inline-size=length></span></span>
        <span class="number">{rounded(value, decimals)}</span>
    }
}

/// Three decimals with a sign.
fn signed(value: f32) -> String {
    rounded(value, 3)
}

/// So many decimals with a sign; none for what rounds to zero.
fn rounded(value: f32, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    if digits.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
        digits
    } else if value < 0.0 {
        format!("−{digits}")
    } else {
        format!("+{digits}")
    }
}
