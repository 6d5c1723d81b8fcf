//! What the encoder remembers of a visitor: keys and values of the window, and the user vector.

use super::forward::Encoder;
use super::weights::Shape;
use crate::kernel;

/// Keys, values and the user vector after the tokens so far.
///
/// [`State::push`] costs two matrix-vector passes per block and allocates nothing.
#[derive(Clone, Debug)]
pub struct State {
    shape: Shape,
    tokens: usize,
    last: Option<u32>,
    /// Per block, W × d as a ring: token t is in slot t mod W.
    keys: Vec<f32>,
    values: Vec<f32>,
    /// Per block, heads × W: attention of the newest token by distance.
    attention: Vec<f32>,
    user: Vec<f32>,
    /// 1/σ of the last norm at the newest token.
    inverse: f32,
    work: Work,
}

/// Room for one token on its way through the blocks.
#[derive(Clone, Debug)]
struct Work {
    x: Vec<f32>,
    normed: Vec<f32>,
    query_key_value: Vec<f32>,
    mixed: Vec<f32>,
    hidden: Vec<f32>,
    out: Vec<f32>,
}

impl State {
    /// Before any token: the user vector is zero.
    pub fn new(encoder: &Encoder) -> Self {
        let shape = encoder.shape;
        let Shape {
            dim,
            heads,
            hidden,
            blocks,
            window,
        } = shape;
        let zeros = |size: usize| vec![0.0; size];
        Self {
            shape,
            tokens: 0,
            last: None,
            keys: zeros(blocks * window * dim),
            values: zeros(blocks * window * dim),
            attention: zeros(blocks * heads * window),
            user: zeros(dim),
            inverse: 0.0,
            work: Work {
                x: zeros(dim),
                normed: zeros(dim),
                query_key_value: zeros(3 * dim),
                mixed: zeros(dim),
                hidden: zeros(hidden),
                out: zeros(dim),
            },
        }
    }

    /// Forgets all tokens.
    pub fn clear(&mut self) {
        self.tokens = 0;
        self.last = None;
        self.user.fill(0.0);
    }

    /// Number of tokens pushed.
    pub fn tokens(&self) -> usize {
        self.tokens
    }

    /// The newest token.
    pub fn last(&self) -> Option<u32> {
        self.last
    }

    /// The user vector y, d numbers; zero before the first token.
    pub fn user(&self) -> &[f32] {
        &self.user
    }

    /// What the newest token attends to in one head: by distance, itself first, summing to 1.
    /// Empty before the first token.
    pub fn attention(&self, block: usize, head: usize) -> &[f32] {
        let Shape { heads, window, .. } = self.shape;
        let from = (block * heads + head) * window;
        &self.attention[from..from + self.tokens.min(window)]
    }

    /// Extends the state by one token. `encoder` must be the one that this state was made for.
    pub fn push(&mut self, encoder: &Encoder, item: u32) {
        let Shape {
            dim: d,
            heads,
            window,
            ..
        } = self.shape;
        let work = &mut self.work;
        let scale = (d as f32).sqrt();
        for (x, row) in work.x.iter_mut().zip(encoder.row(item)) {
            *x = scale * row;
        }
        let slot = self.tokens % window;
        let seen = (self.tokens + 1).min(window);
        let caches = self
            .keys
            .chunks_exact_mut(window * d)
            .zip(self.values.chunks_exact_mut(window * d))
            .zip(self.attention.chunks_exact_mut(heads * window));
        for (block, ((keys, values), attention)) in encoder.blocks.iter().zip(caches) {
            block.attention_norm.apply(&work.x, &mut work.normed);
            kernel::score_rows(
                &block.query_key_value,
                &work.normed,
                &mut work.query_key_value,
            );
            let (query, rest) = work.query_key_value.split_at(d);
            let (key, value) = rest.split_at(d);
            keys[slot * d..(slot + 1) * d].copy_from_slice(key);
            values[slot * d..(slot + 1) * d].copy_from_slice(value);

            let columns = d / heads;
            let inverse = 1.0 / (columns as f32).sqrt();
            work.mixed.fill(0.0);
            for head in 0..heads {
                let part = head * columns..(head + 1) * columns;
                let query = &query[part.clone()];
                let weights = &mut attention[head * window..head * window + seen];
                let bias = &block.distance[head * window..head * window + seen];
                let at = |distance: usize| {
                    let slot = (slot + window - distance) % window;
                    slot * d + part.start..slot * d + part.end
                };
                for (distance, (weight, bias)) in weights.iter_mut().zip(bias).enumerate() {
                    *weight = kernel::dot(query, &keys[at(distance)]) * inverse + bias;
                }
                softmax(weights);
                for (distance, weight) in weights.iter().enumerate() {
                    kernel::axpy(
                        &mut work.mixed[part.clone()],
                        *weight,
                        &values[at(distance)],
                    );
                }
            }
            kernel::score_rows(&block.output, &work.mixed, &mut work.out);
            kernel::axpy(&mut work.x, 1.0, &work.out);

            block.feedforward_norm.apply(&work.x, &mut work.normed);
            kernel::score_rows(&block.up, &work.normed, &mut work.hidden);
            for (hidden, bias) in work.hidden.iter_mut().zip(&block.up_bias) {
                *hidden = (*hidden + bias).max(0.0);
            }
            kernel::score_rows(&block.down, &work.hidden, &mut work.out);
            kernel::axpy(&mut work.x, 1.0, &work.out);
            kernel::axpy(&mut work.x, 1.0, &block.down_bias);
        }
        self.inverse = encoder.norm.apply(&work.x, &mut self.user);
        self.tokens += 1;
        self.last = Some(item);
    }

    /// How much each of the newest tokens put straight into the score of the item with the table row
    /// `row`: calls `see(share)`, newest first.
    ///
    /// The direct paths through the attention of the newest token, with attention and last norm held
    /// as they are: for a one-line reason. What a token does by changing other tokens is not in it;
    /// taking the token out and encoding again counts that, too, and is what explanations do.
    pub fn direct_shares(&self, encoder: &Encoder, row: &[f32], see: impl FnMut(f32)) {
        let Shape {
            dim: d,
            heads,
            window,
            ..
        } = self.shape;
        let seen = self.tokens.min(window);
        let Some(last) = self.last else { return };
        // Gradient of the score in the residual stream, the norm's scale held fixed.
        let mut target: Vec<f32> = row
            .iter()
            .zip(&encoder.norm.gain)
            .map(|(x, gain)| x * gain * self.inverse)
            .collect();
        let mean = target.iter().sum::<f32>() / d as f32;
        target.iter_mut().for_each(|x| *x -= mean);
        let mut shares = vec![0.0f32; seen];
        // The newest token's own way along the residual stream.
        shares[0] = (d as f32).sqrt() * kernel::dot(&target, encoder.row(last));
        let slot = (self.tokens - 1) % window;
        let columns = d / heads;
        let mut through = vec![0.0; d];
        for (block, parts) in encoder.blocks.iter().enumerate() {
            through.fill(0.0);
            for (out, row) in target.iter().zip(parts.output.chunks_exact(d)) {
                kernel::axpy(&mut through, *out, row);
            }
            let values = &self.values[block * window * d..(block + 1) * window * d];
            for head in 0..heads {
                let part = head * columns..(head + 1) * columns;
                let weights = &self.attention[(block * heads + head) * window..];
                for (distance, (share, weight)) in shares.iter_mut().zip(weights).enumerate() {
                    let from = (slot + window - distance) % window * d;
                    let value = &values[from + part.start..from + part.end];
                    *share += weight * kernel::dot(&through[part.clone()], value);
                }
            }
        }
        shares.into_iter().for_each(see);
    }
}

fn softmax(values: &mut [f32]) {
    let top = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut total = 0.0;
    for value in values.iter_mut() {
        *value = (*value - top).exp();
        total += *value;
    }
    let inverse = 1.0 / total;
    values.iter_mut().for_each(|value| *value *= inverse);
}
