//! The trainer's own forward, for comparison with `recommender::encoder`.

use burn::tensor::Tensor;
use recommender::encoder::Weights;
use recommender::encoder::adapter::{self, RANK};

use crate::backend::Backend;
use crate::error::TrainError;
use crate::net::{Layout, Net, matrix};

/// The user vectors after each of the tokens, tokens × dim, with the adapter of a seed and trained
/// numbers if there is one. Nothing ranks with it: it is how tests hold Burn's network and
/// `recommender::encoder` to each other, on every backend.
///
/// # Errors
/// Numbers that are no adapter of these weights, a token that they do not have, a lost device.
pub async fn encode(
    backend: &Backend,
    weights: &Weights,
    adapter: Option<(u64, &[f32])>,
    tokens: &[u32],
) -> Result<Vec<f32>, TrainError> {
    let shape = weights.shape;
    let d = shape.dim;
    let table = weights.get("items.weight");
    let mut embedded = Vec::with_capacity(tokens.len() * d);
    for &token in tokens {
        let row = table.chunks_exact(d).nth(token as usize);
        let row = row.ok_or_else(|| {
            TrainError::Data(format!(
                "the token {token} is beyond the {} items of the weights",
                weights.items()
            ))
        })?;
        embedded.extend(row.iter().map(|x| x * (d as f32).sqrt()));
    }
    if tokens.is_empty() {
        return Ok(embedded);
    }
    let layout = Layout::new(shape);
    // Without gradients: forward only.
    let device = backend.device().clone().inner();
    let mut net = Net::new(
        &layout,
        &layout.flatten(weights),
        tokens.len(),
        false,
        &device,
    );
    if let Some((seed, values)) = adapter {
        adapter::check(&shape, values)?;
        let ups = values.chunks_exact(RANK * d);
        let ups: Vec<Tensor<2>> = ups
            .map(|values| matrix(values.to_vec(), RANK, d, &device))
            .collect();
        net.adapt(&adapter::down_projections(&shape, seed), &ups, &device);
    }
    let users = net.forward(matrix(embedded, tokens.len(), d, &device), &[]);
    let mut read = backend.read(vec![users.flatten(0, 1)]).await?;
    Ok(read.swap_remove(0))
}
