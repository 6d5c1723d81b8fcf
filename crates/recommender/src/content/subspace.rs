//! The directions in which the items of a sparse table differ most.
//!
//! Subspace iteration (Rutishauser 1969; Halko, Martinsson and Tropp 2011 for the random start):
//! V ← orth(Aᵀ(A·V)). One pass over the rows does both products, so nothing of the size
//! items × columns is kept.

use crate::kernel;
use crate::random::Rng;

/// Sparse rows, one after another.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    starts: Vec<u32>,
    columns: Vec<u32>,
    weights: Vec<f32>,
}

impl Rows {
    pub(super) fn push(&mut self, row: &[(u32, f32)]) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.columns.extend(row.iter().map(|entry| entry.0));
        self.weights.extend(row.iter().map(|entry| entry.1));
        self.starts.push(self.columns.len() as u32);
    }

    pub(super) fn row(&self, at: usize) -> (&[u32], &[f32]) {
        let range = self.starts[at] as usize..self.starts[at + 1] as usize;
        (&self.columns[range.clone()], &self.weights[range])
    }
}

/// A basis of so many directions in the space of the features, and its next improvement.
#[derive(Clone, Debug)]
pub(super) struct Subspace {
    dimension: usize,
    /// features × dimension, row-major, columns orthonormal.
    basis: Vec<f32>,
    /// Aᵀ(A·basis) of the rows so far.
    next: Vec<f32>,
}

impl Subspace {
    /// Random directions.
    pub(super) fn new(features: usize, dimension: usize, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let basis = (0..features * dimension)
            .map(|_| rng.unit() - 0.5)
            .collect();
        Self {
            dimension,
            basis,
            next: vec![0.0; features * dimension],
        }
    }

    /// The row in this basis, into `out`. Columns beyond the basis are left out.
    pub(super) fn project(&self, (columns, weights): (&[u32], &[f32]), out: &mut [f32]) {
        out.fill(0.0);
        for (column, weight) in columns.iter().zip(weights) {
            let start = *column as usize * self.dimension;
            if let Some(direction) = self.basis.get(start..start + self.dimension) {
                kernel::axpy(out, *weight, direction);
            }
        }
    }

    /// Takes a row into the next basis.
    pub(super) fn see(&mut self, row: (&[u32], &[f32]), scratch: &mut [f32]) {
        self.project(row, scratch);
        for (column, weight) in row.0.iter().zip(row.1) {
            let start = *column as usize * self.dimension;
            if let Some(next) = self.next.get_mut(start..start + self.dimension) {
                kernel::axpy(next, *weight, scratch);
            }
        }
    }

    /// Goes over to the next basis.
    pub(super) fn turn(&mut self) {
        let d = self.dimension;
        let (values, vectors) = eigen(gram(&self.next, d), d);
        // Directions without anything in them stay empty.
        let least = values.iter().fold(0.0f64, |most, value| most.max(*value)) * 1e-12;
        let scales: Vec<f64> = values
            .iter()
            .map(|value| {
                if *value > least {
                    value.sqrt().recip()
                } else {
                    0.0
                }
            })
            .collect();
        rotate(&mut self.next, d, &vectors, &scales);
        std::mem::swap(&mut self.basis, &mut self.next);
        self.next.fill(0.0);
    }
}

/// XᵀX of row-major X with `d` columns, d × d.
fn gram(x: &[f32], d: usize) -> Vec<f64> {
    let mut sums = vec![0.0f64; d * d];
    let mut block = vec![0.0f32; d * d];
    // Blocks are summed in single precision, which is fast, and added up in double.
    for rows in x.chunks(d * 256) {
        block.fill(0.0);
        for row in rows.chunks_exact(d) {
            for (i, a) in row.iter().enumerate().filter(|(_, a)| **a != 0.0) {
                kernel::axpy(&mut block[i * d..(i + 1) * d], *a, row);
            }
        }
        sums.iter_mut()
            .zip(&block)
            .for_each(|(sum, part)| *sum += f64::from(*part));
    }
    sums
}

/// x ← x · vectors · diag(scales), row by row.
pub(super) fn rotate(x: &mut [f32], d: usize, vectors: &[f64], scales: &[f64]) {
    let turned: Vec<f32> = vectors
        .iter()
        .zip(scales.iter().cycle())
        .map(|(value, scale)| (value * scale) as f32)
        .collect();
    let mut out = vec![0.0f32; d];
    for row in x.chunks_exact_mut(d) {
        out.fill(0.0);
        for (value, direction) in row.iter().zip(turned.chunks_exact(d)) {
            kernel::axpy(&mut out, *value, direction);
        }
        row.copy_from_slice(&out);
    }
}

/// Turns rows to their principal axes and scales each by σ^(power − 1), σ its singular value: power 1
/// leaves all products as they are, 0 makes all axes count alike.
pub(super) fn flatten(x: &mut [f32], d: usize, power: f64) {
    let (values, vectors) = eigen(gram(x, d), d);
    let most = values.iter().fold(0.0f64, |most, value| most.max(*value));
    let scales: Vec<f64> = values
        .iter()
        .map(|value| {
            if *value > most * 1e-9 {
                (value / most).powf((power - 1.0) / 2.0)
            } else {
                0.0
            }
        })
        .collect();
    rotate(x, d, &vectors, &scales);
}

/// Eigenvalues and eigenvectors (as columns) of a symmetric d × d matrix, by Jacobi's rotations.
fn eigen(mut a: Vec<f64>, d: usize) -> (Vec<f64>, Vec<f64>) {
    let mut vectors = vec![0.0; d * d];
    (0..d).for_each(|i| vectors[i * d + i] = 1.0);
    let whole: f64 = a.iter().map(|value| value * value).sum();
    for _ in 0..30 {
        let mut off = 0.0;
        for p in 0..d {
            for q in p + 1..d {
                let apq = a[p * d + q];
                off += apq * apq;
                if apq * apq <= whole * 1e-32 {
                    continue;
                }
                let theta = (a[q * d + q] - a[p * d + p]) / (2.0 * apq);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = (t * t + 1.0).sqrt().recip();
                let s = t * c;
                for k in 0..d {
                    let (x, y) = (a[k * d + p], a[k * d + q]);
                    (a[k * d + p], a[k * d + q]) = (c * x - s * y, s * x + c * y);
                }
                for k in 0..d {
                    let (x, y) = (a[p * d + k], a[q * d + k]);
                    (a[p * d + k], a[q * d + k]) = (c * x - s * y, s * x + c * y);
                }
                for k in 0..d {
                    let (x, y) = (vectors[k * d + p], vectors[k * d + q]);
                    (vectors[k * d + p], vectors[k * d + q]) = (c * x - s * y, s * x + c * y);
                }
            }
        }
        if off <= whole * 1e-20 {
            break;
        }
    }
    ((0..d).map(|i| a[i * d + i]).collect(), vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvectors_put_the_matrix_together_again() {
        let d = 7;
        let mut rng = Rng::new(5);
        let x: Vec<f32> = (0..40 * d).map(|_| rng.normal()).collect();
        let a = gram(&x, d);
        let (values, vectors) = eigen(a.clone(), d);
        for i in 0..d {
            for j in 0..d {
                let sum: f64 = (0..d)
                    .map(|k| vectors[i * d + k] * values[k] * vectors[j * d + k])
                    .sum();
                assert!((sum - a[i * d + j]).abs() < 1e-6 * a[0].abs(), "{i} {j}");
            }
        }
    }

    #[test]
    fn the_basis_is_orthonormal_and_finds_the_strong_directions() {
        // Two groups of features that never meet, and one feature that hardly counts.
        let mut rows = Rows::default();
        for item in 0..60u32 {
            let group = if item % 2 == 0 { 0 } else { 3 };
            let mut row: Vec<(u32, f32)> = (group..group + 3).map(|f| (f, 1.0)).collect();
            row.push((6, if item == 7 { 0.01 } else { 0.0 }));
            rows.push(&row);
        }
        let mut space = Subspace::new(7, 2, 1);
        let mut scratch = vec![0.0; 2];
        for _ in 0..3 {
            (0..60).for_each(|item| space.see(rows.row(item), &mut scratch));
            space.turn();
        }
        let g = gram(&space.basis, 2);
        assert!((g[0] - 1.0).abs() < 1e-4 && (g[3] - 1.0).abs() < 1e-4 && g[1].abs() < 1e-4);
        let (mut a, mut b) = (vec![0.0; 2], vec![0.0; 2]);
        space.project(rows.row(0), &mut a);
        space.project(rows.row(1), &mut b);
        assert!(kernel::dot(&a, &b).abs() < 0.01, "{a:?} {b:?}");
        assert!((kernel::dot(&a, &a) - 3.0).abs() < 0.01, "{a:?}");
        let mut both = [a, b].concat();
        flatten(&mut both, 2, 0.0);
        assert!((both[0] * both[2] + both[1] * both[3]).abs() < 0.01);
    }

    #[test]
    fn fewer_directions_than_asked_for_leave_no_nan() {
        let mut rows = Rows::default();
        rows.push(&[(0, 1.0)]);
        rows.push(&[]);
        let mut space = Subspace::new(1, 4, 1);
        let mut scratch = vec![0.0; 4];
        for _ in 0..3 {
            (0..2).for_each(|item| space.see(rows.row(item), &mut scratch));
            space.turn();
        }
        space.project(rows.row(0), &mut scratch);
        assert!(
            (kernel::dot(&scratch, &scratch) - 1.0).abs() < 1e-4,
            "{scratch:?}"
        );
        let mut nothing = vec![0.0; 8];
        flatten(&mut nothing, 4, 0.5);
        assert!(nothing.iter().all(|value| *value == 0.0));
    }
}
