//! The page as a folder for any static host, under any path.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    Error, ServedPack,
    encoding::{self, Compressed, SIDECAR},
    front::PACKS,
    policy, site,
};

/// Ending of a file that holds another, without the ending, as gzip.
const GZIP: &str = ".gz";
/// The headers that a host should send, in the form that several hosts read.
const HEADERS: &str = "_headers";
/// The first line of the headers: a folder that has it was made here, and may be made anew.
const MARK: &str = "# Written by `honeyguide publish`.";

const CHARSET: &str = "<meta charset=\"utf-8\">";

const NOT_FOUND: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
    <title>Not found</title>\n<h1>Not found</h1>\n\
    <p>There is nothing at this address. <a href=\"./\">To the page</a></p>\n</html>\n";

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Files without their compressed forms.
    pub files: usize,
    /// Their bytes, uncompressed.
    pub bytes: u64,
}

/// Writes a finished folder to `out` for hosts that only hand out files: all addresses are relative,
/// and the page works under any path and without any header.
///
/// The policy stands in the page, as far as a page can state it; `_headers` has all headers for hosts
/// that take them. `.br` and `.gz` stand beside what they shrink, for hosts that serve such files.
/// With a `pack` the page is filled with that one. `out` is made anew if it was made here before.
///
/// # Errors
///
/// As [`Site::load`](crate::Site::load); [`Error::Occupied`] if `out` holds something else;
/// [`Error::Write`].
pub fn publish(dir: &Path, pack: Option<&ServedPack>, out: &Path) -> Result<Published, Error> {
    let mut files = site::files(dir, pack)?;
    let page = String::from_utf8_lossy(&files["index.html"]).into_owned();
    files.retain(|path, _| !path.starts_with(PACKS) || page.contains(path.as_str()));
    let page = with_policy(&page);
    let headers = headers(&page, files.keys());
    files.insert("index.html".into(), page.into_bytes());
    files.insert("404.html".into(), NOT_FOUND.into());
    files.insert(HEADERS.into(), headers.into_bytes());
    site::fill_service_worker(dir, &mut files)?;

    make_room(out)?;
    let mut published = Published { files: 0, bytes: 0 };
    for (path, bytes) in &files {
        let of = path.strip_suffix(SIDECAR);
        if of.is_some_and(|of| files.contains_key(of)) {
            continue; // Written with the file that it is a form of.
        }
        write(&out.join(path), bytes)?;
        published.files += 1;
        published.bytes += bytes.len() as u64;
        if path == HEADERS || !encoding::is_worth_it(site::content_type(path)) {
            continue;
        }
        let made = files.get(&format!("{path}{SIDECAR}"));
        let forms = Compressed::of(bytes, made.cloned().map(Into::into).as_ref());
        for (ending, form) in [(SIDECAR, forms.brotli), (GZIP, forms.gzip)] {
            if let Some(form) = form {
                write(&out.join(format!("{path}{ending}")), &form)?;
            }
        }
    }
    Ok(published)
}

/// The page with its policy in a meta element, before anything that it is about.
fn with_policy(page: &str) -> String {
    let policy = policy::for_meta(page);
    let meta =
        format!("{CHARSET}\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">");
    page.replacen(CHARSET, &meta, 1)
}

/// What the server sends, for a host that reads it from a file. Paths are as of the site's root.
fn headers<'a>(page: &str, paths: impl Iterator<Item = &'a String>) -> String {
    let mut text = format!(
        "{MARK} For a page below the root of its host, put that path before each path here.\n\n/*\n"
    );
    for (name, value) in &policy::headers(page) {
        // All of them are ASCII; one that were not would not be for a file.
        if let Ok(value) = value.to_str() {
            text.push_str(&format!("  {name}: {value}\n"));
        }
    }
    for path in ["/", "/index.html", "/sw.js"] {
        text.push_str(&format!("\n{path}\n  cache-control: no-cache\n"));
    }
    for path in paths.filter(|path| site::is_named_by_content(path) && !path.ends_with(SIDECAR)) {
        text.push_str(&format!(
            "\n/{path}\n  cache-control: public, max-age=31536000, immutable\n"
        ));
    }
    text
}

/// An empty folder, in place of an earlier result.
fn make_room(out: &Path) -> Result<(), Error> {
    let empty = fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    if !empty {
        let ours = fs::read_to_string(out.join(HEADERS)).is_ok_and(|text| text.starts_with(MARK));
        if !ours {
            return Err(Error::Occupied { dir: out.into() });
        }
        fs::remove_dir_all(out).map_err(unwritable(out))?;
    }
    fs::create_dir_all(out).map_err(unwritable(out))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(unwritable(folder))?;
    }
    fs::write(path, bytes).map_err(unwritable(path))
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = PathBuf::from(path);
    move |source| Error::Write { path, source }
}
