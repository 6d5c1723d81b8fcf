//! Installs what is missing, and says so. Each step looks first and does nothing when all is there.

use std::{env, fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::project::Project;

const TRUNK: &str = "0.21.14";
/// Any release of this series builds the page alike; a newer series wants a newer Rust.
const TRUNK_SERIES: &str = "0.21.";
const OLDEST_NODE: u32 = 20;

/// What the tools are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Building and serving the page. Does without Node: the WASM is then larger.
    Page,
    /// The browser tests, too.
    Tests,
}

/// Makes sure that every tool is there.
///
/// # Errors
///
/// If a step fails; the message names it and what to do by hand.
pub fn ensure(project: &Project, needs: Needs) -> Result<()> {
    wasm_target(project)?;
    wasm_bindgen(project)?;
    trunk(project)?;
    match (node_packages(project), needs) {
        (Ok(()), _) => {}
        (Err(error), Needs::Tests) => return Err(error),
        (Err(error), Needs::Page) => {
            eprintln!("note: {error:#}");
            eprintln!("note: the page is built without wasm-opt; it works, and is larger");
        }
    }
    if needs == Needs::Tests {
        browser(project)?;
    }
    Ok(())
}

/// What wasm-opt says of itself; `None` if there is none that runs.
pub fn wasm_opt_version(project: &Project) -> Option<String> {
    let version = project.output("wasm-opt", &["--version"])?;
    Some(version.trim().to_owned())
}

fn wasm_target(project: &Project) -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let sysroot = project
        .output("rustc", &["--print", "sysroot"])
        .context("rustc does not run: install Rust with rustup")?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET);
    if library.is_dir() {
        return Ok(());
    }
    step("Rust for WebAssembly");
    project
        .run(project.command("rustup").args(["target", "add", TARGET]))
        .with_context(|| format!("add the Rust target {TARGET} to the toolchain by hand"))
}

fn wasm_bindgen(project: &Project) -> Result<()> {
    // The command and the crate exchange an unstable format: they must be of one version.
    let version = locked_version(project, "wasm-bindgen")?;
    let found = project
        .output("wasm-bindgen", &["--version"])
        .unwrap_or_default();
    let runner = project.find_program("wasm-bindgen-test-runner");
    if runner.is_some() && found.split_whitespace().nth(1) == Some(&version) {
        return Ok(());
    }
    step(&format!("wasm-bindgen {version} (a few minutes, once)"));
    // Without --locked: its lock file names a version that is no longer to be had.
    cargo_install(project, "wasm-bindgen-cli", &version, &[])
}

fn trunk(project: &Project) -> Result<()> {
    let found = project.output("trunk", &["--version"]).unwrap_or_default();
    let found = found.split_whitespace().nth(1).unwrap_or_default();
    if found.starts_with(TRUNK_SERIES) {
        return Ok(());
    }
    step(&format!("Trunk {TRUNK} (about ten minutes, once)"));
    cargo_install(project, "trunk", TRUNK, &["--locked"])
}

/// Builds a command into our tools folder, quickly rather than well: it runs for seconds a day.
fn cargo_install(project: &Project, name: &str, version: &str, options: &[&str]) -> Result<()> {
    // A folder of its own, so that an interrupted build goes on where it stopped.
    let build = project.tools.join("build");
    project
        .run(
            project
                .command("cargo")
                .args(["install", name, "--version", version, "--force", "--root"])
                .arg(&project.tools)
                .args(options)
                .env("CARGO_TARGET_DIR", &build)
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
        )
        .with_context(|| {
            format!("install {name} {version} by hand so that it is on PATH, then run this again")
        })?;
    // Some hundred megabytes that nobody needs again.
    fs::remove_dir_all(&build).ok();
    Ok(())
}

/// wasm-opt, and what drives the browser.
fn node_packages(project: &Project) -> Result<()> {
    let version = project
        .output("node", &["--version"])
        .context("Node.js is missing: install version 20 or newer, with npm")?;
    let major = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!(
            "Node.js {} is too old: install version {OLDEST_NODE} or newer",
            version.trim()
        );
    }
    let tests = project.root.join("tests");
    // npm writes this file last.
    let installed = modified(&tests.join("node_modules/.package-lock.json"));
    let wanted = modified(&tests.join("package-lock.json"));
    if installed.is_some() && installed >= wanted {
        return Ok(());
    }
    step("npm packages of tests/");
    project
        .run(
            project
                .command("npm")
                .args(["ci", "--no-audit", "--no-fund"])
                .current_dir(&tests),
        )
        .context("run `npm ci` in tests/ by hand and see what it lacks")
}

fn browser(project: &Project) -> Result<()> {
    let driver =
        env::var_os("CHROMEDRIVER").is_some() || project.find_program("chromedriver").is_some();
    if project.browser().is_ok() && driver {
        return Ok(());
    }
    step("Chromium and its driver");
    let by_hand = "install Chromium and chromedriver so that both are on PATH, then run this again";
    if project.find_program("apt-get").is_none() {
        bail!("there is no apt-get here: {by_hand}");
    }
    let as_root = project
        .output("id", &["-u"])
        .is_some_and(|id| id.trim() == "0");
    let apt = |arguments: &[&str]| {
        let mut command = project.command(if as_root { "apt-get" } else { "sudo" });
        if !as_root {
            command.arg("apt-get");
        }
        command.env("DEBIAN_FRONTEND", "noninteractive");
        project.run(command.args(arguments)).context(by_hand)
    };
    apt(&["update", "-q"])?;
    apt(&[
        "install",
        "-qy",
        "--no-install-recommends",
        "chromium",
        "chromium-driver",
    ])
}

/// The version of a package in Cargo.lock.
fn locked_version(project: &Project, package: &str) -> Result<String> {
    let lock = fs::read_to_string(project.root.join("Cargo.lock"))
        .context("Cargo.lock cannot be read: run `cargo generate-lockfile`")?;
    version_in_lock(&lock, package).with_context(|| {
        format!("Cargo.lock names no {package}; does the page still depend on it?")
    })
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next()?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

fn step(what: &str) {
    println!("setup: {what}");
}

#[cfg(test)]
mod tests {
    use super::version_in_lock;

    #[test]
    fn finds_a_version_in_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-shared\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(
            version_in_lock(lock, "wasm-bindgen").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(version_in_lock(lock, "bindgen"), None);
    }
}
