//! Progressive evaluation: rank first, then reveal the event, then learn (test-then-train).
//!
//! ```text
//! for event in events {
//!     place = place of its item in the ranking now, if it is a choice
//!     learner.learn(event)
//!     see(learner, place)
//! }
//! ```
//!
//! This one function serves the command line, the tests and the page's live chart.

use crate::event::{Action, Event};
use crate::learner::{Learned, Learner};
use crate::rank::RankRequest;

/// One step of the evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Number of the event, from 0.
    pub event: usize,
    /// Place of the chosen item before it was revealed, 1 = first. `None` if the event is no choice
    /// or its item could not be recommended (unknown, or already settled).
    pub place: Option<f32>,
    /// Its place in the popularity order at the same moment, without what is settled.
    pub popularity_place: Option<f32>,
    /// Loss before learning, in nats.
    pub loss: Option<f32>,
}

/// Runs test-then-train over `events`, telling `see` of every step and the learner after it.
pub fn progressive<'a>(
    learner: &mut Learner,
    events: impl IntoIterator<Item = &'a Event>,
    mut see: impl FnMut(&Learner, Step),
) {
    for (event, revealed) in events.into_iter().enumerate() {
        let chosen = match &revealed.action {
            Action::Item { item, kind } if kind.is_positive() => {
                learner.pack().catalogue.find(item)
            }
            _ => None,
        };
        let place = chosen.and_then(|item| learner.place(item, &RankRequest::default()));
        let popularity_place = chosen.and_then(|item| learner.popularity_place(item));
        let loss = match learner.learn(revealed) {
            Learned::Yes { loss } => loss,
            Learned::UnknownItem | Learned::Nothing => None,
        };
        let step = Step {
            event,
            place,
            popularity_place,
            loss,
        };
        see(learner, step);
    }
}
