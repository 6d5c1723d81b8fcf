//! What a training learns from, put together once and stored beside its checkpoints.

use std::sync::Arc;

use recommender::encoder::Shape;
use recommender::evaluate::leave_one_out::{self, Case};
use recommender::format::{self, FormatError, Kind};
use recommender::log::{Interaction, InteractionLog, Ties};
use recommender::random::{Rng, mix};
use recommender::vectors::ItemVectors;
use recommender::{Catalogue, ItemIndex, Manifest, Pack, kernel};
use serde::{Deserialize, Serialize};
use trainer::pretrain::{Config, Sequences};

use super::{Problem, files};
use crate::training::{Fault, Pretrain};

/// Visitors that validation ranks for, at most and evenly spread.
const VALIDATED: usize = 1_000;

/// Up to so many items every step compares with all of them, above with sampled ones.
const COMPARED: usize = 1_024;

/// Fewest choices of the visitor's own history: two to train on and one to validate with.
const OWN: usize = 3;

/// What a training needs to begin, and to end in a pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// Which training: a checkpoint names it, too.
    pub id: u64,
    /// Name of the catalogue.
    pub name: String,
    /// Settings of the trainer.
    pub config: Config,
    /// A pack without an encoder: the catalogue, and what is kept of the page's pack.
    #[serde(with = "serde_bytes")]
    pub pack: Vec<u8>,
    /// Tables and fusion weights come from `visits`; else those of `pack` are kept.
    pub counted: bool,
    /// The last visit is the visitor's own history.
    pub own: bool,
    /// Choices of each visitor, oldest first: row of the catalogue, seconds since the Unix epoch.
    pub visits: Vec<Vec<(u32, i64)>>,
    /// Sequences of the page's pack that are replayed.
    pub replay: Vec<Vec<u32>>,
}

impl Inputs {
    /// Reads the dropped files and joins them with what the page has. `tokens` is the visitor's own
    /// history as rows of the page's catalogue, `hashes` the SHA-256 of each file by name; `seed`
    /// decides everything random.
    ///
    /// # Errors
    /// Settings out of range, files that cannot be read, nothing to learn from.
    pub fn gather(
        order: &Pretrain,
        page: &Pack,
        tokens: &[u32],
        hashes: Vec<(String, String)>,
        seed: u64,
    ) -> Result<Self, Problem> {
        if order.batch < 32 {
            return Err(Problem::data(format!(
                "the batch is {}, but has to be at least 32",
                order.batch
            )));
        }
        let dropped = files::read(&order.files)?;
        let items = dropped.items.map(Catalogue::new).transpose();
        let items = items.map_err(|error| Problem::data(format!("{}: {error}", dropped.name)))?;
        let (mut pack, same) = match items {
            Some(catalogue) if catalogue.items() != page.catalogue.items() => {
                let manifest = Manifest {
                    catalogue_id: catalogue_id(&dropped.name),
                    name: dropped.name.clone(),
                    ..Manifest::default()
                };
                (Pack::from_catalogue(manifest, catalogue), false)
            }
            _ => (without_encoder(page), true),
        };
        pack.manifest.inputs.extend(hashes);
        let mut log = InteractionLog::default();
        if let Some(raw) = &dropped.log {
            let (found, unknown) = raw.on(&pack.catalogue);
            if found.visitors() == 0 {
                return Err(Problem::data(format!(
                    "none of the {unknown} rows of the log names an item of the catalogue `{}`; drop \
                     the catalogue that belongs to it, too",
                    pack.manifest.name
                )));
            }
            log = found;
            log.break_ties(Ties::Shuffle(seed));
            log.deduplicate();
        }
        let mut visits: Vec<Vec<(u32, i64)>> = log
            .sequences()
            .map(|visit| visit.iter().map(|one| (one.item.0, one.at)).collect())
            .collect();
        let mut replay = Vec::new();
        if order.own_history {
            let own = own_rows(tokens, page, &pack, same);
            if own.len() >= OWN {
                let after = log.newest().unwrap_or_default();
                visits.push((after + 1..).zip(own).map(|(at, row)| (row, at)).collect());
            } else if visits.is_empty() {
                return Err(Problem::data(format!(
                    "your own history has {} choices of this catalogue, but training on it needs {OWN}; \
                     choose some more items, or drop a log",
                    own.len()
                )));
            }
            if let (true, Some(model)) = (same, &page.encoder) {
                replay.clone_from(&model.pool);
            }
        }
        if visits.is_empty() {
            return Err(Problem::data(
                "there is nothing to learn from; drop a log of who chose what and when, or take your \
                 own history",
            ));
        }
        let config = config(order, pack.catalogue.len(), seed);
        config.check()?;
        Ok(Self {
            id: mix(seed),
            name: pack.manifest.name.clone(),
            config,
            counted: dropped.log.is_some(),
            own: visits.len() > log.visitors(),
            pack: pack.encode(),
            visits,
            replay,
        })
    }

    /// The bytes to be stored.
    pub fn encode(&self) -> Vec<u8> {
        format::encode(Kind::Checkpoint, self)
    }

    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// Everything [`format::decode`] refuses.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        format::decode(Kind::Checkpoint, bytes)
    }

    /// The pack to build on.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn pack(&self) -> Result<Pack, Problem> {
        Pack::decode(&self.pack).map_err(|error| Problem::new(Fault::Checkpoint, error))
    }

    /// Choices of all visitors.
    pub fn choices(&self) -> usize {
        self.visits.iter().map(Vec::len).sum()
    }

    /// Visitors of the logs and the visitor's own history, as a log.
    pub fn log(&self) -> InteractionLog {
        as_log(self.visits.iter().map(|visit| visit.as_slice()))
    }

    /// The same with the replayed sequences behind it.
    pub fn whole(&self) -> InteractionLog {
        let replay = self.replay.iter();
        let replay: Vec<Vec<(u32, i64)>> = replay
            .map(|sequence| sequence.iter().copied().zip(0..).collect())
            .collect();
        as_log(self.visits.iter().chain(&replay).map(Vec::as_slice))
    }

    /// What is trained and validated on: the last choice of each sequence is held out.
    pub fn sequences(&self, items: usize) -> Arc<Sequences> {
        let whole = self.whole();
        let rows = |visit: &[Interaction]| visit.iter().map(|one| one.item.0).collect();
        let validation = spread(leave_one_out::cases(&whole, 1), VALIDATED);
        Arc::new(Sequences {
            items,
            train: whole.without_last(1).sequences().map(rows).collect(),
            validation: validation
                .map(|case| (rows(case.history), case.target.0))
                .collect(),
        })
    }
}

/// At most `most` of the cases, evenly spread.
pub(super) fn spread(cases: Vec<Case<'_>>, most: usize) -> impl Iterator<Item = Case<'_>> {
    let stride = cases.len().div_ceil(most.max(1)).max(1);
    cases.into_iter().step_by(stride)
}

/// Rows of about unit length to start the item table from: hashed content, random where an item has
/// none.
pub fn start_table(catalogue: &Catalogue, config: &Config) -> Vec<f32> {
    let dim = config.shape.dim;
    let mut table = ItemVectors::hashed(catalogue, dim).values().to_vec();
    let mut rng = Rng::new(mix(config.seed));
    for row in table.chunks_exact_mut(dim) {
        if row.iter().all(|value| *value == 0.0) {
            row.iter_mut().for_each(|value| *value = rng.normal());
            kernel::normalise(row);
        }
    }
    table
}

fn config(order: &Pretrain, items: usize, seed: u64) -> Config {
    let default = Config::default();
    Config {
        shape: Shape::default(),
        history: order.history as usize,
        batch: order.batch as usize,
        epochs: order.epochs as usize,
        negatives: if items <= COMPARED {
            0
        } else {
            default.negatives
        },
        seed,
        ..default
    }
}

fn without_encoder(page: &Pack) -> Pack {
    Pack {
        manifest: page.manifest.clone(),
        catalogue: page.catalogue.clone(),
        vectors: page.vectors.clone(),
        counts: page.counts.clone(),
        recent: page.recent.clone(),
        neighbours: page.neighbours.clone(),
        next: page.next.clone(),
        hyper: page.hyper.clone(),
        encoder: None,
    }
}

/// The visitor's choices as rows of the catalogue that is trained on, each once.
fn own_rows(tokens: &[u32], page: &Pack, pack: &Pack, same: bool) -> Vec<u32> {
    let mut rows = Vec::with_capacity(tokens.len());
    for &token in tokens {
        let row = if same {
            Some(token)
        } else {
            let item = page.catalogue.items().get(token as usize);
            item.and_then(|item| Some(pack.catalogue.find(&item.id)?.0))
        };
        rows.extend(row.filter(|row| !rows.contains(row)));
    }
    rows
}

fn as_log<'a>(visits: impl Iterator<Item = &'a [(u32, i64)]>) -> InteractionLog {
    let visits = visits.enumerate().flat_map(|(visitor, visit)| {
        visit.iter().map(move |&(item, at)| Interaction {
            visitor: visitor as u32,
            item: ItemIndex(item),
            at,
            value: 1.0,
        })
    });
    InteractionLog::new(visits.collect())
}

/// `My shop` → `my-shop`.
fn catalogue_id(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    name.chars().map(plain).collect()
}

#[cfg(test)]
pub(super) mod tests;
