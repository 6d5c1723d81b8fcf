//! Opening the pack with a profile, and changing to another profile.

use engine::messages::{Keep, ReplyBody, RequestBody};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Moved, State};
use crate::bridge::ToLab;
use crate::client::Reply;
use crate::{js, timing};

impl State {
    /// Loads pack and profile. True when the ranker is ready.
    pub async fn open(&self, pack_url: String) -> bool {
        let answer = self.call(self.opening(pack_url));
        self.opened(answer.await)
    }

    /// Changes to another profile. What this one had is kept where it was kept.
    pub fn change_profile(&self, keep: Keep) {
        if self.keep.get_untracked() == keep {
            return;
        }
        self.keep.set(keep);
        self.ready.set(false);
        let state = *self;
        let body = self.opening(js::meta("honeyguide-pack"));
        let answer = self.with_client(|client| client.reopen(body));
        spawn_local(async move {
            state.held.set(false);
            if state.opened(answer.await) {
                state
                    .version
                    .update(|version| *version = version.wrapping_add(1));
                // The trainer knows the other profile's choices.
                state.lab(|lab| lab.mention(ToLab::Forgotten));
                state.lab(|lab| lab.mention(ToLab::RankerRestarted));
            }
        });
    }

    fn opening(&self, pack_url: String) -> RequestBody {
        RequestBody::Open {
            pack_url,
            keep: self.keep.get_untracked(),
            view: self.view(),
        }
    }

    fn opened(&self, reply: Reply) -> bool {
        match reply {
            Ok(ReplyBody::Opened(opened)) => {
                self.name.set(opened.pack.name.clone());
                self.pack.set(Some((opened.pack, opened.pack_bytes)));
                self.set_storage(opened.storage);
                self.summary.set(Some(opened.ranked.summary));
                timing::worker(&opened.ranked.timings);
                self.fill(opened.ranked.list, |_, _| Moved::Not);
                self.ready.set(true);
                true
            }
            other => {
                self.complain(other);
                false
            }
        }
    }
}
