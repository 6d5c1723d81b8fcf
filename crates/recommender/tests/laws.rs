//! Laws that the learner and each of its experts obey.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::sync::Arc;

use common::{base, event, genre, items, log, order, random_event, request, taught};
use recommender::evaluate::progressive::progressive;
use recommender::random::Rng;
use recommender::session::Applied;
use recommender::{
    Action, Base, EXPERTS, Event, EventKind, Expert, Hyper, ItemIndex, Learned, Learner, Pack,
    Profile, RankRequest, Session,
};

/// A base on which only one expert counts.
fn only(expert: Expert) -> Arc<Base> {
    let mut pack = Pack::clone(&base().pack);
    pack.hyper.weights = [0.0; EXPERTS];
    pack.hyper.weights[expert.index()] = 1.0;
    pack.hyper.fusion_rate = 0.0;
    Arc::new(Base::new(pack))
}

#[test]
fn same_events_same_ranking() {
    let request = RankRequest {
        explore: 0.7,
        seed: 3,
        diversity: 0.5,
        ..request()
    };
    let (one, other) = (taught(40, 1), taught(40, 1));
    assert_eq!(one.rank(&request), other.rank(&request));
    assert_eq!(
        one.rank(&request),
        one.rank(&request),
        "ranking changes nothing"
    );
    assert_ne!(
        order(&one.rank(&request)),
        order(&taught(40, 2).rank(&request))
    );
}

#[test]
fn scoring_and_explaining_change_nothing() {
    let learner = taught(30, 4);
    let before = learner.score(&items());
    for item in items() {
        learner.explain(item);
        learner.reason(item, learner.draw(0.5, 1).as_deref());
    }
    assert_eq!(learner.score(&items()), before);
}

#[test]
fn score_equals_the_ranking_pass() {
    let learner = taught(30, 4);
    for (alone, all) in learner.score(&items()).iter().zip(learner.score_all()) {
        assert!(
            (alone - all).abs() < 1e-4 * alone.abs().max(1.0),
            "{alone} {all}"
        );
    }
}

#[test]
fn save_load_continue_equals_continue() {
    let mut rng = Rng::new(5);
    let events: Vec<Event> = (0..60).map(|id| random_event(id, &mut rng)).collect();
    let mut session = Session::new(base(), Profile::new("test")).expect("same catalogue");
    for event in &events[..40] {
        session.apply(event.clone()).expect("within limits");
    }
    let saved = session.profile().encode();
    let profile = Profile::decode(&saved).expect("own bytes");
    let mut loaded = Session::new(base(), profile).expect("same catalogue");
    for event in &events[40..] {
        session.apply(event.clone()).expect("within limits");
        loaded.apply(event.clone()).expect("within limits");
    }
    let request = RankRequest {
        explore: 0.3,
        ..request()
    };
    assert_eq!(
        session.learner().rank(&request),
        loaded.learner().rank(&request)
    );
    assert_eq!(session.learner().weights(), loaded.learner().weights());
}

#[test]
fn undo_equals_never() {
    let mut rng = Rng::new(6);
    let mut session = Session::new(base(), Profile::new("test")).expect("same catalogue");
    for id in 0..20 {
        session
            .apply(random_event(id, &mut rng))
            .expect("within limits");
    }
    let before = session.learner().score_all();
    session
        .apply(event(100, 5, EventKind::Like))
        .expect("within limits");
    assert_ne!(session.learner().score_all(), before);
    let undone = session.undo().expect("there is an event");
    assert_eq!(undone.id.0, 100);
    assert_eq!(session.learner().score_all(), before);
}

#[test]
fn a_repeated_event_counts_once() {
    let mut session = Session::new(base(), Profile::new("test")).expect("same catalogue");
    let click = event(1, 5, EventKind::Click);
    assert!(matches!(
        session.apply(click.clone()),
        Ok(Applied::Appended(_))
    ));
    assert_eq!(session.apply(click), Ok(Applied::Repeated));
    assert_eq!(session.learner().events(), 1);
}

#[test]
fn a_full_profile_lets_the_older_half_go_and_keeps_what_was_seen() {
    let mut session = Session::new(base(), Profile::new("test")).expect("same catalogue");
    let mut compacted = false;
    for id in 0..1100 {
        // Item 7 only at the start; the others turn.
        let item = if id == 0 { 7 } else { 8 + id as u32 % 4 };
        let applied = session
            .apply(event(id, item, EventKind::Click))
            .expect("within limits");
        compacted |= matches!(applied, Applied::Compacted(_));
    }
    assert!(compacted && session.profile().events.len() <= 1024);
    assert!(session.profile().settled.contains(&"i7".to_owned()));
    assert!(
        !order(&session.learner().rank(&RankRequest {
            limit: 60,
            ..request()
        }))
        .contains(&ItemIndex(7))
    );
}

#[test]
fn nothing_unknown_or_odd_breaks_the_scores() {
    let mut learner = taught(600, 9);
    let unknown = Event {
        action: Action::Item {
            item: "nope".into(),
            kind: EventKind::Like,
        },
        ..event(1, 0, EventKind::Click)
    };
    let before = learner.score_all();
    assert_eq!(learner.learn(&unknown), Learned::UnknownItem);
    assert_eq!(learner.score_all(), before);
    assert!(before.iter().all(|score| score.is_finite()));
    for _ in 0..300 {
        learner.learn(&event(2, 3, EventKind::Dislike));
    }
    assert!(learner.score_all().iter().all(|score| score.is_finite()));
    assert!(
        learner
            .weights()
            .iter()
            .all(|weight| weight.is_finite() && *weight >= 0.0)
    );
}

#[test]
fn a_positive_event_raises_its_item_and_its_kind() {
    for kind in [EventKind::Click, EventKind::Like, EventKind::Purchase] {
        for expert in [Expert::Content, Expert::Taste] {
            let mut learner = Learner::new(only(expert));
            let before = learner.score(&[ItemIndex(5)])[0];
            learner.learn(&event(1, 5, kind));
            assert!(
                learner.score(&[ItemIndex(5)])[0] > before,
                "{expert:?} {kind:?}"
            );
        }
        for expert in [
            Expert::Content,
            Expert::Neighbours,
            Expert::Next,
            Expert::Taste,
        ] {
            let mut learner = Learner::new(only(expert));
            learner.learn(&event(1, 5, kind));
            let top = order(&learner.rank(&RankRequest {
                limit: 5,
                ..request()
            }));
            let alike = top
                .iter()
                .filter(|item| genre(**item) == genre(ItemIndex(5)))
                .count();
            assert!(alike >= 3, "{expert:?}: {alike} of 5 alike");
        }
    }
}

#[test]
fn a_negative_event_lowers_its_kind() {
    for expert in [
        Expert::Content,
        Expert::Neighbours,
        Expert::Next,
        Expert::Taste,
    ] {
        let mut learner = Learner::new(only(expert));
        let mean = |learner: &Learner| {
            let alike: Vec<ItemIndex> = items().into_iter().filter(|i| genre(*i) == 1).collect();
            learner.score(&alike).iter().sum::<f32>()
        };
        let before = mean(&learner);
        learner.learn(&event(1, 5, EventKind::Dislike));
        assert!(mean(&learner) < before, "{expert:?}");
    }
}

#[test]
fn popularity_ignores_the_visitor() {
    for expert in [Expert::Popularity, Expert::Recent] {
        let mut learner = Learner::new(only(expert));
        let before = learner.score_all();
        learner.learn(&event(1, 5, EventKind::Like));
        assert_eq!(learner.score_all(), before);
    }
}

#[test]
fn searching_leans_towards_what_was_searched() {
    let mut learner = Learner::new(only(Expert::Content));
    let search = |query: &str| Event {
        action: Action::Search {
            query: query.into(),
        },
        ..event(1, 0, EventKind::Click)
    };
    assert_eq!(learner.learn(&search("zzz")), Learned::Nothing);
    learner.learn(&search("horror"));
    let top = order(&learner.rank(&RankRequest {
        limit: 5,
        ..request()
    }));
    assert!(top.iter().all(|item| genre(*item) == 2));
}

#[test]
fn the_fusion_learns_which_expert_foresees() {
    let mut learner = Learner::new(base());
    let start = learner.weights();
    // Only within one genre, never what is popular: content foresees, popularity does not.
    for id in 0..12 {
        learner.learn(&event(id, 59 - 4 * id as u32, EventKind::Click));
    }
    let ratio = |expert: Expert| learner.weights()[expert.index()] / start[expert.index()];
    assert!(ratio(Expert::Content) > ratio(Expert::Popularity));
    assert!(ratio(Expert::Popularity) < 1.0);
}

#[test]
fn progressive_evaluation_is_test_then_train() {
    let events: Vec<Event> = (0..12)
        .map(|id| event(id, id as u32 * 4 + 1, EventKind::Click))
        .collect();
    let mut learner = Learner::new(base());
    let mut steps = Vec::new();
    progressive(&mut learner, &events, |_, step| steps.push(step));
    // The same by hand.
    let mut by_hand = Learner::new(base());
    for (event, step) in events.iter().zip(&steps) {
        let Action::Item { item, .. } = &event.action else {
            unreachable!("only items")
        };
        let item = by_hand.pack().catalogue.find(item).expect("known");
        assert_eq!(step.place, by_hand.place(item, &RankRequest::default()));
        by_hand.learn(event);
    }
    assert_eq!(learner.score_all(), by_hand.score_all());
    let mean = |part: &[_]| -> f32 {
        part.iter()
            .map(|s: &recommender::evaluate::progressive::Step| s.place.expect("a choice"))
            .sum::<f32>()
            / part.len() as f32
    };
    assert!(
        mean(&steps[4..]) < mean(&steps[..2]),
        "it learns: {steps:?}"
    );
}

#[test]
fn counting_sees_no_future() {
    // A pack counted without the last choices does not change when those choices do.
    let full = log();
    let mut other = full.clone().interactions().to_vec();
    let lasts: Vec<usize> = full
        .sequences()
        .scan(0, |end, sequence| {
            *end += sequence.len();
            Some(*end - 1)
        })
        .collect();
    lasts
        .into_iter()
        .for_each(|at| other[at].item = ItemIndex(0));
    let other = recommender::log::InteractionLog::new(other);
    assert_eq!(full.without_last(1), other.without_last(1));
}

#[test]
fn settings_out_of_range_are_refused() {
    let bad = Hyper {
        content_decay: 1.0,
        ..Hyper::default()
    };
    assert_eq!(bad.check(), Err("content_decay is not in 0..1"));
    assert_eq!(
        Hyper {
            fusion_rate: f32::NAN,
            ..Hyper::default()
        }
        .check(),
        Err("fusion_rate is not in 0..=1")
    );
    assert_eq!(Hyper::default().check(), Ok(()));
}

/// The same order natively and in WebAssembly (tests/wasm.rs).
/// `HONEYGUIDE_BLESS=1 cargo test -p recommender --test laws` writes it anew.
#[test]
fn the_order_is_the_golden_one() {
    let orders = [("order", base()), ("order-encoded", common::encoded_base())];
    for (name, base) in orders {
        let path = format!("{}/tests/golden/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        let order = common::order_after_clicks(base);
        if std::env::var_os("HONEYGUIDE_BLESS").is_some() {
            std::fs::write(&path, &order).expect("the golden folder is writable");
        }
        let golden = std::fs::read_to_string(&path).expect("the golden order is there");
        assert_eq!(golden, order, "{name}");
    }
}
