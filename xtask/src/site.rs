//! Builds the page when something changed, and serves it.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, Result, bail};

use crate::{
    demo,
    project::Project,
    setup::{self, Needs},
    trainers,
};

/// What the built page is made from, files and folders below the root.
const INPUTS: [&str; 8] = [
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "index.html",
    ".cargo",
    "crates",
    "src",
    "www",
];

/// Written into the built folder when it is complete, with the way it was built. Trunk empties the
/// folder, so a build of another kind (`trunk serve`, one that broke off) leaves none.
const STAMP: &str = ".complete";

/// Options of `serve`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ServeOptions {
    port: Option<u16>,
    pack: Option<PathBuf>,
}

impl ServeOptions {
    /// Reads `[--port PORT] [--pack FILE]`.
    ///
    /// # Errors
    ///
    /// For an unknown option, a missing value or a port that is none.
    pub fn parse(arguments: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        let mut arguments = arguments.iter();
        while let Some(&option) = arguments.next() {
            let value = arguments
                .next()
                .with_context(|| format!("`{option}` needs a value"))?;
            match option {
                "--port" => {
                    let port = value.parse();
                    options.port = Some(port.with_context(|| format!("`{value}` is no port"))?);
                }
                // Relative to where the command was given, not to the root.
                "--pack" => options.pack = Some(env::current_dir()?.join(value)),
                _ => bail!("unknown option `{option}`; there are --port PORT and --pack FILE"),
            }
        }
        Ok(options)
    }
}

/// `cargo xtask serve`: builds what changed and serves until stopped.
pub fn serve(project: &Project, options: &ServeOptions) -> Result<()> {
    if let Some(pack) = options.pack.as_deref().filter(|pack| !pack.is_file()) {
        // Now, not after minutes of building.
        bail!(
            "there is no pack {}: `honeyguide pack` makes one",
            pack.display()
        );
    }
    let binary = build(project)?;
    let mut command = project.command(&binary.to_string_lossy());
    command.arg("serve").arg("--dir").arg(project.dist());
    command
        .arg("--port")
        .arg(options.port.unwrap_or(8787).to_string());
    if let Some(pack) = &options.pack {
        command.arg("--pack").arg(pack);
    }
    // In place of this process, so that a signal meant for the server reaches it.
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        Err(command.exec()).context("the server cannot be started")
    }
    #[cfg(not(unix))]
    project.run(&mut command)
}

/// Builds the page, the trainers and the `honeyguide` command if they are missing or out of date;
/// returns the path of the command.
pub fn build(project: &Project) -> Result<PathBuf> {
    setup::ensure(project, Needs::Page)?;
    let binary = build_cli(project)?;
    let trainers = trainers::build(project)?;
    let optimised = setup::wasm_opt_version(project).is_some();
    let way = if optimised { "wasm-opt" } else { "plain" };
    let way = format!("{way} {trainers}");
    let stamp = project.dist().join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|built| built == way)
        && modified(&stamp) > newest_input(&project.root)
    {
        return Ok(binary);
    }
    println!("building the page (minutes the first time, seconds later)");
    let start = SystemTime::now();
    let mut trunk = project.command("trunk");
    trunk.args(["build", "--offline", "true"]);
    if !optimised {
        // Trunk calls wasm-opt for release builds only; the cargo profile stays the same.
        trunk.args(["--release", "false"]);
    }
    // Some CI systems set it to 1, which Trunk takes for an error.
    trunk.env_remove("NO_COLOR");
    project.run(&mut trunk)?;
    fs::write(&stamp, &way)
        // As of the start: what was edited during the build may not be in it.
        .and_then(|()| {
            File::options()
                .write(true)
                .open(&stamp)?
                .set_modified(start)
        })
        .with_context(|| format!("{} cannot be written", stamp.display()))?;
    Ok(binary)
}

/// Trunk's hook before it builds: the pack of the demo catalogue.
pub fn demo_pack(project: &Project) -> Result<()> {
    let binary = build_cli(project)?;
    demo::make(project, &binary)
}

/// Trunk's hook after it has built: the trainers, names by content, the pack, the first list.
pub fn finish(project: &Project) -> Result<()> {
    let staging = env::var_os("TRUNK_STAGING_DIR")
        .context("Trunk calls this while it builds, and sets TRUNK_STAGING_DIR")?;
    let binary = build_cli(project)?;
    trainers::copy_into(project, Path::new(&staging))?;
    project.run(
        project
            .command(&binary.to_string_lossy())
            .arg("finish")
            .arg("--dir")
            .arg(staging)
            .arg("--pack")
            .arg(demo::pack(project)?),
    )
}

/// Writes the built page to `out/dist`, for any static host under any path.
pub fn publish(project: &Project, binary: &Path) -> Result<()> {
    project.run(
        project
            .command(&binary.to_string_lossy())
            .arg("publish")
            .arg("--dir")
            .arg(project.dist())
            .arg("--out")
            .arg(project.root.join("out/dist")),
    )
}

fn build_cli(project: &Project) -> Result<PathBuf> {
    project.run(project.command("cargo").args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "cli",
    ]))?;
    let name = Path::new("honeyguide").with_extension(env::consts::EXE_EXTENSION);
    Ok(project.target.join("release").join(name))
}

fn newest_input(root: &Path) -> Option<SystemTime> {
    INPUTS
        .iter()
        .filter_map(|input| newest(&root.join(input)))
        .max()
}

/// The time of the newest change at or below a path. Folders count, too: a removed file shows there.
fn newest(path: &Path) -> Option<SystemTime> {
    let below = fs::read_dir(path)
        .into_iter()
        .flatten()
        .filter_map(|entry| newest(&entry.ok()?.path()))
        .max();
    modified(path).max(below)
}

/// `None`, older than everything, if there is no such file.
fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_options_of_serve() {
        assert_eq!(
            ServeOptions::parse(&[]).expect("no option is needed"),
            ServeOptions::default()
        );
        let options = ServeOptions::parse(&["--pack", "/p.hgpack", "--port", "9000"])
            .expect("both options are right");
        assert_eq!(options.port, Some(9000));
        assert_eq!(options.pack.as_deref(), Some(Path::new("/p.hgpack")));
        for wrong in [&["--port"][..], &["--port", "70000"], &["--speed", "9"]] {
            assert!(ServeOptions::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
