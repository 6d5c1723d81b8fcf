//! The ranker without a browser: what each request does to what is shown.

#![cfg(feature = "view")]

use engine::desk::{Change, Desk};
use engine::messages::{EventKind, Failure, ListItem, Op, View, Why};
use recommender::{Catalogue, Item, Manifest, Pack, Profile};

fn desk() -> Desk {
    let item = |i: usize| Item {
        id: format!("i{i}"),
        title: format!("Item {i}"),
        tags: vec![(
            "genre".into(),
            if i.is_multiple_of(2) {
                "Western"
            } else {
                "Musical"
            }
            .into(),
        )],
        ..Item::default()
    };
    let catalogue = Catalogue::new((0..40).map(item).collect()).expect("valid");
    let manifest = Manifest {
        catalogue_id: "test".into(),
        ..Manifest::default()
    };
    Desk::new(Pack::from_catalogue(manifest, catalogue), None, None).expect("same catalogue")
}

fn view() -> View {
    View {
        limit: 10,
        explore: 0.0,
        diversity: 0.0,
        seed: 1,
    }
}

fn click(id: u64, item: &str) -> Op {
    let (kind, item, query) = (EventKind::Click, item.to_owned(), String::new());
    Op::Event {
        id,
        at: 1e12,
        kind,
        item,
        seconds: 0.0,
        query,
    }
}

#[test]
fn a_click_moves_its_kind_up_and_says_so() {
    let mut desk = desk();
    desk.rank(&view());
    let change = desk.act(&click(1, "i1")).expect("known item");
    assert!(matches!(change, Change::Appended(_)));
    let list = desk.rank(&view());
    assert!(
        list.iter()
            .all(|row| row.item.facet("genre") == ["Musical"])
    );
    assert!(list.iter().any(|row| row.rank < row.rank_before));
    assert!(list.iter().all(|row| row.item.id != "i1"));
    assert!(matches!(&list[0].why, Why::Because { titles, .. } if titles[0] == "Item 1"));
}

#[test]
fn repeats_undo_and_unknown_items() {
    let mut desk = desk();
    let before = desk.rank(&view());
    assert!(matches!(desk.act(&click(1, "i1")), Ok(Change::Appended(_))));
    assert_eq!(desk.act(&click(1, "i1")), Ok(Change::None));
    assert_eq!(
        desk.act(&click(2, "nope")),
        Err(Failure::UnknownItem {
            item: "nope".into()
        })
    );
    assert_eq!(desk.act(&Op::Undo), Ok(Change::Popped));
    assert_eq!(desk.act(&Op::Undo), Ok(Change::None));
    let order = |list: &[ListItem]| {
        list.iter()
            .map(|row| row.item.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(order(&desk.rank(&view())), order(&before));
}

#[test]
fn explanation_adds_up_and_remove_takes_its_part() {
    let mut desk = desk();
    for (id, item) in [(1, "i1"), (2, "i2"), (3, "i3")] {
        desk.act(&click(id, item)).expect("known item");
    }
    let before = desk.explain("i5").expect("known");
    let sum: f32 = before.experts.iter().map(|part| part.contribution).sum();
    assert!((sum - before.score).abs() < 1e-4);
    let part = before
        .history
        .iter()
        .find(|part| part.item == "i3")
        .expect("was clicked");
    desk.act(&Op::Remove { item: "i3".into() })
        .expect("known item");
    let after = desk.explain("i5").expect("known");
    assert!((before.score - after.score - part.contribution).abs() < 1e-4);
    assert_eq!(desk.summary(0, 0, 0).history.len(), 2);
}

#[test]
fn a_foreign_profile_changes_nothing() {
    let mut desk = desk();
    desk.act(&click(1, "i1")).expect("known item");
    let foreign = Profile::new("other").encode();
    for bytes in [foreign, b"nonsense".to_vec()] {
        assert!(matches!(
            desk.act(&Op::Import { bytes }),
            Err(Failure::Profile { .. })
        ));
    }
    assert_eq!(desk.profile().events.len(), 1);
    let own = desk.profile().encode();
    desk.act(&Op::Forget).expect("always");
    desk.act(&Op::Import { bytes: own }).expect("own profile");
    assert_eq!(desk.profile().events.len(), 1);
}

#[test]
fn browse_pages_through_matches() {
    let desk = desk();
    let (total, items) = desk.browse("western", 5, 10);
    assert_eq!((total, items.len()), (20, 10));
    assert_eq!(desk.browse("item 37", 0, 10).0, 1);
}
