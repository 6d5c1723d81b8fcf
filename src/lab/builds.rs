//! Where the two builds of the trainer are, as the built page says.

use engine::training::Backend;
use leptos::prelude::*;

/// One build.
#[derive(Clone, Debug, PartialEq)]
pub struct Build {
    /// Address of the worker's module, relative to the page.
    pub url: String,
    /// What its download weighs, compressed; 0 if the page does not say.
    pub bytes: u32,
}

/// The builds that this page comes with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Builds {
    /// Burn's Flex backend.
    pub cpu: Option<Build>,
    /// Burn's WebGPU backend.
    pub webgpu: Option<Build>,
}

impl Builds {
    /// Reads the page's meta elements.
    pub fn read() -> Self {
        let read = |name: &str| {
            let meta = document()
                .query_selector(&format!("meta[name={name}]"))
                .ok()??;
            let url = meta
                .get_attribute("content")
                .filter(|url| !url.is_empty())?;
            let bytes = meta.get_attribute("data-bytes");
            Some(Build {
                url,
                bytes: bytes.and_then(|bytes| bytes.parse().ok()).unwrap_or(0),
            })
        };
        Self {
            cpu: read("honeyguide-trainer-cpu"),
            webgpu: read("honeyguide-trainer-webgpu"),
        }
    }

    /// The build for a backend.
    pub fn get(&self, backend: Backend) -> Option<&Build> {
        match backend {
            Backend::Cpu => self.cpu.as_ref(),
            Backend::Webgpu => self.webgpu.as_ref(),
        }
    }

    /// Differs when one of the builds does: they are named by their content.
    pub fn version(&self) -> String {
        let url = |build: &Option<Build>| build.as_ref().map_or("", |build| &build.url).to_owned();
        format!("{} {}", url(&self.cpu), url(&self.webgpu))
    }
}

/// The build that the address asks for, as `?backend=cpu` or `?backend=webgpu`.
pub fn forced() -> Option<Backend> {
    let search = window().location().search().ok()?;
    search
        .trim_start_matches('?')
        .split('&')
        .find_map(|pair| pair.strip_prefix("backend="))
        .and_then(|name| {
            [Backend::Cpu, Backend::Webgpu]
                .into_iter()
                .find(|backend| backend.name() == name)
        })
}
