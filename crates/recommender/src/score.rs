//! Scoring: each expert's say on one item, and the fused scores of all of them in one pass.

use crate::catalogue::ItemIndex;
use crate::hyper::{EXPERTS, Expert};
use crate::kernel;
use crate::learner::Learner;
use crate::random::Rng;

impl Learner {
    /// Each expert's raw score of one item.
    pub fn expert_scores(&self, item: ItemIndex) -> [f32; EXPERTS] {
        let x = self.base.pack.vectors.row(item);
        let mut scores = [0.0; EXPERTS];
        scores[Expert::Popularity.index()] = self.base.popularity[item.row()];
        scores[Expert::Recent.index()] = self.base.recent[item.row()];
        scores[Expert::Content.index()] = kernel::dot(&self.content, x);
        scores[Expert::Neighbours.index()] = self.neighbours.score(item);
        scores[Expert::Next.index()] = self.next.score(item);
        scores[Expert::Taste.index()] = self.taste.mean(x);
        if let Some(sequence) = &self.sequence {
            scores[Expert::Encoder.index()] = sequence.score(item);
        }
        scores
    }

    /// The fused score of each of `items`.
    pub fn score(&self, items: &[ItemIndex]) -> Vec<f32> {
        let weights = self.weights();
        items
            .iter()
            .map(|&item| {
                let scores = self.expert_scores(item);
                let fused: f32 = scores.iter().zip(&weights).map(|(s, w)| s * w).sum();
                fused + self.wishes.score(item)
            })
            .collect()
    }

    /// Fused scores of the whole catalogue, one block at a time: `see(first item, scores)`.
    ///
    /// `draw` is added to the taste's mean (exploration). One pass over the item table: the dense
    /// experts share one query vector, since a weighted sum of dot products is one dot product. The
    /// encoder has a table of its own, streamed along.
    pub(crate) fn score_blocks(&self, draw: Option<&[f32]>, mut see: impl FnMut(usize, &[f32])) {
        let (base, weights) = (&self.base, self.weights());
        let weight = |expert: Expert| weights[expert.index()];
        let mut query = vec![0.0; self.content.len()];
        kernel::axpy(&mut query, weight(Expert::Content), &self.content);
        self.taste.add_mean(weight(Expert::Taste), &mut query);
        if let Some(draw) = draw {
            kernel::axpy(&mut query, weight(Expert::Taste), draw);
        }
        let (neighbours, factor) = self.neighbours.scaled();
        let neighbours_weight = factor * weight(Expert::Neighbours);
        let (next, factor) = self.next.scaled();
        let next_weight = factor * weight(Expert::Next);
        let encoded = self.sequence.as_ref().map(|sequence| {
            let mut user = sequence.user().to_vec();
            user.iter_mut().for_each(|x| *x *= weight(Expert::Encoder));
            (sequence.encoder().table(), user)
        });
        let mut scores = [0.0; kernel::BLOCK];
        let mut logits = [0.0; kernel::BLOCK];
        let rows = base
            .pack
            .vectors
            .values()
            .chunks(kernel::BLOCK * query.len());
        for (block, rows) in rows.enumerate() {
            let first = block * kernel::BLOCK;
            let scores = &mut scores[..rows.len() / query.len()];
            let range = first..first + scores.len();
            kernel::score_rows(rows, &query, scores);
            kernel::axpy(
                scores,
                weight(Expert::Popularity),
                &base.popularity[range.clone()],
            );
            kernel::axpy(scores, weight(Expert::Recent), &base.recent[range.clone()]);
            kernel::axpy(scores, neighbours_weight, &neighbours[range.clone()]);
            kernel::axpy(scores, next_weight, &next[range.clone()]);
            if let Some((table, user)) = &encoded {
                let logits = &mut logits[..scores.len()];
                let rows = range.start * user.len()..range.end * user.len();
                kernel::score_rows(&table[rows], user, logits);
                kernel::axpy(scores, 1.0, logits);
            }
            self.wishes.add(first, scores);
            see(first, scores);
        }
    }

    /// How much each expert moves the ranking now: its weight times the deviation of its scores over
    /// a fixed sample of the catalogue, as shares that sum to 1; all 0 where nothing tells items
    /// apart.
    pub fn influence(&self) -> [f32; EXPERTS] {
        let sample = self.base.sample();
        let (mut sums, mut squares) = ([0.0f32; EXPERTS], [0.0f32; EXPERTS]);
        for &item in sample {
            for (expert, score) in self.expert_scores(item).into_iter().enumerate() {
                sums[expert] += score;
                squares[expert] += score * score;
            }
        }
        let n = sample.len().max(1) as f32;
        let mut shares = self.weights();
        for (expert, share) in shares.iter_mut().enumerate() {
            let mean = sums[expert] / n;
            *share *= (squares[expert] / n - mean * mean).max(0.0).sqrt();
        }
        let total: f32 = shares.iter().sum();
        if total > 0.0 {
            shares.iter_mut().for_each(|share| *share /= total);
        }
        shares
    }

    /// What the encoder looks at: the choices in its window, newest first, and for each block and
    /// head how the newest attends to them. `None` without an encoder or before any choice.
    pub fn attention(&self) -> Option<(Vec<ItemIndex>, Vec<Vec<f32>>)> {
        let sequence = self.sequence.as_ref()?;
        let shape = sequence.encoder().shape();
        let state = sequence.state();
        let seen = state.tokens().min(shape.window);
        let items = self.newest_tokens().take(seen).map(ItemIndex).collect();
        let heads = (0..shape.blocks).flat_map(|block| (0..shape.heads).map(move |h| (block, h)));
        let rows = heads.map(|(block, head)| state.attention(block, head).to_vec());
        (seen > 0).then(|| (items, rows.collect()))
    }

    /// What the taste might be besides its mean: a draw, scaled by `explore` (Thompson sampling).
    /// The draw depends on the seed and on the number of events, so a list is stable between events.
    pub fn draw(&self, explore: f32, seed: u64) -> Option<Vec<f32>> {
        (explore > 0.0).then(|| {
            let mut rng = Rng::new(seed ^ u64::from(self.clock).wrapping_mul(0x9E37_79B9));
            let mut draw = self.taste.draw(&mut rng);
            draw.iter_mut().for_each(|x| *x *= explore);
            draw
        })
    }
}
