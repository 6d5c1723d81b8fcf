//! The trainer in WebAssembly with SIMD, in a browser's worker, on the CPU.

#![cfg(target_arch = "wasm32")]

mod common;

use common::{PARITY, difference, random_adapter, random_tokens, random_weights, small};
use recommender::encoder::Shape;
use trainer::Backend;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn the_two_forwards_agree_past_the_edge_of_the_window() {
    for (seed, shape) in [(1, small()), (2, Shape::default())] {
        let weights = random_weights(shape, 300, seed);
        let tokens = random_tokens(2 * shape.window + shape.reach() + 3, 300, seed);
        let adapter = random_adapter(&shape, seed);
        let backend = Backend::cpu();
        let plain = difference(&backend, &weights, None, &tokens).await;
        let adapted = difference(&backend, &weights, Some((5, &adapter)), &tokens).await;
        assert!(plain < PARITY && adapted < PARITY, "{plain} {adapted}");
    }
}

#[wasm_bindgen_test]
async fn pretraining_learns_and_its_weights_agree() {
    let items = 100;
    let data = common::sequences(items, &common::histories(60, items, 40, 1));
    let table = common::random_table(items, small().dim, 1);
    let config = common::config();
    let training = trainer::pretrain::Pretraining::new(Backend::cpu(), config, data, table);
    let mut training = training.expect("valid settings");
    let all = common::run(&mut training, |_| ()).await;
    let (best, _) = training.best_validation().expect("validated");
    assert!(best > 0.4, "{all:?}");
    let weights = training.best().expect("finite weights");
    let tokens = random_tokens(40, items, 9);
    let apart = difference(&Backend::cpu(), &weights, None, &tokens).await;
    assert!(apart < PARITY, "{apart}");
}
