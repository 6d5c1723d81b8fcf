//! Fusion: how much each expert counts, learned online from its own progressive loss.
//!
//! The fused score of an item is Σₑ wₑ·sₑ. Read as log-odds it predicts the next choice:
//! p(i) ∝ exp(Σₑ wₑ·sₑ(i)). After each choice j the loss −ln p(j) has for expert e the gradient
//! gₑ = E_p[sₑ] − sₑ(j): positive where the expert preferred other items. The weights are
//! wₑ = startₑ·mₑ, and the multipliers follow the exponentially weighted forecaster on linearised
//! losses (exponentiated gradient, Kivinen and Warmuth 1997), with a fixed share back to 1 so that
//! an expert that was wrong for a while can return (Herbster and Warmuth 1998):
//!
//! ```text
//! mₑ ← (1 − share)·mₑ·exp(−rate·clip(startₑ·gₑ, ±3)) + share
//! ```
//!
//! E_p is estimated on a fixed uniform sample of the catalogue, so a choice costs O(sample), not
//! O(items).

use crate::hyper::{EXPERTS, Hyper};

/// Items in the sample that stands for the catalogue.
pub const SAMPLE: usize = 256;

/// How far a multiplier may go from 1, in either direction.
const RANGE: f32 = 8.0;

/// Per-expert multipliers of the weights that the pack came with.
#[derive(Clone, Debug, PartialEq)]
pub struct Fusion {
    multipliers: [f32; EXPERTS],
}

impl Default for Fusion {
    fn default() -> Self {
        Self {
            multipliers: [1.0; EXPERTS],
        }
    }
}

impl Fusion {
    /// As learnt before.
    pub fn from_multipliers(multipliers: [f32; EXPERTS]) -> Self {
        let multipliers = multipliers.map(|m| m.clamp(1.0 / RANGE, RANGE));
        Self { multipliers }
    }

    /// What each weight is multiplied by, in the order of [`crate::hyper::Expert::ALL`].
    pub fn multipliers(&self) -> &[f32; EXPERTS] {
        &self.multipliers
    }

    /// The weights now.
    pub fn weights(&self, hyper: &Hyper) -> [f32; EXPERTS] {
        let mut weights = hyper.weights;
        for (weight, multiplier) in weights.iter_mut().zip(&self.multipliers) {
            *weight *= multiplier;
        }
        weights
    }

    /// Learns that the item with the expert scores `chosen` was chosen from a catalogue of `items`
    /// that `sample` stands for. Returns the loss −ln p before learning, in nats.
    pub fn learn(
        &mut self,
        hyper: &Hyper,
        chosen: &[f32; EXPERTS],
        sample: &[[f32; EXPERTS]],
        items: usize,
    ) -> f32 {
        let weights = self.weights(hyper);
        let fused = |scores: &[f32; EXPERTS]| -> f32 {
            scores.iter().zip(&weights).map(|(s, w)| s * w).sum()
        };
        // Each sampled item stands for items/sample of the catalogue.
        let stands_for = (items as f32 / sample.len().max(1) as f32).max(1.0);
        let top = sample.iter().map(fused).fold(fused(chosen), f32::max);
        let chosen_mass = (fused(chosen) - top).exp();
        let mut total = chosen_mass;
        let mut expected = chosen.map(|score| score * chosen_mass);
        for scores in sample {
            let mass = stands_for * (fused(scores) - top).exp();
            total += mass;
            for (sum, score) in expected.iter_mut().zip(scores) {
                *sum += mass * score;
            }
        }
        for expert in 0..EXPERTS {
            let gradient = hyper.weights[expert] * (expected[expert] / total - chosen[expert]);
            let step = (-hyper.fusion_rate * gradient.clamp(-3.0, 3.0)).exp();
            let moved = self.multipliers[expert] * step;
            let shared = moved + hyper.fusion_share * (1.0 - moved);
            self.multipliers[expert] = shared.clamp(1.0 / RANGE, RANGE);
        }
        -(chosen_mass / total).max(f32::MIN_POSITIVE).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expert_that_foresees_gains_and_the_loss_falls() {
        let hyper = Hyper {
            weights: [1.0; EXPERTS],
            fusion_rate: 0.1,
            fusion_share: 0.0,
            ..Hyper::default()
        };
        let mut fusion = Fusion::default();
        let good = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        let bad = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let sample = vec![bad; 10];
        let first = fusion.learn(&hyper, &good, &sample, 10);
        let mut last = first;
        for _ in 0..50 {
            last = fusion.learn(&hyper, &good, &sample, 10);
        }
        let weights = fusion.weights(&hyper);
        assert!(weights[2] > 2.0 && weights[0] < 0.5, "{weights:?}");
        assert!(last < first);
        assert!((weights[1] - 1.0).abs() < 1e-6);
    }
}
