//! The ranker without a browser: what each request does to what is shown.

#![cfg(feature = "view")]

use engine::desk::{Change, Desk};
use engine::messages::{
    EventKind, Failure, Filter, FilterTag, ItemView, ListItem, Op, Rival, Team, View, Why, Wish,
};
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
        filter: Filter::default(),
        rival: None,
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
    let (total, items) = desk.browse("western", &Filter::default(), 5, 10);
    assert_eq!((total, items.len()), (20, 10));
    assert_eq!(desk.browse("item 37", &Filter::default(), 0, 10).0, 1);
}

#[test]
fn a_preview_shows_what_would_happen_and_nothing_happens() {
    let mut desk = desk();
    desk.rank(&view());
    // The second says of every item that it was where it is.
    let before = desk.rank(&view());
    let preview = desk
        .preview("i1", EventKind::Like, &view())
        .expect("known item");
    assert_eq!(desk.rank(&view()), before);
    assert_eq!(preview.places.len(), before.len());
    let first = preview.rising.first().expect("something would rise");
    assert!(first.from == 0 || first.from > first.to);
    let like = Op::Event {
        id: 1,
        at: 1e12,
        kind: EventKind::Like,
        item: "i1".into(),
        seconds: 0.0,
        query: String::new(),
    };
    desk.act(&like).expect("known item");
    let after = desk.rank(&view());
    for (id, place) in &preview.places {
        let now = after.iter().find(|item| item.item.id == *id);
        assert_eq!(
            now.map_or(0, |item| item.rank),
            (*place <= 10) as u32 * place
        );
    }
    let place = |id: &str| after.iter().find(|item| item.item.id == id);
    for rising in &preview.rising {
        assert_eq!(place(&rising.item).map(|item| item.rank), Some(rising.to));
    }
    assert!(desk.preview("nope", EventKind::Like, &view()).is_err());
}

#[test]
fn filters_reach_the_list_and_the_wall() {
    let mut desk = desk();
    let filter = Filter {
        tags: vec![FilterTag {
            facet: "genre".into(),
            value: "Musical".into(),
        }],
        ..Filter::default()
    };
    let filtered = View {
        filter: filter.clone(),
        ..view()
    };
    let list = desk.rank(&filtered);
    assert_eq!(list.len(), 10);
    let musical = |item: &ItemView| item.facet("genre") == ["Musical"];
    assert!(list.iter().all(|item| musical(&item.item)));
    let (total, items) = desk.browse("", &filter, 0, 50);
    assert_eq!((total, items.iter().all(musical)), (20, true));
    assert_eq!(desk.rank(&view()).len(), 10);
    assert!(desk.rank(&view()).iter().any(|item| !musical(&item.item)));
}

#[test]
fn prices_and_stock_filter_where_the_catalogue_has_them() {
    let item = |i: usize| Item {
        id: format!("i{i}"),
        title: format!("Item {i}"),
        tags: [
            ("price", format!("{i}.50")),
            ("currency", "EUR".to_owned()),
            (
                "availability",
                if i < 3 { "out of stock" } else { "in stock" }.to_owned(),
            ),
        ]
        .map(|(facet, value)| (facet.to_owned(), value))
        .to_vec(),
        ..Item::default()
    };
    let catalogue = Catalogue::new((0..20).map(item).collect()).expect("valid");
    let pack = Pack::from_catalogue(Manifest::default(), catalogue);
    let mut desk = Desk::new(pack, None, None).expect("same catalogue");
    let filtered = View {
        filter: Filter {
            price: Some((1.0, 6.0)),
            available: true,
            ..Filter::default()
        },
        ..view()
    };
    let mut ids: Vec<String> = desk
        .rank(&filtered)
        .into_iter()
        .map(|item| item.item.id)
        .collect();
    ids.sort();
    assert_eq!(ids, ["i3", "i4", "i5"]);
}

#[test]
fn a_comparison_draws_from_both_and_says_from_which() {
    let mut desk = desk();
    for (id, item) in [(1, "i1"), (2, "i3"), (3, "i5")] {
        desk.act(&click(id, item)).expect("known item");
    }
    let alone = desk.rank(&view());
    assert!(alone.iter().all(|item| item.team.is_none()));
    let compared = View {
        rival: Some(Rival::Popularity),
        ..view()
    };
    let list = desk.rank(&compared);
    assert_eq!(list.len(), 10);
    let own = list.iter().filter(|item| item.team == Some(Team::Own));
    assert_eq!(own.count(), 5);
    let first_rival = list
        .iter()
        .find(|item| item.team == Some(Team::Rival))
        .expect("half are the rival's");
    assert_eq!(first_rival.item.id, "i0", "the first of the popular order");
    assert_eq!(desk.rank(&compared).len(), 10);
    let again: Vec<_> = desk
        .rank(&compared)
        .into_iter()
        .map(|i| i.item.id)
        .collect();
    let first: Vec<_> = list.into_iter().map(|i| i.item.id).collect();
    assert_eq!(again, first, "stable between events");
}

#[test]
fn wishes_count_undo_and_redo() {
    let mut desk = desk();
    let wish = Op::Wish {
        id: 7,
        at: 1e12,
        facet: "genre".into(),
        value: "Musical".into(),
        wish: Wish::More,
    };
    assert!(matches!(desk.act(&wish), Ok(Change::Appended(_))));
    let list = desk.rank(&view());
    let genre = vec![("genre".to_owned(), "Musical".to_owned())];
    assert_eq!(list[0].why, Why::Wished { tags: genre });
    let summary = desk.summary(0, 0, 0);
    assert_eq!((summary.records, summary.can_undo), (1, true));
    assert_eq!(desk.act(&Op::Undo), Ok(Change::Popped));
    assert!(desk.summary(0, 0, 0).can_redo);
    assert!(matches!(desk.act(&Op::Redo), Ok(Change::Appended(_))));
    assert_eq!(desk.act(&Op::Redo), Ok(Change::None));
    assert_eq!(desk.rank(&view())[0].item, list[0].item);
}
