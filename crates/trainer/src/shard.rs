//! One part of a batch: from the host's numbers to the host's gradients.

use burn::tensor::{Device, Tensor, Transaction};

use crate::kernels::{self, Choice};
use crate::net::{Layout, Net, fold, matrix};

/// What one forward and backward pass needs, as the host's numbers. Rows are sequences × length.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shard {
    /// Tokens per sequence.
    pub(crate) length: usize,
    /// Embedded tokens, rows × d, scaled and dropped.
    pub(crate) tokens: Vec<f32>,
    /// Rows of the targets, rows × d.
    pub(crate) targets: Vec<f32>,
    /// Items of the targets as numbers, rows.
    pub(crate) labels: Vec<f32>,
    /// Weight of each position in the loss, rows.
    pub(crate) weights: Vec<f32>,
    /// Two masks per block, each rows × d, or none.
    pub(crate) dropout: Vec<Vec<f32>>,
}

/// The candidates that all shards of a batch share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    /// Rows, candidates × d.
    pub(crate) rows: Vec<f32>,
    /// Items as numbers.
    pub(crate) items: Vec<f32>,
    /// Added to their logits.
    pub(crate) offsets: Vec<f32>,
}

/// Gradients of a shard's summed loss.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) loss: f32,
    /// Of the flat weights.
    pub(crate) weights: Vec<f32>,
    /// Of [`Shard::tokens`].
    pub(crate) tokens: Vec<f32>,
    /// Of [`Shard::targets`].
    pub(crate) targets: Vec<f32>,
    /// Of [`Candidates::rows`].
    pub(crate) candidates: Vec<f32>,
}

/// The tensors of [`Answer`] on their device: loss, tokens, targets, candidates, weights.
pub(crate) fn differentiate(
    layout: &Layout,
    flat: &[f32],
    shard: &Shard,
    candidates: &Candidates,
    device: &Device,
) -> Vec<Tensor<1>> {
    let d = layout.shape.dim;
    let rows = shard.labels.len();
    let net = Net::new(layout, flat, shard.length, true, device);
    let leaf = |values: &[f32]| matrix(values.to_vec(), values.len() / d, d, device).require_grad();
    let tokens = leaf(&shard.tokens);
    let targets = leaf(&shard.targets);
    let others = leaf(&candidates.rows);
    let masks: Vec<Tensor<2>> = shard
        .dropout
        .iter()
        .map(|mask| matrix(mask.clone(), rows, d, device))
        .collect();
    let count = candidates.items.len();
    let choice = Choice {
        targets: matrix(shard.labels.clone(), rows, 1, device),
        items: matrix(candidates.items.clone(), 1, count, device),
        offsets: matrix(candidates.offsets.clone(), 1, count, device),
        weights: matrix(shard.weights.clone(), rows, 1, device),
    };
    let users = net.forward(tokens.clone(), &masks);
    let loss = kernels::choose(users, targets.clone(), others.clone(), choice);
    let mut gradients = loss.backward();
    let mut all = vec![loss.inner()];
    for leaf in [&tokens, &targets, &others] {
        let gradient = leaf.grad_remove(&mut gradients);
        all.push(gradient.expect("takes part in the loss").flatten(0, 1));
    }
    all.extend(net.gradients(&mut gradients));
    all
}

/// Reads tensors back.
pub(crate) async fn read(tensors: Vec<Tensor<1>>) -> Result<Vec<Vec<f32>>, String> {
    let mut transaction = Transaction::default();
    for tensor in tensors {
        transaction = transaction.register(tensor);
    }
    let data = transaction.execute_async().await;
    let data = data.map_err(|error| format!("{error:?}"))?;
    data.into_iter()
        .map(|data| {
            data.try_into_vec::<f32>()
                .map_err(|error| format!("{error:?}"))
        })
        .collect()
}

/// Reads tensors of the CPU, which are there already.
pub(crate) fn read_now(tensors: Vec<Tensor<1>>) -> Result<Vec<Vec<f32>>, String> {
    tensors
        .into_iter()
        .map(|tensor| {
            let data = tensor.into_data();
            data.try_into_vec::<f32>()
                .map_err(|error| format!("{error:?}"))
        })
        .collect()
}

/// Sorts what was read into an answer.
pub(crate) fn answer(layout: &Layout, length: usize, mut read: Vec<Vec<f32>>) -> Answer {
    let mut weights = vec![0.0; layout.len()];
    fold(layout, &read[4..], length, &mut weights);
    let mut take = |at: usize| std::mem::take(&mut read[at]);
    Answer {
        loss: take(0).first().copied().unwrap_or(f32::NAN),
        tokens: take(1),
        targets: take(2),
        candidates: take(3),
        weights,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use recommender::encoder::{Shape, start_weights};
    use recommender::random::Rng;

    fn numbers(count: usize, scale: f32, rng: &mut Rng) -> Vec<f32> {
        (0..count).map(|_| scale * rng.normal()).collect()
    }

    fn run(layout: &Layout, flat: &[f32], shard: &Shard, candidates: &Candidates) -> Answer {
        let device = Device::flex().autodiff();
        let tensors = differentiate(layout, flat, shard, candidates, &device);
        answer(
            layout,
            shard.length,
            read_now(tensors).expect("the CPU answers"),
        )
    }

    /// Along random directions, one for each tensor, the gradient says how steeply the loss rises.
    #[test]
    fn gradients_are_the_slope_of_the_loss() {
        let shape = Shape {
            dim: 16,
            heads: 2,
            hidden: 20,
            blocks: 2,
            window: 4,
        };
        let mut rng = Rng::new(1);
        let layout = Layout::new(shape);
        let table = numbers(10 * 16, 0.25, &mut rng);
        let weights = start_weights(shape, 10, table, 3).expect("a valid shape");
        let mut flat = layout.flatten(&weights);
        flat.iter_mut().for_each(|x| *x += 0.1 * rng.normal());
        let (rows, count) = (3 * 9, 11);
        let shard = Shard {
            length: 9,
            tokens: numbers(rows * 16, 1.0, &mut rng),
            targets: numbers(rows * 16, 0.25, &mut rng),
            labels: (0..rows).map(|at| (at % 10) as f32).collect(),
            weights: (0..rows).map(|at| (at % 4) as f32 * 0.02).collect(),
            dropout: (0..4)
                .map(|_| {
                    (0..rows * 16)
                        .map(|_| 1.25 * f32::from(rng.unit() < 0.8))
                        .collect()
                })
                .collect(),
        };
        let candidates = Candidates {
            rows: numbers(count * 16, 0.25, &mut rng),
            items: (0..count).map(|at| at as f32).collect(),
            offsets: numbers(count, 0.5, &mut rng),
        };
        let center = run(&layout, &flat, &shard, &candidates);
        let mut check = |name: &str,
                         range: std::ops::Range<usize>,
                         gradient: &[f32],
                         loss: &dyn Fn(&[f32]) -> f32| {
            let mut direction = vec![0.0; gradient.len()];
            direction[range.clone()]
                .iter_mut()
                .for_each(|x| *x = rng.normal());
            recommender::kernel::normalise(&mut direction);
            let step = 0.03;
            let moved = |by: f32| {
                let way: Vec<f32> = direction.iter().map(|x| x * by).collect();
                f64::from(loss(&way))
            };
            let slope = (moved(step) - moved(-step)) / f64::from(2.0 * step);
            let told = f64::from(recommender::kernel::dot(gradient, &direction));
            let part = &gradient[range];
            let norm = f64::from(recommender::kernel::dot(part, part).sqrt());
            assert!(norm > 1e-5, "{name} has no gradient");
            let scale = norm / (part.len() as f64).sqrt();
            assert!(
                (slope - told).abs() < 0.05 * scale + 2e-5,
                "{name}: {slope} {told} {scale}"
            );
        };
        let shifted = |values: &[f32], way: &[f32]| -> Vec<f32> {
            values.iter().zip(way).map(|(x, way)| x + way).collect()
        };
        let leaves = layout.leaves.iter().map(|leaf| leaf.range.clone());
        for range in leaves.chain([layout.distances.clone()]) {
            check(&format!("{range:?}"), range, &center.weights, &|way| {
                run(&layout, &shifted(&flat, way), &shard, &candidates).loss
            });
        }
        let all = 0..shard.tokens.len();
        check("tokens", all.clone(), &center.tokens, &|way| {
            let mut shard = shard.clone();
            shard.tokens = shifted(&shard.tokens, way);
            run(&layout, &flat, &shard, &candidates).loss
        });
        check("targets", all, &center.targets, &|way| {
            let mut shard = shard.clone();
            shard.targets = shifted(&shard.targets, way);
            run(&layout, &flat, &shard, &candidates).loss
        });
        check(
            "candidates",
            0..candidates.rows.len(),
            &center.candidates,
            &|way| {
                let mut candidates = candidates.clone();
                candidates.rows = shifted(&candidates.rows, way);
                run(&layout, &flat, &shard, &candidates).loss
            },
        );
    }
}
