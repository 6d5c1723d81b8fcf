//! What the page knows, as signals, and what a visitor can do to it.
//!
//! The domain types of the messages stay free of signals; this is the only place that has both.

mod list;

use engine::messages::{
    EventKind, Explained, Failure, ItemView, ListItem, Notice, Op, PackView, ReplyBody,
    RequestBody, Storage, Summary, View, Why,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessagePort;

use crate::client::{Client, ClientError, Told};
use crate::first_list::LIST;
use crate::notices::{Notices, Offer};
use crate::stats::Samples;
use crate::training::Training;
use crate::words::words;
use crate::{files, preferences, timing};
pub use list::{Moved, Row};

/// How much the list trades the best score for variety.
const DIVERSITY: f32 = 0.2;

/// Times of the three stages.
#[derive(Clone, Debug, Default)]
pub struct Times {
    /// Learning, in the worker.
    pub learn: Samples,
    /// Ranking, in the worker.
    pub rank: Samples,
    /// From click to paint, on the page.
    pub paint: Samples,
}

/// The state of the page; copies are the same state.
#[derive(Clone, Copy)]
pub struct State {
    client: StoredValue<Option<Client>, LocalStorage>,
    /// Fixes the exploration draw for this visit, so that only learning moves the list.
    seed: u32,
    /// Name of the catalogue.
    pub name: RwSignal<String>,
    /// About the pack, and its bytes, once the ranker is ready.
    pub pack: RwSignal<Option<(PackView, u32)>>,
    /// Where the profile is kept, once known.
    pub storage: RwSignal<Option<Storage>>,
    /// What the learner knows, once known.
    pub summary: RwSignal<Option<Summary>>,
    /// The list on screen.
    pub rows: RwSignal<Vec<Row>>,
    /// A newer list that waits until nobody points at the one on screen.
    pub newer: RwSignal<Option<Vec<ListItem>>>,
    /// Is the pointer or the keyboard focus inside the list?
    pub held: RwSignal<bool>,
    /// The item whose explanation is open.
    pub explained: RwSignal<Option<String>>,
    /// Counts the rankings that arrived.
    pub version: RwSignal<u32>,
    /// Counts the lists that were put on screen.
    pub placed: RwSignal<u32>,
    /// Has the ranker answered, and does it still?
    pub ready: RwSignal<bool>,
    /// Does learning pause?
    pub paused: RwSignal<bool>,
    /// Exploration, 0 to 1.
    pub explore: RwSignal<f32>,
    /// Fine-tuning and "Train here".
    pub training: Training,
    /// Sentences for the visitor.
    pub notices: Notices,
    /// How long things took.
    pub times: RwSignal<Times>,
    /// Query-string bytes that the page sent.
    pub page_sent: RwSignal<u32>,
}

impl State {
    /// The state before the ranker has answered: the list that shipped with the page.
    pub fn new(name: String, items: &[ItemView]) -> Self {
        let rows = items.iter().take(LIST).zip(1..).map(|(item, rank)| {
            let item = item.clone();
            Row::new(
                ListItem {
                    item,
                    rank_before: rank,
                    rank,
                    score: 0.0,
                    why: Why::Popular,
                },
                Moved::Not,
            )
        });
        Self {
            client: StoredValue::new_local(None),
            // Below 2^32, so the conversion keeps it.
            seed: (js_sys::Math::random() * f64::from(u32::MAX)) as u32,
            name: RwSignal::new(name),
            pack: RwSignal::new(None),
            storage: RwSignal::new(None),
            summary: RwSignal::new(None),
            rows: RwSignal::new(rows.collect()),
            newer: RwSignal::new(None),
            held: RwSignal::new(false),
            explained: RwSignal::new(None),
            version: RwSignal::new(0),
            placed: RwSignal::new(0),
            ready: RwSignal::new(false),
            paused: RwSignal::new(preferences::get(preferences::PAUSED).unwrap_or(false)),
            explore: RwSignal::new(
                preferences::get::<f32>(preferences::EXPLORE).map_or(0.0, |e| e.clamp(0.0, 1.0)),
            ),
            training: Training::new(),
            notices: Notices::new(),
            times: RwSignal::new(Times::default()),
            page_sent: RwSignal::new(0),
        }
    }

    fn view(&self) -> View {
        View {
            limit: LIST as u32,
            explore: self.explore.get_untracked(),
            diversity: DIVERSITY,
            seed: self.seed,
        }
    }

    /// Gives the state its client.
    pub fn connect(&self, client: Client) {
        self.client.set_value(Some(client));
    }

    /// Asks the ranker. The request leaves during this call, not when the answer is awaited: the
    /// worker begins while the page does the rest, and the order of calls is kept. Before
    /// [`State::connect`] there is no ranker.
    pub fn call(
        &self,
        body: RequestBody,
    ) -> impl Future<Output = Result<ReplyBody, ClientError>> + use<> {
        let answer = self
            .client
            .with_value(|client| client.as_ref().map(|client| client.call(body)));
        async move {
            match answer {
                Some(answer) => answer.await,
                None => Err(ClientError::Stopped),
            }
        }
    }

    /// Hands a trainer's port to the ranker. What comes of it is heard as notices.
    pub fn connect_trainer(&self, port: MessagePort) {
        let answer = self
            .client
            .with_value(|client| client.as_ref().map(|client| client.connect(port)));
        spawn_local(async move {
            if let Some(answer) = answer {
                // A ranker that died meanwhile gets another port when it is back.
                drop(answer.await);
            }
        });
    }

    /// Loads pack and profile. True when the ranker is ready.
    pub async fn open(&self, pack_url: String) -> bool {
        match self
            .call(RequestBody::Open {
                pack_url,
                view: self.view(),
            })
            .await
        {
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

    /// The visitor did something to an item. `stamp` is the event's timestamp.
    pub fn act(&self, kind: EventKind, item: &str, stamp: f64) {
        if self.paused.get_untracked() {
            self.notices.say("paused", words().notices.paused);
            return;
        }
        self.event(kind, item.to_owned(), String::new(), stamp);
        // Where the list may change, it does so before a mark could be painted.
        if self.held.get_untracked() {
            self.rows.with_untracked(|rows| {
                if let Some(row) = rows.iter().find(|row| row.id == item) {
                    row.done.set(Some(kind));
                }
            });
        }
    }

    /// The visitor searched for words.
    pub fn search(&self, query: &str, stamp: f64) {
        if !self.paused.get_untracked() && !query.trim().is_empty() {
            self.event(
                EventKind::Search,
                String::new(),
                query.trim().to_owned(),
                stamp,
            );
        }
    }

    fn event(&self, kind: EventKind, item: String, query: String, stamp: f64) {
        let op = Op::Event {
            // 53 random bits: every one of them fits the number that carries it.
            id: (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64,
            at: js_sys::Date::now(),
            kind,
            item,
            seconds: 0.0,
            query,
        };
        self.change(op, Some(stamp), |_| ());
    }

    /// Changes what the learner knows; `done` runs when it did.
    pub fn change(&self, op: Op, stamp: Option<f64>, done: impl FnOnce(&Self) + 'static) {
        let state = *self;
        let fresh = matches!(op, Op::Forget | Op::Import { .. });
        let answer = self.call(RequestBody::Act {
            op,
            view: self.view(),
        });
        spawn_local(async move {
            match answer.await {
                Ok(ReplyBody::Ranked(ranked)) => {
                    if fresh {
                        // Asked for outright: waiting for the pointer would look like a failure.
                        state.held.set(false);
                        state.training.forgotten();
                    }
                    state.show(*ranked, stamp);
                    done(&state);
                }
                other => {
                    state.undo_marks();
                    state.complain(other);
                }
            }
        });
    }

    /// Ranks again, with the exploration of now.
    pub fn rank_again(&self) {
        let state = *self;
        let body = RequestBody::Rank { view: self.view() };
        spawn_local(async move {
            match state.call(body).await {
                Ok(ReplyBody::Ranked(ranked)) => state.show(*ranked, None),
                other => state.complain(other),
            }
        });
    }

    /// Why is this item where it is?
    pub async fn explain(&self, item: String) -> Option<Explained> {
        match self.call(RequestBody::Explain { item }).await {
            Ok(ReplyBody::Explained(explained)) => Some(*explained),
            other => {
                self.complain(other);
                None
            }
        }
    }

    /// Saves the profile as a file.
    pub fn export(&self) {
        let state = *self;
        spawn_local(async move {
            match state.call(RequestBody::Export).await {
                Ok(ReplyBody::Exported { bytes, file_name }) => {
                    if files::save(&bytes, &file_name).is_err() {
                        state.notices.say("file", words().notices.not_saved);
                    }
                }
                other => state.complain(other),
            }
        });
    }

    /// Replaces the profile with a file's.
    pub fn import(&self, file: web_sys::File) {
        let state = *self;
        spawn_local(async move {
            match files::read(&file).await {
                Ok(bytes) => state.change(Op::Import { bytes }, None, |state| {
                    state.notices.close("failed");
                    state.notices.say("file", words().notices.imported);
                }),
                Err(_) => state.notices.say("file", words().notices.unreadable),
            }
        });
    }

    /// Erases the profile.
    pub fn forget(&self) {
        self.change(Op::Forget, None, |state| {
            state.explained.set(None);
            state.notices.say("forgotten", words().notices.forgotten);
        });
    }

    /// Stops or resumes learning.
    pub fn toggle_pause(&self) {
        self.paused.update(|paused| *paused = !*paused);
        preferences::set(preferences::PAUSED, Some(self.paused.get_untracked()));
        self.notices.close("paused");
    }

    /// Sets the exploration and ranks again.
    pub fn set_explore(&self, explore: f32) {
        self.explore.set(explore.clamp(0.0, 1.0));
        preferences::set(preferences::EXPLORE, Some(explore));
        self.rank_again();
    }

    /// Hears what the client says unasked.
    pub fn hear(&self, told: Told) {
        let w = &words().notices;
        match told {
            Told::Restarted(ranked) => {
                self.show(*ranked, None);
                self.notices.say("restarted", w.restarted);
                self.training.ranker_restarted();
            }
            Told::Stopped => {
                self.ready.set(false);
                self.undo_marks();
                self.notices.keep("stopped", w.stopped, None);
            }
            Told::Notice(Notice::Changed(ranked)) => self.show(*ranked, None),
            Told::Notice(Notice::Storage(storage)) => self.set_storage(storage),
            Told::Notice(Notice::Saved { stored_bytes }) => self.summary.update(|summary| {
                if let Some(summary) = summary {
                    summary.stored_bytes = stored_bytes;
                }
            }),
            Told::Notice(Notice::Adapted { choices, .. }) => {
                self.summary.update(|summary| {
                    if let Some(summary) = summary {
                        summary.adapted_choices = choices;
                    }
                });
                // An explanation that is open has other numbers now, even where no place changed.
                self.version
                    .update(|version| *version = version.wrapping_add(1));
            }
            Told::Notice(Notice::SetAside { message, bytes }) => {
                let notices = self.notices;
                let offer = Offer {
                    label: w.save_bytes,
                    run: Callback::new(move |()| {
                        if files::save(&bytes, "set-aside.hgprofile").is_err() {
                            notices.say("file", w.not_saved);
                        }
                    }),
                };
                self.notices
                    .keep("set-aside", &(w.set_aside)(&message), Some(offer));
            }
        }
    }

    fn set_storage(&self, storage: Storage) {
        let w = &words().notices;
        match &storage {
            Storage::Device => self.notices.close("storage"),
            Storage::OtherTab => self.notices.say("storage", w.other_tab),
            Storage::Memory { reason } => self.notices.keep("storage", &(w.memory)(reason), None),
        }
        self.storage.set(Some(storage));
    }

    /// Says why a request did not work.
    pub fn complain(&self, reply: Result<ReplyBody, ClientError>) {
        let w = &words().notices;
        let text = match reply {
            // The client has said so itself.
            Err(ClientError::Stopped) => return,
            // An answer to another question: page and worker are of different versions.
            Ok(_) => w.protocol.to_owned(),
            Err(ClientError::Encoding(error)) => (w.failed)(&error),
            Err(ClientError::Failed(Failure::Protocol { .. })) => w.protocol.to_owned(),
            Err(ClientError::Failed(Failure::UnknownItem { item })) => (w.unknown_item)(&item),
            Err(ClientError::Failed(
                Failure::Pack { message }
                | Failure::Profile { message }
                | Failure::Refused { message },
            )) => (w.failed)(&message),
        };
        self.notices.keep("failed", &text, None);
    }
}
