//! Scoring and top-k of a large table beside merely reading it.

use std::hint::black_box;

use recommender::kernel;
use recommender::random::Rng;
use wide::f32x4;

use crate::report::{Report, Times};

const ITEMS: usize = 100_000;
const COLUMNS: usize = 64;
const BEST: usize = 100;
const SAMPLES: usize = 101;

/// What the budgets allow.
const MOST_STREAMS: f64 = 1.5;

/// The two passes take turns, so that whatever else the machine does meets them alike.
pub fn measure(report: &mut Report) {
    let mut rng = Rng::new(1);
    let table: Vec<f32> = (0..ITEMS * COLUMNS).map(|_| rng.normal()).collect();
    let query: Vec<f32> = (0..COLUMNS).map(|_| rng.normal()).collect();
    let [mut streams, mut rankings] = [const { Vec::new() }; 2];
    for sample in 0..=SAMPLES {
        let stream = report.time(|| sum(black_box(&table)));
        let ranking = report.time(|| kernel::top_k(black_box(&table), black_box(&query), BEST));
        if sample > 0 {
            streams.push(stream);
            rankings.push(ranking);
        }
    }
    let ratios = Times::new(streams.iter().zip(&rankings).map(|(s, r)| r / s).collect());
    let [streams, rankings] = [streams, rankings].map(Times::new);
    report.row("read a table of 100,000 × 64 f32 once (its sum)", &streams);
    report.row("score its rows and keep the best 100", &rankings);
    report.ratio(
        "the last beside the first, median of the pairs",
        ratios.median(),
        MOST_STREAMS,
    );
}

/// Σ of all values, in as many lanes as the kernel has. Spelt out: builds for browsers, small first,
/// turn no plain loop into SIMD and unroll none, and a slow stream would flatter the kernel.
fn sum(values: &[f32]) -> f32 {
    let [mut a, mut b, mut c, mut d] = [f32x4::ZERO; 4];
    for chunk in values.as_chunks::<16>().0 {
        let [p, q, r, s] = chunk.as_chunks::<4>().0 else {
            unreachable!("sixteen are four times four");
        };
        a += f32x4::from(*p);
        b += f32x4::from(*q);
        c += f32x4::from(*r);
        d += f32x4::from(*s);
    }
    ((a + b) + (c + d)).reduce_add()
}
