//! Words of the table of downloads.

use crate::downloads::{Part, Source};

/// See the module.
pub struct DownloadWords {
    /// Heading.
    pub title: &'static str,
    /// Column heads: part, over the network, unpacked, source.
    pub columns: [&'static str; 4],
    /// Name of a part.
    pub part: fn(Part) -> &'static str,
    /// How many files.
    pub files: fn(usize) -> String,
    /// Name of a source.
    pub source: fn(Source) -> &'static str,
    /// Head of the sum.
    pub total: &'static str,
    /// How the numbers come about, and what they leave out.
    pub note: &'static str,
}
