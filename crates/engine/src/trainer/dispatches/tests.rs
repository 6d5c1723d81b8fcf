//! The same steps on the CPU and on WebGPU, in a real worker, on the browser's software adapter. Here
//! rather than beside the trainer, because this is where dispatches are counted.

use super::{count, watch};
use std::sync::Arc;

use recommender::encoder::{Encoder, Model, Precision, Shape, State, Weights, start_weights};
use recommender::kernel;
use recommender::random::Rng;
use trainer::Backend;
use trainer::adapt::{self, Adaptation};
use trainer::backend::Adapters;
use trainer::pretrain::{Config, Pretraining, Sequences};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const ITEMS: usize = 24;

/// Largest relative difference of a loss, and of a weight beside the largest of its tensor: the two
/// sum in other orders, and each step starts from what the one before ended with.
const TOLERANCE: f32 = 1e-3;

fn shape() -> Shape {
    Shape {
        dim: 16,
        heads: 2,
        hidden: 16,
        blocks: 1,
        window: 4,
    }
}

fn sequences() -> Vec<Vec<u32>> {
    let visitor = |n: u32| (0..6).map(|step| (n * 5 + step) % ITEMS as u32).collect();
    (0..8).map(visitor).collect()
}

fn table() -> Vec<f32> {
    let mut rng = Rng::new(3);
    (0..ITEMS * shape().dim)
        .map(|_| 0.3 * rng.normal())
        .collect()
}

/// A software adapter, so that the test is the same on every machine. No silent fallback: without one
/// it fails.
async fn webgpu() -> Backend {
    let backend = Backend::webgpu(Adapters::Software, |_| ()).await;
    let backend = backend.expect("Chromium offers its software adapter");
    assert_eq!(backend.name(), "webgpu");
    backend
}

/// The order of the catalogue after some choices.
fn order(encoder: &Encoder) -> Vec<usize> {
    let mut state = State::new(encoder);
    [1, 2, 3].iter().for_each(|&item| state.push(encoder, item));
    let mut scores = vec![0.0; ITEMS];
    kernel::score_rows(encoder.table(), state.user(), &mut scores);
    kernel::order_descending(scores.into_iter())
}

fn assert_close(cpu: &[f32], webgpu: &[f32], what: &str) {
    assert_eq!(cpu.len(), webgpu.len());
    let largest = cpu.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    for (a, b) in cpu.iter().zip(webgpu) {
        let apart = (a - b).abs();
        assert!(
            apart <= TOLERANCE * largest,
            "{what}: {a} on the CPU, {b} on WebGPU"
        );
    }
}

async fn pretrain(backend: Backend) -> (Vec<f32>, Weights) {
    let config = Config {
        shape: shape(),
        history: 4,
        batch: 4,
        negatives: 8,
        epochs: 3,
        seed: 7,
        ..Config::default()
    };
    let data = Sequences {
        items: ITEMS,
        train: sequences(),
        validation: vec![(vec![1, 2, 3], 4)],
    };
    let new = Pretraining::new(backend, config, Arc::new(data), table());
    let mut training = new.expect("valid settings");
    let mut losses = Vec::new();
    while losses.len() < 5 {
        match training.next() {
            trainer::pretrain::Next::Step => {
                losses.push(training.step().await.expect("a step").loss);
            }
            _ => drop(training.validate_some(1).expect("a validation")),
        }
    }
    (losses, training.weights().expect("finite weights"))
}

#[wasm_bindgen_test]
async fn pretraining_ends_with_the_same_losses_weights_and_ranking() {
    watch();
    let (cpu_losses, cpu) = pretrain(Backend::cpu()).await;
    let before = count();
    assert_eq!(before, 0, "the CPU dispatches nothing");
    let (losses, weights) = pretrain(webgpu().await).await;
    assert!(count() > before + 100, "{} kernels", count() - before);
    assert!(losses.iter().all(|loss| *loss > 0.0), "{losses:?}");
    assert_close(&cpu_losses, &losses, "losses");
    for (a, b) in cpu.tensors().iter().zip(weights.tensors()) {
        assert_close(&a.values, &b.values, &a.name);
    }
    assert_eq!(order(&Encoder::new(&cpu)), order(&Encoder::new(&weights)));
}

async fn tune(backend: Backend, model: &Arc<Model>) -> (Vec<f32>, Vec<f32>) {
    let config = adapt::Config {
        window: 8,
        candidates: 12,
        learning_rate: 1e-2,
        seed: 7,
        ..adapt::Config::default()
    };
    let new = Adaptation::new(backend, Arc::clone(model), config, &[]);
    let mut adaptation = new.expect("valid settings");
    let history: Vec<u32> = (0..10).map(|step| step * 7 % ITEMS as u32).collect();
    adaptation.set_history(&history).expect("rows of the model");
    let mut losses = Vec::new();
    for _ in 0..5 {
        let step = adaptation.step().await.expect("a step");
        let step = step.expect("choices to learn from");
        losses.extend([step.loss, step.distillation]);
    }
    (losses, adaptation.candidate().to_vec())
}

#[wasm_bindgen_test]
async fn adapting_ends_with_the_same_losses_numbers_and_ranking() {
    watch();
    let weights = start_weights(shape(), ITEMS, table(), 3).expect("a valid shape");
    let model = Arc::new(Model {
        weights,
        precision: Precision::Full,
        adapter_seed: 5,
        pool: sequences(),
    });
    let (cpu_losses, cpu) = tune(Backend::cpu(), &model).await;
    let before = count();
    let (losses, values) = tune(webgpu().await, &model).await;
    assert!(count() > before + 100, "{} kernels", count() - before);
    assert_close(&cpu_losses, &losses, "losses");
    assert_close(&cpu, &values, "the adapter");
    let plain = Encoder::new(&model.weights);
    let adapted = |values: &[f32]| {
        let adapted = plain.adapted(&model.weights, model.adapter_seed, values);
        order(&adapted.expect("a valid adapter"))
    };
    assert_eq!(adapted(&cpu), adapted(&values));
    assert_ne!(adapted(&cpu), order(&plain), "the adapter says nothing");
}
