//! Setting up WebGPU: natively through Vulkan, Metal or DirectX 12, in a browser through the browser.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::Device;
use burn_wgpu::{WgpuSetup, wgpu};

use super::{Backend, Kind};

/// Which adapters will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapters {
    /// Only hardware: what an automatic choice should ask for.
    Hardware,
    /// Only software (SwiftShader, lavapipe, WARP): for tests. A browser gives one only where there
    /// is no hardware.
    Software,
    /// Hardware, or else software: what a forced choice takes.
    Any,
}

/// The chosen adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// Its name as the driver or the browser tells it; browsers may leave it empty.
    pub name: String,
    /// It computes on the CPU.
    pub software: bool,
    /// The interface underneath: `vulkan`, `metal`, `dx12`, `gl` or `webgpu`.
    pub interface: String,
}

/// Why there is no WebGPU training here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuError {
    /// No adapter of the kind that was asked for.
    NoAdapter(String),
    /// The adapter cannot measure times, which Burn's WebGPU backend needs.
    NoTimestamps(Adapter),
    /// The adapter gave no device, or Burn refused it.
    NoDevice(String),
}

impl fmt::Display for GpuError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAdapter(why) => write!(f, "no WebGPU adapter: {why}"),
            Self::NoTimestamps(adapter) => write!(
                f,
                "the WebGPU adapter `{}` has no timestamp queries, which training needs",
                adapter.name
            ),
            Self::NoDevice(why) => write!(f, "no WebGPU device: {why}"),
        }
    }
}

impl std::error::Error for GpuError {}

/// Features that the backend uses where the adapter has them.
const USED: [wgpu::Features; 3] = [
    wgpu::Features::TIMESTAMP_QUERY,
    wgpu::Features::SUBGROUP,
    wgpu::Features::SUBGROUP_BARRIER,
];

#[derive(Clone, Debug)]
pub(super) struct Gpu {
    adapter: Adapter,
    device: wgpu::Device,
    lost: Arc<Mutex<Option<String>>>,
}

impl Gpu {
    pub(super) fn lost(&self) -> Option<String> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.clone()
    }
}

impl Backend {
    /// Sets up WebGPU. `on_lost` is called once, with the reason, when the device goes; every later
    /// step is an error.
    ///
    /// # Errors
    /// No adapter of the kind asked for, one without timestamp queries, or no device.
    pub async fn webgpu(
        adapters: Adapters,
        on_lost: impl Fn(&str) + Send + 'static,
    ) -> Result<Self, GpuError> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends: wgpu::Backends::PRIMARY,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let (adapter, told) = choose(&instance, adapters).await?;
        let features = adapter.features();
        if !features.contains(wgpu::Features::TIMESTAMP_QUERY) {
            return Err(GpuError::NoTimestamps(told));
        }
        let used = USED
            .into_iter()
            .filter(|feature| features.contains(*feature));
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("honeyguide trainer"),
                required_features: used.fold(wgpu::Features::empty(), wgpu::Features::union),
                required_limits: adapter.limits(),
                memory_hints: wgpu::MemoryHints::MemoryUsage,
                ..wgpu::DeviceDescriptor::default()
            })
            .await
            .map_err(|error| GpuError::NoDevice(error.to_string()))?;
        let lost = Arc::new(Mutex::new(None));
        let note = Arc::clone(&lost);
        device.set_device_lost_callback(move |reason, message| {
            let why = if message.is_empty() {
                format!("the device was lost ({reason:?})")
            } else {
                format!("the device was lost ({reason:?}: {message})")
            };
            *note.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
            on_lost(&why);
        });
        let setup = WgpuSetup {
            instance,
            backend: adapter.get_info().backend,
            adapter,
            device: device.clone(),
            queue,
        };
        let burn = Device::wgpu_options().setup(setup).init();
        let burn = burn.map_err(|error| GpuError::NoDevice(error.to_string()))?;
        Ok(Self {
            device: burn.autodiff(),
            kind: Kind::Gpu(Gpu {
                adapter: told,
                device,
                lost,
            }),
        })
    }

    /// The WebGPU adapter; none on the CPU.
    pub fn adapter(&self) -> Option<&Adapter> {
        match &self.kind {
            Kind::Cpu { .. } => None,
            Kind::Gpu(gpu) => Some(&gpu.adapter),
        }
    }

    /// Destroys the WebGPU device, as the system does when a driver resets: every later step is an
    /// error. Does nothing on the CPU.
    pub fn destroy(&self) {
        if let Kind::Gpu(gpu) = &self.kind {
            gpu.device.destroy();
        }
    }
}

fn told(adapter: &wgpu::Adapter) -> Adapter {
    let info = adapter.get_info();
    Adapter {
        software: info.device_type == wgpu::DeviceType::Cpu,
        interface: match info.backend {
            wgpu::Backend::BrowserWebGpu => "webgpu".into(),
            backend => backend.to_str().into(),
        },
        name: info.name,
    }
}

fn fits(adapter: &Adapter, adapters: Adapters) -> bool {
    match adapters {
        Adapters::Hardware => !adapter.software,
        Adapters::Software => adapter.software,
        Adapters::Any => true,
    }
}

/// A browser hands out one adapter.
#[cfg(target_family = "wasm")]
async fn choose(
    instance: &wgpu::Instance,
    adapters: Adapters,
) -> Result<(wgpu::Adapter, Adapter), GpuError> {
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::HighPerformance,
        ..wgpu::RequestAdapterOptions::default()
    };
    let adapter = instance.request_adapter(&options).await;
    let adapter = adapter.map_err(|error| GpuError::NoAdapter(error.to_string()))?;
    let told = told(&adapter);
    if fits(&told, adapters) {
        Ok((adapter, told))
    } else {
        let kind = if told.software {
            "software"
        } else {
            "hardware"
        };
        Err(GpuError::NoAdapter(format!(
            "the browser only offers a {kind} adapter"
        )))
    }
}

/// Natively all adapters are listed; the strongest kind that fits is taken.
#[cfg(not(target_family = "wasm"))]
async fn choose(
    instance: &wgpu::Instance,
    adapters: Adapters,
) -> Result<(wgpu::Adapter, Adapter), GpuError> {
    let strength = |adapter: &wgpu::Adapter| match adapter.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    };
    let all = instance.enumerate_adapters(wgpu::Backends::PRIMARY).await;
    let names: Vec<String> = all.iter().map(|adapter| told(adapter).name).collect();
    all.into_iter()
        .map(|adapter| (told(&adapter), adapter))
        .filter(|(told, _)| fits(told, adapters))
        .min_by_key(|(_, adapter)| strength(adapter))
        .map(|(told, adapter)| (adapter, told))
        .ok_or_else(|| {
            GpuError::NoAdapter(match (names.is_empty(), adapters) {
                (true, _) => {
                    "this machine has none; install a driver with Vulkan, Metal or DirectX 12"
                        .into()
                }
                (false, Adapters::Software) => format!("only hardware adapters here: {names:?}"),
                (false, _) => format!("only software adapters here: {names:?}"),
            })
        })
}
