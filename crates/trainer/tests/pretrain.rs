//! Pretraining learns, ends early, and repeats itself to the byte.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::sync::Arc;

use common::{config, histories, now, random_table, run, sequences, small};
use trainer::pretrain::{Config, Next, Pretraining, Sequences, sample_pool};
use trainer::{Backend, TrainError};

const ITEMS: usize = 100;

fn data() -> Arc<Sequences> {
    sequences(ITEMS, &histories(80, ITEMS, 40, 1))
}

fn training(backend: Backend, config: Config) -> Pretraining {
    let table = random_table(ITEMS, config.shape.dim, 2);
    Pretraining::new(backend, config, data(), table).expect("valid settings")
}

#[test]
fn learns_the_structure_with_sampled_and_with_all_items() {
    for negatives in [32, 0] {
        let config = Config {
            negatives,
            epochs: 15,
            ..config()
        };
        let mut training = training(Backend::cpu(), config);
        let all = now(run(&mut training, |_| ()));
        let (best, _) = training.best_validation().expect("validated");
        // Chance is below 0.05; the structure's own limit about 0.85.
        assert!(all[0].ndcg10 < best, "{all:?}");
        assert!(best > 0.6, "negatives {negatives}: {all:?}");
    }
}

#[test]
fn ends_when_validation_no_longer_rises() {
    let config = Config {
        epochs: 400,
        patience: 2,
        ..config()
    };
    let mut training = training(Backend::cpu(), config);
    let all = now(run(&mut training, |_| ()));
    assert_eq!(training.next(), Next::Finished);
    assert!(all.len() < 400, "{}", all.len());
    let best = all.iter().map(|v| v.ndcg10).fold(0.0, f64::max);
    assert_eq!(training.best_validation().expect("validated").0, best);
    assert!(all[all.len() - 2..].iter().all(|v| v.ndcg10 <= best));
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let finish = |backend: Backend, seed: u64| {
        let mut training = training(backend, Config { seed, ..config() });
        let _ = now(run(&mut training, |_| ()));
        training.checkpoint()
    };
    let one = finish(Backend::cpu_with(1), 3);
    assert_eq!(one, finish(Backend::cpu_with(2), 3));
    assert_eq!(one, finish(Backend::cpu_with(5), 3));
    assert_ne!(one, finish(Backend::cpu_with(1), 4));
}

#[test]
fn a_checkpoint_at_any_place_changes_nothing() {
    let mut straight = training(Backend::cpu(), config());
    let _ = now(run(&mut straight, |_| ()));
    let mut broken = training(Backend::cpu(), config());
    let mut slice = 0;
    // Every third slice, in the middle of epochs and of validations, everything is thrown away but
    // the checkpoint.
    let _ = now(run(&mut broken, |training| {
        slice += 1;
        if slice % 3 == 0 {
            let bytes = training.checkpoint();
            *training = Pretraining::resume(Backend::cpu(), &bytes, data()).expect("own bytes");
        }
    }));
    assert!(slice > 30);
    assert_eq!(straight.checkpoint(), broken.checkpoint());
}

#[test]
fn checkpoints_of_other_data_and_damaged_ones_are_refused() {
    let mut training = training(Backend::cpu(), config());
    now(training.step()).expect("a step");
    let bytes = training.checkpoint();
    let mut other = (*data()).clone();
    other.train[0][0] ^= 1;
    let refused = Pretraining::resume(Backend::cpu(), &bytes, Arc::new(other));
    assert!(matches!(refused, Err(TrainError::Data(_))));
    for at in [0, 7, 12, 30, bytes.len() / 2] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        let refused = Pretraining::resume(Backend::cpu(), &damaged, data());
        assert!(
            matches!(refused, Err(TrainError::Checkpoint(_))),
            "byte {at}"
        );
    }
    let refused = Pretraining::resume(Backend::cpu(), &bytes[..bytes.len() - 1], data());
    assert!(matches!(refused, Err(TrainError::Checkpoint(_))));
}

#[test]
fn bad_settings_and_data_are_named() {
    let refused = |config: Config, data: Arc<Sequences>, table: Vec<f32>| {
        let refused = Pretraining::new(Backend::cpu(), config, data, table);
        refused.err().expect("refused").to_string()
    };
    let table = || random_table(ITEMS, 16, 2);
    let message = refused(
        Config {
            dropout: 1.5,
            ..config()
        },
        data(),
        table(),
    );
    assert!(message.contains("`dropout` is 1.5"), "{message}");
    let message = refused(
        Config {
            learning_rate: f32::NAN,
            ..config()
        },
        data(),
        table(),
    );
    assert!(message.contains("`learning_rate`"), "{message}");
    let message = refused(config(), data(), vec![0.0; 7]);
    assert!(message.contains("items.weight"), "{message}");
    let mut wrong = (*data()).clone();
    wrong.train[3][2] = 100;
    let message = refused(config(), Arc::new(wrong), table());
    assert!(message.contains("training sequence 3"), "{message}");
    let empty = Sequences {
        train: vec![vec![1]; 5],
        ..(*data()).clone()
    };
    let message = refused(config(), Arc::new(empty), table());
    assert!(message.contains("nothing to predict"), "{message}");
}

#[test]
fn a_diverging_training_stops_with_a_message_and_keeps_its_state() {
    let mut table = random_table(ITEMS, small().dim, 2);
    // Logits beyond what a float can hold, from the first step.
    table.iter_mut().for_each(|x| *x *= 1e30);
    let mut training =
        Pretraining::new(Backend::cpu(), config(), data(), table).expect("finite numbers");
    let before = training.checkpoint();
    let refused = now(training.step());
    assert_eq!(refused, Err(TrainError::Diverged { step: 0 }));
    assert_eq!(before, training.checkpoint());
}

#[test]
fn the_pool_has_the_structure_of_the_model() {
    let mut training = training(
        Backend::cpu(),
        Config {
            epochs: 12,
            ..config()
        },
    );
    let _ = now(run(&mut training, |_| ()));
    let weights = training.best().expect("finite weights");
    let starts = vec![1.0; ITEMS];
    let pool = sample_pool(&weights, 40, 12, &starts, 5).expect("valid starts");
    assert_eq!(pool.len(), 40);
    assert_eq!(
        pool,
        sample_pool(&weights, 40, 12, &starts, 5).expect("valid starts")
    );
    let mut follows = 0;
    for items in &pool {
        let mut seen = items.clone();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 12, "nothing twice");
        follows += items
            .windows(2)
            .filter(|pair| pair[1] / 10 == pair[0] / 10 && pair[1] % 10 == (pair[0] + 1) % 10)
            .count();
    }
    // By chance it would be one in a hundred.
    assert!(follows * 4 > 40 * 11, "{follows} of {}", 40 * 11);
    assert!(sample_pool(&weights, 1, 5, &[0.0; ITEMS], 1).is_err());
    assert!(sample_pool(&weights, 1, 5, &[1.0; 3], 1).is_err());
}
