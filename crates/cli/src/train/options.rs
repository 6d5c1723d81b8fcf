//! Options of the training, shared by `pretrain` and `evaluate --encoder`.

use std::time::Duration;

#[cfg(feature = "gpu")]
use anyhow::Context;
use anyhow::Result;
#[cfg(not(feature = "gpu"))]
use anyhow::bail;
use clap::{Args, ValueEnum};
use recommender::encoder::Shape;
use trainer::Backend;
use trainer::pretrain::Config;

use crate::checkpoint::Settings;

/// Steps that an epoch should have, as far as the batch decides. A small log in large batches is a few
/// dozen steps per epoch, and validation stops the training before it has learnt much:
/// ml-latest-small ended at NDCG@10 0.051 with batches of 128, and at 0.058 with batches of 32 and more
/// patience: single runs that differ in both.
const STEPS_PER_EPOCH: usize = 64;

/// What trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// All cores.
    Cpu,
    /// Vulkan, Metal or DirectX 12; needs a build with `--features gpu`.
    Gpu,
}

/// Options of the training, with the trainer's defaults.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Training of the encoder")]
pub struct Training {
    /// Length of item and user vectors; a multiple of 4 × heads.
    #[arg(long, default_value_t = Shape::default().dim)]
    dim: usize,
    /// Transformer blocks.
    #[arg(long, default_value_t = Shape::default().blocks)]
    blocks: usize,
    /// Attention heads.
    #[arg(long, default_value_t = Shape::default().heads)]
    heads: usize,
    /// Columns inside the feed-forward part; twice --dim unless given.
    #[arg(long)]
    hidden: Option<usize>,
    /// Choices that a token looks back at in each block.
    #[arg(long, default_value_t = Shape::default().window)]
    window: usize,
    /// Choices per training sequence; longer visits are cut, at other places in every epoch.
    #[arg(long, default_value_t = Config::default().history)]
    history: usize,
    /// Sampled negatives per step; 0 compares with all items.
    #[arg(long, default_value_t = Config::default().negatives)]
    negatives: usize,
    /// Sequences per step; 32 to 128 by the size of the log unless given.
    #[arg(long)]
    batch: Option<usize>,
    /// Most epochs; training ends earlier when validation no longer improves.
    #[arg(long, default_value_t = Config::default().epochs)]
    epochs: usize,
    /// Validations without a better NDCG@10 after which training ends.
    #[arg(long, default_value_t = Config::default().patience)]
    patience: usize,
    /// End after this time with the best so far: 90s, 10m, 2h.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) time_limit: Option<Duration>,
    /// AdamW's rate after warm-up.
    #[arg(long, default_value_t = Config::default().learning_rate)]
    learning_rate: f32,
    /// Steps until the rate is full.
    #[arg(long, default_value_t = Config::default().warmup)]
    warmup: usize,
    /// Share of numbers dropped from embeddings and residual branches while training.
    #[arg(long, default_value_t = Config::default().dropout)]
    dropout: f32,
    /// Decoupled decay of matrices and item rows.
    #[arg(long, default_value_t = Config::default().weight_decay)]
    weight_decay: f32,
    /// What trains.
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
}

impl Training {
    /// What the trainer takes, for a log of so many interactions.
    pub(super) fn config(&self, interactions: usize, seed: u64) -> Config {
        let fitting = (interactions / self.history.max(1) / STEPS_PER_EPOCH).clamp(32, 128);
        Config {
            shape: Shape {
                dim: self.dim,
                heads: self.heads,
                hidden: self.hidden.unwrap_or(2 * self.dim),
                blocks: self.blocks,
                window: self.window,
            },
            history: self.history,
            batch: self.batch.unwrap_or(fitting),
            negatives: self.negatives,
            epochs: self.epochs,
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
            dropout: self.dropout,
            warmup: self.warmup,
            patience: self.patience,
            seed,
            ..Config::default()
        }
    }

    /// Everything that changes the weights, for a checkpoint.
    pub fn settings(&self, interactions: usize) -> Settings {
        let config = self.config(interactions, 0);
        [
            ("--dim", self.dim.to_string()),
            ("--blocks", self.blocks.to_string()),
            ("--heads", self.heads.to_string()),
            ("--hidden", config.shape.hidden.to_string()),
            ("--window", self.window.to_string()),
            ("--history", self.history.to_string()),
            ("--negatives", self.negatives.to_string()),
            ("--batch", config.batch.to_string()),
            ("--epochs", self.epochs.to_string()),
            ("--patience", self.patience.to_string()),
            ("--learning-rate", self.learning_rate.to_string()),
            ("--warmup", self.warmup.to_string()),
            ("--dropout", self.dropout.to_string()),
            ("--weight-decay", self.weight_decay.to_string()),
            ("--device", format!("{:?}", self.device).to_lowercase()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The device, set up.
    ///
    /// # Errors
    /// No usable GPU, or a build that has no code for one.
    pub(super) fn backend(&self) -> Result<Backend> {
        match self.device {
            Device::Cpu => Ok(Backend::cpu()),
            Device::Gpu => gpu(),
        }
    }
}

#[cfg(feature = "gpu")]
fn gpu() -> Result<Backend> {
    let lost = |why: &str| eprintln!("\nthe GPU is gone: {why}");
    let backend = pollster::block_on(Backend::webgpu(trainer::backend::Adapters::Any, lost))
        .context("--device gpu is not possible here; --device cpu is")?;
    if let Some(adapter) = backend.adapter() {
        let kind = if adapter.software {
            ", in software"
        } else {
            ""
        };
        eprintln!(
            "training on {} through {}{kind}",
            adapter.name, adapter.interface
        );
    }
    Ok(backend)
}

#[cfg(not(feature = "gpu"))]
fn gpu() -> Result<Backend> {
    bail!(
        "this build trains on the CPU only; build one for --device gpu with `cargo build --release \
         --package cli --features gpu`"
    );
}

/// `90`, `90s`, `10m` or `2h`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) => (number, &text[number.len()..]),
        None => (text, "s"),
    };
    let seconds = match unit {
        "h" => 3600,
        "m" => 60,
        _ => 1,
    };
    let whole: Option<u64> = number.parse().ok();
    whole
        .and_then(|number| number.checked_mul(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| format!("`{text}` is no time; write it like 90s, 10m or 2h"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        let seconds = |text| duration(text).expect("a time").as_secs();
        assert_eq!(
            [seconds("90"), seconds("90s"), seconds("10m"), seconds("2h")],
            [90, 90, 600, 7200]
        );
        for bad in ["", "m", "soon", "-3s", "1.5h", "99999999999999999999s", "é"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
