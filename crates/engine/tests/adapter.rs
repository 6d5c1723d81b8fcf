//! Taking over an adapter, as the ranker's desk does it.

#![cfg(feature = "view")]

use engine::desk::{AdapterChange, Desk};
use engine::messages::{EventKind, Filter, Op, View};
use recommender::encoder::adapter::{self, Snapshot};
use recommender::encoder::{Model, Precision, Shape, start_weights};
use recommender::random::Rng;
use recommender::{Catalogue, Item, Manifest, Pack};

const SHAPE: Shape = Shape {
    dim: 8,
    heads: 2,
    hidden: 8,
    blocks: 2,
    window: 20,
};

fn pack() -> Pack {
    let items = (0..40).map(|i| Item {
        id: format!("i{i}"),
        title: format!("Item {i}"),
        ..Item::default()
    });
    let catalogue = Catalogue::new(items.collect()).expect("valid");
    let manifest = Manifest {
        catalogue_id: "test".into(),
        ..Manifest::default()
    };
    let mut rng = Rng::new(1);
    let table = (0..40 * 8).map(|_| rng.normal()).collect();
    let mut pack = Pack::from_catalogue(manifest, catalogue);
    pack.encoder = Some(Model {
        weights: start_weights(SHAPE, 40, table, 2).expect("fits"),
        precision: Precision::Full,
        adapter_seed: 3,
        pool: Vec::new(),
    });
    pack
}

fn desk(clicks: u64) -> Desk {
    let mut desk = Desk::new(pack(), None, None).expect("same catalogue");
    for id in 0..clicks {
        desk.act(&click(id)).expect("known");
    }
    desk
}

fn click(id: u64) -> Op {
    Op::Event {
        id,
        at: 1e12,
        kind: EventKind::Click,
        item: format!("i{}", id % 37),
        seconds: 0.0,
        query: String::new(),
    }
}

fn view() -> View {
    View {
        limit: 10,
        explore: 0.0,
        diversity: 0.0,
        seed: 1,
        filter: Filter::default(),
        rival: None,
    }
}

fn values(seed: u64) -> Vec<f32> {
    let mut rng = Rng::new(seed);
    (0..adapter::len(&SHAPE))
        .map(|_| 0.5 * rng.normal())
        .collect()
}

fn take_over(desk: &mut Desk, seed: u64) -> bool {
    let choices = desk.choices().expect("has an encoder");
    if !desk.begin_adapter(values(seed), choices.revision, &choices.base) {
        return false;
    }
    let mut slices = 0;
    loop {
        if let Some(done) = desk.advance_adapter() {
            return done && slices > 0;
        }
        slices += 1;
    }
}

#[test]
fn an_adapter_comes_in_by_slices_is_stored_and_survives_a_reload() {
    let mut desk = desk(30);
    let choices = desk.choices().expect("has an encoder");
    assert_eq!(choices.tokens, (0..30).collect::<Vec<u32>>());
    assert!(choices.adapter.is_empty());
    let before = desk.rank(&view());
    assert_eq!(desk.adapter_change(), AdapterChange::None);
    assert!(take_over(&mut desk, 1));
    let after = desk.rank(&view());
    let ids = |list: &[engine::messages::ListItem]| -> Vec<String> {
        list.iter().map(|entry| entry.item.id.clone()).collect()
    };
    assert_ne!(ids(&before), ids(&after));
    assert_eq!(desk.adapted_choices(), 30);
    assert_eq!(desk.choices().expect("has one").adapter, values(1));
    let AdapterChange::Put(record) = desk.adapter_change() else {
        panic!("the adapter is to be stored");
    };
    assert_eq!(desk.adapter_change(), AdapterChange::None, "told once");
    let stored = Snapshot::decode(&record).expect("own bytes");
    let mut reloaded = Desk::new(pack(), Some(desk.profile().clone()), Some(stored)).expect("fits");
    assert_eq!(ids(&reloaded.rank(&view())), ids(&after));
    assert_eq!(reloaded.adapter_change(), AdapterChange::None);
}

#[test]
fn what_comes_too_late_or_does_not_fit_is_left() {
    let mut desk = desk(30);
    let choices = desk.choices().expect("has an encoder");
    assert!(!desk.begin_adapter(values(1), choices.revision, "00"));
    assert!(!desk.begin_adapter(vec![f32::NAN; 256], choices.revision, &choices.base));
    desk.act(&Op::Undo).expect("there is an event");
    assert!(!desk.begin_adapter(values(1), choices.revision, &choices.base));
    assert_eq!(desk.advance_adapter(), Some(false), "nothing is on its way");
    // Taken back while it is on its way.
    let choices = desk.choices().expect("has an encoder");
    assert!(desk.begin_adapter(values(1), choices.revision, &choices.base));
    assert_eq!(desk.advance_adapter(), None);
    desk.act(&Op::Undo).expect("there is an event");
    assert_eq!(desk.advance_adapter(), Some(false));
    assert_eq!(desk.adapted_choices(), 0);
}

#[test]
fn what_takes_choices_back_erases_the_stored_adapter() {
    let takes_back = [
        Op::Undo,
        Op::Forget,
        Op::Remove { item: "i3".into() },
        Op::Import {
            bytes: desk(3).profile().encode(),
        },
    ];
    for op in takes_back {
        let mut desk = desk(30);
        assert!(take_over(&mut desk, 1));
        assert!(matches!(desk.adapter_change(), AdapterChange::Put(_)));
        let before = desk.choices().expect("has an encoder").revision;
        desk.act(&op).expect("possible");
        assert_eq!(desk.adapter_change(), AdapterChange::Erase, "{op:?}");
        assert_ne!(desk.choices().expect("has one").revision, before, "{op:?}");
    }
}
