//! The table of downloads in English.

use crate::downloads::{Part, Source};
use crate::words::downloads::DownloadWords;

/// The table's words.
pub(super) const DOWNLOADS: DownloadWords = DownloadWords {
    title: "Downloads of this visit",
    columns: ["Part", "Network", "Unpacked", "From"],
    part: |part| match part {
        Part::Page => "Page and first list",
        Part::Styles => "Styles",
        Part::App => "App",
        Part::Lab => "Panels",
        Part::Ranker => "Ranker",
        Part::Analyst => "Charts",
        Part::Catalogue => "Catalogue",
        Part::TrainerCpu => "Trainer, CPU",
        Part::TrainerWebgpu => "Trainer, WebGPU",
        Part::Pictures => "Pictures",
        Part::Small => "Small parts",
        Part::Other => "Other",
    },
    files: |files| match files {
        1 => String::new(),
        files => format!("{files} files"),
    },
    source: |source| match source {
        Source::Network => "network",
        Source::Confirmed => "this device, unchanged",
        Source::Cache => "this device",
        Source::Kept => "this device, offline copy",
        Source::Unknown => "not told",
    },
    total: "Sum",
    note: "“Unchanged” was confirmed by the server; the offline copy needs none. As the browser tells it: 300 bytes of each answer over the network stand for its headers. It does not tell what the service worker fetches to keep the page, nor what a worker fetched that has ended.",
};
