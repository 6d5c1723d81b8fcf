//! The encoder of `recommender::encoder` with gradients, on Burn.
//!
//! Rows are tokens: a batch of `sequences` × `length` tokens is one matrix, sequence after sequence,
//! oldest first. Sequences that are shorter end in padding: attention is causal, so what stands
//! behind a token never reaches it, and the loss gives padding the weight 0.

mod layout;

use burn::tensor::{Device, Gradients, Tensor, TensorData};

use recommender::encoder::adapter::RANK;

pub(crate) use layout::Layout;
use layout::PER_BLOCK;

use crate::kernels::{self, Attention};

/// The adapted leaves of a block: attention.output and feedforward.down.
const ADAPTED: [usize; 2] = [3, 8];

/// A tensor of the host's numbers.
pub(crate) fn matrix(values: Vec<f32>, rows: usize, columns: usize, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values, [rows, columns]), device)
}

fn vector(values: Vec<f32>, device: &Device) -> Tensor<1> {
    let size = values.len();
    Tensor::from_data(TensorData::new(values, [size]), device)
}

/// A weight of the network.
#[derive(Clone)]
pub(crate) enum Leaf {
    Vector(Tensor<1>),
    Matrix(Tensor<2>),
}

impl Leaf {
    fn vector(&self) -> Tensor<1> {
        match self {
            Self::Vector(tensor) => tensor.clone(),
            Self::Matrix(_) => unreachable!("the layout has a vector here"),
        }
    }

    fn matrix(&self) -> Tensor<2> {
        match self {
            Self::Matrix(tensor) => tensor.clone(),
            Self::Vector(_) => unreachable!("the layout has a matrix here"),
        }
    }

    fn gradient(&self, gradients: &mut Gradients) -> Option<Tensor<1>> {
        match self {
            Self::Vector(tensor) => tensor.grad_remove(gradients),
            Self::Matrix(tensor) => tensor.grad_remove(gradients).map(|grad| grad.flatten(0, 1)),
        }
    }
}

/// The network's weights as tensors, for sequences of one length.
pub(crate) struct Net {
    attention: Attention,
    blocks: usize,
    leaves: Vec<Leaf>,
    bands: Vec<Tensor<3>>,
}

impl Net {
    /// Puts a flat vector on a device; `tracked` weights get gradients.
    pub(crate) fn new(
        layout: &Layout,
        flat: &[f32],
        length: usize,
        tracked: bool,
        device: &Device,
    ) -> Self {
        let shape = layout.shape;
        let leaves = layout.leaves.iter().map(|leaf| {
            let values = flat[leaf.range.clone()].to_vec();
            match leaf.rows {
                1 => {
                    let tensor = vector(values, device);
                    Leaf::Vector(if tracked {
                        tensor.require_grad()
                    } else {
                        tensor
                    })
                }
                rows => {
                    let tensor = matrix(values, rows, leaf.columns, device);
                    Leaf::Matrix(if tracked {
                        tensor.require_grad()
                    } else {
                        tensor
                    })
                }
            }
        });
        let bands = (0..shape.blocks).map(|block| {
            let values = layout.band(flat, block, length);
            let data = TensorData::new(values, [shape.heads, length, length]);
            let tensor = Tensor::from_data(data, device);
            if tracked {
                tensor.require_grad()
            } else {
                tensor
            }
        });
        Self {
            attention: Attention {
                heads: shape.heads,
                length,
                window: shape.window,
            },
            blocks: shape.blocks,
            leaves: leaves.collect(),
            bands: bands.collect(),
        }
    }

    /// Adds an adapter: `downs` and `ups` as `recommender::encoder::adapter` orders them. Gradients
    /// reach what is tracked of `ups`.
    pub(crate) fn adapt(&mut self, downs: &[Vec<f32>], ups: &[Tensor<2>], device: &Device) {
        for (at, (down, up)) in downs.iter().zip(ups).enumerate() {
            let leaf = &mut self.leaves[at / 2 * PER_BLOCK + ADAPTED[at % 2]];
            let down = matrix(down.clone(), down.len() / RANK, RANK, device);
            *leaf = Leaf::Matrix(leaf.matrix() + down.matmul(up.clone()));
        }
    }

    /// User vectors (rows × d) of embedded tokens (rows × d, already scaled by √d). `dropout` holds
    /// two masks per block, each rows × d, or none.
    pub(crate) fn forward(&self, tokens: Tensor<2>, dropout: &[Tensor<2>]) -> Tensor<2> {
        let mut x = tokens;
        let mut masks = dropout.iter();
        let mut add = |x: Tensor<2>, branch: Tensor<2>| match masks.next() {
            Some(mask) => x + branch * mask.clone(),
            None => x + branch,
        };
        for block in 0..self.blocks {
            let leaf = |at: usize| &self.leaves[block * PER_BLOCK + at];
            let normed = kernels::norm(x.clone(), leaf(0).vector(), leaf(1).vector());
            let qkv = normed.matmul(leaf(2).matrix());
            let mixed = kernels::attend(qkv, self.bands[block].clone(), self.attention);
            x = add(x, mixed.matmul(leaf(3).matrix()));
            let normed = kernels::norm(x.clone(), leaf(4).vector(), leaf(5).vector());
            let branch = kernels::feed_forward(
                normed,
                leaf(6).matrix(),
                leaf(7).vector(),
                leaf(8).matrix(),
                leaf(9).vector(),
            );
            x = add(x, branch);
        }
        let last = self.blocks * PER_BLOCK;
        kernels::norm(
            x,
            self.leaves[last].vector(),
            self.leaves[last + 1].vector(),
        )
    }

    /// Takes the gradients of all weights, flattened: the leaves in their order, then the bands.
    pub(crate) fn gradients(&self, gradients: &mut Gradients) -> Vec<Tensor<1>> {
        let leaves = self.leaves.iter().map(|leaf| leaf.gradient(gradients));
        let mut all: Vec<Option<Tensor<1>>> = leaves.collect();
        for band in &self.bands {
            all.push(band.grad_remove(gradients).map(|grad| grad.flatten(0, 2)));
        }
        all.into_iter()
            .map(|grad| grad.expect("every tracked weight takes part in the loss"))
            .collect()
    }
}

/// Adds what [`Net::gradients`] gave, read back, to a flat vector.
pub(crate) fn fold(layout: &Layout, read: &[Vec<f32>], length: usize, flat: &mut [f32]) {
    let (leaves, bands) = read.split_at(layout.leaves.len());
    for (leaf, values) in layout.leaves.iter().zip(leaves) {
        for (sum, value) in flat[leaf.range.clone()].iter_mut().zip(values) {
            *sum += value;
        }
    }
    for (block, band) in bands.iter().enumerate() {
        layout.fold_band(band, block, length, flat);
    }
}
