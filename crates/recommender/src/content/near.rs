//! Each item's nearest by the rare features that they share: what a few directions for the whole
//! catalogue cannot tell apart (a maker with five things among a hundred thousand).

use super::subspace::Rows;

/// Features that more items have would cost too much, whatever the catalogue.
const MOST_ITEMS: usize = 300;

/// Features that fewer items have count in any catalogue.
const FEW_ITEMS: usize = 20;

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
    /// Columns from here on are rare enough.
    first: u32,
}

impl Near {
    /// For `items` rows over features that `counts` items have each, descending. Features so common
    /// that the `directions` of the vectors can tell them apart are left to those.
    pub(super) fn new(rows: &Rows, items: usize, counts: &[u32], directions: usize) -> Self {
        let most = (items / (2 * directions)).clamp(FEW_ITEMS, MOST_ITEMS);
        let first = counts.partition_point(|count| *count as usize > most) as u32;
        let mut near = Self {
            starts: vec![0; counts.len() + 1],
            items: Vec::new(),
            weights: Vec::new(),
            sums: vec![0.0; items],
            touched: Vec::new(),
            first,
        };
        for item in 0..items {
            for (column, _) in strongest(rows, item, near.first) {
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
            for (column, weight) in strongest(rows, item, near.first) {
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
        for (column, weight) in strongest(rows, item, self.first) {
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
    first: u32,
) -> impl Iterator<Item = (u32, f32)> + use<'a> {
    let (columns, weights) = rows.row(item);
    let entries = columns.iter().copied().zip(weights.iter().copied());
    entries
        .filter(move |(column, _)| *column >= first)
        .take(STRONGEST)
}
