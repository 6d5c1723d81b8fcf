//! The device of this build: the CPU, or WebGPU.

use trainer::Backend;

use super::Problem;
use crate::training::{self, WebgpuSupport};

/// The build that this is.
pub(super) const BUILD: training::Backend = if cfg!(feature = "trainer-webgpu") {
    training::Backend::Webgpu
} else {
    training::Backend::Cpu
};

#[cfg(not(feature = "trainer-webgpu"))]
mod build {
    use super::{Backend, Problem, WebgpuSupport};

    /// The CPU.
    pub async fn set_up(_software: bool) -> Result<Backend, Problem> {
        Ok(Backend::cpu())
    }

    /// None.
    pub fn adapter(_backend: &Backend, _support: &WebgpuSupport) -> (String, bool) {
        (String::new(), false)
    }

    /// None.
    pub fn dispatches() -> u32 {
        0
    }
}

#[cfg(feature = "trainer-webgpu")]
mod build {
    use trainer::backend::Adapters;

    use super::{Backend, Problem, WebgpuSupport};
    use crate::trainer::{dispatches, faults};
    use crate::training::Fault;

    /// A hardware adapter's device; with `software` any adapter's.
    ///
    /// # Errors
    /// There is none.
    pub async fn set_up(software: bool) -> Result<Backend, Problem> {
        let adapters = if software {
            Adapters::Any
        } else {
            Adapters::Hardware
        };
        let backend = Backend::webgpu(adapters, faults::lost).await;
        backend.map_err(|error| Problem::new(Fault::NoDevice, error))
    }

    /// Name of the adapter in use, and whether it is software. The browser's own words where the
    /// backend has none.
    pub fn adapter(backend: &Backend, support: &WebgpuSupport) -> (String, bool) {
        let (name, software) = match backend.adapter() {
            Some(adapter) => (adapter.name.clone(), adapter.software),
            None => (String::new(), false),
        };
        match support {
            WebgpuSupport::Hardware(told) | WebgpuSupport::Software(told) if name.is_empty() => {
                (told.clone(), software)
            }
            _ => (name, software),
        }
    }

    /// Kernels dispatched so far.
    pub fn dispatches() -> u32 {
        dispatches::count()
    }
}

pub(super) use build::{adapter, dispatches, set_up};
