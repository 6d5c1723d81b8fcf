//! Item vectors: one row per item, and the hashed projection that makes them from tags and text.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Item, ItemIndex, fold};
use crate::kernel;
use crate::random::{Rng, hash};

/// Columns of the item vectors unless a pack says otherwise.
pub const DIMENSION: usize = 64;

/// items × dimension, row-major; every row has length 1 or is all zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemVectors {
    dimension: usize,
    values: Vec<f32>,
}

impl ItemVectors {
    /// Takes row-major values and scales each row to length 1.
    ///
    /// # Panics
    /// If `values` is not a whole number of rows.
    pub fn new(dimension: usize, mut values: Vec<f32>) -> Self {
        assert!(
            dimension > 0 && values.len().is_multiple_of(dimension),
            "whole rows"
        );
        values
            .chunks_exact_mut(dimension)
            .for_each(kernel::normalise);
        Self { dimension, values }
    }

    /// Vectors of a catalogue without any pretraining: hashed random projection of its features.
    ///
    /// Each feature gets a pseudo-random direction from the hash of its name; an item is the sum of
    /// its features' directions, weighted by [`features`] times the inverse document frequency
    /// (Weinberger et al. 2009, with dense signs). Two items' cosine then estimates the overlap of
    /// their features with an error of about 1/√dimension.
    pub fn hashed(catalogue: &Catalogue, dimension: usize) -> Self {
        let all: Vec<Vec<(String, f32)>> = catalogue.items().iter().map(features).collect();
        let weights = inverse_document_frequency(&all);
        let mut values = vec![0.0; catalogue.len() * dimension];
        for (row, item) in values.chunks_exact_mut(dimension).zip(&all) {
            for (name, weight) in item {
                let name_hash = hash(name.as_bytes());
                let weight = weight * weights.get(&name_hash).copied().unwrap_or(0.0);
                let mut rng = Rng::new(name_hash);
                for signs in row.chunks_mut(64) {
                    let bits = rng.next_u64();
                    for (column, value) in signs.iter_mut().enumerate() {
                        *value += if bits >> column & 1 == 1 {
                            weight
                        } else {
                            -weight
                        };
                    }
                }
            }
        }
        Self::new(dimension, values)
    }

    /// Columns.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.values.len() / self.dimension.max(1)
    }

    /// No item.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All rows, row-major.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// One item's vector.
    pub fn row(&self, item: ItemIndex) -> &[f32] {
        let start = item.row() * self.dimension;
        &self.values[start..start + self.dimension]
    }

    /// Σ xᵢ·xᵢᵀ / items, dimension × dimension, row-major: what a random item looks like.
    pub fn second_moment(&self) -> Vec<f64> {
        let d = self.dimension;
        let mut moment = vec![0.0f64; d * d];
        for row in self.values.chunks_exact(d) {
            for (i, a) in row.iter().enumerate() {
                for (cell, b) in moment[i * d..(i + 1) * d].iter_mut().zip(row) {
                    *cell += f64::from(a * b);
                }
            }
        }
        let scale = 1.0 / self.len().max(1) as f64;
        moment.iter_mut().for_each(|cell| *cell *= scale);
        moment
    }

    pub(crate) fn to_stored(&self) -> StoredVectors {
        let (scales, codes) = to_codes(&self.values, self.dimension);
        StoredVectors {
            dimension: self.dimension as u32,
            scales,
            codes,
        }
    }

    pub(crate) fn from_stored(stored: &StoredVectors, items: usize) -> Result<Self, &'static str> {
        let dimension = stored.dimension as usize;
        if dimension == 0 || dimension > 1024 {
            return Err("the item vectors' dimension is not between 1 and 1024");
        }
        if stored.scales.len() != items || stored.codes.len() != items * dimension {
            return Err("there is not one vector per item");
        }
        if stored.scales.iter().any(|s| !s.is_finite() || *s < 0.0) {
            return Err("an item vector is no number");
        }
        let values = from_codes(&stored.scales, &stored.codes, dimension);
        Ok(Self::new(dimension, values))
    }
}

/// Rows as one signed byte per value and one scale per row.
pub(crate) fn to_codes(values: &[f32], columns: usize) -> (Vec<f32>, Vec<u8>) {
    let columns = columns.max(1);
    let mut scales = Vec::with_capacity(values.len() / columns);
    let mut codes = Vec::with_capacity(values.len());
    for row in values.chunks_exact(columns) {
        let scale = row.iter().fold(0.0f32, |m, x| m.max(x.abs())) / 127.0;
        scales.push(scale);
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        codes.extend(row.iter().map(|x| (x * inverse).round() as i8 as u8));
    }
    (scales, codes)
}

/// The reverse of [`to_codes`].
pub(crate) fn from_codes(scales: &[f32], codes: &[u8], columns: usize) -> Vec<f32> {
    let mut values = Vec::with_capacity(codes.len());
    for (codes, scale) in codes.chunks_exact(columns.max(1)).zip(scales) {
        values.extend(codes.iter().map(|code| f32::from(*code as i8) * scale));
    }
    values
}

/// [`ItemVectors`] on disk: one signed byte per value and one scale per row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredVectors {
    dimension: u32,
    scales: Vec<f32>,
    #[serde(with = "serde_bytes")]
    codes: Vec<u8>,
}

/// What an item is made of, with weights: its tags, creator, decade and the words of its text.
///
/// A year counts through its decade and the neighbouring half-decades, so that 1969 and 1970 are
/// near. Words of the text count less than tags, since there are many of them.
pub fn features(item: &Item) -> Vec<(String, f32)> {
    let mut features: Vec<(String, f32)> = item
        .tastes()
        .map(|(facet, value)| (format!("{facet}:{}", fold(value)), 1.0))
        .collect();
    for creator in item.creator.split(" & ").filter(|name| !name.is_empty()) {
        features.push((format!("creator:{}", fold(creator)), 1.0));
    }
    if let Some(year) = item.year {
        features.push((format!("decade:{}", year.div_euclid(10)), 0.7));
        features.push((format!("half:{}", (year + 5).div_euclid(10)), 0.5));
    }
    let text = fold(&item.text);
    let words: BTreeSet<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 3)
        .collect();
    features.extend(words.into_iter().map(|word| (format!("word:{word}"), 0.4)));
    features
}

fn inverse_document_frequency(all: &[Vec<(String, f32)>]) -> std::collections::HashMap<u64, f32> {
    let mut counts = std::collections::HashMap::new();
    for item in all {
        for (name, _) in item {
            *counts.entry(hash(name.as_bytes())).or_insert(0.0f32) += 1.0;
        }
    }
    let items = all.len() as f32;
    counts
        .values_mut()
        .for_each(|count| *count = (1.0 + items / *count).ln());
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(id: &str, genre: &str, keyword: &str) -> Item {
        Item {
            id: id.into(),
            title: id.into(),
            tags: vec![
                ("genre".into(), genre.into()),
                ("keyword".into(), keyword.into()),
            ],
            ..Item::default()
        }
    }

    #[test]
    fn items_that_share_tags_are_nearer() {
        let catalogue = Catalogue::new(vec![
            film("a", "Western", "duel"),
            film("b", "Western", "duel"),
            film("c", "Western", "train"),
            film("d", "Musical", "paris"),
        ])
        .expect("valid");
        let vectors = ItemVectors::hashed(&catalogue, 64);
        let cosine = |a, b| kernel::dot(vectors.row(ItemIndex(a)), vectors.row(ItemIndex(b)));
        assert!(cosine(0, 1) > 0.999 && cosine(0, 1) > cosine(0, 2));
        assert!(cosine(0, 2) > cosine(0, 3));
    }

    #[test]
    fn storage_costs_less_than_a_percent_of_the_cosine() {
        let mut rng = Rng::new(3);
        let vectors = ItemVectors::new(64, (0..640).map(|_| rng.normal()).collect());
        let back = ItemVectors::from_stored(&vectors.to_stored(), 10).expect("valid");
        for item in (0..10).map(ItemIndex) {
            assert!(kernel::dot(vectors.row(item), back.row(item)) > 0.999);
        }
        assert!(ItemVectors::from_stored(&vectors.to_stored(), 11).is_err());
    }
}
