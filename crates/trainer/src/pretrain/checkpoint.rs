//! Everything that a training needs to go on as if nothing had happened.

use recommender::format::{self, FormatError, Kind, Problem};
use serde::{Deserialize, Serialize};

use super::Config;

/// The body of a checkpoint file (envelope of `recommender::format`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) config: Config,
    pub(super) data: u64,
    pub(super) step: u64,
    pub(super) epoch: u64,
    pub(super) window: u64,
    pub(super) loss_sum: f64,
    pub(super) loss_count: u64,
    pub(super) validations: u64,
    pub(super) since_best: u64,
    pub(super) best: Option<StoredBest>,
    pub(super) flat: Vec<f32>,
    pub(super) first: Vec<f32>,
    pub(super) second: Vec<f32>,
    pub(super) table: Vec<f32>,
    pub(super) table_first: Vec<f32>,
    pub(super) table_second: Vec<f32>,
    pub(super) table_updates: Vec<u32>,
    /// The places ranked so far, if the checkpoint was taken in the middle of a validation.
    pub(super) places: Option<(u64, Vec<f32>)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredBest {
    pub(super) ndcg10: f64,
    pub(super) epoch: u64,
    pub(super) flat: Vec<f32>,
    pub(super) table: Vec<f32>,
}

impl Stored {
    pub(super) fn encode(&self) -> Vec<u8> {
        format::encode(Kind::Checkpoint, self)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let stored: Self = format::decode(Kind::Checkpoint, bytes)?;
        stored.check().map_err(|what| FormatError {
            kind: Kind::Checkpoint,
            problem: Problem::Body(what.into()),
        })?;
        Ok(stored)
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.config.check().is_err() {
            return Err("its settings are out of range");
        }
        let columns = self.config.shape.dim;
        let network = crate::net::Layout::new(self.config.shape).len();
        let best = self.best.as_ref();
        let flats = [&self.flat, &self.first, &self.second];
        let tables = [&self.table, &self.table_first, &self.table_second];
        let size = self.table_updates.len() * columns;
        let fits = flats
            .into_iter()
            .chain(best.map(|best| &best.flat))
            .all(|x| x.len() == network)
            && tables
                .into_iter()
                .chain(best.map(|best| &best.table))
                .all(|x| x.len() == size);
        if !fits {
            return Err("its vectors do not fit its settings");
        }
        let all = flats
            .into_iter()
            .chain(tables)
            .chain(best.map(|best| &best.flat));
        let all = all.chain(best.map(|best| &best.table));
        if all.flatten().any(|value| !value.is_finite()) {
            return Err("it has values that are no numbers");
        }
        Ok(())
    }
}
