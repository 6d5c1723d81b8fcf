//! The step after Trunk: names by content, the pack, and the first list in the page.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    Error, ServedPack,
    encoding::{Compressed, SIDECAR},
    front::{self, LATER, PACKS, content_hash, is_hash},
    offline, site, start,
};

/// What a finished folder serves, as paths relative to the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The ranker worker's entry, `ranker-<hash>.js`.
    pub ranker: String,
    /// The pack, `packs/<hash>.hgpack`.
    pub pack: String,
    /// What the page loads when it is first needed, as far as it is there, smallest first.
    pub later: Vec<Later>,
}

/// A part that the page loads when it is first needed: the lab, the analyst worker, a build of the
/// trainer worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// Its entry, such as `lab-<hash>.js` or `trainer-cpu-<hash>.js`.
    pub entry: String,
    /// What a visitor downloads to run it, in bytes after brotli.
    pub bytes: usize,
}

/// Finishes a folder that Trunk has built:
///
/// 1. the files of the workers and of the lab, which come named without a hash (`ranker.js` and
///    `ranker_bg.wasm`; those that are loaded later beside them or not), get names made from their content, and a small entry module that
///    starts them; the app's files, which Trunk names by what they were before the last steps of the
///    build, get names made from what they are;
/// 2. the pack is put under `packs/`, named by its content, in place of any other;
/// 3. `index.html` is filled with the addresses and weights of its parts, and the pack's first list;
///    the boot script goes into it, and its own preload of the app's WASM, which every browser would
///    follow, becomes one that the boot script makes;
/// 4. the service worker is told what the files are.
///
/// Finishing a finished folder again, with the same pack or another, is fine.
///
/// # Errors
///
/// [`Error::NotASite`] and [`Error::NoRanker`] for a folder that Trunk did not build,
/// [`Error::Fill`] for a page or a service worker without the places to fill, [`Error::Read`] and [`Error::Write`].
pub fn finish(dir: &Path, pack: &ServedPack) -> Result<Finished, Error> {
    let index = dir.join("index.html");
    if !index.is_file() {
        return Err(Error::NotASite { dir: dir.into() });
    }
    let ranker = name_worker(dir, "ranker")?.ok_or_else(|| Error::NoRanker { dir: dir.into() })?;
    let pack_path = put_pack(dir, pack)?;
    let page = String::from_utf8_lossy(&read(&index)?).into_owned();
    let page = start::hold_preload(&name_app(dir, page)?);
    let page = start::inline_boot(dir, page)?;
    let mut page = front::fill(&index, &page, &ranker, pack)?;
    let mut later = Vec::new();
    for (name, meta) in LATER {
        let part = match name_worker(dir, name)? {
            Some(entry) => Some(Later {
                bytes: download(dir, name, &entry)?,
                entry,
            }),
            None => None,
        };
        page = front::fill_later(&index, &page, meta, part.as_ref())?;
        later.extend(part);
    }
    write(&index, page.as_bytes())?;
    let mut files = site::files(dir, None)?;
    site::fill_service_worker(dir, &mut files)?;
    if let Some(script) = files.get(offline::SERVICE_WORKER) {
        write(&dir.join(offline::SERVICE_WORKER), script)?;
    }
    Ok(Finished {
        ranker,
        pack: pack_path,
        later,
    })
}

/// Gives a worker's files names made from their content and returns its entry; `None` without such
/// a worker.
fn name_worker(dir: &Path, worker: &str) -> Result<Option<String>, Error> {
    let bindings = dir.join(format!("{worker}.js"));
    let wasm = dir.join(format!("{worker}_bg.wasm"));
    let earlier = file_names(dir)?;
    if !(bindings.is_file() && wasm.is_file()) {
        return Ok(front::worker_entry(worker, earlier.iter()));
    }
    // A worker of an earlier build, and the start script that Trunk writes on request, which knows
    // only names without a hash.
    for name in &earlier {
        if name.starts_with(&format!("{worker}-")) || *name == format!("{worker}_loader.js") {
            remove(&dir.join(name))?;
        }
    }
    let bindings_name = format!("{worker}-bindings-{}.js", content_hash(&read(&bindings)?));
    let wasm_name = format!("{worker}-{}_bg.wasm", content_hash(&read(&wasm)?));
    let entry = if worker == "lab" {
        module(&bindings_name, &wasm_name)
    } else {
        worker_module(&bindings_name, &wasm_name)
    };
    let entry_name = format!("{worker}-{}.js", content_hash(entry.as_bytes()));
    let sidecar = sidecar(&wasm);
    if sidecar.is_file() {
        rename(&sidecar, &dir.join(format!("{wasm_name}{SIDECAR}")))?;
    }
    rename(&bindings, &dir.join(bindings_name))?;
    rename(&wasm, &dir.join(wasm_name))?;
    write(&dir.join(&entry_name), entry.as_bytes())?;
    Ok(Some(entry_name))
}

/// Bytes that a visitor downloads for a named worker: entry, bindings and WASM, after brotli.
fn download(dir: &Path, worker: &str, entry: &str) -> Result<usize, Error> {
    let mut bytes = 0;
    for name in file_names(dir)? {
        let own = name == entry
            || name.starts_with(&format!("{worker}-"))
                && (name.ends_with("_bg.wasm") || name.starts_with(&format!("{worker}-bindings-")));
        if !own {
            continue;
        }
        let path = dir.join(name);
        let sidecar = sidecar(&path);
        bytes += if sidecar.is_file() {
            read(&sidecar)?.len()
        } else {
            Compressed::smallest(&read(&path)?)
        };
    }
    Ok(bytes)
}

fn sidecar(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SIDECAR);
    name.into()
}

/// Gives the app's script and WASM a name made from the bytes of both, and returns the page with that
/// name in it. A file that is kept for a year must not change under its name, and Trunk's hash misses
/// what wasm-bindgen and wasm-opt do.
fn name_app(dir: &Path, page: String) -> Result<String, Error> {
    let names = file_names(dir)?;
    let Some(old) = names
        .iter()
        .find_map(|name| name.strip_suffix("_bg.wasm").filter(is_app))
    else {
        return Ok(page);
    };
    let (script, wasm) = (format!("{old}.js"), format!("{old}_bg.wasm"));
    let mut bytes = read(&dir.join(&script))?;
    bytes.extend(read(&dir.join(&wasm))?);
    let new = format!("page-{}", content_hash(&bytes));
    rename(&dir.join(&script), &dir.join(format!("{new}.js")))?;
    rename(&dir.join(&wasm), &dir.join(format!("{new}_bg.wasm")))?;
    Ok(page.replace(old, &new))
}

fn is_app(stem: &&str) -> bool {
    stem.strip_prefix("page-").is_some_and(is_hash)
}

/// The entry of a module in the page. It asks for script and WASM at once instead of one after the
/// other; whoever imports it waits until `main` has returned.
fn module(bindings: &str, wasm: &str) -> String {
    format!(
        r#"const wasm = fetch(new URL("./{wasm}", import.meta.url));
const {{ default: init }} = await import("./{bindings}");
await init({{ module_or_path: wasm }});
"#
    )
}

/// The worker's entry. A message that arrives before the WASM runs would be lost, since nobody
/// listens yet: it is held back and delivered, in order and with its ports, once `main` has returned. A question for the downloads,
/// which only the worker's own timeline has, is answered here.
fn worker_module(bindings: &str, wasm: &str) -> String {
    let module = module(bindings, wasm);
    format!(
        r#"addEventListener("message", (event) => {{
  if (event.data !== "downloads") return;
  event.stopImmediatePropagation();
  event.ports[0].postMessage(performance.getEntriesByType("resource").map((entry) => entry.toJSON()));
}});
const early = [];
const hold = (event) => {{
  event.stopImmediatePropagation();
  early.push({{ data: event.data, ports: [...event.ports] }});
}};
addEventListener("message", hold);
{module}removeEventListener("message", hold);
for (const held of early) dispatchEvent(new MessageEvent("message", held));
"#
    )
}

/// Writes the pack under its content's name and removes the packs of earlier times.
fn put_pack(dir: &Path, pack: &ServedPack) -> Result<String, Error> {
    let packs = dir.join(PACKS);
    fs::create_dir_all(&packs).map_err(unwritable(&packs))?;
    let pack_path = front::pack_path(pack);
    for name in file_names(&packs)? {
        if name.ends_with(".hgpack") && format!("{PACKS}{name}") != pack_path {
            remove(&packs.join(name))?;
        }
    }
    write(&dir.join(&pack_path), &pack.bytes)?;
    Ok(pack_path)
}

fn file_names(dir: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable(dir))? {
        let name = entry.map_err(unreadable(dir))?.file_name();
        names.extend(name.into_string());
    }
    Ok(names)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(unreadable(path))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(unwritable(path))
}

fn remove(path: &Path) -> Result<(), Error> {
    fs::remove_file(path).map_err(unwritable(path))
}

fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(unwritable(to))
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = PathBuf::from(path);
    move |source| Error::Read { path, source }
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = PathBuf::from(path);
    move |source| Error::Write { path, source }
}
