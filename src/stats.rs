//! The last measurements of one stage.

use std::collections::VecDeque;

/// Median and 95th percentile in milliseconds; `None` before anything was measured.
pub type Quantiles = Option<(f64, f64)>;

/// How many measurements are kept.
const KEPT: usize = 200;

/// A window over the last 200 measurements, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Samples(VecDeque<f64>);

impl Samples {
    /// Adds a measurement; one that is not finite is left out.
    pub fn push(&mut self, milliseconds: f64) {
        if milliseconds.is_finite() {
            if self.0.len() == KEPT {
                self.0.pop_front();
            }
            self.0.push_back(milliseconds);
        }
    }

    /// Number of measurements.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Has nothing been measured?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The smallest measurement that at least the share `q` (0 to 1) of them do not exceed
    /// (nearest rank); `None` without measurements.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let mut sorted: Vec<f64> = self.0.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let rank = (q * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.max(1) - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_rank_over_the_last_two_hundred() {
        let mut samples = Samples::default();
        assert_eq!(samples.quantile(0.5), None);
        for n in 0..300 {
            samples.push(f64::from(n));
        }
        samples.push(f64::NAN);
        assert_eq!(samples.len(), 200);
        assert_eq!(samples.quantile(0.5), Some(199.0));
        assert_eq!(samples.quantile(0.95), Some(289.0));
        assert_eq!(samples.quantile(1.0), Some(299.0));
        assert_eq!(samples.quantile(0.0), Some(100.0));
    }
}
