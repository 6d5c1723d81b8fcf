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
}

const PARTS: [Part; 2] = [
    Part {
        name: "page",
        prefix: "page-",
        budget: 250_000,
    },
    Part {
        name: "ranker",
        prefix: "ranker-",
        budget: 85_000,
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
        println!(
            "{}: {:.1} KB of WASM and script after brotli, budget {} KB: {verdict}",
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
        if name.starts_with('.') {
            continue; // The build's own; never served.
        }
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            measure_below(&entry.path(), &format!("{path}/"), sizes)?;
        } else {
            let bytes = fs::read(entry.path()).with_context(|| format!("{path} cannot be read"))?;
            sizes.push(Size {
                path,
                raw: bytes.len(),
                gzip: gzip(&bytes)?,
                brotli: brotli(&bytes)?,
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

fn brotli(bytes: &[u8]) -> io::Result<usize> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
    Ok(out.len())
}
