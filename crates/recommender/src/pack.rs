//! A pack: everything that a learner starts from, in one file.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Item, ItemIndex};
use crate::encoder::{Model, StoredModel};
use crate::format::{self, FormatError, Kind, Problem};
use crate::hyper::{Expert, Hyper};
use crate::sparse::{SparseTable, StoredSparse};
use crate::vectors::{ItemVectors, StoredVectors};

/// Where a pack comes from and what it is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Stable id of the catalogue. Profiles are stored under it, so it survives a rebuilt pack.
    pub catalogue_id: String,
    /// Name for people.
    pub name: String,
    /// Where items and numbers come from, in a sentence or two.
    pub about: String,
    /// Licence of the data.
    pub licence: String,
    /// Events counted into the tables.
    pub events: u64,
    /// Visitors those events came from.
    pub visitors: u64,
    /// The events were simulated, not observed.
    pub simulated: bool,
    /// Fewest visitors behind any stored pair of items.
    pub min_support: u32,
    /// SHA-256 of the inputs in hexadecimal, by name.
    pub inputs: Vec<(String, String)>,
    /// Measured figures by name, such as `validation NDCG@10`.
    pub metrics: Vec<(String, f32)>,
    /// The command that makes this pack.
    pub command: String,
}

/// Catalogue, tables, vectors and settings, checked against each other.
#[derive(Clone, Debug)]
pub struct Pack {
    /// About the pack.
    pub manifest: Manifest,
    /// What can be recommended.
    pub catalogue: Catalogue,
    /// One vector per item.
    pub vectors: ItemVectors,
    /// Events per item.
    pub counts: Vec<f32>,
    /// Events per item, halved every [`Hyper::recent_half_life_days`] before the newest event.
    pub recent: Vec<f32>,
    /// Item-to-item cosine of who chose what.
    pub neighbours: SparseTable,
    /// What is chosen soon after what.
    pub next: SparseTable,
    /// Settings of the learner, tuned on validation.
    pub hyper: Hyper,
    /// The sequence encoder, where one has been trained.
    pub encoder: Option<Model>,
}

/// What the second version of the format put behind the first.
#[derive(Default, Serialize, Deserialize)]
struct StoredTail {
    encoder: Option<StoredModel>,
    encoder_weight: f32,
}

#[derive(Serialize, Deserialize)]
struct StoredPack<'a> {
    manifest: Manifest,
    /// Borrowed to be written: a large catalogue is not copied.
    items: Cow<'a, [Item]>,
    vectors: StoredVectors,
    counts: Vec<f32>,
    recent: Vec<f32>,
    neighbours: StoredSparse,
    next: StoredSparse,
    hyper: Hyper,
}

impl Pack {
    /// A pack for a catalogue without any log: content alone ranks it.
    pub fn from_catalogue(manifest: Manifest, catalogue: Catalogue) -> Self {
        let items = catalogue.len();
        let empty = || SparseTable::from_rows((0..items).map(|_| Vec::new()), 0);
        Self {
            vectors: ItemVectors::hashed(&catalogue, crate::vectors::DIMENSION),
            counts: vec![0.0; items],
            recent: vec![0.0; items],
            neighbours: empty(),
            next: empty(),
            hyper: Hyper::default(),
            encoder: None,
            manifest,
            catalogue,
        }
    }

    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let tail = StoredTail {
            encoder: self.encoder.as_ref().map(Model::to_stored),
            encoder_weight: self.hyper.weights[Expert::Encoder.index()],
        };
        format::encode(
            Kind::Pack,
            &(
                StoredPack {
                    manifest: self.manifest.clone(),
                    items: Cow::Borrowed(self.catalogue.items()),
                    vectors: self.vectors.to_stored(),
                    counts: self.counts.clone(),
                    recent: self.recent.clone(),
                    neighbours: self.neighbours.to_stored(),
                    next: self.next.to_stored(),
                    hyper: self.hyper.clone(),
                },
                tail,
            ),
        )
    }

    /// Reads a file and checks that its parts fit together.
    ///
    /// # Errors
    /// Everything [`format::decode`] refuses, and tables that do not fit the catalogue.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let (version, bytes) = format::open(Kind::Pack, bytes)?;
        let (mut stored, rest): (StoredPack<'static>, _) = format::parse(Kind::Pack, bytes)?;
        let (tail, rest): (StoredTail, _) = if version == 1 {
            (StoredTail::default(), rest)
        } else {
            format::parse(Kind::Pack, rest)?
        };
        format::finished(Kind::Pack, rest)?;
        stored.hyper.weights[Expert::Encoder.index()] = tail.encoder_weight;
        let body = |what: String| FormatError {
            kind: Kind::Pack,
            problem: Problem::Body(what),
        };
        let catalogue =
            Catalogue::new(stored.items.into_owned()).map_err(|e| body(e.to_string()))?;
        let items = catalogue.len();
        for (name, table) in [
            ("counts", &stored.counts),
            ("recent counts", &stored.recent),
        ] {
            if table.len() != items || table.iter().any(|c| !c.is_finite() || *c < 0.0) {
                return Err(body(format!("its {name} are not one number ≥ 0 per item")));
            }
        }
        stored
            .hyper
            .check()
            .map_err(|what| body(what.to_string()))?;
        let sparse =
            |table| SparseTable::from_stored(table, items).map_err(|e| body(e.to_string()));
        Ok(Self {
            vectors: ItemVectors::from_stored(&stored.vectors, items)
                .map_err(|e| body(e.into()))?,
            neighbours: sparse(stored.neighbours)?,
            next: sparse(stored.next)?,
            counts: stored.counts,
            recent: stored.recent,
            hyper: stored.hyper,
            encoder: tail
                .encoder
                .map(|model| Model::from_stored(model, items).map_err(|e| body(e.to_string())))
                .transpose()?,
            manifest: stored.manifest,
            catalogue,
        })
    }

    /// Items by popularity, most popular first; equal counts in catalogue order.
    pub fn by_popularity(&self) -> Vec<ItemIndex> {
        let order = crate::kernel::order_descending(self.counts.iter().copied());
        order.into_iter().map(|row| ItemIndex(row as u32)).collect()
    }
}
