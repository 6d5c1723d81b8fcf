//! What is trained: random sequences with popular and rare items.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use recommender::encoder::{Model, Precision, Shape, start_weights};
use recommender::random::Rng;
use trainer::Backend;
use trainer::adapt::{self, Adaptation};
use trainer::pretrain::{Config, Next, Pretraining, Sequences};

/// Sizes of a pretraining.
pub struct Size {
    /// Items of the catalogue.
    pub items: usize,
    /// Windows per step.
    pub batch: usize,
    /// Tokens per window.
    pub history: usize,
    /// Sampled negatives.
    pub negatives: usize,
    /// Dropout.
    pub dropout: f32,
}

/// The CPU answers at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the CPU backend does not wait"),
    }
}

fn sequence(items: usize, length: usize, rng: &mut Rng) -> Vec<u32> {
    let draw = |rng: &mut Rng| (rng.unit().powi(3) * items as f32) as u32;
    (0..length)
        .map(|_| draw(rng).min(items as u32 - 1))
        .collect()
}

fn table(items: usize, rng: &mut Rng) -> Vec<f32> {
    (0..items * 64).map(|_| 0.125 * rng.normal()).collect()
}

/// A training whose windows are all full.
pub fn training(size: Size) -> Pretraining {
    let mut rng = Rng::new(1);
    let data = Sequences {
        items: size.items,
        train: (0..size.batch * 64)
            .map(|_| sequence(size.items, size.history + 1, &mut rng))
            .collect(),
        validation: vec![(vec![0], 1)],
    };
    let config = Config {
        history: size.history,
        batch: size.batch,
        negatives: size.negatives,
        dropout: size.dropout,
        epochs: 1_000,
        patience: 1_000,
        ..Config::default()
    };
    let table = table(size.items, &mut rng);
    Pretraining::new(Backend::cpu(), config, Arc::new(data), table).expect("valid settings")
}

/// What other libraries were timed with: 16 × 8 tokens, 64 candidates.
pub fn small() -> Pretraining {
    training(Size {
        items: 1_000,
        batch: 16,
        history: 8,
        negatives: 64,
        dropout: 0.0,
    })
}

/// One step; a validation that is due is not part of it.
pub fn step(training: &mut Pretraining) -> f32 {
    while training.next() == Next::Validate {
        training.validate_some(1).expect("finite weights");
    }
    now(training.step()).expect("a step").loss
}

/// A visitor with a history, at the default shape.
pub fn adaptation(items: usize, history: usize) -> Adaptation {
    let mut rng = Rng::new(2);
    let table = table(items, &mut rng);
    let model = Model {
        weights: start_weights(Shape::default(), items, table, 1).expect("a valid shape"),
        precision: Precision::Full,
        adapter_seed: 5,
        pool: (0..64).map(|_| sequence(items, 50, &mut rng)).collect(),
    };
    let config = adapt::Config::default();
    let new = Adaptation::new(Backend::cpu(), Arc::new(model), config, &[]);
    let mut adaptation = new.expect("valid settings");
    let tokens = sequence(items, history, &mut rng);
    adaptation.set_history(&tokens).expect("rows of the model");
    adaptation
}

/// One gradient step.
pub fn adapt(adaptation: &mut Adaptation) -> f32 {
    now(adaptation.step())
        .expect("a step")
        .expect("choices to learn from")
        .loss
}

/// One gradient step and the guard.
pub fn update(adaptation: &mut Adaptation) -> f32 {
    now(adaptation.update(1)).expect("an update").after.own
}
