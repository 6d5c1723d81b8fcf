//! From trained weights to a pack, in slices.

use std::sync::Arc;

use recommender::build::{self, Counting};
use recommender::encoder::{Model, Precision};
use recommender::evaluate::leave_one_out::{self, Scored};
use recommender::evaluate::tune;
use recommender::log::InteractionLog;
use recommender::random::mix;
use recommender::{Base, Hyper, Pack};
use trainer::pretrain::sample_pool;

use super::Problem;
use super::inputs::{Inputs, spread};
use super::job::Job;

/// Visitors that fusion weights are fitted on, and scores of one expert that may be kept for them.
const FITTED: usize = 200;
const SCORES: usize = 1_000_000;

/// Sequences of the replay pool, and their length: about 10 KB of a pack.
const POOL: (usize, usize) = (128, 40);

/// Sequences sampled in one slice.
const SAMPLED: usize = 4;

/// A finished pack.
#[derive(Clone, Debug, PartialEq)]
pub struct Packed {
    /// The file.
    pub bytes: Vec<u8>,
    /// A name for it.
    pub file_name: String,
    /// Validation NDCG@10 of the encoder alone.
    pub ndcg: f32,
    /// Validation NDCG@10 of popularity.
    pub popularity_ndcg: f32,
}

/// A pack in the making.
pub struct Packing {
    /// Without the encoder, which is in `model`.
    pack: Pack,
    model: Model,
    /// Visitors, and visitors and replayed sequences.
    log: InteractionLog,
    whole: InteractionLog,
    stage: Stage,
    ndcg: f32,
    popularity_ndcg: f32,
}

enum Stage {
    /// Count the tables that the fusion is fitted with: without the last choices.
    Fitting(Tables),
    Scoring(Arc<Base>, Vec<Scored>),
    /// Count the tables that the pack has.
    Counting(Tables),
    Sampling,
}

#[derive(Clone, Copy)]
enum Tables {
    Neighbours,
    Next,
}

impl Packing {
    /// Starts from a finished training.
    ///
    /// # Errors
    /// Weights that are no numbers.
    pub fn begin(job: Job) -> Result<Self, Problem> {
        let (weights, ndcg, epochs) = job.best()?;
        let popularity_ndcg = job.popularity_ndcg();
        let inputs = job.inputs;
        let model = Model {
            weights,
            precision: Precision::Int8,
            adapter_seed: mix(inputs.config.seed),
            pool: Vec::new(),
        };
        let mut pack = inputs.pack()?;
        describe(&mut pack, &inputs, ndcg, epochs);
        Ok(Self {
            log: inputs.log(),
            whole: inputs.whole(),
            // As the pack will give them back: that is what the fusion has to fit.
            model: model.rounded(),
            stage: if inputs.counted {
                Stage::Fitting(Tables::Neighbours)
            } else {
                Stage::Sampling
            },
            pack,
            ndcg,
            popularity_ndcg,
        })
    }

    /// One slice; the pack when it is complete.
    ///
    /// # Errors
    /// Weights that cannot be sampled from.
    pub fn advance(&mut self) -> Result<Option<Packed>, Problem> {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Sampling) {
            Stage::Fitting(Tables::Neighbours) => {
                let train = self.log.without_last(1);
                self.count(&train);
                Stage::Fitting(Tables::Next)
            }
            Stage::Fitting(Tables::Next) => {
                let train = self.log.without_last(1);
                self.pack.next = build::next(&train, self.pack.catalogue.len(), &counting());
                let frozen = Pack {
                    encoder: Some(self.model.clone()),
                    hyper: Hyper {
                        fusion_rate: 0.0,
                        ..self.pack.hyper.clone()
                    },
                    ..self.pack.clone()
                };
                Stage::Scoring(Arc::new(Base::new(frozen)), Vec::new())
            }
            Stage::Scoring(base, mut scored) => {
                let items = self.pack.catalogue.len();
                let most = (SCORES / items).clamp(8, FITTED);
                let cases = leave_one_out::cases(&self.whole, 1);
                match spread(cases, most).nth(scored.len()) {
                    Some(case) => {
                        scored.push(leave_one_out::score_case(&base, &case));
                        Stage::Scoring(base, scored)
                    }
                    None => {
                        let (weights, fused) = tune::fit_weights(&scored);
                        self.pack.hyper.weights = weights;
                        let metric = ("validation NDCG@10".to_owned(), fused as f32);
                        self.pack.manifest.metrics.push(metric);
                        Stage::Counting(Tables::Neighbours)
                    }
                }
            }
            Stage::Counting(Tables::Neighbours) => {
                let log = std::mem::take(&mut self.log);
                self.count(&log);
                self.log = log;
                Stage::Counting(Tables::Next)
            }
            Stage::Counting(Tables::Next) => {
                self.pack.next = build::next(&self.log, self.pack.catalogue.len(), &counting());
                Stage::Sampling
            }
            Stage::Sampling => {
                self.sample()?;
                if self.model.pool.len() >= POOL.0 {
                    return Ok(Some(self.packed()));
                }
                Stage::Sampling
            }
        };
        Ok(None)
    }

    fn count(&mut self, log: &InteractionLog) {
        let items = self.pack.catalogue.len();
        (self.pack.counts, self.pack.recent) = build::counts(log, items, &self.pack.hyper);
        self.pack.neighbours = build::neighbours(log, items, &counting());
    }

    /// Some more sequences of the replay pool.
    fn sample(&mut self) -> Result<(), Problem> {
        let counts = &self.pack.counts;
        let alike = vec![1.0; counts.len()];
        let known = counts.iter().any(|count| *count > 0.0);
        let starts = if known { counts } else { &alike };
        let pool = &mut self.model.pool;
        let seed = mix(self.model.adapter_seed ^ pool.len() as u64);
        let more = sample_pool(&self.model.weights, SAMPLED, POOL.1, starts, seed)?;
        pool.extend(more);
        Ok(())
    }

    fn packed(&mut self) -> Packed {
        self.pack.encoder = Some(self.model.clone());
        Packed {
            bytes: self.pack.encode(),
            file_name: format!("{}.hgpack", self.pack.manifest.catalogue_id),
            ndcg: self.ndcg,
            popularity_ndcg: self.popularity_ndcg,
        }
    }
}

fn counting() -> Counting {
    Counting::default()
}

/// What the manifest says of the training.
fn describe(pack: &mut Pack, inputs: &Inputs, ndcg: f32, epochs: usize) {
    let manifest = &mut pack.manifest;
    let logged = inputs.visits.len() - usize::from(inputs.own);
    let own = if inputs.own {
        " The history of the visitor who trained it is part of it."
    } else {
        ""
    };
    if inputs.counted {
        manifest.about =
            format!("Counted from a log of {logged} visitors; trained in the browser.{own}");
        manifest.events = inputs.choices() as u64;
        manifest.visitors = inputs.visits.len() as u64;
        manifest.simulated = false;
        manifest.min_support = counting().min_support;
    } else {
        manifest.about = format!(
            "{} The encoder was trained in the browser.{own}",
            manifest.about
        );
    }
    manifest.command = "trained in the browser".into();
    manifest.metrics = vec![
        ("training, best validation NDCG@10".into(), ndcg),
        ("training, epochs to the best".into(), epochs as f32),
    ];
}

#[cfg(test)]
mod tests;
