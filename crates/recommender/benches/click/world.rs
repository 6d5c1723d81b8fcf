//! A made-up catalogue and a log of made-up visitors, the same on every machine.

use recommender::build::{self, Counting};
use recommender::encoder::{Model, Precision, Shape, Weights, start_weights};
use recommender::log::{Interaction, InteractionLog};
use recommender::random::Rng;
use recommender::{
    Action, Catalogue, Event, EventId, EventKind, Hyper, Item, ItemIndex, Manifest, Pack, Time,
};

/// Items that one visitor's choices come from.
const CIRCLE: usize = 250;
/// Choices per visitor. With one visitor per item, most rows of the tables fill up to their limit,
/// which is the slow case.
const CHOICES: usize = 30;

/// A pack of so many items.
pub fn pack(items: usize) -> Pack {
    let manifest = Manifest {
        catalogue_id: "bench".into(),
        name: "Benchmark".into(),
        ..Manifest::default()
    };
    let catalogue = Catalogue::new((0..items).map(item).collect()).expect("ids are distinct");
    let log = log(items);
    let (hyper, counting) = (Hyper::default(), Counting::default());
    let (counts, recent) = build::counts(&log, items, &hyper);
    Pack {
        counts,
        recent,
        neighbours: build::neighbours(&log, items, &counting),
        next: build::next(&log, items, &counting),
        hyper,
        ..Pack::from_catalogue(manifest, catalogue)
    }
}

/// The same pack with an encoder of random weights: what they are costs nothing.
pub fn encoded(pack: Pack) -> Pack {
    let weights = weights(Shape::default(), pack.catalogue.len());
    let model = Model {
        weights,
        precision: Precision::Int8,
        adapter_seed: 1,
        pool: Vec::new(),
    };
    Pack {
        encoder: Some(model),
        ..pack
    }
}

/// Random weights.
pub fn weights(shape: Shape, items: usize) -> Weights {
    let mut rng = Rng::new(4);
    let table = (0..items * shape.dim).map(|_| 0.12 * rng.normal());
    start_weights(shape, items, table.collect(), 4).expect("fits")
}

/// An item with a creator, two genres of 20 and four keywords of 2,000.
fn item(row: usize) -> Item {
    let mut rng = Rng::new(row as u64);
    let circle = row / CIRCLE;
    let tag = |facet: &str, number: usize| (facet.to_owned(), format!("{facet} {number}"));
    let mut tags = vec![tag("genre", circle % 20), tag("genre", rng.below(20))];
    tags.extend((0..4).map(|_| tag("keyword", (circle * 40 + rng.below(80)) % 2_000)));
    Item {
        id: id(row),
        title: format!("Item {row}"),
        year: Some(1920 + rng.below(105) as i16),
        creator: format!("Creator {}", row / 5),
        tags,
        ..Item::default()
    }
}

fn id(row: usize) -> String {
    format!("item-{row}")
}

fn log(items: usize) -> InteractionLog {
    let mut rng = Rng::new(2);
    let mut all = Vec::with_capacity(items * CHOICES);
    for visitor in 0..items {
        let first = visitor / CIRCLE * CIRCLE;
        let circle = CIRCLE.min(items - first);
        for choice in 0..CHOICES {
            all.push(Interaction {
                visitor: visitor as u32,
                item: ItemIndex((first + rng.below(circle)) as u32),
                at: 1_700_000_000 + choice as i64 * 60,
                value: 1.0,
            });
        }
    }
    let mut log = InteractionLog::new(all);
    log.deduplicate();
    log
}

/// Clicks of one visitor with two tastes, no item twice.
pub fn clicks(items: usize, count: usize) -> Vec<Event> {
    let mut rng = Rng::new(3);
    let mut rows: Vec<usize> = (0..items).collect();
    rng.shuffle(&mut rows);
    // Two circles first: their items share neighbours, as a real visitor's do.
    rows.sort_by_key(|row| !matches!(row / CIRCLE, 1 | 3));
    let event = |(at, &row): (usize, &usize)| Event {
        id: EventId(at as u64 + 1),
        at: Time(1_700_000_000_000 + at as i64),
        action: Action::Item {
            item: id(row),
            kind: EventKind::Click,
        },
    };
    rows.iter().take(count).enumerate().map(event).collect()
}
