//! Item vectors by truncated SVD of content and choices together.
//!
//! Each item is a sparse row: its features (tf-idf, length 1) beside the visitors who chose it
//! (weighted so that busy visitors count less, length 1). The share of the second part grows with
//! the number of choices, n / (n + 10): an item nobody has chosen lives by its content. The left
//! singular vectors, scaled by the singular values, are the item vectors; cosines between them
//! approximate the cosines between the rows.
//!
//! Randomised subspace iteration (Halko, Martinsson and Tropp 2011): a few products with the sparse
//! matrix and dense QR and eigenvalue decompositions of thin matrices, which nalgebra does.

use std::collections::HashMap;

use nalgebra::{DMatrix, SymmetricEigen};
use recommender::Catalogue;
use recommender::log::InteractionLog;
use recommender::random::Rng;
use recommender::vectors::{ItemVectors, features};

/// Power iterations: the spectra of logs fall off slowly.
const ITERATIONS: usize = 4;

/// Columns beyond the wanted ones, for accuracy.
const OVERSAMPLING: usize = 16;

/// Rows of (column, weight).
type SparseRows = Vec<Vec<(usize, f32)>>;

/// Vectors for `catalogue`, from its content and from `log` (which may be empty).
pub fn item_vectors(
    catalogue: &Catalogue,
    log: &InteractionLog,
    dimension: usize,
    seed: u64,
) -> ItemVectors {
    let (rows, columns) = matrix(catalogue, log);
    let width = (dimension + OVERSAMPLING).min(rows.len()).min(columns);
    let mut rng = Rng::new(seed);
    let start = DMatrix::from_fn(columns, width, |_, _| rng.normal());
    let mut basis = multiply(&rows, &start).qr().q();
    for _ in 0..ITERATIONS {
        let back = multiply_transposed(&rows, columns, &basis).qr().q();
        basis = multiply(&rows, &back).qr().q();
    }
    // B = QᵀA is width × columns; the eigenvectors of BBᵀ turn Q into left singular vectors.
    let projected = multiply_transposed(&rows, columns, &basis);
    let eigen = SymmetricEigen::new(projected.transpose() * &projected);
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let left = &basis * &eigen.eigenvectors;
    let mut values = vec![0.0; rows.len() * dimension];
    for (column, &from) in order.iter().take(dimension).enumerate() {
        let singular = eigen.eigenvalues[from].max(0.0).sqrt();
        // Signs of eigenvectors are arbitrary; fixed, so that the same input gives the same bytes.
        let sign = left.column(from).iter().sum::<f32>().signum();
        for row in 0..rows.len() {
            values[row * dimension + column] = sign * singular * left[(row, from)];
        }
    }
    ItemVectors::new(dimension, values)
}

fn matrix(catalogue: &Catalogue, log: &InteractionLog) -> (SparseRows, usize) {
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut rows: SparseRows = Vec::with_capacity(catalogue.len());
    for item in catalogue.items() {
        let row = features(item).into_iter().map(|(name, weight)| {
            let next = names.len();
            (*names.entry(name).or_insert(next), weight)
        });
        rows.push(row.collect());
    }
    let mut frequency = vec![0.0f32; names.len()];
    rows.iter()
        .flatten()
        .for_each(|&(column, _)| frequency[column] += 1.0);
    let items = catalogue.len() as f32;
    for row in &mut rows {
        row.iter_mut()
            .for_each(|(column, weight)| *weight *= (1.0 + items / frequency[*column]).ln());
        scale_to(row, 1.0);
    }
    let mut chosen: SparseRows = vec![Vec::new(); catalogue.len()];
    for (visitor, sequence) in log.sequences().enumerate() {
        let weight = 1.0 / (1.0 + sequence.len() as f32).sqrt();
        for interaction in sequence {
            chosen[interaction.item.row()].push((names.len() + visitor, weight));
        }
    }
    for (row, mut chosen) in rows.iter_mut().zip(chosen) {
        let n = chosen.len() as f32;
        let share = if row.is_empty() { 1.0 } else { n / (n + 10.0) };
        scale_to(row, 1.0 - share);
        scale_to(&mut chosen, share);
        row.append(&mut chosen);
    }
    (rows, names.len() + log.visitors())
}

fn scale_to(row: &mut [(usize, f32)], length: f32) {
    let norm = row
        .iter()
        .map(|(_, weight)| weight * weight)
        .sum::<f32>()
        .sqrt();
    if norm > 0.0 {
        row.iter_mut()
            .for_each(|(_, weight)| *weight *= length / norm);
    }
}

/// rows · dense.
fn multiply(rows: &SparseRows, dense: &DMatrix<f32>) -> DMatrix<f32> {
    let mut out = DMatrix::zeros(rows.len(), dense.ncols());
    for column in 0..dense.ncols() {
        let from = dense.column(column);
        for (row, entries) in rows.iter().enumerate() {
            out[(row, column)] = entries.iter().map(|&(at, weight)| weight * from[at]).sum();
        }
    }
    out
}

/// rowsᵀ · dense.
fn multiply_transposed(rows: &SparseRows, columns: usize, dense: &DMatrix<f32>) -> DMatrix<f32> {
    let mut out = DMatrix::zeros(columns, dense.ncols());
    for column in 0..dense.ncols() {
        for (row, entries) in rows.iter().enumerate() {
            let value = dense[(row, column)];
            for &(at, weight) in entries {
                out[(at, column)] += weight * value;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use recommender::kernel::dot;
    use recommender::log::Interaction;
    use recommender::{Item, ItemIndex};

    #[test]
    fn alike_items_are_near_by_content_or_by_choices() {
        let item = |id: usize, genre: &str| Item {
            id: id.to_string(),
            title: id.to_string(),
            tags: vec![("genre".into(), genre.into())],
            ..Item::default()
        };
        let items = (0..12)
            .map(|i| {
                item(
                    i,
                    if i.is_multiple_of(2) {
                        "Western"
                    } else {
                        "Musical"
                    },
                )
            })
            .collect();
        let catalogue = Catalogue::new(items).expect("valid");
        let cosine = |v: &ItemVectors, a, b| dot(v.row(ItemIndex(a)), v.row(ItemIndex(b)));
        let content = item_vectors(&catalogue, &InteractionLog::default(), 4, 1);
        assert!(cosine(&content, 0, 2) > cosine(&content, 0, 1) + 0.5);
        // Everyone who chose 0 chose 1, and nobody anything else.
        let rows = (0..40).flat_map(|visitor| [0, 1].map(|i| (visitor, i)));
        let log = InteractionLog::new(
            rows.map(|(visitor, i)| Interaction {
                visitor,
                item: ItemIndex(i),
                at: 0,
                value: 1.0,
            })
            .collect(),
        );
        let both = item_vectors(&catalogue, &log, 4, 1);
        assert!(cosine(&both, 0, 1) > cosine(&both, 0, 2));
        assert_eq!(both, item_vectors(&catalogue, &log, 4, 1));
    }
}
