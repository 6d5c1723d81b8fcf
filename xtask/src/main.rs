//! `cargo xtask …`: the developer tasks that cargo alone cannot do.
//!
//! Plain processes one after the other; every tool that is missing is installed on first use.

mod bench;
mod demo;
mod kept;
mod project;
mod setup;
mod site;
mod size;
mod test;
mod trainers;

use std::{path::Path, process::ExitCode};

use anyhow::{Result, bail};

use crate::{project::Project, setup::Needs};

const USAGE: &str = "\
Usage: cargo xtask <command>

  serve [--port 8787] [--pack FILE]   build what changed and serve the page
  test [--quick]                      everything that is checked; --quick leaves out the browser
  setup                               install the tools that the other commands need
  trainers                            build the two trainer workers, where anything changed
  size                                bytes of the built page, beside their budgets
  bench [native|wasm|trainer|page]    timings beside their budgets: of the learner natively and in
                                      a browser's worker, of training in both, and of the page
  audit                               figures and checks of page audits: speed, accessibility, good
                                      practice
  shots [FOLDER]                      screenshots of the page (default folder: out/shots)
  dist                                build the folder for a static host (out/dist)

Called by Trunk while it builds:

  demo-pack                           make the demo catalogue's pack
  finish                              finish the folder that Trunk has built
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let project = Project::find()?;
    match arguments.as_slice() {
        ["serve", options @ ..] => site::serve(&project, &site::ServeOptions::parse(options)?)?,
        ["test"] => return test::run(&project, test::Extent::All),
        ["test", "--quick"] => return test::run(&project, test::Extent::Quick),
        ["setup"] => {
            setup::ensure(&project, Needs::Tests)?;
            println!("every tool is there");
        }
        ["trainers"] => {
            setup::ensure(&project, Needs::Page)?;
            trainers::build(&project)?;
        }
        ["size"] => {
            site::build(&project)?;
            return size::report(&project.dist());
        }
        ["bench", parts @ ..] => bench::run(&project, bench::Part::parse(parts)?)?,
        ["audit"] => audit(&project)?,
        ["shots"] => shots(&project, Path::new("out/shots"))?,
        ["shots", folder] => shots(&project, Path::new(folder))?,
        ["dist"] => {
            let binary = site::build(&project)?;
            site::publish(&project, &binary)?;
        }
        ["demo-pack"] => site::demo_pack(&project)?,
        ["finish"] => site::finish(&project)?,
        [] | ["help" | "--help" | "-h", ..] => print!("{USAGE}"),
        other => bail!("unknown command `{}`\n\n{USAGE}", other.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}

fn audit(project: &Project) -> Result<()> {
    setup::ensure(project, Needs::Tests)?;
    let binary = site::build(project)?;
    project.run(project.browser_script(&binary)?.arg("tests/audit.mjs"))
}

fn shots(project: &Project, folder: &Path) -> Result<()> {
    setup::ensure(project, Needs::Tests)?;
    let binary = site::build(project)?;
    project.run(
        project
            .browser_script(&binary)?
            .arg("tests/shots.mjs")
            .arg(folder),
    )
}
