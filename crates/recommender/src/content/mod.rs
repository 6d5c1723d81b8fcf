//! From a catalogue alone to a pack that ranks at once.
//!
//! What an item is made of (tags, creator, words of title and text, decade) becomes a sparse row,
//! weighted by how rare each feature is. Two things are made of the rows:
//!
//! - item vectors: the rows in the [`DIMENSION`] directions in which the items differ most
//!   (`subspace.rs`). They know the broad strokes, and content and taste work with them;
//! - neighbours: the items that share rare features (`near.rs`), for what so few directions cannot
//!   tell apart.
//!
//! Nobody has chosen anything yet, so counts are zero, and the order of the file is the order of
//! popularity.

mod about;
mod near;
mod subspace;
mod words;

use crate::catalogue::{Catalogue, ItemIndex};
use crate::hyper::{Expert, Hyper};
use crate::pack::{Manifest, Pack};
use crate::sparse::SparseTable;
use crate::vectors::ItemVectors;
use near::Near;
use subspace::{Rows, Subspace};
use words::{BUCKETS, Kind};

pub use about::manifest;

/// Columns of the item vectors.
pub const DIMENSION: usize = 48;

/// Passes over the items that the directions take.
const PASSES: usize = 3;

/// Features that take part in the directions, the most common.
const MOST_COLUMNS: usize = 1 << 16;

/// Features of an item, the strongest.
const MOST_FEATURES: usize = 64;

/// Neighbours of an item.
const NEIGHBOURS: usize = 20;

/// Fusion weight of the neighbours, beside 6 of content and 4 of taste. Of 0 to 16, this was the least
/// that found nearly all films of the demo's directors; more costs its genres.
const NEIGHBOURS_WEIGHT: f32 = 12.0;

/// How much the strong directions lead: 1 = as in the rows, 0 = all count alike
/// ([`subspace::flatten`]).
const POWER: f64 = 0.7;

/// Items that all passes but the last look at, about; the last looks at all.
const SAMPLE: usize = 25_000;

/// Items of one slice.
const SLICE: usize = 1024;

/// A feature that is no column.
const NONE: u32 = u32::MAX;

/// How far a pack is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Steps that are done. A step is one look at one item; some take longer than others.
    pub done: usize,
    /// Steps in all.
    pub of: usize,
}

impl Progress {
    /// Nothing is left.
    pub fn is_done(self) -> bool {
        self.done == self.of
    }
}

/// What the next slice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Count,
    Weigh,
    Learn(usize),
    Project,
    Near,
    Done,
}

/// Makes a pack of a catalogue in slices, so that a worker stays responsive; drop it to cancel.
/// The same catalogue gives the same pack.
#[derive(Debug)]
pub struct ContentBuilder {
    manifest: Manifest,
    catalogue: Catalogue,
    stage: Stage,
    /// The next item of the stage.
    at: usize,
    /// Items per hashed feature; later its column.
    buckets: Vec<u32>,
    /// Items per column, descending.
    counts: Vec<u32>,
    rows: Rows,
    space: Option<Subspace>,
    vectors: Vec<f32>,
    near: Option<Near>,
    neighbours: SparseTable,
    scratch: Scratch,
}

#[derive(Debug, Default)]
struct Scratch {
    features: Vec<(Kind, u32)>,
    row: Vec<(u32, f32)>,
    vector: Vec<f32>,
}

impl ContentBuilder {
    /// Begins.
    pub fn new(manifest: Manifest, catalogue: Catalogue) -> Self {
        Self {
            manifest,
            catalogue,
            stage: Stage::Count,
            at: 0,
            buckets: vec![0; BUCKETS],
            counts: Vec::new(),
            rows: Rows::default(),
            space: None,
            vectors: Vec::new(),
            near: None,
            neighbours: SparseTable::from_rows(std::iter::empty(), 0),
            scratch: Scratch {
                vector: vec![0.0; DIMENSION],
                ..Scratch::default()
            },
        }
    }

    /// Where it stands.
    pub fn progress(&self) -> Progress {
        let items = self.catalogue.len();
        let stages = match self.stage {
            Stage::Count => 0,
            Stage::Weigh => 1,
            Stage::Learn(pass) => 2 + pass,
            Stage::Project => 2 + PASSES,
            Stage::Near => 3 + PASSES,
            Stage::Done => 4 + PASSES,
        };
        Progress {
            done: stages * items + self.at,
            of: (4 + PASSES) * items,
        }
    }

    /// Does one slice.
    pub fn advance(&mut self) -> Progress {
        if self.stage == Stage::Done {
            return self.progress();
        }
        let items = self.catalogue.len();
        let slice = self.at..items.min(self.at + SLICE);
        self.at = slice.end;
        for item in slice {
            match self.stage {
                Stage::Count => self.count(item),
                Stage::Weigh => self.weigh(item),
                Stage::Learn(pass) => {
                    let sampled = pass + 1 == PASSES || item % items.div_ceil(SAMPLE) == 0;
                    if let Some(space) = self.space.as_mut().filter(|_| sampled) {
                        space.see(self.rows.row(item), &mut self.scratch.vector);
                    }
                }
                Stage::Project => {
                    if let Some(space) = &self.space {
                        space.project(self.rows.row(item), &mut self.scratch.vector);
                        self.vectors.extend_from_slice(&self.scratch.vector);
                    }
                }
                Stage::Near => {
                    if let Some(near) = &mut self.near {
                        near.of(&self.rows, item, &mut self.scratch.row);
                        self.neighbours.push_row(&mut self.scratch.row, NEIGHBOURS);
                    }
                }
                Stage::Done => {}
            }
        }
        if self.at == items {
            self.at = 0;
            self.stage = self.turn();
        }
        self.progress()
    }

    /// Ends a stage.
    fn turn(&mut self) -> Stage {
        match self.stage {
            Stage::Count => {
                self.number();
                Stage::Weigh
            }
            Stage::Weigh => {
                self.buckets = Vec::new();
                let features = self.counts.len().min(MOST_COLUMNS);
                self.space = Some(Subspace::new(features, DIMENSION, 1));
                Stage::Learn(0)
            }
            Stage::Learn(pass) => {
                if let Some(space) = &mut self.space {
                    space.turn();
                }
                if pass + 1 < PASSES {
                    Stage::Learn(pass + 1)
                } else {
                    self.vectors.reserve_exact(self.catalogue.len() * DIMENSION);
                    Stage::Project
                }
            }
            Stage::Project => {
                self.space = None;
                subspace::flatten(&mut self.vectors, DIMENSION, POWER);
                let counts = std::mem::take(&mut self.counts);
                self.near = Some(Near::new(
                    &self.rows,
                    self.catalogue.len(),
                    &counts,
                    DIMENSION,
                ));
                Stage::Near
            }
            Stage::Near | Stage::Done => {
                self.near = None;
                self.rows = Rows::default();
                Stage::Done
            }
        }
    }

    /// Counts each feature of an item once.
    fn count(&mut self, item: usize) {
        let features = &mut self.scratch.features;
        features.clear();
        let item = self.catalogue.item(ItemIndex(item as u32));
        words::features(item, |_, bucket| features.push((Kind::Tag, bucket)));
        features.sort_unstable_by_key(|feature| feature.1);
        features.dedup();
        for (_, bucket) in features {
            self.buckets[*bucket as usize] += 1;
        }
    }

    /// Numbers the features that connect items, the most common first, so that they are near each
    /// other in memory.
    fn number(&mut self) {
        let counted = self
            .buckets
            .iter()
            .zip(0u32..)
            .filter(|(count, _)| **count > 1);
        let mut order: Vec<(u32, u32)> = counted.map(|(count, bucket)| (*count, bucket)).collect();
        order.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        self.buckets.fill(NONE);
        for ((_, bucket), column) in order.iter().zip(0u32..) {
            self.buckets[*bucket as usize] = column;
        }
        self.counts = order.into_iter().map(|(count, _)| count).collect();
    }

    /// An item's row: of each kind of feature a part of the kind's length, in all of length 1.
    fn weigh(&mut self, item: usize) {
        let Scratch { features, row, .. } = &mut self.scratch;
        features.clear();
        let buckets = &self.buckets;
        words::features(
            self.catalogue.item(ItemIndex(item as u32)),
            |kind, bucket| {
                let column = buckets[bucket as usize];
                if column != NONE {
                    features.push((kind, column));
                }
            },
        );
        features.sort_unstable_by_key(|(kind, column)| (*kind as u8, *column));
        let items = self.catalogue.len() as f32;
        row.clear();
        for kind in Kind::ALL {
            let start = row.len();
            let own = features.iter().filter(|feature| feature.0 == kind);
            for (_, column) in own {
                match row[start..].last_mut() {
                    Some(last) if last.0 == *column => last.1 += 1.0,
                    _ => row.push((*column, 1.0)),
                }
            }
            for (column, weight) in &mut row[start..] {
                let count = self.counts[*column as usize] as f32;
                *weight = if kind.is_word() {
                    // Words of more than every second item say nothing.
                    (1.0 + weight.ln()) * (items / (2.0 * count)).ln().max(0.0)
                } else {
                    (1.0 + items / count).ln()
                };
            }
            scale(&mut row[start..], kind.weight());
        }
        row.sort_unstable_by_key(|entry| entry.0);
        row.dedup_by(|later, first| {
            let same = later.0 == first.0;
            first.1 += if same { later.1 } else { 0.0 };
            same
        });
        row.retain(|entry| entry.1 > 0.0);
        row.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        row.truncate(MOST_FEATURES);
        scale(row, 1.0);
        self.rows.push(row);
    }

    /// Does what is left, and hands the pack over.
    pub fn finish(mut self) -> Pack {
        while !self.advance().is_done() {}
        let items = self.catalogue.len();
        let none = SparseTable::from_rows((0..items).map(|_| Vec::new()), 0);
        Pack {
            vectors: ItemVectors::new(DIMENSION, self.vectors),
            counts: vec![0.0; items],
            recent: vec![0.0; items],
            neighbours: self.neighbours,
            next: none,
            hyper: hyper(),
            encoder: None,
            manifest: self.manifest,
            catalogue: self.catalogue,
        }
    }
}

fn scale(row: &mut [(u32, f32)], length: f32) {
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

/// The learner's settings where nothing is known of anybody's choices: content, taste and what is
/// alike in detail; nothing is popular and nothing comes after anything.
fn hyper() -> Hyper {
    let mut hyper = Hyper::default();
    for expert in [
        Expert::Popularity,
        Expert::Recent,
        Expert::Next,
        Expert::Encoder,
    ] {
        hyper.weights[expert.index()] = 0.0;
    }
    hyper.weights[Expert::Neighbours.index()] = NEIGHBOURS_WEIGHT;
    hyper
}

/// [`ContentBuilder`] in one go.
pub fn pack(manifest: Manifest, catalogue: Catalogue) -> Pack {
    ContentBuilder::new(manifest, catalogue).finish()
}
