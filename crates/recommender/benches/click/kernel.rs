//! Scoring and top-k of a large table beside merely reading it.

use std::hint::black_box;

use recommender::kernel;
use recommender::random::Rng;

use crate::report::{Report, Times};

const ITEMS: usize = 100_000;
const COLUMNS: usize = 64;
const BEST: usize = 100;
const SAMPLES: usize = 101;
const LANES: usize = 16;

/// What the budgets allow.
const MOST_STREAMS: f64 = 1.5;

/// The three passes take turns, so that whatever else the machine does meets them alike.
pub fn measure(report: &mut Report) {
    let mut rng = Rng::new(1);
    let table: Vec<f32> = (0..ITEMS * COLUMNS).map(|_| rng.normal()).collect();
    let query: Vec<f32> = (0..COLUMNS).map(|_| rng.normal()).collect();
    let mut scores = vec![0.0; ITEMS];
    let [mut streams, mut scorings, mut rankings] = [const { Vec::new() }; 3];
    for sample in 0..=SAMPLES {
        let stream = report.time(|| sum(black_box(&table)));
        let scoring = report.time(|| {
            kernel::score_rows(black_box(&table), black_box(&query), &mut scores);
            scores[0]
        });
        let ranking = report.time(|| kernel::top_k(black_box(&table), black_box(&query), BEST));
        if sample > 0 {
            streams.push(stream);
            scorings.push(scoring);
            rankings.push(ranking);
        }
    }
    let ratios = Times::new(streams.iter().zip(&rankings).map(|(s, r)| r / s).collect());
    let [streams, scorings, rankings] = [streams, scorings, rankings].map(Times::new);
    report.row("read a table of 100,000 × 64 f32 once (its sum)", &streams);
    report.row("score its rows", &scorings);
    report.row("score its rows and keep the best 100", &rankings);
    report.ratio(
        "the last beside the first, median of the pairs",
        ratios.median(),
        MOST_STREAMS,
    );
}

/// Σ of all values, in as many lanes as the kernel has.
fn sum(values: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    for chunk in values.chunks_exact(LANES) {
        for lane in 0..LANES {
            sums[lane] += chunk[lane];
        }
    }
    sums.iter().sum()
}
