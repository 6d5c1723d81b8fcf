//! Names, shapes and storage of the encoder's weights.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::random;

/// Name of the item table.
pub(super) const ITEMS: &str = "items.weight";

/// The encoder's sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Columns of the item table and of the residual stream, d.
    pub dim: usize,
    /// Attention heads.
    pub heads: usize,
    /// Columns inside the feed-forward part.
    pub hidden: usize,
    /// Transformer blocks.
    pub blocks: usize,
    /// Keys that a token looks back at in each block, itself included: W.
    pub window: usize,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            dim: 64,
            heads: 2,
            hidden: 128,
            blocks: 2,
            window: 50,
        }
    }
}

impl Shape {
    /// Are all sizes in their ranges?
    ///
    /// # Errors
    /// The size and its range.
    pub fn check(&self) -> Result<(), WeightsError> {
        let in_range = |name: &str, value: usize, range: std::ops::RangeInclusive<usize>| {
            if range.contains(&value) {
                Ok(())
            } else {
                Err(WeightsError(format!(
                    "the encoder's {name} is {value}, which is not in {}..={}",
                    range.start(),
                    range.end()
                )))
            }
        };
        in_range("dim", self.dim, 4..=512)?;
        in_range("heads", self.heads, 1..=16)?;
        in_range("hidden", self.hidden, 4..=2048)?;
        in_range("blocks", self.blocks, 1..=8)?;
        in_range("window", self.window, 1..=512)?;
        if !self.dim.is_multiple_of(4 * self.heads) || !self.hidden.is_multiple_of(4) {
            return Err(WeightsError(format!(
                "the encoder's dim {} is not a multiple of 4 × heads ({}), or its hidden size {} not \
                 one of 4",
                self.dim, self.heads, self.hidden
            )));
        }
        Ok(())
    }

    /// Names and shapes of all tensors for a catalogue of `items`, in the order of files.
    pub fn tensors(&self, items: usize) -> Vec<(String, Vec<usize>)> {
        let (d, f) = (self.dim, self.hidden);
        let mut all = vec![(ITEMS.to_owned(), vec![items, d])];
        for block in 0..self.blocks {
            let parts = [
                ("attention.norm.gain", vec![d]),
                ("attention.norm.bias", vec![d]),
                ("attention.query", vec![d, d]),
                ("attention.key", vec![d, d]),
                ("attention.value", vec![d, d]),
                ("attention.output", vec![d, d]),
                ("attention.distance", vec![self.heads, self.window]),
                ("feedforward.norm.gain", vec![d]),
                ("feedforward.norm.bias", vec![d]),
                ("feedforward.up", vec![d, f]),
                ("feedforward.up_bias", vec![f]),
                ("feedforward.down", vec![f, d]),
                ("feedforward.down_bias", vec![d]),
            ];
            let named = parts.map(|(name, shape)| (format!("blocks.{block}.{name}"), shape));
            all.extend(named);
        }
        all.push(("norm.gain".into(), vec![d]));
        all.push(("norm.bias".into(), vec![d]));
        all
    }

    /// Tokens back that can still influence a user vector: blocks × (W − 1) + 1.
    pub fn reach(&self) -> usize {
        self.blocks * (self.window - 1) + 1
    }
}

/// One tensor with its name, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTensor {
    /// Name, one of [`Shape::tensors`].
    pub name: String,
    /// Sizes, slowest first.
    pub shape: Vec<usize>,
    /// Row-major values.
    pub values: Vec<f32>,
}

/// All weights of an encoder, checked against its shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// The sizes.
    pub shape: Shape,
    tensors: Vec<NamedTensor>,
}

/// Why weights were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightsError(pub(super) String);

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WeightsError {}

impl Weights {
    /// Checks names, shapes and values, and puts the tensors into the order of [`Shape::tensors`].
    ///
    /// # Errors
    /// A shape out of range; a tensor that is missing, twice there, unknown, of other sizes or not
    /// finite: the message names it.
    pub fn new(
        shape: Shape,
        items: usize,
        mut tensors: Vec<NamedTensor>,
    ) -> Result<Self, WeightsError> {
        shape.check()?;
        let mut ordered = Vec::new();
        for (name, expected) in shape.tensors(items) {
            let Some(at) = tensors.iter().position(|tensor| tensor.name == name) else {
                return Err(WeightsError(format!("the tensor `{name}` is missing")));
            };
            let tensor = tensors.swap_remove(at);
            if tensor.shape != expected || tensor.values.len() != expected.iter().product::<usize>()
            {
                return Err(WeightsError(format!(
                    "the tensor `{name}` has the shape {:?}, but {expected:?} is needed",
                    tensor.shape
                )));
            }
            if tensor.values.iter().any(|value| !value.is_finite()) {
                return Err(WeightsError(format!(
                    "the tensor `{name}` has values that are no numbers"
                )));
            }
            ordered.push(tensor);
        }
        if let Some(tensor) = tensors.first() {
            return Err(WeightsError(format!(
                "the tensor `{}` is unknown or there twice",
                tensor.name
            )));
        }
        Ok(Self {
            shape,
            tensors: ordered,
        })
    }

    /// All tensors, in the order of [`Shape::tensors`].
    pub fn tensors(&self) -> &[NamedTensor] {
        &self.tensors
    }

    /// Values of one tensor, row-major.
    ///
    /// # Panics
    /// If [`Shape::tensors`] has no such name.
    pub fn get(&self, name: &str) -> &[f32] {
        let found = self.tensors.iter().find(|tensor| tensor.name == name);
        &found.expect("a name of Shape::tensors").values
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.tensors[0].shape[0]
    }

    /// Number of weights without the item table.
    pub fn network_len(&self) -> usize {
        let sizes = self.tensors[1..].iter().map(|tensor| tensor.values.len());
        sizes.sum()
    }

    /// A number that changes with any weight: adapters name the base that they were trained on.
    pub fn fingerprint(&self) -> u64 {
        let mut print = random::mix(self.items() as u64);
        for value in self.tensors.iter().flat_map(|tensor| &tensor.values) {
            print = (print ^ u64::from(value.to_bits())).wrapping_mul(0x0100_0000_01B3);
            print ^= print >> 29;
        }
        random::mix(print)
    }
}

/// How weights are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Matrices as one signed byte per value and one scale per row; vectors as f32.
    #[default]
    Int8,
    /// Everything as f32.
    Full,
}

/// [`NamedTensor`] on disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredTensor {
    name: String,
    shape: Vec<u32>,
    values: StoredValues,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum StoredValues {
    Full(#[serde(with = "serde_bytes")] Vec<u8>),
    Rows {
        scales: Vec<f32>,
        #[serde(with = "serde_bytes")]
        codes: Vec<u8>,
    },
}

impl StoredTensor {
    pub(crate) fn new(tensor: &NamedTensor, precision: Precision) -> Self {
        let values = match (precision, tensor.shape.as_slice()) {
            // Distances are few and sit inside an exponential.
            (Precision::Int8, &[_, columns]) if !tensor.name.ends_with("distance") => {
                let (scales, codes) = crate::vectors::to_codes(&tensor.values, columns);
                StoredValues::Rows { scales, codes }
            }
            _ => StoredValues::Full(tensor.values.iter().flat_map(|x| x.to_le_bytes()).collect()),
        };
        Self {
            name: tensor.name.clone(),
            shape: tensor.shape.iter().map(|&size| size as u32).collect(),
            values,
        }
    }

    pub(crate) fn restore(self) -> Result<NamedTensor, WeightsError> {
        let shape: Vec<usize> = self.shape.iter().map(|&size| size as usize).collect();
        let size = shape
            .iter()
            .try_fold(1usize, |size, &next| size.checked_mul(next));
        let odd = || {
            WeightsError(format!(
                "the tensor `{}` does not have the values that its shape asks for",
                self.name
            ))
        };
        let values: Vec<f32> = match &self.values {
            StoredValues::Full(bytes) => {
                let (values, rest) = bytes.as_chunks::<4>();
                if !rest.is_empty() {
                    return Err(odd());
                }
                values.iter().map(|x| f32::from_le_bytes(*x)).collect()
            }
            StoredValues::Rows { scales, codes } => {
                let columns = shape.last().copied().unwrap_or(0);
                if scales.len().checked_mul(columns) != Some(codes.len()) {
                    return Err(odd());
                }
                crate::vectors::from_codes(scales, codes, columns)
            }
        };
        if size != Some(values.len()) {
            return Err(odd());
        }
        Ok(NamedTensor {
            name: self.name,
            shape,
            values,
        })
    }
}
