//! Why an item is where it is.

use serde::{Deserialize, Serialize};

use super::{EventKind, ItemView};

/// Why an item is where it is, in numbers that add up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// The item.
    pub item: ItemView,
    /// Its fused score: the sum of `experts[..].contribution` and `wishes[..].contribution`.
    pub score: f32,
    /// Place in the ranking, 1 = first; 0 when it is excluded (seen, dismissed).
    pub rank: u32,
    /// What each expert adds.
    pub experts: Vec<ExpertPart>,
    /// What the visitor's wishes add.
    pub wishes: Vec<TagPart>,
    /// What each history item adds (over all experts). Removing one changes the score by exactly this.
    pub history: Vec<HistoryPart>,
    /// Which tags speak for or against it, strongest first: the history's parts, split among the tags
    /// that it shares with this item. Parts of history items that share none are not in here.
    pub tags: Vec<TagPart>,
    /// Standard deviation of the taste expert's estimate over that before any event: 1 = knows
    /// nothing, towards 0 = sure.
    pub uncertainty: f32,
}

/// What one expert adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpertPart {
    /// Its name.
    pub expert: String,
    /// Its score before weighting.
    pub raw: f32,
    /// Its fusion weight.
    pub weight: f32,
    /// `raw × weight`.
    pub contribution: f32,
}

/// What one history item adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryPart {
    /// Id of the item.
    pub item: String,
    /// Its title.
    pub title: String,
    /// What the visitor did.
    pub kind: EventKind,
    /// Signed share of the score.
    pub contribution: f32,
}

/// What one tag adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TagPart {
    /// Facet, such as `genre`.
    pub facet: String,
    /// Value, such as `Western`.
    pub value: String,
    /// Signed share.
    pub contribution: f32,
}
