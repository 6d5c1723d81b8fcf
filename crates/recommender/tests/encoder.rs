//! The encoder: its forward against a plain one, its window, its place in the learner, its adapter.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{encoded_base, encoded_pack, event, items, random_event, request};
use recommender::encoder::adapter::{self, Snapshot};
use recommender::encoder::{Encoder, NamedTensor, Precision, Shape, State, Weights};
use recommender::kernel::dot;
use recommender::random::Rng;
use recommender::session::Progress;
use recommender::{
    Action, Event, EventKind, Expert, ItemIndex, Learner, Pack, Profile, Session, Time,
};

/// What the SIMD forward may differ from the plain one in f64, with |user vector| about 4.
const TOLERANCE: f64 = 1e-4;

/// The network written down as in the docs, whole matrices, f64, everything computed anew.
fn plain(weights: &Weights, tokens: &[u32]) -> Vec<f64> {
    let Shape {
        dim: d,
        heads,
        hidden,
        blocks,
        window,
    } = weights.shape;
    let get =
        |name: &str| -> Vec<f64> { weights.get(name).iter().map(|x| f64::from(*x)).collect() };
    let norm = |x: &[f64], name: &str| -> Vec<f64> {
        let (gain, bias) = (get(&format!("{name}.gain")), get(&format!("{name}.bias")));
        let mean = x.iter().sum::<f64>() / d as f64;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / d as f64;
        (0..d)
            .map(|i| (x[i] - mean) / (variance + 1e-5).sqrt() * gain[i] + bias[i])
            .collect()
    };
    let times = |x: &[f64], name: &str, columns: usize| -> Vec<f64> {
        let matrix = get(name);
        (0..columns)
            .map(|j| (0..x.len()).map(|i| x[i] * matrix[i * columns + j]).sum())
            .collect()
    };
    let table = get("items.weight");
    let mut stream: Vec<Vec<f64>> = tokens
        .iter()
        .map(|&t| {
            (0..d)
                .map(|i| (d as f64).sqrt() * table[t as usize * d + i])
                .collect()
        })
        .collect();
    for block in 0..blocks {
        let name = |part: &str| format!("blocks.{block}.{part}");
        let distance = get(&name("attention.distance"));
        let parts = |part: &str| -> Vec<Vec<f64>> {
            stream
                .iter()
                .map(|x| times(&norm(x, &name("attention.norm")), &name(part), d))
                .collect()
        };
        let (query, key, value) = (
            parts("attention.query"),
            parts("attention.key"),
            parts("attention.value"),
        );
        for t in 0..tokens.len() {
            let mut mixed = vec![0.0; d];
            for head in 0..heads {
                let columns = head * d / heads..(head + 1) * d / heads;
                let from = (t + 1).saturating_sub(window);
                let scores: Vec<f64> = (from..=t)
                    .map(|j| {
                        let product: f64 = columns.clone().map(|c| query[t][c] * key[j][c]).sum();
                        product / ((d / heads) as f64).sqrt() + distance[head * window + t - j]
                    })
                    .collect();
                let total: f64 = scores.iter().map(|s| s.exp()).sum();
                for (j, score) in (from..=t).zip(&scores) {
                    for c in columns.clone() {
                        mixed[c] += score.exp() / total * value[j][c];
                    }
                }
            }
            let out = times(&mixed, &name("attention.output"), d);
            stream[t].iter_mut().zip(out).for_each(|(x, y)| *x += y);
        }
        for x in &mut stream {
            let normed = norm(x, &name("feedforward.norm"));
            let (up, bias) = (
                times(&normed, &name("feedforward.up"), hidden),
                get(&name("feedforward.up_bias")),
            );
            let inner: Vec<f64> = up.iter().zip(bias).map(|(x, b)| (x + b).max(0.0)).collect();
            let out = times(&inner, &name("feedforward.down"), d);
            let bias = get(&name("feedforward.down_bias"));
            for i in 0..d {
                x[i] += out[i] + bias[i];
            }
        }
    }
    norm(stream.last().expect("a token"), "norm")
}

fn weights() -> Weights {
    encoded_pack().encoder.expect("has one").weights
}

fn some_adapter(seed: u64) -> Vec<f32> {
    let mut rng = Rng::new(seed);
    (0..adapter::len(&weights().shape))
        .map(|_| 0.3 * rng.normal())
        .collect()
}

#[test]
fn token_by_token_equals_the_whole_at_once_past_the_window() {
    let weights = weights();
    let encoder = Encoder::new(&weights);
    let mut state = State::new(&encoder);
    let mut rng = Rng::new(3);
    let tokens: Vec<u32> = (0..40).map(|_| rng.below(60) as u32).collect();
    assert!(state.user().iter().all(|x| *x == 0.0));
    for end in 1..=tokens.len() {
        state.push(&encoder, tokens[end - 1]);
        for (fast, slow) in state.user().iter().zip(plain(&weights, &tokens[..end])) {
            assert!(
                (f64::from(*fast) - slow).abs() < TOLERANCE,
                "token {end}: {fast} {slow}"
            );
        }
    }
}

#[test]
fn nothing_beyond_reach_matters_and_everything_within_does() {
    let weights = weights();
    let encoder = Encoder::new(&weights);
    let encode = |tokens: &[u32]| {
        let mut state = State::new(&encoder);
        tokens.iter().for_each(|&token| state.push(&encoder, token));
        state.user().to_vec()
    };
    let reach = encoder.shape().reach();
    assert_eq!(reach, 11);
    let tokens: Vec<u32> = (0..30).collect();
    let whole = encode(&tokens);
    assert_eq!(encode(&tokens[30 - reach..]), whole, "to the last bit");
    let mut other = tokens.clone();
    other[30 - reach] = 50;
    assert_ne!(encode(&other), whole);
    other[30 - reach] = tokens[30 - reach];
    other[30 - reach - 1] = 50;
    assert_eq!(encode(&other), whole);
}

#[test]
fn an_adapter_adds_its_products_to_the_matrices() {
    let weights = weights();
    let shape = weights.shape;
    let values = some_adapter(1);
    let downs = adapter::down_projections(&shape, 5);
    let mut tensors: Vec<NamedTensor> = weights.tensors().to_vec();
    let size = adapter::RANK * shape.dim;
    let mut at = 0;
    for block in 0..shape.blocks {
        for (part, rows) in adapter::adapted(&shape) {
            let name = format!("blocks.{block}.{part}");
            let tensor = tensors
                .iter_mut()
                .find(|t| t.name == name)
                .expect("is there");
            let up = &values[at * size..(at + 1) * size];
            for row in 0..rows {
                for column in 0..shape.dim {
                    for k in 0..adapter::RANK {
                        tensor.values[row * shape.dim + column] +=
                            downs[at][row * adapter::RANK + k] * up[k * shape.dim + column];
                    }
                }
            }
            at += 1;
        }
    }
    let merged = Weights::new(shape, 60, tensors).expect("fits");
    let adapted = Encoder::new(&weights)
        .adapted(&weights, 5, &values)
        .expect("fits");
    let mut state = State::new(&adapted);
    let tokens = [3, 9, 27, 1, 4];
    tokens.iter().for_each(|&token| state.push(&adapted, token));
    for (fast, slow) in state.user().iter().zip(plain(&merged, &tokens)) {
        assert!((f64::from(*fast) - slow).abs() < TOLERANCE, "{fast} {slow}");
    }
}

#[test]
fn packs_keep_the_encoder_in_both_precisions() {
    let mut pack = encoded_pack();
    pack.hyper.weights[Expert::Encoder.index()] = 0.7;
    let back = Pack::decode(&pack.encode()).expect("own bytes");
    assert_eq!(back.encoder, pack.encoder);
    assert_eq!(back.hyper, pack.hyper);
    let model = pack.encoder.as_mut().expect("has one");
    model.precision = Precision::Int8;
    let rounded = model.rounded();
    let back = Pack::decode(&pack.encode()).expect("own bytes");
    assert_eq!(back.encoder, Some(rounded.clone()));
    for (exact, coarse) in weights().tensors().iter().zip(rounded.weights.tensors()) {
        let top = exact.values.iter().fold(0.0f32, |top, x| top.max(x.abs()));
        for (a, b) in exact.values.iter().zip(&coarse.values) {
            assert!((a - b).abs() <= top / 254.0 + 1e-6, "{}", exact.name);
        }
    }
}

#[test]
fn weights_that_do_not_fit_are_refused_by_name() {
    let weights = weights();
    let refused = |change: &dyn Fn(&mut Vec<NamedTensor>)| {
        let mut tensors = weights.tensors().to_vec();
        change(&mut tensors);
        Weights::new(weights.shape, 60, tensors)
            .expect_err("does not fit")
            .to_string()
    };
    assert!(refused(&|t| drop(t.pop())).contains("`norm.bias` is missing"));
    assert!(refused(&|t| t[3].values[0] = f32::NAN).contains("`blocks.0.attention.query`"));
    assert!(refused(&|t| t[3].shape = vec![256]).contains("[16, 16] is needed"));
    assert!(refused(&|t| t.push(t[3].clone())).contains("unknown or there twice"));
    assert!(Weights::new(weights.shape, 61, weights.tensors().to_vec()).is_err());
    let odd = Shape {
        heads: 3,
        ..weights.shape
    };
    assert!(odd.check().is_err());
}

#[test]
fn the_learner_scores_with_it() {
    let mut learner = Learner::new(encoded_base());
    let raw = |learner: &Learner, item| learner.expert_scores(item)[Expert::Encoder.index()];
    assert_eq!(raw(&learner, ItemIndex(4)), 0.0, "nothing heard");
    let kinds = [
        (3, EventKind::Click),
        (3, EventKind::Like),
        (9, EventKind::Dislike),
        (11, EventKind::Purchase),
        (12, EventKind::Impression),
    ];
    for (id, (item, kind)) in kinds.into_iter().enumerate() {
        learner.learn(&event(id as u64, item, kind));
    }
    assert_eq!(
        learner.tokens(),
        [3, 11],
        "choices only, a repeat counts once"
    );
    let weights = weights();
    let user = plain(&weights, &[3, 11]);
    let table = weights.get("items.weight");
    let wanted: f64 = (0..16)
        .map(|i| user[i] * f64::from(table[4 * 16 + i]))
        .sum();
    assert!((f64::from(raw(&learner, ItemIndex(4))) - wanted).abs() < TOLERANCE);
    for (alone, all) in learner.score(&items()).iter().zip(learner.score_all()) {
        assert!((alone - all).abs() < 1e-4 * alone.abs().max(1.0));
    }
}

#[test]
fn removing_an_item_takes_out_what_the_explanation_says() {
    removals(&[5, 9, 2, 13, 9, 40, 7, 8], &[9, 8, 5]);
    // More items than are looked at, with items that are both old and new.
    let mut rng = Rng::new(4);
    let many: Vec<u32> = (0..80).map(|_| rng.below(50) as u32).collect();
    let newest: Vec<u32> = many[68..].to_vec();
    removals(&many, &newest);
}

fn removals(clicks: &[u32], sources: &[u32]) {
    let mut learner = Learner::new(encoded_base());
    for (id, item) in clicks.iter().enumerate() {
        learner.learn(&event(id as u64, *item, EventKind::Click));
    }
    let item = ItemIndex(57);
    for source in sources.iter().map(|&row| ItemIndex(row)) {
        let explanation = learner.explain(item);
        let part = explanation.history.iter().find(|part| part.item == source);
        let said = part.expect("is in the history").contribution;
        let mut without = learner.clone();
        let id = format!("i{}", source.0);
        without.learn(&Event {
            action: Action::Remove { item: id },
            ..event(99, 0, EventKind::Click)
        });
        assert!(!without.tokens().contains(&source.0), "its tokens are gone");
        let (before, after) = (learner.score(&[item])[0], without.score(&[item])[0]);
        assert!(
            (before - after - said).abs() < 1e-3,
            "{source:?}: {before} - {after} against {said}"
        );
    }
}

#[test]
fn direct_shares_add_up_where_there_are_no_other_paths() {
    // Without the feed-forward parts and the last bias, a score is the sum of the newest token's
    // own embedding and what attention brought straight to it.
    let weights = weights();
    let mut tensors = weights.tensors().to_vec();
    for tensor in &mut tensors {
        if tensor.name.contains("feedforward.down") || tensor.name == "norm.bias" {
            tensor.values.fill(0.0);
        }
    }
    let encoder = Encoder::new(&Weights::new(weights.shape, 60, tensors).expect("fits"));
    let mut state = State::new(&encoder);
    for (count, token) in [5, 9, 2, 13, 40, 2, 17, 30].into_iter().enumerate() {
        state.push(&encoder, token);
        for item in [17, 3] {
            let row = encoder.row(item);
            let (mut sum, mut shares) = (0.0, 0);
            state.direct_shares(&encoder, row, |share| {
                sum += share;
                shares += 1;
            });
            let score = dot(state.user(), row);
            assert!((sum - score).abs() < 1e-4, "{sum} {score}");
            assert_eq!(shares, (count + 1).min(weights.shape.window));
        }
    }
}

fn session(events: u64) -> Session {
    let mut session = Session::new(encoded_base(), Profile::new("test")).expect("same catalogue");
    let mut rng = Rng::new(8);
    for id in 0..events {
        session
            .apply(random_event(id, &mut rng))
            .expect("within limits");
    }
    session
}

fn adapted(mut session: Session, seed: u64) -> Session {
    let mut exchange = session.exchange(some_adapter(seed)).expect("fits");
    let mut slices = 0;
    while session.advance(&mut exchange, 4) == Progress::Behind {
        slices += 1;
    }
    assert!(
        slices < 4,
        "no more than the encoder's reach is encoded again"
    );
    assert!(session.take_over(exchange).is_some());
    session
}

#[test]
fn an_exchange_changes_the_encoder_alone_and_a_reload_gives_the_same_state() {
    let before = session(30);
    let mut session = adapted(before.clone(), 2);
    for item in items() {
        let (old, new) = (
            before.learner().expert_scores(item),
            session.learner().expert_scores(item),
        );
        assert_eq!(old[..6], new[..6]);
        assert_ne!(old[6], new[6]);
    }
    assert_eq!(before.learner().weights(), session.learner().weights());
    let reload = |session: &Session| {
        let profile = Profile::decode(&session.profile().encode()).expect("own bytes");
        let stored = session.adapter().expect("has one").encode();
        let snapshot = Snapshot::decode(&stored).expect("own bytes");
        Session::with_adapter(encoded_base(), profile, Some(snapshot)).expect("same catalogue")
    };
    for step in 0..5 {
        let loaded = reload(&session);
        assert_eq!(
            loaded.learner().weights(),
            session.learner().weights(),
            "{step}"
        );
        assert_eq!(
            loaded.learner().rank(&request()),
            session.learner().rank(&request())
        );
        assert_eq!(loaded.learner().score_all(), session.learner().score_all());
        session
            .apply(event(100 + step, 7 * step as u32, EventKind::Click))
            .expect("within limits");
    }
}

#[test]
fn an_exchange_goes_on_while_events_come_and_stops_when_history_is_rewritten() {
    let mut session = session(20);
    let mut exchange = session.exchange(some_adapter(3)).expect("fits");
    assert_eq!(session.advance(&mut exchange, 2), Progress::Behind);
    session
        .apply(event(50, 9, EventKind::Click))
        .expect("within limits");
    while session.advance(&mut exchange, 2) == Progress::Behind {}
    let other = exchange.clone();
    session
        .apply(event(51, 10, EventKind::Click))
        .expect("within limits");
    assert!(session.take_over(exchange).is_none(), "a token is missing");
    let mut exchange = other;
    assert_eq!(session.advance(&mut exchange, 9), Progress::Ready);
    let void = exchange.clone();
    assert!(session.take_over(exchange).is_some());
    session.undo();
    assert!(
        session.adapter().is_none(),
        "it was trained on what was undone"
    );
    let mut void = void;
    assert_eq!(session.advance(&mut void, 9), Progress::Void);
    assert!(session.take_over(void).is_none());
}

#[test]
fn what_takes_back_drops_the_adapter_and_nothing_else_does() {
    let remove = |id: u64, item: u32| Event {
        action: Action::Remove {
            item: format!("i{item}"),
        },
        at: Time(0),
        ..event(id, 0, EventKind::Click)
    };
    let mut one = adapted(session(20), 1);
    one.apply(event(90, 3, EventKind::Click))
        .expect("within limits");
    one.undo();
    assert!(one.adapter().is_some(), "the event came after the adapter");
    one.apply(remove(91, 3)).expect("within limits");
    assert!(one.adapter().is_none());
    let mut two = adapted(session(20), 1);
    two.forget();
    assert!(two.adapter().is_none());
    let mut three = adapted(session(20), 1);
    for id in 0..1100 {
        three
            .apply(event(200 + id, 4 + id as u32 % 9, EventKind::Click))
            .expect("within limits");
    }
    let snapshot = three
        .adapter()
        .expect("outlives the events that are let go");
    assert_eq!(snapshot.through, None);
}

#[test]
fn an_adapter_of_another_base_is_left_out() {
    let one = adapted(session(20), 1);
    let mut snapshot = one.adapter().expect("has one").clone();
    snapshot.base ^= 1;
    let loaded = Session::with_adapter(encoded_base(), one.profile().clone(), Some(snapshot));
    assert!(loaded.expect("same catalogue").adapter().is_none());
    assert!(one.exchange(vec![f32::NAN; 512]).is_err());
    assert!(one.exchange(vec![0.0; 3]).is_err());
    let bare = Session::new(common::base(), Profile::new("test")).expect("same catalogue");
    assert!(bare.exchange(Vec::new()).is_err());
}

#[test]
fn an_event_allocates_nothing() {
    let encoder = Encoder::new(&weights());
    let mut state = State::new(&encoder);
    let counted = allocation_counter::measure(|| {
        for token in 0..50 {
            state.push(&encoder, token);
        }
    });
    assert_eq!(counted.count_total, 0);
    assert_eq!(state.tokens(), 50);
    state.clear();
    assert_eq!((state.tokens(), state.last()), (0, None));
}
