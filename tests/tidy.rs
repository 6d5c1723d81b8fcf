//! Holds the documents to the tree, and the tree to the house rules.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A source file longer than this wants to be two.
const MOST_LINES: usize = 500;

#[test]
fn architecture_names_only_what_exists() {
    let missing: Vec<_> = architecture()
        .into_iter()
        .filter(|path| !root().join(path).exists())
        .collect();
    assert!(
        missing.is_empty(),
        "ARCHITECTURE.md names what is not there: {missing:?}"
    );
}

#[test]
fn architecture_names_every_room() {
    let named = architecture();
    let rooms: BTreeSet<String> = files()
        .iter()
        .filter_map(|path| room(path))
        .filter(|room| !named.contains(room))
        .collect();
    assert!(
        rooms.is_empty(),
        "ARCHITECTURE.md does not name {rooms:?} in its tree"
    );
}

#[test]
fn every_crate_takes_the_lint_table() {
    // The fuzz targets are no part of the workspace: they need a nightly compiler.
    let in_workspace = |path: &&String| path.ends_with("Cargo.toml") && !path.contains("/fuzz/");
    for path in files().iter().filter(in_workspace) {
        assert!(
            read(path).contains("[lints]\nworkspace = true"),
            "{path} does not take the workspace's lints"
        );
    }
}

#[test]
fn documents_name_commands_that_exist() {
    let commands = xtask_commands();
    for path in files().iter().filter(|path| path.ends_with(".md")) {
        for command in xtask_calls(&read(path)) {
            assert!(
                commands.contains(&command),
                "{path} names `cargo xtask {command}`; there are {commands:?}"
            );
        }
    }
}

#[test]
fn no_source_file_is_too_long() {
    for path in files() {
        if [".rs", ".mjs", ".css"]
            .iter()
            .any(|end| path.ends_with(end))
        {
            let lines = read(&path).lines().count();
            assert!(lines <= MOST_LINES, "{path} has {lines} lines: split it");
        }
    }
}

#[test]
fn no_file_names_a_package_registry() {
    // In two parts each, so that this file passes, too.
    let hosts = [
        ("crates", ".io"),
        ("npmjs", ".org"),
        ("npmjs", ".com"),
        ("pypi", ".org"),
        ("pythonhosted", ".org"),
    ]
    .map(|(name, end)| format!("{name}{end}"));
    for path in files().iter().filter(|path| *path != "Cargo.lock") {
        let text = read(path);
        for host in &hosts {
            assert!(
                !text.contains(host),
                "{path} names {host}: leave the choice of a registry to the user's settings"
            );
        }
        assert!(
            !path.ends_with("package-lock.json") || !text.contains("\"resolved\""),
            "{path} pins where packages come from: run `npm install` in its folder again"
        );
    }
}

#[test]
fn reads_a_tree_as_documents_write_it() {
    let text = "Prose with `src/`.\n\n```\nnot = \"a tree\"\n```\n\n```\n\
        Cargo.toml      workspace; its root package is the app\n\
        Trunk.toml  index.html\n\
        src/            Leptos: the page\n\
        crates/\n\
        \x20 recommender/  the click path: catalogue, events,\n\
        \x20               progressive evaluation. See main.rs\n\
        \x20 cli/          the `honeyguide` command\n\
        \x20   src/main.rs\n\
        tests/          end to end\n```\n";
    let expected = [
        "Cargo.toml",
        "Trunk.toml",
        "index.html",
        "src",
        "crates",
        "crates/recommender",
        "crates/cli",
        "crates/cli/src/main.rs",
        "tests",
    ];
    let expected: BTreeSet<String> = expected.map(String::from).into();
    assert_eq!(tree(text), expected);
}

#[test]
fn finds_the_commands_that_prose_names() {
    let text =
        "Run `cargo xtask serve --port 1`, then cargo xtask test. `cargo xtask …` lists all.";
    assert_eq!(xtask_calls(text), ["serve", "test"]);
}

fn architecture() -> BTreeSet<String> {
    let named = tree(&read("ARCHITECTURE.md"));
    assert!(
        named.contains("crates"),
        "ARCHITECTURE.md has no code block with the tree"
    );
    named
}

/// The paths named in the code block that shows the tree: the one with a line `crates/`. A line
/// names paths until its first word that is none; two spaces of indentation are one level; lines
/// that go on with a description name nothing, since their indentation fits no folder.
fn tree(markdown: &str) -> BTreeSet<String> {
    let block = markdown
        .split("```")
        .skip(1)
        .step_by(2)
        .find(|block| block.lines().any(|line| line.starts_with("crates/")))
        .unwrap_or_default();
    let mut folders: Vec<String> = Vec::new();
    let mut paths = BTreeSet::new();
    for line in block.lines() {
        let level = (line.len() - line.trim_start().len()) / 2;
        if level > folders.len() {
            continue;
        }
        folders.truncate(level);
        let parent: String = folders.concat();
        for word in line.split_whitespace().take_while(|word| is_path(word)) {
            paths.insert(format!("{parent}{}", word.trim_end_matches('/')));
            if word.ends_with('/') {
                folders.truncate(level);
                folders.push(word.to_owned());
            }
        }
    }
    paths
}

fn is_path(word: &str) -> bool {
    let plain = word
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte));
    let extension = word.rsplit_once('.').map_or("", |(_, extension)| extension);
    plain
        && (word.ends_with('/')
            || ["toml", "md", "html", "rs", "mjs", "json", "csv", "css"].contains(&extension))
}

/// The room that a file lies in: its top-level folder, for a crate `crates/<name>`. Files at the top
/// and folders with a dot, which belong to tools, are in none.
fn room(path: &str) -> Option<String> {
    let (top, rest) = path.split_once('/')?;
    if top.starts_with('.') {
        return None;
    }
    match rest.split_once('/') {
        Some((name, _)) if top == "crates" => Some(format!("{top}/{name}")),
        _ => Some(top.to_owned()),
    }
}

/// The words after `cargo xtask` in a text.
fn xtask_calls(text: &str) -> Vec<String> {
    text.split("cargo xtask ")
        .skip(1)
        .map(|rest| {
            rest.chars()
                .take_while(|letter| letter.is_ascii_lowercase() || *letter == '-')
                .collect::<String>()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// The commands that `cargo xtask --help` lists.
fn xtask_commands() -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("--help")
        .output()
        .expect("cargo has built xtask for this test");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter_map(|line| line.split_whitespace().next())
        .map(String::from)
        .collect()
}

/// Every text file of the project: what git has, and what it would take.
fn files() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git is needed for this test: it knows which files are the project's");
    assert!(
        output.status.success(),
        "git lists no files: run the tests in a checkout"
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|path| fs::read_to_string(root().join(path)).is_ok())
        .map(String::from)
        .collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace's root")
        .to_path_buf()
}
