//! The pack of the demo catalogue, with an encoder trained on simulated visits.
//!
//! Training takes minutes, so the result is kept below the target folder under the hash of what went
//! into it, as a fresh checkout (whose files are all new) would otherwise train again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{kept, project::Project};

const CATALOGUE: &str = "www/films.csv";

/// How the encoder is trained: settings that rank best on a validation part of the simulated visits.
const RECIPE: [&str; 7] = [
    "--simulate",
    "--name",
    "Films, 1920 to today",
    "--batch",
    "32",
    "--epochs",
    "16",
];

/// What decides on the pack's bytes besides the recipe, below the root. The lock file is not among
/// it: of its hundreds of packages few touch training, and those change with `crates/trainer`.
const SOURCES: [&str; 9] = [
    CATALOGUE,
    "crates/recommender/src",
    "crates/trainer/Cargo.toml",
    "crates/trainer/src",
    "crates/cli/src/pack.rs",
    "crates/cli/src/pretrain.rs",
    "crates/cli/src/simulate.rs",
    "crates/cli/src/svd.rs",
    "crates/cli/src/train",
];

/// The pack that [`make`] made.
pub fn pack(project: &Project) -> Result<PathBuf> {
    kept::latest(&folder(project))
        .map(|folder| folder.join("demo.hgpack"))
        .filter(|pack| pack.is_file())
        .context("there is no demo pack: `cargo xtask demo-pack` makes it")
}

/// Makes the pack if what goes into it changed. `binary` is the `honeyguide` command.
pub fn make(project: &Project, binary: &Path) -> Result<()> {
    let mut parts: Vec<Vec<u8>> = RECIPE.map(|part| part.as_bytes().to_vec()).into();
    for source in SOURCES {
        read_below(&project.root.join(source), &mut parts)?;
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    kept::make(&folder(project), &kept::key(&parts), |part| {
        println!(
            "making the demo pack, with its encoder (minutes; kept until the learner changes)"
        );
        project.run(
            project
                .command(&binary.to_string_lossy())
                .arg("pretrain")
                .arg(project.root.join(CATALOGUE))
                .args(RECIPE)
                .arg("--out")
                .arg(part.join("demo.hgpack")),
        )
    })?;
    Ok(())
}

fn folder(project: &Project) -> PathBuf {
    project.target.join("demo")
}

/// Names and contents of the files at or below a path, in the order of their names.
fn read_below(path: &Path, parts: &mut Vec<Vec<u8>>) -> Result<()> {
    let unreadable = || format!("{} cannot be read", path.display());
    if path.is_dir() {
        let mut below = fs::read_dir(path)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .with_context(unreadable)?;
        let below: &mut Vec<PathBuf> = &mut below;
        below.sort();
        return below.iter().try_for_each(|path| read_below(path, parts));
    }
    let name = path.file_name().unwrap_or_default();
    parts.push(name.to_string_lossy().as_bytes().to_vec());
    parts.push(fs::read(path).with_context(unreadable)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::read_below;
    use std::fs;

    #[test]
    fn reads_all_files_with_their_names_in_one_order() {
        let folder = std::env::temp_dir().join(format!("honeyguide-read-{}", std::process::id()));
        fs::create_dir_all(folder.join("b")).expect("a temporary folder can be written");
        for (name, text) in [("c", "three"), ("a", "one"), ("b/x", "two")] {
            fs::write(folder.join(name), text).expect("a temporary file can be written");
        }
        let mut parts = Vec::new();
        read_below(&folder, &mut parts).expect("it can be read");
        assert!(read_below(&folder.join("none"), &mut Vec::new()).is_err());
        fs::remove_dir_all(&folder).ok();
        assert_eq!(
            parts,
            ["a", "one", "x", "two", "c", "three"].map(str::as_bytes)
        );
    }
}
