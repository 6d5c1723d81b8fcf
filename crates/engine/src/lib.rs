//! The workers of Honeyguide and the messages that they exchange with the page.
//!
//! Without the features `ranker`, `analyst` and `trainer-…` this crate is only [`messages`],
//! [`analysis`] and [`training`]:
//! plain serde types that the page and the server's prerendering share.

pub mod analysis;
#[cfg(any(feature = "analyst", all(test, not(target_arch = "wasm32"))))]
pub mod analyst;
#[cfg(feature = "view")]
pub mod desk;
#[cfg(all(any(feature = "analyst", feature = "ranker"), target_arch = "wasm32"))]
mod fetch;
pub mod messages;
#[cfg(all(feature = "ranker", target_arch = "wasm32"))]
pub mod ranker;
#[cfg(any(feature = "trainer-cpu", all(test, not(target_arch = "wasm32"))))]
pub mod trainer;
pub mod training;
#[cfg(feature = "view")]
pub mod view;
