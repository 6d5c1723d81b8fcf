//! What a link to this view says.

use leptos::prelude::*;

use super::State;
use crate::share::Shared;

impl State {
    /// Takes what a link says.
    pub fn take_shared(&self, shared: &Shared) {
        if let Some(seed) = shared.seed {
            self.seed.set(seed);
        }
        if let Some(explore) = shared.explore {
            self.explore.set(explore);
        }
        if let Some(query) = &shared.query {
            self.query.set(query.clone());
        }
        self.tab.set(shared.tab.clone());
    }

    /// What a link to this view says.
    pub fn shared(&self) -> Shared {
        let explore = self.explore.get();
        Shared {
            // Without exploration nothing is drawn.
            seed: (explore > 0.0).then(|| self.seed.get()),
            explore: (explore > 0.0).then_some(explore),
            query: Some(self.query.get()),
            tab: self.tab.get(),
        }
    }
}
