//! Settings and data of pretraining.

use recommender::encoder::Shape;
use serde::{Deserialize, Serialize};

use crate::error::TrainError;

/// Settings of pretraining.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The encoder's sizes.
    pub shape: Shape,
    /// Tokens per training window, at least 2.
    pub history: usize,
    /// Windows per step.
    pub batch: usize,
    /// Sampled negatives per step, shared by its positions; 0 for cross-entropy over all items.
    pub negatives: usize,
    /// Most epochs.
    pub epochs: usize,
    /// AdamW's rate after warm-up. It falls to a twentieth along half a cosine.
    pub learning_rate: f32,
    /// Decoupled decay of matrices and item rows.
    pub weight_decay: f32,
    /// Share of numbers dropped from embeddings and from each residual branch.
    pub dropout: f32,
    /// Steps until the rate is full.
    pub warmup: usize,
    /// Largest norm of the gradient, network and item rows together.
    pub clip_norm: f32,
    /// Validations without a better NDCG@10 after which training ends.
    pub patience: usize,
    /// Decides everything random.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            shape: Shape::default(),
            history: 50,
            batch: 128,
            negatives: 512,
            epochs: 100,
            learning_rate: 1e-3,
            weight_decay: 0.01,
            dropout: 0.3,
            warmup: 50,
            clip_norm: 1.0,
            patience: 8,
            seed: 1,
        }
    }
}

impl Config {
    /// Are all settings in their ranges?
    ///
    /// # Errors
    /// The setting and its range.
    pub fn check(&self) -> Result<(), TrainError> {
        self.shape.check()?;
        whole("history", self.history, 2, 1024)?;
        whole("batch", self.batch, 1, 4096)?;
        whole("negatives", self.negatives, 0, 1 << 20)?;
        whole("epochs", self.epochs, 1, 100_000)?;
        whole("patience", self.patience, 1, 100_000)?;
        whole("warmup", self.warmup, 0, 1 << 30)?;
        number("learning_rate", self.learning_rate, 1e-8, 1.0)?;
        number("weight_decay", self.weight_decay, 0.0, 10.0)?;
        number("dropout", self.dropout, 0.0, 0.9)?;
        number("clip_norm", self.clip_norm, 1e-4, 1e6)
    }
}

pub(crate) fn whole(name: &str, value: usize, least: usize, most: usize) -> Result<(), TrainError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(TrainError::Setting(format!(
        "`{name}` is {value}, but has to be in {least}..={most}"
    )))
}

pub(crate) fn number(name: &str, value: f32, least: f32, most: f32) -> Result<(), TrainError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(TrainError::Setting(format!(
        "`{name}` is {value}, but has to be in {least}..={most}"
    )))
}

/// What is learned from. Items are rows of the catalogue, 0 to `items` − 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequences {
    /// Number of items.
    pub items: usize,
    /// One visitor's choices each, oldest first. Those with fewer than two teach nothing.
    pub train: Vec<Vec<u32>>,
    /// History and held-out choice. May share histories with `train`, never targets.
    pub validation: Vec<(Vec<u32>, u32)>,
}

impl Sequences {
    /// Do all rows exist, and is there something to learn and to validate on?
    ///
    /// # Errors
    /// What is missing, or the place of a row that is too large.
    pub fn check(&self) -> Result<(), TrainError> {
        let fits = |row: &u32| (*row as usize) < self.items;
        let bad = |part: &str, at: usize| {
            TrainError::Data(format!(
                "{part} sequence {at} names an item beyond the {} of the catalogue",
                self.items
            ))
        };
        // Item numbers pass through 32-bit floats.
        if self.items < 2 || self.items >= 1 << 24 {
            return Err(TrainError::Data(format!(
                "the catalogue has {} items, but training needs 2 to 16,777,215",
                self.items
            )));
        }
        if let Some(at) = self.train.iter().position(|items| !items.iter().all(fits)) {
            return Err(bad("training", at));
        }
        let whole = |case: &(Vec<u32>, u32)| case.0.iter().all(fits) && fits(&case.1);
        if let Some(at) = self.validation.iter().position(|case| !whole(case)) {
            return Err(bad("validation", at));
        }
        if self.train.iter().all(|items| items.len() < 2) {
            return Err(TrainError::Data(
                "no training sequence has two choices or more: there is nothing to predict".into(),
            ));
        }
        if self.validation.is_empty() {
            return Err(TrainError::Data(
                "there is no validation case: without one nobody can tell when to stop".into(),
            ));
        }
        Ok(())
    }

    /// A number that changes with the data: a checkpoint goes on only with its own.
    pub fn fingerprint(&self) -> u64 {
        use recommender::random::mix;
        let mut print = mix(self.items as u64);
        let mut add = |value: u64| print = mix(print ^ value);
        for sequence in &self.train {
            add(u64::MAX);
            sequence.iter().for_each(|&row| add(u64::from(row)));
        }
        for (history, target) in &self.validation {
            add(u64::MAX - 1 - u64::from(*target));
            history.iter().for_each(|&row| add(u64::from(row)));
        }
        print
    }
}
