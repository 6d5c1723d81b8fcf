//! What the page and the ranker worker say to each other.
//!
//! Every message is a serde type carried as a JS object by serde-wasm-bindgen.
//! A request has an `id`; its reply repeats it. A [`Notice`] comes unasked.
//! Times are milliseconds: `at` since the Unix epoch, durations as such.

mod explanation;
mod failure;
mod preview;
mod view;

use serde::{Deserialize, Serialize};

pub use explanation::{ExpertPart, Explained, HistoryPart, TagPart};
pub use failure::Failure;
pub use preview::{Preview, Rising};
pub use view::{Facet, Filter, FilterTag, Rival, Team, View};

/// Version of these messages. Page and worker are built together; a cached worker of another
/// version is refused with [`Failure::Protocol`] instead of being guessed at.
pub const PROTOCOL: u16 = 3;

/// From the page to the ranker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// [`PROTOCOL`] of the sender.
    pub protocol: u16,
    /// Chosen by the page, repeated in the reply.
    pub id: u32,
    /// What is asked.
    pub body: RequestBody,
}

/// What the page can ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RequestBody {
    /// Load the pack and the stored profile. Must come first. Answer: [`ReplyBody::Opened`].
    Open {
        /// Address of the pack, relative to the page.
        pack_url: String,
        /// Where the profile is kept.
        keep: Keep,
        /// How the first list is to look.
        view: View,
    },
    /// A stretch of the catalogue, most popular first, for the wall. Answer: [`ReplyBody::Browsed`].
    Browse {
        /// Words that title, creator, year and tags must contain (all of them); empty: everything.
        query: String,
        /// What else the items must have.
        filter: Filter,
        /// Items to skip.
        offset: u32,
        /// Items to return, at most 200.
        limit: u32,
    },
    /// Rank again without learning (slider moved, more items wanted). Answer: [`ReplyBody::Ranked`].
    Rank {
        /// How the list is to look.
        view: View,
    },
    /// Change what the learner knows, then rank. Answer: [`ReplyBody::Ranked`] once it is applied.
    Act {
        /// What happened.
        op: Op,
        /// How the list is to look.
        view: View,
    },
    /// Why is this item where it is? Answer: [`ReplyBody::Explained`].
    Explain {
        /// Id of the item.
        item: String,
    },
    /// What would change in the list if this happened to this item? Answer:
    /// [`ReplyBody::Previewed`]. Nothing is learnt.
    Preview {
        /// Id of the item.
        item: String,
        /// What would happen.
        kind: EventKind,
        /// How the list is to look.
        view: View,
    },
    /// Everything that the learner is made from, besides the pack. Answer: [`ReplyBody::State`].
    State,
    /// The profile as a file. Answer: [`ReplyBody::Exported`].
    Export,
    /// Talk to a trainer through the port that comes with this message, instead of any before. The
    /// pack must be open. Answer: [`ReplyBody::Connected`].
    Connect,
    /// Are you there? Answer: [`ReplyBody::Pong`].
    Ping,
}

/// Where a profile is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keep {
    /// On this device, together with the other tabs: the profile that everybody has.
    #[default]
    Device,
    /// On this device, under this name: one of several people who share it.
    Named(String),
    /// Nowhere: it ends with the worker.
    Memory,
}

/// A change of what the learner knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// One thing that the visitor did.
    Event {
        /// Random, below 2^53; makes a repeated delivery harmless.
        id: u64,
        /// Milliseconds since the Unix epoch.
        at: f64,
        /// What happened.
        kind: EventKind,
        /// Id of the item; empty for a search.
        item: String,
        /// Seconds for a dwell, else 0.
        seconds: f32,
        /// Words of a search, else empty.
        query: String,
    },
    /// Say outright what is wanted of a tag.
    Wish {
        /// Random, below 2^53; makes a repeated delivery harmless.
        id: u64,
        /// Milliseconds since the Unix epoch.
        at: f64,
        /// Facet, such as `genre`; `creator` for creators.
        facet: String,
        /// Value, such as `Western`.
        value: String,
        /// What is wished.
        wish: Wish,
    },
    /// Take back the newest event.
    Undo,
    /// Do again what was taken back last.
    Redo,
    /// Take back everything that was learnt from one item.
    Remove {
        /// Id of the item.
        item: String,
    },
    /// Erase the profile from the device.
    Forget,
    /// Replace the profile with an exported one.
    Import {
        /// The file's bytes.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
}

/// The kinds of events, as in the recommender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// Was on screen and was not chosen.
    Impression,
    /// Opened.
    Click,
    /// Looked at for some seconds.
    Dwell,
    /// Thumb up.
    Like,
    /// Thumb down.
    Dislike,
    /// Not this one, please.
    Dismiss,
    /// Bought, watched to the end.
    Purchase,
    /// Searched for words.
    Search,
}

/// What can be wished about a tag, as in the recommender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Wish {
    /// One step up.
    More,
    /// One step down.
    Less,
    /// Recommend nothing that has it.
    Never,
    /// Take the wishes about it back.
    Clear,
    /// Take them back, and everything that items with this tag taught.
    Forget,
}

/// From the ranker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Message {
    /// The answer to the request of that id.
    Reply {
        /// The request's id.
        id: u32,
        /// The answer.
        body: ReplyBody,
    },
    /// Something the page should know, unasked.
    Notice(Notice),
}

/// Answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ReplyBody {
    /// The ranker is ready.
    Opened(Box<Opened>),
    /// A stretch of the catalogue.
    Browsed {
        /// Items that match the query.
        total: u32,
        /// The stretch asked for.
        items: Vec<ItemView>,
    },
    /// A ranked list.
    Ranked(Box<Ranked>),
    /// Why an item is where it is.
    Explained(Box<Explained>),
    /// What an event would change.
    Previewed(Box<Preview>),
    /// What the learner is made from.
    State {
        /// The profile, in its file format.
        #[serde(with = "serde_bytes")]
        profile: Vec<u8>,
        /// The adapter in use, as its stored record; empty: none.
        #[serde(with = "serde_bytes")]
        adapter: Vec<u8>,
    },
    /// The profile as a file.
    Exported {
        /// Bytes of the profile format.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        /// Suggested file name.
        file_name: String,
    },
    /// The port to the trainer is open.
    Connected,
    /// Still here.
    Pong,
    /// It did not work; nothing was changed.
    Failed(Failure),
}

/// What the page learns when the ranker is ready.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// About the catalogue and its pack.
    pub pack: PackView,
    /// Where the profile is kept.
    pub storage: Storage,
    /// The first list.
    pub ranked: Ranked,
    /// Bytes of the pack, and where they came from.
    pub pack_bytes: u32,
}

/// About the pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackView {
    /// Stable id of the catalogue; the profile is stored under it.
    pub catalogue_id: String,
    /// Name for people, such as `Films, 1920 to today`.
    pub name: String,
    /// Where items and numbers come from, in a sentence.
    pub about: String,
    /// Licence of the data.
    pub licence: String,
    /// Number of items.
    pub items: u32,
    /// Events the pack was built from.
    pub events: u32,
    /// True when those events were simulated.
    pub simulated: bool,
    /// Has the pack a sequence encoder, which a trainer can adapt?
    pub encoder: bool,
}

/// Where the profile is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Storage {
    /// In IndexedDB; this tab writes.
    Device,
    /// In IndexedDB; another tab writes, this one hands its events over.
    OtherTab,
    /// Only in memory.
    Memory {
        /// What the browser said; empty: it was asked for ([`Keep::Memory`]).
        reason: String,
    },
}

/// An item as the page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemView {
    /// Id in the catalogue.
    pub id: String,
    /// Title.
    pub title: String,
    /// Year, where the catalogue has one.
    pub year: Option<i16>,
    /// Director, author, maker; empty if unknown.
    pub creator: String,
    /// Where a click leads; empty if nowhere.
    pub url: String,
    /// Picture; empty: draw a cover.
    pub image: String,
    /// Facets such as `genre`, `keyword`, `country`, each with its values.
    pub facets: Vec<(String, Vec<String>)>,
}

impl ItemView {
    /// Values of one facet; empty if the item has none.
    pub fn facet(&self, name: &str) -> &[String] {
        self.facets
            .iter()
            .find(|(facet, _)| facet == name)
            .map_or(&[], |(_, values)| values)
    }
}

/// A ranked list and the state it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// Best first.
    pub list: Vec<ListItem>,
    /// The state after the change.
    pub summary: Summary,
    /// How long it took in the worker.
    pub timings: Timings,
}

/// One place of the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListItem {
    /// The item.
    pub item: ItemView,
    /// Place in the whole ranking before the last change, 1 = first; 0 if it was not ranked then.
    pub rank_before: u32,
    /// Place now, 1 = first.
    pub rank: u32,
    /// Fused score (unitless; only differences mean something).
    pub score: f32,
    /// The one-line reason.
    pub why: Why,
    /// Where two rankings are compared: which of them put it here.
    pub team: Option<Team>,
}

/// The one-line reason for an item's place, as data; the page has the words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Why {
    /// History items that speak for it most, titles, strongest first (one or two).
    Because {
        /// What the visitor did with the first of them.
        kind: EventKind,
        /// Titles.
        titles: Vec<String>,
    },
    /// Tags the visitor leans to.
    Tags {
        /// Facet and value.
        tags: Vec<(String, String)>,
    },
    /// The visitor asked for more of these tags.
    Wished {
        /// Facet and value.
        tags: Vec<(String, String)>,
    },
    /// Many people choose it.
    Popular,
    /// Not sure yet; shown to find out.
    Exploring,
}

/// What the learner knows, in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Events learnt from.
    pub events: u32,
    /// Items that will not be recommended because they were seen, dismissed or disliked.
    pub seen: u32,
    /// Records of the profile. One fewer after an undo.
    pub records: u32,
    /// Is there an event to take back?
    pub can_undo: bool,
    /// Was something taken back that can be done again?
    pub can_redo: bool,
    /// How often the visitor's taste was found to have changed.
    pub drifts: u32,
    /// Fusion weights, one per expert, in the pack's order.
    pub weights: Vec<ExpertWeight>,
    /// Newest first, at most 30.
    pub history: Vec<HistoryView>,
    /// Bytes of profile and event log on this device; 0 in memory mode.
    pub stored_bytes: u32,
    /// Bytes that left this worker's context in request bodies and query strings, as the browser
    /// recorded them.
    pub bytes_sent: u32,
    /// WASM memory of the worker in bytes.
    pub memory_bytes: u32,
    /// Choices up to the point where the adapter in use was taken over; 0: the encoder is the pack's.
    pub adapted_choices: u32,
}

/// Weight of one expert in the fusion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpertWeight {
    /// Name of the expert: `popularity`, `recent`, `content`, `neighbours`, `next`, `taste`,
    /// `encoder`.
    pub expert: String,
    /// Weight now.
    pub weight: f32,
    /// Weight that the pack came with.
    pub initial: f32,
}

/// One event of the history, as the page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryView {
    /// Id of the item.
    pub item: String,
    /// Its title.
    pub title: String,
    /// What happened.
    pub kind: EventKind,
}

/// Milliseconds of the last change, measured in the worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// When the worker began, on its own clock, since the Unix epoch.
    pub started_at: f64,
    /// Learning.
    pub learn: f64,
    /// Scoring and ranking.
    pub rank: f64,
}

/// What the ranker says unasked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Notice {
    /// Another tab changed the shared profile; here is the new list.
    Changed(Box<Ranked>),
    /// Where the profile is kept has changed.
    Storage(Storage),
    /// Writing finished: everything acknowledged so far is on the device.
    Saved {
        /// Bytes stored now.
        stored_bytes: u32,
    },
    /// A new adapter was taken over. If the order changed, [`Notice::Changed`] comes first.
    Adapted {
        /// Did the list change?
        changed: bool,
        /// [`Summary::adapted_choices`] now.
        choices: u32,
    },
    /// Stored data could not be read. It was set aside, not overwritten.
    SetAside {
        /// What is wrong and what to do.
        message: String,
        /// The bytes as found, for the visitor to save.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
}
