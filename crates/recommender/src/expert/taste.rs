//! The taste expert: a Gaussian posterior over linear tastes, updated in closed form.
//!
//! The visitor's taste is a vector `w`; an event on an item with vector `x` observes `xᵀw` with
//! noise: target 1 for a click, −1 for a dislike, variance 1 / confidence. Between two events the
//! taste drifts: `w ← √ρ·w + noise`, with the noise that keeps the prior N(0, Σ₀) stationary. So
//!
//! ```text
//! drift    μ ← √ρ·μ            Σ ← ρ·Σ + (1−ρ)·Σ₀
//! observe  k = Σx   s = xᵀk + 1/confidence   μ ← μ + k·(y − xᵀμ)/s   Σ ← Σ − k·kᵀ/s
//! ```
//!
//! which is a Kalman filter: exact, O(d²) per event, never over-confident, and it forgets towards
//! the prior, not towards ignorance. The prior counts the whole catalogue as weakly "not chosen",
//! Σ₀ = (λI + α·Σᵢxᵢxᵢᵀ)⁻¹, the trick of implicit-feedback ALS (Hu, Koren and Volinsky 2008), so
//! that with ρ = 1 the mean is exactly the ALS fold-in of the history.
//!
//! μ is linear in the targets: μ = Σₛ yₛ·cₛ. The vectors cₛ are kept, so each event's share of any
//! item's score is known exactly, and can be taken out again.
//!
//! Per-item means are not stored: a ranking needs one pass over the item table anyway, and that
//! pass computes `xᵀμ` fresh. Per-item variances are made on demand for the items that are shown.

use crate::random::Rng;

/// The prior N(0, Σ₀), shared by all learners of a pack.
#[derive(Clone, Debug)]
pub struct Prior {
    dimension: usize,
    covariance: Vec<f64>,
}

impl Prior {
    /// Σ₀ = (ridge·I + unobserved·items·moment)⁻¹.
    ///
    /// # Shapes
    /// `moment`: dimension × dimension, the item vectors' second moment.
    pub fn new(
        dimension: usize,
        moment: &[f64],
        items: usize,
        ridge: f32,
        unobserved: f32,
    ) -> Self {
        let scale = f64::from(unobserved) * items as f64;
        let mut precision: Vec<f64> = moment.iter().map(|m| scale * m).collect();
        for i in 0..dimension {
            precision[i * dimension + i] += f64::from(ridge);
        }
        Self {
            dimension,
            covariance: inverse(dimension, &precision),
        }
    }

    /// xᵀΣ₀x.
    pub fn variance(&self, x: &[f32]) -> f32 {
        quadratic(self.dimension, &self.covariance, x)
    }
}

/// The posterior N(μ, Σ) and each event's share of μ.
#[derive(Clone, Debug)]
pub struct Taste {
    mean: Vec<f64>,
    covariance: Vec<f64>,
    /// Keep the shares? O(observations × d) per event.
    tracked: bool,
    /// One row per observation: cₛ, so that μ = Σₛ targetₛ·cₛ.
    shares: Vec<f32>,
    targets: Vec<f32>,
}

/// Which observation of a [`Taste`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation(usize);

impl Taste {
    /// Knows nothing yet.
    pub fn new(prior: &Prior) -> Self {
        Self {
            mean: vec![0.0; prior.dimension],
            covariance: prior.covariance.clone(),
            tracked: true,
            shares: Vec::new(),
            targets: Vec::new(),
        }
    }

    /// Knows nothing yet and will keep no shares: the same scores in less time, for offline
    /// evaluation. [`Self::mute`] and [`Self::share`] have nothing to work on.
    pub fn untracked(prior: &Prior) -> Self {
        Self {
            tracked: false,
            ..Self::new(prior)
        }
    }

    /// Lets the taste drift by one event; `memory` is ρ.
    pub fn drift(&mut self, prior: &Prior, memory: f32) {
        if memory >= 1.0 {
            return;
        }
        let rho = f64::from(memory);
        let root = rho.sqrt();
        self.mean.iter_mut().for_each(|m| *m *= root);
        for (now, start) in self.covariance.iter_mut().zip(&prior.covariance) {
            *now = rho * *now + (1.0 - rho) * start;
        }
        self.shares.iter_mut().for_each(|c| *c *= root as f32);
    }

    /// Learns that `x` was worth `target`, with a noise variance of 1 / `confidence`.
    pub fn observe(&mut self, x: &[f32], target: f32, confidence: f32) -> Observation {
        let d = x.len();
        let gain_raw: Vec<f64> = self
            .covariance
            .chunks_exact(d)
            .map(|row| dot(row, x))
            .collect();
        let s = dot(&gain_raw, x) + 1.0 / f64::from(confidence.max(1e-6));
        let error = f64::from(target) - dot(&self.mean, x);
        for (m, k) in self.mean.iter_mut().zip(&gain_raw) {
            *m += k * error / s;
        }
        for (row, ki) in self.covariance.chunks_exact_mut(d).zip(&gain_raw) {
            let factor = ki / s;
            for (cell, kj) in row.iter_mut().zip(&gain_raw) {
                *cell -= factor * kj;
            }
        }
        if !self.tracked {
            return Observation(usize::MAX);
        }
        let gain: Vec<f32> = gain_raw.iter().map(|k| (k / s) as f32).collect();
        for share in self.shares.chunks_exact_mut(d) {
            let along = crate::kernel::dot(share, x);
            crate::kernel::axpy(share, -along, &gain);
        }
        self.shares.extend_from_slice(&gain);
        self.targets.push(target);
        Observation(self.targets.len() - 1)
    }

    /// Takes one observation's target out of the mean. What it told about certainty stays.
    pub fn mute(&mut self, observation: Observation) {
        let d = self.mean.len();
        let target = std::mem::replace(&mut self.targets[observation.0], 0.0);
        let share = &self.shares[observation.0 * d..(observation.0 + 1) * d];
        for (m, c) in self.mean.iter_mut().zip(share) {
            *m -= f64::from(target * c);
        }
    }

    /// What one observation adds to xᵀμ.
    pub fn share(&self, observation: Observation, x: &[f32]) -> f32 {
        let d = self.mean.len();
        let share = &self.shares[observation.0 * d..(observation.0 + 1) * d];
        self.targets[observation.0] * crate::kernel::dot(share, x)
    }

    /// Adds `weight`·μ to `query`.
    pub fn add_mean(&self, weight: f32, query: &mut [f32]) {
        for (q, m) in query.iter_mut().zip(&self.mean) {
            *q += weight * *m as f32;
        }
    }

    /// xᵀμ.
    pub fn mean(&self, x: &[f32]) -> f32 {
        dot(&self.mean, x) as f32
    }

    /// xᵀΣx.
    pub fn variance(&self, x: &[f32]) -> f32 {
        quadratic(x.len(), &self.covariance, x)
    }

    /// A draw from N(0, Σ), for Thompson sampling: what the taste might be besides μ.
    pub fn draw(&self, rng: &mut Rng) -> Vec<f32> {
        let d = self.mean.len();
        let factor = cholesky(d, &self.covariance);
        let normal: Vec<f64> = (0..d).map(|_| f64::from(rng.normal())).collect();
        (0..d)
            .map(|i| {
                let row = &factor[i * d..=i * d + i];
                row.iter().zip(&normal).map(|(l, z)| l * z).sum::<f64>() as f32
            })
            .collect()
    }
}

fn dot(a: &[f64], x: &[f32]) -> f64 {
    a.iter().zip(x).map(|(a, x)| a * f64::from(*x)).sum()
}

fn quadratic(d: usize, matrix: &[f64], x: &[f32]) -> f32 {
    let sum: f64 = matrix
        .chunks_exact(d)
        .zip(x)
        .map(|(row, xi)| dot(row, x) * f64::from(*xi))
        .sum();
    sum.max(0.0) as f32
}

/// Lower triangle L with L·Lᵀ = `matrix` (d × d, symmetric). A pivot that rounding made negative
/// counts as 0: that direction is then certain.
fn cholesky(d: usize, matrix: &[f64]) -> Vec<f64> {
    let mut l = vec![0.0; d * d];
    for i in 0..d {
        for j in 0..=i {
            let (done_i, done_j) = (&l[i * d..i * d + j], &l[j * d..j * d + j]);
            let sum: f64 = done_i.iter().zip(done_j).map(|(a, b)| a * b).sum();
            let rest = matrix[i * d + j] - sum;
            l[i * d + j] = if i == j {
                rest.max(0.0).sqrt()
            } else if l[j * d + j] > 0.0 {
                rest / l[j * d + j]
            } else {
                0.0
            };
        }
    }
    l
}

/// Inverse of a symmetric positive definite matrix through its Cholesky factor.
fn inverse(d: usize, matrix: &[f64]) -> Vec<f64> {
    let l = cholesky(d, matrix);
    let mut out = vec![0.0; d * d];
    let mut column = vec![0.0; d];
    for unit in 0..d {
        for i in 0..d {
            let start = if i == unit { 1.0 } else { 0.0 };
            let sum: f64 = l[i * d..i * d + i]
                .iter()
                .zip(&column)
                .map(|(a, b)| a * b)
                .sum();
            column[i] = (start - sum) / l[i * d + i];
        }
        for i in (0..d).rev() {
            let sum: f64 = (i + 1..d).map(|k| l[k * d + i] * column[k]).sum();
            column[i] = (column[i] - sum) / l[i * d + i];
        }
        for i in 0..d {
            out[i * d + unit] = column[i];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const D: usize = 6;

    fn setting() -> (Prior, Vec<Vec<f32>>) {
        let mut rng = Rng::new(1);
        let items: Vec<Vec<f32>> = (0..40)
            .map(|_| (0..D).map(|_| rng.normal()).collect())
            .collect();
        let mut moment = vec![0.0; D * D];
        for x in &items {
            for i in 0..D {
                for j in 0..D {
                    moment[i * D + j] += f64::from(x[i] * x[j]) / 40.0;
                }
            }
        }
        (Prior::new(D, &moment, 40, 1.0, 0.1), items)
    }

    /// The oracle: solve (Σ₀⁻¹ + Σ cₛxₛxₛᵀ) μ = Σ cₛyₛxₛ from scratch.
    #[test]
    fn recursion_equals_the_batch_solution() {
        let (prior, items) = setting();
        let mut taste = Taste::new(&prior);
        let mut precision = inverse(D, &prior.covariance);
        let mut right = [0.0; D];
        for (n, x) in items.iter().take(12).enumerate() {
            let (y, c) = (if n % 3 == 0 { -1.0 } else { 1.0 }, 0.5 + n as f32 * 0.1);
            taste.observe(x, y, c);
            for i in 0..D {
                right[i] += f64::from(c * y * x[i]);
                for j in 0..D {
                    precision[i * D + j] += f64::from(c * x[i] * x[j]);
                }
            }
        }
        let covariance = inverse(D, &precision);
        for i in 0..D {
            let mean: f64 = (0..D).map(|j| covariance[i * D + j] * right[j]).sum();
            assert!((mean - taste.mean[i]).abs() < 1e-5);
            for j in 0..D {
                assert!((covariance[i * D + j] - taste.covariance[i * D + j]).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn shares_add_up_and_muting_takes_one_out() {
        let (prior, items) = setting();
        let mut taste = Taste::new(&prior);
        let mut without = Taste::new(&prior);
        let mut seen = Vec::new();
        for (n, x) in items.iter().take(9).enumerate() {
            for (t, y) in [
                (&mut taste, 1.0),
                (&mut without, if n == 4 { 0.0 } else { 1.0 }),
            ] {
                t.drift(&prior, 0.98);
                let observation = t.observe(x, y, 1.0);
                if y == 1.0 && seen.len() <= n {
                    seen.push(observation);
                }
            }
        }
        let probe = &items[20];
        let sum: f32 = seen.iter().map(|&o| taste.share(o, probe)).sum();
        assert!((sum - taste.mean(probe)).abs() < 1e-5);
        let expected = taste.mean(probe) - taste.share(seen[4], probe);
        taste.mute(seen[4]);
        assert!((taste.mean(probe) - expected).abs() < 1e-5);
        assert!((taste.mean(probe) - without.mean(probe)).abs() < 1e-5);
    }

    #[test]
    fn certainty_grows_with_events_and_fades_with_drift() {
        let (prior, items) = setting();
        let mut taste = Taste::new(&prior);
        let x = &items[0];
        assert!((taste.variance(x) - prior.variance(x)).abs() < 1e-6);
        taste.observe(x, 1.0, 1.0);
        let sure = taste.variance(x);
        assert!(sure < prior.variance(x));
        for _ in 0..2000 {
            taste.drift(&prior, 0.99);
        }
        assert!((taste.variance(x) - prior.variance(x)).abs() < 1e-4);
        assert!(taste.mean(x).abs() < 1e-3);
    }

    #[test]
    fn draws_have_the_posterior_variance() {
        let (prior, items) = setting();
        let mut taste = Taste::new(&prior);
        taste.observe(&items[0], 1.0, 1.0);
        let x = &items[3];
        let mut rng = Rng::new(5);
        let n = 4000;
        let squares: f32 = (0..n)
            .map(|_| crate::kernel::dot(&taste.draw(&mut rng), x).powi(2))
            .sum();
        let ratio = squares / n as f32 / taste.variance(x);
        assert!((ratio - 1.0).abs() < 0.1, "{ratio}");
    }
}
