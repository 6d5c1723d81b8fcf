//! Adapting the encoder to one visitor, on the visitor's device.
//!
//! Trained are only the up-projections of the adapter (`recommender::encoder::adapter`): the base
//! weights are constants of the graph. A step sees the newest window of the visitor's choices, random
//! windows of older ones, and sequences of the pack's replay pool. On the visitor's it lowers the
//! cross-entropy over sampled candidates; on the pool's it holds the adapted model to the base model's
//! distribution (distillation). [`Adaptation::update`] takes some steps and then asks the guard; what
//! does not pass is never used, and rolled back.

mod batch;
mod config;
mod guard;

use std::sync::Arc;

use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::{Device, Tensor};
use recommender::encoder::{Encoder, Model, Shape, adapter};
use recommender::random::Rng;

pub use config::Config;
pub use guard::{Losses, Refusal};

use crate::adam::Adam;
use crate::backend::Backend;
use crate::error::TrainError;
use crate::kernels::{self, Choice};
use crate::net::{Layout, Net, matrix};
use batch::{Batch, Source};
use guard::{Guard, Track};

/// What one gradient step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaptStep {
    /// Mean loss of the visitor's choices in the batch, in nats; estimated over sampled candidates.
    pub loss: f32,
    /// Mean divergence from the base model on the replayed positions, in nats, times its weight.
    pub distillation: f32,
    /// The visitor's choices in the batch.
    pub choices: usize,
    /// Norm of the adapter now.
    pub norm: f32,
}

/// What an update did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Steps taken; 0 if there was no choice to learn from.
    pub steps: usize,
    /// The last step.
    pub last: Option<AdaptStep>,
    /// Held-back losses without an adapter.
    pub base: Losses,
    /// With the adapter as it was.
    pub before: Losses,
    /// With the new one.
    pub after: Losses,
    /// Why the new adapter is not used; none if it is.
    pub refused: Option<Refusal>,
}

/// The adapter of one visitor under training.
pub struct Adaptation {
    backend: Backend,
    model: Arc<Model>,
    config: Config,
    layout: Layout,
    flat: Vec<f32>,
    /// The fixed down-projections.
    downs: Vec<Vec<f32>>,
    source: Source,
    guard: Guard,
    /// The base encoder; the history as it and the adapter in use encode it.
    plain: Encoder,
    base: Track,
    in_use: Track,
    history: Vec<u32>,
    /// Under training.
    state: Trained,
    /// What the guard let pass last.
    accepted: Vec<f32>,
    /// Updates in a row that the guard did not let pass.
    refusals: usize,
    rng: Rng,
}

/// So many refused updates in a row, and training goes back to what was accepted last. A single one
/// says little: held-back choices are few, and a step is a small part of a way.
const REFUSALS: usize = 4;

/// The trained numbers with their optimiser: what is rolled back.
#[derive(Clone, Debug)]
struct Trained {
    values: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    updates: u32,
}

impl Trained {
    fn new(values: Vec<f32>) -> Self {
        Self {
            first: vec![0.0; values.len()],
            second: vec![0.0; values.len()],
            updates: 0,
            values,
        }
    }
}

impl Adaptation {
    /// Goes on from the adapter `values`; all zero (or empty) is the base model.
    ///
    /// # Errors
    /// A setting out of range, or values that are no adapter of this model.
    pub fn new(
        backend: Backend,
        model: Arc<Model>,
        config: Config,
        values: &[f32],
    ) -> Result<Self, TrainError> {
        config.check()?;
        let shape = model.weights.shape;
        let values = start(&shape, values)?;
        let layout = Layout::new(shape);
        let guard = Guard::new(&model);
        let plain = Encoder::new(&model.weights);
        let adapted = plain.adapted(&model.weights, model.adapter_seed, &values)?;
        Ok(Self {
            backend,
            base: guard.track(plain.clone()),
            in_use: guard.track(adapted),
            plain,
            flat: layout.flatten(&model.weights),
            layout,
            downs: adapter::down_projections(&shape, model.adapter_seed),
            source: Source::new(&model, config.candidates),
            guard,
            history: Vec::new(),
            state: Trained::new(values.clone()),
            accepted: values,
            refusals: 0,
            rng: Rng::new(config.seed),
            config,
            model,
        })
    }

    /// The visitor's choices so far, oldest first, as rows of the item table.
    ///
    /// # Errors
    /// A row that the model does not have.
    pub fn set_history(&mut self, tokens: &[u32]) -> Result<(), TrainError> {
        let items = self.model.weights.items();
        if let Some(row) = tokens.iter().find(|row| **row as usize >= items) {
            return Err(TrainError::Data(format!(
                "the history names item {row}, but the model has {items} items"
            )));
        }
        self.history = tokens.to_vec();
        Ok(())
    }

    /// Takes other trained numbers and forgets the optimiser's moments; empty is the base model.
    ///
    /// # Errors
    /// Values that are no adapter of this model.
    pub fn set_values(&mut self, values: &[f32]) -> Result<(), TrainError> {
        self.accepted = start(&self.model.weights.shape, values)?;
        self.in_use = self.guard.track(self.encoder(&self.accepted)?);
        self.roll_back();
        Ok(())
    }

    /// The adapter to use: what the guard let pass last.
    pub fn values(&self) -> &[f32] {
        &self.accepted
    }

    /// The adapter under training, which the guard may not have seen yet.
    pub fn candidate(&self) -> &[f32] {
        &self.state.values
    }

    /// Training goes on from what was accepted last, without the moments that led elsewhere.
    fn roll_back(&mut self) {
        self.state = Trained::new(self.accepted.clone());
        self.refusals = 0;
    }

    /// The visitor's choices.
    pub fn history(&self) -> &[u32] {
        &self.history
    }

    /// Goes on with another device.
    pub fn move_to(&mut self, backend: Backend) {
        self.backend = backend;
    }

    /// The device.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// One gradient step; none if the history has no choice to learn from. The guard is not asked:
    /// see [`Adaptation::update`].
    ///
    /// # Errors
    /// A lost device, or a loss that is no number; the adapter is then as before.
    pub async fn step(&mut self) -> Result<Option<AdaptStep>, TrainError> {
        self.backend.alive()?;
        let seed = self.model.adapter_seed;
        let batch = self
            .source
            .batch(&self.config, seed, &self.history, &mut self.rng);
        let Some(batch) = batch else { return Ok(None) };
        let choices = batch.choices;
        let tensors = self.differentiate(&batch, self.backend.device());
        let read = self.backend.read(tensors).await?;
        let [losses, gradients @ ..] = read.as_slice() else {
            unreachable!("the losses are always read");
        };
        let gradient: Vec<f32> = gradients.concat();
        let update = self.state.updates + 1;
        if losses
            .iter()
            .chain(&gradient)
            .any(|value| !value.is_finite())
        {
            return Err(TrainError::Diverged {
                step: update as usize,
            });
        }
        let adam = Adam {
            learning_rate: self.config.learning_rate,
            weight_decay: self.config.weight_decay,
        };
        let state = &mut self.state;
        let (first, second) = (&mut state.first, &mut state.second);
        adam.update(
            &mut state.values,
            first,
            second,
            &gradient,
            update,
            1.0,
            true,
        );
        state.updates = update;
        Ok(Some(AdaptStep {
            loss: losses[0],
            distillation: losses.get(1).copied().unwrap_or(0.0),
            choices,
            norm: recommender::kernel::dot(&state.values, &state.values).sqrt(),
        }))
    }

    /// Takes `steps` steps and asks the guard. What passes is the adapter to use from then on
    /// ([`Adaptation::values`]); what does not is never used, and after some refusals in a row, or at
    /// once where a number is none or the norm is too large, training goes back to what was accepted.
    ///
    /// # Errors
    /// A lost device, or a loss that is no number; the adapter is rolled back then, too.
    pub async fn update(&mut self, steps: usize) -> Result<Outcome, TrainError> {
        let mut last = None;
        let mut taken = 0;
        for _ in 0..steps {
            match self.step().await {
                Ok(Some(step)) => last = Some(step),
                Ok(None) => break,
                Err(error) => {
                    self.roll_back();
                    return Err(error);
                }
            }
            taken += 1;
        }
        let base = self.guard.losses(&mut self.base, &self.history);
        let before = self.guard.losses(&mut self.in_use, &self.history);
        let mut outcome = Outcome {
            steps: taken,
            last,
            base,
            before,
            after: before,
            refused: None,
        };
        if taken == 0 {
            return Ok(outcome);
        }
        let mut track = None;
        // What the encoder does not take, the guard refuses by its norm, whatever the losses.
        if adapter::check(&self.model.weights.shape, &self.state.values).is_ok() {
            let mut new = self.guard.track(self.encoder(&self.state.values)?);
            outcome.after = self.guard.losses(&mut new, &self.history);
            track = Some(new);
        }
        match guard::judge(&self.state.values, outcome.after, before, base) {
            Ok(()) => {
                self.accepted.clone_from(&self.state.values);
                self.in_use = track.expect("what the encoder refuses, the guard refuses");
                self.refusals = 0;
            }
            Err(refusal) => {
                outcome.refused = Some(refusal);
                self.refusals += 1;
                let beyond = matches!(refusal, Refusal::NotFinite | Refusal::Norm(_));
                if beyond || self.refusals >= REFUSALS {
                    self.roll_back();
                }
            }
        }
        Ok(outcome)
    }

    /// The production encoder with an adapter.
    fn encoder(&self, values: &[f32]) -> Result<Encoder, TrainError> {
        let seed = self.model.adapter_seed;
        Ok(self.plain.adapted(&self.model.weights, seed, values)?)
    }

    /// The losses (own, and distillation if there is replay), and the gradients of the trained
    /// numbers in their order.
    fn differentiate(&self, batch: &Batch, device: &Device) -> Vec<Tensor<1>> {
        let d = self.layout.shape.dim;
        let rows = batch.weights.len();
        let mut net = Net::new(&self.layout, &self.flat, batch.length, false, device);
        let size = adapter::RANK * d;
        let ups: Vec<Tensor<2>> = self
            .state
            .values
            .chunks_exact(size)
            .map(|values| matrix(values.to_vec(), adapter::RANK, d, device).require_grad())
            .collect();
        net.adapt(&self.downs, &ups, device);
        let dense = |values: &[f32]| matrix(values.to_vec(), values.len() / d, d, device);
        let masks: Vec<Tensor<2>> = batch.dropout.iter().map(|mask| dense(mask)).collect();
        let users = net.forward(dense(&batch.tokens), &masks);
        let column = |values: &[f32]| matrix(values.to_vec(), values.len(), 1, device);
        let row = |values: &[f32]| matrix(values.to_vec(), 1, values.len(), device);
        let candidates = dense(&batch.candidates);
        let own = users.clone().slice([0..batch.own, 0..d]);
        let choice = Choice {
            targets: column(&batch.labels),
            items: row(&batch.items),
            offsets: row(&batch.offsets),
            weights: column(&batch.weights[..batch.own]),
        };
        let mut loss = kernels::choose(own, dense(&batch.targets), candidates.clone(), choice);
        let mut losses = loss.clone().inner();
        if rows > batch.own {
            let replayed = users.slice([batch.own..rows, 0..d]);
            let weights = column(&batch.weights[batch.own..]);
            let divergence = diverge(replayed, dense(&batch.teacher), candidates, weights);
            losses = Tensor::cat(vec![losses, divergence.clone().inner()], 0);
            loss = loss + divergence;
        }
        let mut gradients = loss.backward();
        let mut all = vec![losses];
        for up in &ups {
            let gradient = up.grad_remove(&mut gradients);
            all.push(
                gradient
                    .expect("every up-projection takes part")
                    .flatten(0, 1),
            );
        }
        all
    }
}

/// Σ weight × KL(teacher ‖ student) over the candidates.
fn diverge(
    student: Tensor<2>,
    teacher: Tensor<2>,
    candidates: Tensor<2>,
    weights: Tensor<2>,
) -> Tensor<1> {
    let candidates = candidates.transpose();
    let wanted = teacher.matmul(candidates.clone());
    let shares = softmax(wanted.clone(), 1) * weights;
    let known = log_softmax(wanted, 1);
    let found = log_softmax(student.matmul(candidates), 1);
    (shares * (known - found)).sum()
}

/// Checked values; empty is zero.
fn start(shape: &Shape, values: &[f32]) -> Result<Vec<f32>, TrainError> {
    if values.is_empty() {
        return Ok(vec![0.0; adapter::len(shape)]);
    }
    adapter::check(shape, values)?;
    Ok(values.to_vec())
}
