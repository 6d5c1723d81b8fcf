//! A training under way: steps, validation, what the page is shown, and what is stored of it.

use std::collections::VecDeque;
use std::sync::Arc;

use recommender::encoder::Weights;
use recommender::evaluate::metrics::Report;
use recommender::format::{self, FormatError, Kind};
use serde::{Deserialize, Serialize};
use trainer::pretrain::{Next, Pretraining, Sequences};
use trainer::{Backend, TrainError};

use super::Problem;
use super::inputs::{Inputs, start_table};
use crate::training::{self, Fault, Phase, TrainingView};

/// Steps over which the rate is a mean.
const RATED: usize = 32;

/// Milliseconds of validation between two looks at the inbox.
const SLICE_MS: f64 = 50.0;

/// A training between its first and its last step.
pub struct Job {
    /// What it learns from.
    pub inputs: Inputs,
    training: Pretraining,
    items: usize,
    /// Cases of a validation.
    cases: usize,
    popularity_ndcg: f32,
    record: Record,
    /// The visitor wants the pack now.
    ending: bool,
    /// Milliseconds and choices of the last steps.
    steps: VecDeque<(f64, usize)>,
    /// Milliseconds and cases of validation so far.
    validated: (f64, usize),
}

/// What is stored beside the trainer's checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Record {
    /// [`Inputs::id`].
    id: u64,
    losses: Vec<f32>,
    ndcg: Vec<f32>,
    /// Steps done before the present epoch.
    before: u64,
    /// Trained on since the last validation.
    fresh: bool,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    record: Record,
    #[serde(with = "serde_bytes")]
    checkpoint: Vec<u8>,
}

/// What a slice of work came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slice {
    /// A gradient step.
    Step,
    /// Some validation cases; more are left.
    Validating,
    /// The last validation cases of an epoch.
    Validated,
    /// Nothing is left: [`Job::best`] is final.
    Finished,
}

impl Job {
    /// From the start.
    ///
    /// # Errors
    /// Too little to learn from, or not the memory for it.
    pub fn begin(inputs: Inputs, backend: Backend) -> Result<Self, Problem> {
        let catalogue = inputs.pack()?.catalogue;
        let config = inputs.config.clone();
        let table = catalogue.len() * config.shape.dim * size_of::<f32>();
        // The table, its two moments, the best one, the one being ranked with, a checkpoint of them
        // and its way to the browser.
        if Vec::<u8>::new().try_reserve_exact(table * 10).is_err() {
            return Err(Problem::new(
                Fault::Memory,
                format!(
                    "this browser has not the memory to train on {} items; train on fewer, or with \
                     `honeyguide pretrain`",
                    catalogue.len()
                ),
            ));
        }
        let table = start_table(&catalogue, &config);
        let data = inputs.sequences(catalogue.len());
        let training = Pretraining::new(backend, config, Arc::clone(&data), table)?;
        let record = Record {
            id: inputs.id,
            ..Record::default()
        };
        Ok(Self::new(inputs, training, &data, record))
    }

    /// Goes on with what [`Job::store`] gave, as if nothing had happened; the backend may be another.
    ///
    /// # Errors
    /// A state that cannot be read or belongs to other inputs.
    pub fn resume(inputs: Inputs, state: &[u8], backend: Backend) -> Result<Self, Problem> {
        let damaged = |error: FormatError| Problem::new(Fault::Checkpoint, error);
        let stored: Stored = format::decode(Kind::Checkpoint, state).map_err(damaged)?;
        if stored.record.id != inputs.id {
            return Err(Problem::new(
                Fault::Checkpoint,
                "the stored checkpoint belongs to another training; start the training again",
            ));
        }
        let data = inputs.sequences(inputs.pack()?.catalogue.len());
        let training = Pretraining::resume(backend, &stored.checkpoint, Arc::clone(&data))
            .map_err(|error| Problem::new(Fault::Checkpoint, error))?;
        Ok(Self::new(inputs, training, &data, stored.record))
    }

    fn new(inputs: Inputs, training: Pretraining, data: &Sequences, record: Record) -> Self {
        Self {
            popularity_ndcg: popularity_ndcg(data),
            cases: data.validation.len(),
            items: data.items,
            inputs,
            training,
            record,
            ending: false,
            steps: VecDeque::new(),
            validated: (0.0, 0),
        }
    }

    /// Everything but the inputs, for [`Job::resume`].
    pub fn store(&self) -> Vec<u8> {
        let stored = Stored {
            record: self.record.clone(),
            checkpoint: self.training.checkpoint(),
        };
        format::encode(Kind::Checkpoint, &stored)
    }

    /// Ends the training after a last validation.
    pub fn finish(&mut self) {
        self.ending = true;
    }

    fn due(&self) -> Next {
        match self.training.next() {
            Next::Step if self.ending && self.record.fresh => Next::Validate,
            Next::Step if self.ending => Next::Finished,
            next => next,
        }
    }

    /// What the next slice does.
    pub fn phase(&self) -> Phase {
        match self.due() {
            Next::Step => Phase::Training,
            Next::Validate => Phase::Validating,
            Next::Finished => Phase::Packing,
        }
    }

    /// One slice of work; `now` tells milliseconds.
    ///
    /// # Errors
    /// A lost device or a loss that is no number: the training is as before the step.
    pub async fn advance(&mut self, now: impl Fn() -> f64) -> Result<Slice, TrainError> {
        let started = now();
        match self.due() {
            Next::Finished => Ok(Slice::Finished),
            Next::Step => {
                let step = self.training.step().await?;
                let record = &mut self.record;
                record.fresh = true;
                record.losses.resize(step.epoch + 1, step.epoch_loss);
                record.losses[step.epoch] = step.epoch_loss;
                if step.epoch_done {
                    record.before = step.step as u64;
                }
                if self.steps.len() == RATED {
                    self.steps.pop_front();
                }
                self.steps.push_back((now() - started, step.positions));
                Ok(Slice::Step)
            }
            Next::Validate => {
                let (milliseconds, cases) = self.validated;
                let slice = if cases == 0 {
                    1
                } else {
                    (SLICE_MS * cases as f64 / milliseconds.max(0.01)) as usize
                };
                let slice = slice.clamp(1, 256);
                let found = self.training.validate_some(slice)?;
                self.validated = (milliseconds + now() - started, cases + slice);
                let Some(found) = found else {
                    return Ok(Slice::Validating);
                };
                self.record.fresh = false;
                self.record.ndcg.push(found.ndcg10 as f32);
                Ok(Slice::Validated)
            }
        }
    }

    /// The weights with the best validation, their NDCG@10, and the epochs they had.
    ///
    /// # Errors
    /// Weights that are no numbers.
    pub fn best(&self) -> Result<(Weights, f32, usize), TrainError> {
        let (ndcg, epochs) = self.training.best_validation().unwrap_or_default();
        Ok((self.training.best()?, ndcg as f32, epochs))
    }

    /// Validation NDCG@10 of popularity.
    pub fn popularity_ndcg(&self) -> f32 {
        self.popularity_ndcg
    }

    /// Epochs done, and most epochs.
    pub fn epochs(&self) -> (u32, u32) {
        let most = self.training.config().epochs;
        (self.training.epochs_done() as u32, most as u32)
    }

    /// For the page. Dispatches and memory are left for the caller to fill in.
    pub fn view(&self, phase: Phase) -> TrainingView {
        let (epoch, epochs) = self.epochs();
        let epochs_left = epochs.saturating_sub(epoch) as usize;
        let step = self.training.steps_done();
        let left = epochs_left * self.training.steps_per_epoch();
        let steps = (self.record.before as usize + left).max(step);
        let milliseconds: f64 = self.steps.iter().map(|(time, _)| time).sum();
        let positions: usize = self.steps.iter().map(|(_, positions)| positions).sum();
        let validations = epochs_left + usize::from(phase == Phase::Validating);
        let mean = |(time, count): (f64, usize)| time / count.max(1) as f64;
        let step_time = mean((milliseconds, self.steps.len()));
        let case_time = mean(self.validated);
        let time_left =
            (steps - step) as f64 * step_time + (validations * self.cases) as f64 * case_time;
        TrainingView {
            phase,
            backend: if self.training.backend().name() == "cpu" {
                training::Backend::Cpu
            } else {
                training::Backend::Webgpu
            },
            items: self.items as u32,
            visitors: self.inputs.visits.len() as u32,
            choices: self.inputs.choices() as u32,
            step: step as u32,
            steps: steps as u32,
            epoch,
            epochs,
            losses: self.record.losses.clone(),
            ndcg: self.record.ndcg.clone(),
            popularity_ndcg: self.popularity_ndcg,
            rate: (1e3 * positions as f64 / milliseconds.max(1e-3)) as f32,
            seconds_left: (time_left / 1e3) as f32,
            dispatches: 0,
            memory_bytes: 0,
        }
    }
}

/// Validation NDCG@10 of the counts of what is trained on, ranked like the encoder: all items that
/// the history lacks, ties at their mean place.
fn popularity_ndcg(data: &Sequences) -> f32 {
    let mut counts = vec![0_u32; data.items];
    for &row in data.train.iter().flatten() {
        counts[row as usize] += 1;
    }
    let place = |(history, target): &(Vec<u32>, u32)| {
        let own = counts[*target as usize];
        let (mut better, mut equal) = (0_i32, 0_i32);
        let mut count = |row: usize, one: i32| {
            better += one * i32::from(counts[row] > own);
            equal += one * i32::from(counts[row] == own);
        };
        (0..data.items).for_each(|row| count(row, 1));
        let mut seen = history.clone();
        seen.sort_unstable();
        seen.dedup();
        seen.iter().for_each(|&row| count(row as usize, -1));
        (1 + better) as f32 + (equal - 1) as f32 * 0.5
    };
    let cases = data.validation.iter();
    let report = Report {
        places: cases
            .filter(|(history, target)| !history.contains(target))
            .map(place)
            .collect(),
        lists: Vec::new(),
    };
    report.ndcg10() as f32
}

#[cfg(test)]
mod tests;
