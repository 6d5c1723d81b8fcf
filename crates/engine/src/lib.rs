//! The workers of Honeyguide and the messages that they exchange with the page.
//!
//! Without the features `ranker` and `trainer-…` this crate is only [`messages`] and [`training`]:
//! plain serde types that the page and the server's prerendering share.

#[cfg(feature = "view")]
pub mod desk;
pub mod messages;
#[cfg(all(feature = "ranker", target_arch = "wasm32"))]
pub mod ranker;
#[cfg(any(feature = "trainer-cpu", all(test, not(target_arch = "wasm32"))))]
pub mod trainer;
pub mod training;
#[cfg(feature = "view")]
pub mod view;
