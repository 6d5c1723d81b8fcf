//! Results of slow steps, kept in a folder under the hash of what they were made from.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// How many earlier results are kept, so that going back is quick, too.
const KEPT: usize = 4;

/// The first 16 hex digits of the SHA-256 of parts and their lengths.
pub fn key(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Makes the result of a key unless it is kept, by writing into the folder that `work` is called with;
/// from then on it is the latest.
///
/// # Errors
///
/// If `work` fails, or a folder cannot be written.
pub fn make(folder: &Path, key: &str, work: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let kept = folder.join(key);
    if !kept.is_dir() {
        // Under another name until it is whole.
        let part = folder.join("part");
        if part.is_dir() {
            fs::remove_dir_all(&part)?;
        }
        fs::create_dir_all(&part)?;
        work(&part)?;
        fs::rename(&part, &kept)
            .with_context(|| format!("{} cannot be written", kept.display()))?;
    }
    fs::write(folder.join("latest"), key)?;
    forget_old(folder, key)
}

/// The folder of the result that was made or asked for last.
pub fn latest(folder: &Path) -> Option<PathBuf> {
    let key = fs::read_to_string(folder.join("latest")).ok()?;
    Some(folder.join(key.trim())).filter(|kept| kept.is_dir())
}

/// Removes all but the newest results and the one in use.
fn forget_old(folder: &Path, used: &str) -> Result<()> {
    let mut kept = Vec::new();
    let entries = fs::read_dir(folder);
    for entry in entries.with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && entry.file_name() != used {
            kept.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    kept.sort();
    for (_, path) in kept.iter().rev().skip(KEPT - 1) {
        fs::remove_dir_all(path)
            .with_context(|| format!("{} cannot be removed", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{KEPT, forget_old, key, latest, make};
    use std::fs;

    #[test]
    fn keys_tell_parts_and_their_borders_apart() {
        let a = key(&[b"wasm", b"plain"]);
        assert_eq!(a.len(), 16);
        assert_eq!(a, key(&[b"wasm", b"plain"]));
        assert_ne!(a, key(&[b"wasm", b"-Oz"]));
        assert_ne!(a, key(&[b"wasmp", b"lain"]));
    }

    #[test]
    fn makes_each_result_once_and_none_that_failed() {
        let folder = std::env::temp_dir().join(format!("honeyguide-made-{}", std::process::id()));
        let mut made = 0;
        for key in ["a", "b", "a"] {
            make(&folder, key, |part| {
                made += 1;
                Ok(fs::write(part.join("file"), key)?)
            })
            .expect("a temporary folder can be written");
        }
        assert!(make(&folder, "c", |_| anyhow::bail!("no")).is_err());
        let kept = latest(&folder).expect("it is kept");
        let text = fs::read_to_string(kept.join("file")).expect("it is there");
        fs::remove_dir_all(&folder).ok();
        assert_eq!((made, text.as_str()), (2, "a"));
    }

    #[test]
    fn keeps_the_one_in_use_and_the_newest() {
        let folder = std::env::temp_dir().join(format!("honeyguide-kept-{}", std::process::id()));
        let second = std::time::Duration::from_secs(1);
        let start = std::time::SystemTime::now() - 100 * second;
        for age in 0..KEPT + 3 {
            let path = folder.join(format!("{age}"));
            fs::create_dir_all(&path).expect("a temporary folder can be written");
            let at = start + second * age as u32;
            let folder = fs::File::open(&path).expect("it is there");
            folder.set_modified(at).expect("its time can be set");
        }
        fs::write(folder.join("latest"), "0").expect("a temporary file can be written");
        forget_old(&folder, "0").expect("old results can be removed");
        let mut left: Vec<String> = fs::read_dir(&folder)
            .expect("it is there")
            .map(|entry| {
                let name = entry.expect("readable").file_name();
                name.to_string_lossy().into_owned()
            })
            .collect();
        left.sort();
        fs::remove_dir_all(&folder).ok();
        let mut expected = vec!["0".to_owned(), "latest".to_owned()];
        expected.extend((4..KEPT + 3).map(|age| age.to_string()));
        expected.sort();
        assert_eq!(left, expected);
    }
}
