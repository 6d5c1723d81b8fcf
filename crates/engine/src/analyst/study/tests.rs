use recommender::{
    Action, Catalogue, Event, EventId, EventKind, Item, Manifest, Time, Wish, profile,
};

use super::*;

fn pack() -> Pack {
    let item = |i: usize| Item {
        id: format!("i{i}"),
        title: format!("Item {i}"),
        creator: format!("Creator {}", i % 6),
        tags: vec![(
            "genre".into(),
            ["Western", "Musical", "Horror"][i % 3].into(),
        )],
        ..Item::default()
    };
    let catalogue = Catalogue::new((0..90).map(item).collect()).expect("valid");
    let manifest = Manifest {
        catalogue_id: "test".into(),
        ..Manifest::default()
    };
    Pack::from_catalogue(manifest, catalogue)
}

fn click(id: u64, item: usize) -> Event {
    Event {
        id: EventId(id),
        at: Time(id as i64),
        action: Action::Item {
            item: format!("i{item}"),
            kind: EventKind::Click,
        },
    }
}

fn westerns(events: u64) -> Profile {
    Profile {
        events: (0..events).map(|id| click(id, id as usize * 3)).collect(),
        ..Profile::new("test")
    }
}

fn all_heard(study: &mut Study, profile: &Profile) -> Analysis {
    study.follow(&profile.encode(), &[]).expect("own bytes");
    while !study.advance(3) {}
    study.analysis()
}

#[test]
fn the_curve_beats_popularity_where_the_taste_is_plain() {
    let analysis = all_heard(&mut Study::new(pack()), &westerns(20));
    assert_eq!((analysis.events, analysis.items), (20, 90));
    assert_eq!(analysis.choices.len(), 20);
    let hits = |place: fn(&ChoicePoint) -> f32| {
        let late = analysis.choices[5..].iter();
        late.filter(|choice| place(choice) <= 10.0).count()
    };
    let (own, popular) = (hits(|c| c.place), hits(|c| c.popularity_place));
    assert!(own > popular, "{own} {popular}");
    assert_eq!(
        analysis.shares.len(),
        21,
        "before the first, and after each"
    );
    for point in &analysis.shares[1..] {
        assert!((point.shares.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }
    assert_eq!(analysis.trail.len(), 20);
    assert_eq!(analysis.nearest.len(), NEAREST);
    assert!(analysis.attention.is_none(), "no encoder");
    let genres = &analysis
        .leanings
        .iter()
        .find(|of| of.facet == "genre")
        .expect("items have genres")
        .leanings;
    assert_eq!(
        (genres[0].value.as_str(), genres[0].chosen),
        ("Western", 20)
    );
    assert!(genres[0].lift > 0.0);
}

#[test]
fn following_step_by_step_equals_following_at_once() {
    let mut steady = Study::new(pack());
    for events in 1..=15 {
        all_heard(&mut steady, &westerns(events));
    }
    let at_once = all_heard(&mut Study::new(pack()), &westerns(15));
    assert_eq!(all_heard(&mut steady, &westerns(15)), at_once);
    // An undo is not an extension: everything is folded again.
    let undone = all_heard(&mut steady, &westerns(14));
    assert_eq!(undone, all_heard(&mut Study::new(pack()), &westerns(14)));
    assert_eq!(undone.choices.len(), 14);
}

#[test]
fn a_wish_is_a_bar_and_foreign_bytes_are_refused() {
    let mut study = Study::new(pack());
    let mut profile = Profile::new("test");
    profile.events.push(Event {
        action: Action::Wish {
            facet: "creator".into(),
            value: "Creator 4".into(),
            wish: Wish::Never,
        },
        ..click(1, 0)
    });
    let analysis = all_heard(&mut study, &profile);
    assert!(analysis.choices.is_empty() && analysis.trail.is_empty());
    let creators = &analysis.leanings[0];
    assert_eq!(creators.facet, "creator");
    assert!(creators.leanings[0].never && creators.leanings[0].value == "Creator 4");
    let foreign = Profile::new("other").encode();
    assert!(study.follow(&foreign, &[]).is_err());
    assert!(study.follow(b"nonsense", &[]).is_err());
    assert!(
        study
            .follow(&profile::encode_event(&click(1, 1)), &[])
            .is_err()
    );
    // What it knew, it still knows.
    assert_eq!(study.analysis(), analysis);
}

#[test]
fn the_map_has_the_popular_items() {
    let map = Study::new(pack()).map();
    assert_eq!(map.points.len(), 90);
    assert_eq!(
        (map.points[0].kind.as_str(), map.points[0].item.as_str()),
        ("Western", "i0")
    );
    assert!(
        map.points
            .iter()
            .all(|p| p.at.iter().all(|x| x.is_finite()))
    );
}
