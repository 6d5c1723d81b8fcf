//! Pretraining: from sequences of choices to weights.
//!
//! Self-attentive sequential recommendation trained by cross-entropy on every next choice, over all
//! items or over sampled negatives with the logQ correction, by AdamW with warm-up, decay and a
//! clipped gradient. Training ends early when NDCG@10 on the validation cases no longer rises; the
//! best weights are kept.
//!
//! The caller turns the crank: [`Pretraining::next`] says what is due, [`Pretraining::step`] and
//! [`Pretraining::validate_some`] do a slice of it, and between any two calls
//! [`Pretraining::checkpoint`] saves everything. The same seed gives the same bytes, with or without
//! a checkpoint in between, on any number of threads.

mod batch;
mod checkpoint;
mod config;
mod sample;
mod schedule;
mod step;
mod validate;

use std::sync::Arc;

use recommender::encoder::{Encoder, NamedTensor, Shape, Weights, start_weights};

pub use config::{Config, Sequences};
pub(crate) use config::{number, whole};
pub use sample::sample_pool;
pub use step::Step;
pub use validate::Validation;

use crate::backend::Backend;
use crate::error::TrainError;
use crate::net::Layout;
use crate::rows::Rows;
use batch::{Negatives, Window};
use checkpoint::{Stored, StoredBest};

pub(crate) use batch::mask;

/// What has to be called next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// [`Pretraining::step`].
    Step,
    /// [`Pretraining::validate_some`], until it gives a result.
    Validate,
    /// Nothing: take [`Pretraining::best`].
    Finished,
}

/// A training under way.
pub struct Pretraining {
    backend: Backend,
    config: Config,
    data: Arc<Sequences>,
    print: u64,
    layout: Layout,
    negatives: Negatives,
    flat: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    rows: Rows,
    step: usize,
    epoch: usize,
    /// Windows of the present epoch, and how many are done.
    windows: Vec<Window>,
    window: usize,
    loss_sum: f64,
    loss_count: u64,
    validating: Option<Validating>,
    validations: u64,
    since_best: usize,
    best: Option<StoredBest>,
}

struct Validating {
    /// Made when first needed, so that a checkpoint need not hold it.
    encoder: Option<Encoder>,
    at: usize,
    places: Vec<f32>,
}

impl Pretraining {
    /// A training from the start. `start_table` has one row of about unit length per item (items ×
    /// dim): content vectors, so that items nobody has chosen stand beside those they resemble.
    ///
    /// # Errors
    /// A setting out of range, data that do not fit, a table of another size.
    pub fn new(
        backend: Backend,
        config: Config,
        data: Arc<Sequences>,
        start_table: Vec<f32>,
    ) -> Result<Self, TrainError> {
        config.check()?;
        data.check()?;
        let columns = config.shape.dim;
        let mut weights = start_weights(config.shape, data.items, start_table, config.seed)?;
        scale_branches(&mut weights)?;
        let layout = Layout::new(config.shape);
        let flat = layout.flatten(&weights);
        let table = weights.get("items.weight").to_vec();
        let mut new = Self {
            print: data.fingerprint(),
            negatives: Negatives::new(&data, config.negatives),
            first: vec![0.0; flat.len()],
            second: vec![0.0; flat.len()],
            rows: Rows::new(table, columns),
            windows: Vec::new(),
            backend,
            config,
            data,
            layout,
            flat,
            step: 0,
            epoch: 0,
            window: 0,
            loss_sum: 0.0,
            loss_count: 0,
            validating: None,
            validations: 0,
            since_best: 0,
            best: None,
        };
        new.windows = batch::windows(&new.data, &new.config, 0);
        Ok(new)
    }

    /// Goes on with a checkpoint, as if it had never stopped; the backend may be another.
    ///
    /// # Errors
    /// A checkpoint that cannot be read, or that belongs to other data.
    pub fn resume(
        backend: Backend,
        checkpoint: &[u8],
        data: Arc<Sequences>,
    ) -> Result<Self, TrainError> {
        data.check()?;
        let stored = Stored::decode(checkpoint)?;
        if stored.data != data.fingerprint() || stored.table_updates.len() != data.items {
            return Err(TrainError::Data(
                "the checkpoint was made with other data; resume with the same data and options, or \
                 start again without it"
                    .into(),
            ));
        }
        let epoch = stored.epoch as usize;
        let windows = batch::windows(&data, &stored.config, epoch);
        Ok(Self {
            negatives: Negatives::new(&data, stored.config.negatives),
            layout: Layout::new(stored.config.shape),
            rows: Rows::restore(
                stored.table,
                stored.config.shape.dim,
                stored.table_first,
                stored.table_second,
                stored.table_updates,
            ),
            backend,
            print: stored.data,
            config: stored.config,
            data,
            flat: stored.flat,
            first: stored.first,
            second: stored.second,
            step: stored.step as usize,
            epoch,
            window: (stored.window as usize).min(windows.len()),
            windows,
            loss_sum: stored.loss_sum,
            loss_count: stored.loss_count,
            validating: stored.places.map(|(at, places)| Validating {
                encoder: None,
                at: at as usize,
                places,
            }),
            validations: stored.validations,
            since_best: stored.since_best as usize,
            best: stored.best,
        })
    }

    /// Everything, as a file that [`Pretraining::resume`] reads.
    pub fn checkpoint(&self) -> Vec<u8> {
        let stored = Stored {
            config: self.config.clone(),
            data: self.print,
            step: self.step as u64,
            epoch: self.epoch as u64,
            window: self.window as u64,
            loss_sum: self.loss_sum,
            loss_count: self.loss_count,
            validations: self.validations,
            since_best: self.since_best as u64,
            best: self.best.clone(),
            flat: self.flat.clone(),
            first: self.first.clone(),
            second: self.second.clone(),
            table: self.rows.values.clone(),
            table_first: self.rows.first.clone(),
            table_second: self.rows.second.clone(),
            table_updates: self.rows.updates.clone(),
            places: self
                .validating
                .as_ref()
                .map(|validating| (validating.at as u64, validating.places.clone())),
        };
        stored.encode()
    }

    /// What is due.
    pub fn next(&self) -> Next {
        if self.validating.is_some() {
            Next::Validate
        } else if self.epoch >= self.config.epochs || self.since_best >= self.config.patience {
            Next::Finished
        } else {
            Next::Step
        }
    }

    /// Ranks the next `cases` validation cases with the production forward; the result when all are
    /// through, else nothing. Due at the end of each epoch; called at another time it begins one.
    ///
    /// # Errors
    /// Weights that are no numbers.
    pub fn validate_some(&mut self, cases: usize) -> Result<Option<Validation>, TrainError> {
        let mut validating = self.validating.take().unwrap_or_else(Validating::begin);
        let encoder = match validating.encoder.take() {
            Some(encoder) => encoder,
            None => Encoder::new(&self.weights()?),
        };
        let end = (validating.at + cases.max(1)).min(self.data.validation.len());
        let range = validating.at.min(end)..end;
        let threads = self.backend.threads();
        validating
            .places
            .extend(validate::places(&encoder, &self.data, range, threads));
        validating.at = end;
        if end < self.data.validation.len() {
            validating.encoder = Some(encoder);
            self.validating = Some(validating);
            return Ok(None);
        }
        let validation = Validation::new(&validating.places);
        self.validations += 1;
        if self
            .best
            .as_ref()
            .is_none_or(|best| validation.ndcg10 > best.ndcg10)
        {
            self.since_best = 0;
            self.best = Some(StoredBest {
                ndcg10: validation.ndcg10,
                epoch: self.epoch as u64,
                flat: self.flat.clone(),
                table: self.rows.values.clone(),
            });
        } else {
            self.since_best += 1;
        }
        Ok(Some(validation))
    }

    /// The weights as they are now.
    ///
    /// # Errors
    /// Values that are no numbers.
    pub fn weights(&self) -> Result<Weights, TrainError> {
        assemble(&self.layout, &self.flat, self.rows.values.clone())
    }

    /// The weights with the best validation so far; before the first one, those of now.
    ///
    /// # Errors
    /// Values that are no numbers.
    pub fn best(&self) -> Result<Weights, TrainError> {
        match &self.best {
            Some(best) => assemble(&self.layout, &best.flat, best.table.clone()),
            None => self.weights(),
        }
    }

    /// NDCG@10 of [`Pretraining::best`], and the number of epochs it had.
    pub fn best_validation(&self) -> Option<(f64, usize)> {
        self.best
            .as_ref()
            .map(|best| (best.ndcg10, best.epoch as usize))
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Steps done.
    pub fn steps_done(&self) -> usize {
        self.step
    }

    /// Epochs done.
    pub fn epochs_done(&self) -> usize {
        self.epoch
    }

    /// Steps of one epoch; it can differ by one or two between epochs.
    pub fn steps_per_epoch(&self) -> usize {
        self.windows.len().div_ceil(self.config.batch)
    }

    /// The device.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// Goes on with another device, at the step where the last one stopped.
    pub fn move_to(&mut self, backend: Backend) {
        self.backend = backend;
    }
}

impl Validating {
    fn begin() -> Self {
        Self {
            encoder: None,
            at: 0,
            places: Vec::new(),
        }
    }
}

/// Residual branches start small, so that a deep stack starts near the identity: their last matrix
/// is scaled by 1/√(2 × blocks), as in GPT-2.
fn scale_branches(weights: &mut Weights) -> Result<(), TrainError> {
    let Shape { blocks, .. } = weights.shape;
    let scale = 1.0 / ((2 * blocks) as f32).sqrt();
    let mut tensors = weights.tensors().to_vec();
    for tensor in &mut tensors {
        if tensor.name.ends_with("attention.output") || tensor.name.ends_with("feedforward.down") {
            tensor.values.iter_mut().for_each(|value| *value *= scale);
        }
    }
    *weights = Weights::new(weights.shape, weights.items(), tensors)?;
    Ok(())
}

fn assemble(layout: &Layout, flat: &[f32], table: Vec<f32>) -> Result<Weights, TrainError> {
    let items = table.len() / layout.shape.dim;
    let mut tensors = layout.tensors(flat);
    tensors.push(NamedTensor {
        name: "items.weight".into(),
        shape: vec![items, layout.shape.dim],
        values: table,
    });
    Ok(Weights::new(layout.shape, items, tensors)?)
}
