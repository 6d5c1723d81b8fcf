//! What page, trainer worker and ranker worker say to each other about training.
//!
//! The page starts a trainer (one of two builds), gives it orders and hears news. Trainer and ranker
//! have a `MessagePort` of their own, made by the page: the visitor's choices go one way, adapters
//! the other, and nothing of it passes through the page. Messages are serde types carried as JS
//! objects by serde-wasm-bindgen; durations are milliseconds unless a name says otherwise.

use serde::{Deserialize, Serialize};

/// The two builds of the trainer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Backend {
    /// Burn's Flex backend with SIMD.
    Cpu,
    /// Burn's WebGPU backend.
    Webgpu,
}

impl Backend {
    /// Its name in the address (`?backend=`) and on the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Webgpu => "webgpu",
        }
    }
}

/// From the page to the trainer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// [`crate::messages::PROTOCOL`] of the sender.
    pub protocol: u16,
    /// What to do.
    pub body: OrderBody,
}

/// What the page can order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum OrderBody {
    /// Must come first. The worker takes the Web Lock `lock` for as long as it lives, so that the
    /// page, waiting for the same lock, knows at once when the worker has gone. The event carries
    /// the port to the ranker as its first port. Answer: [`News::Opened`].
    Open {
        /// Name of the lock.
        lock: String,
        /// Take a software adapter, too (WebGPU asked for by name).
        software: bool,
        /// Address of the page's pack, relative to the page. Fetched when first needed.
        pack_url: String,
    },
    /// Time the two kinds of steps on this device, with the batches that training really uses.
    /// Answer: [`News::Probed`].
    Probe,
    /// Adapt the pack's encoder to the visitor from now on, whenever the ranker sends choices.
    /// News: [`News::Adapted`] after each attempt.
    Adapt,
    /// Stop adapting.
    Rest,
    /// Train a base model. News: [`News::Training`] several times a second, at the end
    /// [`News::Packed`].
    Pretrain(Box<Pretrain>),
    /// Is there a training that was not finished (before a reload, say)? Answer: [`News::Stored`].
    Stored,
    /// Go on with the stored training.
    Resume,
    /// Pause after this step; a checkpoint is stored.
    Pause,
    /// Go on after a pause.
    Continue,
    /// End now and make the pack from the best weights so far.
    Finish,
    /// End now and forget the training, the stored one included.
    Cancel,
}

/// A base model to be trained in the browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pretrain {
    /// Files that were dropped: a catalogue and logs of events. Without a catalogue, the page's.
    pub files: Vec<NamedFile>,
    /// Also learn from the visitor's own history, together with the pack's replay sequences where
    /// the catalogue is the page's.
    pub own_history: bool,
    /// Most epochs.
    pub epochs: u32,
    /// Sequences per step, at least 32.
    pub batch: u32,
    /// Choices per sequence, at least 2; 50 is usual.
    pub history: u32,
}

/// A file as it was dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedFile {
    /// Its name; the ending tells the format.
    pub name: String,
    /// Its content.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// From the trainer to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum News {
    /// The worker runs.
    Opened {
        /// Which build.
        backend: Backend,
        /// Name of the graphics adapter; empty on the CPU.
        adapter: String,
        /// The adapter is software.
        software: bool,
        /// Is there a hardware adapter with `timestamp-query`, so that the WebGPU build can run
        /// here? Told by the CPU build, which asks the browser.
        webgpu: WebgpuSupport,
    },
    /// Times of one step, medians of warm runs.
    Probed {
        /// One step of the adapter.
        adapt: f32,
        /// One step of pretraining, 32 × 50.
        pretrain: f32,
    },
    /// An attempt to adapt.
    Adapted(Adapted),
    /// Pretraining goes on.
    Training(Box<TrainingView>),
    /// Pretraining is over; the finished pack.
    Packed {
        /// The file.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        /// A name for it.
        file_name: String,
        /// Validation NDCG@10 of the encoder alone.
        ndcg: f32,
        /// Validation NDCG@10 of popularity, the baseline.
        popularity_ndcg: f32,
    },
    /// The stored training, if there is one.
    Stored(Option<StoredTraining>),
    /// The training was cancelled and its checkpoint is gone.
    Cancelled,
    /// Something did not work.
    Failed {
        /// What.
        fault: Fault,
        /// A sentence for people: what happened, what goes on, what to do.
        message: String,
    },
}

/// Can the WebGPU build run here?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum WebgpuSupport {
    /// Yes, on the adapter of that name.
    Hardware(String),
    /// Only in software, on the adapter of that name: never chosen unless asked for.
    Software(String),
    /// No, for that reason.
    None(String),
}

/// What went wrong in the trainer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Page and worker are of different versions.
    Protocol,
    /// The adapter or its device could not be had.
    NoDevice,
    /// The device was lost; this worker is of no use any more.
    DeviceLost,
    /// No memory left; this worker is of no use any more.
    Memory,
    /// The pack could not be fetched or read, or has no encoder.
    Pack,
    /// A dropped file could not be read, or there is too little in it to learn from.
    Data,
    /// The stored training could not be read; it stays stored.
    Checkpoint,
    /// The browser's storage refused: training goes on, but a reload loses it.
    Storage,
    /// Anything else.
    Other,
}

impl Fault {
    /// Must the page start another worker?
    pub fn is_fatal(self) -> bool {
        matches!(
            self,
            Self::Protocol | Self::NoDevice | Self::DeviceLost | Self::Memory
        )
    }
}

/// How an attempt to adapt ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adapted {
    /// Steps taken.
    pub steps: u32,
    /// Trainer time in all, per step and event.
    pub milliseconds: f32,
    /// Loss on held-back choices with the adapter before, in nats per choice.
    pub loss_before: f32,
    /// The same with the new one.
    pub loss_after: f32,
    /// The new one was handed to the ranker.
    pub accepted: bool,
    /// Why not, as a sentence; empty if accepted.
    pub reason: String,
    /// Choices that it was trained on.
    pub choices: u32,
    /// Kernels dispatched on the GPU so far; 0 on the CPU.
    pub dispatches: u32,
    /// WASM memory of the trainer in bytes.
    pub memory_bytes: u32,
}

/// Where a pretraining stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingView {
    /// What it does now.
    pub phase: Phase,
    /// Where it runs.
    pub backend: Backend,
    /// Items of the catalogue.
    pub items: u32,
    /// Visitors in the logs.
    pub visitors: u32,
    /// Choices in the logs.
    pub choices: u32,
    /// Steps done.
    pub step: u32,
    /// Steps of all epochs; early stopping may end sooner.
    pub steps: u32,
    /// Epochs done.
    pub epoch: u32,
    /// Most epochs.
    pub epochs: u32,
    /// Mean training loss per epoch so far and of the running one, in nats per choice.
    pub losses: Vec<f32>,
    /// Validation NDCG@10 after each epoch.
    pub ndcg: Vec<f32>,
    /// Validation NDCG@10 of popularity, the baseline.
    pub popularity_ndcg: f32,
    /// Choices trained on per second.
    pub rate: f32,
    /// Seconds left, as far as can be told.
    pub seconds_left: f32,
    /// Kernels dispatched on the GPU so far; 0 on the CPU.
    pub dispatches: u32,
    /// WASM memory of the trainer in bytes.
    pub memory_bytes: u32,
}

/// What a pretraining does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Reads files, counts.
    Reading,
    /// Gradient steps.
    Training,
    /// Ranks for the validation visitors.
    Validating,
    /// Waits for [`OrderBody::Continue`].
    Paused,
    /// Counts tables, fits fusion weights, writes the pack.
    Packing,
}

/// Name of the database of an unfinished training, and of the lock that the worker of a running one
/// holds.
pub const DATABASE: &str = "honeyguide:training";

/// A training that waits in the browser's storage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredTraining {
    /// Name of the catalogue.
    pub name: String,
    /// Epochs done.
    pub epoch: u32,
    /// Most epochs.
    pub epochs: u32,
    /// When it was stored, milliseconds since the Unix epoch.
    pub at: f64,
}

/// From the ranker to the trainer, through their port.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToTrainer {
    /// The visitor's choices now; sent when the port is connected and after every change.
    Choices(Choices),
}

/// The visitor's choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    /// Rows of the item table, oldest first.
    pub tokens: Vec<u32>,
    /// Changes when choices were taken back; an adapter trained before is void.
    pub revision: u32,
    /// The adapter in use; empty: none.
    pub adapter: Vec<f32>,
    /// Fingerprint of the base weights, as a hexadecimal number: the trainer must hold the same.
    pub base: String,
}

/// From the trainer to the ranker, through their port.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToRanker {
    /// A new adapter that has passed the guard.
    Adapter {
        /// The trained numbers.
        values: Vec<f32>,
        /// Of the choices that it was trained on.
        revision: u32,
        /// Fingerprint of the base weights that it belongs to, as in [`Choices::base`].
        base: String,
    },
}
