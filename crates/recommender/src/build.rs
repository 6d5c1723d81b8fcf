//! Counting a log into the tables of a pack. Deterministic: same log, same bytes.

use crate::catalogue::ItemIndex;
use crate::hyper::Hyper;
use crate::log::InteractionLog;
use crate::sparse::SparseTable;

/// How to count.
#[derive(Clone, Debug, PartialEq)]
pub struct Counting {
    /// Neighbours kept per item in each table.
    pub keep: usize,
    /// Fewest visitors behind a pair of items; pairs with fewer are not stored.
    pub min_support: u32,
    /// Added to the denominator of the cosine, so that rare items need more evidence.
    pub shrink: f32,
    /// How many choices ahead `next` looks.
    pub window: usize,
    /// Weight of a pair one choice further apart.
    pub gap_decay: f32,
    /// Exponent of the target's count that divides `next` weights: 0 = popular targets keep their
    /// advantage, 0.5 = a cosine.
    pub next_popularity: f32,
    /// Exponent of the finished `next` weights: below 1, many weak pairs outweigh one strong pair.
    pub next_power: f32,
    /// Interactions of one visitor that are paired, the newest; bounds the time.
    pub max_history: usize,
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            keep: 100,
            min_support: 2,
            shrink: 10.0,
            window: 50,
            gap_decay: 0.9,
            next_popularity: 0.2,
            next_power: 0.7,
            max_history: 1000,
        }
    }
}

/// Interactions per item, and the same halved every [`Hyper::recent_half_life_days`] before the
/// newest.
pub fn counts(log: &InteractionLog, items: usize, hyper: &Hyper) -> (Vec<f32>, Vec<f32>) {
    let mut counts = vec![0.0; items];
    let mut recent = vec![0.0; items];
    let newest = log.newest().unwrap_or_default();
    let half_life = f64::from(hyper.recent_half_life_days) * 86_400.0;
    for interaction in log.interactions() {
        counts[interaction.item.row()] += 1.0;
        let age = (newest - interaction.at) as f64;
        recent[interaction.item.row()] += (-age / half_life).exp2() as f32;
    }
    (counts, recent)
}

/// Where each item stands in whose history: (sequence, position).
struct Occurrences<'a> {
    sequences: Vec<Sequence<'a>>,
    by_item: Vec<Vec<(u32, u32)>>,
}

struct Sequence<'a> {
    interactions: &'a [crate::log::Interaction],
    /// Number of interactions strictly earlier: equal within a tie.
    steps: Vec<u32>,
}

impl<'a> Occurrences<'a> {
    fn new(log: &'a InteractionLog, items: usize, max_history: usize) -> Self {
        let mut by_item = vec![Vec::new(); items];
        let mut sequences = Vec::with_capacity(log.visitors());
        for sequence in log.sequences() {
            let interactions = &sequence[sequence.len().saturating_sub(max_history)..];
            let mut steps = Vec::with_capacity(interactions.len());
            for (position, interaction) in interactions.iter().enumerate() {
                let tied = position > 0 && interactions[position - 1].at == interaction.at;
                steps.push(if tied {
                    steps[position - 1]
                } else {
                    position as u32
                });
                by_item[interaction.item.row()].push((sequences.len() as u32, position as u32));
            }
            sequences.push(Sequence {
                interactions,
                steps,
            });
        }
        Self { sequences, by_item }
    }
}

/// A dense row under construction: only touched columns are cleared.
struct Row {
    sums: Vec<f32>,
    visitors: Vec<u32>,
    last_sequence: Vec<u32>,
    touched: Vec<u32>,
}

impl Row {
    fn new(items: usize) -> Self {
        Self {
            sums: vec![0.0; items],
            visitors: vec![0; items],
            last_sequence: vec![u32::MAX; items],
            touched: Vec::new(),
        }
    }

    fn add(&mut self, column: ItemIndex, sequence: u32, weight: f32) {
        let at = column.row();
        if self.visitors[at] == 0 {
            self.touched.push(column.0);
        }
        self.sums[at] += weight;
        if self.last_sequence[at] != sequence {
            self.last_sequence[at] = sequence;
            self.visitors[at] += 1;
        }
    }

    /// The supported columns; clears the row.
    fn take(&mut self, min_support: u32) -> Vec<(u32, f32)> {
        let touched = std::mem::take(&mut self.touched);
        let mut row = Vec::with_capacity(touched.len());
        for column in touched {
            let at = column as usize;
            if self.visitors[at] >= min_support {
                row.push((column, self.sums[at]));
            }
            self.sums[at] = 0.0;
            self.visitors[at] = 0;
            self.last_sequence[at] = u32::MAX;
        }
        row
    }
}

/// Cosine of the sets of visitors, shrunk: common / (√(aᵢ·aⱼ) + shrink).
pub fn neighbours(log: &InteractionLog, items: usize, counting: &Counting) -> SparseTable {
    let occurrences = Occurrences::new(log, items, counting.max_history);
    let totals: Vec<f32> = occurrences.by_item.iter().map(|o| o.len() as f32).collect();
    let mut row = Row::new(items);
    let rows = (0..items).map(|item| {
        for &(sequence, position) in &occurrences.by_item[item] {
            let interactions = occurrences.sequences[sequence as usize].interactions;
            for (other, interaction) in interactions.iter().enumerate() {
                if other != position as usize && interaction.item.row() != item {
                    row.add(interaction.item, sequence, 1.0);
                }
            }
        }
        let mut row = row.take(counting.min_support);
        for (column, weight) in &mut row {
            *weight /= (totals[item] * totals[*column as usize]).sqrt() + counting.shrink;
        }
        row
    });
    SparseTable::from_rows(rows, counting.keep)
}

/// Windowed, decayed next-item co-occurrence.
///
/// A pair g ≥ 1 choices apart counts gap_decayᵍ⁻¹; a pair within a tie has no direction and counts
/// half in each. Row sums are divided by (row total + shrink), each weight by the target's count to
/// the power of `next_popularity`, and the result is raised to `next_power`.
pub fn next(log: &InteractionLog, items: usize, counting: &Counting) -> SparseTable {
    let occurrences = Occurrences::new(log, items, counting.max_history);
    let totals: Vec<f32> = occurrences.by_item.iter().map(|o| o.len() as f32).collect();
    let powers: Vec<f32> = (0..=counting.window as i32)
        .map(|gap| counting.gap_decay.powi(gap))
        .collect();
    let mut row = Row::new(items);
    let rows = (0..items).map(|item| {
        for &(sequence, position) in &occurrences.by_item[item] {
            let Sequence {
                interactions,
                steps,
            } = &occurrences.sequences[sequence as usize];
            let step = steps[position as usize];
            // Ties stand on both sides of the position, so start where the tie starts.
            for other in step as usize..interactions.len() {
                let gap = (steps[other] - step) as usize;
                let target = interactions[other].item;
                if gap > counting.window {
                    break;
                }
                if target.row() != item {
                    let weight = if gap == 0 { 0.5 } else { powers[gap - 1] };
                    row.add(target, sequence, weight);
                }
            }
        }
        let mut row = row.take(counting.min_support);
        for (column, weight) in &mut row {
            let popular = totals[*column as usize]
                .max(1.0)
                .powf(counting.next_popularity);
            let share = *weight / ((totals[item] + counting.shrink) * popular);
            *weight = share.powf(counting.next_power);
        }
        row
    });
    SparseTable::from_rows(rows, counting.keep)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Interaction;

    fn log(rows: &[(u32, u32, i64)]) -> InteractionLog {
        let interaction = |&(visitor, item, at)| Interaction {
            visitor,
            item: ItemIndex(item),
            at,
            value: 1.0,
        };
        InteractionLog::new(rows.iter().map(interaction).collect())
    }

    fn plain() -> Counting {
        Counting {
            min_support: 1,
            shrink: 0.0,
            next_popularity: 0.0,
            next_power: 1.0,
            gap_decay: 0.5,
            window: 2,
            ..Counting::default()
        }
    }

    #[test]
    fn next_has_direction_gaps_and_a_window() {
        let log = log(&[(0, 0, 1), (0, 1, 2), (0, 2, 3), (0, 3, 4)]);
        let table = next(&log, 4, &plain());
        let weight = |a, b| table.weight(ItemIndex(a), ItemIndex(b));
        assert!((weight(0, 1) - 1.0).abs() < 1e-6);
        assert!((weight(0, 2) - 0.5).abs() < 0.01);
        assert_eq!((weight(0, 3), weight(1, 0)), (0.0, 0.0));
    }

    #[test]
    fn a_tie_has_no_direction() {
        let table = next(&log(&[(0, 0, 5), (0, 1, 5)]), 2, &plain());
        assert_eq!(
            table.weight(ItemIndex(0), ItemIndex(1)),
            table.weight(ItemIndex(1), ItemIndex(0))
        );
        assert!(table.weight(ItemIndex(0), ItemIndex(1)) > 0.0);
    }

    #[test]
    fn support_counts_visitors_not_repetitions() {
        let rows = [
            (0, 0, 1),
            (0, 1, 2),
            (0, 0, 3),
            (0, 1, 4),
            (1, 2, 1),
            (1, 3, 2),
            (2, 2, 1),
            (2, 3, 2),
        ];
        let counting = Counting {
            min_support: 2,
            ..plain()
        };
        let table = neighbours(&log(&rows), 4, &counting);
        assert_eq!(table.weight(ItemIndex(0), ItemIndex(1)), 0.0);
        assert!((table.weight(ItemIndex(2), ItemIndex(3)) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn recent_counts_halve_with_age() {
        let hyper = Hyper {
            recent_half_life_days: 1.0,
            ..Hyper::default()
        };
        let (counts, recent) = counts(
            &log(&[(0, 0, 0), (1, 0, 86_400), (1, 1, 86_400)]),
            2,
            &hyper,
        );
        assert_eq!(counts, vec![2.0, 1.0]);
        assert!((recent[0] - 1.5).abs() < 1e-6);
    }
}
