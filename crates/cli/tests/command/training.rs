//! `pretrain` and `evaluate --encoder`.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use recommender::{Expert, Pack};
use serde_json::Value;

use crate::{honeyguide, text, write_data};

/// Sizes that train in seconds.
const TINY: [&str; 14] = [
    "--dim",
    "8",
    "--heads",
    "1",
    "--hidden",
    "16",
    "--blocks",
    "1",
    "--window",
    "4",
    "--history",
    "8",
    "--batch",
    "8",
];

/// `pretrain` in `folder`, with the data and the pack named relatively: so the manifest's command is
/// the same in every folder.
fn pretrain(folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_honeyguide"));
    command
        .current_dir(folder)
        .args(["pretrain", ".", "--name", "Small", "--out", "small.hgpack"])
        .args(TINY)
        .args(more);
    command
}

fn run(mut command: Command) -> String {
    let output = command
        .output()
        .expect("the command was built for this test");
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

fn data() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_data(folder.path());
    folder
}

fn lines(path: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(path).expect("metrics were written");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("every line is JSON"))
        .collect()
}

#[test]
fn a_pack_with_an_encoder_that_ranks() {
    let folder = data();
    let said = run(pretrain(folder.path(), &["--epochs", "30"]));
    let bytes = fs::read(folder.path().join("small.hgpack")).expect("it was written");
    let pack = Pack::decode(&bytes).expect("a pack");
    let model = pack.encoder.as_ref().expect("it was trained");
    let shape = model.weights.shape;
    assert_eq!((shape.dim, shape.blocks, shape.window), (8, 1, 4));
    assert!(!model.pool.is_empty());
    // Replay is sampled from the model: no visitor of this log has more than six choices.
    assert!(model.pool.iter().any(|sequence| sequence.len() > 6));
    let metric = |name: &str| {
        let found = pack.manifest.metrics.iter().find(|(n, _)| n == name);
        found
            .unwrap_or_else(|| panic!("no {name} in {:?}", pack.manifest.metrics))
            .1
    };
    // Visitors keep to one genre of twelve items and have met five of them: chance among all unseen
    // items is an NDCG@10 of about 0.24.
    assert!(metric("validation NDCG@10, encoder alone") > 0.4);
    assert!(metric("validation NDCG@10") >= metric("validation NDCG@10, popularity alone"));
    assert!(!said.contains("NaN"), "{said}");
    for left in ["small.hgpack.checkpoint", "small.hgpack.partial"] {
        assert!(!folder.path().join(left).exists(), "{left} is left over");
    }
    let metrics = lines(&folder.path().join("small.hgpack.metrics.jsonl"));
    let losses: Vec<f64> = metrics
        .iter()
        .filter_map(|line| line["loss"].as_f64())
        .collect();
    assert!(
        losses.len() > 3 && losses[losses.len() - 1] < losses[0],
        "{losses:?}"
    );
    assert!(
        metrics
            .iter()
            .any(|line| line["validation_ndcg10"].is_f64())
    );

    let file = folder.path().join("small.hgpack");
    let shown = text(&honeyguide(&["inspect", file.to_str().expect("UTF-8")]));
    for word in [
        "1 blocks, d = 8",
        "parameters",
        "replay pool",
        "fingerprint",
        "weight      encoder",
    ] {
        assert!(shown.contains(word), "no `{word}` in {shown}");
    }
}

/// Starts a training and waits for its first checkpoint.
fn started(folder: &Path, more: &[&str]) -> Child {
    let mut child = pretrain(folder, more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command was built for this test");
    let checkpoint = folder.join("small.hgpack.checkpoint");
    let start = Instant::now();
    while !checkpoint.exists() {
        assert!(start.elapsed() < Duration::from_secs(120), "no checkpoint");
        assert!(
            child.try_wait().expect("it is our child").is_none(),
            "it ended before"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// Long enough to be interrupted, with a checkpoint after every step.
const LONG: [&str; 6] = [
    "--epochs",
    "150",
    "--patience",
    "1000",
    "--checkpoint-every",
    "0",
];

#[test]
fn a_killed_training_goes_on_to_the_same_bytes() {
    let whole = data();
    run(pretrain(whole.path(), &LONG));
    let pack = |folder: &Path| fs::read(folder.join("small.hgpack")).expect("it was written");
    let steps = |folder: &Path| -> Vec<Value> {
        let metrics = lines(&folder.join("small.hgpack.metrics.jsonl"));
        // What depends on the clock is no part of the comparison.
        let plain = |line: Value| {
            serde_json::json!([line["step"], line["loss"], line["validation_ndcg10"]])
        };
        metrics.into_iter().map(plain).collect()
    };

    let folder = data();
    let mut killed = started(folder.path(), &LONG);
    killed.kill().expect("it runs");
    killed.wait().expect("it is our child");
    assert!(!folder.path().join("small.hgpack").exists());

    // Without --resume nothing is lost by mistake.
    let refused = pretrain(folder.path(), &LONG).output().expect("it runs");
    assert!(!refused.status.success());
    assert!(text(&refused).contains("--resume"), "{}", text(&refused));

    // Other settings and other data are named.
    for (more, words) in [
        (["--resume", "--dropout", "0.4"], "--dropout was"),
        (["--resume", "--seed", "9"], "--seed was 1 and is 9"),
    ] {
        let refused = pretrain(folder.path(), &[&LONG[..], &more].concat());
        let refused = { refused }.output().expect("it runs");
        assert!(!refused.status.success());
        assert!(text(&refused).contains(words), "{}", text(&refused));
    }
    let log = folder.path().join("events.csv");
    let rows = fs::read_to_string(&log).expect("it is there");
    fs::write(&log, rows.clone() + "v0,m23,1800000000\n").expect("writable");
    let resume = [&LONG[..], &["--resume"]].concat();
    let refused = pretrain(folder.path(), &resume).output().expect("it runs");
    assert!(
        text(&refused).contains("events.csv was"),
        "{}",
        text(&refused)
    );
    fs::write(&log, rows).expect("writable");

    let said = run(pretrain(folder.path(), &resume));
    assert!(said.contains("going on"), "{said}");
    assert_eq!(pack(folder.path()), pack(whole.path()));
    assert_eq!(steps(folder.path()), steps(whole.path()));
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_and_resume_goes_on_to_the_same_bytes() {
    let whole = data();
    run(pretrain(whole.path(), &LONG));
    let folder = data();
    let child = started(folder.path(), &LONG);
    let told = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(told.expect("kill is there").success());
    let output = child.wait_with_output().expect("it is our child");
    assert_eq!(output.status.code(), Some(130), "{}", text(&output));
    assert!(text(&output).contains("--resume"), "{}", text(&output));
    let resume = [&LONG[..], &["--resume"]].concat();
    run(pretrain(folder.path(), &resume));
    let pack = |folder: &Path| fs::read(folder.join("small.hgpack")).expect("it was written");
    assert_eq!(pack(folder.path()), pack(whole.path()));
}

#[test]
fn evaluation_says_what_the_encoder_adds() {
    let folder = data();
    let data = folder.path().to_str().expect("UTF-8");
    let mut arguments = vec!["evaluate", data, "--encoder", "--epochs", "10"];
    arguments.extend(TINY);
    let output = honeyguide(&arguments);
    let shown = text(&output);
    assert!(output.status.success(), "{shown}");
    for word in [
        "\nencoder  ",
        "\nwithout the encoder  ",
        "NDCG@10, difference",
    ] {
        assert!(shown.contains(word), "no `{word}` in {shown}");
    }
    let plain = text(&honeyguide(&["evaluate", data]));
    assert!(!plain.contains("\nencoder  "), "{plain}");
}

#[test]
fn bad_settings_are_named() {
    let folder = data();
    let cases = [
        (vec!["--dim", "10"], "dim 10"),
        (vec!["--dropout", "1.5"], "dropout"),
        (vec!["--time-limit", "soon"], "`soon`"),
        (vec!["--epochs", "0"], "epochs"),
        #[cfg(not(feature = "gpu"))]
        (vec!["--device", "gpu"], "--features gpu"),
    ];
    for (more, words) in cases {
        let data = folder.path().to_str().expect("UTF-8");
        let out = folder.path().join("small.hgpack");
        let mut arguments = vec!["pretrain", data, "--out", out.to_str().expect("UTF-8")];
        arguments.extend(&more);
        let output = honeyguide(&arguments);
        assert!(!output.status.success(), "{more:?}");
        assert!(text(&output).contains(words), "{more:?}: {}", text(&output));
    }
    fs::remove_file(folder.path().join("events.csv")).expect("it is there");
    let output = pretrain(folder.path(), &[]).output().expect("it runs");
    assert!(text(&output).contains("--simulate"), "{}", text(&output));
}

#[test]
fn a_catalogue_without_a_log_trains_on_simulated_visits() {
    let folder = data();
    fs::remove_file(folder.path().join("events.csv")).expect("it is there");
    run(pretrain(
        folder.path(),
        &["--simulate", "30", "--epochs", "2", "--tune-visitors", "0"],
    ));
    let bytes = fs::read(folder.path().join("small.hgpack")).expect("it was written");
    let pack = Pack::decode(&bytes).expect("a pack");
    assert!(pack.manifest.simulated && pack.encoder.is_some());
    assert!(pack.hyper.weights[Expert::Encoder.index()] > 0.0);
}
