//! The manifest of a catalogue that a visitor brought.

use crate::pack::Manifest;
use crate::random;

/// Longest readable part of an id in bytes.
const MAX_SLUG: usize = 40;

/// About a catalogue that was read from a file on the visitor's own device; `title` is what the file
/// calls itself, such as a feed's title.
///
/// The catalogue's id comes from the file's name alone: the same file, and a newer one of the same
/// name, find the profile again, whose events name items by their ids. The ` (1)` that browsers put
/// behind the name of a second download does not count.
pub fn manifest(file: &str, title: Option<&str>) -> Manifest {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).trim();
    let stem = without_number(stem);
    let name = match title.map(str::trim) {
        Some(title) if !title.is_empty() => title,
        _ if stem.is_empty() => "Your catalogue",
        _ => stem,
    };
    Manifest {
        catalogue_id: id(stem),
        name: name.to_owned(),
        about: format!("Read from {file} on this device."),
        ..Manifest::default()
    }
}

/// `films (2)` → `films`.
fn without_number(stem: &str) -> &str {
    let number = stem
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("));
    match number {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name.trim_end(),
        _ => stem,
    }
}

/// Never the id of a pack that a site ships, since those are plain names; readable, and distinct for
/// names in any script.
fn id(stem: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let slug: String = stem.chars().take(MAX_SLUG).map(plain).collect();
    let hash = random::hash(stem.as_bytes()) as u32;
    format!("own-{slug}-{hash:08x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_name_decides_the_id() {
        let id = |file: &str| manifest(file, None).catalogue_id;
        assert_eq!(id("My films.csv"), id("My films (2).csv"));
        assert_eq!(id("My films.csv"), id("My films.json"));
        assert!(id("My films.csv").starts_with("own-my-films-"));
        assert_ne!(id("映画.csv"), id("音楽.csv"));
        assert_ne!(id("films (best).csv"), id("films.csv"));
    }

    #[test]
    fn the_name_is_the_feeds_title_or_the_files() {
        let about = manifest("feed.xml", Some(" News "));
        assert_eq!(about.name, "News");
        assert_eq!(about.about, "Read from feed.xml on this device.");
        assert!(about.licence.is_empty() && !about.simulated);
        assert_eq!(manifest("My films (1).csv", Some("")).name, "My films");
        assert_eq!(manifest(".csv", None).name, "Your catalogue");
    }
}
