//! What several test files need: simulated histories, parity of the two forwards.

#![allow(dead_code)] // Each test file uses its own part.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use recommender::encoder::{Encoder, NamedTensor, Shape, State, Weights, adapter, start_weights};
use recommender::random::Rng;
use trainer::Backend;
use trainer::pretrain::{Config, Next, Pretraining, Sequences, Validation};

/// Largest difference of a user vector's number (of which the largest are about 3) between Burn's
/// network and `recommender::encoder`, which sum in another order and use another exponential.
pub const PARITY: f32 = 1e-4;

/// Runs a future of the CPU backend, which never waits.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the CPU backend does not wait"),
    }
}

/// A small encoder for quick tests.
pub fn small() -> Shape {
    Shape {
        dim: 16,
        heads: 2,
        hidden: 24,
        blocks: 2,
        window: 6,
    }
}

pub fn random_table(items: usize, columns: usize, seed: u64) -> Vec<f32> {
    let mut rng = Rng::new(seed);
    let scale = 1.0 / (columns as f32).sqrt();
    (0..items * columns).map(|_| scale * rng.normal()).collect()
}

/// Weights whose every number is random, distances and biases too.
pub fn random_weights(shape: Shape, items: usize, seed: u64) -> Weights {
    let table = random_table(items, shape.dim, seed);
    let weights = start_weights(shape, items, table, seed).expect("a valid shape");
    let mut rng = Rng::new(seed ^ 77);
    let tensors = weights.tensors().iter().map(|tensor| {
        let name = tensor.name.as_str();
        let more = if name == "items.weight" { 0.0 } else { 0.2 };
        NamedTensor {
            values: tensor
                .values
                .iter()
                .map(|x| x + more * rng.normal())
                .collect(),
            ..tensor.clone()
        }
    });
    Weights::new(shape, items, tensors.collect()).expect("the same shapes")
}

pub fn random_tokens(count: usize, items: usize, seed: u64) -> Vec<u32> {
    let mut rng = Rng::new(seed);
    (0..count).map(|_| rng.below(items) as u32).collect()
}

pub fn random_adapter(shape: &Shape, seed: u64) -> Vec<f32> {
    let mut rng = Rng::new(seed);
    (0..adapter::len(shape))
        .map(|_| 0.05 * rng.normal())
        .collect()
}

/// User vectors after each token by the production forward.
pub fn production(weights: &Weights, adapter: Option<(u64, &[f32])>, tokens: &[u32]) -> Vec<f32> {
    let mut encoder = Encoder::new(weights);
    if let Some((seed, values)) = adapter {
        encoder = encoder
            .adapted(weights, seed, values)
            .expect("a valid adapter");
    }
    let mut state = State::new(&encoder);
    tokens
        .iter()
        .flat_map(|&token| {
            state.push(&encoder, token);
            state.user().to_vec()
        })
        .collect()
}

/// Largest difference between the two forwards after any token.
pub async fn difference(
    backend: &Backend,
    weights: &Weights,
    adapter: Option<(u64, &[f32])>,
    tokens: &[u32],
) -> f32 {
    let burn = trainer::encode(backend, weights, adapter, tokens).await;
    let burn = burn.expect("the backend answers");
    let ours = production(weights, adapter, tokens);
    assert_eq!(burn.len(), ours.len());
    assert!(
        ours.iter().any(|x| x.abs() > 0.5),
        "the vectors say nothing"
    );
    burn.iter()
        .zip(&ours)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

/// Histories with a structure to find: items stand on a ring of groups; a visitor stays in a group
/// for some choices, walks through it in order, then moves to the next one.
pub fn histories(visitors: usize, items: usize, length: usize, seed: u64) -> Vec<Vec<u32>> {
    let group = 10;
    let groups = items / group;
    let mut rng = Rng::new(seed);
    (0..visitors)
        .map(|_| {
            let mut at = rng.below(groups);
            let mut place = rng.below(group);
            (0..length)
                .map(|_| {
                    if rng.unit() < 0.2 {
                        at = (at + 1) % groups;
                        place = rng.below(group);
                    } else {
                        place = (place + 1) % group;
                    }
                    (at * group + place) as u32
                })
                .collect()
        })
        .collect()
}

/// The last choice of each history is for validation.
pub fn sequences(items: usize, histories: &[Vec<u32>]) -> Arc<Sequences> {
    let split = |items: &Vec<u32>| {
        let (target, history) = items.split_last().expect("not empty");
        (history.to_vec(), *target)
    };
    let cases: Vec<(Vec<u32>, u32)> = histories.iter().map(split).collect();
    Arc::new(Sequences {
        items,
        train: cases.iter().map(|(history, _)| history.clone()).collect(),
        validation: cases,
    })
}

/// Small settings.
pub fn config() -> Config {
    Config {
        shape: small(),
        history: 12,
        batch: 20,
        negatives: 32,
        epochs: 6,
        learning_rate: 5e-3,
        weight_decay: 0.01,
        dropout: 0.1,
        warmup: 5,
        clip_norm: 5.0,
        patience: 3,
        seed: 7,
    }
}

/// Turns the crank until the end; calls `see` between any two slices.
pub async fn run(
    training: &mut Pretraining,
    mut see: impl FnMut(&mut Pretraining),
) -> Vec<Validation> {
    let mut all = Vec::new();
    loop {
        see(training);
        match training.next() {
            Next::Step => {
                training.step().await.expect("a step");
            }
            Next::Validate => all.extend(training.validate_some(7).expect("a validation")),
            Next::Finished => return all,
        }
    }
}

/// Items and histories of ml-latest-small, oldest first; equal times in the order of the file. None
/// if the data are not there.
#[cfg(not(target_arch = "wasm32"))]
pub fn ml_latest_small() -> Option<(usize, Vec<Vec<u32>>)> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/ml-latest-small/ratings.csv"
    );
    let text = std::fs::read_to_string(path).ok()?;
    let mut rows = std::collections::BTreeMap::new();
    let mut visitors = std::collections::BTreeMap::<u32, Vec<(u64, u32)>>::new();
    for line in text.lines().skip(1) {
        let mut fields = line.split(',');
        let mut number = || -> Option<u64> { fields.next()?.parse().ok() };
        let (visitor, film) = (number()?, number()?);
        let at: u64 = line.rsplit(',').next()?.parse().ok()?;
        let next = rows.len() as u32;
        let row = *rows.entry(film).or_insert(next);
        visitors.entry(visitor as u32).or_default().push((at, row));
    }
    let histories = visitors.into_values().map(|mut choices| {
        choices.sort_by_key(|(at, _)| *at);
        choices.into_iter().map(|(_, row)| row).collect()
    });
    Some((rows.len(), histories.collect()))
}

/// The histories with only the `count` most chosen items, renumbered; those with fewer than five
/// choices left are left out.
pub fn most_chosen(items: usize, histories: &[Vec<u32>], count: usize) -> Vec<Vec<u32>> {
    let mut chosen = vec![0usize; items];
    histories
        .iter()
        .flatten()
        .for_each(|&item| chosen[item as usize] += 1);
    let mut order: Vec<usize> = (0..items).collect();
    order.sort_by_key(|&item| std::cmp::Reverse(chosen[item]));
    let mut row = vec![None; items];
    for (at, item) in order.into_iter().take(count).enumerate() {
        row[item] = Some(at as u32);
    }
    let renumber = |items: &Vec<u32>| {
        items
            .iter()
            .filter_map(|&item| row[item as usize])
            .collect()
    };
    let all = histories.iter().map(renumber);
    all.filter(|items: &Vec<u32>| items.len() >= 5).collect()
}
