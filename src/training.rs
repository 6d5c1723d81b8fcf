//! Training on the page: fine-tuning the encoder to the visitor, and "Train here".
//!
//! [`conductor`] decides, without any web type; `hub` does what it decides; `state` is what the
//! views see.

pub mod choice;
pub mod conductor;
pub mod scale;

#[cfg(feature = "app")]
mod builds;
#[cfg(feature = "app")]
mod hub;
#[cfg(feature = "app")]
mod idle;
#[cfg(feature = "app")]
mod state;

#[cfg(feature = "app")]
pub use state::{Finished, Plan, Training, Tuning};
