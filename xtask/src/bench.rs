//! `cargo xtask bench`: what things cost, beside what they may cost. A missed target is printed and
//! fails nothing: timings depend on the machine, and on what else it does.

use std::{fs, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    project::Project,
    setup::{self, Needs},
    site, size, trainers,
};

/// One benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The learner, natively.
    Native,
    /// The same code, in a browser's worker.
    Wasm,
    /// Training steps, natively on all cores and in a browser's worker.
    Trainer,
    /// The served page in a browser, and its size.
    Page,
}

impl Part {
    const ALL: [Self; 4] = [Self::Native, Self::Wasm, Self::Trainer, Self::Page];

    /// Reads the part to run; without one: all.
    ///
    /// # Errors
    ///
    /// For an unknown part, or more than one.
    pub fn parse(arguments: &[&str]) -> Result<&'static [Self]> {
        Ok(match arguments {
            [] => &Self::ALL,
            ["native"] => &Self::ALL[..1],
            ["wasm"] => &Self::ALL[1..2],
            ["trainer"] => &Self::ALL[2..3],
            ["page"] => &Self::ALL[3..],
            other => bail!(
                "there is no benchmark `{}`; there are native, wasm, trainer and page",
                other.join(" ")
            ),
        })
    }
}

/// Runs benchmarks one after the other.
///
/// # Errors
///
/// If something cannot be built or run.
pub fn run(project: &Project, parts: &[Part]) -> Result<()> {
    setup::ensure(project, Needs::Tests)?;
    parts.iter().try_for_each(|part| match part {
        Part::Native => native(project),
        Part::Wasm => wasm(project),
        Part::Trainer => trainer(project),
        Part::Page => page(project),
    })
}

const LEARNER: [&str; 5] = ["bench", "--package", "recommender", "--bench", "click"];

fn native(project: &Project) -> Result<()> {
    project.run(project.command("cargo").args(LEARNER))
}

fn wasm(project: &Project) -> Result<()> {
    // As the shipped ranker is built.
    let mut command = project.command("cargo");
    command
        .args(LEARNER)
        .args(["--no-default-features", "--features", "build"])
        .args(["--profile", "wasm"]);
    in_worker(
        project,
        &mut command,
        "The learner in a worker",
        &ranker_options(project)?,
    )
}

fn trainer(project: &Project) -> Result<()> {
    const TRAINER: [&str; 5] = ["bench", "--package", "trainer", "--bench", "train"];
    let mut native = project.command("cargo");
    // As the `honeyguide` command is built.
    project.run(native.args(TRAINER).args(["--features", "threads"]))?;
    // As the shipped trainer for the CPU is built.
    let mut command = project.command("cargo");
    command.args(TRAINER).args(["--profile", "trainer-cpu"]);
    in_worker(
        project,
        &mut command,
        "Training in a worker",
        &trainers::wasm_opt(),
    )
}

/// Runs a benchmark in a worker of a browser, optimised with these options of wasm-opt.
fn in_worker(project: &Project, command: &mut Command, title: &str, wasm_opt: &str) -> Result<()> {
    let script = project.root.join("tests/bench/wasm.mjs");
    // As a list, so that a space in the path splits nothing.
    let runner = format!(
        "target.wasm32-unknown-unknown.runner=[\"node\",{:?}]",
        script.to_string_lossy()
    );
    project.run(
        command
            .args(["--target", "wasm32-unknown-unknown"])
            .args(["--config", &runner])
            .env("HONEYGUIDE_BENCH", title)
            .env("HONEYGUIDE_WASM_OPT", wasm_opt)
            .env("HONEYGUIDE_CHROMIUM", project.browser()?),
    )
}

/// How index.html has Trunk optimise the ranker.
fn ranker_options(project: &Project) -> Result<String> {
    let path = project.root.join("index.html");
    let index = fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
    let found = || {
        let (_, ranker) = index.split_once("data-bin=\"ranker\"")?;
        let value = |name| Some(ranker.split_once(name)?.1.split_once('"')?.0);
        let level = value("data-wasm-opt=\"")?;
        Some(format!("-O{level} {}", value("data-wasm-opt-params=\"")?))
    };
    found().context("index.html does not say how the ranker is optimised")
}

fn page(project: &Project) -> Result<()> {
    let binary = site::build(project)?;
    project.run(
        project
            .browser_script(&binary)?
            .arg("tests/bench/browser.mjs"),
    )?;
    // It fails when a part is over its budget; here that is one more target, and printed.
    size::report(&project.dist())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn reads_which_part_to_run() {
        let parse = |arguments: &[&str]| Part::parse(arguments).ok();
        assert_eq!(parse(&[]), Some(&Part::ALL[..]));
        assert_eq!(parse(&["native"]), Some(&[Part::Native][..]));
        assert_eq!(parse(&["wasm"]), Some(&[Part::Wasm][..]));
        assert_eq!(parse(&["trainer"]), Some(&[Part::Trainer][..]));
        assert_eq!(parse(&["page"]), Some(&[Part::Page][..]));
        assert_eq!(parse(&["speed"]), None);
        assert_eq!(parse(&["page", "wasm"]), None);
    }
}
