//! Why something did not work.

use serde::{Deserialize, Serialize};

/// Why something did not work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Failure {
    /// Page and worker are of different versions: reload.
    Protocol {
        /// The worker's version.
        worker: u16,
    },
    /// The pack could not be fetched or read.
    Pack {
        /// What is wrong and what to do.
        message: String,
    },
    /// The item is not in the catalogue.
    UnknownItem {
        /// Its id.
        item: String,
    },
    /// The file is no profile that this version can read.
    Profile {
        /// What is wrong and what to do.
        message: String,
    },
    /// The request makes no sense now (say, before `Open`).
    Refused {
        /// What is wrong.
        message: String,
    },
}

impl Failure {
    /// The failure as a sentence.
    pub fn message(&self) -> String {
        match self {
            Self::Protocol { worker } => {
                format!("the worker speaks version {worker}; reload the page")
            }
            Self::UnknownItem { item } => format!("the catalogue has no item `{item}`"),
            Self::Pack { message } | Self::Profile { message } | Self::Refused { message } => {
                message.clone()
            }
        }
    }
}
