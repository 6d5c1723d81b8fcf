//! Settings of adaptation.

use crate::error::TrainError;

/// Settings of adaptation.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Tokens per window.
    pub window: usize,
    /// Windows of the visitor's own history per step; the first is the newest.
    pub own: usize,
    /// Windows of the replay pool per step.
    pub replay: usize,
    /// Candidates per step, shared by its positions.
    pub candidates: usize,
    /// Adam's rate. Five times as much lowers the loss on real histories sooner, but overfits them
    /// within some hundred steps.
    pub learning_rate: f32,
    /// Share of numbers dropped from embeddings and residual branches.
    pub dropout: f32,
    /// Weight of the distillation towards the base model on replay, beside 1 for the own choices.
    pub distillation: f32,
    /// Decoupled decay towards the base model.
    pub weight_decay: f32,
    /// Decides everything random.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            window: 32,
            own: 4,
            replay: 2,
            candidates: 128,
            learning_rate: 2e-4,
            dropout: 0.3,
            distillation: 1.0,
            weight_decay: 0.01,
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
        use crate::pretrain::{number, whole};
        whole("window", self.window, 2, 512)?;
        whole("own", self.own, 1, 256)?;
        whole("replay", self.replay, 0, 256)?;
        whole("candidates", self.candidates, 1, 65_536)?;
        number("learning_rate", self.learning_rate, 1e-8, 1.0)?;
        number("dropout", self.dropout, 0.0, 0.9)?;
        number("distillation", self.distillation, 0.0, 1e3)?;
        number("weight_decay", self.weight_decay, 0.0, 10.0)
    }
}
