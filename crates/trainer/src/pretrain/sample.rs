//! Sequences sampled from the model itself: what a pack carries for replay in place of raw logs.

use recommender::encoder::{Encoder, State, Weights};
use recommender::kernel;
use recommender::random::Rng;

use crate::error::TrainError;

/// `count` sequences of `length` items by ancestral sampling: the first item by `starts` (one
/// number per item, any scale), every further one from the model's softmax over the items that the
/// sequence does not have yet.
///
/// # Errors
/// `starts` of another length, negative, or all zero.
pub fn sample_pool(
    weights: &Weights,
    count: usize,
    length: usize,
    starts: &[f32],
    seed: u64,
) -> Result<Vec<Vec<u32>>, TrainError> {
    let usable = starts
        .iter()
        .all(|start| *start >= 0.0 && start.is_finite());
    if starts.len() != weights.items() || !usable || starts.iter().all(|start| *start == 0.0) {
        return Err(TrainError::Data(format!(
            "the {} start probabilities are not {} numbers from 0, one of them above 0",
            starts.len(),
            weights.items()
        )));
    }
    let encoder = Encoder::new(weights);
    let mut rng = Rng::new(seed);
    let mut scores = vec![0.0; weights.items()];
    let length = length.min(weights.items());
    Ok((0..count)
        .map(|_| sequence(&encoder, length, starts, &mut scores, &mut rng))
        .collect())
}

fn sequence(
    encoder: &Encoder,
    length: usize,
    starts: &[f32],
    scores: &mut [f32],
    rng: &mut Rng,
) -> Vec<u32> {
    let mut state = State::new(encoder);
    let mut items: Vec<u32> = Vec::with_capacity(length);
    while items.len() < length {
        if items.is_empty() {
            scores.copy_from_slice(starts);
        } else {
            kernel::score_rows(encoder.table(), state.user(), scores);
            let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            scores
                .iter_mut()
                .for_each(|score| *score = (*score - most).exp());
            items.iter().for_each(|&item| scores[item as usize] = 0.0);
        }
        let item = draw(scores, rng);
        state.push(encoder, item);
        items.push(item);
    }
    items
}

/// An item with probability proportional to its share.
fn draw(shares: &[f32], rng: &mut Rng) -> u32 {
    let total: f64 = shares.iter().map(|&share| f64::from(share)).sum();
    let mut left = f64::from(rng.unit()) * total;
    let mut last = 0;
    for (item, &share) in shares.iter().enumerate() {
        if share > 0.0 {
            last = item;
            left -= f64::from(share);
            if left < 0.0 {
                break;
            }
        }
    }
    last as u32
}
