//! Writing files so that a crash leaves the old one or the new one, never a half.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use recommender::Pack;
use sha2::{Digest, Sha256};

/// Writes beside the target first, then renames.
///
/// # Errors
/// The folder or the file cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    make_folder(path)?;
    let partial = beside(path, "partial");
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&partial)?;
        file.write_all(bytes)?;
        // Else the rename may reach the disk before the bytes do.
        file.sync_all()
    };
    write().with_context(|| format!("{} cannot be written", partial.display()))?;
    fs::rename(&partial, path).with_context(|| format!("{} cannot be written", path.display()))
}

/// Makes the folder that `path` is to be in.
///
/// # Errors
/// It cannot be made.
pub fn make_folder(path: &Path) -> Result<()> {
    match path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) => fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display())),
        None => Ok(()),
    }
}

/// `FILE` → `FILE.suffix`.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// Reads a pack file.
///
/// # Errors
/// It cannot be read, or it is no pack of this version.
pub fn read_pack(path: &Path) -> Result<(Vec<u8>, Pack)> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let pack = Pack::decode(&bytes).with_context(|| path.display().to_string())?;
    Ok((bytes, pack))
}

/// SHA-256 in hexadecimal.
pub fn sha256<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    parts.into_iter().for_each(|part| hasher.update(part));
    let digest = hasher.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
