//! The operations composed of Burn's own: what runs on WebGPU, and the oracle of the CPU's loops.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Scalar, Slice, TensorMetadata};

use super::{Attention, Chosen, EPSILON, Labels, NEVER, Primitives};

fn sizes<B: Backend>(x: &FloatTensor<B>) -> [usize; 2] {
    let shape = x.shape();
    [shape[0], shape[1]]
}

fn row<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let columns = x.shape().num_elements();
    B::float_reshape(x, [1, columns].into())
}

/// (x − mean) / √(variance + ε), and 1/√(variance + ε) per row.
fn normalised<B: Backend>(x: FloatTensor<B>) -> (FloatTensor<B>, FloatTensor<B>) {
    let mean = B::float_mean_dim(x.clone(), 1);
    let centred = B::float_sub(x, mean);
    let squares = B::float_mul(centred.clone(), centred.clone());
    let variance = B::float_add_scalar(B::float_mean_dim(squares, 1), Scalar::from(EPSILON));
    let inverse = B::float_recip(B::float_sqrt(variance));
    (B::float_mul(centred, inverse.clone()), inverse)
}

pub(super) fn norm_forward<B: Backend>(
    x: FloatTensor<B>,
    gain: FloatTensor<B>,
    bias: FloatTensor<B>,
) -> FloatTensor<B> {
    let (x, _) = normalised::<B>(x);
    B::float_add(B::float_mul(x, row::<B>(gain)), row::<B>(bias))
}

pub(super) fn norm_backward<B: Backend>(
    x: FloatTensor<B>,
    gain: FloatTensor<B>,
    grad: FloatTensor<B>,
) -> [FloatTensor<B>; 3] {
    let (x, inverse) = normalised::<B>(x);
    let gains = row_sums::<B>(B::float_mul(grad.clone(), x.clone()));
    let biases = row_sums::<B>(grad.clone());
    let grad = B::float_mul(grad, row::<B>(gain));
    let mean = B::float_mean_dim(grad.clone(), 1);
    let along = B::float_mean_dim(B::float_mul(grad.clone(), x.clone()), 1);
    let rest = B::float_sub(B::float_sub(grad, mean), B::float_mul(x, along));
    [B::float_mul(rest, inverse), gains, biases]
}

pub(super) fn row_sums<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let [_, columns] = sizes::<B>(&x);
    B::float_reshape(B::float_sum_dim(x, 0), [columns].into())
}

/// rows × 3d to query, key and value, each sequences × heads × length × d/heads.
fn split<B: Backend>(qkv: FloatTensor<B>, s: Attention) -> [FloatTensor<B>; 3] {
    let [rows, columns] = sizes::<B>(&qkv);
    let d = columns / 3;
    [0, 1, 2].map(|part| {
        let slices = [
            Slice::from(0..rows as isize),
            Slice::from((part * d) as isize..((part + 1) * d) as isize),
        ];
        by_heads::<B>(B::float_slice(qkv.clone(), &slices), s)
    })
}

fn by_heads<B: Backend>(x: FloatTensor<B>, s: Attention) -> FloatTensor<B> {
    let [rows, d] = sizes::<B>(&x);
    let x = B::float_reshape(x, [rows / s.length, s.length, s.heads, d / s.heads].into());
    B::float_swap_dims(x, 1, 2)
}

fn by_rows<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let shape = x.shape();
    let (rows, d) = (shape[0] * shape[2], shape[1] * shape[3]);
    B::float_reshape(B::float_swap_dims(x, 1, 2), [rows, d].into())
}

fn scale(columns: usize, s: Attention) -> Scalar {
    Scalar::from(1.0 / ((columns / 3 / s.heads) as f32).sqrt())
}

pub(super) fn attend_forward<B: Backend>(
    qkv: FloatTensor<B>,
    bias: FloatTensor<B>,
    s: Attention,
) -> [FloatTensor<B>; 2] {
    let [_, columns] = sizes::<B>(&qkv);
    let [query, key, value] = split::<B>(qkv, s);
    let scores = B::float_matmul(query, B::float_swap_dims(key, 2, 3));
    let bias = B::float_reshape(bias, [1, s.heads, s.length, s.length].into());
    let scores = B::float_add(B::float_mul_scalar(scores, scale(columns, s)), bias);
    let most = B::float_max_dim(scores.clone(), 3);
    let raised = B::float_exp(B::float_sub(scores, most));
    let total = B::float_sum_dim(raised.clone(), 3);
    let probabilities = B::float_div(raised, total);
    let out = by_rows::<B>(B::float_matmul(probabilities.clone(), value));
    [out, probabilities]
}

pub(super) fn attend_backward<B: Backend>(
    qkv: FloatTensor<B>,
    probabilities: FloatTensor<B>,
    grad: FloatTensor<B>,
    s: Attention,
) -> [FloatTensor<B>; 2] {
    let [_, columns] = sizes::<B>(&qkv);
    let [query, key, value] = split::<B>(qkv, s);
    let grad = by_heads::<B>(grad, s);
    let transposed = B::float_swap_dims(probabilities.clone(), 2, 3);
    let value_grad = B::float_matmul(transposed, grad.clone());
    let raised = B::float_matmul(grad, B::float_swap_dims(value, 2, 3));
    let product = B::float_mul(probabilities.clone(), raised);
    let along = B::float_sum_dim(product.clone(), 3);
    let scores = B::float_sub(product, B::float_mul(probabilities, along));
    let bias = B::float_sum_dim(scores.clone(), 0);
    let bias = B::float_reshape(bias, [s.heads, s.length, s.length].into());
    let scores = B::float_mul_scalar(scores, scale(columns, s));
    let query_grad = B::float_matmul(scores.clone(), key);
    let key_grad = B::float_matmul(B::float_swap_dims(scores, 2, 3), query);
    let parts = [query_grad, key_grad, value_grad].map(by_rows::<B>);
    [B::float_cat(parts.into(), 1), bias]
}

pub(super) fn up_forward<B: Primitives>(
    x: FloatTensor<B>,
    up: FloatTensor<B>,
    bias: FloatTensor<B>,
) -> FloatTensor<B> {
    B::relu(down_forward::<B>(x, up, bias))
}

pub(super) fn relu_backward_sums<B: Backend>(
    hidden: FloatTensor<B>,
    grad: FloatTensor<B>,
) -> [FloatTensor<B>; 2] {
    let grad = B::relu_backward(hidden, grad);
    [grad.clone(), row_sums::<B>(grad)]
}

pub(super) fn down_forward<B: Backend>(
    x: FloatTensor<B>,
    down: FloatTensor<B>,
    bias: FloatTensor<B>,
) -> FloatTensor<B> {
    B::float_add(B::float_matmul(x, down), row::<B>(bias))
}

pub(super) fn choose_forward<B: Backend>(
    user: FloatTensor<B>,
    target: FloatTensor<B>,
    candidates: FloatTensor<B>,
    labels: Labels<B>,
) -> Chosen<B> {
    let own = B::float_sum_dim(B::float_mul(user.clone(), target), 1);
    let logits = B::float_matmul(user, B::float_transpose(candidates));
    // NEVER where the candidate is the target, the offset elsewhere.
    let apart = B::float_abs(B::float_sub(labels.items, labels.targets));
    let same = B::float_add_scalar(
        B::float_neg(B::float_clamp_max(apart, Scalar::from(1.0))),
        Scalar::from(1.0),
    );
    let logits = B::float_add(logits, B::float_mul_scalar(same, Scalar::from(NEVER)));
    let logits = B::float_add(logits, labels.offsets);
    let most = B::float_max_dim(logits.clone(), 1);
    // max(a, b) = a + relu(b − a)
    let most = B::float_add(most.clone(), B::relu(B::float_sub(own.clone(), most)));
    let raised = B::float_exp(B::float_sub(logits, most.clone()));
    let own_raised = B::float_exp(B::float_sub(own.clone(), most.clone()));
    let total = B::float_add(B::float_sum_dim(raised.clone(), 1), own_raised.clone());
    let losses = B::float_sub(B::float_add(B::float_log(total.clone()), most), own);
    let loss = B::float_sum(B::float_mul(losses, labels.weights.clone()));
    let share = B::float_div(labels.weights.clone(), total);
    let target = B::float_sub(B::float_mul(own_raised, share.clone()), labels.weights);
    Chosen {
        loss,
        candidates: B::float_mul(raised, share),
        target,
    }
}
