//! The learner in WebAssembly with SIMD, in a browser's worker: the same rankings as natively.

#![cfg(target_arch = "wasm32")]

mod common;

use common::{base, event};
use recommender::kernel::{dot, top_k};
use recommender::random::Rng;
use recommender::{EventKind, Learner, Pack, RankRequest};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Places after five clicks as `the_order_is_the_golden_one` in laws.rs writes them.
const ORDER: &[u8] = include_bytes!("golden/order.txt");
const ORDER_ENCODED: &[u8] = include_bytes!("golden/order-encoded.txt");

#[wasm_bindgen_test]
fn the_same_order_as_natively() {
    assert_eq!(common::order_after_clicks(base()).as_bytes(), ORDER);
    let encoded = common::order_after_clicks(common::encoded_base());
    assert_eq!(encoded.as_bytes(), ORDER_ENCODED);
}

#[wasm_bindgen_test]
fn simd_equals_plain_sums() {
    let mut rng = Rng::new(2);
    for length in [1, 7, 16, 63, 64, 100] {
        let a: Vec<f32> = (0..length).map(|_| rng.normal()).collect();
        let b: Vec<f32> = (0..length).map(|_| rng.normal()).collect();
        let plain: f64 = a
            .iter()
            .zip(&b)
            .map(|(x, y)| f64::from(*x) * f64::from(*y))
            .sum();
        assert!((f64::from(dot(&a, &b)) - plain).abs() < 1e-4);
    }
}

#[wasm_bindgen_test]
fn top_k_is_sorted_and_complete() {
    let mut rng = Rng::new(3);
    let table: Vec<f32> = (0..1000 * 64).map(|_| rng.normal()).collect();
    let query = &table[..64];
    let best = top_k(&table, query, 50);
    assert_eq!(best.len(), 50);
    assert_eq!(best[0].1.row(), 0, "a row is nearest to itself");
    assert!(best.windows(2).all(|pair| pair[0].0 >= pair[1].0));
}

#[wasm_bindgen_test]
fn packs_are_written_and_read() {
    let bytes = base().pack.encode();
    let pack = Pack::decode(&bytes).expect("own bytes");
    assert_eq!(pack.catalogue.items(), base().pack.catalogue.items());
    assert_eq!(pack.next, base().pack.next);
}

#[wasm_bindgen_test]
fn a_click_changes_the_list() {
    let mut learner = Learner::new(base());
    let request = RankRequest {
        limit: 10,
        ..RankRequest::default()
    };
    let before = learner.rank(&request);
    learner.learn(&event(1, 5, EventKind::Like));
    assert_ne!(learner.rank(&request), before);
}
