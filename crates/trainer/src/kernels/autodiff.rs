//! The operations as nodes of Burn's autodiff graph.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend};

use super::{Attention, Kernels, Labels, Primitives};

/// Registers a gradient if its parent wants one.
macro_rules! give {
    ($grads:expr, $node:expr, $value:expr) => {
        if let Some(node) = $node {
            $grads.register::<B>(node.id, $value);
        }
    };
}

#[derive(Debug)]
struct Norm;

impl<B: Primitives> Backward<B, 3> for Norm {
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [x_node, gain_node, bias_node] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (x, gain) = ops.state;
        let [x, gain, bias] = B::norm_backward(x, gain, grad);
        give!(grads, x_node, x);
        give!(grads, gain_node, gain);
        give!(grads, bias_node, bias);
    }
}

#[derive(Debug)]
struct Attend;

impl<B: Primitives> Backward<B, 2> for Attend {
    type State = (FloatTensor<B>, FloatTensor<B>, Attention);

    fn backward(
        self,
        ops: Ops<Self::State, 2>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [qkv_node, bias_node] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (qkv, probabilities, sizes) = ops.state;
        let [qkv, bias] = B::attend_backward(qkv, probabilities, grad, sizes);
        give!(grads, qkv_node, qkv);
        give!(grads, bias_node, bias);
    }
}

#[derive(Debug)]
struct FeedForward;

#[derive(Clone, Debug)]
struct FeedForwardState<B: Backend> {
    x: FloatTensor<B>,
    hidden: FloatTensor<B>,
    up: FloatTensor<B>,
    down: FloatTensor<B>,
}

impl<B: Primitives> Backward<B, 5> for FeedForward {
    type State = FeedForwardState<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 5>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [x_node, up_node, up_bias_node, down_node, down_bias_node] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let state = ops.state;
        if let Some(node) = down_node {
            let hidden = B::float_transpose(state.hidden.clone());
            grads.register::<B>(node.id, B::float_matmul(hidden, grad.clone()));
        }
        if let Some(node) = down_bias_node {
            grads.register::<B>(node.id, B::row_sums(grad.clone()));
        }
        if x_node.is_none() && up_node.is_none() && up_bias_node.is_none() {
            return;
        }
        let hidden_grad = B::float_matmul(grad, B::float_transpose(state.down));
        let [before, sums] = B::relu_backward_sums(state.hidden, hidden_grad);
        give!(grads, up_bias_node, sums);
        if let Some(node) = up_node {
            let x = B::float_transpose(state.x);
            grads.register::<B>(node.id, B::float_matmul(x, before.clone()));
        }
        if let Some(node) = x_node {
            let grad = B::float_matmul(before, B::float_transpose(state.up));
            grads.register::<B>(node.id, grad);
        }
    }
}

#[derive(Debug)]
struct Choose;

#[derive(Clone, Debug)]
struct ChooseState<B: Backend> {
    user: FloatTensor<B>,
    target: FloatTensor<B>,
    candidates: FloatTensor<B>,
    by_candidates: FloatTensor<B>,
    by_target: FloatTensor<B>,
}

impl<B: Primitives> Backward<B, 3> for Choose {
    type State = ChooseState<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [user_node, target_node, candidates_node] = ops.parents;
        // One number: what the sum is multiplied with later on.
        let grad = B::float_reshape(grads.consume::<B>(&ops.node), [1, 1].into());
        let state = ops.state;
        if let Some(node) = user_node {
            let others = B::float_matmul(state.by_candidates.clone(), state.candidates);
            let own = B::scale_rows(state.target, state.by_target.clone());
            let sum = B::float_mul(B::float_add(others, own), grad.clone());
            grads.register::<B>(node.id, sum);
        }
        if let Some(node) = target_node {
            let own = B::scale_rows(state.user.clone(), state.by_target);
            grads.register::<B>(node.id, B::float_mul(own, grad.clone()));
        }
        if let Some(node) = candidates_node {
            let others = B::float_matmul(B::float_transpose(state.by_candidates), state.user);
            grads.register::<B>(node.id, B::float_mul(others, grad));
        }
    }
}

impl<B: Primitives + Kernels, C: CheckpointStrategy> Kernels for Autodiff<B, C> {
    fn norm(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), gain.node(), bias.node()];
        let (x, gain, bias) = (
            x.into_primitive(),
            gain.into_primitive(),
            bias.into_primitive(),
        );
        match Norm.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let out = B::norm_forward(x.clone(), gain.clone(), bias);
                prep.finish((x, gain), out)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::norm_forward(x, gain, bias)),
        }
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
        let nodes = [qkv.node(), bias.node()];
        let (qkv, bias) = (qkv.into_primitive(), bias.into_primitive());
        let [out, probabilities] = B::attend_forward(qkv.clone(), bias, sizes);
        match Attend.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((qkv, probabilities, sizes), out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }

    fn feed_forward(
        x: FloatTensor<Self>,
        up: FloatTensor<Self>,
        up_bias: FloatTensor<Self>,
        down: FloatTensor<Self>,
        down_bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let nodes = [
            x.node(),
            up.node(),
            up_bias.node(),
            down.node(),
            down_bias.node(),
        ];
        let (x, up) = (x.into_primitive(), up.into_primitive());
        let down = down.into_primitive();
        let hidden = B::up_forward(x.clone(), up.clone(), up_bias.into_primitive());
        let out = B::down_forward(hidden.clone(), down.clone(), down_bias.into_primitive());
        match FeedForward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let state = FeedForwardState {
                    x,
                    hidden,
                    up,
                    down,
                };
                prep.finish(state, out)
            }
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
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
        let nodes = [user.node(), target.node(), candidates.node()];
        let (user, target) = (user.into_primitive(), target.into_primitive());
        let candidates = candidates.into_primitive();
        let labels = Labels {
            targets: targets.into_primitive(),
            items: items.into_primitive(),
            offsets: offsets.into_primitive(),
            weights: weights.into_primitive(),
        };
        let chosen = B::choose_forward(user.clone(), target.clone(), candidates.clone(), labels);
        match Choose.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let state = ChooseState {
                    user,
                    target,
                    candidates,
                    by_candidates: chosen.candidates,
                    by_target: chosen.target,
                };
                prep.finish(state, chosen.loss)
            }
            OpsKind::UnTracked(prep) => prep.finish(chosen.loss),
        }
    }
}
