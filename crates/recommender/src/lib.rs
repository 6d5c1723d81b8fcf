//! The learner's click path: catalogue, events, packs, profile, experts, fusion, explanations and
//! evaluation.
//!
//! Pure: no IO, no clock, no entropy, no JS. Time, seed and bytes are passed in, so the same code
//! runs in the browser, in the command line and on the server.
//!
//! Four verbs: [`Learner::rank`], [`Learner::score`] and [`Learner::explain`] never change state;
//! [`Learner::learn`] does.

#[cfg(feature = "build")]
pub mod build;
pub mod catalogue;
#[cfg(feature = "build")]
pub mod content;
pub mod drift;
pub mod encoder;
#[cfg(feature = "build")]
pub mod evaluate;
pub mod event;
pub mod expert;
pub mod explain;
pub mod format;
pub mod fusion;
pub mod hyper;
pub mod interleave;
pub mod kernel;
pub mod leaning;
pub mod learner;
#[cfg(feature = "load")]
pub mod load;
#[cfg(feature = "build")]
pub mod log;
pub mod pack;
pub mod profile;
pub mod random;
pub mod rank;
mod score;
pub mod session;
pub mod sparse;
mod tags;
pub mod taste_map;
pub mod vectors;
pub mod wishes;

pub use catalogue::{Catalogue, Item, ItemIndex};
pub use event::{Action, Event, EventId, EventKind, Time, Wish};
pub use hyper::{EXPERTS, Expert, Hyper};
pub use learner::{Base, Learned, Learner};
pub use pack::{Manifest, Pack};
pub use profile::Profile;
pub use rank::{Placed, RankRequest};
pub use session::Session;
