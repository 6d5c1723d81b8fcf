//! How a list is to look.

use serde::{Deserialize, Serialize};

/// How a ranked list is to look. Part of every request that ranks, so reading never changes state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Length of the list, at most 200.
    pub limit: u32,
    /// 0 = the best guess, 1 = as adventurous as the learner's uncertainty allows.
    pub explore: f32,
    /// 0 = by score alone, 1 = as varied as possible.
    pub diversity: f32,
    /// Fixes the exploration draw, so that the same request gives the same list.
    pub seed: u32,
    /// What the items must have.
    pub filter: Filter,
    /// Compare with another ranking: the list is then drawn from both by turns.
    pub rival: Option<Rival>,
}

/// What items must have to be shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// Tags: of each facet that is named, an item must have one.
    pub tags: Vec<FilterTag>,
    /// Least and most price; items without a price are left out. `None`: any or none.
    pub price: Option<(f32, f32)>,
    /// Only what is in stock; items that say nothing of it count as in stock.
    pub available: bool,
}

impl Filter {
    /// Does it let everything through?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A tag that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterTag {
    /// Facet, such as `genre`.
    pub facet: String,
    /// Value, such as `Western`.
    pub value: String,
}

/// What the catalogue can be filtered by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Facet {
    /// Values of a facet with the number of items that have each, the most frequent first.
    Values {
        /// Its name.
        facet: String,
        /// Values and items.
        values: Vec<(String, u32)>,
    },
    /// The least and the largest price, and the currency where there is one.
    Price {
        /// Least.
        least: f32,
        /// Largest.
        largest: f32,
        /// Currency; empty: unknown.
        currency: String,
    },
    /// Some items are not in stock.
    Availability,
}

/// The ranking that the learner's is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rival {
    /// The popular order.
    Popularity,
    /// The learner's own with other settings.
    Settings {
        /// As [`View::explore`].
        explore: f32,
        /// As [`View::diversity`].
        diversity: f32,
    },
}

/// Which ranking put an item into the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Team {
    /// The learner's, as it is set.
    Own,
    /// The rival's.
    Rival,
}
