//! What one step of adaptation sees, as the host's numbers.

use std::collections::HashSet;

use recommender::encoder::{Encoder, Model, State};
use recommender::random::Rng;

use super::Config;
use super::guard::{is_held_back, is_reserve};
use crate::pretrain::mask;

/// Rows are windows × length, the visitor's first.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    /// Tokens per window.
    pub(super) length: usize,
    /// Rows of the visitor's windows.
    pub(super) own: usize,
    /// Embedded tokens, rows × d.
    pub(super) tokens: Vec<f32>,
    /// Rows of the targets, own × d.
    pub(super) targets: Vec<f32>,
    /// Items of the targets as numbers, own.
    pub(super) labels: Vec<f32>,
    /// Weight of each position: of its loss in the own part, of its distillation in the others.
    pub(super) weights: Vec<f32>,
    /// The base model's user vectors of the replayed rows, replayed × d.
    pub(super) teacher: Vec<f32>,
    /// Candidates, count × d.
    pub(super) candidates: Vec<f32>,
    /// Their items as numbers, and what is added to their logits.
    pub(super) items: Vec<f32>,
    pub(super) offsets: Vec<f32>,
    /// Two masks per block.
    pub(super) dropout: Vec<Vec<f32>>,
    /// Choices that are targets.
    pub(super) choices: usize,
}

/// What batches are drawn from, apart from the visitor's history.
pub(super) struct Source {
    base: Encoder,
    /// Sequences of the pool that may be trained on.
    pool: Vec<Vec<u32>>,
    /// All their items: drawing one of them is drawing by popularity.
    popular: Vec<u32>,
    /// ln(candidates × probability) per item.
    expected: Vec<f32>,
}

impl Source {
    pub(super) fn new(model: &Model, candidates: usize) -> Self {
        let base = Encoder::new(&model.weights);
        let items = model.weights.items();
        let pool: Vec<Vec<u32>> = model
            .pool
            .iter()
            .enumerate()
            .filter(|(at, tokens)| !is_reserve(*at) && tokens.len() > 1)
            .map(|(_, tokens)| tokens.clone())
            .collect();
        let popular: Vec<u32> = pool.iter().flatten().copied().collect();
        let mut seen = vec![0.0_f32; items];
        popular.iter().for_each(|&item| seen[item as usize] += 1.0);
        let share = if popular.is_empty() { 0.0 } else { 0.5 };
        let total = popular.len().max(1) as f32;
        let expected = seen
            .into_iter()
            .map(|n| (candidates as f32 * ((1.0 - share) / items as f32 + share * n / total)).ln())
            .collect();
        Self {
            base,
            pool,
            popular,
            expected,
        }
    }

    fn candidate(&self, rng: &mut Rng) -> u32 {
        if self.popular.is_empty() || rng.next_u64() & 1 == 0 {
            rng.below(self.expected.len()) as u32
        } else {
            self.popular[rng.below(self.popular.len())]
        }
    }

    /// A batch of the newest window, random windows of the history, and replay. None if the history
    /// has no choice to learn from.
    pub(super) fn batch(
        &self,
        config: &Config,
        held_back: u64,
        history: &[u32],
        rng: &mut Rng,
    ) -> Option<Batch> {
        let d = self.base.shape().dim;
        let length = config.window;
        let tokens = history.len().checked_sub(1)?;
        let last = tokens.saturating_sub(length);
        let mut starts = vec![last];
        if last > 0 {
            starts.extend((1..config.own).map(|_| rng.below(last + 1)));
        }
        let replayed: Vec<&[u32]> = (0..config.replay.min(self.pool.len()))
            .map(|_| {
                let tokens = self.pool[rng.below(self.pool.len())].as_slice();
                &tokens[..tokens.len().min(length)]
            })
            .collect();
        let own = starts.len() * length;
        let rows = own + replayed.len() * length;
        let mut batch = Batch {
            length,
            own,
            tokens: vec![0.0; rows * d],
            targets: vec![0.0; own * d],
            labels: vec![-1.0; own],
            weights: vec![0.0; rows],
            teacher: vec![0.0; (rows - own) * d],
            ..Batch::default()
        };
        let factors = mask(rows * d, config.dropout, rng);
        for (window, start) in starts.iter().enumerate() {
            let part = &history[*start..history.len().min(start + length + 1)];
            for (t, pair) in part.windows(2).enumerate() {
                let row = window * length + t;
                self.embed(pair[0], &factors, row, &mut batch.tokens);
                batch.targets[row * d..(row + 1) * d].copy_from_slice(self.base.row(pair[1]));
                batch.labels[row] = pair[1] as f32;
                if !is_held_back(held_back, pair[0], pair[1]) {
                    batch.weights[row] = 1.0;
                    batch.choices += 1;
                }
            }
        }
        // What the visitor has chosen is no example of what they would not choose, and not offered
        // again anyway.
        let chosen: HashSet<u32> = history.iter().copied().collect();
        if batch.choices == 0 {
            return None;
        }
        let weight = 1.0 / batch.choices as f32;
        batch.weights[..own].iter_mut().for_each(|x| *x *= weight);
        let positions: usize = replayed.iter().map(|tokens| tokens.len()).sum();
        for (window, tokens) in replayed.into_iter().enumerate() {
            let mut state = State::new(&self.base);
            for (t, &token) in tokens.iter().enumerate() {
                let row = own + window * length + t;
                self.embed(token, &factors, row, &mut batch.tokens);
                state.push(&self.base, token);
                let place = (row - own) * d;
                batch.teacher[place..place + d].copy_from_slice(state.user());
                batch.weights[row] = config.distillation / positions as f32;
            }
        }
        let mut tries = 8 * config.candidates;
        while batch.items.len() < config.candidates && tries > 0 {
            tries -= 1;
            let item = self.candidate(rng);
            if chosen.contains(&item) {
                continue;
            }
            batch.candidates.extend(self.base.row(item));
            batch.items.push(item as f32);
            batch.offsets.push(-self.expected[item as usize]);
        }
        if batch.items.is_empty() {
            return None;
        }
        if config.dropout > 0.0 {
            let blocks = self.base.shape().blocks;
            let masks = (0..2 * blocks).map(|_| mask(rows * d, config.dropout, rng));
            batch.dropout = masks.collect();
        }
        Some(batch)
    }

    fn embed(&self, item: u32, factors: &[f32], row: usize, tokens: &mut [f32]) {
        let d = self.base.shape().dim;
        let place = row * d..(row + 1) * d;
        let scale = (d as f32).sqrt();
        let values = self.base.row(item).iter().zip(&factors[place.clone()]);
        for (out, (x, factor)) in tokens[place].iter_mut().zip(values) {
            *out = x * factor * scale;
        }
    }
}
