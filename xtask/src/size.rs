//! `cargo xtask size`: what a visitor downloads, beside its budget.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, Result};

/// A part of the page, by the names of its scripts and WASM, and what it may weigh.
struct Part {
    name: &'static str,
    /// Files are `<prefix>…js` and `<prefix>…wasm`.
    prefix: &'static str,
    /// Bytes after brotli; 1 KB = 1,000 bytes.
    budget: usize,
    /// What the least that does the job weighs, where that was measured.
    bare: Option<usize>,
}

const PARTS: [Part; 6] = [
    Part {
        name: "page",
        prefix: "page-",
        budget: 250_000,
        bare: None,
    },
    Part {
        name: "ranker",
        prefix: "ranker-",
        budget: 85_000,
        bare: None,
    },
    Part {
        name: "lab",
        prefix: "lab-",
        budget: 300_000,
        bare: None,
    },
    Part {
        name: "analyst",
        prefix: "analyst-",
        budget: 120_000,
        bare: None,
    },
    Part {
        name: "trainer for the CPU",
        prefix: "trainer-cpu-",
        budget: 550_000,
        bare: Some(459_000),
    },
    Part {
        name: "trainer for WebGPU",
        prefix: "trainer-webgpu-",
        budget: 2_600_000,
        bare: Some(2_250_000),
    },
];

struct Size {
    path: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Prints the size of every file in the built folder, plain and compressed as well as can be, and
/// the parts' totals. Fails if a part is over its budget.
///
/// # Errors
///
/// If a file cannot be read.
pub fn report(dist: &Path) -> Result<ExitCode> {
    let mut sizes = Vec::new();
    measure_below(dist, "", &mut sizes)?;
    sizes.sort_by(|a, b| b.brotli.cmp(&a.brotli).then_with(|| a.path.cmp(&b.path)));
    println!("{:>10} {:>10} {:>10}  file", "raw", "gzip -9", "brotli 11");
    for size in &sizes {
        println!(
            "{:>10} {:>10} {:>10}  {}",
            size.raw, size.gzip, size.brotli, size.path
        );
    }
    println!();
    let mut code = ExitCode::SUCCESS;
    for part in &PARTS {
        let files = sizes.iter().filter(|size| {
            size.path.starts_with(part.prefix)
                && (size.path.ends_with(".js") || size.path.ends_with(".wasm"))
        });
        let total: usize = files.map(|size| size.brotli).sum();
        let verdict = if total == 0 {
            code = ExitCode::FAILURE;
            "no such file"
        } else if total > part.budget {
            code = ExitCode::FAILURE;
            "over budget"
        } else {
            "within budget"
        };
        let bare = part.bare.map_or(String::new(), |bare| {
            format!(
                "; the spike that set the budget is given as {:.1} KB, {:+.1} KB",
                bare as f64 / 1000.0,
                (total as f64 - bare as f64) / 1000.0
            )
        });
        println!(
            "{}: {:.1} KB of WASM and script after brotli, budget {} KB: {verdict}{bare}",
            part.name,
            total as f64 / 1000.0,
            part.budget / 1000
        );
    }
    Ok(code)
}

fn measure_below(dir: &Path, prefix: &str, sizes: &mut Vec<Size>) -> Result<()> {
    let unreadable = || format!("{} cannot be read", dir.display());
    for entry in fs::read_dir(dir).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name.ends_with(".br") {
            continue; // The build's own, or a compressed form: never a file of its own.
        }
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            measure_below(&entry.path(), &format!("{path}/"), sizes)?;
        } else {
            let unreadable = || format!("{path} cannot be read");
            let bytes = fs::read(entry.path()).with_context(unreadable)?;
            let made = dir.join(format!("{name}.br"));
            let brotli = if made.is_file() {
                fs::read(made).with_context(unreadable)?
            } else {
                brotli(&bytes)?
            };
            sizes.push(Size {
                raw: bytes.len(),
                gzip: gzip(&bytes)?,
                brotli: brotli.len(),
                path,
            });
        }
    }
    Ok(())
}

fn gzip(bytes: &[u8]) -> io::Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// Brotli's best quality.
pub fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        // The largest that browsers take.
        lgwin: 24,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
    Ok(out)
}
