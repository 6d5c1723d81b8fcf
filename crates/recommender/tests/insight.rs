//! What a visitor sees of the learner and says to it: wishes, undo and redo, drift, leanings, the
//! map, attention.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{ITEMS, base, encoded_base, event, genre, items, order, request};
use recommender::explain::Reason;
use recommender::leaning::TagIndex;
use recommender::session::Applied;
use recommender::taste_map::TasteMap;
use recommender::wishes::STEP;
use recommender::{
    Action, Event, EventKind, ItemIndex, Learner, Profile, RankRequest, Session, Wish,
};

fn wish(id: u64, facet: &str, value: &str, wish: Wish) -> Event {
    Event {
        action: Action::Wish {
            facet: facet.into(),
            value: value.into(),
            wish,
        },
        ..event(id, 0, EventKind::Click)
    }
}

fn clicked(clicks: u64) -> Learner {
    let mut learner = Learner::new(base());
    for id in 0..clicks {
        learner.learn(&event(id, id as u32 * 7 % ITEMS, EventKind::Click));
    }
    learner
}

fn session() -> Session {
    Session::new(base(), Profile::new("test")).expect("same catalogue")
}

#[test]
fn a_wish_adds_exactly_one_step_and_says_so() {
    let mut learner = clicked(20);
    let before = learner.score(&items());
    let weights = learner.weights();
    learner.learn(&wish(99, "genre", "Horror", Wish::More));
    assert_eq!(learner.weights(), weights, "a wish teaches no expert");
    for (item, before) in items().into_iter().zip(before) {
        let added = if genre(item) == 2 { STEP } else { 0.0 };
        let score = learner.score(&[item])[0];
        assert!((score - before - added).abs() < 1e-4);
        let explanation = learner.explain(item);
        let parts: f32 = explanation
            .wishes
            .iter()
            .map(|part| part.contribution)
            .sum();
        assert_eq!(parts, added);
    }
    let mut fresh = Learner::new(base());
    for id in 0..3 {
        fresh.learn(&wish(id, "creator", "Creator 3", Wish::More));
    }
    let first = fresh.rank(&request())[0].item;
    assert_eq!(first.row() % 8, 3, "three steps outweigh popularity here");
    let reason = Reason::Wished(vec![("creator".into(), "Creator 3".into())]);
    assert_eq!(fresh.reason(first, None), reason);
}

#[test]
fn never_means_never_until_it_is_taken_back() {
    let mut learner = clicked(20);
    let all = RankRequest {
        limit: ITEMS as usize,
        include_settled: true,
        ..request()
    };
    let before = order(&learner.rank(&all));
    learner.learn(&wish(99, "genre", "Horror", Wish::Never));
    let list = order(&learner.rank(&all));
    assert!(!list.is_empty() && list.iter().all(|item| genre(*item) != 2));
    assert_eq!(learner.place(ItemIndex(2), &all), None);
    learner.learn(&wish(100, "genre", "Horror", Wish::Clear));
    assert_eq!(order(&learner.rank(&all)), before);
}

#[test]
fn forgetting_a_tag_forgets_what_its_items_taught() {
    let mut session = session();
    for (id, item) in [(1, 2), (2, 6), (3, 1), (4, 10)] {
        let applied = session.apply(event(id, item, EventKind::Like));
        assert!(matches!(applied, Ok(Applied::Appended(_))));
    }
    let with = session.learner().score_all();
    session
        .apply(wish(5, "genre", "Horror", Wish::Forget))
        .expect("within limits");
    let learner = session.learner();
    let sources: Vec<_> = learner.explain(ItemIndex(14)).history;
    assert!(sources.iter().all(|part| genre(part.item) != 2));
    assert!(!learner.is_settled(ItemIndex(2)) && learner.is_settled(ItemIndex(1)));
    session.undo().expect("the wish");
    assert_eq!(session.learner().score_all(), with);
}

#[test]
fn undo_and_redo_walk_back_and_forth() {
    let mut session = session();
    assert!(session.redo().is_none());
    let mut states = vec![session.learner().score_all()];
    for (id, item) in [(1, 5), (2, 9), (3, 22)] {
        session
            .apply(event(id, item, EventKind::Click))
            .expect("within limits");
        states.push(session.learner().score_all());
    }
    for state in states.iter().rev().skip(1) {
        session.undo().expect("there is an event");
        assert_eq!(session.learner().score_all(), *state);
    }
    for state in &states[1..] {
        assert!(session.can_redo());
        let (_, applied) = session.redo().expect("there is one to do again");
        assert!(matches!(applied, Applied::Appended(_)));
        assert_eq!(session.learner().score_all(), *state);
    }
    assert!(!session.can_redo());
    session.undo();
    session
        .apply(event(9, 30, EventKind::Click))
        .expect("within limits");
    assert!(!session.can_redo(), "something else happened since");
}

#[test]
fn a_full_profile_keeps_the_wishes() {
    let mut session = session();
    for id in 0..5 {
        session
            .apply(wish(10_000 + id, "genre", "Horror", Wish::More))
            .expect("within limits");
    }
    assert_eq!(
        session.profile().events.len(),
        3,
        "wishes that change nothing are not kept"
    );
    session
        .apply(wish(10_009, "creator", "Creator 1", Wish::Never))
        .expect("within limits");
    let stated = session.learner().wishes().stated().to_vec();
    for id in 0..1100 {
        session
            .apply(event(id, 8 + id as u32 % 4, EventKind::Click))
            .expect("within limits");
    }
    assert_eq!(session.learner().wishes().stated(), stated);
    let again = Profile::decode(&session.profile().encode()).expect("own bytes");
    let again = Session::new(base(), again).expect("same catalogue");
    assert_eq!(again.learner().score_all(), session.learner().score_all());
}

#[test]
fn a_flip_of_taste_is_noticed_and_answered_with_uncertainty() {
    let mut learner = Learner::new(base());
    let mut id = 0;
    let mut choose = |learner: &mut Learner, kind: u32| {
        id += 1;
        learner.learn(&event(id, (id as u32 * 4 + kind) % ITEMS, EventKind::Click));
    };
    for _ in 0..14 {
        choose(&mut learner, 0);
    }
    assert_eq!(learner.drifts(), 0);
    // Of the kind that is not chosen any more: what is heard now says nothing new about it.
    let uncertainty = |learner: &Learner| learner.explain(ItemIndex(4)).uncertainty;
    let mut sure = uncertainty(&learner);
    for _ in 0..14 {
        choose(&mut learner, 2);
        if learner.drifts() > 0 {
            break;
        }
        sure = uncertainty(&learner);
    }
    assert_eq!(learner.drifts(), 1, "the flip was noticed");
    let unsure = uncertainty(&learner);
    assert!(unsure > 1.1 * sure, "{sure} {unsure}");
}

#[test]
fn leanings_follow_the_choices_and_leave_popularity_out() {
    let index = TagIndex::new(&base().pack.catalogue);
    let fresh = Learner::new(base()).leanings(&index);
    assert!(fresh.iter().all(|leaning| leaning.lift.abs() < 1e-4));
    assert_eq!(fresh.len(), 4 + 8, "four genres, eight creators");
    let mut learner = Learner::new(base());
    for id in 0..5 {
        learner.learn(&event(id, id as u32 * 4 + 1, EventKind::Like));
    }
    learner.learn(&wish(50, "genre", "Comedy", Wish::Less));
    let leanings = learner.leanings(&index);
    let of = |value: &str| {
        leanings
            .iter()
            .find(|leaning| leaning.facet == "genre" && leaning.value == value)
            .expect("the catalogue has it")
    };
    let musical = of("Musical");
    let genres = leanings.iter().filter(|other| other.facet == "genre");
    assert!(genres.clone().all(|other| other.lift <= musical.lift));
    assert_eq!((musical.chosen, musical.items), (5, ITEMS / 4));
    assert!(of("Horror").lift < 0.0);
    assert_eq!((of("Comedy").steps, of("Comedy").wished()), (-1, -STEP));
}

#[test]
fn the_map_stays_and_the_visitor_moves_towards_what_is_chosen() {
    let base = base();
    let map = TasteMap::new(&base.pack, 20);
    assert_eq!(map.points.len(), 20);
    let [first, second] = map.explained;
    assert!(first >= second && second > 0.0 && first + second <= 1.0001);
    assert_eq!(TasteMap::new(&base.pack, 20).points, map.points);
    let mut learner = Learner::new(std::sync::Arc::clone(&base));
    assert_eq!(learner.position(), None);
    for id in 0..6 {
        learner.learn(&event(id, id as u32 * 4 + 3, EventKind::Click));
    }
    let position = learner.position().expect("six choices");
    let nearest = learner.nearest(&position, 8);
    assert_eq!(nearest.len(), 8);
    assert!(nearest.iter().all(|(item, _)| !learner.is_settled(*item)));
    assert!(nearest.windows(2).all(|pair| pair[0].1 >= pair[1].1));
    let alike = nearest.iter().filter(|(item, _)| genre(*item) == 3).count();
    assert!(alike >= 6, "{alike} of 8 are of the kind that was chosen");
}

#[test]
fn influence_and_attention_are_shares() {
    let mut learner = Learner::new(encoded_base());
    assert!(learner.attention().is_none());
    for id in 0..9 {
        learner.learn(&event(id, id as u32 * 3, EventKind::Click));
    }
    let sum: f32 = learner.influence().iter().sum();
    assert!((sum - 1.0).abs() < 1e-4);
    let (newest, rows) = learner.attention().expect("an encoder and choices");
    assert_eq!(newest[0], ItemIndex(24));
    assert_eq!(
        (newest.len(), rows.len()),
        (6, 4),
        "window 6; 2 blocks × 2 heads"
    );
    for row in rows {
        assert_eq!(row.len(), 6);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }
}
