//! `pack`, `evaluate` and `inspect`.

use std::fs;
use std::path::Path;

use recommender::{Pack, Profile, content};

use crate::{honeyguide, text, write_data};

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
    let pack = Pack::decode(&fs::read(&out).expect("written")).expect("a pack");
    assert_eq!(pack.manifest.events, 0);
    assert_eq!(pack.vectors.dimension(), content::DIMENSION);
    assert!(
        honeyguide(&["pack", data, "--out", out_name, "--simulate", "30"])
            .status
            .success()
    );
    let pack = Pack::decode(&fs::read(&out).expect("written")).expect("a pack");
    assert!(pack.manifest.simulated && pack.manifest.about.contains("30 simulated visitors"));
}

#[test]
fn packs_a_feed_and_json_lines() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("own.hgpack");
    let rss = "<rss><channel><title>Shop</title><item><title>A</title><guid>a</guid>\
        <category>x</category></item><item><title>B</title><guid>b</guid></item></channel></rss>";
    let lines =
        "{\"id\":\"a\",\"title\":\"A\"}\n{\"id\":\"b\",\"title\":\"B\",\"odd\":{\"x\":1}}\n";
    for (name, content) in [("feed.xml", rss), ("items.jsonl", lines)] {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("writable");
        let [data, out] = [&path, &out].map(|path| path.to_str().expect("UTF-8"));
        let output = honeyguide(&["pack", data, "--out", out]);
        assert!(output.status.success(), "{}", text(&output));
        let pack = Pack::decode(&fs::read(out).expect("written")).expect("a pack");
        let ids: Vec<&str> = pack
            .catalogue
            .items()
            .iter()
            .map(|i| i.id.as_str())
            .collect();
        assert_eq!(ids, ["a", "b"]);
        assert_eq!(
            text(&output).contains("not used: odd"),
            name == "items.jsonl"
        );
    }
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
