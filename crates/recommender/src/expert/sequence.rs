//! The encoder as an expert: it hears choices, one token each, and scores by its user vector.

use std::sync::Arc;

use crate::catalogue::ItemIndex;
use crate::encoder::{Encoder, State};
use crate::kernel;

/// An encoder and what it has heard from one visitor.
#[derive(Clone, Debug)]
pub struct Sequence {
    encoder: Arc<Encoder>,
    state: State,
}

impl Sequence {
    /// Has heard nothing.
    pub fn new(encoder: Arc<Encoder>) -> Self {
        Self {
            state: State::new(&encoder),
            encoder,
        }
    }

    /// Hears a choice. The same item again (a like after a click) is one token.
    pub fn hear(&mut self, item: u32) {
        if self.state.last() != Some(item) {
            self.state.push(&self.encoder, item);
        }
    }

    /// Forgets, and hears these tokens; only as many of the newest as can still matter.
    pub fn hear_again(&mut self, tokens: &[u32]) {
        self.state.clear();
        let reach = self.encoder.shape().reach();
        for &token in &tokens[tokens.len().saturating_sub(reach)..] {
            self.hear(token);
        }
    }

    /// The encoder.
    pub fn encoder(&self) -> &Arc<Encoder> {
        &self.encoder
    }

    /// Keys, values and user vector.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The user vector; zero before any choice.
    pub fn user(&self) -> &[f32] {
        self.state.user()
    }

    /// Logit of one item; 0 for all before any choice.
    pub fn score(&self, item: ItemIndex) -> f32 {
        kernel::dot(self.user(), self.encoder.row(item.0))
    }
}

/// `tokens` as an encoder hears them: neighbours that are the same item are one.
pub fn distinct_neighbours(tokens: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut all: Vec<u32> = tokens.into_iter().collect();
    all.dedup();
    all
}
