//! The ranker worker: takes requests one at a time, answers them from the [`Desk`], writes what
//! changed, and keeps the tabs together.
//!
//! Life of a click: request → write-ahead record handed to IndexedDB → learn → rank → reply → wait
//! for the commit → tell the other tabs. The reply does not wait for the disk; the next request
//! does.

mod store;
mod tabs;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use js_sys::{ArrayBuffer, Uint8Array};
use recommender::{Pack, Profile, profile};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, PerformanceEntry, Response};

use self::store::Store;
use self::tabs::{TabMessage, Tabs, Writer};
use crate::desk::{Change, Desk};
use crate::messages::{
    Failure, Message, Notice, Op, Opened, PROTOCOL, Ranked, ReplyBody, Request, RequestBody,
    Storage, Timings, View,
};
use crate::view;

/// How long another tab may take to answer before the visitor is told.
const PATIENCE_MS: u32 = 1_500;

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Starts listening. The worker's `main`.
pub fn start() {
    let ranker = Rc::new(Ranker::default());
    let listener = Rc::clone(&ranker);
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        match serde_wasm_bindgen::from_value::<Request>(event.data()) {
            Ok(request) => listener.push(Task::Request(request)),
            Err(_) => {
                // A page of another version: its id is the one thing that can be trusted to be there.
                let id = js_sys::Reflect::get(&event.data(), &"id".into()).ok();
                let id = id.and_then(|id| id.as_f64()).unwrap_or(0.0) as u32;
                let failure = Failure::Protocol { worker: PROTOCOL };
                post(&Message::Reply {
                    id,
                    body: ReplyBody::Failed(failure),
                });
            }
        }
    });
    scope().set_onmessage(Some(heard.as_ref().unchecked_ref()));
    // The worker listens as long as it lives.
    heard.forget();
}

enum Task {
    Request(Request),
    Tab(TabMessage),
    LockGranted,
    Overdue(u64),
}

#[derive(Default)]
struct Ranker {
    queue: RefCell<VecDeque<Task>>,
    busy: RefCell<bool>,
    open: RefCell<Option<Open>>,
}

/// Everything there is once a pack is open.
struct Open {
    desk: Desk,
    catalogue_id: String,
    view: View,
    store: Option<Store>,
    storage: Storage,
    tabs: Option<Tabs>,
    /// Questions to the writing tab that it has not answered.
    asked: Vec<Asked>,
}

struct Asked {
    token: u64,
    op: Op,
    id: u32,
    view: View,
}

impl Ranker {
    fn push(self: &Rc<Self>, task: Task) {
        self.queue.borrow_mut().push_back(task);
        if self.busy.replace(true) {
            return;
        }
        let ranker = Rc::clone(self);
        spawn_local(async move {
            loop {
                let task = ranker.queue.borrow_mut().pop_front();
                let Some(task) = task else { break };
                // Taken out while it works, so that no borrow is held across an await.
                let mut open = ranker.open.borrow_mut().take();
                ranker.work(&mut open, task).await;
                *ranker.open.borrow_mut() = open;
            }
            ranker.busy.replace(false);
        });
    }

    async fn work(self: &Rc<Self>, open: &mut Option<Open>, task: Task) {
        match (task, open) {
            (Task::Request(request), open) => self.request(open, request).await,
            (Task::Tab(message), Some(open)) => open.hear(message).await,
            (Task::LockGranted, Some(open)) => open.become_writer().await,
            (Task::Overdue(token), Some(open)) => open.give_up(token),
            (Task::Tab(_) | Task::LockGranted | Task::Overdue(_), None) => {}
        }
    }

    async fn request(self: &Rc<Self>, open: &mut Option<Open>, request: Request) {
        let id = request.id;
        let reply = |body| post(&Message::Reply { id, body });
        if request.protocol != PROTOCOL {
            return reply(ReplyBody::Failed(Failure::Protocol { worker: PROTOCOL }));
        }
        let body = match (request.body, open.as_mut()) {
            (RequestBody::Ping, _) => ReplyBody::Pong,
            (RequestBody::Open { pack_url, view }, _) => {
                match self.open_pack(&pack_url, view).await {
                    Ok((opened, mut answer)) => {
                        if let Some(aside) = answer.set_aside.take() {
                            post(&Message::Notice(aside));
                        }
                        *open = Some(opened);
                        ReplyBody::Opened(Box::new(answer.opened))
                    }
                    Err(failure) => ReplyBody::Failed(failure),
                }
            }
            (_, None) => {
                let message = "the first request must be Open".into();
                ReplyBody::Failed(Failure::Refused { message })
            }
            (
                RequestBody::Browse {
                    query,
                    offset,
                    limit,
                },
                Some(open),
            ) => {
                let (total, items) = open.desk.browse(&query, offset, limit);
                ReplyBody::Browsed { total, items }
            }
            (RequestBody::Rank { view }, Some(open)) => {
                open.view = view;
                let started_at = epoch_now();
                ReplyBody::Ranked(Box::new(open.ranked(started_at, 0.0)))
            }
            (RequestBody::Explain { item }, Some(open)) => match open.desk.explain(&item) {
                Ok(explained) => ReplyBody::Explained(Box::new(explained)),
                Err(failure) => ReplyBody::Failed(failure),
            },
            (RequestBody::Export, Some(open)) => ReplyBody::Exported {
                bytes: open.desk.profile().encode(),
                file_name: format!("{}.hgprofile", open.catalogue_id),
            },
            (RequestBody::Act { op, view }, Some(open)) => {
                open.view = view;
                return self.act(open, id, op).await;
            }
        };
        reply(body);
    }

    /// Does it here, or asks the tab that writes.
    async fn act(self: &Rc<Self>, open: &mut Open, id: u32, op: Op) {
        if open.storage != Storage::OtherTab {
            return open.act(Some(id), 0, op).await;
        }
        let token = random();
        open.tell(&TabMessage::Ask {
            protocol: PROTOCOL,
            token,
            op: op.clone(),
        });
        open.asked.push(Asked {
            token,
            op,
            id,
            view: open.view.clone(),
        });
        let ranker = Rc::clone(self);
        gloo::timers::callback::Timeout::new(PATIENCE_MS, move || {
            ranker.push(Task::Overdue(token))
        })
        .forget();
    }

    async fn open_pack(self: &Rc<Self>, url: &str, view: View) -> Result<(Open, Answer), Failure> {
        let bytes = fetch(url)
            .await
            .map_err(|message| Failure::Pack { message })?;
        let pack_bytes = bytes.len() as u32;
        let pack = Pack::decode(&bytes).map_err(|error| Failure::Pack {
            message: error.to_string(),
        })?;
        drop(bytes);
        let catalogue_id = pack.manifest.catalogue_id.clone();
        let pack_view = view::pack_view(&pack);

        let hearing = Rc::clone(self);
        let tabs = Tabs::join(&catalogue_id, move |message| {
            hearing.push(Task::Tab(message))
        });
        let mut set_aside = None;
        let (store, storage, profile) = match Store::open(&catalogue_id).await {
            Err(error) => (
                None,
                Storage::Memory {
                    reason: error.to_string(),
                },
                None,
            ),
            Ok(store) => {
                let writer = tabs::try_lock(&catalogue_id).await;
                match store
                    .load(&catalogue_id, writer != Writer::Other, js_sys::Date::now())
                    .await
                {
                    Err(error) => (
                        None,
                        Storage::Memory {
                            reason: error.to_string(),
                        },
                        None,
                    ),
                    Ok(loaded) => {
                        set_aside = loaded
                            .set_aside
                            .map(|(message, bytes)| Notice::SetAside { message, bytes });
                        let storage = match writer {
                            Writer::Me | Writer::NoLocks => Storage::Device,
                            Writer::Other => {
                                self.wait_to_write(catalogue_id.clone());
                                Storage::OtherTab
                            }
                        };
                        (Some(store), storage, loaded.profile)
                    }
                }
            }
        };
        let desk = Desk::new(pack, profile)?;
        let asked = Vec::new();
        let mut open = Open {
            desk,
            catalogue_id,
            view,
            store,
            storage: storage.clone(),
            tabs,
            asked,
        };
        let ranked = open.ranked(epoch_now(), 0.0);
        Ok((
            open,
            Answer {
                opened: Opened {
                    pack: pack_view,
                    storage,
                    ranked,
                    pack_bytes,
                },
                set_aside,
            },
        ))
    }

    fn wait_to_write(self: &Rc<Self>, catalogue_id: String) {
        let ranker = Rc::clone(self);
        spawn_local(async move {
            if tabs::wait_for_lock(&catalogue_id).await {
                ranker.push(Task::LockGranted);
            }
        });
    }
}

struct Answer {
    opened: Opened,
    set_aside: Option<Notice>,
}

impl Open {
    /// Learns, ranks, replies (to the page, or to the tab that asked with `token`), stores, tells.
    async fn act(&mut self, id: Option<u32>, token: u64, op: Op) {
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
        let replaced = (change == Change::Replaced).then(|| self.desk.profile().clone());
        let store = self.store.take();
        let mut writing = Box::pin(write(store.as_ref(), &change, replaced.as_ref()));
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

    fn ranked(&mut self, started_at: f64, learn: f64) -> Ranked {
        ranked(
            &mut self.desk,
            &self.view,
            self.store.as_ref(),
            started_at,
            learn,
        )
    }

    fn tell(&self, message: &TabMessage) {
        if let Some(tabs) = &self.tabs {
            tabs.tell(message);
        }
    }

    fn set_storage(&mut self, storage: Storage) {
        self.storage = storage.clone();
        post(&Message::Notice(Notice::Storage(storage)));
    }

    /// News from another tab.
    async fn hear(&mut self, message: TabMessage) {
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
                if let Err(failure) = self.desk.replace(profile) {
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
    async fn become_writer(&mut self) {
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
    fn give_up(&mut self, token: u64) {
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
) -> Result<(), String> {
    let Some(store) = store else { return Ok(()) };
    let written = match (change, profile) {
        (Change::Appended(event), _) => store.append(event).await,
        (Change::Popped, _) => store.pop().await,
        (Change::Replaced, Some(profile)) => store.replace(profile).await,
        (Change::Replaced | Change::None, _) => Ok(()),
    };
    written.map_err(|error| error.to_string())
}

fn post(message: &Message) {
    let value = serde_wasm_bindgen::to_value(message).expect("the messages are plain data");
    scope()
        .post_message(&value)
        .expect("plain data can be cloned");
}

/// Milliseconds since the Unix epoch, with the resolution of `performance.now()`.
fn epoch_now() -> f64 {
    scope()
        .performance()
        .map_or_else(js_sys::Date::now, |p| p.time_origin() + p.now())
}

/// Bytes of query strings of everything this worker has requested, as the browser recorded it. The
/// worker has no code that sends a body; the page's policy allows no other origin.
fn bytes_sent() -> u32 {
    let Some(performance) = scope().performance() else {
        return 0;
    };
    let entries = performance.get_entries_by_type("resource").into_iter();
    let names = entries.filter_map(|entry| Some(entry.dyn_into::<PerformanceEntry>().ok()?.name()));
    names
        .filter_map(|name| Some(name.split_once('?')?.1.len() as u32))
        .sum()
}

fn memory_bytes() -> u32 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    memory
        .buffer()
        .unchecked_into::<ArrayBuffer>()
        .byte_length()
}

/// A random number below 2^53.
fn random() -> u64 {
    let mut bytes = [0; 8];
    let filled = scope()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    if filled.is_err() {
        return (js_sys::Math::random() * 9e15) as u64;
    }
    u64::from_le_bytes(bytes) >> 11
}

async fn fetch(url: &str) -> Result<Vec<u8>, String> {
    let unreachable =
        |_| format!("the pack {url} could not be fetched; check the connection and reload");
    let response: Response = JsFuture::from(scope().fetch_with_str(url))
        .await
        .map_err(unreachable)?
        .unchecked_into();
    if !response.ok() {
        return Err(format!(
            "the pack {url} could not be fetched: the server says {}",
            response.status()
        ));
    }
    let buffer = JsFuture::from(response.array_buffer().map_err(unreachable)?)
        .await
        .map_err(unreachable)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}
