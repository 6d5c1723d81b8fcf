//! Ranking: scores, rules, diversity.

use crate::catalogue::ItemIndex;
use crate::kernel::{self, TopK};
use crate::learner::Learner;

/// What is asked of a ranking. Rules are part of the request, so ranking never changes state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RankRequest {
    /// Length of the list.
    pub limit: usize,
    /// 0 = by the best guess, 1 = as adventurous as the uncertainty is wide (Thompson sampling).
    pub explore: f32,
    /// 0 = by score alone, 1 = variety first (maximal marginal relevance).
    pub diversity: f32,
    /// Fixes the exploration draw.
    pub seed: u64,
    /// Items to rank; `None`: the whole catalogue. A set: order and repetition do not matter.
    pub candidates: Option<Vec<ItemIndex>>,
    /// Never shown.
    pub exclude: Vec<ItemIndex>,
    /// Shown first, in this order, even if settled; an excluded item stays excluded.
    pub pin: Vec<ItemIndex>,
    /// Added to the scores of these items.
    pub boost: Vec<(ItemIndex, f32)>,
    /// Also rank what was seen, dismissed or disliked (but nothing of a tag that is never wanted).
    pub include_settled: bool,
}

/// One place of a ranking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// The item.
    pub item: ItemIndex,
    /// Its fused score, exploration and boost included.
    pub score: f32,
}

/// Items that the diversity re-rank chooses from, per place of the list.
const POOL_PER_PLACE: usize = 4;

impl Learner {
    /// The best items, best first. Equal scores keep the catalogue's order.
    pub fn rank(&self, request: &RankRequest) -> Vec<Placed> {
        self.rank_deep(request, request.limit)
    }

    /// [`Self::rank`], and behind the list what follows by score alone, `depth` places in all. In
    /// the same one pass over the catalogue.
    pub fn rank_deep(&self, request: &RankRequest, depth: usize) -> Vec<Placed> {
        let items = self.pack().catalogue.len();
        let allowed = self.allowed(request);
        let diverse = request.diversity > 0.0;
        let pool = if diverse {
            request.limit.saturating_mul(POOL_PER_PLACE)
        } else {
            request.limit
        };
        let mut best = TopK::new(pool.max(depth).min(items));
        let mut pinned = vec![f32::NEG_INFINITY; request.pin.len()];
        let draw = self.draw(request.explore, request.seed);
        self.score_blocks(draw.as_deref(), |first, scores| {
            for (offset, &score) in scores.iter().enumerate() {
                let row = first + offset;
                if allowed[row] {
                    let item = ItemIndex(row as u32);
                    best.offer(score + boost_of(&request.boost, item), item.0);
                }
            }
            for (place, pin) in pinned.iter_mut().zip(&request.pin) {
                if let Some(score) = pin.row().checked_sub(first).and_then(|at| scores.get(at)) {
                    *place = score + boost_of(&request.boost, *pin);
                }
            }
        });
        let place = |(score, item)| Placed { item, score };
        let ranked: Vec<Placed> = best.into_sorted().into_iter().map(place).collect();
        let mut list: Vec<Placed> = Vec::with_capacity(depth);
        for (&item, &score) in request.pin.iter().zip(&pinned) {
            let known = item.row() < items && !request.exclude.contains(&item);
            if known && !list.iter().any(|placed| placed.item == item) {
                list.push(Placed { item, score });
            }
        }
        list.truncate(request.limit);
        let rest = request.limit - list.len();
        let mut taken = vec![false; ranked.len()];
        if diverse {
            let pool = &ranked[..pool.min(ranked.len())];
            list.extend(self.diversify(pool, rest, request.diversity, &mut taken));
        }
        let untaken = ranked.iter().zip(&taken).filter(|(_, taken)| !**taken);
        let missing = depth.saturating_sub(list.len());
        list.extend(untaken.map(|(placed, _)| *placed).take(missing));
        list
    }

    fn allowed(&self, request: &RankRequest) -> Vec<bool> {
        let items = self.pack().catalogue.len();
        let mut allowed = match &request.candidates {
            None => vec![true; items],
            Some(candidates) => {
                let mut allowed = vec![false; items];
                candidates
                    .iter()
                    .filter(|c| c.row() < items)
                    .for_each(|c| allowed[c.row()] = true);
                allowed
            }
        };
        let hidden = request
            .exclude
            .iter()
            .chain(&request.pin)
            .filter(|item| item.row() < items);
        hidden.for_each(|item| allowed[item.row()] = false);
        if !request.include_settled {
            for (row, allowed) in allowed.iter_mut().enumerate() {
                *allowed &= !self.is_settled(ItemIndex(row as u32));
            }
        }
        if !self.wishes.stated().is_empty() {
            for (row, allowed) in allowed.iter_mut().enumerate() {
                *allowed &= !self.is_unwanted(ItemIndex(row as u32));
            }
        }
        allowed
    }

    /// Maximal marginal relevance (Carbonell and Goldstein 1998): each place takes the item with
    /// the best of (1 − λ)·score − λ·(similarity to the nearest item above it), scores scaled to
    /// 0..1 over the pool. λ = 0.6·diversity: at 1 nothing but difference would count, and the list
    /// would follow noise. Marks what it takes.
    fn diversify(
        &self,
        pool: &[Placed],
        limit: usize,
        diversity: f32,
        taken: &mut [bool],
    ) -> Vec<Placed> {
        let lambda = 0.6 * diversity.clamp(0.0, 1.0);
        let (Some(top), Some(bottom)) = (pool.first(), pool.last()) else {
            return Vec::new();
        };
        let span = (top.score - bottom.score).max(1e-6);
        let vectors = &self.pack().vectors;
        let mut nearest = vec![0.0f32; pool.len()];
        let mut list = Vec::with_capacity(limit);
        for _ in 0..limit.min(pool.len()) {
            let value = |at: usize| {
                (1.0 - lambda) * (pool[at].score - bottom.score) / span - lambda * nearest[at]
            };
            let free = (0..pool.len()).filter(|&at| !taken[at]);
            let Some(at) = free.reduce(|a, b| if value(b) > value(a) { b } else { a }) else {
                break;
            };
            taken[at] = true;
            list.push(pool[at]);
            let chosen = vectors.row(pool[at].item);
            for (near, placed) in nearest.iter_mut().zip(pool) {
                *near = near.max(kernel::dot(chosen, vectors.row(placed.item)));
            }
        }
        list
    }

    /// Place of `item` (1 = first) among what `request` ranks by score alone; settled or excluded
    /// items have none. Equal scores share the mean of their places, so that no order of the
    /// catalogue is an advantage.
    pub fn place(&self, item: ItemIndex, request: &RankRequest) -> Option<f32> {
        let allowed = self.allowed(request);
        if !allowed.get(item.row()).copied().unwrap_or(false) {
            return None;
        }
        let draw = self.draw(request.explore, request.seed);
        let mut all = Vec::with_capacity(allowed.len());
        self.score_blocks(draw.as_deref(), |_, scores| all.extend_from_slice(scores));
        Some(mean_place(&all, &allowed, item.row()))
    }

    /// [`Self::place`] in the order of popularity instead of the learner's: the baseline.
    pub fn popularity_place(&self, item: ItemIndex) -> Option<f32> {
        let allowed = self.allowed(&RankRequest::default());
        allowed
            .get(item.row())
            .is_some_and(|allowed| *allowed)
            .then(|| mean_place(&self.base.popularity, &allowed, item.row()))
    }

    /// The fused score of every item, in catalogue order.
    pub fn score_all(&self) -> Vec<f32> {
        let mut all = Vec::with_capacity(self.pack().catalogue.len());
        self.score_blocks(None, |_, scores| all.extend_from_slice(scores));
        all
    }
}

/// Place of `row` among the allowed scores; equal scores share the mean of their places.
pub(crate) fn mean_place(scores: &[f32], allowed: &[bool], row: usize) -> f32 {
    let own = scores[row];
    let (mut above, mut equal) = (0u32, 0u32);
    for (score, allowed) in scores.iter().zip(allowed) {
        above += u32::from(*allowed && *score > own);
        equal += u32::from(*allowed && *score == own);
    }
    // `equal` counts the item itself.
    above as f32 + (equal as f32 + 1.0) / 2.0
}

fn boost_of(boosts: &[(ItemIndex, f32)], item: ItemIndex) -> f32 {
    boosts
        .iter()
        .filter(|boost| boost.0 == item)
        .map(|boost| boost.1)
        .sum()
}
