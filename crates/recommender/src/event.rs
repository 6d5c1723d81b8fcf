//! What a visitor did.

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch. Passed in: this crate reads no clock.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Time(pub i64);

/// Random number of an event; delivering the same event twice counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId(pub u64);

/// The kinds of events.
///
/// The order of the variants is part of the profile format: append only.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum EventKind {
    /// Was on screen and was not chosen.
    Impression,
    /// Opened.
    Click,
    /// Looked at for that many seconds.
    Dwell {
        /// Seconds, not negative.
        seconds: f32,
    },
    /// Thumb up.
    Like,
    /// Thumb down.
    Dislike,
    /// Not this one, please.
    Dismiss,
    /// Bought, or watched to the end.
    Purchase,
}

/// What an event tells the experts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signal {
    /// Wanted value of the taste expert: 1 = like it, −1 = the opposite.
    pub target: f32,
    /// Weight of the observation, 1 = a click.
    pub confidence: f32,
    /// Weight in the decayed histories (content, neighbours, next); negative pushes away.
    pub pull: f32,
    /// The item is not recommended again.
    pub settles: bool,
}

impl EventKind {
    /// What this kind of event means to the learner.
    ///
    /// The constants are conventions, not measurements: a like counts twice a click, a dislike is
    /// the mirror of a like but pulls less (people dislike within what they know), a dwell grows to
    /// a click in half a minute, an impression says almost nothing.
    pub fn signal(self) -> Signal {
        let signal = |target, confidence, pull, settles| Signal {
            target,
            confidence,
            pull,
            settles,
        };
        match self {
            Self::Impression => signal(0.0, 0.05, 0.0, false),
            Self::Click => signal(1.0, 1.0, 1.0, true),
            Self::Dwell { seconds } => {
                let share = (seconds.max(0.0) / 30.0).min(1.0);
                signal(1.0, share, share, true)
            }
            Self::Like => signal(1.0, 2.0, 1.5, true),
            Self::Dislike => signal(-1.0, 2.0, -0.75, true),
            Self::Dismiss => signal(-0.5, 0.5, -0.25, true),
            Self::Purchase => signal(1.0, 3.0, 1.5, true),
        }
    }

    /// Is this a choice that a ranking should have foreseen? Only these teach the fusion and count
    /// in progressive evaluation.
    pub fn is_positive(self) -> bool {
        matches!(self, Self::Click | Self::Like | Self::Purchase)
    }
}

/// One thing that happened to one item.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Random, unique.
    pub id: EventId,
    /// When.
    pub at: Time,
    /// What, and to which item or words.
    pub action: Action,
}

/// What an event is about.
///
/// The order of the variants is part of the profile format: append only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Something done to an item, named by its id so that a changed catalogue keeps the profile.
    Item {
        /// Id of the item.
        item: String,
        /// What was done.
        kind: EventKind,
    },
    /// A search for words.
    Search {
        /// The words, at most [`MAX_QUERY_BYTES`].
        query: String,
    },
    /// Take back what one item taught (its events stay in the log so that this can be undone).
    Remove {
        /// Id of the item.
        item: String,
    },
    /// What the visitor says outright about a tag.
    Wish {
        /// Facet, such as `genre`; `creator` for the item's creators.
        facet: String,
        /// Value, such as `Western`.
        value: String,
        /// What is wished.
        wish: Wish,
    },
}

/// What a visitor can wish about a tag. See [`crate::wishes`] for what each does to a score.
///
/// The order of the variants is part of the profile format: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Wish {
    /// One step up.
    More,
    /// One step down.
    Less,
    /// Recommend nothing that has it.
    Never,
    /// Take the wishes about it back.
    Clear,
    /// Take them back, and everything that items with this tag taught.
    Forget,
}

/// Longest facet or value of a wish in bytes.
pub const MAX_TAG_BYTES: usize = 512;

/// Longest search that is kept.
pub const MAX_QUERY_BYTES: usize = 256;
