//! The learner's settings. They travel in the pack, tuned there on validation.

use serde::{Deserialize, Serialize};

/// The experts, in the order of every per-expert array and of the pack format: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expert {
    /// How often an item is chosen.
    Popularity,
    /// How often lately.
    Recent,
    /// Alike in tags and text.
    Content,
    /// Chosen by the same people (item-kNN over a decayed history).
    Neighbours,
    /// Chosen soon after (windowed, decayed co-occurrence).
    Next,
    /// Linear taste over item vectors (Bayesian posterior).
    Taste,
    /// Sequence encoder (a small Transformer over the history).
    Encoder,
}

/// Number of experts.
pub const EXPERTS: usize = 7;

impl Expert {
    /// All of them, in order.
    pub const ALL: [Self; EXPERTS] = [
        Self::Popularity,
        Self::Recent,
        Self::Content,
        Self::Neighbours,
        Self::Next,
        Self::Taste,
        Self::Encoder,
    ];

    /// Its place in per-expert arrays.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Its name in messages, tables and options.
    pub fn name(self) -> &'static str {
        match self {
            Self::Popularity => "popularity",
            Self::Recent => "recent",
            Self::Content => "content",
            Self::Neighbours => "neighbours",
            Self::Next => "next",
            Self::Taste => "taste",
            Self::Encoder => "encoder",
        }
    }
}

/// Settings of counting, experts and fusion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hyper {
    /// Fusion weight of each expert before any event, per unit of its score.
    #[serde(with = "before_the_encoder")]
    pub weights: [f32; EXPERTS],
    /// Learning rate of the fusion; 0 freezes it.
    pub fusion_rate: f32,
    /// Share by which each fusion weight goes back to its start per event (fixed share).
    pub fusion_share: f32,
    /// What is left of an event's pull on [`Expert::Content`] one event later.
    pub content_decay: f32,
    /// The same for [`Expert::Neighbours`].
    pub neighbours_decay: f32,
    /// The same for [`Expert::Next`].
    pub next_decay: f32,
    /// Taste: precision of the prior, λ of λI + α·items·second moment.
    pub taste_ridge: f32,
    /// Taste: how strongly every item of the catalogue counts as "not chosen", α.
    pub taste_unobserved: f32,
    /// Taste: correlation of the taste from one event to the next, ρ; 1 = it never changes.
    pub taste_memory: f32,
    /// Half-life of the recent counts in days.
    pub recent_half_life_days: f32,
}

impl Default for Hyper {
    /// For a catalogue without a log: content and taste lead, popularity breaks ties.
    fn default() -> Self {
        Self {
            // The encoder's scores are log-odds already.
            weights: [0.3, 0.1, 6.0, 4.0, 4.0, 4.0, 1.0],
            fusion_rate: 0.05,
            fusion_share: 0.01,
            content_decay: 0.8,
            neighbours_decay: 0.8,
            next_decay: 0.8,
            taste_ridge: 1.0,
            taste_unobserved: 0.02,
            taste_memory: 0.998,
            recent_half_life_days: 90.0,
        }
    }
}

impl Hyper {
    /// Are all settings in their ranges?
    ///
    /// # Errors
    /// The name of the setting and its range.
    pub fn check(&self) -> Result<(), &'static str> {
        let unit = |x: f32| (0.0..1.0).contains(&x);
        let checks = [
            (
                self.weights.iter().all(|w| (0.0..=1e4).contains(w)),
                "a fusion weight is not in 0..=10000",
            ),
            (
                (0.0..=1.0).contains(&self.fusion_rate),
                "fusion_rate is not in 0..=1",
            ),
            (
                (0.0..=1.0).contains(&self.fusion_share),
                "fusion_share is not in 0..=1",
            ),
            (unit(self.content_decay), "content_decay is not in 0..1"),
            (
                unit(self.neighbours_decay),
                "neighbours_decay is not in 0..1",
            ),
            (unit(self.next_decay), "next_decay is not in 0..1"),
            (
                (1e-6..=1e6).contains(&self.taste_ridge),
                "taste_ridge is not in 1e-6..=1e6",
            ),
            (
                (0.0..=1e6).contains(&self.taste_unobserved),
                "taste_unobserved is not in 0..=1e6",
            ),
            (
                self.taste_memory > 0.0 && self.taste_memory <= 1.0,
                "taste_memory is not in 0..=1",
            ),
            (
                (0.01..=1e6).contains(&self.recent_half_life_days),
                "recent_half_life_days is not in 0.01..=1e6",
            ),
        ];
        match checks.into_iter().find(|(ok, _)| !ok) {
            Some((_, what)) => Err(what),
            None => Ok(()),
        }
    }
}

/// The first version of the pack format knew six experts. Its layout is kept, and the encoder's
/// weight is stored with the encoder.
mod before_the_encoder {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{EXPERTS, Expert};

    const STORED: usize = EXPERTS - 1;

    pub fn serialize<S: Serializer>(
        weights: &[f32; EXPERTS],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut stored = [0.0; STORED];
        stored.copy_from_slice(&weights[..STORED]);
        stored.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[f32; EXPERTS], D::Error> {
        let mut weights = [0.0; EXPERTS];
        weights[..STORED].copy_from_slice(&<[f32; STORED]>::deserialize(deserializer)?);
        weights[Expert::Encoder.index()] = 0.0;
        Ok(weights)
    }
}
