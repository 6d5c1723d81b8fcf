//! The network's weights as one flat vector, as the optimiser sees them.
//!
//! Query, key and value of a block lie side by side in one d × 3d matrix, so that they are one
//! product; distances of all blocks come last. [`Layout::flatten`] and [`Layout::tensors`] go to and
//! from the canonical tensors of `recommender::encoder::Weights`; the item table stays outside.

use std::ops::Range;

use recommender::encoder::{NamedTensor, Shape, Weights};

/// One tensor of the flat vector.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    /// Where its numbers are.
    pub(crate) range: Range<usize>,
    /// Rows and columns; a vector has one row.
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// Matrices are decayed; gains, biases and distances are not.
    pub(crate) decayed: bool,
    /// Canonical names: one, or three side by side.
    names: Vec<String>,
}

/// Leaves of a block, in their order.
pub(crate) const PER_BLOCK: usize = 10;

/// Where each tensor is in the flat vector.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) shape: Shape,
    pub(crate) leaves: Vec<Leaf>,
    /// Distances of all blocks, blocks × heads × window, behind the leaves.
    pub(crate) distances: Range<usize>,
}

impl Layout {
    pub(crate) fn new(shape: Shape) -> Self {
        let (d, f) = (shape.dim, shape.hidden);
        let mut leaves: Vec<Leaf> = Vec::new();
        let mut at = 0;
        let mut add = |names: Vec<String>, rows: usize, columns: usize| {
            let size = rows * columns;
            leaves.push(Leaf {
                range: at..at + size,
                rows,
                columns,
                decayed: rows > 1,
                names,
            });
            at += size;
        };
        for block in 0..shape.blocks {
            let name = |part: &str| format!("blocks.{block}.{part}");
            let one = |part: &str| vec![name(part)];
            add(one("attention.norm.gain"), 1, d);
            add(one("attention.norm.bias"), 1, d);
            let parts = ["attention.query", "attention.key", "attention.value"];
            add(parts.map(name).into(), d, 3 * d);
            add(one("attention.output"), d, d);
            add(one("feedforward.norm.gain"), 1, d);
            add(one("feedforward.norm.bias"), 1, d);
            add(one("feedforward.up"), d, f);
            add(one("feedforward.up_bias"), 1, f);
            add(one("feedforward.down"), f, d);
            add(one("feedforward.down_bias"), 1, d);
        }
        add(vec!["norm.gain".into()], 1, d);
        add(vec!["norm.bias".into()], 1, d);
        let distances = at..at + shape.blocks * shape.heads * shape.window;
        Self {
            shape,
            leaves,
            distances,
        }
    }

    /// Numbers in the flat vector.
    pub(crate) fn len(&self) -> usize {
        self.distances.end
    }

    fn distances_of(&self, block: usize) -> Range<usize> {
        let size = self.shape.heads * self.shape.window;
        let start = self.distances.start + block * size;
        start..start + size
    }

    /// The flat vector of `weights`.
    pub(crate) fn flatten(&self, weights: &Weights) -> Vec<f32> {
        let mut flat = vec![0.0; self.len()];
        for leaf in &self.leaves {
            let out = &mut flat[leaf.range.clone()];
            let width = leaf.columns / leaf.names.len();
            for (part, name) in leaf.names.iter().enumerate() {
                let rows = weights.get(name).chunks_exact(width);
                for (out, row) in out.chunks_exact_mut(leaf.columns).zip(rows) {
                    out[part * width..(part + 1) * width].copy_from_slice(row);
                }
            }
        }
        for block in 0..self.shape.blocks {
            let values = weights.get(&format!("blocks.{block}.attention.distance"));
            flat[self.distances_of(block)].copy_from_slice(values);
        }
        flat
    }

    /// All tensors but the item table, from a flat vector.
    pub(crate) fn tensors(&self, flat: &[f32]) -> Vec<NamedTensor> {
        let mut all = Vec::new();
        for leaf in &self.leaves {
            let values = &flat[leaf.range.clone()];
            let width = leaf.columns / leaf.names.len();
            for (part, name) in leaf.names.iter().enumerate() {
                let rows = values.chunks_exact(leaf.columns);
                let columns = part * width..(part + 1) * width;
                all.push(NamedTensor {
                    name: name.clone(),
                    shape: match leaf.rows {
                        1 => vec![width],
                        rows => vec![rows, width],
                    },
                    values: rows
                        .flat_map(|row| row[columns.clone()].iter().copied())
                        .collect(),
                });
            }
        }
        for block in 0..self.shape.blocks {
            all.push(NamedTensor {
                name: format!("blocks.{block}.attention.distance"),
                shape: vec![self.shape.heads, self.shape.window],
                values: flat[self.distances_of(block)].to_vec(),
            });
        }
        all
    }

    /// The bias that a block's attention adds to its scores, heads × length × length: the distances
    /// inside the band, [`crate::kernels::NEVER`] outside.
    pub(crate) fn band(&self, flat: &[f32], block: usize, length: usize) -> Vec<f32> {
        let window = self.shape.window;
        let mut bias = vec![crate::kernels::NEVER; self.shape.heads * length * length];
        let distances = flat[self.distances_of(block)].chunks_exact(window);
        for (bias, distances) in bias.chunks_exact_mut(length * length).zip(distances) {
            for (t, row) in bias.chunks_exact_mut(length).enumerate() {
                let from = (t + 1).saturating_sub(window);
                for (distance, bias) in row[from..=t].iter_mut().rev().enumerate() {
                    *bias = distances[distance];
                }
            }
        }
        bias
    }

    /// Adds the gradient of a block's [`Layout::band`] to the gradient of its distances.
    pub(crate) fn fold_band(&self, band: &[f32], block: usize, length: usize, flat: &mut [f32]) {
        let window = self.shape.window;
        let distances = flat[self.distances_of(block)].chunks_exact_mut(window);
        for (band, distances) in band.chunks_exact(length * length).zip(distances) {
            for (t, row) in band.chunks_exact(length).enumerate() {
                let from = (t + 1).saturating_sub(window);
                for (distance, gradient) in row[from..=t].iter().rev().enumerate() {
                    distances[distance] += gradient;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use recommender::encoder::start_weights;
    use recommender::random::Rng;

    #[test]
    fn there_and_back_is_the_same() {
        let shape = Shape {
            dim: 16,
            heads: 2,
            hidden: 24,
            blocks: 3,
            window: 5,
        };
        let items = 7;
        let mut rng = Rng::new(1);
        let table: Vec<f32> = (0..items * 16).map(|_| rng.normal()).collect();
        let weights = start_weights(shape, items, table.clone(), 3).expect("a valid shape");
        let layout = Layout::new(shape);
        let mut flat = layout.flatten(&weights);
        assert_eq!(flat.len(), weights.network_len());
        flat.iter_mut().for_each(|x| *x += rng.normal());
        let mut tensors = layout.tensors(&flat);
        tensors.push(NamedTensor {
            name: "items.weight".into(),
            shape: vec![items, 16],
            values: table,
        });
        let weights = Weights::new(shape, items, tensors).expect("complete");
        assert_eq!(layout.flatten(&weights), flat);
    }
}
