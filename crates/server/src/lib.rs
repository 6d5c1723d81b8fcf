//! Serves the built page and its packs, and finishes a folder that Trunk has built.
//!
//! A [`Site`] is the built folder in memory: a map from path to bytes, made once at start-up.
//! [`app`] answers from that map and touches no file afterwards, so a path in a request can name
//! nothing but what was loaded. [`finish`] is the step after Trunk: names by content, the demo pack,
//! and a page that shows its first list before any script has run.
//!
//! No tower-http here: its `ServeDir` reads from disk and knows no refilled page, and its
//! compression layer compresses the same bytes again for every visitor. A map and fifty lines of
//! header work do both once.

mod app;
mod encoding;
mod error;
mod finish;
mod front;
mod offline;
mod policy;
mod publish;
mod site;
mod start;

use std::{io, net::SocketAddr, path::PathBuf};

use engine::messages::ItemView;
use tokio::{net::TcpListener, runtime};

pub use crate::{
    app::app,
    error::Error,
    finish::{Finished, Later, finish},
    publish::{Published, publish},
    site::Site,
};

/// What to serve, and where.
#[derive(Clone, Debug)]
pub struct Config {
    /// The built and finished folder, as `cargo xtask serve` makes it.
    pub dir: PathBuf,
    /// A pack to serve instead of the folder's own.
    pub pack: Option<ServedPack>,
    /// Address to listen on; port 0 takes any free one.
    pub addr: SocketAddr,
}

/// A pack as the server needs it: the file, and what the first list shows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedPack {
    /// The pack file, byte for byte.
    pub bytes: Vec<u8>,
    /// Name of the catalogue for people.
    pub name: String,
    /// The most popular items, best first: the list before any WASM has loaded.
    pub items: Vec<ItemView>,
}

/// Serves until the process is asked to stop (SIGINT or SIGTERM), then lets open requests end.
///
/// Prints one line with the address once it listens.
///
/// # Errors
///
/// [`Error`] if the folder is not a finished site, or the address cannot be had.
pub async fn run(config: Config) -> Result<(), Error> {
    let site = Site::load(&config.dir, config.pack.as_ref())?;
    let listener = bind(config.addr).await?;
    let addr = listener
        .local_addr()
        .map_err(|source| Error::Serve { source })?;
    println!("Honeyguide is at http://{addr}/");

    // The page is served from the first moment; compressed bodies join as they get ready.
    let compressing = site.clone();
    tokio::task::spawn_blocking(move || compressing.compress());

    axum::serve(listener, app(&site))
        .with_graceful_shutdown(asked_to_stop())
        .await
        .map_err(|source| Error::Serve { source })
}

/// [`run`] on a runtime of its own, for callers that are not async.
///
/// # Errors
///
/// As [`run`].
pub fn run_blocking(config: Config) -> Result<(), Error> {
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| Error::Serve { source })?;
    let outcome = runtime.block_on(run(config));
    // Compression may still be running; nobody waits for its result any more.
    runtime.shutdown_background();
    outcome
}

async fn bind(addr: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(addr)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => Error::PortBusy { port: addr.port() },
            _ => Error::Bind { addr, source },
        })
}

/// Resolves when the process gets SIGINT (Ctrl-C) or SIGTERM.
async fn asked_to_stop() {
    let interrupted = async {
        // Where no signal can be had, wait for ever: stopping at once would be worse.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    interrupted.await;
}
