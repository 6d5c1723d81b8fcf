use std::{error, fmt, io, net::SocketAddr, path::PathBuf};

use honeyguide::first_list::FillError;

/// Why a site could not be loaded, finished or served. What the system said is the source.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The folder holds no `index.html`.
    NotASite {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder holds no ranker worker under the names that Trunk or [`finish`](crate::finish) give.
    NoRanker {
        /// The folder.
        dir: PathBuf,
    },
    /// A file or folder could not be read.
    Read {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written, renamed or removed.
    Write {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The page has no place for the first list, or the service worker none for the list of files.
    Fill {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FillError,
    },
    /// The folder to publish to holds something that was not published before.
    Occupied {
        /// The folder.
        dir: PathBuf,
    },
    /// Another program listens on the port.
    PortBusy {
        /// The port.
        port: u16,
    },
    /// The address cannot be listened on for another reason.
    Bind {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The server broke down while running.
    Serve {
        /// What the system said.
        source: io::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASite { dir } => write!(
                f,
                "{} holds no index.html, so there is no page to serve: \
                 run `cargo xtask serve`, which builds it",
                dir.display()
            ),
            Self::NoRanker { dir } => write!(
                f,
                "{} holds no ranker worker (ranker.js and ranker_bg.wasm, or ranker-<hash>.js once \
                 finished): build the page again with `cargo xtask serve`",
                dir.display()
            ),
            Self::Read { path, .. } => {
                write!(f, "{} cannot be read", path.display())
            }
            Self::Write { path, .. } => {
                write!(f, "{} cannot be written", path.display())
            }
            Self::Fill { path, .. } => {
                write!(f, "{} cannot be filled in", path.display())
            }
            Self::Occupied { dir } => write!(
                f,
                "{} holds files that `honeyguide publish` has not written: empty it, or choose \
                 another folder with `--out`",
                dir.display()
            ),
            Self::PortBusy { port } => write!(
                f,
                "port {port} is in use by another program: stop that one, or choose another port \
                 with `--port`"
            ),
            Self::Bind { addr, .. } => write!(
                f,
                "cannot listen on {addr}: choose another address, or another port with `--port`"
            ),
            Self::Serve { .. } => write!(f, "the server stopped"),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Read { source, .. }
            | Self::Write { source, .. }
            | Self::Bind { source, .. }
            | Self::Serve { source } => Some(source),
            Self::Fill { source, .. } => Some(source),
            Self::NotASite { .. }
            | Self::NoRanker { .. }
            | Self::Occupied { .. }
            | Self::PortBusy { .. } => None,
        }
    }
}
