//! Banded causal attention.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;

use super::{contiguous, dot, edit, heads_of, largest, sum, tensor, values, vectorised};
use crate::kernels::Attention;
use crate::kernels::exp::exp;

/// Sequences, columns of the model and columns of a head.
fn sizes_of(qkv: &FlexTensor, sizes: Attention) -> (usize, usize, usize) {
    let shape = qkv.layout().shape();
    let d = shape[1] / 3;
    (shape[0] / sizes.length, d, d / sizes.heads)
}

/// First key that token `t` sees.
#[inline(always)]
fn first(t: usize, window: usize) -> usize {
    (t + 1).saturating_sub(window)
}

pub(crate) fn forward(qkv: FlexTensor, bias: FlexTensor, s: Attention) -> [FlexTensor; 2] {
    let (qkv, bias) = (contiguous(qkv), contiguous(bias));
    let (sequences, d, columns) = sizes_of(&qkv, s);
    let shape = [sequences, s.heads, s.length, columns];
    let part = |at: usize| heads_of(&qkv, shape, 3 * d, at * d);
    let scores = Flex::float_matmul(part(0), part(1).transpose(2, 3));
    let scale = 1.0 / (columns as f32).sqrt();
    let bias = values(&bias);
    let length = s.length;
    let probabilities = edit(scores, |scores| {
        vectorised(|| {
            for sequence in scores.chunks_exact_mut(s.heads * length * length) {
                let rows = sequence.chunks_exact_mut(length);
                for (at, (row, bias)) in rows.zip(bias.chunks_exact(length)).enumerate() {
                    let t = at % length;
                    let from = first(t, s.window);
                    row[..from].fill(0.0);
                    row[t + 1..].fill(0.0);
                    softmax(&mut row[from..=t], &bias[from..=t], scale);
                }
            }
        });
    });
    let out = Flex::float_matmul(probabilities.clone(), part(2));
    let mut rows = vec![0.0; sequences * length * d];
    scatter(values(&out), &mut rows, shape, d, 0);
    [tensor(rows, [sequences * length, d]), probabilities]
}

/// row = softmax(row · scale + bias)
#[inline(always)]
fn softmax(row: &mut [f32], bias: &[f32], scale: f32) {
    for (x, bias) in row.iter_mut().zip(bias) {
        *x = *x * scale + bias;
    }
    let most = largest(row);
    for x in row.iter_mut() {
        *x = exp(*x - most);
    }
    let share = 1.0 / sum(row);
    for x in row.iter_mut() {
        *x *= share;
    }
}

/// Puts a tensor by heads back into rows of `stride` numbers, from column `start`.
fn scatter(from: &[f32], to: &mut [f32], shape: [usize; 4], stride: usize, start: usize) {
    let [sequences, heads, length, columns] = shape;
    let mut from = from.chunks_exact(columns);
    for sequence in 0..sequences {
        for head in 0..heads {
            for t in 0..length {
                let place = (sequence * length + t) * stride + start + head * columns;
                if let Some(row) = from.next() {
                    to[place..place + columns].copy_from_slice(row);
                }
            }
        }
    }
}

pub(crate) fn backward(
    qkv: FlexTensor,
    probabilities: FlexTensor,
    grad: FlexTensor,
    s: Attention,
) -> [FlexTensor; 2] {
    let (qkv, grad) = (contiguous(qkv), contiguous(grad));
    let (sequences, d, columns) = sizes_of(&qkv, s);
    let shape = [sequences, s.heads, s.length, columns];
    let part = |at: usize| heads_of(&qkv, shape, 3 * d, at * d);
    let grad = heads_of(&grad, shape, d, 0);
    let by_value = Flex::float_matmul(probabilities.transpose(2, 3), grad.clone());
    let raised = Flex::float_matmul(grad, part(2).transpose(2, 3));
    let scale = 1.0 / (columns as f32).sqrt();
    let length = s.length;
    let mut bias = vec![0.0; s.heads * length * length];
    let probabilities = values(&probabilities);
    let scores = edit(raised, |raised| {
        vectorised(|| {
            let size = s.heads * length * length;
            let sequences = raised
                .chunks_exact_mut(size)
                .zip(probabilities.chunks_exact(size));
            for (raised, probabilities) in sequences {
                let rows = raised
                    .chunks_exact_mut(length)
                    .zip(probabilities.chunks_exact(length))
                    .zip(bias.chunks_exact_mut(length));
                for (at, ((row, shares), bias)) in rows.enumerate() {
                    let t = at % length;
                    let from = first(t, s.window);
                    row[..from].fill(0.0);
                    row[t + 1..].fill(0.0);
                    let (row, shares) = (&mut row[from..=t], &shares[from..=t]);
                    let along = dot(row, shares);
                    for ((x, share), bias) in row.iter_mut().zip(shares).zip(&mut bias[from..=t]) {
                        let value = share * (*x - along);
                        *bias += value;
                        *x = value * scale;
                    }
                }
            }
        });
    });
    let by_query = Flex::float_matmul(scores.clone(), part(1));
    let by_key = Flex::float_matmul(scores.transpose(2, 3), part(0));
    let mut rows = vec![0.0; sequences * length * 3 * d];
    for (at, part) in [by_query, by_key, by_value].into_iter().enumerate() {
        scatter(values(&part), &mut rows, shape, 3 * d, at * d);
    }
    [
        tensor(rows, [sequences * length, 3 * d]),
        tensor(bias, [s.heads, length, length]),
    ]
}
