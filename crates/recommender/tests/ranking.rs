//! Rankings and their reasons: rules, variety, exploration, explanations that add up.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{base, event, genre, items, order, request, taught};
use recommender::explain::Reason;
use recommender::random::Rng;
use recommender::{Action, Event, EventKind, ItemIndex, Learner, Placed, RankRequest};

#[test]
fn the_deep_ranking_begins_with_the_list_and_goes_on_by_score() {
    let learner = taught(15, 2);
    let request = RankRequest {
        limit: 8,
        diversity: 0.7,
        pin: vec![ItemIndex(50)],
        ..request()
    };
    let (list, deep) = (learner.rank(&request), learner.rank_deep(&request, 30));
    assert_eq!(deep[..8], list);
    assert_eq!(deep.len(), 30);
    assert!(
        deep[8..]
            .windows(2)
            .all(|pair| pair[0].score >= pair[1].score)
    );
    let distinct: std::collections::HashSet<_> = order(&deep).into_iter().collect();
    assert_eq!(distinct.len(), 30);
}

#[test]
fn what_was_seen_dismissed_or_excluded_stays_away() {
    let mut learner = Learner::new(base());
    for (id, item, kind) in [
        (1, 3, EventKind::Click),
        (2, 4, EventKind::Dismiss),
        (3, 5, EventKind::Dislike),
    ] {
        learner.learn(&event(id, item, kind));
    }
    let exclude = vec![ItemIndex(10)];
    let all = RankRequest {
        limit: 60,
        exclude: exclude.clone(),
        ..RankRequest::default()
    };
    let shown = order(&learner.rank(&all));
    assert_eq!(shown.len(), 56);
    assert!(
        [3, 4, 5, 10]
            .iter()
            .all(|i| !shown.contains(&ItemIndex(*i)))
    );
    let asked = RankRequest {
        include_settled: true,
        ..all
    };
    assert_eq!(learner.rank(&asked).len(), 59);
    learner.learn(&event(4, 6, EventKind::Impression));
    assert!(!learner.is_settled(ItemIndex(6)));
}

#[test]
fn candidates_are_a_set() {
    let learner = taught(20, 3);
    let mut candidates: Vec<ItemIndex> = items().into_iter().step_by(2).collect();
    let one = learner.rank(&RankRequest {
        candidates: Some(candidates.clone()),
        ..request()
    });
    Rng::new(1).shuffle(&mut candidates);
    candidates.push(candidates[0]);
    candidates.push(ItemIndex(9999));
    let other = learner.rank(&RankRequest {
        candidates: Some(candidates),
        ..request()
    });
    assert_eq!(one, other);
    assert!(one.iter().all(|placed| placed.item.0 % 2 == 0));
}

#[test]
fn rules_pin_boost_and_exclude() {
    let learner = taught(10, 8);
    let last = order(&learner.rank(&RankRequest {
        limit: 60,
        ..request()
    }))
    .pop()
    .expect("items are left");
    let pinned = learner.rank(&RankRequest {
        pin: vec![last],
        ..request()
    });
    assert_eq!(pinned[0].item, last);
    assert_eq!(pinned.len(), 20);
    let boosted = learner.rank(&RankRequest {
        boost: vec![(last, 1e6)],
        ..request()
    });
    assert_eq!(boosted[0].item, last);
    let both = RankRequest {
        pin: vec![last],
        exclude: vec![last],
        ..request()
    };
    assert!(!order(&learner.rank(&both)).contains(&last));
}

#[test]
fn diversity_makes_lists_more_varied_and_keeps_the_best_first() {
    let mut learner = Learner::new(base());
    for (id, item) in [(1, 1), (2, 5), (3, 9)] {
        learner.learn(&event(id, item, EventKind::Like));
    }
    let genres = |list: &[Placed]| {
        list.iter()
            .map(|p| genre(p.item))
            .collect::<std::collections::HashSet<_>>()
            .len()
    };
    let ten = RankRequest {
        limit: 8,
        ..RankRequest::default()
    };
    let (plain, varied) = (
        learner.rank(&ten),
        learner.rank(&RankRequest {
            diversity: 1.0,
            ..ten.clone()
        }),
    );
    assert_eq!(plain[0], varied[0]);
    assert!(genres(&varied) > genres(&plain));
}

#[test]
fn exploration_varies_with_the_seed_and_fades_with_certainty() {
    let learner = taught(3, 1);
    let list = |learner: &Learner, seed, explore| {
        order(&learner.rank(&RankRequest {
            explore,
            seed,
            ..request()
        }))
    };
    assert_ne!(list(&learner, 1, 1.0), list(&learner, 2, 1.0));
    assert_eq!(list(&learner, 1, 0.0), list(&learner, 2, 0.0));
    let probe = ItemIndex(5);
    let mut sure = Learner::new(base());
    let unsure = sure.explain(probe).uncertainty;
    for id in 0..30 {
        sure.learn(&event(id, 5, EventKind::Like));
    }
    assert!((unsure - 1.0).abs() < 1e-3 && sure.explain(probe).uncertainty < 0.8);
}

#[test]
fn explanations_add_up_and_removal_does_what_they_say() {
    let mut learner = taught(25, 12);
    for item in items() {
        let explanation = learner.explain(item);
        let score = learner.score(&[item])[0];
        let sum: f32 = explanation
            .experts
            .iter()
            .map(|part| part.raw * part.weight)
            .chain(explanation.wishes.iter().map(|part| part.contribution))
            .sum();
        assert!((sum - score).abs() < 1e-3 && (explanation.score - score).abs() < 1e-3);
    }
    let probe = ItemIndex(30);
    let before = learner.explain(probe);
    let part = before.history[0];
    let id = learner.pack().catalogue.item(part.item).id.clone();
    let removal = Event {
        action: Action::Remove { item: id },
        ..event(999, 0, EventKind::Click)
    };
    learner.learn(&removal);
    let after = learner.explain(probe);
    assert!((before.score - after.score - part.contribution).abs() < 1e-3);
    assert!(after.history.iter().all(|other| other.item != part.item));
    assert!(!learner.is_settled(part.item));
    for rest in &after.history {
        let same = before
            .history
            .iter()
            .find(|b| b.item == rest.item)
            .expect("was there before");
        assert!(
            (same.contribution - rest.contribution).abs() < 1e-4,
            "the others keep their shares"
        );
    }
}

#[test]
fn one_line_reasons_name_what_was_done() {
    let mut learner = Learner::new(base());
    assert_eq!(learner.reason(ItemIndex(9), None), Reason::Popular);
    learner.learn(&event(1, 5, EventKind::Like));
    assert_eq!(
        learner.reason(ItemIndex(9), None),
        Reason::Because(EventKind::Like, vec![ItemIndex(5)])
    );
}
