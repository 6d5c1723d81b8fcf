//! Cross-entropy of a target against candidates.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;

use super::{contiguous, dot, edit, largest, sum, tensor, values, vectorised};
use crate::kernels::exp::exp;
use crate::kernels::{Chosen, Labels, NEVER};

pub(crate) fn forward(
    user: FlexTensor,
    target: FlexTensor,
    candidates: FlexTensor,
    labels: Labels<Flex>,
) -> Chosen<Flex> {
    let (user, target) = (contiguous(user), contiguous(target));
    let logits = Flex::float_matmul(user.clone(), candidates.transpose(0, 1));
    let columns = logits.layout().shape()[1];
    let d = user.layout().shape()[1];
    let (users, targets) = (values(&user), values(&target));
    let [of_targets, items, offsets, weights] =
        [labels.targets, labels.items, labels.offsets, labels.weights].map(contiguous);
    let (of_targets, items) = (values(&of_targets), values(&items));
    let (offsets, weights) = (values(&offsets), values(&weights));
    let mut by_target = vec![0.0; weights.len()];
    // In double precision: a batch has thousands of terms.
    let mut loss = 0.0_f64;
    let by_candidates = edit(logits, |logits| {
        vectorised(|| {
            for (at, row) in logits.chunks_exact_mut(columns).enumerate() {
                let weight = weights[at];
                if weight == 0.0 {
                    row.fill(0.0);
                    continue;
                }
                let own = dot(&users[at * d..(at + 1) * d], &targets[at * d..(at + 1) * d]);
                let label = of_targets[at];
                for ((x, item), offset) in row.iter_mut().zip(items).zip(offsets) {
                    let logit = *x + offset;
                    *x = if *item == label { NEVER } else { logit };
                }
                let most = largest(row);
                let most = if own > most { own } else { most };
                for x in row.iter_mut() {
                    *x = exp(*x - most);
                }
                let raised = exp(own - most);
                let total = sum(row) + raised;
                loss += f64::from(weight * (total.ln() + most - own));
                let share = weight / total;
                for x in row.iter_mut() {
                    *x *= share;
                }
                by_target[at] = raised * share - weight;
            }
        });
    });
    let rows = by_target.len();
    Chosen {
        loss: tensor(vec![loss as f32], [1]),
        candidates: by_candidates,
        target: tensor(by_target, [rows, 1]),
    }
}
