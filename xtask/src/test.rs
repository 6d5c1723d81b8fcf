//! `cargo xtask test`: every check, one after the other. It goes on after a failure, so that one run
//! shows all of them.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use anyhow::{Context, Result};

use crate::{
    project::Project,
    setup::{self, Needs},
    site, trainers,
};

/// How much is tested.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything.
    All,
    /// Everything but the end-to-end tests.
    Quick,
}

/// The packages with a browser side; natively they are built without it.
const TWO_SIDED: [&str; 2] = ["honeyguide", "engine"];

/// Runs all stages. The last line printed is `N passed, N failed`.
///
/// # Errors
///
/// Only if the tools for it cannot be had; a failing test is in the exit code.
pub fn run(project: &Project, extent: Extent) -> Result<ExitCode> {
    setup::ensure(project, Needs::Tests)?;
    let mut tally = Tally::default();
    let cargo = |arguments: &str| {
        let mut command = project.command("cargo");
        command.args(arguments.split_whitespace());
        command
    };
    let two_sided = |option: &str| TWO_SIDED.map(|name| format!("{option} {name}")).join(" ");
    let only = two_sided("--package");
    let without = two_sided("--exclude");
    let deny = "-- -D warnings";
    let trainer = "--package engine --no-default-features --lib --bins \
                   --target wasm32-unknown-unknown";

    tally.stage("formatting", cargo("fmt --all --check"), Kind::Check);
    for (name, selection) in [
        ("clippy", format!("--workspace {without} --all-targets")),
        (
            "clippy, native side of the web crates",
            format!("{only} --no-default-features --all-targets"),
        ),
        (
            "clippy, WebAssembly",
            format!("{only} --all-targets --target wasm32-unknown-unknown"),
        ),
        (
            "clippy, the trainer for the CPU",
            format!("{trainer} --features trainer-cpu"),
        ),
        (
            "clippy, the trainer for WebGPU",
            format!("{trainer} --features trainer-webgpu"),
        ),
    ] {
        let command = cargo(&format!("clippy --quiet {selection} {deny}"));
        tally.stage(name, command, Kind::Check);
    }
    for (name, selection) in [
        ("tests", format!("--workspace {without}")),
        (
            "tests, native side of the web crates",
            format!("{only} --no-default-features"),
        ),
    ] {
        let command = cargo(&format!("test --quiet --no-fail-fast {selection}"));
        tally.stage(name, command, Kind::Tests);
    }
    for (name, selection) in [
        (
            "tests in WebAssembly",
            "--package recommender --package engine",
        ),
        (
            "tests in WebAssembly, the trainer",
            "--package trainer --package engine --no-default-features --features engine/trainer-webgpu",
        ),
    ] {
        tally.stage(name, wasm_tests(project, selection)?, Kind::Tests);
    }

    tally.step("building the trainers", || trainers::build(project));
    if let Some(binary) = tally.step("building the page", || site::build(project))
        && extent == Extent::All
    {
        let all = end_to_end_files(project)?;
        let touched: Vec<PathBuf> = all
            .iter()
            .filter(|file| meets_webgpu(file))
            .cloned()
            .collect();
        for (name, webgpu, files) in [("without WebGPU", "0", all), ("with WebGPU", "1", touched)] {
            let mut command = project.browser_script(&binary)?;
            command
                .args(["--test", "--test-reporter=spec"])
                .args(files)
                .env("HONEYGUIDE_WEBGPU", webgpu);
            tally.stage(&format!("end to end, {name}"), command, Kind::Tests);
        }
    }

    println!();
    for failure in &tally.failures {
        println!("failed: {failure}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The crates whose code runs in a worker, tested in one.
fn wasm_tests(project: &Project, selection: &str) -> Result<Command> {
    let mut command = project.command("cargo");
    // Without --quiet, which the runner does not know, and without doc tests, which it finds none in.
    command
        .args(["test", "--no-fail-fast", "--tests"])
        .args(["--target", "wasm32-unknown-unknown"])
        .args(selection.split_whitespace())
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            "wasm-bindgen-test-runner",
        )
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", webdriver_json(project)?)
        // Seconds for one file: WebGPU in software is slow.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "240");
    if env::var_os("CHROMEDRIVER").is_none()
        && let Some(driver) = project.find_program("chromedriver")
    {
        command.env("CHROMEDRIVER", driver);
    }
    Ok(command)
}

/// Tells the driver which browser to start and how; a file, because the test runner reads one.
fn webdriver_json(project: &Project) -> Result<PathBuf> {
    let browser = project.browser()?;
    let text = format!(
        r#"{{"goog:chromeOptions":{{"binary":{:?},"args":["--headless=new","--no-sandbox","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync","--enable-unsafe-webgpu"]}}}}"#,
        browser.to_string_lossy()
    );
    let path = project.target.join("webdriver.json");
    fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

/// See [`meets_webgpu`].
const MEET_WEBGPU: [&str; 4] = ["adapter", "first", "learning", "train"];

/// Does it matter to this file's tests whether the browser has WebGPU? Only the trainers ask for it, so
/// the others are run once; first visit and learning are run twice as a proof of that.
fn meets_webgpu(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    MEET_WEBGPU
        .iter()
        .any(|stem| name.strip_suffix(".test.mjs") == Some(stem))
}

/// By name rather than by folder: what Node makes of a folder changes between its versions.
fn end_to_end_files(project: &Project) -> Result<Vec<PathBuf>> {
    let folder = project.root.join("tests/e2e");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("no folder {}", folder.display()))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What a stage's process tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Only whether it succeeds; counted when it does not.
    Check,
    /// A summary with numbers, from libtest or from Node's test runner.
    Tests,
}

#[derive(Default)]
struct Tally {
    passed: u32,
    failed: u32,
    failures: Vec<String>,
}

impl Tally {
    /// Runs a process, passing on what it prints, and counts.
    fn stage(&mut self, name: &str, mut command: Command, kind: Kind) {
        let mut counts = Counts::default();
        let outcome = self.timed(name, || {
            let mut child = command
                .stdout(Stdio::piped())
                .spawn()
                .with_context(|| format!("cannot start {}", command.get_program().display()))?;
            let output = child.stdout.take().context("stdout is piped")?;
            let mut out = std::io::stdout().lock();
            for line in BufReader::new(output).split(b'\n') {
                let line = line?;
                out.write_all(&line)?;
                out.write_all(b"\n")?;
                counts.read(&String::from_utf8_lossy(&line));
            }
            Ok(child.wait()?.success())
        });
        let succeeded = outcome.unwrap_or_else(|error| {
            eprintln!("{error:#}");
            false
        });
        if kind == Kind::Tests {
            self.passed += counts.passed;
            self.failed += counts.failed;
        }
        if succeeded && counts.failed == 0 {
            return;
        }
        if kind == Kind::Check || counts.failed == 0 {
            // It broke off before it could count: a compile error, a crash.
            self.failed += 1;
            self.failures.push(name.to_owned());
        } else {
            self.failures.push(format!("{name} ({})", counts.failed));
        }
    }

    /// Runs one step of our own; a failure counts as one.
    fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        match self.timed(name, work) {
            Ok(value) => Some(value),
            Err(error) => {
                eprintln!("{error:#}");
                self.failed += 1;
                self.failures.push(name.to_owned());
                None
            }
        }
    }

    fn timed<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n── {name}");
        let start = Instant::now();
        let outcome = work();
        println!("── {name}: {:.1} s", start.elapsed().as_secs_f32());
        outcome
    }
}

/// Numbers read from a test runner's summary lines.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u32,
    failed: u32,
}

impl Counts {
    fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(summary) = line.strip_prefix("test result: ") {
            // test result: ok. 3 passed; 0 failed; 0 ignored; …
            for part in summary.split([';', '.']) {
                match part.trim().split_once(' ') {
                    Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                    Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                    _ => {}
                }
            }
        } else if let Some(summary) = line.strip_prefix("ℹ ") {
            // One number a line: ℹ pass 12, ℹ fail 0, ℹ cancelled 0
            match summary.split_once(' ') {
                Some(("pass", number)) => self.passed += number.parse().unwrap_or(0),
                Some(("fail" | "cancelled", number)) => {
                    self.failed += number.parse().unwrap_or(0);
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_that_meet_webgpu_are_there() {
        let project = Project::find().expect("this is the project");
        let files = end_to_end_files(&project).expect("it has such tests");
        let met = files.iter().filter(|file| meets_webgpu(file));
        assert_eq!(met.count(), MEET_WEBGPU.len());
    }

    #[test]
    fn reads_the_summaries_of_both_runners() {
        let mut counts = Counts::default();
        for line in [
            "running 4 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 filtered out",
            "ℹ tests 14",
            "ℹ pass 12",
            "ℹ fail 1",
            "ℹ cancelled 1",
            "12 passed",
        ] {
            counts.read(line);
        }
        assert_eq!(
            counts,
            Counts {
                passed: 20,
                failed: 4
            }
        );
    }
}
