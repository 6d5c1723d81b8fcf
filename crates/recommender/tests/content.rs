//! Packs made of a catalogue alone: they rank by what items are, at once.

#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use recommender::content::{self, ContentBuilder};
use recommender::load::{self, Limits};
use recommender::random::Rng;
use recommender::{
    Base, Catalogue, EventKind, Expert, Item, ItemIndex, Learner, Pack, RankRequest, kernel,
};

/// Things of `genres` genres with texts that are mostly noise.
fn things(items: usize, genres: usize) -> Vec<Item> {
    let mut rng = Rng::new(3);
    let thing = |i: usize| {
        let genre = rng.below(genres);
        let word = |_| {
            if rng.unit() < 0.2 {
                format!("about{genre}x{}", rng.below(40))
            } else {
                let common = rng.unit() * rng.unit() * rng.unit();
                format!("word{}", (common * 20_000.0) as usize)
            }
        };
        let text: Vec<String> = (0..25).map(word).collect();
        Item {
            id: format!("i{i}"),
            title: format!("Thing {i}"),
            year: Some(1950 + (i % 70) as i16),
            creator: format!("Maker {}", i % (items / 8 + 1)),
            tags: vec![
                ("genre".into(), format!("g{genre}")),
                ("price".into(), format!("{}.00", i % 97)),
            ],
            text: text.join(" "),
            ..Item::default()
        }
    };
    (0..items).map(thing).collect()
}

fn films() -> Vec<Item> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../www/films.csv");
    let bytes = std::fs::read(path).expect("the demo catalogue is part of the project");
    let file = load::catalogue("films.csv", bytes, Limits::PAGE).expect("well formed");
    file.items
}

fn pack(items: Vec<Item>) -> Pack {
    let catalogue = Catalogue::new(items).expect("valid");
    content::pack(content::manifest("things.csv", None), catalogue)
}

fn top(learner: &Learner, limit: usize) -> Vec<ItemIndex> {
    let request = RankRequest {
        limit,
        ..RankRequest::default()
    };
    let list = learner.rank(&request);
    assert!(list.iter().all(|placed| placed.score.is_finite()));
    list.into_iter().map(|placed| placed.item).collect()
}

fn has(item: &Item, value: &str) -> bool {
    item.creator == value || item.tags.iter().any(|tag| tag.1 == value)
}

/// Of the places that could be filled, the share that has the tag after `choices` likes of it.
fn share_of_tag(base: &Arc<Base>, value: &str, choices: usize, rng: &mut Rng) -> f64 {
    let items = base.pack.catalogue.items();
    let mut tagged: Vec<u32> = (0..items.len() as u32)
        .filter(|&row| has(&items[row as usize], value))
        .collect();
    rng.shuffle(&mut tagged);
    let mut learner = Learner::new(Arc::clone(base));
    for &row in &tagged[..choices] {
        learner.learn_item(ItemIndex(row), EventKind::Like);
        learner.settle(ItemIndex(row));
    }
    let places = 10.min(tagged.len() - choices);
    let list = top(&learner, places);
    let hits = list
        .iter()
        .filter(|item| has(&items[item.row()], value))
        .count();
    hits as f64 / places as f64
}

#[test]
fn a_few_choices_of_one_genre_fill_the_top_ten_with_it() {
    for (items, genres) in [(60, 3), (2000, 12), (5000, 80)] {
        let base = Arc::new(Base::new(pack(things(items, genres))));
        let mut rng = Rng::new(1);
        for choices in 3..=5 {
            for genre in 0..genres.min(20) {
                let value = format!("g{genre}");
                let share = share_of_tag(&base, &value, choices, &mut rng);
                assert_eq!(share, 1.0, "{items} items, {choices} choices of {value}");
            }
        }
    }
}

/// The neighbours find directors, whom so few directions cannot tell apart, and cost the genres
/// little.
#[test]
fn the_demos_genres_directors_and_keywords_are_found() {
    let films = films();
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for film in &films {
        let tags = film.tags.iter().map(|tag| (tag.0.as_str(), tag.1.as_str()));
        for tag in tags.chain([("director", film.creator.as_str())]) {
            *counts.entry(tag).or_default() += 1;
        }
    }
    let pack = pack(films.clone());
    let shares = |weight: f32| {
        let mut pack = pack.clone();
        pack.hyper.weights[Expert::Neighbours.index()] = weight;
        let base = Arc::new(Base::new(pack));
        ["genre", "director", "keyword"].map(|facet| {
            let mut rng = Rng::new(1);
            let wanted = counts
                .iter()
                .filter(|(tag, count)| tag.0 == facet && **count >= 8);
            let shares: Vec<f64> = wanted
                .map(|((_, value), _)| share_of_tag(&base, value, 4, &mut rng))
                .collect();
            shares.iter().sum::<f64>() / shares.len() as f64
        })
    };
    let with = shares(pack.hyper.weights[Expert::Neighbours.index()]);
    let without = shares(0.0);
    println!(
        "top ten after 4 choices, genre, director, keyword: {with:.3?}; without neighbours {without:.3?}"
    );
    assert!(with[0] > 0.8 && with[1] > 0.7 && with[2] > 0.5, "{with:?}");
    assert!(
        with[0] > without[0] - 0.06 && with[1] > without[1] + 0.1,
        "{without:?}"
    );
}

/// Of the five nearest films: how many share a genre or the director, beside any five films.
#[test]
fn the_nearest_films_share_genre_and_director() {
    let films = films();
    let vectors = pack(films.clone()).vectors;
    let genres = |film: &Item| -> Vec<String> {
        let genres = film.tags.iter().filter(|tag| tag.0 == "genre");
        genres.map(|tag| tag.1.clone()).collect()
    };
    let all_genres: Vec<Vec<String>> = films.iter().map(genres).collect();
    let mut rng = Rng::new(1);
    let (mut near, mut any, mut pairs) = ([0.0; 2], [0.0; 2], 0.0);
    for (row, film) in films.iter().enumerate() {
        let nearest = kernel::top_k(vectors.values(), vectors.row(ItemIndex(row as u32)), 6);
        let others = nearest
            .iter()
            .map(|(_, item)| item.row())
            .filter(|other| *other != row);
        for other in others.take(5) {
            let random = rng.below(films.len());
            for (sums, other) in [(&mut near, other), (&mut any, random)] {
                let shared = all_genres[row]
                    .iter()
                    .any(|g| all_genres[other].contains(g));
                sums[0] += f64::from(u8::from(shared));
                sums[1] += f64::from(u8::from(film.creator == films[other].creator));
            }
            pairs += 1.0;
        }
    }
    let [genre, director] = near.map(|sum| sum / pairs);
    let [any_genre, any_director] = any.map(|sum| sum / pairs);
    println!(
        "nearest films share a genre {genre:.3} (any: {any_genre:.3}), the director {director:.3} (any: {any_director:.3})"
    );
    assert!(genre > any_genre + 0.3, "{genre} {any_genre}");
    assert!(
        director > 10.0 * any_director + 0.05,
        "{director} {any_director}"
    );
}

#[test]
fn makers_with_few_things_are_found_through_neighbours() {
    let items = things(3000, 30);
    let pack = pack(items.clone());
    assert!(pack.neighbours.entries() > 0 && pack.next.entries() == 0);
    let mut found = 0;
    for row in 0..100u32 {
        let same = |other: usize| items[other].creator == items[row as usize].creator;
        found += usize::from(
            pack.neighbours
                .row(ItemIndex(row))
                .any(|(other, _)| same(other)),
        );
    }
    assert!(found >= 95, "{found}");
}

#[test]
fn without_events_the_files_order_is_the_order() {
    let pack = pack(things(300, 5));
    let order: Vec<u32> = pack.by_popularity().iter().map(|item| item.0).collect();
    assert_eq!(order, (0..300).collect::<Vec<_>>());
    let learner = Learner::new(Arc::new(Base::new(pack)));
    let first: Vec<u32> = top(&learner, 10).iter().map(|item| item.0).collect();
    assert_eq!(first, (0..10).collect::<Vec<_>>());
}

#[test]
fn the_same_catalogue_gives_the_same_pack_and_facts_do_not_matter() {
    let one = pack(things(500, 7));
    assert_eq!(one.encode(), pack(things(500, 7)).encode());
    let mut dearer = things(500, 7);
    for item in &mut dearer {
        item.tags[1].1 = "5.00".into();
        item.tags.push(("availability".into(), "in stock".into()));
    }
    let other = pack(dearer);
    assert_eq!(one.vectors, other.vectors);
    assert_eq!(one.neighbours, other.neighbours);
    let back = Pack::decode(&one.encode()).expect("own bytes");
    assert_eq!(back.neighbours, one.neighbours);
    let (a, b) = (ItemIndex(3), one.vectors.row(ItemIndex(3)));
    assert!(kernel::dot(back.vectors.row(a), b) > 0.999);
}

#[test]
fn facts_are_no_reasons() {
    let mut items = things(200, 4);
    items
        .iter_mut()
        .for_each(|item| item.tags[1].1 = "1.00".into());
    let mut learner = Learner::new(Arc::new(Base::new(pack(items))));
    for row in [0, 1, 2, 3] {
        learner.learn_item(ItemIndex(row), EventKind::Like);
    }
    let mut reasons = 0;
    for item in top(&learner, 20) {
        let explanation = learner.explain(item);
        reasons += explanation.tags.len();
        assert!(explanation.tags.iter().all(|tag| tag.facet != "price"));
    }
    assert!(reasons > 0);
}

#[test]
fn catalogues_with_little_in_them_rank_without_nan() {
    let bare = |i: usize| Item {
        id: i.to_string(),
        title: "東".into(),
        ..Item::default()
    };
    let alike = things(1, 1).remove(0);
    let same = (0..50).map(|i| Item {
        id: i.to_string(),
        ..alike.clone()
    });
    for items in [vec![bare(0)], (0..30).map(bare).collect(), same.collect()] {
        let count = items.len();
        let pack = pack(items);
        assert!(pack.vectors.values().iter().all(|value| value.is_finite()));
        let mut learner = Learner::new(Arc::new(Base::new(pack)));
        for kind in [EventKind::Like, EventKind::Dismiss, EventKind::Click] {
            learner.learn_item(ItemIndex(0), kind);
        }
        assert_eq!(top(&learner, 5).len(), 5.min(count - 1));
    }
}

#[test]
fn slices_report_progress_that_only_grows() {
    let catalogue = Catalogue::new(things(3000, 5)).expect("valid");
    let mut builder = ContentBuilder::new(content::manifest("a.csv", None), catalogue);
    let mut last = builder.progress();
    assert_eq!(last.done, 0);
    while !last.is_done() {
        let now = builder.advance();
        assert!(now.done > last.done && now.of == last.of);
        last = now;
    }
    assert_eq!(builder.advance(), last);
    assert_eq!(builder.finish().vectors, pack(things(3000, 5)).vectors);
}

/// From a file to the bytes of a pack. The times are printed and not asserted: machines differ.
/// (`/usr/bin/time -v` on this test gives the memory that it takes.)
#[test]
fn a_hundred_thousand_items_from_file_to_pack() {
    let mut csv = "id,title,year,creator,genre,price,description\n".to_owned();
    let mut rng = Rng::new(5);
    for i in 0..100_000 {
        let genre = rng.below(300);
        csv += &format!(
            "{i},Thing {i},{},Maker {},g{genre},{}.99,\"",
            1950 + i % 70,
            i % 9000,
            i % 50
        );
        for _ in 0..40 {
            let common = rng.unit() * rng.unit() * rng.unit();
            csv += &format!("word{} ", (common * 300_000.0) as usize);
        }
        csv += "\"\n";
    }
    let bytes = csv.into_bytes();
    let (length, started) = (bytes.len(), Instant::now());
    let file = load::catalogue("things.csv", bytes, Limits::PAGE).expect("valid");
    let read = started.elapsed();
    let catalogue = Catalogue::new(file.items).expect("valid");
    let mut builder = ContentBuilder::new(content::manifest("things.csv", None), catalogue);
    let (mut slices, mut longest) = (0, Duration::ZERO);
    while !builder.progress().is_done() {
        let slice = Instant::now();
        builder.advance();
        longest = longest.max(slice.elapsed());
        slices += 1;
    }
    let built = started.elapsed() - read;
    let pack = builder.finish();
    let bytes = pack.encode();
    println!(
        "{length} bytes read in {read:.1?}, built in {built:.1?} ({slices} slices, the longest {longest:.0?}), {} bytes of pack",
        bytes.len()
    );
    assert_eq!(pack.catalogue.len(), 100_000);
    assert!(pack.vectors.values().iter().all(|value| value.is_finite()));
}
