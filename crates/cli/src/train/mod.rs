//! Training the encoder: the loop around the trainer, with progress, metrics and checkpoints.

mod options;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use recommender::encoder::{Model, Precision, Weights};
use recommender::evaluate::leave_one_out;
use recommender::log::InteractionLog;
use recommender::random::{Rng, mix};
use recommender::{Catalogue, ItemIndex, kernel};
use serde::Serialize;
use trainer::pretrain::{Next, Pretraining, Sequences, Step, Validation, sample_pool};
use trainer::{Backend, TrainError};

use crate::checkpoint::{Checkpoint, Settings};
use crate::interrupt::Interrupt;
use crate::progress::{Metrics, Place, Progress};
use crate::svd;

pub use options::Training;

/// Visitors that validation ranks for, at most and evenly spread: enough for the third digit.
const VALIDATED: usize = 10_000;

/// Validation cases between two looks at the clock and at Ctrl-C.
const SLICE: usize = 128;

/// Steps between two lines of metrics.
const LINE_EVERY: usize = 10;

/// Sequences of the replay pool, and their length: about 10 KB of a pack.
const POOL: (usize, usize) = (128, 40);

/// One training: the data, and what is kept while it runs.
pub struct Run<'a> {
    /// The options.
    pub training: &'a Training,
    /// What can be chosen.
    pub catalogue: &'a Catalogue,
    /// Who chose what; the last choice of each visitor is for validation.
    pub log: &'a InteractionLog,
    /// Decides everything random.
    pub seed: u64,
    /// Where JSON lines go.
    pub metrics: Option<&'a Path>,
    /// Where checkpoints go, if any are wanted.
    pub kept: Option<Kept>,
    /// Asks to save and stop.
    pub interrupt: Interrupt,
}

/// Checkpoints of a training.
pub struct Kept {
    /// The file.
    pub path: PathBuf,
    /// What the training depends on.
    pub settings: Settings,
    /// Time between two.
    pub every: Duration,
    /// Go on with the one that is there.
    pub resume: bool,
}

/// How a training ended.
pub enum End {
    /// With weights.
    Trained(Trained),
    /// With a checkpoint, after this many steps.
    Interrupted(usize),
}

/// The best of a training.
pub struct Trained {
    /// Its weights.
    pub weights: Weights,
    /// Their NDCG@10 on validation.
    pub ndcg10: f64,
    /// Epochs they had.
    pub epochs: usize,
}

#[derive(Serialize)]
struct StepLine {
    step: usize,
    epoch: usize,
    loss: f32,
    epoch_loss: f32,
    learning_rate: f32,
    gradient_norm: f32,
    steps_per_second: f64,
    seconds: f64,
}

#[derive(Serialize)]
struct ValidationLine {
    step: usize,
    epochs: usize,
    validation_ndcg10: f64,
    validation_hr10: f64,
    validation_mrr10: f64,
    cases: usize,
    seconds: f64,
}

impl Run<'_> {
    /// Trains to the end, to the time limit, or to Ctrl-C.
    ///
    /// # Errors
    /// Settings or data that the trainer refuses, no device, a checkpoint of another training, files
    /// that cannot be written.
    pub fn train(&self) -> Result<End> {
        let (mut training, kept_bytes) = self.begin()?;
        let mut metrics = Metrics::open(self.metrics, kept_bytes)?;
        let mut progress = Progress::new(training.steps_done() as u64);
        let limit = self.training.time_limit;
        let mut saved = Instant::now();
        if training.steps_done() > 0 {
            progress.say(&format!("going on at step {}", training.steps_done()));
        }
        loop {
            match training.next() {
                Next::Finished => break,
                Next::Step => match pollster::block_on(training.step()) {
                    Ok(step) => note_step(&training, &step, &mut metrics, &mut progress, limit)?,
                    Err(TrainError::Device(why)) if training.backend().name() != "cpu" => {
                        progress.say(&format!("{why}; going on on the CPU, nothing is lost"));
                        training.move_to(Backend::cpu());
                    }
                    Err(error) => return Err(error.into()),
                },
                Next::Validate => {
                    if let Some(found) = training.validate_some(SLICE)? {
                        note_validation(&training, &found, &mut metrics, &mut progress)?;
                    }
                }
            }
            if self.interrupt.asked() && self.kept.is_some() {
                self.save(&training, &metrics)?;
                return Ok(End::Interrupted(training.steps_done()));
            }
            if limit.is_some_and(|limit| progress.elapsed() >= limit) {
                progress.say("the time is over; the best so far is taken");
                // What was trained since the last validation may be better.
                while training.next() != Next::Finished {
                    if let Some(found) = training.validate_some(SLICE)? {
                        note_validation(&training, &found, &mut metrics, &mut progress)?;
                        break;
                    }
                }
                break;
            }
            if self
                .kept
                .as_ref()
                .is_some_and(|kept| saved.elapsed() >= kept.every)
            {
                self.save(&training, &metrics)?;
                saved = Instant::now();
            }
        }
        // So that whatever follows the training can be interrupted, too.
        self.save(&training, &metrics)?;
        let (ndcg10, epochs) = training
            .best_validation()
            .context("the training ended without a validation")?;
        progress.say(&format!(
            "trained {} steps in {:.0} s; best after epoch {epochs}: validation NDCG@10 {ndcg10:.4}",
            training.steps_done(),
            progress.elapsed().as_secs_f32()
        ));
        Ok(End::Trained(Trained {
            weights: training.best()?,
            ndcg10,
            epochs,
        }))
    }

    /// A training from the start or from the checkpoint, and the bytes of metrics that belong to it.
    fn begin(&self) -> Result<(Pretraining, u64)> {
        let config = self
            .training
            .config(self.log.interactions().len(), self.seed);
        config.check()?;
        let backend = self.training.backend()?;
        let train = self.log.without_last(1);
        let cases = leave_one_out::cases(self.log, 1);
        let stride = cases.len().div_ceil(VALIDATED).max(1);
        let items = |sequence: &[recommender::log::Interaction]| -> Vec<u32> {
            sequence
                .iter()
                .map(|interaction| interaction.item.0)
                .collect()
        };
        let data = Arc::new(Sequences {
            items: self.catalogue.len(),
            train: train.sequences().map(items).collect(),
            validation: cases
                .iter()
                .step_by(stride)
                .map(|case| (items(case.history), case.target.0))
                .collect(),
        });
        if let Some(kept) = &self.kept {
            let path = kept.path.display();
            if kept.resume {
                let found = Checkpoint::load(&kept.path, &kept.settings)?;
                let training = Pretraining::resume(backend, &found.training, data)
                    .with_context(|| path.to_string())?;
                return Ok((training, found.metrics_bytes));
            }
            if kept.path.exists() {
                bail!(
                    "{path} holds a training that was interrupted; add --resume to go on with it, or \
                     delete the file to start afresh"
                );
            }
        }
        let table = start_table(self.catalogue, &train, config.shape.dim, self.seed);
        Ok((Pretraining::new(backend, config, data, table)?, 0))
    }

    fn save(&self, training: &Pretraining, metrics: &Metrics) -> Result<()> {
        let Some(kept) = &self.kept else {
            return Ok(());
        };
        let checkpoint = Checkpoint {
            settings: kept.settings.clone(),
            metrics_bytes: metrics.bytes(),
            training: training.checkpoint(),
        };
        checkpoint.store(&kept.path)
    }
}

fn note_step(
    training: &Pretraining,
    step: &Step,
    metrics: &mut Metrics,
    progress: &mut Progress,
    limit: Option<Duration>,
) -> Result<()> {
    let rest = training.config().epochs - training.epochs_done();
    let of_epoch = if step.epoch_done {
        0
    } else {
        step.step % training.steps_per_epoch()
    };
    let place = Place {
        step: step.step as u64,
        steps: (step.step + rest * training.steps_per_epoch() - of_epoch) as u64,
        epoch: step.epoch as u64 + 1,
        loss: step.epoch_loss,
    };
    if step.epoch_done || step.step.is_multiple_of(LINE_EVERY) {
        metrics.line(&StepLine {
            step: step.step,
            epoch: step.epoch + 1,
            loss: step.loss,
            epoch_loss: step.epoch_loss,
            learning_rate: step.learning_rate,
            gradient_norm: step.gradient_norm,
            steps_per_second: progress.rate(place),
            seconds: progress.elapsed().as_secs_f64(),
        })?;
    }
    progress.show(place, limit);
    Ok(())
}

fn note_validation(
    training: &Pretraining,
    found: &Validation,
    metrics: &mut Metrics,
    progress: &mut Progress,
) -> Result<()> {
    let epochs = training.epochs_done();
    let best = training
        .best_validation()
        .is_some_and(|(ndcg10, _)| ndcg10 <= found.ndcg10);
    progress.say(&format!(
        "epoch {epochs}: validation NDCG@10 {:.4}, HR@10 {:.4}{}",
        found.ndcg10,
        found.hr10,
        if best { ", the best so far" } else { "" }
    ));
    metrics.line(&ValidationLine {
        step: training.steps_done(),
        epochs,
        validation_ndcg10: found.ndcg10,
        validation_hr10: found.hr10,
        validation_mrr10: found.mrr10,
        cases: found.cases,
        seconds: progress.elapsed().as_secs_f64(),
    })
}

/// Rows of unit length from content and choices, random where an item has neither.
fn start_table(catalogue: &Catalogue, train: &InteractionLog, dim: usize, seed: u64) -> Vec<f32> {
    let vectors = svd::item_vectors(catalogue, train, dim, seed);
    let mut rng = Rng::new(mix(seed));
    let mut table = Vec::with_capacity(catalogue.len() * dim);
    for item in (0..catalogue.len() as u32).map(ItemIndex) {
        let mut row = vectors.row(item).to_vec();
        if row.iter().all(|value| *value == 0.0) {
            row.iter_mut().for_each(|value| *value = rng.normal());
        }
        kernel::normalise(&mut row);
        table.extend(row);
    }
    table
}

/// A model for a pack: the weights as the pack will give them back, without a pool.
pub fn model(weights: Weights, precision: Precision, seed: u64) -> Model {
    Model {
        weights,
        precision,
        adapter_seed: mix(seed),
        pool: Vec::new(),
    }
    .rounded()
}

/// The replay pool: sampled from the model, its first items by `counts` (all alike if none is
/// positive).
///
/// # Errors
/// Counts that do not fit the model.
pub fn pool(weights: &Weights, counts: &[f32], seed: u64) -> Result<Vec<Vec<u32>>> {
    let alike = vec![1.0; counts.len()];
    let known = counts.iter().any(|count| *count > 0.0);
    let starts = if known { counts } else { &alike };
    Ok(sample_pool(weights, POOL.0, POOL.1, starts, mix(seed))?)
}

/// Trains without checkpoints, for a measurement: the model as a pack would hold it.
///
/// # Errors
/// As [`Run::train`].
pub fn once(
    training: &Training,
    catalogue: &Catalogue,
    log: &InteractionLog,
    seed: u64,
    metrics: Option<&Path>,
) -> Result<Model> {
    let run = Run {
        training,
        catalogue,
        log,
        seed,
        metrics,
        kept: None,
        interrupt: Interrupt::default(),
    };
    match run.train()? {
        End::Trained(trained) => {
            println!(
                "encoder: {}; best after epoch {}, NDCG@10 {:.4} on the last choice but one",
                crate::weights::describe(&trained.weights.shape),
                trained.epochs,
                trained.ndcg10
            );
            Ok(model(trained.weights, Precision::Int8, seed))
        }
        End::Interrupted(step) => bail!("interrupted at step {step}"),
    }
}
