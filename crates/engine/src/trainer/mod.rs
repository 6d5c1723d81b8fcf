//! The trainer worker: adapts the pack's encoder to the visitor, and trains base models.
//!
//! Two builds of the same code: `trainer-cpu` (Burn on the CPU) and `trainer-webgpu`. What is pure
//! is plain Rust and tested natively: from dropped files to inputs ([`files`], [`inputs`]), a
//! training that can be stored and resumed ([`job`]), the finished pack ([`packing`]), adapting
//! ([`tuner`]), timing ([`probe`]). The rest is the browser's: messages, storage, locks, the GPU.
//!
//! One task owns everything. It takes events from an inbox one after the other: orders of the page,
//! choices from the ranker, a lost device, and `Work`, which does one slice (a gradient step, some
//! validation cases, a part of the pack) and asks for the next. So orders wait for one slice, and
//! nothing is shared.
//!
//! When it breaks:
//!
//! - A lost device: the training's checkpoint is stored, then the page hears `Fault::DeviceLost`.
//! - A panic: the page hears `Fault::Other` (`Fault::Memory` where the message speaks of memory,
//!   `Fault::DeviceLost` after a loss), then the worker traps.
//! - No memory left: Rust cannot run code any more; the worker traps, the page gets an `error` event
//!   and the worker's lock. Large trainings ask for their memory at the start, so that most end with
//!   `Fault::Memory` instead.

pub mod files;
pub mod inputs;
pub mod job;
pub mod packing;
pub mod probe;
pub mod tuner;

#[cfg(target_arch = "wasm32")]
mod adapter;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod device;
#[cfg(all(target_arch = "wasm32", feature = "trainer-webgpu"))]
mod dispatches;
#[cfg(target_arch = "wasm32")]
mod faults;
#[cfg(target_arch = "wasm32")]
mod inbox;
#[cfg(target_arch = "wasm32")]
mod link;
#[cfg(target_arch = "wasm32")]
mod locks;
#[cfg(target_arch = "wasm32")]
mod running;
#[cfg(target_arch = "wasm32")]
mod store;
#[cfg(target_arch = "wasm32")]
mod worker;

use std::fmt::Display;

use trainer::TrainError;

use crate::training::Fault;

#[cfg(target_arch = "wasm32")]
pub use worker::start;

/// Why something did not work, as it goes to the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub fault: Fault,
    /// A sentence for people.
    pub message: String,
}

impl Problem {
    /// A problem with a sentence.
    pub fn new(fault: Fault, message: impl Display) -> Self {
        Self {
            fault,
            message: message.to_string(),
        }
    }

    /// Something is wrong with what is to be learned from.
    pub fn data(message: impl Display) -> Self {
        Self::new(Fault::Data, message)
    }
}

impl From<TrainError> for Problem {
    fn from(error: TrainError) -> Self {
        let fault = match &error {
            TrainError::Setting(_) | TrainError::Data(_) => Fault::Data,
            TrainError::Checkpoint(_) => Fault::Checkpoint,
            TrainError::Device(why) => {
                let message = format!("training on the graphics adapter failed: {why}");
                return Self::new(Fault::DeviceLost, message);
            }
            TrainError::Weights(_) | TrainError::Diverged { .. } => Fault::Other,
        };
        Self::new(fault, error)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// On the CPU nothing is ever waited for.
    pub(super) fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => unreachable!("the CPU answers at once"),
        }
    }
}
