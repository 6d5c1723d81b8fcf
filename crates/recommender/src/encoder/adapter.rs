//! The low-rank adapter: how one device's encoder may differ from the base, in few numbers.
//!
//! Two matrices of every block are adapted, `attention.output` and `feedforward.down`:
//! W + A·B with A (rows × [`RANK`]) fixed and orthonormal, drawn from the pack's seed, and B
//! ([`RANK`] × d) trained from zero. So the adapted encoder is linear in what is trained: averages
//! over visitors are exact, and noise added to it is not squared (FFA-LoRA, Sun et al., ICLR 2024).
//!
//! The trained numbers of all B are one flat vector: block 0 `attention.output`, block 0
//! `feedforward.down`, block 1 …

use serde::{Deserialize, Serialize};

use super::weights::{Shape, WeightsError};
use crate::event::EventId;
use crate::format::{self, FormatError, Kind, Problem};
use crate::hyper::EXPERTS;
use crate::kernel;
use crate::random::Rng;

/// Columns of the down-projections.
pub const RANK: usize = 8;

/// Largest Euclidean norm of the trained numbers. Far beyond what a useful adapter of a few hundred
/// steps reaches; a diverged one is refused.
pub const MAX_NORM: f32 = 30.0;

/// Adapted matrices of a block, with their number of rows.
pub fn adapted(shape: &Shape) -> [(&'static str, usize); 2] {
    [
        ("attention.output", shape.dim),
        ("feedforward.down", shape.hidden),
    ]
}

/// Length of the flat vector of trained numbers.
pub fn len(shape: &Shape) -> usize {
    shape.blocks * adapted(shape).len() * RANK * shape.dim
}

/// The fixed down-projections A, one per adapted matrix in the order of the flat vector; each
/// rows × [`RANK`], row-major, with orthonormal columns.
pub fn down_projections(shape: &Shape, seed: u64) -> Vec<Vec<f32>> {
    let mut rng = Rng::new(seed ^ 0xADA9);
    let mut all = Vec::new();
    for _ in 0..shape.blocks {
        all.extend(adapted(shape).map(|(_, rows)| orthonormal(rows, &mut rng)));
    }
    all
}

/// Random orthonormal columns by Gram–Schmidt. With fewer rows than columns the last are zero.
fn orthonormal(rows: usize, rng: &mut Rng) -> Vec<f32> {
    let mut columns: Vec<Vec<f32>> = Vec::new();
    for _ in 0..RANK.min(rows) {
        let mut column: Vec<f32> = (0..rows).map(|_| rng.normal()).collect();
        // Twice, because once leaves rounding errors of the size of the cosines.
        for _ in 0..2 {
            for other in &columns {
                let along = kernel::dot(&column, other);
                kernel::axpy(&mut column, -along, other);
            }
            kernel::normalise(&mut column);
        }
        columns.push(column);
    }
    let mut matrix = vec![0.0; rows * RANK];
    for (at, column) in columns.iter().enumerate() {
        for (row, value) in column.iter().enumerate() {
            matrix[row * RANK + at] = *value;
        }
    }
    matrix
}

/// Are these numbers an adapter that an encoder of this shape may take?
///
/// # Errors
/// Another length, a value that is no number, or a norm over [`MAX_NORM`].
pub fn check(shape: &Shape, values: &[f32]) -> Result<(), WeightsError> {
    if values.len() != len(shape) {
        return Err(WeightsError(format!(
            "the adapter has {} numbers, but this encoder takes {}",
            values.len(),
            len(shape)
        )));
    }
    let norm = kernel::dot(values, values).sqrt();
    if norm.is_nan() || norm > MAX_NORM {
        return Err(WeightsError(format!(
            "the adapter's norm is {norm}, which is over {MAX_NORM} or no number"
        )));
    }
    Ok(())
}

/// An accepted adapter as it is stored, with the point of the event log at which it was taken over.
///
/// Events up to `through` do not teach the fusion again when the log is folded: they were foreseen
/// by the encoder as it was then, not by one that has been trained on them.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// [`super::Weights::fingerprint`] of the base it was trained on.
    pub base: u64,
    /// Newest event when it was taken over; `None` if that one has been let go since.
    pub through: Option<EventId>,
    /// The fusion's multipliers at that point.
    pub multipliers: [f32; EXPERTS],
    /// The trained numbers.
    pub values: Vec<f32>,
}

#[derive(Serialize, Deserialize)]
struct StoredSnapshot {
    base: u64,
    through: Option<u64>,
    multipliers: Vec<f32>,
    values: Vec<f32>,
}

impl Snapshot {
    /// The record's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let stored = StoredSnapshot {
            base: self.base,
            through: self.through.map(|id| id.0),
            multipliers: self.multipliers.to_vec(),
            values: self.values.clone(),
        };
        format::encode(Kind::Adapter, &stored)
    }

    /// Reads a record.
    ///
    /// # Errors
    /// Everything [`format::decode`] refuses, and numbers that are none.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let stored: StoredSnapshot = format::decode(Kind::Adapter, bytes)?;
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        match <[f32; EXPERTS]>::try_from(stored.multipliers.as_slice()) {
            Ok(multipliers) if finite(&multipliers) && finite(&stored.values) => Ok(Self {
                base: stored.base,
                through: stored.through.map(EventId),
                multipliers,
                values: stored.values,
            }),
            _ => Err(FormatError {
                kind: Kind::Adapter,
                problem: Problem::Body("its numbers are not those of an adapter".into()),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn down_projections_are_orthonormal_and_of_the_seed() {
        let shape = Shape::default();
        let all = down_projections(&shape, 5);
        assert_eq!(all.len(), 4);
        assert_eq!(len(&shape), 2048);
        for (matrix, (_, rows)) in all.iter().zip(adapted(&shape)) {
            for a in 0..RANK {
                for b in 0..RANK {
                    let dot: f32 = (0..rows)
                        .map(|row| matrix[row * RANK + a] * matrix[row * RANK + b])
                        .sum();
                    let wanted = if a == b { 1.0 } else { 0.0 };
                    assert!((dot - wanted).abs() < 1e-5, "{a} {b}: {dot}");
                }
            }
        }
        assert_eq!(all, down_projections(&shape, 5));
        assert_ne!(all, down_projections(&shape, 6));
    }

    #[test]
    fn wild_adapters_are_refused() {
        let shape = Shape::default();
        assert!(check(&shape, &vec![0.1; len(&shape)]).is_ok());
        assert!(check(&shape, &vec![f32::NAN; len(&shape)]).is_err());
        assert!(check(&shape, &vec![f32::INFINITY; len(&shape)]).is_err());
        assert!(check(&shape, &vec![1.0; len(&shape)]).is_err());
        assert!(check(&shape, &[0.0; 3]).is_err());
    }
}
