//! The store and a training that goes through it, in a real worker.

use super::*;
use crate::trainer::browser::sleep;
use crate::trainer::inputs::Inputs;
use crate::trainer::inputs::tests::{log, order, page};
use crate::trainer::job::{Job, Slice};
use trainer::Backend;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn about(epoch: u32) -> StoredTraining {
    StoredTraining {
        name: "Films".into(),
        epoch,
        epochs: 3,
        at: 1e12,
    }
}

async fn open(name: &str) -> Store {
    Store::open(name).await.expect("the browser has IndexedDB")
}

#[wasm_bindgen_test]
async fn a_checkpoint_replaces_the_one_before_and_keeps_the_inputs() {
    assert!(!Store::exists("training-1").await);
    let store = open("training-1").await;
    assert!(Store::exists("training-1").await);
    assert_eq!(store.about().await, Ok(None));
    assert_eq!(store.load().await, Ok(None));
    let saved = store.save(&about(0), b"first", Some(b"inputs")).await;
    assert_eq!(saved, Ok(()));
    assert_eq!(store.save(&about(1), b"second", None).await, Ok(()));
    let again = open("training-1").await;
    assert_eq!(again.about().await, Ok(Some(about(1))));
    let both = Ok(Some((b"inputs".to_vec(), b"second".to_vec())));
    assert_eq!(again.load().await, both);
    assert_eq!(again.erase().await, Ok(()));
    assert_eq!(store.about().await, Ok(None));
    assert_eq!(store.load().await, Ok(None));
    drop(store);
    // The next one to open it waits until it is gone, and finds a new one.
    drop(open("training-1").await);
    let store = open("training-1").await;
    assert_eq!(store.erase().await, Ok(()));
    for _ in 0..100 {
        if !Store::exists("training-1").await {
            return;
        }
        sleep(20).await;
    }
    panic!("the database was not deleted");
}

#[wasm_bindgen_test]
async fn what_cannot_be_read_is_said() {
    let store = open("training-2").await;
    let saved = store.save(&about(0), b"state", Some(b"inputs")).await;
    assert_eq!(saved, Ok(()));
    let transaction = store
        .database
        .transaction(&[STORE], TransactionMode::ReadWrite);
    let transaction = transaction.expect("open");
    let objects = transaction.object_store(STORE).expect("exists");
    let garbage = Uint8Array::from(&b"garbage"[..]);
    objects
        .put(&garbage, Some(&JsValue::from_str(ABOUT)))
        .expect("open");
    finish(transaction).await.expect("there is room");
    let problem = store.about().await.expect_err("it is garbage");
    assert_eq!(problem.fault, Fault::Checkpoint);
}

#[wasm_bindgen_test]
async fn a_training_resumed_from_storage_gives_the_same_weights() {
    let job = || {
        let order = order(vec![log(40, 20)], false);
        let mut inputs = Inputs::gather(&order, &page(20), &[], vec![], 5).expect("enough");
        inputs.config.shape.dim = 8;
        inputs.config.shape.hidden = 8;
        Job::begin(inputs, Backend::cpu()).expect("enough")
    };
    let mut whole = job();
    while whole.advance(|| 0.0).await.expect("a CPU") != Slice::Finished {}
    let store = open("training-3").await;
    let mut first = job();
    for _ in 0..3 {
        first.advance(|| 0.0).await.expect("a CPU");
    }
    let saved = store
        .save(&about(0), &first.store(), Some(&first.inputs.encode()))
        .await;
    assert_eq!(saved, Ok(()));
    drop(first);
    let loaded = store.load().await.expect("readable");
    let (inputs, state) = loaded.expect("just stored");
    let inputs = Inputs::decode(&inputs).expect("just stored");
    let mut second = Job::resume(inputs, &state, Backend::cpu()).expect("just stored");
    while second.advance(|| 0.0).await.expect("a CPU") != Slice::Finished {}
    assert_eq!(second.best(), whole.best());
}
