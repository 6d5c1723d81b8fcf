//! What the page and the analyst worker say to each other.
//!
//! The analyst makes what is shown about the learner: learning curves, the taste map, the profile's
//! bars, attention. It never answers clicks; the page tells it the learner's state, which is the pack,
//! the profile and the adapter, and it folds the same events. Messages are serde types carried as JS
//! objects by serde-wasm-bindgen.

use serde::{Deserialize, Serialize};

use crate::messages::Facet;

/// From the page to the analyst.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// [`crate::messages::PROTOCOL`] of the sender.
    pub protocol: u16,
    /// What is asked.
    pub body: QuestionBody,
}

/// What the page can ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum QuestionBody {
    /// Load the pack. Must come first. Answer: [`Finding::Opened`].
    Open {
        /// Address of the pack, relative to the page.
        pack_url: String,
    },
    /// Here is the learner's state now. Answer: [`Finding::Analysis`], unless another state comes
    /// before it is ready.
    Follow {
        /// The profile, in its file format.
        #[serde(with = "serde_bytes")]
        profile: Vec<u8>,
        /// The adapter's record; empty: none.
        #[serde(with = "serde_bytes")]
        adapter: Vec<u8>,
    },
}

/// From the analyst to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Finding {
    /// The pack is loaded; nothing of this changes from here on.
    Opened {
        /// The catalogue's map.
        map: Box<MapView>,
        /// What it can be filtered by.
        facets: Vec<Facet>,
    },
    /// The learner's state, worked out.
    Analysis(Box<Analysis>),
    /// It did not work.
    Failed {
        /// What is wrong and what to do.
        message: String,
    },
}

/// The catalogue in two dimensions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapView {
    /// Share of the item vectors' variance along each axis.
    pub explained: [f32; 2],
    /// The most popular items, at most [`MAP_POINTS`].
    pub points: Vec<MapPoint>,
}

/// Most items on the map.
pub const MAP_POINTS: usize = 2_000;

/// An item on the map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapPoint {
    /// Its id.
    pub item: String,
    /// Its title.
    pub title: String,
    /// Value of the catalogue's first facet, for its colour; empty: none.
    pub kind: String,
    /// Place.
    pub at: [f32; 2],
}

/// What is shown of the learner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// Events in the profile.
    pub events: u32,
    /// Items in the catalogue: chance finds one of the first ten with 10 / items.
    pub items: u32,
    /// Every choice that a ranking could have foreseen, oldest first.
    pub choices: Vec<ChoicePoint>,
    /// Names of the experts, in the order of every list of shares.
    pub experts: Vec<String>,
    /// How much each expert moves the ranking, before the first event and after each; at most
    /// [`SHARE_POINTS`], evenly spaced, the newest last.
    pub shares: Vec<SharePoint>,
    /// Events with which a change of taste was noticed, counted from 1.
    pub drifts: Vec<u32>,
    /// Where the visitor's taste was after each of the newest choices, oldest first, on the map.
    pub trail: Vec<[f32; 2]>,
    /// The items nearest to where it is now.
    pub nearest: Vec<Near>,
    /// The profile's bars: of each facet the tags that stand out most.
    pub leanings: Vec<FacetLeanings>,
    /// What the encoder looks at; `None` without an encoder or before any choice.
    pub attention: Option<Attention>,
}

/// Most points of the experts' shares.
pub const SHARE_POINTS: usize = 200;

/// One choice, ranked before it was revealed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChoicePoint {
    /// Number of the event, counted from 1.
    pub event: u32,
    /// Place in the learner's ranking, 1 = first.
    pub place: f32,
    /// Place in the order of popularity.
    pub popularity_place: f32,
}

/// The experts' shares at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharePoint {
    /// After so many events.
    pub event: u32,
    /// One share per expert, summing to 1.
    pub shares: Vec<f32>,
}

/// An item near the visitor's taste.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Near {
    /// Its id.
    pub item: String,
    /// Its title.
    pub title: String,
    /// Cosine to the taste's place.
    pub cosine: f32,
}

/// Leanings towards the tags of one facet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FacetLeanings {
    /// The facet; `creator` for creators.
    pub facet: String,
    /// Strongest first, those with a wish before all others.
    pub leanings: Vec<LeaningView>,
}

/// The leaning towards one tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeaningView {
    /// Its value.
    pub value: String,
    /// Log-odds by which the learner puts the average item with it above the average item.
    pub lift: f32,
    /// Items that have it.
    pub items: u32,
    /// Choices that had it.
    pub chosen: u32,
    /// Steps wished, −3 to 3.
    pub steps: i32,
    /// Never wanted.
    pub never: bool,
}

/// What the encoder looks at when it makes the visitor's vector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attention {
    /// Titles of the choices in its window, newest first.
    pub titles: Vec<String>,
    /// One row per head, block by block; one share per choice, newest first, summing to 1.
    pub heads: Vec<Vec<f32>>,
    /// Blocks; each has as many heads.
    pub blocks: u32,
}
