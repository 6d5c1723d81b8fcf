//! Metrics of a ranked list with one relevant item, and of a set of lists.
//!
//! With the relevant item at place p (1 = first; ties share their mean place):
//! HR@k = [p ≤ k] (also recall, since there is one relevant item), NDCG@k = [p ≤ k] / log₂(1 + p),
//! MRR@k = [p ≤ k] / p. Coverage@k is the share of the catalogue that appears in any list of k.
//! Diversity@k is the mean over lists of 1 − the mean cosine between pairs of a list.

use std::fmt;

use crate::catalogue::ItemIndex;
use crate::kernel;
use crate::random::Rng;
use crate::vectors::ItemVectors;

/// Cut-offs that are reported.
pub const CUTS: [usize; 3] = [5, 10, 20];

/// Hit rate.
pub fn hit(place: f32, k: usize) -> f64 {
    f64::from(u8::from(place <= k as f32))
}

/// Normalised discounted cumulative gain.
pub fn ndcg(place: f32, k: usize) -> f64 {
    hit(place, k) / f64::from(1.0 + place).log2()
}

/// Mean reciprocal rank, one term.
pub fn mrr(place: f32, k: usize) -> f64 {
    hit(place, k) / f64::from(place)
}

/// Places of the relevant items of many rankings and the items that were shown.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One per ranking, in the order of the rankings.
    pub places: Vec<f32>,
    /// The ten best of each ranking; empty if not collected.
    pub lists: Vec<Vec<ItemIndex>>,
}

impl Report {
    /// Mean of a metric.
    pub fn mean(&self, metric: impl Fn(f32) -> f64) -> f64 {
        self.places.iter().map(|&p| metric(p)).sum::<f64>() / self.places.len().max(1) as f64
    }

    /// NDCG@10, the metric that tuning follows.
    pub fn ndcg10(&self) -> f64 {
        self.mean(|place| ndcg(place, 10))
    }

    /// Share of `items` that appears in any list.
    pub fn coverage(&self, items: usize) -> f64 {
        let mut shown = vec![false; items];
        self.lists
            .iter()
            .flatten()
            .for_each(|item| shown[item.row()] = true);
        shown.iter().filter(|s| **s).count() as f64 / items.max(1) as f64
    }

    /// Mean over lists of 1 − the mean cosine between pairs.
    pub fn diversity(&self, vectors: &ItemVectors) -> f64 {
        let mut sum = 0.0;
        let mut lists = 0;
        for list in self.lists.iter().filter(|list| list.len() > 1) {
            let mut cosines = 0.0;
            for (at, a) in list.iter().enumerate() {
                for b in &list[..at] {
                    cosines += f64::from(kernel::dot(vectors.row(*a), vectors.row(*b)));
                }
            }
            sum += 1.0 - cosines / (list.len() * (list.len() - 1) / 2) as f64;
            lists += 1;
        }
        sum / f64::from(lists.max(1))
    }
}

/// How far one method is above another on the same rankings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// Mean difference.
    pub difference: f64,
    /// Ends of the 95 % percentile interval.
    pub interval: (f64, f64),
    /// Share of resamples in which the difference is not above 0.
    pub p: f64,
}

impl fmt::Display for Paired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.interval;
        write!(
            f,
            "{:+.4} [{low:+.4}, {high:+.4}] p={:.3}",
            self.difference, self.p
        )
    }
}

/// Paired bootstrap over visitors: resamples the differences with replacement.
pub fn paired_bootstrap(a: &[f64], b: &[f64], resamples: usize, seed: u64) -> Paired {
    assert_eq!(
        a.len(),
        b.len(),
        "both methods ranked for the same visitors"
    );
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let n = differences.len().max(1);
    let mut rng = Rng::new(seed);
    let mut means: Vec<f64> = (0..resamples.max(1))
        .map(|_| {
            (0..n)
                .filter_map(|_| differences.get(rng.below(n)))
                .sum::<f64>()
                / n as f64
        })
        .collect();
    means.sort_unstable_by(f64::total_cmp);
    let quantile = |q: f64| means[((means.len() - 1) as f64 * q).round() as usize];
    Paired {
        difference: differences.iter().sum::<f64>() / n as f64,
        interval: (quantile(0.025), quantile(0.975)),
        p: means.iter().filter(|m| **m <= 0.0).count() as f64 / means.len() as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_on_known_places() {
        let report = Report {
            places: vec![1.0, 3.0, 11.0],
            lists: vec![],
        };
        assert!((report.mean(|p| hit(p, 10)) - 2.0 / 3.0).abs() < 1e-12);
        assert!((report.ndcg10() - (1.0 + 0.5) / 3.0).abs() < 1e-12);
        assert!((report.mean(|p| mrr(p, 10)) - (1.0 + 1.0 / 3.0) / 3.0).abs() < 1e-12);
    }

    #[test]
    fn coverage_and_diversity() {
        let vectors = ItemVectors::new(2, vec![1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
        let list = |a, b| vec![ItemIndex(a), ItemIndex(b)];
        let report = Report {
            places: vec![1.0; 2],
            lists: vec![list(0, 1), list(0, 2)],
        };
        assert!((report.coverage(3) - 1.0).abs() < 1e-12);
        assert!((report.diversity(&vectors) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn bootstrap_sees_a_difference_and_no_difference() {
        let better: Vec<f64> = (0..200).map(|i| f64::from(i % 2)).collect();
        let worse: Vec<f64> = (0..200).map(|i| f64::from(u8::from(i % 4 == 1))).collect();
        assert!(paired_bootstrap(&better, &worse, 500, 1).p < 0.01);
        assert!(paired_bootstrap(&better, &better, 500, 1).p > 0.99);
    }
}
