//! Everything with gradients, on Burn: pretraining of the sequence encoder, and the steps that adapt
//! it to one visitor.
//!
//! Pure like `recommender`: no IO, no clock, no entropy. Time limits, seeds and bytes are the
//! caller's; what reads from a device is an async function, because a browser's GPU answers no other
//! way. No type of Burn or wgpu is in the public API.
//!
//! What lives where:
//!
//! - The host holds all weights: the network as one flat vector, the item table as rows, both with
//!   their optimiser ([`pretrain`]). A device holds a step's tensors and nothing between steps, so a
//!   lost device loses nothing.
//! - Item rows never live in a dense differentiable table. Per step the host gathers the rows of
//!   inputs, targets and candidates into leaf tensors, and sums the gradients that come back.
//! - Randomness (order, negatives, dropout) is made on the host, so CPU and WebGPU see the same.
//! - Ranking is `recommender::encoder`'s: the production forward is what is validated. A test holds
//!   it and the network here to each other.

mod adam;
pub mod adapt;
pub mod backend;
mod encode;
mod error;
mod kernels;
mod net;
pub mod pretrain;
mod rows;
mod shard;

pub use backend::Backend;
pub use encode::encode;
pub use error::TrainError;
