//! `export` and `import`: weights that come and go as safetensors.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use recommender::encoder::{Encoder, State};
use recommender::{Base, EventKind, Expert, ItemIndex, Learner, Pack, RankRequest};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Deserialize;

use crate::{honeyguide, text};

/// Scores are sums of 16 products of numbers around 1: float32 keeps six digits of them, and no two
/// scores of the fixture are nearer than four times this.
const TOLERANCE: f32 = 5e-5;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    history: Vec<u32>,
    scores: Vec<f32>,
}

fn fixture() -> Vec<Expected> {
    let bytes = fs::read(golden("encoder.json")).expect("it is part of the project");
    let fixture: Fixture = serde_json::from_slice(&bytes).expect("the script wrote it");
    fixture.cases
}

/// A folder with `plain.hgpack`: a catalogue of `items` without log or encoder.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(items: usize) -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary folder"));
        let mut catalogue = "id,title,year,genres\n".to_owned();
        for i in 0..items {
            writeln!(catalogue, "m{i},Item {i},1990,Theme {}", i / 10).expect("memory");
        }
        fs::write(folder.path("catalogue.csv"), catalogue).expect("a fresh folder is writable");
        let output = honeyguide(&[
            "pack",
            &folder.path("catalogue.csv"),
            "--out",
            &folder.path("plain.hgpack"),
        ]);
        assert!(output.status.success(), "{}", text(&output));
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("UTF-8").to_owned()
    }

    fn pack(&self, name: &str) -> Pack {
        Pack::decode(&fs::read(self.path(name)).expect("it was written")).expect("a pack")
    }

    /// Imports, and returns what was printed if it worked, else the error.
    fn import(&self, file: &str, out: &str, more: &[&str]) -> Result<String, String> {
        let plain = self.path("plain.hgpack");
        let out = self.path(out);
        let mut arguments = vec!["import", file, "--into", &plain, "--out", &out];
        arguments.extend(more);
        let output = honeyguide(&arguments);
        if output.status.success() {
            Ok(text(&output))
        } else {
            Err(text(&output))
        }
    }
}

/// Rows from the best score to the worst.
fn order(scores: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    order
}

/// The fixture is made by `python benches/peers/encoder_torch.py --out crates/cli/tests/golden`.
#[test]
fn an_encoder_of_pytorch_ranks_the_same() {
    let folder = Folder::new(60);
    let file = golden("encoder.safetensors");
    let more = ["--full-precision", "--weight", "1"];
    folder
        .import(file.to_str().expect("UTF-8"), "full.hgpack", &more)
        .expect("it fits");
    let mut pack = folder.pack("full.hgpack");
    let model = pack.encoder.clone().expect("it was imported");
    assert!(!model.pool.is_empty() && model.pool.iter().all(|sequence| sequence.len() > 1));

    let encoder = Encoder::new(&model.weights);
    let window = model.weights.shape.window;
    let cases = fixture();
    assert!(cases.iter().any(|case| case.history.len() > 2 * window));
    let mut worst = 0.0f32;
    for case in &cases {
        let mut state = State::new(&encoder);
        case.history
            .iter()
            .for_each(|&item| state.push(&encoder, item));
        let user = state.user();
        let rows = encoder.table().chunks_exact(user.len());
        let ours: Vec<f32> = rows
            .map(|row| row.iter().zip(user).map(|(a, b)| a * b).sum())
            .collect();
        for (a, b) in ours.iter().zip(&case.scores) {
            worst = worst.max((a - b).abs());
        }
        assert_eq!(order(&ours), order(&case.scores), "{:?}", case.history);
    }
    println!("largest difference to PyTorch {worst:e}");
    assert!(worst < TOLERANCE, "{worst:e}");

    // And as an expert of the learner, alone in the fusion: the list that a visitor would see.
    pack.hyper.fusion_rate = 0.0;
    pack.hyper.weights = [0.0; recommender::EXPERTS];
    pack.hyper.weights[Expert::Encoder.index()] = 1.0;
    let base = Arc::new(Base::new(pack));
    for case in &cases {
        let mut learner = Learner::for_evaluation(Arc::clone(&base));
        for &item in &case.history {
            learner.learn_item(ItemIndex(item), EventKind::Click);
        }
        let mut unseen = order(&case.scores);
        unseen.retain(|&row| !case.history.contains(&(row as u32)));
        let request = RankRequest {
            limit: 5,
            ..RankRequest::default()
        };
        let list = learner.rank(&request);
        let rows: Vec<usize> = list.iter().map(|placed| placed.item.row()).collect();
        assert_eq!(rows, unseen[..5], "{:?}", case.history);
    }
}

#[test]
fn what_is_exported_comes_back_bit_by_bit_at_full_precision() {
    let folder = Folder::new(60);
    let file = golden("encoder.safetensors");
    let file = file.to_str().expect("UTF-8");
    folder
        .import(file, "full.hgpack", &["--full-precision"])
        .expect("it fits");
    let export = |pack: &str, out: &str| {
        let output = honeyguide(&["export", &folder.path(pack), "--out", &folder.path(out)]);
        assert!(output.status.success(), "{}", text(&output));
        fs::read(folder.path(out)).expect("it was written")
    };
    let first = export("full.hgpack", "one.safetensors");
    let said = folder
        .import(
            &folder.path("one.safetensors"),
            "again.hgpack",
            &["--full-precision", "--weight", "0"],
        )
        .expect("it fits");
    assert!(said.contains("its weight in the fusion is 0"), "{said}");
    let weights = |name: &str| folder.pack(name).encoder.expect("imported").weights;
    assert_eq!(weights("full.hgpack"), weights("again.hgpack"));
    assert_eq!(first, export("again.hgpack", "two.safetensors"));

    // Every tensor is the one of PyTorch's file.
    let theirs = fs::read(file).expect("it is part of the project");
    let theirs = SafeTensors::deserialize(&theirs).expect("PyTorch wrote it");
    let ours = SafeTensors::deserialize(&first).expect("we wrote it");
    assert_eq!(ours.len(), theirs.len());
    for (name, view) in theirs.iter() {
        let other = ours.tensor(name).expect("the same names");
        assert_eq!(
            (view.shape(), view.data()),
            (other.shape(), other.data()),
            "{name}"
        );
    }

    // One byte per value: smaller, and near.
    folder.import(file, "small.hgpack", &[]).expect("it fits");
    let length = |name| fs::metadata(folder.path(name)).expect("written").len();
    assert!(length("small.hgpack") + 10_000 < length("full.hgpack"));
    let (full, small) = (weights("full.hgpack"), weights("small.hgpack"));
    for (a, b) in full.tensors().iter().zip(small.tensors()) {
        let top = a.values.iter().fold(0.0f32, |top, x| top.max(x.abs()));
        let near = |(a, b): (&f32, &f32)| (a - b).abs() <= top / 127.0;
        assert!(a.values.iter().zip(&b.values).all(near), "{}", a.name);
    }
    let shown = text(&honeyguide(&["inspect", &folder.path("small.hgpack")]));
    for word in ["2 blocks, d = 16", "one byte per value", "replay pool"] {
        assert!(shown.contains(word), "no `{word}` in {shown}");
    }
}

/// The fixture with one change.
fn changed(change: impl Fn(&mut Vec<(String, Dtype, Vec<usize>, Vec<u8>)>)) -> Vec<u8> {
    let bytes = fs::read(golden("encoder.safetensors")).expect("it is part of the project");
    let file = SafeTensors::deserialize(&bytes).expect("PyTorch wrote it");
    let mut tensors: Vec<_> = file
        .iter()
        .map(|(name, view)| {
            let shape = view.shape().to_vec();
            (name.to_owned(), view.dtype(), shape, view.data().to_vec())
        })
        .collect();
    change(&mut tensors);
    let views = tensors.iter().map(|(name, dtype, shape, data)| {
        let view = TensorView::new(*dtype, shape.clone(), data).expect("it fits");
        (name.as_str(), view)
    });
    safetensors::serialize(views, None).expect("memory")
}

#[test]
fn what_does_not_fit_is_named() {
    type Change = fn(&mut Vec<(String, Dtype, Vec<usize>, Vec<u8>)>);
    let folder = Folder::new(60);
    let refused = |bytes: &[u8], words: &str| {
        let file = folder.path("bad.safetensors");
        fs::write(&file, bytes).expect("writable");
        let said = folder
            .import(&file, "out.hgpack", &[])
            .expect_err("it does not fit");
        assert!(said.contains(words), "no `{words}` in {said}");
        assert!(!Path::new(&folder.path("out.hgpack")).exists());
    };
    refused(b"hello, this is no file of weights", "no safetensors file");
    let cases: [(Change, &str); 6] = [
        (
            |tensors| tensors.retain(|(name, ..)| name != "blocks.1.feedforward.down"),
            "the tensor `blocks.1.feedforward.down` is missing",
        ),
        (
            |tensors| tensors.push(("head".into(), Dtype::F32, vec![1], vec![0; 4])),
            "the tensor `head` is unknown",
        ),
        (
            |tensors| {
                for (name, _, shape, _) in tensors.iter_mut() {
                    if name == "blocks.0.feedforward.down" {
                        shape.reverse();
                    }
                }
            },
            "`blocks.0.feedforward.down` has the shape [16, 32], but [32, 16] is needed",
        ),
        (
            |tensors| {
                for (name, _, _, data) in tensors.iter_mut() {
                    if name == "blocks.1.attention.key" {
                        data[..4].copy_from_slice(&f32::NAN.to_le_bytes());
                    }
                }
            },
            "the tensor `blocks.1.attention.key` has values that are no numbers",
        ),
        (
            |tensors| {
                for (name, dtype, shape, data) in tensors.iter_mut() {
                    if name == "norm.gain" {
                        (*dtype, *data) = (Dtype::F64, vec![0; shape[0] * 8]);
                    }
                }
            },
            "the tensor `norm.gain` is F64, but F32 is needed",
        ),
        (
            |tensors| {
                for (name, _, shape, data) in tensors.iter_mut() {
                    if name == "items.weight" {
                        data.truncate(59 * 16 * 4);
                        shape[0] = 59;
                    }
                }
            },
            "the tensor `items.weight` has 59 rows, but the catalogue has 60 items",
        ),
    ];
    for (change, words) in cases {
        refused(&changed(change), words);
    }
    // A file of one catalogue does not go into another of the same size.
    let file = golden("encoder.safetensors");
    folder
        .import(file.to_str().expect("UTF-8"), "full.hgpack", &[])
        .expect("it fits");
    let exported = folder.path("mine.safetensors");
    let full = folder.path("full.hgpack");
    assert!(
        honeyguide(&["export", &full, "--out", &exported])
            .status
            .success()
    );
    let other = folder.path("catalogue.csv");
    let renamed = fs::read_to_string(&other)
        .expect("written")
        .replace("m7,", "n7,");
    fs::write(&other, renamed).expect("writable");
    let plain = folder.path("plain.hgpack");
    assert!(
        honeyguide(&["pack", &other, "--out", &plain])
            .status
            .success()
    );
    let said = folder
        .import(&exported, "out.hgpack", &[])
        .expect_err("another catalogue");
    assert!(said.contains("made for another catalogue"), "{said}");
    let said = text(&honeyguide(&["export", &plain, "--out", &exported]));
    assert!(said.contains("has no encoder"), "{said}");
}
