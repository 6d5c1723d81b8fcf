//! A log of what many visitors chose: what packs are counted from and rankings are measured on.

use std::collections::HashMap;

use crate::catalogue::ItemIndex;
use crate::random::{Rng, hash};

/// One visitor chose one item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interaction {
    /// Which visitor, counted from 0.
    pub visitor: u32,
    /// Which item.
    pub item: ItemIndex,
    /// Seconds since the Unix epoch.
    pub at: i64,
    /// Rating or weight as found in the log; 1 where it has none.
    pub value: f32,
}

/// Interactions by visitor, oldest first. Equal times are ties: they stay in the order of the file,
/// and whoever needs an order breaks them openly (see [`InteractionLog::break_ties`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InteractionLog {
    interactions: Vec<Interaction>,
    starts: Vec<usize>,
}

/// How to order interactions of one visitor at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    /// As in the file. Only to repeat published figures: file order often is the order of item ids,
    /// which directed counting exploits.
    File,
    /// A shuffle by this seed.
    Shuffle(u64),
}

impl InteractionLog {
    /// Groups by visitor and sorts by time, stably.
    pub fn new(mut interactions: Vec<Interaction>) -> Self {
        interactions.sort_by_key(|i| (i.visitor, i.at));
        let mut starts = vec![0];
        for at in 1..interactions.len() {
            if interactions[at].visitor != interactions[at - 1].visitor {
                starts.push(at);
            }
        }
        if !interactions.is_empty() {
            starts.push(interactions.len());
        }
        Self {
            interactions,
            starts,
        }
    }

    /// All interactions, grouped by visitor.
    pub fn interactions(&self) -> &[Interaction] {
        &self.interactions
    }

    /// Number of visitors with at least one interaction.
    pub fn visitors(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// One slice per visitor, oldest first.
    pub fn sequences(&self) -> impl Iterator<Item = &[Interaction]> {
        self.starts
            .windows(2)
            .map(|bounds| &self.interactions[bounds[0]..bounds[1]])
    }

    /// Time of the newest interaction.
    pub fn newest(&self) -> Option<i64> {
        self.interactions.iter().map(|i| i.at).max()
    }

    /// Orders ties as told. The shuffle of a visitor depends on the seed and the visitor alone.
    pub fn break_ties(&mut self, ties: Ties) {
        let Ties::Shuffle(seed) = ties else { return };
        for bounds in self.starts.windows(2) {
            let sequence = &mut self.interactions[bounds[0]..bounds[1]];
            let visitor = sequence[0].visitor;
            let mut rng = Rng::new(seed ^ hash(&visitor.to_le_bytes()));
            for group in sequence.chunk_by_mut(|a, b| a.at == b.at) {
                rng.shuffle(group);
            }
        }
    }

    /// All interactions by time, whoever made them; ties as ordered before. For progressive
    /// evaluation of one stream.
    pub fn stream(&self) -> Vec<Interaction> {
        let mut stream = self.interactions.clone();
        stream.sort_by_key(|i| i.at);
        stream
    }

    /// Drops the last `n` interactions of each visitor and returns what is left. Visitors with no
    /// more than `n` are dropped.
    pub fn without_last(&self, n: usize) -> Self {
        let kept = self
            .sequences()
            .flat_map(|sequence| &sequence[..sequence.len().saturating_sub(n)])
            .copied()
            .collect();
        Self::new(kept)
    }

    /// Keeps each item of a visitor once, at its first time.
    pub fn deduplicate(&mut self) {
        let mut seen = HashMap::new();
        self.interactions
            .retain(|i| seen.insert((i.visitor, i.item), ()).is_none());
        *self = Self::new(std::mem::take(&mut self.interactions));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(visitor: u32, item: u32, at: i64) -> Interaction {
        Interaction {
            visitor,
            item: ItemIndex(item),
            at,
            value: 1.0,
        }
    }

    #[test]
    fn ties_are_kept_and_broken_only_when_told() {
        let many: Vec<Interaction> = (0..50).map(|item| at(1, item, 7)).collect();
        let log = InteractionLog::new(many.clone());
        assert_eq!(log.interactions(), many);
        let shuffled = |seed| {
            let mut log = log.clone();
            log.break_ties(Ties::Shuffle(seed));
            log
        };
        assert_ne!(shuffled(1), log);
        assert_eq!(shuffled(1), shuffled(1));
        assert_ne!(shuffled(1), shuffled(2));
    }

    #[test]
    fn groups_and_splits() {
        let log = InteractionLog::new(vec![at(1, 0, 3), at(0, 1, 9), at(1, 2, 1), at(1, 2, 2)]);
        let lengths: Vec<usize> = log.sequences().map(<[_]>::len).collect();
        assert_eq!((log.visitors(), lengths), (2, vec![1, 3]));
        assert_eq!(log.without_last(1).visitors(), 1);
        let mut once = log.clone();
        once.deduplicate();
        assert_eq!(once.interactions().len(), 3);
        assert_eq!(InteractionLog::default().visitors(), 0);
    }
}
