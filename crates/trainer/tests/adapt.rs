//! Adapting to one visitor: it changes the order, foresees what comes, and is rolled back where it
//! does not.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::sync::Arc;

use common::{config, histories, now, random_table, run, sequences};
use recommender::encoder::{Encoder, Model, Precision, State, Weights};
use recommender::kernel;
use recommender::random::Rng;
use trainer::adapt::{Adaptation, Config, Refusal};
use trainer::pretrain::{Pretraining, sample_pool};
use trainer::{Backend, TrainError};

/// Shelves of ten items.
const SHELVES: usize = 40;
const ITEMS: usize = 10 * SHELVES;

/// A visitor who takes six neighbours off each shelf, in the order of the shelf or against it, and
/// goes on to the next shelf. Nothing is taken twice.
fn visitor(length: usize, forward: bool, rng: &mut Rng) -> Vec<u32> {
    let first = rng.below(SHELVES);
    let mut taken = Vec::with_capacity(length + 6);
    for shelf in first.. {
        if taken.len() >= length {
            break;
        }
        let start = rng.below(10);
        taken.extend((0..6).map(|step| {
            let place = if forward {
                start + step
            } else {
                start + 10 - step
            };
            (shelf % SHELVES * 10 + place % 10) as u32
        }));
    }
    taken.truncate(length);
    taken
}

fn visitors(count: usize, length: usize, forward: bool, seed: u64) -> Vec<Vec<u32>> {
    let mut rng = Rng::new(seed);
    (0..count)
        .map(|_| visitor(length, forward, &mut rng))
        .collect()
}

/// A base model that has only met visitors of the usual direction, with its pool.
fn model() -> Arc<Model> {
    let data = sequences(ITEMS, &visitors(200, 60, true, 1));
    let config = trainer::pretrain::Config {
        epochs: 12,
        ..config()
    };
    let table = random_table(ITEMS, config.shape.dim, 2);
    let training = Pretraining::new(Backend::cpu(), config, data, table);
    let mut training = training.expect("valid settings");
    let all = now(run(&mut training, |_| ()));
    println!("base model: {:?}", all.last());
    model_of(training.best().expect("finite weights"), &[1.0; ITEMS], 24)
}

fn model_of(weights: Weights, starts: &[f32], length: usize) -> Arc<Model> {
    let pool = sample_pool(&weights, 48, length, starts, 3).expect("valid starts");
    Arc::new(Model {
        weights,
        precision: Precision::Full,
        adapter_seed: 11,
        pool,
    })
}

/// A visitor of the other direction, whom the base model does not understand.
fn odd_visitor(length: usize) -> Vec<u32> {
    visitors(1, length, false, 8).remove(0)
}

/// Mean cross-entropy of the tokens from `from` on, over the items that were not chosen before.
fn loss(model: &Model, values: &[f32], tokens: &[u32], from: usize) -> f32 {
    foresee(model, values, tokens, from).0
}

/// The same, and the mean NDCG@10 over all these items.
fn foresee(model: &Model, values: &[f32], tokens: &[u32], from: usize) -> (f32, f32) {
    let base = Encoder::new(&model.weights);
    let encoder = if values.is_empty() {
        base
    } else {
        let adapted = base.adapted(&model.weights, model.adapter_seed, values);
        adapted.expect("a valid adapter")
    };
    let mut state = State::new(&encoder);
    let mut scores = vec![0.0; model.weights.items()];
    let (mut sum, mut gain) = (0.0, 0.0);
    for (place, &token) in tokens.iter().enumerate() {
        if place >= from {
            kernel::score_rows(encoder.table(), state.user(), &mut scores);
            for &chosen in &tokens[..place] {
                scores[chosen as usize] = f32::NEG_INFINITY;
            }
            let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let total: f32 = scores.iter().map(|score| (score - most).exp()).sum();
            let own = scores[token as usize];
            sum += total.ln() + most - own;
            let better = scores.iter().filter(|score| **score > own).count();
            if better < 10 {
                gain += 1.0 / (better as f32 + 2.0).log2();
            }
        }
        state.push(&encoder, token);
    }
    let count = (tokens.len() - from) as f32;
    (sum / count, gain / count)
}

fn order(model: &Model, values: &[f32], tokens: &[u32]) -> Vec<usize> {
    let base = Encoder::new(&model.weights);
    let encoder = base.adapted(&model.weights, model.adapter_seed, values);
    let encoder = encoder.expect("a valid adapter");
    let mut state = State::new(&encoder);
    tokens.iter().for_each(|&token| state.push(&encoder, token));
    let mut scores = vec![0.0; model.weights.items()];
    kernel::score_rows(encoder.table(), state.user(), &mut scores);
    kernel::order_descending(scores.into_iter())
}

#[test]
fn one_step_changes_the_order() {
    let model = model();
    let tokens = odd_visitor(30);
    let config = Config {
        learning_rate: 1e-2,
        ..Config::default()
    };
    let new = Adaptation::new(Backend::cpu(), Arc::clone(&model), config, &[]);
    let mut adaptation = new.expect("valid settings");
    adaptation.set_history(&tokens).expect("known items");
    let before = order(&model, adaptation.values(), &tokens);
    let step = now(adaptation.step()).expect("a step").expect("choices");
    assert!(step.norm > 0.0 && step.choices > 10, "{step:?}");
    let after = order(&model, adaptation.candidate(), &tokens);
    assert_ne!(before, after);
}

#[test]
fn the_loss_on_what_comes_falls_below_the_base_models() {
    let model = model();
    let tokens = odd_visitor(160);
    let (seen, from) = (&tokens[..120], 120);
    let config = Config {
        // The model is small, and the visitor unlike all others.
        learning_rate: 3e-3,
        dropout: 0.1,
        ..Config::default()
    };
    let new = Adaptation::new(Backend::cpu(), Arc::clone(&model), config, &[]);
    let mut adaptation = new.expect("valid settings");
    let mut accepted = 0;
    for count in 10..=seen.len() {
        adaptation
            .set_history(&tokens[..count])
            .expect("known items");
        let outcome = now(adaptation.update(2)).expect("an update");
        accepted += usize::from(outcome.refused.is_none() && outcome.steps > 0);
    }
    let base = loss(&model, &[], &tokens, from);
    let adapted = loss(&model, adaptation.values(), &tokens, from);
    println!("held-out loss {base:.3} before, {adapted:.3} adapted, {accepted} of 111 accepted");
    assert!(accepted > 10, "{accepted}");
    assert!(adapted < base - 0.15, "{adapted} {base}");
}

#[test]
fn the_same_seed_gives_the_same_adapter() {
    let model = model();
    let run = |seed: u64| {
        let config = Config {
            seed,
            ..Config::default()
        };
        let new = Adaptation::new(Backend::cpu(), Arc::clone(&model), config, &[]);
        let mut adaptation = new.expect("valid settings");
        adaptation
            .set_history(&odd_visitor(40))
            .expect("known items");
        let _ = now(adaptation.update(3)).expect("an update");
        adaptation.values().to_vec()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn what_hurts_is_rolled_back() {
    let model = model();
    let config = Config {
        // Far too much: what is learned at this rate is noise.
        learning_rate: 1.0,
        ..Config::default()
    };
    let good = vec![0.01; 2 * 2 * 8 * 16];
    let new = Adaptation::new(Backend::cpu(), Arc::clone(&model), config, &good);
    let mut adaptation = new.expect("valid settings");
    adaptation
        .set_history(&histories(1, ITEMS, 60, 5)[0])
        .expect("known items");
    let outcome = now(adaptation.update(2)).expect("an update");
    let refusal = outcome.refused.expect("a refusal");
    assert!(
        matches!(refusal, Refusal::Own | Refusal::Replay | Refusal::Norm(_)),
        "{refusal:?}"
    );
    assert_eq!(adaptation.values(), good, "rolled back to what it was");
}

#[test]
fn a_history_without_a_choice_to_learn_from_takes_no_step() {
    let model = model();
    let new = Adaptation::new(Backend::cpu(), model, Config::default(), &[]);
    let mut adaptation = new.expect("valid settings");
    for tokens in [&[][..], &[4][..]] {
        adaptation.set_history(tokens).expect("known items");
        let outcome = now(adaptation.update(3)).expect("an outcome");
        assert_eq!((outcome.steps, outcome.refused), (0, None));
        assert!(adaptation.values().iter().all(|value| *value == 0.0));
    }
    let refused = adaptation.set_history(&[1, ITEMS as u32]);
    assert!(matches!(refused, Err(TrainError::Data(_))));
    assert!(adaptation.set_values(&[0.0; 3]).is_err());
}

/// Half of the visitors of ml-latest-small teach the base model; others, whom it never saw, adapt it.
#[test]
fn real_histories_are_foreseen_better_with_an_adapter() {
    let Some((items, all)) = common::ml_latest_small() else {
        println!("skipped: ../shared/data/ml-latest-small is not there");
        return;
    };
    // The thousand best-known films: a base model for them is trained in seconds.
    let known = 1_000;
    let all = common::most_chosen(items, &all, known);
    let (base, others): (Vec<_>, Vec<_>) =
        all.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let base: Vec<Vec<u32>> = base.into_iter().map(|(_, tokens)| tokens).collect();
    let mut starts = vec![0.0; known];
    base.iter()
        .flatten()
        .for_each(|&item| starts[item as usize] += 1.0);
    let config = trainer::pretrain::Config {
        history: 40,
        batch: 16,
        negatives: 256,
        epochs: 25,
        learning_rate: 3e-3,
        dropout: 0.4,
        ..trainer::pretrain::Config::default()
    };
    let table = random_table(known, config.shape.dim, 2);
    let data = sequences(known, &base);
    let training = Pretraining::new(Backend::cpu(), config, data, table);
    let mut training = training.expect("valid settings");
    let _ = now(run(&mut training, |_| ()));
    let model = model_of(training.best().expect("finite weights"), &starts, 40);

    let visitors = others.iter().map(|(_, tokens)| tokens);
    let visitors = visitors.filter(|tokens| tokens.len() >= 60).take(40);
    let mut count = 0;
    let mut sums = [0.0; 4];
    for tokens in visitors {
        let from = tokens.len() * 4 / 5;
        let new = Adaptation::new(Backend::cpu(), Arc::clone(&model), Config::default(), &[]);
        let mut adaptation = new.expect("valid settings");
        adaptation
            .set_history(&tokens[..from])
            .expect("known items");
        for _ in 0..30 {
            let _ = now(adaptation.update(4)).expect("an update");
        }
        let base = foresee(&model, &[], tokens, from);
        let adapted = foresee(&model, adaptation.values(), tokens, from);
        let values = [base.0, adapted.0, base.1, adapted.1];
        sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += x);
        count += 1;
    }
    let [before, after, ranked, ranked_after] = sums.map(|sum| sum / count as f32);
    println!(
        "{count} visitors: held-out loss {before:.4} without, {after:.4} with an adapter; \
         NDCG@10 {ranked:.4}, {ranked_after:.4}"
    );
    assert!(count == 40 && after < before - 0.002, "{after} {before}");
}
