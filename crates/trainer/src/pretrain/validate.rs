//! Ranking the validation targets with the production forward.

use recommender::encoder::{Encoder, State};
use recommender::kernel;

use super::Sequences;

/// Quality on the validation cases: each target ranked among all items that its history lacks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Validation {
    /// Mean of 1/log₂(place + 1) for places up to 10.
    pub ndcg10: f64,
    /// Share of targets in the first ten.
    pub hr10: f64,
    /// Mean of 1/place for places up to 10.
    pub mrr10: f64,
    /// Cases counted; those whose target is in the history are left out.
    pub cases: usize,
}

impl Validation {
    pub(super) fn new(places: &[f32]) -> Self {
        let mean = |metric: &dyn Fn(f64) -> f64| {
            let within = places.iter().filter(|place| **place <= 10.0);
            let sum = within.fold(0.0, |sum, place| sum + metric(f64::from(*place)));
            sum / places.len().max(1) as f64
        };
        Self {
            ndcg10: mean(&|place| 1.0 / (place + 1.0).log2()),
            hr10: mean(&|_| 1.0),
            mrr10: mean(&|place| 1.0 / place),
            cases: places.len(),
        }
    }
}

/// The place of the target among the items that the history lacks, ties at their mean; none if the
/// history has it.
fn place(encoder: &Encoder, history: &[u32], target: u32, scores: &mut [f32]) -> Option<f32> {
    if history.contains(&target) {
        return None;
    }
    let mut state = State::new(encoder);
    // What is further back cannot reach the user vector.
    let from = history.len().saturating_sub(encoder.shape().reach());
    for &item in &history[from..] {
        state.push(encoder, item);
    }
    kernel::score_rows(encoder.table(), state.user(), scores);
    let own = scores[target as usize];
    for &item in history {
        scores[item as usize] = f32::NEG_INFINITY;
    }
    let better = scores.iter().filter(|score| **score > own).count();
    let equal = scores.iter().filter(|score| **score == own).count();
    Some(1.0 + better as f32 + (equal as f32 - 1.0) * 0.5)
}

/// The places of some cases, in their order, by several threads.
pub(super) fn places(
    encoder: &Encoder,
    data: &Sequences,
    cases: std::ops::Range<usize>,
    threads: usize,
) -> Vec<f32> {
    let work = |cases: &[(Vec<u32>, u32)]| -> Vec<f32> {
        let mut scores = vec![0.0; data.items];
        cases
            .iter()
            .filter_map(|(history, target)| place(encoder, history, *target, &mut scores))
            .collect()
    };
    let cases = &data.validation[cases];
    let size = cases.len().div_ceil(threads).max(1);
    if threads == 1 || cases.len() == size {
        return work(cases);
    }
    std::thread::scope(|scope| {
        let running: Vec<_> = cases
            .chunks(size)
            .map(|cases| scope.spawn(move || work(cases)))
            .collect();
        running
            .into_iter()
            .flat_map(|thread| thread.join().expect("ranking does not panic"))
            .collect()
    })
}
