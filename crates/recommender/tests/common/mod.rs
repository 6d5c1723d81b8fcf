//! A small world for the tests: 60 items of four genres and a log in which visitors keep to one.

#![allow(
    dead_code,
    clippy::missing_panics_doc,
    reason = "each test binary uses its own part of this"
)]

use std::sync::Arc;

use recommender::build::Counting;
use recommender::encoder::{self, Precision, Shape, Weights};
use recommender::evaluate::tune;
use recommender::log::{Interaction, InteractionLog};
use recommender::random::Rng;
use recommender::{
    Action, Base, Catalogue, Event, EventId, EventKind, Hyper, Item, ItemIndex, Manifest, Pack,
    Time, Wish,
};

pub const ITEMS: u32 = 60;
const GENRES: [&str; 4] = ["Western", "Musical", "Horror", "Comedy"];

pub fn genre(item: ItemIndex) -> usize {
    item.row() % GENRES.len()
}

pub fn catalogue() -> Catalogue {
    let item = |i: u32| Item {
        id: format!("i{i}"),
        title: format!("Item {i}"),
        year: Some(1990 + (i % 4) as i16),
        creator: format!("Creator {}", i % 8),
        tags: vec![("genre".into(), GENRES[i as usize % 4].into())],
        ..Item::default()
    };
    Catalogue::new((0..ITEMS).map(item).collect()).expect("ids are distinct")
}

pub fn log() -> InteractionLog {
    let mut rng = Rng::new(11);
    let mut all = Vec::new();
    for visitor in 0..80 {
        let favourite = rng.below(4) as u32;
        for step in 0..12 {
            // Four in five choices within the favourite genre, early items more often.
            let within = rng.unit() < 0.8;
            let row = (rng.unit() * rng.unit() * 15.0) as u32;
            let item = if within {
                row * 4 + favourite
            } else {
                rng.below(ITEMS as usize) as u32
            };
            let at = 1_700_000_000 + i64::from(visitor) * 1000 + step * 10;
            all.push(Interaction {
                visitor,
                item: ItemIndex(item),
                at,
                value: 1.0,
            });
        }
    }
    let mut log = InteractionLog::new(all);
    log.deduplicate();
    log
}

pub fn pack() -> Pack {
    let manifest = Manifest {
        catalogue_id: "test".into(),
        name: "Test".into(),
        ..Manifest::default()
    };
    let base = Pack::from_catalogue(manifest, catalogue());
    tune::count(&base, &log(), &Counting::default(), &Hyper::default())
}

pub fn base() -> Arc<Base> {
    Arc::new(Base::new(pack()))
}

/// [`pack`] with an encoder of random weights, its window small enough to be outgrown.
pub fn encoded_pack() -> Pack {
    let mut pack = pack();
    let shape = Shape {
        dim: 16,
        heads: 2,
        hidden: 32,
        blocks: 2,
        window: 6,
    };
    let mut rng = Rng::new(21);
    let table = (0..ITEMS as usize * shape.dim).map(|_| 0.3 * rng.normal());
    let start = encoder::start_weights(shape, ITEMS as usize, table.collect(), 22);
    let mut tensors = start.expect("fits").tensors().to_vec();
    // Nothing at its neutral start: a forgotten bias would not be noticed.
    for tensor in tensors.iter_mut().skip(1) {
        let noise = tensor.values.iter_mut();
        noise.for_each(|value| *value += 0.2 * rng.normal());
    }
    pack.encoder = Some(encoder::Model {
        weights: Weights::new(shape, ITEMS as usize, tensors).expect("fits"),
        precision: Precision::Full,
        adapter_seed: 5,
        pool: vec![vec![1, 2, 3]],
    });
    pack
}

pub fn encoded_base() -> Arc<Base> {
    Arc::new(Base::new(encoded_pack()))
}

pub fn event(id: u64, item: u32, kind: EventKind) -> Event {
    let action = Action::Item {
        item: format!("i{item}"),
        kind,
    };
    Event {
        id: EventId(id),
        at: Time(1_700_000_000_000 + id as i64),
        action,
    }
}

/// Any kind of event on any item, and searches.
pub fn random_event(id: u64, rng: &mut Rng) -> Event {
    let item = rng.below(ITEMS as usize) as u32;
    let kind = match rng.below(10) {
        0 => EventKind::Impression,
        1 => EventKind::Dwell {
            seconds: rng.unit() * 90.0,
        },
        2 => EventKind::Like,
        3 => EventKind::Dislike,
        4 => EventKind::Dismiss,
        5 => EventKind::Purchase,
        6 => {
            let query = GENRES[rng.below(4)].to_lowercase();
            return Event {
                action: Action::Search { query },
                ..event(id, 0, EventKind::Click)
            };
        }
        7 => {
            let wish = [
                Wish::More,
                Wish::Less,
                Wish::Never,
                Wish::Clear,
                Wish::Forget,
            ];
            return Event {
                action: Action::Wish {
                    facet: "genre".into(),
                    value: GENRES[rng.below(4)].into(),
                    wish: wish[rng.below(5)],
                },
                ..event(id, 0, EventKind::Click)
            };
        }
        _ => EventKind::Click,
    };
    event(id, item, kind)
}

/// The ranking after five clicks, as text: one id per line.
pub fn order_after_clicks(base: Arc<Base>) -> String {
    let mut learner = recommender::Learner::new(base);
    for (id, item) in [(1, 5), (2, 9), (3, 2), (4, 13), (5, 40)] {
        learner.learn(&event(id, item, EventKind::Click));
    }
    let list = learner.rank(&recommender::RankRequest {
        limit: 30,
        ..Default::default()
    });
    list.iter()
        .map(|placed| format!("{}\n", learner.pack().catalogue.item(placed.item).id))
        .collect()
}

pub fn order(list: &[recommender::Placed]) -> Vec<ItemIndex> {
    list.iter().map(|placed| placed.item).collect()
}

/// A learner after `n` random events.
pub fn taught(n: u64, seed: u64) -> recommender::Learner {
    let mut learner = recommender::Learner::new(base());
    let mut rng = Rng::new(seed);
    for id in 0..n {
        learner.learn(&random_event(id, &mut rng));
    }
    learner
}

pub fn items() -> Vec<ItemIndex> {
    (0..ITEMS).map(ItemIndex).collect()
}

pub fn request() -> recommender::RankRequest {
    recommender::RankRequest {
        limit: 20,
        ..recommender::RankRequest::default()
    }
}
