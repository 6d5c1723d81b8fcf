//! Item-to-item tables: a few neighbours per item, weights in one byte.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalogue::ItemIndex;

/// Compressed sparse rows, items × items, weights ≥ 0.
///
/// A weight `w` is kept as `round(255 · √(w / row maximum))`: the square root keeps the small
/// weights apart. Columns are ascending within a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseTable {
    starts: Vec<u32>,
    columns: Vec<u32>,
    codes: Vec<u8>,
    maxima: Vec<f32>,
}

/// What is wrong with a stored table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparseError(pub &'static str);

impl fmt::Display for SparseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl SparseTable {
    /// From rows of (column, weight); of each row the `keep` heaviest are kept.
    pub fn from_rows(rows: impl Iterator<Item = Vec<(u32, f32)>>, keep: usize) -> Self {
        let mut table = Self {
            starts: vec![0],
            ..Self::default()
        };
        rows.for_each(|mut row| table.push_row(&mut row, keep));
        table
    }

    /// Adds a row to a table that [`Self::from_rows`] began; the `keep` heaviest of its (column,
    /// weight) are kept. Leaves `row` in another order.
    pub fn push_row(&mut self, row: &mut Vec<(u32, f32)>, keep: usize) {
        row.retain(|&(_, weight)| weight > 0.0 && weight.is_finite());
        // Heaviest first; equal weights by column, so that building is reproducible.
        row.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        row.truncate(keep);
        let maximum = row.first().map_or(0.0, |first| first.1);
        row.sort_unstable_by_key(|entry| entry.0);
        for &(column, weight) in &*row {
            let code = (255.0 * (weight / maximum).sqrt()).round() as u8;
            if code > 0 {
                self.columns.push(column);
                self.codes.push(code);
            }
        }
        self.maxima.push(maximum);
        self.starts.push(self.columns.len() as u32);
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.maxima.len()
    }

    /// Number of stored weights.
    pub fn entries(&self) -> usize {
        self.columns.len()
    }

    /// The row of `item` as (column, weight), columns ascending.
    pub fn row(&self, item: ItemIndex) -> impl Iterator<Item = (usize, f32)> + '_ {
        let range = self.starts[item.row()] as usize..self.starts[item.row() + 1] as usize;
        let scale = self.maxima[item.row()] / (255.0 * 255.0);
        self.columns[range.clone()]
            .iter()
            .zip(&self.codes[range])
            .map(move |(&column, &code)| {
                (column as usize, scale * f32::from(code) * f32::from(code))
            })
    }

    /// The weight from `item` to `other`, 0 if none is stored.
    pub fn weight(&self, item: ItemIndex, other: ItemIndex) -> f32 {
        let range = self.starts[item.row()] as usize..self.starts[item.row() + 1] as usize;
        let code = match self.columns[range.clone()].binary_search(&other.0) {
            Ok(at) => f32::from(self.codes[range.start + at]),
            Err(_) => 0.0,
        };
        self.maxima[item.row()] / (255.0 * 255.0) * code * code
    }

    /// As stored: gaps instead of columns, so that they fit in a byte or two.
    pub(crate) fn to_stored(&self) -> StoredSparse {
        let mut lengths = Vec::with_capacity(self.rows());
        let mut gaps = Vec::with_capacity(self.entries());
        for bounds in self.starts.windows(2) {
            lengths.push(bounds[1] - bounds[0]);
            let mut previous = 0;
            for &column in &self.columns[bounds[0] as usize..bounds[1] as usize] {
                gaps.push(column - previous);
                previous = column;
            }
        }
        StoredSparse {
            lengths,
            gaps,
            codes: self.codes.clone(),
            maxima: self.maxima.clone(),
        }
    }

    /// Checks what was stored against the number of items.
    pub(crate) fn from_stored(stored: StoredSparse, items: usize) -> Result<Self, SparseError> {
        let StoredSparse {
            lengths,
            gaps,
            codes,
            maxima,
        } = stored;
        if lengths.len() != items || maxima.len() != items {
            return Err(SparseError("a neighbour table has not one row per item"));
        }
        if gaps.len() != codes.len() {
            return Err(SparseError("a neighbour table has columns without weights"));
        }
        if maxima.iter().any(|m| !m.is_finite() || *m < 0.0) {
            return Err(SparseError(
                "a neighbour table has a weight that is no number",
            ));
        }
        let mut starts = Vec::with_capacity(items + 1);
        starts.push(0u32);
        let mut columns = Vec::with_capacity(gaps.len());
        let mut rest = gaps.iter();
        for length in lengths {
            let mut column = 0u32;
            for place in 0..length {
                let gap = *rest
                    .next()
                    .ok_or(SparseError("a neighbour table ends early"))?;
                if place > 0 && gap == 0 {
                    return Err(SparseError("a neighbour table names a column twice"));
                }
                column = column
                    .checked_add(gap)
                    .filter(|c| (*c as usize) < items)
                    .ok_or(SparseError("a neighbour table points past the catalogue"))?;
                columns.push(column);
            }
            starts.push(columns.len() as u32);
        }
        if rest.next().is_some() {
            return Err(SparseError("a neighbour table has left-over columns"));
        }
        Ok(Self {
            starts,
            columns,
            codes,
            maxima,
        })
    }
}

/// [`SparseTable`] on disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredSparse {
    lengths: Vec<u32>,
    gaps: Vec<u32>,
    #[serde(with = "serde_bytes")]
    codes: Vec<u8>,
    maxima: Vec<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_heaviest_and_survives_storage() {
        let rows = vec![vec![(2, 1.0), (0, 4.0), (1, 0.01)], vec![], vec![(0, 0.5)]];
        let table = SparseTable::from_rows(rows.into_iter(), 2);
        assert_eq!(table.entries(), 3);
        assert!((table.weight(ItemIndex(0), ItemIndex(0)) - 4.0).abs() < 1e-6);
        assert!((table.weight(ItemIndex(0), ItemIndex(2)) - 1.0).abs() < 0.02);
        assert_eq!(table.weight(ItemIndex(0), ItemIndex(1)), 0.0);
        let row: Vec<_> = table.row(ItemIndex(0)).collect();
        assert_eq!(row[1].1, table.weight(ItemIndex(0), ItemIndex(2)));
        assert_eq!(
            SparseTable::from_stored(table.to_stored(), 3),
            Ok(table.clone())
        );
        assert!(SparseTable::from_stored(table.to_stored(), 2).is_err());
    }
}
