//! Burn's network and the production forward give the same user vectors.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{PARITY, difference, now, random_adapter, random_tokens, random_weights, small};
use recommender::encoder::Shape;
use trainer::Backend;
use trainer::pretrain::Pretraining;

/// Tokens well past the band: 2W and the reach of both blocks.
fn long(shape: &Shape) -> usize {
    2 * shape.window + shape.reach() + 3
}

#[test]
fn random_weights_past_the_edge_of_the_window() {
    for (seed, shape) in [(1, small()), (2, Shape::default())] {
        let weights = random_weights(shape, 300, seed);
        let tokens = random_tokens(long(&shape), 300, seed);
        let adapter = random_adapter(&shape, seed);
        let backend = Backend::cpu();
        let plain = now(difference(&backend, &weights, None, &tokens));
        let adapted = now(difference(&backend, &weights, Some((5, &adapter)), &tokens));
        println!("largest differences: {plain:e} without, {adapted:e} with an adapter");
        assert!(plain < PARITY && adapted < PARITY);
    }
}

#[test]
fn an_adapter_makes_a_difference_to_be_equal_about() {
    let shape = small();
    let weights = random_weights(shape, 100, 3);
    let tokens = random_tokens(20, 100, 3);
    let adapter = random_adapter(&shape, 3);
    let base = common::production(&weights, None, &tokens);
    let adapted = common::production(&weights, Some((5, &adapter)), &tokens);
    let apart = base
        .iter()
        .zip(&adapted)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(apart > 100.0 * PARITY, "{apart}");
}

#[test]
fn trained_weights_past_the_edge_of_the_window() {
    let shape = small();
    let items = 100;
    let data = common::sequences(items, &common::histories(60, items, 40, 1));
    let table = common::random_table(items, shape.dim, 1);
    let mut training =
        Pretraining::new(Backend::cpu(), common::config(), data, table).expect("valid settings");
    let _ = now(common::run(&mut training, |_| ()));
    let weights = training.best().expect("finite weights");
    let tokens = random_tokens(long(&shape), items, 9);
    let adapter = random_adapter(&shape, 9);
    let backend = Backend::cpu();
    let plain = now(difference(&backend, &weights, None, &tokens));
    let adapted = now(difference(&backend, &weights, Some((5, &adapter)), &tokens));
    println!("largest differences: {plain:e} without, {adapted:e} with an adapter");
    assert!(plain < PARITY && adapted < PARITY);
}
