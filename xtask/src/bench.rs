//! `cargo xtask bench`: what things cost, beside what they may cost. A missed target is printed and
//! fails nothing: timings depend on the machine, and on what else it does.

use anyhow::{Result, bail};

use crate::{
    project::Project,
    setup::{self, Needs},
    site, size,
};

/// One benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The learner, natively.
    Native,
    /// The same code, in a browser's worker.
    Wasm,
    /// The served page in a browser, and its size.
    Page,
}

impl Part {
    const ALL: [Self; 3] = [Self::Native, Self::Wasm, Self::Page];

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
            ["page"] => &Self::ALL[2..],
            other => bail!(
                "there is no benchmark `{}`; there are native, wasm and page",
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
        Part::Page => page(project),
    })
}

const LEARNER: [&str; 5] = ["bench", "--package", "recommender", "--bench", "click"];

fn native(project: &Project) -> Result<()> {
    project.run(project.command("cargo").args(LEARNER))
}

fn wasm(project: &Project) -> Result<()> {
    let script = project.root.join("tests/bench/wasm.mjs");
    // As a list, so that a space in the path splits nothing.
    let runner = format!(
        "target.wasm32-unknown-unknown.runner=[\"node\",{:?}]",
        script.to_string_lossy()
    );
    project.run(
        project
            .command("cargo")
            .args(LEARNER)
            .args(["--no-default-features", "--features", "build"])
            // As the shipped ranker is built.
            .args(["--target", "wasm32-unknown-unknown", "--profile", "wasm"])
            .args(["--config", &runner])
            .env("HONEYGUIDE_CHROMIUM", project.browser()?),
    )
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
        assert_eq!(parse(&["page"]), Some(&[Part::Page][..]));
        assert_eq!(parse(&["speed"]), None);
        assert_eq!(parse(&["page", "wasm"]), None);
    }
}
