//! The hot loops: dot products over the item table and a blocked top-k.
//!
//! SIMD is written out (`wide`, 128 bits): the ranker is built for size, and then the compiler does
//! not find it by itself. Ranking is bound by memory: every score is made in one pass over the
//! table, a block of rows at a time, and a block's scores never leave the cache before the top-k
//! has seen them.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use wide::f32x4;

use crate::catalogue::ItemIndex;

/// Rows scored before the top-k looks at them: 64 rows × 64 columns × 4 bytes = half of a 32 KB L1.
pub const BLOCK: usize = 64;

/// Σ aᵢ·bᵢ of two slices of the same length.
///
/// Four lanes, added as (0 + 2) + (1 + 3): the same order as [`score_rows`], so that an item's score
/// is the same to the last bit whoever asks.
#[inline]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    debug_assert_eq!(a.len(), b.len());
    let ((a, a_tail), (b, b_tail)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut sums = f32x4::ZERO;
    for (x, y) in a.iter().zip(b) {
        sums += f32x4::from(*x) * f32x4::from(*y);
    }
    let lanes = sums.to_array();
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]) + tail(a_tail, b_tail)
}

fn tail(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// `y += a·x`.
#[inline]
pub fn axpy(y: &mut [f32], a: f32, x: &[f32]) {
    let factor = f32x4::splat(a);
    let (y, y_tail) = y.as_chunks_mut::<4>();
    let (x, x_tail) = x.as_chunks::<4>();
    for (y, x) in y.iter_mut().zip(x) {
        *y = (f32x4::from(*y) + factor * f32x4::from(*x)).to_array();
    }
    for (y, x) in y_tail.iter_mut().zip(x_tail) {
        *y += a * x;
    }
}

/// Scales a vector to length 1; leaves the zero vector alone.
pub fn normalise(v: &mut [f32]) {
    let norm = dot(v, v).sqrt();
    if norm > 0.0 {
        v.iter_mut().for_each(|x| *x /= norm);
    }
}

/// A score and where it belongs, ordered by "is better": the greater score, then the lower position.
/// NaN is worst.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scored {
    score: f32,
    at: u32,
}

impl Eq for Scored {}

impl Ord for Scored {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |x: f32| if x.is_nan() { f32::NEG_INFINITY } else { x };
        let by_score = key(self.score).total_cmp(&key(other.score));
        by_score.then(other.at.cmp(&self.at))
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The `k` best (score, item) seen so far; equal scores keep the lower index.
///
/// A heap with the worst of the best on top: most items cost one comparison with it. (The standard
/// library's sorts would do as well, but each is ten kilobytes of WASM and a heap is one.)
#[derive(Clone, Debug)]
pub struct TopK {
    k: usize,
    threshold: f32,
    best: BinaryHeap<Reverse<Scored>>,
}

impl TopK {
    /// For the best `k`.
    pub fn new(k: usize) -> Self {
        let threshold = if k == 0 {
            f32::INFINITY
        } else {
            f32::NEG_INFINITY
        };
        Self {
            k,
            threshold,
            best: BinaryHeap::with_capacity(k),
        }
    }

    /// Offers one item. Items must be offered in ascending order. NaN is never kept.
    #[inline]
    pub fn offer(&mut self, score: f32, item: u32) {
        if score > self.threshold {
            self.keep(Scored { score, at: item });
        }
    }

    #[inline(never)]
    fn keep(&mut self, scored: Scored) {
        if self.best.len() < self.k {
            self.best.push(Reverse(scored));
        } else if let Some(mut worst) = self.best.peek_mut() {
            *worst = Reverse(scored);
        }
        if self.best.len() == self.k {
            self.threshold = self
                .best
                .peek()
                .map_or(self.threshold, |worst| worst.0.score);
        }
    }

    /// Best first.
    pub fn into_sorted(self) -> Vec<(f32, ItemIndex)> {
        let sorted = self.best.into_sorted_vec();
        sorted
            .into_iter()
            .map(|Reverse(s)| (s.score, ItemIndex(s.at)))
            .collect()
    }
}

/// Positions of `values`, greatest first; equal values keep their order. NaN comes last.
pub fn order_descending(values: impl Iterator<Item = f32>) -> Vec<usize> {
    let all: BinaryHeap<Reverse<Scored>> = values
        .zip(0..)
        .map(|(score, at)| Reverse(Scored { score, at }))
        .collect();
    all.into_sorted_vec()
        .into_iter()
        .map(|Reverse(s)| s.at as usize)
        .collect()
}

/// Scores of `rows` (row-major, `query.len()` columns) by dot product, into `out`.
///
/// # Shapes
/// `rows`: out.len() × query.len().
pub fn score_rows(rows: &[f32], query: &[f32], out: &mut [f32]) {
    let columns = query.len();
    let mut fours = rows.chunks_exact(4 * columns);
    let mut outs = out.chunks_exact_mut(4);
    for (four, out) in fours.by_ref().zip(outs.by_ref()) {
        out.copy_from_slice(&dot4(four, query));
    }
    for (row, out) in fours
        .remainder()
        .chunks_exact(columns)
        .zip(outs.into_remainder())
    {
        *out = dot(row, query);
    }
}

/// Dot products of four rows with one query: each piece of the query is loaded once.
#[inline]
fn dot4(rows: &[f32], query: &[f32]) -> [f32; 4] {
    let columns = query.len();
    let (a, rest) = rows.split_at(columns);
    let (b, rest) = rest.split_at(columns);
    let (c, d) = rest.split_at(columns);
    let (q, q_tail) = query.as_chunks::<4>();
    let pieces = a
        .as_chunks::<4>()
        .0
        .iter()
        .zip(b.as_chunks::<4>().0)
        .zip(c.as_chunks::<4>().0)
        .zip(d.as_chunks::<4>().0)
        .zip(q);
    let mut sums = [f32x4::ZERO; 4];
    for ((((a, b), c), d), q) in pieces {
        let q = f32x4::from(*q);
        sums[0] += f32x4::from(*a) * q;
        sums[1] += f32x4::from(*b) * q;
        sums[2] += f32x4::from(*c) * q;
        sums[3] += f32x4::from(*d) * q;
    }
    let [s, t, u, v] = f32x4::transpose(sums);
    let mut out = ((s + u) + (t + v)).to_array();
    if !q_tail.is_empty() {
        let whole = columns - q_tail.len();
        for (out, row) in out.iter_mut().zip(rows.chunks_exact(columns)) {
            *out += tail(&row[whole..], q_tail);
        }
    }
    out
}

/// Dot products of a whole table with `query` and the best `k`, in one pass.
///
/// # Shapes
/// `table`: items × query.len(), row-major.
pub fn top_k(table: &[f32], query: &[f32], k: usize) -> Vec<(f32, ItemIndex)> {
    let mut best = TopK::new(k);
    let mut scores = [0.0; BLOCK];
    let mut first = 0;
    for block in table.chunks(BLOCK * query.len()) {
        let scores = &mut scores[..block.len() / query.len()];
        score_rows(block, query, scores);
        for (offset, score) in scores.iter().enumerate() {
            best.offer(*score, first + offset as u32);
        }
        first += scores.len() as u32;
    }
    best.into_sorted()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Rng;

    #[test]
    fn top_k_equals_a_full_sort() {
        let mut rng = Rng::new(7);
        for (items, columns, k) in [(1, 3, 5), (500, 16, 10), (1000, 37, 100), (300, 64, 0)] {
            let table: Vec<f32> = (0..items * columns).map(|_| rng.normal()).collect();
            let query: Vec<f32> = (0..columns).map(|_| rng.normal()).collect();
            let mut all: Vec<(f32, u32)> = table
                .chunks(columns)
                .enumerate()
                .map(|(i, row)| (dot(row, &query), i as u32))
                .collect();
            all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            all.truncate(k);
            let got: Vec<_> = top_k(&table, &query, k)
                .into_iter()
                .map(|(s, i)| (s, i.0))
                .collect();
            assert_eq!(got, all);
        }
    }

    #[test]
    fn ties_keep_the_lower_index_and_nan_is_dropped() {
        let mut best = TopK::new(2);
        for (item, score) in [1.0, f32::NAN, 1.0, 1.0, 0.5].into_iter().enumerate() {
            best.offer(score, item as u32);
        }
        assert_eq!(
            best.into_sorted(),
            vec![(1.0, ItemIndex(0)), (1.0, ItemIndex(2))]
        );
    }
}
