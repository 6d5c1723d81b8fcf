//! A map of the catalogue in two dimensions, and where the visitor's taste is on it.
//!
//! The axes are the two directions in which the item vectors differ most (principal components).
//! They depend on the pack alone, so the map stays as it is while the visitor moves over it.

use crate::catalogue::ItemIndex;
use crate::kernel;
use crate::learner::Learner;
use crate::pack::Pack;

/// Steps of the power iteration. The gap between neighbouring eigenvalues may be small; what is then
/// mixed is a rotation of two directions that matter equally.
const STEPS: usize = 300;

/// The axes and the items' places.
#[derive(Clone, Debug)]
pub struct TasteMap {
    mean: Vec<f32>,
    axes: [Vec<f32>; 2],
    /// Share of the item vectors' variance along each axis.
    pub explained: [f32; 2],
    /// Items on the map, most popular first, with their places.
    pub points: Vec<(ItemIndex, [f32; 2])>,
}

impl TasteMap {
    /// The map of a pack, with its `at_most` most popular items. O(items × d² + d³).
    pub fn new(pack: &Pack, at_most: usize) -> Self {
        let (items, d) = (pack.catalogue.len(), pack.vectors.dimension());
        let mut mean = vec![0.0f64; d];
        for row in 0..items as u32 {
            for (sum, x) in mean.iter_mut().zip(pack.vectors.row(ItemIndex(row))) {
                *sum += f64::from(*x) / items as f64;
            }
        }
        let mut covariance = pack.vectors.second_moment();
        for i in 0..d {
            for j in 0..d {
                covariance[i * d + j] -= mean[i] * mean[j];
            }
        }
        let total: f64 = (0..d).map(|i| covariance[i * d + i]).sum();
        let (first, along_first) = leading(&covariance, d);
        for i in 0..d {
            for j in 0..d {
                covariance[i * d + j] -= along_first * first[i] * first[j];
            }
        }
        let (second, along_second) = leading(&covariance, d);
        let narrow = |axis: Vec<f64>| axis.into_iter().map(|x| x as f32).collect();
        let share = |along: f64| {
            if total > 0.0 {
                (along / total) as f32
            } else {
                0.0
            }
        };
        let mut map = Self {
            mean: narrow(mean),
            axes: [narrow(first), narrow(second)],
            explained: [share(along_first), share(along_second)],
            points: Vec::new(),
        };
        map.points = pack
            .by_popularity()
            .into_iter()
            .take(at_most)
            .map(|item| (item, map.place(pack.vectors.row(item))))
            .collect();
        map
    }

    /// Where a vector is on the map.
    ///
    /// # Shapes
    /// `vector`: the pack's dimension.
    pub fn place(&self, vector: &[f32]) -> [f32; 2] {
        [0, 1].map(|axis| {
            let axis = &self.axes[axis];
            kernel::dot(axis, vector) - kernel::dot(axis, &self.mean)
        })
    }
}

/// The leading eigenvector of a symmetric, positive semidefinite d × d matrix, of length 1, and its
/// eigenvalue. The sign is the one that makes its largest component positive.
fn leading(matrix: &[f64], d: usize) -> (Vec<f64>, f64) {
    // No component is zero, so it cannot be orthogonal to the answer by design.
    let mut axis: Vec<f64> = (0..d).map(|i| 1.0 + i as f64 / d as f64).collect();
    let mut value = 0.0;
    for _ in 0..STEPS {
        let next: Vec<f64> = matrix
            .chunks_exact(d)
            .map(|row| row.iter().zip(&axis).map(|(m, x)| m * x).sum())
            .collect();
        value = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        if value < 1e-12 {
            return (vec![0.0; d], 0.0);
        }
        axis = next.into_iter().map(|x| x / value).collect();
    }
    let largest = axis
        .iter()
        .copied()
        .fold(0.0f64, |a, b| if b.abs() > a.abs() { b } else { a });
    if largest < 0.0 {
        axis.iter_mut().for_each(|x| *x = -*x);
    }
    (axis, value)
}

impl Learner {
    /// Where the visitor's taste is among the item vectors: the mean of what was chosen, newer
    /// choices counting more, as the content expert weighs them. `None` before any choice.
    pub fn position(&self) -> Option<Vec<f32>> {
        let pack = self.pack();
        let decay = pack.hyper.content_decay;
        let mut sum = vec![0.0; pack.vectors.dimension()];
        let mut total = 0.0;
        for heard in self.history.iter().filter(|heard| heard.pull > 0.0) {
            let weight = heard.pull * decay.powi((self.clock - heard.at) as i32);
            kernel::axpy(&mut sum, weight, heard.vector(pack));
            total += weight;
        }
        // Choices of long ago may have faded to nothing.
        (total > 1e-12).then(|| {
            sum.iter_mut().for_each(|x| *x /= total);
            sum
        })
    }

    /// The `limit` items nearest to `position` by cosine, nearest first, with the cosine; what is
    /// settled or never wanted is left out.
    pub fn nearest(&self, position: &[f32], limit: usize) -> Vec<(ItemIndex, f32)> {
        let mut unit = position.to_vec();
        kernel::normalise(&mut unit);
        let pack = self.pack();
        let mut best = kernel::TopK::new(limit);
        for row in 0..pack.catalogue.len() as u32 {
            let item = ItemIndex(row);
            if !self.is_settled(item) && !self.is_unwanted(item) {
                best.offer(kernel::dot(&unit, pack.vectors.row(item)), row);
            }
        }
        let found = best.into_sorted().into_iter();
        found.map(|(cosine, item)| (item, cosine)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_longest_axis() {
        // Variances 9 along (3, 4)/5 and 1 across.
        let matrix = [9.0 * 0.36 + 0.64, 8.0 * 0.48, 8.0 * 0.48, 9.0 * 0.64 + 0.36];
        let (axis, value) = leading(&matrix, 2);
        assert!((value - 9.0).abs() < 1e-9);
        assert!((axis[0] - 0.6).abs() < 1e-9 && (axis[1] - 0.8).abs() < 1e-9);
        assert_eq!(leading(&[0.0; 4], 2), (vec![0.0; 2], 0.0));
    }
}
