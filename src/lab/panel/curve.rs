//! See it learn: hit rate and NDCG of the visitor's own choices, each ranked before it was revealed,
//! beside popularity and chance.

use engine::analysis::{Analysis, ChoicePoint};
use leptos::prelude::*;

use crate::files;
use crate::lab::Lab;
use crate::lab::plot::{Chart, Line, Plot};
use crate::training::scale::Axis;
use crate::words::lab_words;

/// Choices in the moving mean.
const WINDOW: usize = 20;

/// Places that count as found.
const CUT: f32 = 10.0;

/// One of the two measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    /// Was it among the first ten?
    Hit,
    /// How far up among them.
    Ndcg,
}

impl Measure {
    fn of(self, place: f32) -> f32 {
        match self {
            _ if place > CUT => 0.0,
            Self::Hit => 1.0,
            Self::Ndcg => 1.0 / (place + 1.0).log2(),
        }
    }

    /// What a random order would get from so many items.
    fn chance(self, items: u32) -> f32 {
        let first = (1..=CUT as u32).map(|place| self.of(place as f32));
        first.sum::<f32>() / items.max(1) as f32
    }
}

/// Means over the last [`WINDOW`] choices, one per choice.
fn windowed(choices: &[ChoicePoint], value: impl Fn(&ChoicePoint) -> f32) -> Vec<(f32, f32)> {
    let mut means = Vec::with_capacity(choices.len());
    for end in 1..=choices.len() {
        let window = &choices[end.saturating_sub(WINDOW)..end];
        let sum: f32 = window.iter().map(&value).sum();
        means.push((choices[end - 1].event as f32, sum / window.len() as f32));
    }
    means
}

fn plot(analysis: &Analysis, measure: Measure) -> (Plot, f32, f32, f32) {
    let choices = &analysis.choices;
    let own = windowed(choices, |choice| measure.of(choice.place));
    let popular = windowed(choices, |choice| measure.of(choice.popularity_place));
    let chance = measure.chance(analysis.items);
    let last = |line: &[(f32, f32)]| line.last().map_or(0.0, |(_, value)| *value);
    let (now, popularity) = (last(&own), last(&popular));
    let all = own.iter().chain(&popular).map(|(_, value)| *value);
    let raw = choices
        .iter()
        .map(|choice| (choice.event as f32, measure.of(choice.place)));
    let plot = Plot {
        range: (1.0, analysis.events.max(2) as f32),
        axis: Axis::around(all.chain([1.0]), true),
        dots: raw.collect(),
        lines: vec![
            Line {
                class: "other",
                points: popular,
            },
            Line {
                class: "own",
                points: own,
            },
        ],
        level: Some(chance),
        marks: analysis.drifts.iter().map(|event| *event as f32).collect(),
        unit: lab_words().curve.events,
        text: (lab_words().curve.text)(choices.len(), now, popularity, chance),
    };
    (plot, now, popularity, chance)
}

/// The two charts.
#[component]
pub fn Curve(
    /// The lab.
    lab: Lab,
) -> impl IntoView {
    let w = &lab_words().curve;
    lab.analyst.show();
    let charts = move || {
        let Some(analysis) = lab.analyst.analysis.get() else {
            return super::waiting(lab).into_any();
        };
        if analysis.choices.is_empty() {
            return view! { <p class="note">{w.nothing}</p> }.into_any();
        }
        let chart = |measure, name: (&'static str, &'static str), id| {
            let (plot, now, popularity, chance) = plot(&analysis, measure);
            view! {
                <figure class="chart" title=name.1>
                    <figcaption>
                        <span class="chart-name">{name.0}</span>
                        <b data-testid=id>{format!("{now:.2}")}</b>
                        <small>{(w.beside)(popularity, chance)}</small>
                    </figcaption>
                    <Chart plot/>
                </figure>
            }
        };
        let drifts = (!analysis.drifts.is_empty()).then(|| {
            view! { <p class="standing" data-testid="drift">{(w.drift)(&analysis.drifts)}</p> }
        });
        view! {
            <div class="curve">
                {chart(Measure::Hit, w.hit, "hit-rate")}
                {chart(Measure::Ndcg, w.ndcg, "ndcg")}
            </div>
            <ul class="keys" role="list">
                <li class="key own">{(w.own_key)(WINDOW)}</li>
                <li class="key other">{w.popular_key}</li>
                <li class="key level">{w.chance_key}</li>
                <li class="key dots">{w.raw_key}</li>
            </ul>
            {drifts}
        }
        .into_any()
    };
    let save = move |_| {
        let csv = lab
            .analyst
            .analysis
            .with_untracked(|analysis| analysis.as_ref().map(csv));
        if let Some(csv) = csv
            && files::save(csv.as_bytes(), "honeyguide-curve.csv").is_err()
        {
            lab.notices.say("file", lab_words().not_saved);
        }
    };
    let empty = move || {
        lab.analyst
            .analysis
            .with(|analysis| analysis.as_ref().is_none_or(|a| a.choices.is_empty()))
    };
    view! {
        {charts}
        <p class="note">{w.note}</p>
        <button type="button" class="quiet" data-testid="curve-csv" disabled=empty on:click=save>{w.csv}</button>
    }
}

/// The curve as a table, one line per choice.
fn csv(analysis: &Analysis) -> String {
    let mut text = String::from(
        "event,place,popularity_place,hit_at_10,popularity_hit_at_10,ndcg_at_10,popularity_ndcg_at_10,items\n",
    );
    for choice in &analysis.choices {
        let values = [Measure::Hit, Measure::Ndcg].map(|measure| {
            format!(
                "{:.4},{:.4}",
                measure.of(choice.place),
                measure.of(choice.popularity_place)
            )
        });
        text.push_str(&format!(
            "{},{},{},{},{}\n",
            choice.event,
            choice.place,
            choice.popularity_place,
            values.join(","),
            analysis.items
        ));
    }
    text
}
