//! The sequence encoder: a small causal Transformer that turns the events of a visitor into a user
//! vector, one event at a time.
//!
//! ```text
//! x_t = √d · E[item_t]                               t = 0 is the oldest token
//! for each block:
//!   a = norm(x);  q, k, v = a·Wq, a·Wk, a·Wv         head h owns columns h·d/heads ..
//!   s_tj = q_t·k_j / √(d/heads) + distance[h][t − j]  for t − W < j ≤ t: causal and banded
//!   x += concat_h(softmax_j(s)·v) · Wo
//!   m = norm(x);  x += relu(m·Wup + bup)·Wdown + bdown
//! y_t = norm(x)
//! score of item i after token t = y_t · E[i]
//! ```
//!
//! Self-attentive sequential recommendation (Kang and McAuley 2018) with pre-norm blocks, learned
//! biases for relative distances, and a window of W keys in every block. Because no token looks
//! further back, and none looks ahead, a new event extends the state by one token: its keys and
//! values are kept, and the history is never computed again. The item table is tied: what goes in is
//! what scores. A score is a logit, since training is cross-entropy over the catalogue.
//!
//! This forward knows no tensor library. The `trainer` crate has the same network with gradients;
//! a test there holds the two to each other.

pub mod adapter;
mod forward;
mod state;
mod weights;

use serde::{Deserialize, Serialize};

use crate::random::Rng;

pub use forward::Encoder;
pub use state::State;
pub(crate) use weights::StoredTensor;
pub use weights::{NamedTensor, Precision, Shape, Weights, WeightsError};

/// What a pack holds of an encoder.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The base weights.
    pub weights: Weights,
    /// How the weights are written to a pack.
    pub precision: Precision,
    /// Seed of the adapter's fixed down-projections.
    pub adapter_seed: u64,
    /// Sequences of item rows for replay, sampled from the base model itself, never raw logs.
    pub pool: Vec<Vec<u32>>,
}

/// [`Model`] on disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredModel {
    shape: Shape,
    tensors: Vec<StoredTensor>,
    full_precision: bool,
    adapter_seed: u64,
    pool: Vec<Vec<u32>>,
}

/// Longest replay sequence and most of them, so that a damaged length cannot ask for gigabytes.
const MAX_POOL: (usize, usize) = (4096, 1024);

impl Model {
    pub(crate) fn to_stored(&self) -> StoredModel {
        StoredModel {
            shape: self.weights.shape,
            tensors: self
                .weights
                .tensors()
                .iter()
                .map(|tensor| StoredTensor::new(tensor, self.precision))
                .collect(),
            full_precision: self.precision == Precision::Full,
            adapter_seed: self.adapter_seed,
            pool: self.pool.clone(),
        }
    }

    pub(crate) fn from_stored(stored: StoredModel, items: usize) -> Result<Self, WeightsError> {
        let tensors: Result<Vec<NamedTensor>, WeightsError> = stored
            .tensors
            .into_iter()
            .map(StoredTensor::restore)
            .collect();
        let weights = Weights::new(stored.shape, items, tensors?)?;
        let fits = stored.pool.len() <= MAX_POOL.0
            && stored.pool.iter().all(|sequence| {
                sequence.len() <= MAX_POOL.1 && sequence.iter().all(|&row| (row as usize) < items)
            });
        if !fits {
            return Err(WeightsError(
                "its replay pool names items that the catalogue does not have, or is too long"
                    .into(),
            ));
        }
        let precision = if stored.full_precision {
            Precision::Full
        } else {
            Precision::Int8
        };
        Ok(Self {
            weights,
            precision,
            adapter_seed: stored.adapter_seed,
            pool: stored.pool,
        })
    }

    /// The model as a pack of its precision gives it back: what a learner will really compute with.
    pub fn rounded(&self) -> Self {
        let items = self.weights.items();
        Self::from_stored(self.to_stored(), items).expect("a valid model stays valid")
    }
}

/// Random weights of a shape, as training starts from them: matrices scaled by 1/√rows, norms at
/// one, distances at zero, items as given (items × dim, row-major).
///
/// # Errors
/// A shape out of range, or a table that does not fit it.
pub fn start_weights(
    shape: Shape,
    items: usize,
    table: Vec<f32>,
    seed: u64,
) -> Result<Weights, WeightsError> {
    shape.check()?;
    let mut rng = Rng::new(seed);
    let mut table = Some(table);
    let tensors = shape
        .tensors(items)
        .into_iter()
        .map(|(name, dimensions)| {
            let size = dimensions.iter().product();
            let values = match (name.as_str(), dimensions.as_slice()) {
                (weights::ITEMS, _) => table.take().unwrap_or_default(),
                (name, _) if name.ends_with("gain") => vec![1.0; size],
                (name, &[rows, _]) if !name.ends_with("distance") => {
                    let scale = 1.0 / (rows as f32).sqrt();
                    (0..size).map(|_| scale * rng.normal()).collect()
                }
                _ => vec![0.0; size],
            };
            NamedTensor {
                name,
                shape: dimensions,
                values,
            }
        })
        .collect();
    Weights::new(shape, items, tensors)
}
