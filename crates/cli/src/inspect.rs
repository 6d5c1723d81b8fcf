//! `honeyguide inspect`: what a file holds.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use recommender::encoder::{Model, Precision, adapter};
use recommender::format::Problem;
use recommender::{Pack, Profile};

/// Options of `inspect`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// A pack or an exported profile.
    file: PathBuf,
}

/// Prints a summary.
///
/// # Errors
/// The file cannot be read, or is neither pack nor profile of this version.
pub fn run(options: &Options) -> Result<()> {
    let name = options.file.display();
    let bytes = fs::read(&options.file).with_context(|| format!("{name} cannot be read"))?;
    match Pack::decode(&bytes) {
        Ok(pack) => print_pack(&pack, bytes.len()),
        Err(error) if matches!(error.problem, Problem::WrongKind(_)) => {
            let profile = Profile::decode(&bytes).with_context(|| name.to_string())?;
            println!(
                "profile for catalogue {}: {} events, {} items let go",
                profile.catalogue_id,
                profile.events.len(),
                profile.settled.len()
            );
            for event in &profile.events {
                println!("  {} {:?}", event.at.0, event.action);
            }
        }
        Err(error) => return Err(error).with_context(|| name.to_string()),
    }
    Ok(())
}

fn print_encoder(model: &Model) {
    let weights = &model.weights;
    let items = weights.items() * weights.shape.dim;
    println!("encoder     {}", crate::weights::describe(&weights.shape));
    println!(
        "            {} parameters: {items} of items, {} of the network; adapter {}",
        items + weights.network_len(),
        weights.network_len(),
        adapter::len(&weights.shape)
    );
    let precision = match model.precision {
        Precision::Int8 => "one byte per value of a matrix",
        Precision::Full => "f32",
    };
    let events: usize = model.pool.iter().map(Vec::len).sum();
    println!(
        "            {precision}; replay pool of {} sampled sequences, {events} items; fingerprint {:016x}",
        model.pool.len(),
        weights.fingerprint()
    );
}

fn print_pack(pack: &Pack, bytes: usize) {
    let manifest = &pack.manifest;
    println!("pack        {} ({})", manifest.name, manifest.catalogue_id);
    println!("about       {}", manifest.about);
    println!("licence     {}", manifest.licence);
    println!("size        {bytes} bytes");
    println!(
        "items       {}, vectors of {}",
        pack.catalogue.len(),
        pack.vectors.dimension()
    );
    let kind = if manifest.simulated {
        "simulated"
    } else {
        "observed"
    };
    println!(
        "log         {} {kind} events of {} visitors",
        manifest.events, manifest.visitors
    );
    println!(
        "tables      {} neighbour pairs, {} next pairs, at least {} visitors behind each",
        pack.neighbours.entries(),
        pack.next.entries(),
        manifest.min_support
    );
    match &pack.encoder {
        Some(model) => print_encoder(model),
        None => println!("encoder     none; `honeyguide pretrain` trains one"),
    }
    for expert in crate::pack::experts(pack) {
        let weight = pack.hyper.weights[expert.index()];
        println!("weight      {:<12}{weight:.3}", expert.name());
    }
    println!("settings    {:?}", pack.hyper);
    for (name, value) in &manifest.metrics {
        println!("metric      {name}: {value:.4}");
    }
    for (name, hash) in &manifest.inputs {
        println!("input       {name} sha256 {hash}");
    }
    println!("made by     {}", manifest.command);
    println!("popular     {}", {
        let order = pack.by_popularity();
        let titles: Vec<&str> = order
            .iter()
            .take(5)
            .map(|i| pack.catalogue.item(*i).title.as_str())
            .collect();
        titles.join(", ")
    });
}
