//! A training that goes on later: the trainer's own state, with the data and settings it belongs to.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use recommender::format::{self, Kind};
use serde::{Deserialize, Serialize};

use crate::files;

/// What a training depends on, as (name, value): hashes of the data and every setting.
pub type Settings = Vec<(String, String)>;

/// What is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Data and settings.
    pub settings: Settings,
    /// Bytes of the metrics file at this point; what was written later is cut off on resuming.
    pub metrics_bytes: u64,
    /// The trainer's state.
    pub training: Vec<u8>,
}

impl Checkpoint {
    /// Writes the file whole or not at all.
    ///
    /// # Errors
    /// An unwritable file.
    pub fn store(&self, path: &Path) -> Result<()> {
        files::replace(path, &format::encode(Kind::Checkpoint, self))
    }

    /// Reads a checkpoint of these very settings.
    ///
    /// # Errors
    /// No file, a damaged one, or one of other data or settings: the message names what differs.
    pub fn load(path: &Path, settings: &Settings) -> Result<Self> {
        let name = path.display();
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                bail!("there is no checkpoint {name}; leave --resume out to start")
            }
            read => read.with_context(|| format!("{name} cannot be read"))?,
        };
        let found: Self =
            format::decode(Kind::Checkpoint, &bytes).with_context(|| name.to_string())?;
        let different = differences(&found.settings, settings);
        if !different.is_empty() {
            bail!(
                "{name} belongs to another training: {different}; repeat the command as it was, or \
                 delete the file to start afresh"
            );
        }
        Ok(found)
    }
}

/// What differs, in words; empty if nothing does.
fn differences(then: &Settings, now: &Settings) -> String {
    let value = |settings: &Settings, name: &str| {
        let found = settings.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.clone())
    };
    let mut text = String::new();
    let mut names: Vec<&String> = then.iter().chain(now).map(|(name, _)| name).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.as_str()));
    for name in names {
        let (then, now) = (value(then, name), value(now, name));
        if then == now {
            continue;
        }
        let shown = |value: Option<String>| match value {
            // Hashes say nothing to people beyond being different.
            Some(hash) if hash.len() > 16 => format!("{}…", &hash[..hash.floor_char_boundary(8)]),
            Some(value) => value,
            None => "absent".into(),
        };
        let separator = if text.is_empty() { "" } else { ", " };
        let (then, now) = (shown(then), shown(now));
        write!(text, "{separator}{name} was {then} and is {now}").expect("memory");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(dim: &str, hash: &str) -> Settings {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![pair("--dim", dim), pair("input events.csv", hash)]
    }

    #[test]
    fn the_file_is_written_and_read_and_its_bytes_are_kept() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.hgpack.checkpoint");
        let stored = Checkpoint {
            settings: vec![("--dim".into(), "8".into())],
            metrics_bytes: 300,
            training: vec![1, 2, 255],
        };
        stored.store(&path).expect("writable");
        assert_eq!(
            Checkpoint::load(&path, &stored.settings).expect("it is there"),
            stored
        );
        // The layout is a format: a change of these bytes needs a new version.
        let golden = b"HGCKPT\x01\0\x0f\0\0\0\0\0\0\0";
        let bytes = fs::read(&path).expect("it is there");
        assert_eq!(&bytes[..16], golden);
        assert_eq!(&bytes[20..], b"\x01\x05--dim\x018\xac\x02\x03\x01\x02\xff");
    }

    #[test]
    fn other_settings_and_damage_are_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.hgpack.checkpoint");
        let hash = "0123456789abcdef0123456789abcdef";
        let load = |now: &Settings| {
            let error = Checkpoint::load(&path, now).expect_err("it does not fit");
            format!("{error:#}")
        };
        assert!(load(&settings("64", hash)).contains("leave --resume out"));
        Checkpoint {
            settings: settings("64", hash),
            metrics_bytes: 0,
            training: Vec::new(),
        }
        .store(&path)
        .expect("writable");
        let said = load(&settings("32", &hash.replace('0', "f")));
        assert!(said.contains("--dim was 64 and is 32"), "{said}");
        assert!(said.contains("input events.csv was 01234567…"), "{said}");
        let mut bytes = fs::read(&path).expect("it is there");
        *bytes.last_mut().expect("not empty") ^= 1;
        fs::write(&path, bytes).expect("writable");
        assert!(load(&settings("64", hash)).contains("checksum"));
    }
}
