//! Which build of the trainer does what, and why.

use engine::training::Backend;
use serde::{Deserialize, Serialize};

/// Milliseconds of one step, as a build measured them on this device.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepTimes {
    /// One step of the adapter.
    pub adapt: f32,
    /// One step of pretraining, 32 × 50.
    pub pretrain: f32,
}

/// A measurement, and what it holds for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Name of the graphics adapter.
    pub adapter: String,
    /// Addresses of both builds, which are named by their content.
    pub version: String,
    /// Of the CPU build.
    pub cpu: StepTimes,
    /// Of the WebGPU build.
    pub webgpu: StepTimes,
}

/// The builds in use. Each kind of work has its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// For fine-tuning.
    pub adapt: Backend,
    /// For training a base model.
    pub pretrain: Backend,
    /// Why these.
    pub why: Why,
}

/// Why a build was chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// The CPU build is small and runs everywhere, so it comes first.
    First,
    /// The address asks for it.
    Forced,
    /// WebGPU is not to be had, for this reason.
    None(String),
    /// WebGPU is there only in software, on the adapter of that name.
    Software(String),
    /// Both were timed.
    Measured {
        /// The measurement.
        measured: Measured,
        /// It was made on an earlier visit.
        earlier: bool,
    },
    /// WebGPU was tried and failed; the sentence says how.
    Failed(String),
}

impl Choice {
    /// The CPU build, until more is known.
    pub fn first() -> Self {
        Self::all(Backend::Cpu, Why::First)
    }

    /// One build for everything.
    pub fn all(backend: Backend, why: Why) -> Self {
        Self {
            adapt: backend,
            pretrain: backend,
            why,
        }
    }

    /// The faster build for each kind of work. Where a time is not a number, the CPU.
    pub fn faster(measured: Measured, earlier: bool) -> Self {
        let pick = |cpu: f32, webgpu: f32| {
            if webgpu < cpu {
                Backend::Webgpu
            } else {
                Backend::Cpu
            }
        };
        Self {
            adapt: pick(measured.cpu.adapt, measured.webgpu.adapt),
            pretrain: pick(measured.cpu.pretrain, measured.webgpu.pretrain),
            why: Why::Measured { measured, earlier },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(cpu: (f32, f32), webgpu: (f32, f32)) -> Measured {
        let times = |(adapt, pretrain)| StepTimes { adapt, pretrain };
        Measured {
            adapter: "adapter".into(),
            version: "1".into(),
            cpu: times(cpu),
            webgpu: times(webgpu),
        }
    }

    #[test]
    fn each_kind_of_work_gets_its_faster_build() {
        let choice = Choice::faster(measured((3.0, 200.0), (9.0, 20.0)), false);
        assert_eq!(choice.adapt, Backend::Cpu);
        assert_eq!(choice.pretrain, Backend::Webgpu);
        let broken = Choice::faster(measured((3.0, 200.0), (f32::NAN, 300.0)), true);
        assert_eq!(
            (broken.adapt, broken.pretrain),
            (Backend::Cpu, Backend::Cpu)
        );
    }
}
