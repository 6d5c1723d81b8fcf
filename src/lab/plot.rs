//! A small line chart in SVG. A chart library for Leptos weighs more than the whole lab; what is needed
//! is lines, a baseline and marks.

use leptos::prelude::*;

use crate::training::scale::Axis;

/// The drawing's size and the plot's edges, in its own units.
const WIDTH: f32 = 320.0;
const HEIGHT: f32 = 150.0;
const LEFT: f32 = 34.0;
const RIGHT: f32 = 310.0;
const TOP: f32 = 10.0;
const BOTTOM: f32 = 122.0;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its class in the style sheet: `own`, `own raw`, `other`.
    pub class: &'static str,
    /// Points, by ascending x.
    pub points: Vec<(f32, f32)>,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// Value at the left and at the right edge.
    pub range: (f32, f32),
    /// The vertical axis.
    pub axis: Axis,
    /// The lines, the last on top.
    pub lines: Vec<Line>,
    /// Single points, faint.
    pub dots: Vec<(f32, f32)>,
    /// A dashed level.
    pub level: Option<f32>,
    /// Marked values of x.
    pub marks: Vec<f32>,
    /// What x counts.
    pub unit: &'static str,
    /// The whole chart in words.
    pub text: String,
}

impl Plot {
    fn x(&self, x: f32) -> f32 {
        let (first, last) = self.range;
        LEFT + (RIGHT - LEFT) * ((x - first) / (last - first).max(1.0)).clamp(0.0, 1.0)
    }

    fn y(&self, y: f32) -> f32 {
        BOTTOM - (BOTTOM - TOP) * self.axis.place(y)
    }

    /// The dots as one path, since thousands of elements would be slow.
    fn scatter(&self) -> String {
        let dots = self.dots.iter();
        dots.map(|(x, y)| format!("M{:.1} {:.1}h0", self.x(*x), self.y(*y)))
            .collect()
    }

    fn points(&self, line: &Line) -> String {
        let points = line.points.iter();
        points
            .map(|(x, y)| format!("{:.1},{:.1} ", self.x(*x), self.y(*y)))
            .collect()
    }
}

/// The chart.
#[component]
pub fn Chart(
    /// What is drawn.
    plot: Plot,
) -> impl IntoView {
    let decimals = plot.axis.decimals();
    let ticks = plot.axis.ticks.iter().map(|tick| {
        let y = plot.y(*tick);
        view! {
            <line class="grid" x1=LEFT x2=RIGHT y1=y y2=y></line>
            <text class="tick" x=LEFT - 5.0 y=y + 3.5 text-anchor="end">{format!("{tick:.decimals$}")}</text>
        }
    });
    let level = plot.level.map(|level| {
        let y = plot.y(level);
        view! { <line class="level" x1=LEFT x2=RIGHT y1=y y2=y></line> }
    });
    let marks = plot.marks.iter().map(|mark| {
        let x = plot.x(*mark);
        view! { <line class="drift" x1=x x2=x y1=TOP y2=BOTTOM></line> }
    });
    let lines = plot.lines.iter().map(|line| {
        view! { <polyline class=format!("line {}", line.class) points=plot.points(line)></polyline> }
    });
    let (first, last) = plot.range;
    view! {
        <svg class="plot" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=plot.text.clone()>
            {ticks.collect_view()}
            {level}
            {marks.collect_view()}
            <path class="dots" d=plot.scatter()></path>
            {lines.collect_view()}
            <text class="tick" x=LEFT y=BOTTOM + 18.0>{format!("{first:.0}")}</text>
            <text class="tick" x=(LEFT + RIGHT) / 2.0 y=BOTTOM + 18.0 text-anchor="middle">{plot.unit}</text>
            <text class="tick" x=RIGHT y=BOTTOM + 18.0 text-anchor="end">{format!("{last:.0}")}</text>
        </svg>
    }
}
