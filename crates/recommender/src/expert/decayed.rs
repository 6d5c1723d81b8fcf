//! A decayed sum of rows of an item-to-item table: item-kNN and next-item co-occurrence.

use crate::catalogue::ItemIndex;
use crate::sparse::SparseTable;

/// Σₕ pullₕ·(1 − γ)·γ^ageₕ·table[h], one number per item.
///
/// Decaying every number at every event would touch the whole catalogue; instead one common factor
/// is kept aside, and only the row of the new event is touched.
#[derive(Clone, Debug)]
pub struct DecayedRows {
    decay: f32,
    values: Vec<f32>,
    factor: f32,
}

impl DecayedRows {
    /// Empty, for that many items; `decay` is γ.
    pub fn new(items: usize, decay: f32) -> Self {
        Self {
            decay,
            values: vec![0.0; items],
            factor: 1.0,
        }
    }

    /// One event passes.
    pub fn step(&mut self) {
        self.factor *= self.decay;
        if self.factor < 1e-12 {
            let factor = self.factor;
            self.values.iter_mut().for_each(|value| *value *= factor);
            self.factor = 1.0;
        }
    }

    /// Adds the row of `item` as an event of that age (0 = the newest).
    pub fn add(&mut self, table: &SparseTable, item: ItemIndex, pull: f32, age: u32) {
        let weight = self.weight(pull, age) / self.factor;
        if weight != 0.0 {
            for (column, value) in table.row(item) {
                self.values[column] += weight * value;
            }
        }
    }

    /// What an event of that age weighs.
    pub fn weight(&self, pull: f32, age: u32) -> f32 {
        pull * (1.0 - self.decay) * self.decay.powi(age.min(10_000) as i32)
    }

    /// The score of one item.
    pub fn score(&self, item: ItemIndex) -> f32 {
        self.values[item.row()] * self.factor
    }

    /// All numbers, to be multiplied by the factor.
    pub fn scaled(&self) -> (&[f32], f32) {
        (&self.values, self.factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_plain_sum_and_never_underflows() {
        let table = SparseTable::from_rows(
            vec![vec![(1, 1.0)], vec![(0, 0.5), (2, 1.0)], vec![]].into_iter(),
            9,
        );
        let mut sum = DecayedRows::new(3, 0.5);
        for item in [0, 1, 1] {
            sum.step();
            sum.add(&table, ItemIndex(item), 1.0, 0);
        }
        // ages 2, 1, 0 with weights (1−γ)γ^age = .125, .25, .5
        assert!((sum.score(ItemIndex(1)) - 0.125).abs() < 1e-6);
        assert!((sum.score(ItemIndex(2)) - 0.75).abs() < 1e-6);
        sum.add(&table, ItemIndex(1), -1.0, 1);
        assert!((sum.score(ItemIndex(2)) - 0.5).abs() < 1e-6);
        for _ in 0..1000 {
            sum.step();
        }
        sum.add(&table, ItemIndex(1), 1.0, 0);
        assert!((sum.score(ItemIndex(2)) - 0.5).abs() < 1e-6);
    }
}
