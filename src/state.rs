//! What the page knows, as signals, and what a visitor can do to it.
//!
//! The domain types of the messages stay free of signals; this is the only place that has both.

mod list;
mod opening;
mod shared;
mod speech;

use engine::messages::{
    EventKind, Failure, Filter, ItemView, Keep, ListItem, Notice, Op, PackView, ReplyBody,
    RequestBody, Rival, Storage, Summary, Team, View, Why,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessagePort;

use crate::bridge::ToLab;
use crate::bridge::host::Host;
use crate::client::{Answer, Client, ClientError, Reply, Told, pair};
use crate::first_list::LIST;
use crate::notices::{Notices, Offer};
use crate::preview::{self, Previewed};
use crate::stats::Samples;
use crate::words::{Language, spoken, words};
use crate::{files, preferences};
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
    lab: StoredValue<Option<Host>, LocalStorage>,
    /// Fixes the exploration draw for this visit, so that only learning moves the list.
    seed: RwSignal<u32>,
    /// Where the profile is kept.
    pub keep: RwSignal<Keep>,
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
    /// What the list is compared with.
    pub rival: RwSignal<Option<Rival>>,
    /// Where training happens, as the lab says.
    pub backend: RwSignal<String>,
    /// What the button "Train here" says and whether something runs, as the lab says.
    pub train_button: RwSignal<Option<(String, bool)>>,
    /// What a like would change, while that is asked.
    pub previewed: RwSignal<Option<Previewed>>,
    /// Words of the wall's filter.
    pub query: RwSignal<String>,
    /// The panel's tab, while the panel is open.
    pub tab: RwSignal<Option<String>>,
    /// The language that is spoken. Changed by [`State::speak`].
    pub language: RwSignal<Language>,
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
                    team: None,
                },
                Moved::Not,
            )
        });
        Self {
            client: StoredValue::new_local(None),
            lab: StoredValue::new_local(None),
            // Below 2^32, so the conversion keeps it.
            seed: RwSignal::new((js_sys::Math::random() * f64::from(u32::MAX)) as u32),
            keep: RwSignal::new(Keep::Device),
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
            rival: RwSignal::new(None),
            // Before the lab is there nothing trains; the list is ranked on the CPU.
            backend: RwSignal::new("cpu".to_owned()),
            train_button: RwSignal::new(None),
            previewed: RwSignal::new(None),
            query: RwSignal::new(String::new()),
            tab: RwSignal::new(None),
            language: RwSignal::new(spoken()),
            notices: Notices::new(),
            times: RwSignal::new(Times::default()),
            page_sent: RwSignal::new(0),
        }
    }

    /// How the list is to look.
    pub fn view(&self) -> View {
        View {
            limit: LIST as u32,
            explore: self.explore.get_untracked(),
            diversity: DIVERSITY,
            seed: self.seed.get_untracked(),
            filter: Filter::default(),
            rival: self.rival.get_untracked(),
        }
    }

    /// Gives the state its client.
    pub fn connect(&self, client: Client) {
        self.client.set_value(Some(client));
    }

    /// Gives the state the way to the lab.
    pub fn set_lab(&self, host: Host) {
        self.lab.set_value(Some(host));
    }

    /// Does something with the lab.
    pub fn lab(&self, run: impl FnOnce(&Host)) {
        self.lab.with_value(|host| host.as_ref().map(run));
    }

    /// Asks the ranker. The request leaves during this call, not when the answer is awaited: the
    /// worker begins while the page does the rest, and the order of calls is kept. Before
    /// [`State::connect`] there is no ranker.
    pub fn call(&self, body: RequestBody) -> Answer<Reply> {
        self.with_client(|client| client.call(body))
    }

    /// Hands a trainer's port to the ranker. What comes of it is heard as notices.
    pub fn connect_port(&self, port: MessagePort) -> Answer<Reply> {
        self.with_client(|client| client.connect(port))
    }

    fn with_client(&self, run: impl FnOnce(&Client) -> Answer<Reply>) -> Answer<Reply> {
        self.client
            .with_value(|client| client.as_ref().map(run))
            .unwrap_or_else(|| {
                let (giver, answer) = pair();
                giver.give(Err(ClientError::Stopped));
                answer
            })
    }

    /// Asks the ranker's worker for its downloads; they come through the port.
    pub fn ask_downloads(&self, port: &MessagePort) {
        self.client.with_value(|client| {
            if let Some(client) = client {
                client.ask_downloads(port);
            }
        });
    }

    /// The visitor did something to an item. `stamp` is the event's timestamp.
    pub fn act(&self, kind: EventKind, item: &str, stamp: f64) {
        if self.paused.get_untracked() {
            self.notices.say("paused", |w| w.paused.into());
            return;
        }
        self.credit(kind, item);
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

    /// Where two rankings are compared: a choice from the list is a point for the one that put it
    /// there.
    fn credit(&self, kind: EventKind, item: &str) {
        let chosen = matches!(
            kind,
            EventKind::Click | EventKind::Like | EventKind::Purchase
        );
        let team = self.rows.with_untracked(|rows| {
            let row = rows.iter().find(|row| row.id == item)?;
            row.data.read_untracked().team
        });
        if let (true, Some(team)) = (chosen, team) {
            let own = team == Team::Own;
            self.lab(|lab| lab.mention(ToLab::Credit { own }));
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
        preview::end(state);
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
                        state.lab(|lab| lab.mention(ToLab::Forgotten));
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

    /// Saves the profile as a file.
    pub fn export(&self) {
        let state = *self;
        spawn_local(async move {
            match state.call(RequestBody::Export).await {
                Ok(ReplyBody::Exported { bytes, file_name }) => {
                    if files::save(&bytes, &file_name).is_err() {
                        state.notices.say("file", |w| w.not_saved.into());
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
                    state.notices.say("file", |w| w.imported.into());
                }),
                Err(_) => state.notices.say("file", |w| w.unreadable.into()),
            }
        });
    }

    /// Erases the profile.
    pub fn forget(&self) {
        self.change(Op::Forget, None, |state| {
            state.explained.set(None);
            state.notices.say("forgotten", |w| w.forgotten.into());
        });
    }

    /// Compares the list with another ranking from here on, or stops to.
    pub fn compare(&self, rival: Option<Rival>) {
        self.rival.set(rival);
        self.rank_again();
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
        match told {
            Told::Restarted(ranked) => {
                self.show(*ranked, None);
                self.notices.say("restarted", |w| w.restarted.into());
                self.lab(|lab| lab.mention(ToLab::RankerRestarted));
            }
            Told::Stopped => {
                self.ready.set(false);
                self.undo_marks();
                self.notices.keep("stopped", |w| w.stopped.into(), None);
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
                    label: Box::new(|w| w.save_bytes.into()),
                    run: Callback::new(move |()| {
                        if files::save(&bytes, "set-aside.hgprofile").is_err() {
                            notices.say("file", |w| w.not_saved.into());
                        }
                    }),
                };
                self.notices
                    .keep("set-aside", move |w| (w.set_aside)(&message), Some(offer));
            }
        }
    }

    fn set_storage(&self, storage: Storage) {
        match &storage {
            Storage::Device => self.notices.close("storage"),
            Storage::OtherTab => self.notices.say("storage", |w| w.other_tab.into()),
            // Asked for.
            Storage::Memory { reason } if reason.is_empty() => self.notices.close("storage"),
            Storage::Memory { reason } => {
                let reason = reason.clone();
                self.notices
                    .keep("storage", move |w| (w.memory)(&reason), None);
            }
        }
        self.storage.set(Some(storage));
    }

    /// Says why a request did not work.
    pub fn complain(&self, reply: Reply) {
        let text = match reply {
            // An answer to another question: page and worker are of different versions.
            Ok(_) => words().notices.protocol.to_owned(),
            Err(error) => self.sentence(error),
        };
        if !text.is_empty() {
            self.notices.keep("failed", move |_| text.clone(), None);
        }
    }

    /// An error as a sentence; empty where the client has said it itself.
    pub fn sentence(&self, error: ClientError) -> String {
        let w = &words().notices;
        match error {
            ClientError::Stopped => String::new(),
            ClientError::Encoding(error) => (w.failed)(&error),
            ClientError::Failed(Failure::Protocol { .. }) => w.protocol.to_owned(),
            ClientError::Failed(Failure::UnknownItem { item }) => (w.unknown_item)(&item),
            ClientError::Failed(
                Failure::Pack { message }
                | Failure::Profile { message }
                | Failure::Refused { message },
            ) => (w.failed)(&message),
        }
    }
}
