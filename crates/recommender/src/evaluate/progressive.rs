//! Progressive evaluation: rank first, then reveal the event, then learn (test-then-train).
//!
//! ```text
//! for event in events {
//!     if event is a choice { see(place of its item in the ranking now) }
//!     learner.learn(event)
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
    /// Loss before learning, in nats.
    pub loss: Option<f32>,
}

/// Runs test-then-train over `events`, telling `see` of every step.
pub fn progressive<'a>(
    learner: &mut Learner,
    events: impl IntoIterator<Item = &'a Event>,
    mut see: impl FnMut(Step),
) {
    for (event, revealed) in events.into_iter().enumerate() {
        let place = match &revealed.action {
            Action::Item { item, kind } if kind.is_positive() => learner
                .pack()
                .catalogue
                .find(item)
                .and_then(|item| learner.place(item, &RankRequest::default())),
            _ => None,
        };
        let loss = match learner.learn(revealed) {
            Learned::Yes { loss } => loss,
            Learned::UnknownItem | Learned::Nothing => None,
        };
        see(Step { event, place, loss });
    }
}
