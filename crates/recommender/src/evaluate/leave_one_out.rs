//! Leave-one-out: the last choice of each visitor is ranked among everything they have not met.

use std::sync::Arc;

use crate::catalogue::ItemIndex;
use crate::evaluate::metrics::Report;
use crate::event::EventKind;
use crate::hyper::EXPERTS;
use crate::kernel::TopK;
use crate::learner::{Base, Learner};
use crate::log::{Interaction, InteractionLog};
use crate::rank::mean_place;

/// One visitor's test: what came before, and what has to be found.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// Oldest first.
    pub history: &'a [Interaction],
    /// The held-out choice.
    pub target: ItemIndex,
    /// The last choice before the target has another time, so file order cannot leak the target.
    pub untied: bool,
}

/// The cases of a log: the choice `back` from the end is the target (1 = the last), everything
/// before it the history. Visitors with fewer than `back + 1` choices have no case.
pub fn cases(log: &InteractionLog, back: usize) -> Vec<Case<'_>> {
    log.sequences()
        .filter(|sequence| sequence.len() > back)
        .map(|sequence| {
            let (history, rest) = sequence.split_at(sequence.len() - back);
            let untied = history.last().is_none_or(|last| last.at != rest[0].at);
            Case {
                history,
                target: rest[0].item,
                untied,
            }
        })
        .collect()
}

/// A learner that has heard a case's history. The fusion does not learn from it: the history is
/// part of the log that the pack was counted from, so the experts have seen its answers.
pub fn learner_of(base: &Arc<Base>, case: &Case<'_>) -> Learner {
    debug_assert!(
        base.pack.hyper.fusion_rate == 0.0,
        "freeze the fusion for leave-one-out"
    );
    let mut learner = Learner::for_evaluation(Arc::clone(base));
    for interaction in case.history {
        learner.learn_item(interaction.item, EventKind::Click);
    }
    learner
}

/// What the experts say of every item in one case: enough to rank with any fusion weights.
#[derive(Clone, Debug)]
pub struct Scored {
    /// items × EXPERTS.
    pub scores: Vec<[f32; EXPERTS]>,
    /// Not in the history.
    pub allowed: Vec<bool>,
    /// The held-out item.
    pub target: ItemIndex,
    /// See [`Case::untied`].
    pub untied: bool,
}

/// Scores one case with every expert.
pub fn score_case(base: &Arc<Base>, case: &Case<'_>) -> Scored {
    let learner = learner_of(base, case);
    let items = (0..base.pack.catalogue.len() as u32).map(ItemIndex);
    Scored {
        scores: items
            .clone()
            .map(|item| learner.expert_scores(item))
            .collect(),
        allowed: items.map(|item| !learner.is_settled(item)).collect(),
        target: case.target,
        untied: case.untied,
    }
}

impl Scored {
    /// Fused scores under `weights`.
    pub fn fuse(&self, weights: &[f32; EXPERTS]) -> Vec<f32> {
        self.scores
            .iter()
            .map(|scores| scores.iter().zip(weights).map(|(s, w)| s * w).sum())
            .collect()
    }

    /// Place of the target under `weights`; `None` if the visitor had met it before.
    pub fn place(&self, weights: &[f32; EXPERTS]) -> Option<f32> {
        let row = self.target.row();
        self.allowed[row].then(|| mean_place(&self.fuse(weights), &self.allowed, row))
    }
}

/// Ranks every case with fused scores; cases whose target was met before are left out.
pub fn evaluate<'a>(
    scored: impl IntoIterator<Item = &'a Scored>,
    weights: &[f32; EXPERTS],
    lists: bool,
) -> Report {
    let mut report = Report::default();
    for case in scored {
        let Some(place) = case.place(weights) else {
            continue;
        };
        report.places.push(place);
        if lists {
            let mut best = TopK::new(10);
            for (row, score) in case.fuse(weights).into_iter().enumerate() {
                if case.allowed[row] {
                    best.offer(score, row as u32);
                }
            }
            report.lists.push(
                best.into_sorted()
                    .into_iter()
                    .map(|(_, item)| item)
                    .collect(),
            );
        }
    }
    report
}
