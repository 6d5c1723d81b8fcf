//! One step: gather, differentiate, sum, update.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::batch::{self, Part, Window};
use super::schedule;
use super::{Next, Pretraining, Validating};
use crate::adam::Adam;
use crate::error::TrainError;
use crate::rows::squares;
use crate::shard::{self, Answer, Candidates};

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Steps done, this one among them.
    pub step: usize,
    /// Epoch of this step, from 0.
    pub epoch: usize,
    /// Mean loss per position, in nats. With sampled negatives an estimate of the loss over all.
    pub loss: f32,
    /// Mean loss of the epoch so far.
    pub epoch_loss: f32,
    /// The rate it was done with.
    pub learning_rate: f32,
    /// Norm of the gradient before clipping.
    pub gradient_norm: f32,
    /// Targets in it.
    pub positions: usize,
    /// It was the last of its epoch.
    pub epoch_done: bool,
}

impl Pretraining {
    /// Trains on the next windows.
    ///
    /// # Errors
    /// A lost device, or a loss that is no number; the state is then as before the step. A step that
    /// is not due ([`Pretraining::next`]).
    pub async fn step(&mut self) -> Result<Step, TrainError> {
        if self.next() != Next::Step {
            return Err(TrainError::Setting(format!(
                "no step is due now, but {:?}",
                self.next()
            )));
        }
        self.backend.alive()?;
        let end = (self.window + self.config.batch).min(self.windows.len());
        let windows = self.windows[self.window..end].to_vec();
        let positions: usize = windows.iter().map(|window| window.length).sum();
        let candidates = self
            .negatives
            .candidates(&self.rows, &self.config, self.step);
        let parts = batch::parts(&windows, self.backend.is_gpu());
        let answers = if self.backend.is_gpu() {
            self.on_gpu(&parts, &candidates, positions).await?
        } else {
            self.on_cpu(&parts, &candidates, positions)?
        };
        let (loss, gradient) = self.sum(&answers, &candidates);
        let norm = (squares(&gradient) + self.rows.squares()).sqrt() as f32;
        if !(loss.is_finite() && norm.is_finite()) {
            self.rows.discard();
            return Err(TrainError::Diverged { step: self.step });
        }
        let progress = (self.epoch as f32 + self.window as f32 / self.windows.len() as f32)
            / self.config.epochs as f32;
        let adam = Adam {
            learning_rate: schedule::learning_rate(&self.config, self.step, progress),
            weight_decay: self.config.weight_decay,
        };
        let clip = (self.config.clip_norm / norm.max(1e-12)).min(1.0);
        self.update(&adam, &gradient, clip);
        self.rows.update(&adam, clip);
        self.step += 1;
        self.loss_sum += f64::from(loss) * positions as f64;
        self.loss_count += positions as u64;
        let done = Step {
            step: self.step,
            epoch: self.epoch,
            loss,
            epoch_loss: (self.loss_sum / self.loss_count as f64) as f32,
            learning_rate: adam.learning_rate,
            gradient_norm: norm,
            positions,
            epoch_done: end == self.windows.len(),
        };
        self.window = end;
        if done.epoch_done {
            self.epoch += 1;
            self.windows = batch::windows(&self.data, &self.config, self.epoch);
            (self.window, self.loss_sum, self.loss_count) = (0, 0.0, 0);
            self.validating = Some(Validating::begin());
        }
        Ok(done)
    }

    fn gather(&self, part: usize, windows: &[Window], positions: usize) -> Part {
        let at = (self.step, part);
        batch::gather(&self.data, &self.rows, &self.config, windows, at, positions)
    }

    /// One pass for the whole batch.
    async fn on_gpu(
        &self,
        parts: &[Vec<Window>],
        candidates: &Candidates,
        positions: usize,
    ) -> Result<Vec<(Part, Answer)>, TrainError> {
        let mut answers = Vec::new();
        for (at, windows) in parts.iter().enumerate() {
            let part = self.gather(at, windows, positions);
            let device = self.backend.device();
            let tensors =
                shard::differentiate(&self.layout, &self.flat, &part.shard, candidates, device);
            let read = self.backend.read(tensors).await?;
            let answer = shard::answer(&self.layout, part.shard.length, read);
            answers.push((part, answer));
        }
        Ok(answers)
    }

    /// A pass for each shard, shared among threads. Each has a graph of its own, and the sums are
    /// made afterwards in the order of the shards: the number of threads changes nothing.
    fn on_cpu(
        &self,
        parts: &[Vec<Window>],
        candidates: &Candidates,
        positions: usize,
    ) -> Result<Vec<(Part, Answer)>, TrainError> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::new());
        let work = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(windows) = parts.get(at) else { break };
                let part = self.gather(at, windows, positions);
                let device = self.backend.device();
                let tensors =
                    shard::differentiate(&self.layout, &self.flat, &part.shard, candidates, device);
                let answer = shard::read_now(tensors)
                    .map(|read| shard::answer(&self.layout, part.shard.length, read));
                let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                done.push((at, part, answer));
            }
        };
        let threads = self.backend.threads().min(parts.len());
        if threads > 1 {
            std::thread::scope(|scope| {
                for _ in 1..threads {
                    scope.spawn(work);
                }
                work();
            });
        } else {
            work();
        }
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(at, ..)| *at);
        done.into_iter()
            .map(|(_, part, answer)| Ok((part, answer.map_err(TrainError::Device)?)))
            .collect()
    }

    /// The loss and the gradient of the flat weights; those of item rows go into the table.
    fn sum(&mut self, answers: &[(Part, Answer)], candidates: &Candidates) -> (f32, Vec<f32>) {
        let d = self.config.shape.dim;
        let mut gradient = vec![0.0; self.flat.len()];
        let mut others = vec![0.0; candidates.rows.len()];
        let mut loss = 0.0;
        for (part, answer) in answers {
            loss += answer.loss;
            add(&mut gradient, &answer.weights);
            add(&mut others, &answer.candidates);
            let factors = part.factors.chunks_exact(d);
            let tokens = answer.tokens.chunks_exact(d).zip(factors);
            let rows = tokens.zip(answer.targets.chunks_exact(d));
            for (place, ((token, factors), target)) in part.places.iter().zip(rows) {
                let Some((item, target_item)) = place else {
                    continue;
                };
                let row = self.rows.touch(*item);
                for ((sum, gradient), factor) in row.iter_mut().zip(token).zip(factors) {
                    *sum += gradient * factor;
                }
                add(self.rows.touch(*target_item), target);
            }
        }
        for (item, gradient) in candidates.items.iter().zip(others.chunks_exact(d)) {
            add(self.rows.touch(*item as u32), gradient);
        }
        (loss, gradient)
    }

    fn update(&mut self, adam: &Adam, gradient: &[f32], clip: f32) {
        let update = u32::try_from(self.step + 1).unwrap_or(u32::MAX);
        let leaves = self.layout.leaves.iter();
        let ranges = leaves.map(|leaf| (leaf.range.clone(), leaf.decayed));
        for (range, decayed) in ranges.chain([(self.layout.distances.clone(), false)]) {
            adam.update(
                &mut self.flat[range.clone()],
                &mut self.first[range.clone()],
                &mut self.second[range.clone()],
                &gradient[range],
                update,
                clip,
                decayed,
            );
        }
    }
}

fn add(sums: &mut [f32], values: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}
