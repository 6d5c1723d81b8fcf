//! What would change, before it happens.

use serde::{Deserialize, Serialize};

/// What one event would change in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// The items that would rise most, most places first, at most five.
    pub rising: Vec<Rising>,
    /// Where each item of the list that is asked for would be, in the order of the list now: its id
    /// and its place, 0 = it would not be ranked, or further down than places are remembered.
    pub places: Vec<(String, u32)>,
}

/// An item that would rise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rising {
    /// Its id.
    pub item: String,
    /// Its title.
    pub title: String,
    /// Place now, 1 = first; 0 = further down than places are remembered.
    pub from: u32,
    /// Place then.
    pub to: u32,
}
