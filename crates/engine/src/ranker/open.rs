//! An open pack: does what the page and the other tabs ask for, stores it, and tells.

use std::future::{Future, poll_fn};
use std::task::Poll;

use recommender::{Profile, profile};

use super::browser::{bytes_sent, epoch_now, memory_bytes, post};
use super::link::Link;
use super::store::Store;
use super::tabs::{TabMessage, Tabs};
use crate::desk::{AdapterChange, Change, Desk};
use crate::messages::{
    Failure, Message, Notice, Op, PROTOCOL, Ranked, ReplyBody, Storage, Timings, View,
};
use crate::training::ToTrainer;

/// Everything there is once a pack is open.
pub(super) struct OpenPack {
    pub(super) desk: Desk,
    pub(super) catalogue_id: String,
    pub(super) view: View,
    pub(super) store: Option<Store>,
    pub(super) storage: Storage,
    pub(super) tabs: Option<Tabs>,
    /// Questions to the writing tab that it has not answered.
    pub(super) asked: Vec<Asked>,
    /// The trainer, where one is connected.
    pub(super) link: Option<Link>,
}

pub(super) struct Asked {
    pub(super) token: u64,
    pub(super) op: Op,
    pub(super) id: u32,
    pub(super) view: View,
}

impl OpenPack {
    /// Learns, ranks, replies (to the page, or to the tab that asked with `token`), stores, tells.
    pub(super) async fn act(&mut self, id: Option<u32>, token: u64, op: Op) {
        let started_at = epoch_now();
        let change = match self.desk.act(&op) {
            Ok(change) => change,
            Err(failure) => {
                match id {
                    Some(id) => post(&Message::Reply {
                        id,
                        body: ReplyBody::Failed(failure),
                    }),
                    None => {
                        let message = failure.message();
                        self.tell(&TabMessage::Refused {
                            protocol: PROTOCOL,
                            token,
                            message,
                        });
                    }
                }
                return;
            }
        };
        let learn = epoch_now() - started_at;
        let record = match &change {
            Change::Appended(event) => profile::encode_event(event),
            Change::Popped | Change::Replaced | Change::None => Vec::new(),
        };
        let adapter = self.desk.adapter_change();
        // Another tab that only took over the event would keep the adapter.
        let record = if adapter == AdapterChange::None {
            record
        } else {
            Vec::new()
        };
        let replaced = (change == Change::Replaced).then(|| self.desk.profile().clone());
        let store = self.store.take();
        let mut writing = Box::pin(write(store.as_ref(), &change, replaced.as_ref(), &adapter));
        // The first poll hands the write to the browser, before the ranking and the reply: a worker
        // that dies from here on has lost nothing.
        let first = poll_fn(|context| Poll::Ready(writing.as_mut().poll(context))).await;
        let ranked = ranked(
            &mut self.desk,
            &self.view,
            store.as_ref(),
            started_at,
            learn,
        );
        match id {
            Some(id) => post(&Message::Reply {
                id,
                body: ReplyBody::Ranked(Box::new(ranked)),
            }),
            None => post(&Message::Notice(Notice::Changed(Box::new(ranked)))),
        }
        let written = match first {
            Poll::Ready(written) => written,
            Poll::Pending => writing.as_mut().await,
        };
        drop(writing);
        self.settle(store, written, token, record);
    }

    /// After a write: tells the other tabs and the page, or goes on in memory.
    fn settle(
        &mut self,
        store: Option<Store>,
        written: Result<(), String>,
        token: u64,
        record: Vec<u8>,
    ) {
        match (store, written) {
            (Some(store), Ok(())) => {
                let (revision, stored_bytes) = (store.revision(), store.bytes());
                self.store = Some(store);
                self.tell(&TabMessage::Done {
                    protocol: PROTOCOL,
                    token,
                    revision,
                    record,
                });
                post(&Message::Notice(Notice::Saved { stored_bytes }));
            }
            (Some(_), Err(reason)) => self.set_storage(Storage::Memory { reason }),
            (None, _) => {}
        }
    }

    /// Tells the trainer what the visitor has chosen; the writing tab's only, so that no two train
    /// for one profile.
    pub(super) fn tell_trainer(&self) {
        if self.storage == Storage::OtherTab {
            return;
        }
        if let (Some(link), Some(choices)) = (&self.link, self.desk.choices()) {
            link.tell(&ToTrainer::Choices(choices));
        }
    }

    /// One slice of taking an adapter over. Returns whether there is more to do.
    pub(super) async fn advance_adapter(&mut self) -> bool {
        match self.desk.advance_adapter() {
            None => return true,
            Some(false) => return false,
            Some(true) => {}
        }
        let limit = self.view.limit as usize;
        let before = self.desk.shown(limit).to_vec();
        let ranked = self.ranked(epoch_now(), 0.0);
        let changed = self.desk.shown(limit) != before;
        if changed {
            post(&Message::Notice(Notice::Changed(Box::new(ranked))));
        }
        let choices = self.desk.adapted_choices();
        post(&Message::Notice(Notice::Adapted { changed, choices }));
        let adapter = self.desk.adapter_change();
        let store = self.store.take();
        let written = match &store {
            Some(store) => store.adapt(&adapter).await,
            None => Ok(()),
        };
        let written = written.map_err(|error| error.to_string());
        self.settle(store, written, 0, Vec::new());
        false
    }

    pub(super) fn ranked(&mut self, started_at: f64, learn: f64) -> Ranked {
        ranked(
            &mut self.desk,
            &self.view,
            self.store.as_ref(),
            started_at,
            learn,
        )
    }

    pub(super) fn tell(&self, message: &TabMessage) {
        if let Some(tabs) = &self.tabs {
            tabs.tell(message);
        }
    }

    fn set_storage(&mut self, storage: Storage) {
        self.storage = storage.clone();
        post(&Message::Notice(Notice::Storage(storage)));
    }

    /// News from another tab.
    pub(super) async fn hear(&mut self, message: TabMessage) {
        match (message, &self.storage) {
            (TabMessage::Ask { token, op, .. }, Storage::Device) => self.act(None, token, op).await,
            (
                TabMessage::Done {
                    token,
                    revision,
                    record,
                    ..
                },
                Storage::OtherTab | Storage::Device,
            ) => {
                self.take_over(revision, &record).await;
                let asked = self.take_asked(token);
                if let Some(asked) = &asked {
                    self.view = asked.view.clone();
                }
                let ranked = Box::new(self.ranked(epoch_now(), 0.0));
                match asked {
                    Some(Asked { id, .. }) => {
                        post(&Message::Reply {
                            id,
                            body: ReplyBody::Ranked(ranked),
                        });
                    }
                    None => post(&Message::Notice(Notice::Changed(ranked))),
                }
            }
            (TabMessage::Refused { token, message, .. }, Storage::OtherTab) => {
                if let Some(Asked { id, .. }) = self.take_asked(token) {
                    let failure = Failure::Refused { message };
                    post(&Message::Reply {
                        id,
                        body: ReplyBody::Failed(failure),
                    });
                }
            }
            (TabMessage::NewWriter { .. }, Storage::OtherTab) => {
                for Asked { token, op, .. } in &self.asked {
                    let (token, op) = (*token, op.clone());
                    self.tell(&TabMessage::Ask {
                        protocol: PROTOCOL,
                        token,
                        op,
                    });
                }
            }
            _ => {}
        }
    }

    /// Brings this tab to the state that another has stored: by the one event where that is all,
    /// else by reading the store again.
    async fn take_over(&mut self, revision: f64, record: &[u8]) {
        let Some(store) = &self.store else { return };
        if revision <= store.revision() {
            return;
        }
        if revision == store.revision() + 1.0
            && let Ok(event) = profile::decode_event(record)
            && let Ok(Change::Appended(_)) = self.desk.apply(event)
        {
            store.note_append(revision, record.len() as u32);
            return;
        }
        self.reload(false).await;
    }

    async fn reload(&mut self, writer: bool) {
        let Some(store) = &self.store else { return };
        match store
            .load(&self.catalogue_id, writer, js_sys::Date::now())
            .await
        {
            Ok(loaded) => {
                if let Some((message, bytes)) = loaded.set_aside {
                    post(&Message::Notice(Notice::SetAside { message, bytes }));
                }
                let profile = loaded
                    .profile
                    .unwrap_or_else(|| Profile::new(&self.catalogue_id));
                self.desk.note_stored_adapter(loaded.adapter.clone());
                if let Err(failure) = self.desk.replace(profile, loaded.adapter) {
                    let reason = failure.message();
                    self.set_storage(Storage::Memory { reason });
                }
            }
            Err(error) => self.set_storage(Storage::Memory {
                reason: error.to_string(),
            }),
        }
    }

    fn take_asked(&mut self, token: u64) -> Option<Asked> {
        let at = self.asked.iter().position(|asked| asked.token == token)?;
        Some(self.asked.remove(at))
    }

    /// The tab that wrote has gone.
    pub(super) async fn become_writer(&mut self) {
        self.reload(true).await;
        if self.storage == Storage::OtherTab {
            self.set_storage(Storage::Device);
        }
        self.tell(&TabMessage::NewWriter { protocol: PROTOCOL });
        for Asked { op, id, view, .. } in std::mem::take(&mut self.asked) {
            self.view = view;
            self.act(Some(id), 0, op).await;
        }
    }

    /// The tab that writes has not answered in time.
    pub(super) fn give_up(&mut self, token: u64) {
        if let Some(Asked { id, .. }) = self.take_asked(token) {
            let message =
                "the tab that keeps the profile does not answer; close it and try again".into();
            let failure = Failure::Refused { message };
            post(&Message::Reply {
                id,
                body: ReplyBody::Failed(failure),
            });
        }
    }
}

/// Ranks and reports.
fn ranked(
    desk: &mut Desk,
    view: &View,
    store: Option<&Store>,
    started_at: f64,
    learn: f64,
) -> Ranked {
    let before = epoch_now();
    let list = desk.rank(view);
    let rank = epoch_now() - before;
    let summary = desk.summary(store.map_or(0, Store::bytes), bytes_sent(), memory_bytes());
    Ranked {
        list,
        summary,
        timings: Timings {
            started_at,
            learn,
            rank,
        },
    }
}

/// Stores a change. The error is a sentence for people.
async fn write(
    store: Option<&Store>,
    change: &Change,
    profile: Option<&Profile>,
    adapter: &AdapterChange,
) -> Result<(), String> {
    let Some(store) = store else { return Ok(()) };
    let written = match (change, profile) {
        (Change::Appended(event), _) => store.append(event, adapter).await,
        (Change::Popped, _) => store.pop(adapter).await,
        (Change::Replaced, Some(profile)) => store.replace(profile, adapter).await,
        (Change::Replaced | Change::None, _) => Ok(()),
    };
    written.map_err(|error| error.to_string())
}
