//! The `honeyguide` command as its users meet it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use recommender::{Pack, Profile};

fn honeyguide(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_honeyguide"))
        .args(arguments)
        .output()
        .expect("the command was built for this test")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// 24 items of two genres; 40 visitors who keep to one, six choices each.
fn write_data(folder: &Path) {
    let mut catalogue = "id,title,year,genres\n".to_owned();
    let mut log = "visitor,item,time\n".to_owned();
    for i in 0..24_u32 {
        let genre = if i.is_multiple_of(2) {
            "Western"
        } else {
            "Musical"
        };
        writeln!(catalogue, "m{i},Item {i},19{:02},{genre}", 50 + i).expect("memory");
    }
    for visitor in 0..40 {
        for step in 0..6 {
            let item = (visitor * 5 + step * 2) % 24 / 2 * 2 + visitor % 2;
            writeln!(
                log,
                "v{visitor},m{item},{}",
                1_700_000_000 + visitor * 100 + step
            )
            .expect("memory");
        }
    }
    fs::write(folder.join("catalogue.csv"), catalogue).expect("a fresh folder is writable");
    fs::write(folder.join("events.csv"), log).expect("a fresh folder is writable");
}

#[test]
fn packs_a_folder_the_same_way_twice_and_inspects_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_data(folder.path());
    let data = folder.path().to_str().expect("UTF-8");
    let [one, two] = ["one.hgpack", "two.hgpack"].map(|name| folder.path().join(name));
    for out in [&one, &two] {
        let output = honeyguide(&[
            "pack",
            data,
            "--name",
            "Small",
            "--out",
            out.to_str().expect("UTF-8"),
        ]);
        assert!(output.status.success(), "{}", text(&output));
    }
    let bytes = fs::read(&one).expect("it was written");
    let pack = Pack::decode(&bytes).expect("it is a pack");
    assert_eq!((pack.catalogue.len(), pack.manifest.visitors), (24, 40));
    assert!(!pack.manifest.simulated && pack.neighbours.entries() > 0 && pack.next.entries() > 0);
    let same = |pack: &Pack| format!("{:?} {:?} {:?}", pack.hyper, pack.vectors, pack.counts);
    let other = Pack::decode(&fs::read(&two).expect("it was written")).expect("it is a pack");
    assert_eq!(same(&pack), same(&other));

    let output = honeyguide(&["inspect", one.to_str().expect("UTF-8")]);
    let shown = text(&output);
    assert!(
        shown.contains("Small") && shown.contains("observed events of 40 visitors"),
        "{shown}"
    );
}

#[test]
fn evaluates_and_prints_every_expert_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_data(folder.path());
    let output = honeyguide(&[
        "evaluate",
        folder.path().to_str().expect("UTF-8"),
        "--seed",
        "3",
    ]);
    let shown = text(&output);
    assert!(output.status.success(), "{shown}");
    for word in [
        "whole learner",
        "popularity",
        "next",
        "taste",
        "paired bootstrap",
        "ablation",
        "seed 3",
    ] {
        assert!(shown.contains(word), "no `{word}` in {shown}");
    }
}

#[test]
fn a_catalogue_alone_makes_a_pack_and_simulation_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_data(folder.path());
    fs::remove_file(folder.path().join("events.csv")).expect("it is there");
    let data = folder.path().join("catalogue.csv");
    let out = folder.path().join("demo.hgpack");
    let [data, out_name] = [&data, &out].map(|path| path.to_str().expect("UTF-8"));
    assert!(
        honeyguide(&["pack", data, "--out", out_name])
            .status
            .success()
    );
    assert_eq!(
        Pack::decode(&fs::read(&out).expect("written"))
            .expect("a pack")
            .manifest
            .events,
        0
    );
    assert!(
        honeyguide(&["pack", data, "--out", out_name, "--simulate", "30"])
            .status
            .success()
    );
    let pack = Pack::decode(&fs::read(&out).expect("written")).expect("a pack");
    assert!(pack.manifest.simulated && pack.manifest.about.contains("30 simulated visitors"));
}

#[test]
fn bad_input_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    fs::write(path("catalogue.csv"), "id,title,year\na,One,soon\n").expect("writable");
    fs::write(path("notes.hgpack"), "hello").expect("writable");
    fs::write(path("me.hgprofile"), Profile::new("x").encode()).expect("writable");
    let out = path("out.hgpack");
    for (arguments, words) in [
        (
            vec!["pack", &path("catalogue.csv"), "--out", &out],
            "catalogue.csv, line 2, column `year`: `soon` is no year",
        ),
        (
            vec!["pack", &path("missing"), "--out", &out],
            "missing cannot be opened",
        ),
        (
            vec!["inspect", &path("notes.hgpack")],
            "not a Honeyguide pack",
        ),
        (
            vec!["serve", "--pack", &path("me.hgprofile")],
            "is a Honeyguide profile, not a pack",
        ),
        (vec!["serve", "--dir", &path("nowhere")], "no index.html"),
    ] {
        let output = honeyguide(&arguments);
        assert!(
            !output.status.success() && text(&output).contains(words),
            "{arguments:?}: {}",
            text(&output)
        );
    }
    assert!(!Path::new(&out).exists(), "a failed run leaves no file");
    assert!(
        text(&honeyguide(&["inspect", &path("me.hgprofile")])).contains("profile for catalogue x")
    );
}
