//! Readers of the files that people have: logs and catalogues. They parse bytes; opening files is
//! the caller's part.

mod catalogue;
mod data_sets;
mod delimited;
mod events;
mod feed;
mod fields;
mod html;
mod json;
mod layout;
mod table;
mod text;
mod values;

use std::fmt;

pub use catalogue::{CatalogueFile, CatalogueReader, Format, Limits, Progress, catalogue};
pub use data_sets::{movielens_items, movielens_tags, recbole_items};
pub use events::{
    Columns, RawInteraction, RawLog, events_csv, events_json_lines, movielens_dat, movielens_data,
    recbole_interactions,
};
pub use fields::MAX_TEXT_BYTES;
pub use layout::{Layout, detect};

/// Where a file could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// Name of the file.
    pub file: String,
    /// Line, counted from 1; 0 if the whole file is meant.
    pub line: u64,
    /// Column by name or number; empty if the whole line is meant.
    pub column: String,
    /// What is wrong and what to do.
    pub what: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        if self.column.bytes().all(|byte| byte.is_ascii_digit()) && !self.column.is_empty() {
            write!(f, ", column {}", self.column)?;
        } else if !self.column.is_empty() {
            write!(f, ", column `{}`", self.column)?;
        }
        write!(f, ": {}", self.what)
    }
}

impl std::error::Error for LoadError {}
