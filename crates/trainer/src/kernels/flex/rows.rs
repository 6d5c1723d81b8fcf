//! Layer norm, and biases of the feed-forward layer.

use burn::backend::flex::FlexTensor;

use super::{contiguous, dot, edit, sum, sum_of, tensor, values, vectorised};
use crate::kernels::EPSILON;

/// Mean and 1/√(variance + ε) of a row.
#[inline(always)]
fn moments(row: &[f32]) -> (f32, f32) {
    let scale = 1.0 / row.len() as f32;
    let mean = sum(row) * scale;
    let variance = scale * sum_of(row.len(), |at| (row[at] - mean) * (row[at] - mean));
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

pub(crate) fn norm_forward(x: FlexTensor, gain: FlexTensor, bias: FlexTensor) -> FlexTensor {
    let (gain, bias) = (contiguous(gain), contiguous(bias));
    let x = contiguous(x);
    let (x, gain, bias) = (values(&x), values(&gain), values(&bias));
    let d = gain.len();
    let mut out = vec![0.0; x.len()];
    vectorised(|| {
        for (out, x) in out.chunks_exact_mut(d).zip(x.chunks_exact(d)) {
            let (mean, inverse) = moments(x);
            for at in 0..d {
                out[at] = (x[at] - mean) * inverse * gain[at] + bias[at];
            }
        }
    });
    let rows = out.len() / d;
    tensor(out, [rows, d])
}

pub(crate) fn norm_backward(x: FlexTensor, gain: FlexTensor, grad: FlexTensor) -> [FlexTensor; 3] {
    let (x, gain) = (contiguous(x), contiguous(gain));
    let (x, gain) = (values(&x), values(&gain));
    let d = gain.len();
    let scale = 1.0 / d as f32;
    let mut gains = vec![0.0; d];
    let mut biases = vec![0.0; d];
    let grad = edit(grad, |grad| {
        vectorised(|| {
            let (gains, biases) = (&mut gains[..d], &mut biases[..d]);
            let gain = &gain[..d];
            let mut normalised = vec![0.0; d];
            let normalised = &mut normalised[..d];
            for (grad, x) in grad.chunks_exact_mut(d).zip(x.chunks_exact(d)) {
                let (mean, inverse) = moments(x);
                for at in 0..d {
                    normalised[at] = (x[at] - mean) * inverse;
                    gains[at] += grad[at] * normalised[at];
                    biases[at] += grad[at];
                    grad[at] *= gain[at];
                }
                let mean = sum(grad) * scale;
                let along = dot(grad, normalised) * scale;
                for at in 0..d {
                    grad[at] = (grad[at] - mean - normalised[at] * along) * inverse;
                }
            }
        });
    });
    [grad, tensor(gains, [d]), tensor(biases, [d])]
}

pub(crate) fn add_bias(x: FlexTensor, bias: FlexTensor) -> FlexTensor {
    let bias = contiguous(bias);
    let bias = values(&bias);
    edit(x, |x| {
        vectorised(|| {
            for row in x.chunks_exact_mut(bias.len()) {
                for (x, bias) in row.iter_mut().zip(bias) {
                    *x += bias;
                }
            }
        });
    })
}

pub(crate) fn bias_relu(x: FlexTensor, bias: FlexTensor) -> FlexTensor {
    let bias = contiguous(bias);
    let bias = values(&bias);
    edit(x, |x| {
        vectorised(|| {
            for row in x.chunks_exact_mut(bias.len()) {
                for (x, bias) in row.iter_mut().zip(bias) {
                    // Not max(): NaN has to stay one, so that a diverged step is seen.
                    let value = *x + bias;
                    *x = if value < 0.0 { 0.0 } else { value };
                }
            }
        });
    })
}

pub(crate) fn relu_backward_sums(hidden: FlexTensor, grad: FlexTensor) -> [FlexTensor; 2] {
    let hidden = contiguous(hidden);
    let columns = hidden.layout().shape()[1];
    let hidden = values(&hidden);
    let mut sums = vec![0.0; columns];
    let grad = edit(grad, |grad| {
        vectorised(|| {
            let sums = &mut sums[..columns];
            let rows = hidden.chunks_exact(columns);
            for (grad, hidden) in grad.chunks_exact_mut(columns).zip(rows) {
                for at in 0..columns {
                    let value = if hidden[at] > 0.0 { grad[at] } else { 0.0 };
                    grad[at] = value;
                    sums[at] += value;
                }
            }
        });
    });
    [grad, tensor(sums, [columns])]
}

pub(crate) fn row_sums(x: FlexTensor) -> FlexTensor {
    let x = contiguous(x);
    let columns = x.layout().shape()[1];
    let mut sums = vec![0.0; columns];
    let x = values(&x);
    vectorised(|| {
        for row in x.chunks_exact(columns) {
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum += x;
            }
        }
    });
    tensor(sums, [columns])
}
