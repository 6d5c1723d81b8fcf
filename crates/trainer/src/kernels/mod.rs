//! Four fused operations of the encoder, with gradients of their own, as a backend extension of
//! Burn: layer norm, banded attention, the feed-forward layer and the loss.
//!
//! Burn's autodiff records one node per operation and runs one kernel for each, forward and back.
//! A network this small spends more time on that than on arithmetic: composed of Burn's own
//! operations a training step was over twice as slow on the CPU, and on WebGPU every dispatch costs tens
//! of microseconds. Here each operation is one node.
//!
//! [`Primitives`] holds the arithmetic, without gradients: composed of Burn's operations in
//! [`portable`] (what WebGPU runs), and as loops over rows in [`flex`] (the CPU). [`Kernels`]
//! puts them into the autodiff graph. A test holds the two to each other.

mod autodiff;
mod exp;
mod flex;
mod portable;
#[cfg(test)]
mod tests;

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

/// Added to variances, as in `recommender::encoder`.
pub(crate) const EPSILON: f32 = 1e-5;

/// What is added to a logit that must not count.
pub(crate) const NEVER: f32 = -1e9;

/// Sizes of an attention layer.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    /// Heads; each has d / heads columns.
    pub heads: usize,
    /// Tokens per sequence.
    pub length: usize,
    /// Keys that a token sees, itself among them.
    pub window: usize,
}

/// What the loss keeps for its gradients. All are gradients of the summed loss, for a gradient of 1.
#[derive(Clone, Debug)]
pub struct Chosen<B: Backend> {
    /// Sum over positions of weight × loss, [1].
    pub loss: FloatTensor<B>,
    /// With respect to the candidates' logits, positions × candidates.
    pub candidates: FloatTensor<B>,
    /// With respect to the target's logit, positions × 1.
    pub target: FloatTensor<B>,
}

/// The arithmetic, without gradients. Rows are tokens: sequence after sequence, `length` each.
pub trait Primitives: Backend {
    /// Layer norm over the columns of `x` (rows × d).
    fn norm_forward(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        portable::norm_forward::<Self>(x, gain, bias)
    }

    /// Gradients for x, gain and bias.
    fn norm_backward(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> [FloatTensor<Self>; 3] {
        portable::norm_backward::<Self>(x, gain, grad)
    }

    /// Banded causal attention. `qkv` is rows × 3d; `bias` heads × length × length, which holds
    /// [`NEVER`] outside the band. Returns rows × d, and the probabilities
    /// (sequences × heads × length × length).
    fn attend_forward(
        qkv: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        sizes: Attention,
    ) -> [FloatTensor<Self>; 2] {
        portable::attend_forward::<Self>(qkv, bias, sizes)
    }

    /// Gradients for qkv and bias.
    fn attend_backward(
        qkv: FloatTensor<Self>,
        probabilities: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        sizes: Attention,
    ) -> [FloatTensor<Self>; 2] {
        portable::attend_backward::<Self>(qkv, probabilities, grad, sizes)
    }

    /// relu(x · up + bias).
    fn up_forward(
        x: FloatTensor<Self>,
        up: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        portable::up_forward::<Self>(x, up, bias)
    }

    /// The gradient before the relu, and its sum over rows: `hidden` is what came out of it.
    fn relu_backward_sums(
        hidden: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> [FloatTensor<Self>; 2] {
        portable::relu_backward_sums::<Self>(hidden, grad)
    }

    /// x · down + bias.
    fn down_forward(
        x: FloatTensor<Self>,
        down: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        portable::down_forward::<Self>(x, down, bias)
    }

    /// Sum over rows, \[columns\].
    fn row_sums(x: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::row_sums::<Self>(x)
    }

    /// Cross-entropy of the target against `candidates`; see [`choose`].
    fn choose_forward(
        user: FloatTensor<Self>,
        target: FloatTensor<Self>,
        candidates: FloatTensor<Self>,
        labels: Labels<Self>,
    ) -> Chosen<Self> {
        portable::choose_forward::<Self>(user, target, candidates, labels)
    }

    /// rows × d: `x` with every row scaled by its own factor (rows × 1).
    fn scale_rows(x: FloatTensor<Self>, factors: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_mul(x, factors)
    }
}

/// Constants of the loss.
#[derive(Clone, Debug)]
pub struct Labels<B: Backend> {
    /// The targets' items as numbers, positions × 1.
    pub targets: FloatTensor<B>,
    /// The candidates' items as numbers, 1 × candidates.
    pub items: FloatTensor<B>,
    /// Added to the candidates' logits, 1 × candidates.
    pub offsets: FloatTensor<B>,
    /// Weight of each position, positions × 1.
    pub weights: FloatTensor<B>,
}

impl Primitives for burn::backend::Flex {
    fn norm_forward(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        flex::rows::norm_forward(x, gain, bias)
    }

    fn norm_backward(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> [FloatTensor<Self>; 3] {
        flex::rows::norm_backward(x, gain, grad)
    }

    fn attend_forward(
        qkv: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        sizes: Attention,
    ) -> [FloatTensor<Self>; 2] {
        flex::attention::forward(qkv, bias, sizes)
    }

    fn attend_backward(
        qkv: FloatTensor<Self>,
        probabilities: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        sizes: Attention,
    ) -> [FloatTensor<Self>; 2] {
        flex::attention::backward(qkv, probabilities, grad, sizes)
    }

    fn up_forward(
        x: FloatTensor<Self>,
        up: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        flex::rows::bias_relu(Self::float_matmul(x, up), bias)
    }

    fn relu_backward_sums(
        hidden: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> [FloatTensor<Self>; 2] {
        flex::rows::relu_backward_sums(hidden, grad)
    }

    fn down_forward(
        x: FloatTensor<Self>,
        down: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        flex::rows::add_bias(Self::float_matmul(x, down), bias)
    }

    fn row_sums(x: FloatTensor<Self>) -> FloatTensor<Self> {
        flex::rows::row_sums(x)
    }

    fn choose_forward(
        user: FloatTensor<Self>,
        target: FloatTensor<Self>,
        candidates: FloatTensor<Self>,
        labels: Labels<Self>,
    ) -> Chosen<Self> {
        flex::loss::forward(user, target, candidates, labels)
    }
}

#[cfg(feature = "gpu")]
impl Primitives for burn::backend::Cube {}

/// The operations as Burn dispatches them.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait Kernels: Backend {
    /// See [`norm`].
    fn norm(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
    /// See [`attend`].
    fn attend(
        qkv: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        heads: usize,
        length: usize,
        window: usize,
    ) -> FloatTensor<Self>;
    /// See [`feed_forward`].
    fn feed_forward(
        x: FloatTensor<Self>,
        up: FloatTensor<Self>,
        up_bias: FloatTensor<Self>,
        down: FloatTensor<Self>,
        down_bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
    /// See [`choose`].
    #[allow(clippy::too_many_arguments)] // Tensors of a dispatched operation are single arguments.
    fn choose(
        user: FloatTensor<Self>,
        target: FloatTensor<Self>,
        candidates: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        items: FloatTensor<Self>,
        offsets: FloatTensor<Self>,
        weights: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

macro_rules! without_gradients {
    ($backend:ty) => {
        impl Kernels for $backend {
            fn norm(
                x: FloatTensor<Self>,
                gain: FloatTensor<Self>,
                bias: FloatTensor<Self>,
            ) -> FloatTensor<Self> {
                Self::norm_forward(x, gain, bias)
            }

            fn attend(
                qkv: FloatTensor<Self>,
                bias: FloatTensor<Self>,
                heads: usize,
                length: usize,
                window: usize,
            ) -> FloatTensor<Self> {
                let sizes = Attention {
                    heads,
                    length,
                    window,
                };
                let [out, _] = Self::attend_forward(qkv, bias, sizes);
                out
            }

            fn feed_forward(
                x: FloatTensor<Self>,
                up: FloatTensor<Self>,
                up_bias: FloatTensor<Self>,
                down: FloatTensor<Self>,
                down_bias: FloatTensor<Self>,
            ) -> FloatTensor<Self> {
                Self::down_forward(Self::up_forward(x, up, up_bias), down, down_bias)
            }

            fn choose(
                user: FloatTensor<Self>,
                target: FloatTensor<Self>,
                candidates: FloatTensor<Self>,
                targets: FloatTensor<Self>,
                items: FloatTensor<Self>,
                offsets: FloatTensor<Self>,
                weights: FloatTensor<Self>,
            ) -> FloatTensor<Self> {
                let labels = Labels {
                    targets,
                    items,
                    offsets,
                    weights,
                };
                Self::choose_forward(user, target, candidates, labels).loss
            }
        }
    };
}

without_gradients!(burn::backend::Flex);
#[cfg(feature = "gpu")]
without_gradients!(burn::backend::Cube);

/// Layer norm over the columns of `x` (rows × d).
pub(crate) fn norm(x: Tensor<2>, gain: Tensor<1>, bias: Tensor<1>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Kernels>::norm(
        x.into_dispatch(),
        gain.into_dispatch(),
        bias.into_dispatch(),
    ))
}

/// Banded causal attention: `qkv` is rows × 3d, `bias` heads × length × length with [`NEVER`]
/// outside the band. Returns rows × d.
pub(crate) fn attend(qkv: Tensor<2>, bias: Tensor<3>, sizes: Attention) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Kernels>::attend(
        qkv.into_dispatch(),
        bias.into_dispatch(),
        sizes.heads,
        sizes.length,
        sizes.window,
    ))
}

/// relu(x · up + up_bias) · down + down_bias.
pub(crate) fn feed_forward(
    x: Tensor<2>,
    up: Tensor<2>,
    up_bias: Tensor<1>,
    down: Tensor<2>,
    down_bias: Tensor<1>,
) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Kernels>::feed_forward(
        x.into_dispatch(),
        up.into_dispatch(),
        up_bias.into_dispatch(),
        down.into_dispatch(),
        down_bias.into_dispatch(),
    ))
}

/// The items behind the rows of [`choose`], as tensors of numbers (exact below 2²⁴).
pub(crate) struct Choice {
    /// positions × 1.
    pub(crate) targets: Tensor<2>,
    /// 1 × candidates.
    pub(crate) items: Tensor<2>,
    /// 1 × candidates; added to the logits (logQ correction).
    pub(crate) offsets: Tensor<2>,
    /// positions × 1.
    pub(crate) weights: Tensor<2>,
}

/// Σ over positions of weight × (log(exp(u·t) + Σⱼ exp(u·cⱼ + offsetⱼ)) − u·t), without candidates
/// that are the position's own target. `user` and `target` are positions × d, `candidates`
/// candidates × d. Returns \[1\].
pub(crate) fn choose(
    user: Tensor<2>,
    target: Tensor<2>,
    candidates: Tensor<2>,
    choice: Choice,
) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as Kernels>::choose(
        user.into_dispatch(),
        target.into_dispatch(),
        candidates.into_dispatch(),
        choice.targets.into_dispatch(),
        choice.items.into_dispatch(),
        choice.offsets.into_dispatch(),
        choice.weights.into_dispatch(),
    ))
}
