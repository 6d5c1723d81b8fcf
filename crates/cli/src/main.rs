//! The `honeyguide` command.

mod data;
mod evaluate;
mod inspect;
mod pack;
mod simulate;
mod site;
mod svd;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Recommendations that learn in the visitor's browser.
#[derive(Debug, Parser)]
#[command(name = "honeyguide", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the built page and a pack.
    Serve(site::Serve),
    /// Make a pack from a catalogue and a log.
    Pack(pack::Options),
    /// Measure ranking quality by leave-one-out, full ranking, beside every expert alone.
    Evaluate(evaluate::Options),
    /// Say what a pack or profile holds.
    Inspect(inspect::Options),
    /// Give a freshly built page its pack and first list (a step of the build).
    Finish(site::Finish),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(options) => site::serve(&options),
        Command::Pack(options) => pack::run(&options),
        Command::Evaluate(options) => evaluate::run(&options),
        Command::Inspect(options) => inspect::run(&options),
        Command::Finish(options) => site::finish(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("honeyguide: {error:#}");
            ExitCode::FAILURE
        }
    }
}
