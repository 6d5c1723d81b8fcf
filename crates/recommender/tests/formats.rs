//! The stored formats: golden bytes, and refusal of everything that is not exactly right.
//!
//! `HONEYGUIDE_BLESS=1 cargo test -p recommender --test formats` writes the golden files anew. A
//! changed golden file means a changed format: raise its version and keep reading the old one.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::path::PathBuf;
use std::{env, fs};

use common::{event, pack};
use proptest::prelude::*;
use recommender::encoder::adapter::Snapshot;
use recommender::encoder::{Model, NamedTensor, Precision, Shape, Weights};
use recommender::format::{Kind, Problem};
use recommender::profile::{decode_event, encode_event};
use recommender::{
    Action, Catalogue, EXPERTS, Event, EventId, EventKind, Expert, Hyper, Item, Manifest, Pack,
    Profile, load,
};

fn golden(name: &str, bytes: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if env::var_os("HONEYGUIDE_BLESS").is_some() {
        fs::write(&path, bytes).expect("the golden folder is writable");
    }
    let kept = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(kept == bytes, "{name} has other bytes than it used to");
}

/// A pack without numbers from the maths library, whose last bits may differ between platforms.
fn small_pack() -> Pack {
    let item = Item {
        id: "a".into(),
        title: "Ä".into(),
        year: Some(1950),
        creator: "X & Y".into(),
        tags: vec![("genre".into(), "Drama".into())],
        ..Item::default()
    };
    let other = Item {
        id: "b".into(),
        title: "B".into(),
        ..Item::default()
    };
    let catalogue = Catalogue::new(vec![item, other]).expect("distinct ids");
    let manifest = Manifest {
        catalogue_id: "small".into(),
        name: "Small".into(),
        ..Manifest::default()
    };
    let mut pack = Pack::from_catalogue(manifest, catalogue);
    pack.vectors = recommender::vectors::ItemVectors::new(2, vec![1.0, 0.0, 0.0, 1.0]);
    pack.counts = vec![2.0, 1.0];
    pack.hyper = Hyper::default();
    pack
}

fn small_profile() -> Profile {
    let mut profile = Profile::new("small");
    profile.settled.push("b".into());
    profile.events = vec![
        event(1, 0, EventKind::Click),
        event(2, 0, EventKind::Dwell { seconds: 12.5 }),
        Event {
            action: Action::Search {
                query: "noir".into(),
            },
            ..event(3, 0, EventKind::Click)
        },
        Event {
            action: Action::Remove { item: "i0".into() },
            ..event(4, 0, EventKind::Click)
        },
    ];
    profile
}

/// [`small_pack`] with an encoder of simple numbers.
fn encoded_pack() -> Pack {
    let shape = Shape {
        dim: 4,
        heads: 1,
        hidden: 4,
        blocks: 1,
        window: 2,
    };
    let tensors = shape.tensors(2).into_iter().map(|(name, sizes)| {
        let size: usize = sizes.iter().product();
        NamedTensor {
            name,
            shape: sizes,
            values: (0..size).map(|i| i as f32 / 8.0 - 1.0).collect(),
        }
    });
    let mut pack = small_pack();
    pack.hyper.weights[Expert::Encoder.index()] = 0.5;
    pack.encoder = Some(Model {
        weights: Weights::new(shape, 2, tensors.collect()).expect("fits"),
        precision: Precision::Int8,
        adapter_seed: 3,
        pool: vec![vec![0, 1, 0]],
    });
    pack
}

fn small_adapter() -> Snapshot {
    Snapshot {
        base: 9,
        through: Some(EventId(7)),
        multipliers: [1.0; EXPERTS],
        values: vec![0.5, -0.25],
    }
}

/// A pack of the first version, as it was written then, is read as it always was.
#[test]
fn the_first_version_is_still_read() {
    let first = include_bytes!("golden/pack-1.hgpack");
    assert_eq!(first[6], 1);
    let pack = Pack::decode(first).expect("version 1");
    let today = small_pack();
    assert_eq!(pack.catalogue.items(), today.catalogue.items());
    assert_eq!(pack.hyper.weights[..6], today.hyper.weights[..6]);
    assert_eq!(pack.hyper.weights[6], 0.0, "it had no encoder");
    assert_eq!(pack.encoder, None);
}

#[test]
fn golden_bytes() {
    golden("pack.hgpack", &encoded_pack().encode());
    golden("adapter.hgadapter", &small_adapter().encode());
    golden("profile.hgprofile", &small_profile().encode());
    golden(
        "event.hgevent",
        &encode_event(&event(7, 3, EventKind::Like)),
    );
}

#[test]
fn own_bytes_are_read_back() {
    let full = pack();
    let back = Pack::decode(&full.encode()).expect("own bytes");
    assert_eq!(back.catalogue.items(), full.catalogue.items());
    assert_eq!(
        (back.next, back.neighbours, back.hyper),
        (full.next, full.neighbours, full.hyper)
    );
    assert_eq!(
        Profile::decode(&small_profile().encode()),
        Ok(small_profile())
    );
    let click = event(7, 3, EventKind::Click);
    assert_eq!(decode_event(&encode_event(&click)), Ok(click));
    let adapter = small_adapter();
    assert_eq!(Snapshot::decode(&adapter.encode()), Ok(adapter));
}

#[test]
fn refusals_say_what_and_what_to_do() {
    let good = small_profile().encode();
    let problem = |bytes: &[u8]| Profile::decode(bytes).expect_err("bad bytes").problem;
    assert_eq!(problem(b""), Problem::Foreign);
    assert_eq!(problem(b"<html></html>"), Problem::Foreign);
    assert_eq!(
        problem(&small_pack().encode()),
        Problem::WrongKind(Kind::Pack)
    );
    assert!(matches!(
        problem(&good[..good.len() - 1]),
        Problem::Length { .. }
    ));
    let mut flipped = good.clone();
    *flipped.last_mut().expect("not empty") ^= 1;
    assert_eq!(problem(&flipped), Problem::Checksum);
    let mut future = good.clone();
    future[6] = 9;
    assert_eq!(problem(&future), Problem::Future { found: 9 });
    let told = Profile::decode(&future).expect_err("future").to_string();
    assert!(
        told.contains("format version 9") && told.contains("update Honeyguide"),
        "{told}"
    );
    let told = Profile::decode(&flipped).expect_err("damaged").to_string();
    assert!(
        told.contains("checksum") && told.contains("import another export"),
        "{told}"
    );
}

#[test]
fn tables_that_do_not_fit_are_refused() {
    let mut short = small_pack();
    short.counts.pop();
    assert!(
        Pack::decode(&short.encode())
            .expect_err("short")
            .to_string()
            .contains("counts")
    );
    let mut wild = small_pack();
    wild.hyper.next_decay = 7.0;
    assert!(
        Pack::decode(&wild.encode())
            .expect_err("wild")
            .to_string()
            .contains("next_decay")
    );
    let mut many = small_profile();
    many.events = (0..1025).map(|id| event(id, 0, EventKind::Click)).collect();
    assert!(
        Profile::decode(&many.encode())
            .expect_err("many")
            .to_string()
            .contains("1025 events")
    );
    let odd = event(1, 0, EventKind::Dwell { seconds: f32::NAN });
    assert!(decode_event(&encode_event(&odd)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Pack::decode(&bytes);
        let _ = Profile::decode(&bytes);
        let _ = decode_event(&bytes);
        let _ = Snapshot::decode(&bytes);
        let _ = load::events_csv("f", bytes.as_slice(), &load::Columns::default());
        let _ = load::events_json_lines("f", bytes.as_slice(), &load::Columns::default());
        let _ = load::movielens_dat("f", bytes.as_slice());
    }

    /// Behind a right checksum, too: the body itself must be checked.
    #[test]
    fn damaged_bodies_never_panic(at in 20usize..2000, value: u8) {
        let mut bytes = encoded_pack().encode();
        let at = 20 + at % (bytes.len() - 20);
        bytes[at] = value;
        let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes[20..]);
        bytes[16..20].copy_from_slice(&crc.to_le_bytes());
        if let Ok(pack) = Pack::decode(&bytes) {
            let mut learner = recommender::Learner::new(std::sync::Arc::new(recommender::Base::new(pack)));
            learner.learn_item(recommender::ItemIndex(0), EventKind::Click);
            let list = learner.rank(&recommender::RankRequest { limit: 2, ..Default::default() });
            prop_assert!(list.iter().all(|placed| placed.score.is_finite()));
        }
    }

    #[test]
    fn every_profile_survives(ids in proptest::collection::vec((any::<u64>(), any::<i64>(), ".{0,20}"), 0..40)) {
        let mut profile = Profile::new("p");
        profile.events = ids
            .into_iter()
            .map(|(id, at, item)| Event {
                id: EventId(id),
                at: recommender::Time(at),
                action: Action::Item { item, kind: EventKind::Click },
            })
            .collect();
        prop_assert_eq!(Profile::decode(&profile.encode()), Ok(profile));
    }
}
