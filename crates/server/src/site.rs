//! The built folder in memory.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use axum::{body::Bytes, http::HeaderMap};

use crate::{
    Error, ServedPack,
    encoding::{self, Accepted, Compressed, Encoding, SIDECAR},
    front::{self, content_hash, is_hash},
    offline, policy,
};

/// A built folder, loaded into memory. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Site {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// By path below the root, without a leading slash.
    assets: BTreeMap<String, Asset>,
    security: HeaderMap,
}

/// One file.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) content_type: &'static str,
    pub(crate) immutable: bool,
    /// Hash of the plain bytes, the stem of every ETag.
    hash: String,
    plain: Bytes,
    /// The body as brotli, as the build made it.
    made: Option<Bytes>,
    compressed: OnceLock<Compressed>,
}

impl Site {
    /// Loads every file below `dir`. With a `pack` the page is filled with that pack's first list
    /// and points to it; the folder itself stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::NotASite`] without an `index.html`; with a pack also [`Error::NoRanker`] and
    /// [`Error::Fill`]; [`Error::Read`] for a file that cannot be read.
    pub fn load(dir: &Path, pack: Option<&ServedPack>) -> Result<Self, Error> {
        let mut files = files(dir, pack)?;
        // As the files are now, with this pack: that is what it is to store.
        fill_service_worker(dir, &mut files)?;
        let security = policy::headers(&String::from_utf8_lossy(&files["index.html"]));
        let mut sidecars = BTreeMap::new();
        for path in files.keys().cloned().collect::<Vec<_>>() {
            let of = path
                .strip_suffix(SIDECAR)
                .filter(|of| files.contains_key(*of));
            if let Some(of) = of.map(String::from)
                && let Some(bytes) = files.remove(&path)
            {
                sidecars.insert(of, Bytes::from(bytes));
            }
        }
        let assets = files
            .into_iter()
            .map(|(path, bytes)| {
                let made = sidecars.remove(&path);
                let asset = Asset::new(&path, bytes, made);
                (path, asset)
            })
            .collect();
        Ok(Self {
            inner: Arc::new(Inner { assets, security }),
        })
    }

    /// Compresses every file that gains by it, on all cores, small files first. Until a file's turn
    /// has come it is served as it is. Blocks until everything is done.
    pub fn compress(&self) {
        let mut todo: Vec<&Asset> = self.inner.assets.values().collect();
        todo.retain(|asset| encoding::is_worth_it(asset.content_type));
        todo.sort_by_key(|asset| asset.plain.len());
        let next = AtomicUsize::new(0);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..threads.min(todo.len()) {
                scope.spawn(|| {
                    while let Some(asset) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
                        asset
                            .compressed
                            .get_or_init(|| Compressed::of(&asset.plain, asset.made.as_ref()));
                    }
                });
            }
        });
    }

    /// The file at a request's path, such as `/` or `/packs/0123.hgpack`.
    pub(crate) fn asset(&self, path: &str) -> Option<&Asset> {
        let path = path.strip_prefix('/')?;
        let path = if path.is_empty() { "index.html" } else { path };
        self.inner.assets.get(path)
    }

    /// Headers for every answer.
    pub(crate) fn security_headers(&self) -> &HeaderMap {
        &self.inner.security
    }
}

impl Asset {
    fn new(path: &str, bytes: Vec<u8>, made: Option<Bytes>) -> Self {
        let hash = content_hash(&bytes);
        Self {
            content_type: content_type(path),
            immutable: is_named_by_content(path),
            hash,
            plain: bytes.into(),
            made,
            compressed: OnceLock::new(),
        }
    }

    /// The smallest body at hand that the client takes.
    pub(crate) fn body(&self, accepted: Accepted) -> (Encoding, Bytes) {
        let compressed = self.compressed.get();
        let brotli = compressed.and_then(|forms| forms.brotli.as_ref());
        let gzip = compressed.and_then(|forms| forms.gzip.as_ref());
        match (brotli, gzip) {
            (Some(body), _) if accepted.brotli => (Encoding::Brotli, body.clone()),
            (_, Some(body)) if accepted.gzip => (Encoding::Gzip, body.clone()),
            _ => (Encoding::Identity, self.plain.clone()),
        }
    }

    /// The strong ETag of one encoding, with its quotes.
    pub(crate) fn etag(&self, encoding: Encoding) -> String {
        format!("\"{}{}\"", self.hash, encoding.tag_suffix())
    }

    /// Does the body depend on what the client accepts?
    pub(crate) fn varies(&self) -> bool {
        encoding::is_worth_it(self.content_type)
    }
}

/// Every file below `dir` by its path; with a `pack` the page is filled with that one, and points to
/// it.
pub(crate) fn files(
    dir: &Path,
    pack: Option<&ServedPack>,
) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    if !dir.join("index.html").is_file() {
        return Err(Error::NotASite { dir: dir.into() });
    }
    let mut files = BTreeMap::new();
    read_below(dir, "", &mut files)?;
    if let Some(pack) = pack {
        let ranker = front::worker_entry("ranker", files.keys())
            .ok_or_else(|| Error::NoRanker { dir: dir.into() })?;
        let page = String::from_utf8_lossy(&files["index.html"]);
        let page = front::fill(&dir.join("index.html"), &page, &ranker, pack)?;
        files.insert("index.html".into(), page.into());
        files.insert(front::pack_path(pack), pack.bytes.clone());
    }
    Ok(files)
}

/// Tells the service worker among the files what the others are.
pub(crate) fn fill_service_worker(
    dir: &Path,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), Error> {
    offline::fill(files).map_err(|source| Error::Fill {
        path: dir.join(offline::SERVICE_WORKER),
        source,
    })
}

/// Reads all files below `dir` into `files`, keyed by their path with `/` between the parts. Names
/// that begin with a dot are the build's own and are left out.
fn read_below(
    dir: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), Error> {
    let unreadable = |path: &Path| {
        let path = PathBuf::from(path);
        move |source| Error::Read { path, source }
    };
    for entry in fs::read_dir(dir).map_err(unreadable(dir))? {
        let entry = entry.map_err(unreadable(dir))?;
        let path = entry.path();
        let Ok(name) = entry.file_name().into_string() else {
            continue; // No URL of ours has such a name.
        };
        if name.starts_with('.') {
            continue;
        }
        let key = format!("{prefix}{name}");
        if path.is_dir() {
            read_below(&path, &format!("{key}/"), files)?;
        } else {
            let bytes = fs::read(&path).map_err(unreadable(&path))?;
            files.insert(key, bytes);
        }
    }
    Ok(())
}

pub(crate) fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Is the name made from the content, so that the file behind it never changes? True for
/// `page-<hash>.js`, `page-<hash>_bg.wasm`, `styles-<hash>.css`, `<hash>-start.mjs` and
/// `packs/<hash>.hgpack`.
pub(crate) fn is_named_by_content(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    match (stem.split_once('-'), stem.rsplit_once('-')) {
        (Some((first, _)), Some((_, last))) => is_hash(first) || is_hash(last),
        _ => is_hash(stem) && path.starts_with(front::PACKS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_for_ever() {
        for path in [
            "page-5ab1c2d3e4f50617.js",
            "page-5ab1c2d3e4f50617_bg.wasm",
            "styles-ab1c2d3e4f50617.css",
            "5ab1c2d3e4f50617-start.mjs",
            "packs/0123456789abcdef.hgpack",
            "trainer-cpu-0123456789abcdef.js",
            "trainer-cpu-bindings-0123456789abcdef.js",
            "trainer-webgpu-0123456789abcdef_bg.wasm",
        ] {
            assert!(is_named_by_content(path), "{path}");
        }
        for path in [
            "index.html",
            "ranker.js",
            "ranker_bg.wasm",
            "page-beef.js",
            "0123456789abcdef.js",
            "packs/films.hgpack",
            "some-thing.css",
        ] {
            assert!(!is_named_by_content(path), "{path}");
        }
    }
}
