//! The two builds of the trainer worker: compiled, bound, optimised, compressed, and kept.
//!
//! Trunk does not build them: it would run minutes of wasm-opt after every edit. They are kept below
//! the target folder under the hash of what the compiler made, so that the slow steps run only when
//! that changed; `finish` copies them beside the page.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::{kept, project::Project, setup};

const TARGET: &str = "wasm32-unknown-unknown";

/// What today's compiler uses of WebAssembly; the same as in index.html.
const FEATURES: [&str; 7] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// How hard wasm-opt tries. More makes the files smaller and their brotli larger, by 5 per cent, and
/// takes three times as long.
const LEVEL: &str = "-O1";

/// The options of wasm-opt.
pub fn wasm_opt() -> String {
    format!("{} {LEVEL}", FEATURES.join(" "))
}

/// One build.
struct Trainer {
    /// Cargo feature and profile, and stem of the files.
    name: &'static str,
    binary: &'static str,
    /// For people.
    backend: &'static str,
}

const TRAINERS: [Trainer; 2] = [
    Trainer {
        name: "trainer-cpu",
        binary: "trainer_cpu",
        backend: "the CPU",
    },
    Trainer {
        name: "trainer-webgpu",
        binary: "trainer_webgpu",
        backend: "WebGPU",
    },
];

/// Builds what is missing or out of date. Returns what tells these builds from all others.
///
/// # Errors
///
/// If a step fails.
pub fn build(project: &Project) -> Result<String> {
    let optimiser = setup::wasm_opt_version(project);
    let mut keys = Vec::new();
    for trainer in &TRAINERS {
        keys.push(trainer.build(project, optimiser.as_deref())?);
    }
    Ok(keys.join(" "))
}

/// Copies the kept builds into a folder that Trunk builds, under names without a hash.
///
/// # Errors
///
/// If a file cannot be copied. A build that was never made is only noted: the page does without.
pub fn copy_into(project: &Project, staging: &Path) -> Result<()> {
    for trainer in &TRAINERS {
        let Some(kept) = trainer.latest(project) else {
            eprintln!(
                "note: no trainer for {} has been built yet, so the page does not train on it; \
                 `cargo xtask trainers` builds it",
                trainer.backend
            );
            continue;
        };
        for file in trainer.files() {
            let (from, to) = (kept.join(&file), staging.join(&file));
            fs::copy(&from, &to).with_context(|| {
                format!("{} cannot be copied to {}", from.display(), to.display())
            })?;
        }
    }
    Ok(())
}

impl Trainer {
    fn files(&self) -> [String; 3] {
        [".js", "_bg.wasm", "_bg.wasm.br"].map(|ending| format!("{}{ending}", self.name))
    }

    fn folder(&self, project: &Project) -> PathBuf {
        project.target.join("trainers").join(self.name)
    }

    /// The folder of the newest result.
    fn latest(&self, project: &Project) -> Option<PathBuf> {
        kept::latest(&self.folder(project))
            .filter(|kept| self.files().iter().all(|file| kept.join(file).is_file()))
    }

    /// Returns the key under which the result is kept.
    fn build(&self, project: &Project, optimiser: Option<&str>) -> Result<String> {
        println!("trainer for {}: compiling what changed", self.backend);
        project.run(
            project
                .command("cargo")
                .args(["build", "--package", "engine", "--no-default-features"])
                .args(["--features", self.name, "--bin", self.binary])
                .args(["--profile", self.name, "--target", TARGET]),
        )?;
        let linked = project
            .target
            .join(TARGET)
            .join(self.name)
            .join(self.binary)
            .with_extension("wasm");
        let bytes = fs::read(&linked).with_context(|| unreadable(&linked))?;
        let way = optimiser.map_or("plain".into(), |version| format!("{version} {LEVEL}"));
        let binder = project
            .output("wasm-bindgen", &["--version"])
            .unwrap_or_default();
        let key = kept::key(&[&bytes, binder.as_bytes(), way.as_bytes()]);
        kept::make(&self.folder(project), &key, |part| {
            self.make(project, &linked, part, optimiser.is_some())
        })?;
        Ok(key)
    }

    /// Makes the files of a page out of the linked WASM.
    fn make(&self, project: &Project, linked: &Path, folder: &Path, optimise: bool) -> Result<()> {
        let step = |what: &str| println!("trainer for {}: {what}", self.backend);
        let [_, wasm, packed] = self.files().map(|file| folder.join(file));
        step("wasm-bindgen");
        project.run(
            project
                .command("wasm-bindgen")
                .args(["--target", "web", "--no-typescript"])
                .args(["--remove-name-section", "--remove-producers-section"])
                .args(["--out-name", self.name, "--out-dir"])
                .arg(folder)
                .arg(linked),
        )?;
        if optimise {
            step("wasm-opt (minutes)");
            let start = Instant::now();
            let slim = folder.join("slim.wasm");
            project.run(
                project
                    .command("wasm-opt")
                    .args(wasm_opt().split(' '))
                    .arg(&wasm)
                    .arg("--output")
                    .arg(&slim),
            )?;
            fs::rename(&slim, &wasm)?;
            step(&format!("wasm-opt: {:.0} s", start.elapsed().as_secs_f32()));
        }
        step("brotli");
        let bytes = fs::read(&wasm).with_context(|| unreadable(&wasm))?;
        if bytes.is_empty() {
            bail!("{} is empty: run this again", wasm.display());
        }
        let packed_bytes = crate::size::brotli(&bytes)?;
        fs::File::create(&packed)?.write_all(&packed_bytes)?;
        step(&format!(
            "{:.1} KB, {:.1} KB after brotli",
            bytes.len() as f64 / 1000.0,
            packed_bytes.len() as f64 / 1000.0
        ));
        Ok(())
    }
}

fn unreadable(path: &Path) -> String {
    format!("{} cannot be read", path.display())
}
