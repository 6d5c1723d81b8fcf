//! What the page is told about its workers and its pack, shared by [`finish`](crate::finish) (on
//! disk) and [`Site::load`](crate::Site::load) (in memory).

use std::path::Path;

use honeyguide::first_list::{self, FillError, FirstList};
use sha2::{Digest, Sha256};

use crate::{Error, Later, ServedPack};

/// Folder of the packs.
pub(crate) const PACKS: &str = "packs/";

/// What the page loads when it is first needed, smallest first, and its meta elements in the page.
pub(crate) const LATER: [(&str, &str); 4] = [
    ("analyst", "name=\"honeyguide-analyst\""),
    ("lab", "name=\"honeyguide-lab\""),
    ("trainer-cpu", "name=\"honeyguide-trainer-cpu\""),
    ("trainer-webgpu", "name=\"honeyguide-trainer-webgpu\""),
];

/// The first 16 hex digits of the SHA-256: enough that two contents never share a name here.
pub(crate) fn content_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Is this a content hash as we or Trunk write it? Trunk drops leading zeros of its 64 bits, so a
/// few digits may be missing.
pub(crate) fn is_hash(text: &str) -> bool {
    (12..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Where a pack is served.
pub(crate) fn pack_path(pack: &ServedPack) -> String {
    format!("{PACKS}{}.hgpack", content_hash(&pack.bytes))
}

/// A finished worker's entry, such as `ranker-<hash>.js`, among the names of a site's files.
pub(crate) fn worker_entry<'a>(
    worker: &str,
    mut names: impl Iterator<Item = &'a String>,
) -> Option<String> {
    names
        .find(|name| {
            name.strip_prefix(worker)
                .and_then(|rest| rest.strip_prefix('-'))
                .and_then(|rest| rest.strip_suffix(".js"))
                .is_some_and(is_hash)
        })
        .cloned()
}

/// Fills the page read from `path` with a pack's first list and the addresses of worker and pack.
///
/// Nothing is preloaded: the page starts the worker itself before anything else, and what a worker
/// fetches, browsers do not take from a page's preloads (they warn of them instead).
pub(crate) fn fill(
    path: &Path,
    index_html: &str,
    ranker: &str,
    pack: &ServedPack,
) -> Result<String, Error> {
    let relative = |name: &str| format!("./{name}");
    let entry = relative(ranker);
    let pack_url = relative(&pack_path(pack));
    let first = FirstList {
        ranker_url: &entry,
        pack_url: &pack_url,
        preloads: &[],
        name: &pack.name,
        items: &pack.items,
    };
    first_list::fill(index_html, &first).map_err(unfilled(path))
}

/// Fills in where a part that is loaded later is and what its download weighs; empty where there is
/// none.
pub(crate) fn fill_later(
    path: &Path,
    index_html: &str,
    meta: &'static str,
    part: Option<&Later>,
) -> Result<String, Error> {
    let (entry, bytes) = match part {
        Some(part) => (format!("./{}", part.entry), part.bytes.to_string()),
        // A page without a place for what is not there is as good.
        None if !index_html.contains(meta) => return Ok(index_html.to_owned()),
        None => Default::default(),
    };
    first_list::set_meta(index_html, meta, "content", &entry)
        .and_then(|page| first_list::set_meta(&page, meta, "data-bytes", &bytes))
        .map_err(unfilled(path))
}

fn unfilled(path: &Path) -> impl FnOnce(FillError) -> Error {
    let path = path.into();
    move |source| Error::Fill { path, source }
}
