//! The item table with an optimiser of its own: gradients come as rows, and only rows that were
//! touched are updated.
//!
//! A dense gradient of the table would cost more than the network (10,000 × 64 numbers for a few
//! hundred rows that matter). Moments are kept per row, and so is the count of updates that corrects
//! their bias: a row that is met for the first time late in training makes a first step like any
//! other.

use crate::adam::Adam;

/// Rows, their moments, and the gradient of the present step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    pub(crate) columns: usize,
    pub(crate) values: Vec<f32>,
    pub(crate) first: Vec<f32>,
    pub(crate) second: Vec<f32>,
    /// Updates of each row.
    pub(crate) updates: Vec<u32>,
    gradients: Vec<f32>,
    touched: Vec<u32>,
    is_touched: Vec<bool>,
}

impl Rows {
    pub(crate) fn new(values: Vec<f32>, columns: usize) -> Self {
        let (size, rows) = (values.len(), values.len() / columns);
        Self::restore(
            values,
            columns,
            vec![0.0; size],
            vec![0.0; size],
            vec![0; rows],
        )
    }

    /// Rows with their moments, as a checkpoint has them.
    pub(crate) fn restore(
        values: Vec<f32>,
        columns: usize,
        first: Vec<f32>,
        second: Vec<f32>,
        updates: Vec<u32>,
    ) -> Self {
        Self {
            columns,
            gradients: vec![0.0; values.len()],
            touched: Vec::new(),
            is_touched: vec![false; updates.len()],
            values,
            first,
            second,
            updates,
        }
    }

    pub(crate) fn row(&self, item: u32) -> &[f32] {
        let start = item as usize * self.columns;
        &self.values[start..start + self.columns]
    }

    /// Adds to a row's gradient and returns it for more.
    pub(crate) fn touch(&mut self, item: u32) -> &mut [f32] {
        let row = item as usize;
        let range = row * self.columns..(row + 1) * self.columns;
        let gradient = &mut self.gradients[range];
        if !self.is_touched[row] {
            self.is_touched[row] = true;
            self.touched.push(item);
            gradient.fill(0.0);
        }
        gradient
    }

    /// Σ of the squared gradient over touched rows.
    pub(crate) fn squares(&self) -> f64 {
        let rows = self.touched.iter().map(|&item| {
            let start = item as usize * self.columns;
            squares(&self.gradients[start..start + self.columns])
        });
        rows.sum()
    }

    /// Updates the touched rows, gradients scaled by `clip`, and forgets the gradients.
    pub(crate) fn update(&mut self, adam: &Adam, clip: f32) {
        for item in std::mem::take(&mut self.touched) {
            let row = item as usize;
            self.is_touched[row] = false;
            self.updates[row] += 1;
            let range = row * self.columns..(row + 1) * self.columns;
            adam.update(
                &mut self.values[range.clone()],
                &mut self.first[range.clone()],
                &mut self.second[range.clone()],
                &self.gradients[range],
                self.updates[row],
                clip,
                true,
            );
        }
    }

    /// Forgets the gradients without an update.
    pub(crate) fn discard(&mut self) {
        for item in self.touched.drain(..) {
            self.is_touched[item as usize] = false;
        }
    }
}

pub(crate) fn squares(values: &[f32]) -> f64 {
    f64::from(recommender::kernel::dot(values, values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adam::{BETA1, BETA2};

    #[test]
    fn only_touched_rows_move_and_repeats_add_up() {
        let mut rows = Rows::new(vec![1.0; 3 * 4], 4);
        rows.touch(1).iter_mut().for_each(|x| *x += 1.0);
        rows.touch(1).iter_mut().for_each(|x| *x += 2.0);
        assert!((rows.squares() - 4.0 * 9.0).abs() < 1e-9);
        let adam = Adam {
            learning_rate: 0.1,
            weight_decay: 0.0,
        };
        rows.update(&adam, 1.0);
        assert_eq!(rows.row(0), [1.0; 4]);
        assert_eq!(rows.row(2), [1.0; 4]);
        // The first step of Adam is the learning rate against the gradient's sign.
        for value in rows.row(1) {
            assert!((value - 0.9).abs() < 1e-5, "{value}");
        }
        assert_eq!(rows.updates, [0, 1, 0]);
        assert_eq!(rows.squares(), 0.0);
        assert!((rows.first[4] - (1.0 - BETA1) * 3.0).abs() < 1e-6);
        assert!((rows.second[4] - (1.0 - BETA2) * 9.0).abs() < 1e-6);
    }
}
