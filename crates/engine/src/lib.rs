//! The workers of Honeyguide and the messages that they exchange with the page.
//!
//! Without the feature `ranker` this crate is only [`messages`]: plain serde types that the page
//! and the server's prerendering share.

#[cfg(feature = "view")]
pub mod desk;
pub mod messages;
#[cfg(all(feature = "ranker", target_arch = "wasm32"))]
pub mod ranker;
pub mod training;
#[cfg(feature = "view")]
pub mod view;
