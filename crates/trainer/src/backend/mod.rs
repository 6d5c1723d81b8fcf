//! Where training runs: on the CPU (Burn's Flex backend), or through WebGPU.
//!
//! A [`Backend`] is a handle: clones share the device. Neither Burn nor wgpu is seen from outside.

#[cfg(feature = "gpu")]
mod gpu;

use burn::tensor::{Device, Tensor};

#[cfg(feature = "gpu")]
pub use gpu::{Adapter, Adapters, GpuError};

use crate::error::TrainError;
use crate::shard;

/// A training device.
#[derive(Clone, Debug)]
pub struct Backend {
    device: Device,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Cpu {
        threads: usize,
    },
    #[cfg(feature = "gpu")]
    Gpu(gpu::Gpu),
}

impl Backend {
    /// The CPU: all cores with the feature `threads`, else one.
    pub fn cpu() -> Self {
        #[cfg(feature = "threads")]
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        #[cfg(not(feature = "threads"))]
        let threads = 1;
        Self::cpu_with(threads)
    }

    /// The CPU with a number of threads; more than one needs the feature `threads`. Results do not
    /// depend on it.
    pub fn cpu_with(threads: usize) -> Self {
        let threads = if cfg!(feature = "threads") {
            threads.max(1)
        } else {
            1
        };
        Self {
            device: Device::flex().autodiff(),
            kind: Kind::Cpu { threads },
        }
    }

    /// `cpu` or `webgpu`.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Cpu { .. } => "cpu",
            #[cfg(feature = "gpu")]
            Kind::Gpu(_) => "webgpu",
        }
    }

    /// Threads that share a batch; 1 on a GPU.
    pub fn threads(&self) -> usize {
        match self.kind {
            Kind::Cpu { threads } => threads,
            #[cfg(feature = "gpu")]
            Kind::Gpu(_) => 1,
        }
    }

    /// Why the device is gone, if it is. The CPU never is.
    pub fn lost(&self) -> Option<String> {
        match &self.kind {
            Kind::Cpu { .. } => None,
            #[cfg(feature = "gpu")]
            Kind::Gpu(gpu) => gpu.lost(),
        }
    }

    pub(crate) fn is_gpu(&self) -> bool {
        !matches!(self.kind, Kind::Cpu { .. })
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// An error if the device is gone.
    pub(crate) fn alive(&self) -> Result<(), TrainError> {
        self.lost()
            .map_or(Ok(()), |why| Err(TrainError::Device(why)))
    }

    /// Reads tensors back.
    pub(crate) async fn read(&self, tensors: Vec<Tensor<1>>) -> Result<Vec<Vec<f32>>, TrainError> {
        let read = shard::read(tensors).await;
        self.alive()?;
        read.map_err(TrainError::Device)
    }
}
