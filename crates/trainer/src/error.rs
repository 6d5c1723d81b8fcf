//! What can go wrong.

use std::fmt;

use recommender::encoder::WeightsError;
use recommender::format::FormatError;

/// Why training stopped or was refused.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainError {
    /// A setting out of range: the message names it and its range.
    Setting(String),
    /// Data that do not fit: the message names the place.
    Data(String),
    /// Weights that do not fit their shape.
    Weights(WeightsError),
    /// A checkpoint that cannot be read.
    Checkpoint(FormatError),
    /// The device was lost, or gave no answer. What the trainer holds is as it was before the step:
    /// take a checkpoint and go on with another backend.
    Device(String),
    /// The loss is no number any more: the learning rate is too high for these data. What the trainer
    /// holds is as it was before the step.
    Diverged {
        /// The step that went wrong.
        step: usize,
    },
}

impl fmt::Display for TrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting(what) | Self::Data(what) => f.write_str(what),
            Self::Weights(error) => error.fmt(f),
            Self::Checkpoint(error) => error.fmt(f),
            Self::Device(what) => write!(
                f,
                "the training device failed: {what}; go on with the last checkpoint on another device"
            ),
            Self::Diverged { step } => write!(
                f,
                "the loss is no number at step {step}; start again with a smaller learning rate"
            ),
        }
    }
}

impl std::error::Error for TrainError {}

impl From<WeightsError> for TrainError {
    fn from(error: WeightsError) -> Self {
        Self::Weights(error)
    }
}

impl From<FormatError> for TrainError {
    fn from(error: FormatError) -> Self {
        Self::Checkpoint(error)
    }
}
