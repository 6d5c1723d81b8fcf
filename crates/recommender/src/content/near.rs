//! Each item's nearest by the rare features that they share: what a few directions for the whole
//! catalogue cannot tell apart (a maker with five things among a hundred thousand).

use super::subspace::Rows;

/// Features that more items have say too little here, and would cost too much.
const MOST_ITEMS: u32 = 300;

/// Features of an item that count here, the strongest.
const STRONGEST: usize = 12;

/// Items by feature.
#[derive(Clone, Debug)]
pub(super) struct Near {
    starts: Vec<u32>,
    items: Vec<u32>,
    weights: Vec<f32>,
    sums: Vec<f32>,
    touched: Vec<u32>,
    counts: Vec<u32>,
}

impl Near {
    /// For `items` rows over features that `counts` items have each.
    pub(super) fn new(rows: &Rows, items: usize, counts: Vec<u32>) -> Self {
        let mut near = Self {
            starts: vec![0; counts.len() + 1],
            items: Vec::new(),
            weights: Vec::new(),
            sums: vec![0.0; items],
            touched: Vec::new(),
            counts,
        };
        for item in 0..items {
            for (column, _) in strongest(rows, item, &near.counts) {
                near.starts[column as usize + 1] += 1;
            }
        }
        for column in 1..near.starts.len() {
            near.starts[column] += near.starts[column - 1];
        }
        let total = near.starts.last().map_or(0, |total| *total as usize);
        near.items = vec![0; total];
        near.weights = vec![0.0; total];
        let mut free = near.starts.clone();
        for item in 0..items {
            for (column, weight) in strongest(rows, item, &near.counts) {
                let at = free[column as usize] as usize;
                free[column as usize] += 1;
                near.items[at] = item as u32;
                near.weights[at] = weight;
            }
        }
        near
    }

    /// The items that share something with `item`, with the products of what they share.
    pub(super) fn of(&mut self, rows: &Rows, item: usize, out: &mut Vec<(u32, f32)>) {
        out.clear();
        for (column, weight) in strongest(rows, item, &self.counts) {
            let range =
                self.starts[column as usize] as usize..self.starts[column as usize + 1] as usize;
            for (other, theirs) in self.items[range.clone()].iter().zip(&self.weights[range]) {
                let sum = &mut self.sums[*other as usize];
                if *sum == 0.0 {
                    self.touched.push(*other);
                }
                *sum += weight * theirs;
            }
        }
        for other in self.touched.drain(..) {
            let sum = std::mem::take(&mut self.sums[other as usize]);
            if other as usize != item {
                out.push((other, sum));
            }
        }
    }
}

fn strongest<'a>(
    rows: &'a Rows,
    item: usize,
    counts: &'a [u32],
) -> impl Iterator<Item = (u32, f32)> + use<'a> {
    let (columns, weights) = rows.row(item);
    let entries = columns.iter().copied().zip(weights.iter().copied());
    entries
        .filter(|(column, _)| counts[*column as usize] <= MOST_ITEMS)
        .take(STRONGEST)
}
