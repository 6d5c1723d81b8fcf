//! Adapting the pack's encoder to the visitor's choices, as the ranker tells of them.

use std::sync::Arc;

use recommender::encoder::Model;
use trainer::adapt::{Adaptation, Config, Losses};
use trainer::{Backend, TrainError};

use super::Problem;
use crate::training::{Adapted, Choices, Fault, ToRanker};

/// Fewest choices that are worth adapting to: with fewer, none is held back for the guard.
const FEW: usize = 4;

/// Trainer time per new choice in milliseconds, and the most steps.
const BUDGET_MS: f64 = 25.0;
const MOST_STEPS: usize = 8;

/// New choices that one attempt takes time for.
const MOST_CHOICES: usize = 8;

/// The adapter of the visitor under training.
pub struct Tuner {
    adaptation: Adaptation,
    /// Fingerprint of the model, as the ranker writes it.
    base: String,
    revision: Option<u32>,
    /// Choices of the last attempt.
    trained: usize,
    /// Milliseconds of an attempt per step; 0: not known yet.
    step_ms: f64,
}

impl Tuner {
    /// For the model of the page's pack.
    ///
    /// # Errors
    /// The trainer refuses the model.
    pub fn new(backend: Backend, model: Arc<Model>, seed: u64) -> Result<Self, Problem> {
        let base = format!("{:016x}", model.weights.fingerprint());
        let config = Config {
            seed,
            ..Config::default()
        };
        Ok(Self {
            adaptation: Adaptation::new(backend, model, config, &[])?,
            base,
            revision: None,
            trained: 0,
            step_ms: 0.0,
        })
    }

    /// Takes over what the ranker says. Choices that were taken back void what was trained on them:
    /// then it goes on from the adapter in use. Returns whether there is something new to train on.
    ///
    /// # Errors
    /// The ranker has another base model, or choices and adapter do not fit it.
    pub fn hear(&mut self, choices: &Choices) -> Result<bool, Problem> {
        if choices.base != self.base {
            return Err(Problem::new(
                Fault::Pack,
                "the page and its trainer have different packs; reload the page",
            ));
        }
        if self.revision != Some(choices.revision) {
            self.adaptation.set_values(&choices.adapter)?;
            self.trained = 0;
            self.revision = Some(choices.revision);
        }
        self.adaptation.set_history(&choices.tokens)?;
        let count = choices.tokens.len();
        Ok(count >= FEW && count != self.trained)
    }

    /// Some gradient steps, as many as fit the budget. If the guard accepts, the second value is for
    /// the ranker. Dispatches and memory are left for the caller to fill in.
    ///
    /// # Errors
    /// A lost device, or a loss that is no number: the adapter is as before.
    pub async fn attempt(
        &mut self,
        now: impl Fn() -> f64,
    ) -> Result<(Adapted, Option<ToRanker>), TrainError> {
        let choices = self.adaptation.history().len();
        let new = choices.saturating_sub(self.trained).clamp(1, MOST_CHOICES);
        self.trained = choices;
        let started = now();
        let steps = self.steps(new);
        let outcome = self.adaptation.update(steps).await?;
        let milliseconds = now() - started;
        let step_ms = milliseconds / outcome.steps.max(1) as f64;
        self.step_ms = if self.step_ms > 0.0 {
            0.5 * (self.step_ms + step_ms)
        } else {
            step_ms
        };
        let accepted = outcome.steps > 0 && outcome.refused.is_none();
        let reason = match (&outcome.refused, outcome.steps) {
            (Some(refusal), _) => refusal.to_string(),
            (None, 0) => "there is no choice to learn from yet".into(),
            (None, _) => String::new(),
        };
        let loss = |losses: &Losses| {
            if losses.choices > 0 {
                losses.own
            } else {
                losses.replay
            }
        };
        let adapted = Adapted {
            steps: outcome.steps as u32,
            milliseconds: milliseconds as f32,
            loss_before: loss(&outcome.before),
            loss_after: loss(&outcome.after),
            accepted,
            reason,
            choices: choices as u32,
            dispatches: 0,
            memory_bytes: 0,
        };
        let found = accepted.then(|| ToRanker::Adapter {
            values: self.adaptation.values().to_vec(),
            revision: self.revision.unwrap_or_default(),
            base: self.base.clone(),
        });
        Ok((adapted, found))
    }

    /// Steps for so many new choices. Two as long as nothing is known of this device.
    fn steps(&self, new: usize) -> usize {
        if self.step_ms == 0.0 {
            return 2;
        }
        let fit = BUDGET_MS * new as f64 / self.step_ms;
        (fit as usize).clamp(1, MOST_STEPS * new)
    }
}

#[cfg(test)]
mod tests;
