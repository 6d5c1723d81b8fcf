//! What is learned from, natively.

use super::*;
use crate::training::NamedFile;
use recommender::Item;
use recommender::encoder::{Model, Precision, start_weights};

pub(crate) fn page(items: usize) -> Pack {
    let item = |i: usize| Item {
        id: format!("i{i}"),
        title: format!("Item {i}"),
        tags: vec![("genre".into(), format!("g{}", i % 5))],
        ..Item::default()
    };
    let catalogue = Catalogue::new((0..items).map(item).collect()).expect("valid");
    let manifest = Manifest {
        catalogue_id: "page".into(),
        name: "Page".into(),
        about: "Made up.".into(),
        ..Manifest::default()
    };
    let mut pack = Pack::from_catalogue(manifest, catalogue);
    let shape = Shape {
        dim: 8,
        hidden: 8,
        ..Shape::default()
    };
    let mut rng = Rng::new(1);
    let table = (0..items * 8).map(|_| rng.normal()).collect();
    let any = |rng: &mut Rng| rng.below(items) as u32;
    pack.encoder = Some(Model {
        weights: start_weights(shape, items, table, 2).expect("fits"),
        precision: Precision::Full,
        adapter_seed: 3,
        pool: (0..6)
            .map(|_| (0..5).map(|_| any(&mut rng)).collect())
            .collect(),
    });
    pack
}

/// Visitors who walk through the items in steps of one.
pub(crate) fn log(visitors: usize, items: usize) -> NamedFile {
    let mut text = String::from("user,item,time\n");
    for visitor in 0..visitors {
        for at in 0..8 {
            text += &format!("u{visitor},i{},{}\n", (visitor * 3 + at) % items, 100 + at);
        }
    }
    NamedFile {
        name: "log.csv".into(),
        bytes: text.into_bytes(),
    }
}

pub(crate) fn order(files: Vec<NamedFile>, own_history: bool) -> Pretrain {
    Pretrain {
        files,
        own_history,
        epochs: 2,
        batch: 32,
        history: 10,
    }
}

fn refused(order: &Pretrain, tokens: &[u32]) -> String {
    let problem = Inputs::gather(order, &page(20), tokens, Vec::new(), 1).expect_err("not right");
    assert_eq!(problem.fault, Fault::Data);
    problem.message
}

#[test]
fn a_log_is_split_and_survives_storage() {
    let hashes = vec![("log.csv".to_owned(), "00".to_owned())];
    let order = order(vec![log(12, 20)], false);
    let inputs = Inputs::gather(&order, &page(20), &[], hashes.clone(), 5).expect("enough");
    assert!(inputs.counted && !inputs.own && inputs.replay.is_empty());
    assert_eq!((inputs.visits.len(), inputs.choices()), (12, 96));
    assert_eq!(
        inputs.config.negatives, 0,
        "few items are compared with all"
    );
    let data = inputs.sequences(20);
    assert_eq!((data.train.len(), data.validation.len()), (12, 12));
    assert!(data.train.iter().all(|visit| visit.len() == 7));
    assert_eq!(data.validation[0], (data.train[0].clone(), 7));
    assert_eq!(inputs.pack().expect("readable").manifest.inputs, hashes);
    let bytes = inputs.encode();
    assert_eq!(Inputs::decode(&bytes).as_ref(), Ok(&inputs));
    for cut in 0..bytes.len().min(200) {
        assert!(Inputs::decode(&bytes[..cut]).is_err());
    }
}

#[test]
fn the_own_history_is_one_more_visitor_and_brings_the_pool_along() {
    let tokens = [4, 5, 4, 6];
    let alone =
        Inputs::gather(&order(vec![], true), &page(20), &tokens, vec![], 5).expect("enough");
    let own: Vec<u32> = alone.visits[0].iter().map(|(row, _)| *row).collect();
    assert_eq!(own, [4, 5, 6], "each item once");
    assert!(alone.own && !alone.counted && alone.replay.len() == 6);
    assert_eq!(alone.sequences(20).train.len(), 7);

    let with_log = order(vec![log(12, 20)], true);
    let both = Inputs::gather(&with_log, &page(20), &tokens, vec![], 5).expect("enough");
    assert_eq!((both.visits.len(), both.counted), (13, true));
    assert!(both.visits[12][0].1 > 107, "newer than the log");
}

#[test]
fn another_catalogue_names_items_by_id_and_has_no_pool() {
    let shop = NamedFile {
        name: "My shop.csv".into(),
        bytes: b"id,title\ni6,Six\nnew,New\ni4,Four\ni5,Five\n".to_vec(),
    };
    let order = order(vec![shop], true);
    let inputs = Inputs::gather(&order, &page(20), &[4, 5, 6, 7], vec![], 5).expect("enough");
    assert_eq!(inputs.visits, [[(2, 1), (3, 2), (0, 3)]]);
    assert!(inputs.replay.is_empty());
    let manifest = inputs.pack().expect("readable").manifest;
    assert_eq!(
        (&*manifest.name, &*manifest.catalogue_id),
        ("My shop", "my-shop")
    );
}

#[test]
fn too_little_is_refused_with_a_remedy() {
    assert!(refused(&order(vec![], false), &[1, 2, 3]).contains("drop a log"));
    assert!(refused(&order(vec![], true), &[1, 2]).contains("2 choices"));
    let foreign = NamedFile {
        name: "log.csv".into(),
        bytes: b"user,item,time\nu,x,1\nu,y,2\n".to_vec(),
    };
    let said = refused(&order(vec![foreign], false), &[]);
    assert!(
        said.contains("none of the 2 rows") && said.contains("`Page`"),
        "{said}"
    );
    let small = Pretrain {
        batch: 8,
        ..order(vec![log(3, 20)], false)
    };
    assert!(refused(&small, &[]).contains("at least 32"));
    let short = Pretrain {
        history: 1,
        ..order(vec![log(3, 20)], false)
    };
    assert!(refused(&short, &[]).contains("`history` is 1"));
}

#[test]
fn every_item_starts_from_a_row_of_length_one() {
    let mut items = page(6).catalogue.items().to_vec();
    items[2].tags.clear();
    let catalogue = Catalogue::new(items).expect("valid");
    let table = start_table(&catalogue, &Config::default());
    for row in table.chunks_exact(Shape::default().dim) {
        assert!((kernel::dot(row, row) - 1.0).abs() < 1e-4);
    }
    assert_eq!(table, start_table(&catalogue, &Config::default()));
}
