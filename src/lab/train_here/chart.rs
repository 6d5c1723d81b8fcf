//! Two small line charts: training loss, and validation NDCG with popularity as its baseline.

use engine::training::TrainingView;
use leptos::prelude::*;

use crate::training::scale::Axis;
use crate::words::lab_words;
use crate::words::training::Named;

type View = RwSignal<Option<TrainingView>>;

/// The drawing's size and the plot's edges, in its own units.
const WIDTH: f32 = 320.0;
const HEIGHT: f32 = 150.0;
const LEFT: f32 = 34.0;
const RIGHT: f32 = 310.0;
const TOP: f32 = 10.0;
const BOTTOM: f32 = 122.0;

/// What is drawn: points as (epoch, value).
#[derive(Clone, Debug, PartialEq)]
struct Plot {
    epochs: f32,
    points: Vec<(f32, f32)>,
    /// The dashed line.
    baseline: Option<f32>,
    axis: Axis,
}

impl Plot {
    fn x(&self, epoch: f32) -> f32 {
        LEFT + (RIGHT - LEFT) * (epoch / self.epochs.max(1.0)).clamp(0.0, 1.0)
    }

    fn y(&self, value: f32) -> f32 {
        BOTTOM - (BOTTOM - TOP) * self.axis.place(value)
    }

    fn line(&self) -> String {
        let points = self.points.iter();
        points
            .map(|(epoch, value)| format!("{:.1},{:.1} ", self.x(*epoch), self.y(*value)))
            .collect()
    }

    fn last(&self) -> Option<(f32, f32)> {
        self.points.last().map(|(e, v)| (self.x(*e), self.y(*v)))
    }
}

/// Loss of each epoch; the rightmost point belongs to the running one and moves.
#[component]
pub fn LossChart(
    /// The training's numbers.
    view: View,
) -> impl IntoView {
    let w = &lab_words().train;
    let plot = Memo::new(move |_| {
        view.with(|view| {
            let empty = Vec::new();
            let losses = view.as_ref().map_or(&empty, |v| &v.losses);
            let running = view.as_ref().map_or(0.0, |v| {
                v.step as f32 / v.steps.max(1) as f32 * v.epochs as f32
            });
            let done = view.as_ref().map_or(0, |v| v.epoch as usize);
            let at = |n: usize| {
                if n < done {
                    n as f32 + 1.0
                } else {
                    running.max(n as f32)
                }
            };
            let points = losses.iter().enumerate();
            Plot {
                epochs: view.as_ref().map_or(1.0, |v| v.epochs as f32),
                points: points.map(|(n, loss)| (at(n), *loss)).collect(),
                baseline: None,
                axis: Axis::around(losses.iter().copied(), false),
            }
        })
    });
    let ends = move || plot.with(|plot| Some((plot.points.first()?.1, plot.points.last()?.1)));
    let now = move || ends().map_or_else(|| "–".to_owned(), |(_, last)| format!("{last:.2} nats"));
    view! {
        <Chart plot name=w.loss id="train-loss" value=now beside=move || String::new() text=move || (w.loss_text)(ends())/>
    }
}

/// NDCG after each epoch, over the dashed line of popularity.
#[component]
pub fn NdcgChart(
    /// The training's numbers.
    view: View,
) -> impl IntoView {
    let w = &lab_words().train;
    let plot = Memo::new(move |_| {
        view.with(|view| {
            let empty = Vec::new();
            let ndcg = view.as_ref().map_or(&empty, |v| &v.ndcg);
            // Known, and of use, from the first validation on.
            let baseline = view
                .as_ref()
                .filter(|v| !v.ndcg.is_empty())
                .map(|v| v.popularity_ndcg);
            Plot {
                epochs: view.as_ref().map_or(1.0, |v| v.epochs as f32),
                points: (1..).map(|n| n as f32).zip(ndcg.iter().copied()).collect(),
                baseline,
                axis: Axis::around(ndcg.iter().copied().chain(baseline), true),
            }
        })
    });
    let values = move || {
        plot.with(|plot| {
            let best = plot.points.iter().map(|(_, v)| *v).fold(f32::NAN, f32::max);
            plot.points.last().map(|(_, last)| (*last, best))
        })
    };
    let popularity = move || plot.with(|plot| plot.baseline.unwrap_or(0.0));
    let now = move || values().map_or_else(|| "–".to_owned(), |(last, _)| format!("{last:.3}"));
    let beside = move || match plot.with(|plot| plot.baseline) {
        Some(popularity) => format!("{} {popularity:.3}", w.popularity),
        None => String::new(),
    };
    view! {
        <Chart plot name=w.ndcg id="train-validation" value=now beside text=move || (w.ndcg_text)(values(), popularity())/>
    }
}

#[component]
fn Chart(
    plot: Memo<Plot>,
    name: Named,
    id: &'static str,
    /// The newest value.
    value: impl Fn() -> String + Send + 'static,
    /// Its baseline.
    beside: impl Fn() -> String + Send + 'static,
    /// The chart in a sentence.
    text: impl Fn() -> String + Send + Sync + 'static,
) -> impl IntoView {
    let axis = Memo::new(move |_| plot.with(|plot| plot.axis.clone()));
    let ticks = move || {
        let axis = axis.get();
        let decimals = axis.decimals();
        let line = |tick: &f32| {
            let y = BOTTOM - (BOTTOM - TOP) * axis.place(*tick);
            view! {
                <line class="grid" x1=LEFT x2=RIGHT y1=y y2=y></line>
                <text class="tick" x=LEFT - 5.0 y=y + 3.5 text-anchor="end">{format!("{tick:.decimals$}")}</text>
            }
        };
        axis.ticks.iter().map(line).collect_view()
    };
    let baseline = move || {
        plot.with(|plot| plot.baseline.map(|value| plot.y(value)))
            .map(|y| view! { <line class="baseline-line" x1=LEFT x2=RIGHT y1=y y2=y></line> })
    };
    let dot = move || {
        plot.with(Plot::last)
            .map(|(x, y)| view! { <circle class="dot" cx=x cy=y r="3.5"></circle> })
    };
    let epochs = move || plot.with(|plot| plot.epochs.to_string());
    view! {
        <figure class="chart" title=name.1>
            <figcaption>
                <span class="chart-name">{name.0}</span>
                <b data-testid=id>{value}</b>
                <small>{beside}</small>
            </figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=text>
                {ticks}
                {baseline}
                <polyline class="line" points=move || plot.with(Plot::line)></polyline>
                {dot}
                <text class="tick" x=LEFT y=BOTTOM + 18.0>"0"</text>
                <text class="tick" x=(LEFT + RIGHT) / 2.0 y=BOTTOM + 18.0 text-anchor="middle">{lab_words().train.epoch}</text>
                <text class="tick" x=RIGHT y=BOTTOM + 18.0 text-anchor="end">{epochs}</text>
            </svg>
        </figure>
    }
}
