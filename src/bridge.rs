//! What the page and the lab say to each other.
//!
//! The lab is everything that is loaded when it is first needed: the learning panel, explanations,
//! fine-tuning, "Train here" and the tools to try the learner out. It is a WASM module of its own, on
//! the same thread and in the same document; neither links anything of the other. The page owns the
//! ranker and the list. The lab asks through it, is told of every change after it was painted, and
//! draws into elements that the page gives it.
//!
//! Messages are serde types carried as JS values by serde-wasm-bindgen, each with one JS value beside
//! it for what cannot be copied (a port).

#[cfg(feature = "app")]
pub mod host;

use engine::messages::{Keep, Op, PackView, ReplyBody, RequestBody, Rival, Storage, Summary};
use serde::{Deserialize, Serialize};

use crate::stats::Quantiles;
use crate::words::Language;

/// From the lab to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToPage {
    /// The lab runs and listens.
    Ready,
    /// Ask the ranker. Answer: [`ToLab::Answer`] with the same number. A port beside it goes along.
    Ask {
        /// Number of the question.
        number: u32,
        /// The request.
        body: RequestBody,
    },
    /// Ask the ranker's worker for its downloads; it answers through the port beside this.
    Downloads,
    /// Change what the learner knows; the list follows.
    Change {
        /// How.
        op: Op,
        /// Timestamp of the event behind it, if there is one.
        stamp: Option<f64>,
    },
    /// Show a sentence at the foot of the page.
    Say {
        /// At most one sentence of each topic is shown.
        topic: String,
        /// The sentence.
        text: String,
        /// Show it until it is closed.
        keep: bool,
        /// Words on a button. Pressed, it answers with [`ToLab::Pressed`] of the topic.
        offer: Option<String>,
    },
    /// Take the sentence of a topic away.
    Unsay {
        /// Its topic.
        topic: String,
    },
    /// What the head of the panel says: where training happens.
    Backend(String),
    /// What the button "Train here" says, and whether something runs.
    TrainButton {
        /// Its label.
        label: String,
        /// Something runs.
        busy: bool,
    },
    /// Close the explanation that is open.
    CloseExplanation,
    /// Compare the list with another ranking, or stop to.
    Compare(Option<Rival>),
    /// Change to another profile.
    Keep(Keep),
    /// The panel shows this tab.
    Tab(String),
}

/// From the page to the lab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToLab {
    /// What the page knows now.
    Now(Box<Now>),
    /// The answer to a question; the error is a sentence, empty where the page has said it itself.
    Answer {
        /// Number of the question.
        number: u32,
        /// The answer.
        reply: Result<ReplyBody, String>,
    },
    /// Speak this language from here on. Comes before anything that is to be drawn in it.
    Speak(Language),
    /// Draw something into an element.
    Mount {
        /// What.
        place: Place,
        /// Id of the element; what is in it is replaced.
        element: String,
    },
    /// The element is about to go.
    Unmount {
        /// Its id.
        element: String,
    },
    /// The button "Train here" was pressed.
    TrainHere,
    /// The button of a sentence was pressed.
    Pressed {
        /// Its topic.
        topic: String,
    },
    /// The profile was forgotten or replaced.
    Forgotten,
    /// The ranker was started anew.
    RankerRestarted,
    /// The visitor chose an item of a compared list.
    Credit {
        /// Was it put there by the learner's own ranking?
        own: bool,
    },
}

/// What the lab draws where the page says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Place {
    /// The inside of the learning panel.
    Panel,
    /// The explanation of an item.
    Explanation {
        /// Its id.
        item: String,
    },
}

/// What the page knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Now {
    /// About the pack, and its bytes, once the ranker is ready.
    pub pack: Option<(PackView, u32)>,
    /// Where the profile is kept, once known.
    pub storage: Option<Storage>,
    /// What the learner knows, once known.
    pub summary: Option<Summary>,
    /// Counts the rankings that arrived.
    pub version: u32,
    /// Is the pointer or the keyboard focus inside the list?
    pub held: bool,
    /// Has the ranker answered, and does it still?
    pub ready: bool,
    /// Query-string bytes that the page sent.
    pub page_sent: u32,
    /// Median and 95th percentile of learning, ranking and click to paint, milliseconds.
    pub times: [Quantiles; 3],
    /// How many changes they come from.
    pub timed: u32,
    /// What the list is compared with.
    pub rival: Option<Rival>,
    /// Where the profile is kept, as it was asked for.
    pub keep: Keep,
    /// Ids of the list, best first, and where two rankings are compared, whether the own one put the
    /// item there.
    pub list: Vec<(String, Option<bool>)>,
    /// The panel's tab.
    pub tab: Option<String>,
}
