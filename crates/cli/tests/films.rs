//! The demo catalogue: its shape, and its facts beside those of MovieLens where that is at hand.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use recommender::catalogue::fold;
use recommender::encoder::{Encoder, Shape, State, adapter};
use recommender::load::Limits;
use recommender::{Catalogue, Expert, Item, Pack, load};

const GENRES: [&str; 22] = [
    "Action",
    "Adventure",
    "Animation",
    "Biography",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Family",
    "Fantasy",
    "Film-Noir",
    "History",
    "Horror",
    "Music",
    "Musical",
    "Mystery",
    "Romance",
    "Science Fiction",
    "Sport",
    "Thriller",
    "War",
    "Western",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn films() -> Vec<Item> {
    let path = root().join("www/films.csv");
    let bytes = std::fs::read(&path).expect("the demo catalogue is part of the project");
    let file = load::catalogue("films.csv", bytes, Limits::PAGE);
    file.expect("the demo catalogue is well formed").items
}

fn values<'a>(item: &'a Item, facet: &str) -> Vec<&'a str> {
    item.tags
        .iter()
        .filter(|(f, _)| f == facet)
        .map(|(_, value)| value.as_str())
        .collect()
}

#[test]
fn every_film_is_complete_and_there_is_none_twice() {
    let films = films();
    assert!(films.len() >= 600, "{} films", films.len());
    Catalogue::new(films.clone()).expect("ids are distinct");
    let mut titles = HashSet::new();
    for film in &films {
        let id = &film.id;
        let year = film.year.unwrap_or_else(|| panic!("{id} has no year"));
        assert!((1920..=2026).contains(&year), "{id}: {year}");
        assert!(
            titles.insert((fold(&film.title), year)),
            "{id} is there twice"
        );
        assert!(
            !film.creator.is_empty() && !values(film, "country").is_empty(),
            "{id}"
        );
        let genres = values(film, "genre");
        assert!(!genres.is_empty() && genres.len() <= 4, "{id}: {genres:?}");
        assert!(
            genres.iter().all(|genre| GENRES.contains(genre)),
            "{id}: {genres:?}"
        );
        let keywords = values(film, "keyword");
        assert!((3..=6).contains(&keywords.len()), "{id}: {keywords:?}");
        assert_eq!(
            keywords.len(),
            keywords.iter().collect::<HashSet<_>>().len(),
            "{id}"
        );
    }
}

#[test]
fn every_decade_and_genre_is_there_and_keywords_connect() {
    let films = films();
    let mut decades: BTreeMap<i16, u32> = BTreeMap::new();
    let mut genres: BTreeMap<&str, u32> = BTreeMap::new();
    let mut keywords: BTreeMap<&str, u32> = BTreeMap::new();
    for film in &films {
        *decades
            .entry(film.year.expect("checked above") / 10)
            .or_default() += 1;
        values(film, "genre")
            .into_iter()
            .for_each(|g| *genres.entry(g).or_default() += 1);
        values(film, "keyword")
            .into_iter()
            .for_each(|k| *keywords.entry(k).or_default() += 1);
    }
    assert!(
        (192..=202).all(|decade| decades.get(&decade).is_some_and(|n| *n >= 10)),
        "{decades:?}"
    );
    assert!(
        GENRES
            .iter()
            .all(|genre| genres.get(genre).is_some_and(|n| *n >= 10)),
        "{genres:?}"
    );
    let lonely = keywords.values().filter(|n| **n == 1).count();
    assert!(
        lonely * 5 <= keywords.len() * 2,
        "{lonely} of {} keywords connect nothing",
        keywords.len()
    );
}

#[test]
fn facts_agree_with_movielens() {
    let folder = root().join("../shared/data/ml-latest-small");
    let Ok(file) = File::open(folder.join("movies.csv")) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let theirs = load::movielens_items("movies.csv", file).expect("MovieLens is well formed");
    let mut by_title: HashMap<String, Vec<&Item>> = HashMap::new();
    for item in &theirs {
        by_title.entry(fold(&item.title)).or_default().push(item);
    }
    let (mut found, mut agree) = (0, 0);
    for film in &films() {
        let year = film.year.expect("checked above");
        let distance = |item: &&&Item| item.year.map_or(i16::MAX, |theirs| (theirs - year).abs());
        let Some(same) = by_title
            .get(&fold(&film.title))
            .and_then(|all| all.iter().min_by_key(distance))
        else {
            continue;
        };
        found += 1;
        let ours: Vec<&str> = values(film, "genre");
        let shared = values(same, "genre").iter().any(|genre| match *genre {
            "Sci-Fi" => ours.contains(&"Science Fiction"),
            "Children" => ours.contains(&"Family"),
            genre => ours.contains(&genre),
        });
        if distance(&same) <= 1 && shared {
            agree += 1;
        } else {
            println!(
                "{} ({year}) {ours:?}: MovieLens has {:?} {:?}",
                film.title,
                same.year,
                values(same, "genre")
            );
        }
    }
    println!("{agree} of {found} films agree with MovieLens in year and genre");
    assert!(
        found > 300 && agree * 100 >= found * 95,
        "{agree} of {found}"
    );
}

/// The demo pack in small: fewer visitors and one epoch, but the sizes that the page ships.
#[test]
fn the_demo_pack_has_an_encoder_of_todays_architecture() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("demo.hgpack");
    let output = Command::new(env!("CARGO_BIN_EXE_honeyguide"))
        .arg("pretrain")
        .arg(root().join("www/films.csv"))
        .args(["--simulate", "150", "--tune-visitors", "0"])
        .args(["--epochs", "1", "--history", "20", "--batch", "32", "--out"])
        .arg(&out)
        .output()
        .expect("the command was built for this test");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let bytes = std::fs::read(&out).expect("it was written");
    let pack = Pack::decode(&bytes).expect("a pack of today");
    assert_eq!(pack.catalogue.len(), films().len());
    let model = pack.encoder.as_ref().expect("pretrain puts one in");
    assert_eq!(model.weights.shape, Shape::default());
    assert_eq!(model.weights.items(), pack.catalogue.len());
    assert!((1_000..=4_000).contains(&adapter::len(&model.weights.shape)));
    assert!(!model.pool.is_empty() && pack.hyper.weights[Expert::Encoder.index()] >= 0.0);
    let encoder = Encoder::new(&model.weights);
    let mut state = State::new(&encoder);
    model.pool[0]
        .iter()
        .for_each(|&item| state.push(&encoder, item));
    assert!(state.user().iter().all(|x| x.is_finite()));
    assert!(state.user().iter().any(|x| *x != 0.0));
}
