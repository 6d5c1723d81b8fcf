//! The store in a real worker.

use super::*;
use recommender::{Action, EventId, EventKind, Time};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn event(id: u64) -> Event {
    let action = Action::Item {
        item: format!("i{id}"),
        kind: EventKind::Click,
    };
    Event {
        id: EventId(id),
        at: Time(id as i64),
        action,
    }
}

async fn events(name: &str) -> Vec<u64> {
    let store = Store::open(name).await.expect("the browser has IndexedDB");
    let loaded = store.load(name, true, 1.0).await.expect("it can be read");
    assert!(loaded.set_aside.is_none());
    loaded
        .profile
        .map_or_else(Vec::new, |p| p.events.iter().map(|e| e.id.0).collect())
}

#[wasm_bindgen_test]
async fn what_was_appended_is_there_after_opening_again() {
    let store = Store::open("append")
        .await
        .expect("the browser has IndexedDB");
    store.load("append", true, 1.0).await.expect("empty");
    assert_eq!(store.bytes(), 0);
    for id in 1..=3 {
        store
            .append(&event(id), &AdapterChange::None)
            .await
            .expect("there is room");
    }
    store
        .pop(&AdapterChange::None)
        .await
        .expect("there is an event");
    assert!(store.bytes() > 0 && store.revision() == 4.0);
    assert_eq!(events("append").await, [1, 2]);
}

#[wasm_bindgen_test]
async fn replacing_is_all_or_nothing_and_forgetting_leaves_nothing() {
    let store = Store::open("replace")
        .await
        .expect("the browser has IndexedDB");
    store.load("replace", true, 1.0).await.expect("empty");
    store
        .append(&event(1), &AdapterChange::None)
        .await
        .expect("there is room");
    let mut profile = Profile::new("replace");
    profile.settled.push("old".into());
    profile.events = vec![event(7), event(8)];
    store
        .replace(&profile, &AdapterChange::None)
        .await
        .expect("there is room");
    assert_eq!(events("replace").await, [7, 8]);
    let again = Store::open("replace").await.expect("open");
    let loaded = again.load("replace", true, 1.0).await.expect("readable");
    assert_eq!(loaded.profile, Some(profile));
    again
        .replace(&Profile::new("replace"), &AdapterChange::None)
        .await
        .expect("always");
    assert_eq!(again.bytes(), 0);
    assert!(
        again
            .load("replace", true, 1.0)
            .await
            .expect("readable")
            .profile
            .is_none()
    );
}

#[wasm_bindgen_test]
async fn the_adapter_is_kept_replaced_and_erased_with_its_events() {
    let store = Store::open("adapter").await.expect("has IndexedDB");
    let snapshot = Snapshot {
        base: 1,
        through: None,
        multipliers: [1.0; recommender::EXPERTS],
        values: vec![0.5; 4],
    };
    let put = AdapterChange::Put(snapshot.encode());
    store.append(&event(1), &put).await.expect("there is room");
    let loaded = async || {
        let again = Store::open("adapter").await.expect("open");
        again.load("adapter", true, 1.0).await.expect("readable")
    };
    assert_eq!(loaded().await.adapter, Some(snapshot));
    let garbage = AdapterChange::Put(b"garbage".to_vec());
    store.adapt(&garbage).await.expect("there is room");
    let found = loaded().await;
    assert!(found.adapter.is_none() && found.set_aside.is_none());
    store.pop(&AdapterChange::Erase).await.expect("an event");
    assert!(loaded().await.adapter.is_none());
    assert_eq!(store.revision(), 3.0);
}

#[wasm_bindgen_test]
async fn damaged_records_are_set_aside_and_the_rest_is_used() {
    let store = Store::open("damage")
        .await
        .expect("the browser has IndexedDB");
    store.load("damage", true, 1.0).await.expect("empty");
    for id in 1..=3 {
        store
            .append(&event(id), &AdapterChange::None)
            .await
            .expect("there is room");
    }
    let transaction = store
        .database
        .transaction(&[LOG], TransactionMode::ReadWrite)
        .expect("open");
    let log = transaction.object_store(LOG).expect("exists");
    let garbage = Uint8Array::from(&b"garbage"[..]);
    log.put(&garbage, Some(&JsValue::from_f64(1.0)))
        .expect("open");
    finish(transaction).await.expect("there is room");

    let again = Store::open("damage").await.expect("open");
    // A tab that does not write moves nothing.
    let seen = again.load("damage", false, 5.0).await.expect("readable");
    assert!(seen.set_aside.is_some());
    let loaded = again.load("damage", true, 5.0).await.expect("readable");
    let (message, bytes) = loaded.set_aside.expect("one record is damaged");
    assert!(message.contains("set aside") && bytes == b"garbage");
    let left = loaded.profile.expect("two are left").events;
    assert_eq!(left.iter().map(|e| e.id.0).collect::<Vec<_>>(), [1, 3]);
    let aside = again
        .database
        .transaction(&[SET_ASIDE], TransactionMode::ReadOnly)
        .expect("open");
    let kept = aside
        .object_store(SET_ASIDE)
        .expect("exists")
        .get_all(None, None)
        .expect("open");
    assert_eq!(kept.await.expect("readable").len(), 1);
    again
        .append(&event(4), &AdapterChange::None)
        .await
        .expect("there is room");
    assert_eq!(events("damage").await, [1, 3, 4]);
}
