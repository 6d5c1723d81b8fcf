//! `honeyguide pretrain`: a pack with a sequence encoder.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use recommender::encoder::Precision;

use crate::checkpoint::Settings;
use crate::data::Dataset;
use crate::interrupt::{self, Interrupt};
use crate::train::{self, End, Kept, Run, Training};
use crate::{files, pack};

/// Options of `pretrain`.
#[derive(Clone, Debug, Args)]
pub struct Pretrain {
    #[command(flatten)]
    pack: pack::Options,
    #[command(flatten)]
    training: Training,
    /// Go on with the checkpoint beside --out.
    #[arg(long)]
    resume: bool,
    /// Seconds between two checkpoints; 0 writes one after every step.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    checkpoint_every: u64,
    /// The file for metrics as JSON lines; beside --out unless given.
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// Keep every weight as f32 instead of one byte per value of a matrix.
    #[arg(long)]
    full_precision: bool,
}

/// Trains, tunes, counts and writes the pack; after Ctrl-C it writes a checkpoint.
///
/// # Errors
/// Unreadable data, settings out of range, a checkpoint of another training, unwritable files.
pub fn run(options: &Pretrain) -> Result<ExitCode> {
    let started = Instant::now();
    let data = options.pack.read()?;
    if data.log.visitors() == 0 {
        bail!(
            "{} has no log to learn from; name one with --events, or make one up with --simulate",
            data.name
        );
    }
    let seed = options.pack.source.seed;
    let out = &options.pack.out;
    let checkpoint = files::beside(out, "checkpoint");
    let metrics = options.metrics.clone();
    let metrics = metrics.unwrap_or_else(|| files::beside(out, "metrics.jsonl"));
    files::make_folder(out)?;
    files::make_folder(&metrics)?;
    let interrupt = Interrupt::listen()?;
    let run = Run {
        training: &options.training,
        catalogue: &data.catalogue,
        log: &data.log,
        seed,
        metrics: Some(&metrics),
        kept: Some(Kept {
            path: checkpoint.clone(),
            settings: options.settings(&data),
            every: Duration::from_secs(options.checkpoint_every),
            resume: options.resume,
        }),
        interrupt: interrupt.clone(),
    };
    let trained = match run.train()? {
        End::Trained(trained) => trained,
        End::Interrupted(step) => {
            println!(
                "{} holds the training at step {step}; the same command with --resume goes on",
                checkpoint.display()
            );
            return Ok(ExitCode::from(interrupt::STATUS));
        }
    };
    interrupt.quit_at_once();
    let precision = if options.full_precision {
        Precision::Full
    } else {
        Precision::Int8
    };
    let model = train::model(trained.weights, precision, seed);
    let mut pack = options.pack.build(data, Some(model));
    if let Some(model) = &mut pack.encoder {
        model.pool = train::pool(&model.weights, &pack.counts, seed)?;
    }
    let metrics = &mut pack.manifest.metrics;
    metrics.push((
        "training, best validation NDCG@10".into(),
        trained.ndcg10 as f32,
    ));
    metrics.push(("training, epochs to the best".into(), trained.epochs as f32));
    options.pack.write(&pack, started)?;
    // Only now: until here it could have been needed.
    fs::remove_file(&checkpoint)?;
    Ok(ExitCode::SUCCESS)
}

impl Pretrain {
    /// Everything that the weights depend on.
    fn settings(&self, data: &Dataset) -> Settings {
        let pair = |name: &str, value: String| (name.to_owned(), value);
        let mut all = vec![pair("honeyguide", env!("CARGO_PKG_VERSION").into())];
        for (name, hash) in &data.inputs {
            all.push((format!("input {name}"), hash.clone()));
        }
        let simulated = self.pack.simulate.unwrap_or(0);
        all.push(pair("--simulate", simulated.to_string()));
        all.extend(self.pack.source.settings());
        all.extend(self.training.settings(data.log.interactions().len()));
        all
    }
}
