//! The `honeyguide` command.

mod checkpoint;
mod data;
mod evaluate;
mod files;
mod inspect;
mod interrupt;
mod pack;
mod pretrain;
mod progress;
mod simulate;
mod site;
mod svd;
mod train;
mod weights;

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
    /// Write the built page as a folder for any static host.
    Publish(site::Publish),
    /// Make a pack from a catalogue and a log.
    Pack(pack::Options),
    /// Make a pack with a sequence encoder that is trained on the log.
    Pretrain(pretrain::Pretrain),
    /// Measure ranking quality by leave-one-out, full ranking, beside every expert alone.
    Evaluate(evaluate::Options),
    /// Write the encoder's weights of a pack as a safetensors file.
    Export(weights::Export),
    /// Give a pack the encoder of a safetensors file.
    Import(weights::Import),
    /// Say what a pack or profile holds.
    Inspect(inspect::Options),
    /// Give a freshly built page its pack and first list (a step of the build).
    Finish(site::Finish),
}

fn main() -> ExitCode {
    let done = |()| ExitCode::SUCCESS;
    let outcome = match Arguments::parse().command {
        Command::Serve(options) => site::serve(&options).map(done),
        Command::Publish(options) => site::publish(&options).map(done),
        Command::Pack(options) => pack::run(&options).map(done),
        Command::Pretrain(options) => pretrain::run(&options),
        Command::Evaluate(options) => evaluate::run(&options).map(done),
        Command::Export(options) => weights::export(&options).map(done),
        Command::Import(options) => weights::import(&options).map(done),
        Command::Inspect(options) => inspect::run(&options).map(done),
        Command::Finish(options) => site::finish(&options).map(done),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("honeyguide: {error:#}");
            ExitCode::FAILURE
        }
    }
}
