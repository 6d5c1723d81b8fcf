//! The prepared encoder: transposed weights, adapter merged.

use super::adapter::{self, RANK};
use super::weights::{Shape, Weights, WeightsError};
use crate::kernel;

/// Added to variances, as in the trainer.
const EPSILON: f32 = 1e-5;

/// Gain and bias of a layer norm.
#[derive(Clone, Debug)]
pub(super) struct Norm {
    pub(super) gain: Vec<f32>,
    bias: Vec<f32>,
}

impl Norm {
    fn new(weights: &Weights, name: &str) -> Self {
        Self {
            gain: weights.get(&format!("{name}.gain")).to_vec(),
            bias: weights.get(&format!("{name}.bias")).to_vec(),
        }
    }

    /// out = (x − mean)/√(variance + ε)·gain + bias. Returns 1/√(variance + ε).
    pub(super) fn apply(&self, x: &[f32], out: &mut [f32]) -> f32 {
        let scale = 1.0 / x.len() as f32;
        let mean = x.iter().sum::<f32>() * scale;
        let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() * scale;
        let inverse = 1.0 / (variance + EPSILON).sqrt();
        for (((out, x), gain), bias) in out.iter_mut().zip(x).zip(&self.gain).zip(&self.bias) {
            *out = (x - mean) * inverse * gain + bias;
        }
        inverse
    }
}

/// One block; matrices are transposed (out × in), so that a product is dot products with rows.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) attention_norm: Norm,
    /// Query, key and value, one after the other: 3·d × d.
    pub(super) query_key_value: Vec<f32>,
    /// heads × W.
    pub(super) distance: Vec<f32>,
    pub(super) output: Vec<f32>,
    pub(super) feedforward_norm: Norm,
    pub(super) up: Vec<f32>,
    pub(super) up_bias: Vec<f32>,
    pub(super) down: Vec<f32>,
    pub(super) down_bias: Vec<f32>,
}

/// An encoder ready to run. Immutable: a [`super::State`] holds what a visitor adds.
#[derive(Clone, Debug)]
pub struct Encoder {
    pub(super) shape: Shape,
    pub(super) blocks: Vec<Block>,
    pub(super) norm: Norm,
    table: std::sync::Arc<[f32]>,
}

impl Encoder {
    /// The base encoder.
    pub fn new(weights: &Weights) -> Self {
        let none = vec![0.0; adapter::len(&weights.shape)];
        Self::prepare(weights, weights.get(super::weights::ITEMS).into(), 0, &none)
    }

    /// This encoder's base with an adapter merged in. Shares the item table.
    ///
    /// # Errors
    /// What [`adapter::check`] refuses.
    pub fn adapted(
        &self,
        weights: &Weights,
        seed: u64,
        values: &[f32],
    ) -> Result<Self, WeightsError> {
        adapter::check(&weights.shape, values)?;
        let table = std::sync::Arc::clone(&self.table);
        Ok(Self::prepare(weights, table, seed, values))
    }

    fn prepare(weights: &Weights, table: std::sync::Arc<[f32]>, seed: u64, values: &[f32]) -> Self {
        let shape = weights.shape;
        let d = shape.dim;
        let downs = if values.iter().any(|value| *value != 0.0) {
            adapter::down_projections(&shape, seed)
        } else {
            Vec::new()
        };
        let mut downs = downs.iter().zip(values.chunks_exact(RANK * d));
        let mut adapted = |name: String, rows: usize| {
            let mut matrix = weights.get(&name).to_vec();
            if let Some((down, up)) = downs.next() {
                for (row, down) in matrix.chunks_exact_mut(d).zip(down.chunks_exact(RANK)) {
                    for (factor, up) in down.iter().zip(up.chunks_exact(d)) {
                        kernel::axpy(row, *factor, up);
                    }
                }
            }
            transposed(&matrix, rows, d)
        };
        let blocks = (0..shape.blocks)
            .map(|block| {
                let name = |part: &str| format!("blocks.{block}.{part}");
                let get = |part: &str| weights.get(&name(part)).to_vec();
                let mut query_key_value = Vec::with_capacity(3 * d * d);
                for part in ["attention.query", "attention.key", "attention.value"] {
                    query_key_value.extend(transposed(&get(part), d, d));
                }
                // In the order of the adapter's flat vector.
                let [output, down] =
                    adapter::adapted(&shape).map(|(part, rows)| adapted(name(part), rows));
                Block {
                    attention_norm: Norm::new(weights, &name("attention.norm")),
                    query_key_value,
                    distance: get("attention.distance"),
                    output,
                    feedforward_norm: Norm::new(weights, &name("feedforward.norm")),
                    up: transposed(&get("feedforward.up"), d, shape.hidden),
                    up_bias: get("feedforward.up_bias"),
                    down,
                    down_bias: get("feedforward.down_bias"),
                }
            })
            .collect();
        Self {
            shape,
            blocks,
            norm: Norm::new(weights, "norm"),
            table,
        }
    }

    /// The sizes.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The item table, items × d, row-major.
    pub fn table(&self) -> &[f32] {
        &self.table
    }

    /// One item's row of the table.
    pub fn row(&self, item: u32) -> &[f32] {
        let start = item as usize * self.shape.dim;
        &self.table[start..start + self.shape.dim]
    }
}

fn transposed(matrix: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(matrix.len());
    for column in 0..columns {
        out.extend((0..rows).map(|row| matrix[row * columns + column]));
    }
    out
}
