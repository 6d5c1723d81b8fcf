//! Serving the page, and the last step of building it.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use engine::view;
use server::{Config, ServedPack};

use crate::files;

/// Covers and places that the page shows before any WASM has loaded.
const FIRST_ITEMS: usize = 24;

/// Options of `serve`.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// The built page.
    #[arg(long, default_value = "dist")]
    dir: PathBuf,
    /// A pack to serve instead of the built one.
    #[arg(long)]
    pack: Option<PathBuf>,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    address: IpAddr,
}

/// Options of `finish`.
#[derive(Clone, Debug, Args)]
pub struct Finish {
    /// The folder that Trunk built.
    #[arg(long)]
    dir: PathBuf,
    /// The pack of the page.
    #[arg(long)]
    pack: PathBuf,
}

/// Options of `publish`.
#[derive(Clone, Debug, Args)]
pub struct Publish {
    /// The built page.
    #[arg(long, default_value = "dist")]
    dir: PathBuf,
    /// A pack for the page instead of the built one.
    #[arg(long)]
    pack: Option<PathBuf>,
    /// The folder to write; one that was published before is made anew.
    #[arg(long)]
    out: PathBuf,
}

/// `honeyguide serve`.
///
/// # Errors
/// An unreadable pack, an unfinished folder, a busy port.
pub fn serve(options: &Serve) -> Result<()> {
    let pack = options.pack.as_deref().map(served_pack).transpose()?;
    server::run_blocking(Config {
        dir: options.dir.clone(),
        pack,
        addr: SocketAddr::new(options.address, options.port),
    })?;
    Ok(())
}

/// `honeyguide finish`.
///
/// # Errors
/// An unreadable pack, a folder that Trunk did not build.
pub fn finish(options: &Finish) -> Result<()> {
    let finished = server::finish(&options.dir, &served_pack(&options.pack)?)?;
    println!(
        "{}: {} and {}",
        options.dir.display(),
        finished.ranker,
        finished.pack
    );
    for part in &finished.later {
        println!("  {}, {} bytes to download", part.entry, part.bytes);
    }
    Ok(())
}

/// `honeyguide publish`.
///
/// # Errors
/// An unreadable pack, an unfinished folder, an output folder with other files in it.
pub fn publish(options: &Publish) -> Result<()> {
    let pack = options.pack.as_deref().map(served_pack).transpose()?;
    let published = server::publish(&options.dir, pack.as_ref(), &options.out)?;
    println!(
        "{}: {} files, {:.1} MB, for any static host under any path",
        options.out.display(),
        published.files,
        published.bytes as f64 / 1e6
    );
    Ok(())
}

fn served_pack(path: &Path) -> Result<ServedPack> {
    let (bytes, pack) = files::read_pack(path)?;
    Ok(ServedPack {
        items: view::popular(&pack, FIRST_ITEMS),
        name: pack.manifest.name,
        bytes,
    })
}
