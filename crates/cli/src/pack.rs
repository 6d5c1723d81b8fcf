//! `honeyguide pack`: from a catalogue and a log to one file.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use recommender::build::Counting;
use recommender::evaluate::tune::{self, Tuned};
use recommender::log::InteractionLog;
use recommender::vectors::DIMENSION;
use recommender::{Expert, Hyper, Manifest, Pack};

use crate::data::{Dataset, Source};
use crate::{simulate, svd};

/// Options of `pack`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    source: Source,
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
    /// Name for people; the data's name unless given.
    #[arg(long)]
    name: Option<String>,
    /// Where the data comes from, in a sentence.
    #[arg(long)]
    about: Option<String>,
    /// Licence of the data.
    #[arg(long)]
    licence: Option<String>,
    /// Simulate visits of taste profiles instead of reading a log: for demos.
    #[arg(long, num_args = 0..=1, default_missing_value = "4000", value_name = "VISITORS")]
    simulate: Option<u32>,
    /// Fewest visitors behind any stored pair of items.
    #[arg(long, default_value_t = Counting::default().min_support)]
    min_support: u32,
    /// Neighbours kept per item.
    #[arg(long, default_value_t = Counting::default().keep)]
    neighbours: usize,
    /// Visitors that settings are tuned on; 0 keeps the defaults.
    #[arg(long, default_value_t = 1000)]
    tune_visitors: usize,
    /// Print every trial of the tuning.
    #[arg(long)]
    verbose: bool,
}

/// Makes and writes the pack.
///
/// # Errors
/// Unreadable data, nothing to recommend, an unwritable file.
pub fn run(options: &Options) -> Result<()> {
    let started = Instant::now();
    let mut data = options.source.read()?;
    let seed = options.source.seed;
    if let Some(visitors) = options.simulate {
        if data.log.visitors() > 0 {
            bail!(
                "--simulate is for catalogues without a log, and {} has one",
                data.name
            );
        }
        data.log = simulate::visits(&data.catalogue, visitors, seed);
    }
    println!(
        "{}: {} items, {} interactions of {} visitors",
        data.name,
        data.catalogue.len(),
        data.log.interactions().len(),
        data.log.visitors()
    );
    let pack = build(options, data)?;
    let bytes = pack.encode();
    if let Some(folder) = options.out.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    // Beside the target first, so that a broken run leaves no half pack under the name.
    let partial = options.out.with_extension("partial");
    fs::write(&partial, &bytes)
        .with_context(|| format!("{} cannot be written", partial.display()))?;
    fs::rename(&partial, &options.out)
        .with_context(|| format!("{} cannot be written", options.out.display()))?;
    println!(
        "{}: {} bytes in {:.1} s",
        options.out.display(),
        bytes.len(),
        started.elapsed().as_secs_f32()
    );
    Ok(())
}

fn build(options: &Options, data: Dataset) -> Result<Pack> {
    let simulated = options.simulate.is_some();
    let name = options.name.clone().unwrap_or_else(|| data.name.clone());
    let about = options.about.clone().unwrap_or_else(|| match (simulated, data.log.visitors()) {
        (true, visitors) => format!(
            "Facts about each item were typed in. Popularity and co-occurrence come from {visitors} \
             simulated visitors with made-up tastes, not from people."
        ),
        (false, 0) => "A catalogue without a log: content alone ranks it at first.".into(),
        (false, visitors) => format!("Counted from a log of {visitors} visitors."),
    });
    let mut manifest = Manifest {
        catalogue_id: catalogue_id(&data.name),
        name,
        about,
        licence: options
            .licence
            .clone()
            .unwrap_or_else(|| data.licence.clone()),
        events: data.log.interactions().len() as u64,
        visitors: data.log.visitors() as u64,
        simulated,
        min_support: options.min_support,
        inputs: data.inputs,
        metrics: Vec::new(),
        command: std::env::args()
            .skip(1)
            .fold("honeyguide".into(), |all, one| format!("{all} {one}")),
    };
    if data.log.visitors() == 0 {
        return Ok(Pack::from_catalogue(manifest, data.catalogue));
    }
    let counting = Counting {
        min_support: options.min_support,
        keep: options.neighbours,
        ..Counting::default()
    };
    let base = Pack::from_catalogue(manifest.clone(), data.catalogue);
    let seed = options.source.seed;
    let verbose = options.verbose;
    let tuned = tuned(
        &base,
        &data.log,
        &counting,
        options.tune_visitors,
        seed,
        verbose,
    );
    let (counting, hyper) = match &tuned {
        Some(tuned) => (&tuned.counting, &tuned.hyper),
        None => (&counting, &Hyper::default()),
    };
    if let Some(tuned) = &tuned {
        println!(
            "validation NDCG@10 {:.4}, counting {:?}",
            tuned.fused, tuned.counting
        );
        manifest
            .metrics
            .push(("validation NDCG@10".into(), tuned.fused as f32));
        for (expert, ndcg) in Expert::ALL.iter().zip(tuned.alone) {
            manifest.metrics.push((
                format!("validation NDCG@10, {} alone", expert.name()),
                ndcg as f32,
            ));
        }
    }
    let mut pack = tune::count(&base, &data.log, counting, hyper);
    pack.vectors = svd::item_vectors(&pack.catalogue, &data.log, DIMENSION, seed);
    pack.manifest = manifest;
    Ok(pack)
}

/// Settings tuned on the last choice of each visitor; `None` when `visitors` is 0 or none has
/// enough choices.
pub fn tuned(
    base: &Pack,
    log: &InteractionLog,
    counting: &Counting,
    visitors: usize,
    seed: u64,
    verbose: bool,
) -> Option<Tuned> {
    let train = log.without_last(1);
    if visitors == 0 || train.visitors() == 0 {
        return None;
    }
    println!(
        "tuning on {} visitors; minutes for ten thousand items, --verbose shows every trial",
        visitors.min(train.visitors())
    );
    let mut pack = base.clone();
    pack.vectors = svd::item_vectors(&pack.catalogue, &train, DIMENSION, seed);
    Some(tune::tune(&pack, log, counting, visitors, |trial| {
        if verbose {
            println!("  {trial}");
        }
    }))
}

/// `ml-latest-small` stays, other characters become hyphens.
fn catalogue_id(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    name.chars().map(plain).collect()
}
