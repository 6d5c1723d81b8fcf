//! The analyst worker: works out what is shown about the learner. Loaded when a panel that shows it is
//! opened; the ranker knows nothing of it.

pub mod facets;
pub mod study;

#[cfg(all(feature = "analyst", target_arch = "wasm32"))]
mod worker;
#[cfg(all(feature = "analyst", target_arch = "wasm32"))]
pub use worker::start;
