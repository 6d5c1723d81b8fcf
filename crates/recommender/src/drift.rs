//! Notices when a visitor's choices are no longer what the learner expects.
//!
//! Every choice has a progressive loss, −ln p(choice) as predicted before. A one-sided CUSUM
//! (Page 1954) sums how far the losses are above their usual level, in standard deviations:
//!
//! ```text
//! z = (loss − mean) / deviation, clipped to ±3     sum ← max(0, sum + z − SLACK)
//! ```
//!
//! and reports a drift where the sum passes `LIMIT`: a few surprising choices close together do that,
//! one alone cannot. Mean and deviation are exponentially weighted, and start anew after a
//! drift, since the level before says nothing about what comes.

/// Choices before anything can be reported: so many are needed to know what is usual.
const WARM: u32 = 12;

/// Weight of the newest loss in mean and deviation, once there are enough of them.
const RATE: f32 = 0.05;

/// Deviations per choice that are taken for noise.
const SLACK: f32 = 0.5;

/// Sum at which a drift is reported.
const LIMIT: f32 = 4.5;

/// Deviations that one choice can count for.
const MOST: f32 = 3.0;

/// No deviation is taken for smaller, in nats.
const FLOOR: f32 = 0.3;

/// The detector. Its state is a function of the losses that it was told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detector {
    seen: u32,
    mean: f32,
    variance: f32,
    sum: f32,
}

impl Detector {
    /// Takes in the loss of a choice, in nats; `true` if with it a drift is noticed.
    pub fn notice(&mut self, loss: f32) -> bool {
        if !loss.is_finite() {
            return false;
        }
        let deviation = self.variance.sqrt().max(FLOOR);
        let mut off = loss - self.mean;
        if self.seen >= WARM {
            // A surprise counts, but does not decide what is usual from now on.
            off = off.clamp(-MOST * deviation, MOST * deviation);
            self.sum = (self.sum + off / deviation - SLACK).max(0.0);
            if self.sum > LIMIT {
                *self = Self::default();
                return true;
            }
        }
        self.seen = self.seen.saturating_add(1);
        // The plain mean first, the weighted one later.
        let rate = RATE.max(1.0 / self.seen as f32);
        self.mean += rate * off;
        self.variance = (1.0 - rate) * (self.variance + rate * off * off);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Rng;

    /// Choices until a drift is reported, at most `most`.
    fn run_length(detector: &mut Detector, mut loss: impl FnMut() -> f32, most: u32) -> u32 {
        (1..=most)
            .find(|_| detector.notice(loss()))
            .unwrap_or(most + 1)
    }

    #[test]
    fn a_change_of_level_is_noticed_soon_and_noise_seldom() {
        let (mut late, mut early) = (0, 0);
        for seed in 0..200 {
            let mut rng = Rng::new(seed);
            let mut detector = Detector::default();
            let noise = 1 + run_length(&mut detector, || 6.0 + rng.normal(), 100);
            early += u32::from(noise <= 100);
            let mut detector = Detector::default();
            for _ in 0..40 {
                detector.notice(6.0 + rng.normal());
            }
            let mut rng = Rng::new(seed + 1000);
            late += u32::from(run_length(&mut detector, || 8.0 + rng.normal(), 8) > 8);
        }
        assert!(early < 40, "{early} of 200 false within a hundred choices");
        assert!(late < 20, "{late} of 200 changes by two deviations missed");
    }

    #[test]
    fn one_surprise_is_no_drift() {
        let mut detector = Detector::default();
        for n in 0..100 {
            let loss = if n == 50 { 50.0 } else { 5.0 };
            assert!(!detector.notice(loss));
        }
        assert!(!detector.notice(f32::NAN));
    }
}
