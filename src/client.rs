//! The page's client of the ranker worker.
//!
//! A request goes out with an id and comes back as a future. The client notices a worker that has
//! died (an `error` event, or no answer in time), starts another, opens the pack again and repeats
//! what was not answered. Repeating is harmless: an event has an id that the ranker knows again,
//! erasing, removing and importing give the same state twice, and an undo is repeated only if the
//! reopened profile shows that it was not applied.

mod answer;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use engine::messages::{
    Failure, Message, Notice, Op, Opened, PROTOCOL, Ranked, ReplyBody, Request, RequestBody, View,
};
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, MessagePort, Worker, WorkerOptions, WorkerType};

pub use answer::{Answer, Giver, pair};

/// A worker that is open answers within this many milliseconds, or is taken for dead.
const PATIENCE: u32 = 2_000;
/// Opening and importing read and write more.
const LONG_PATIENCE: u32 = 20_000;
/// After a deadline, messages that already arrived get this long to be handled.
const GRACE: u32 = 300;
/// Restarts allowed within [`WINDOW`].
const RESTARTS: usize = 3;
/// Milliseconds over which restarts are counted.
const WINDOW: f64 = 60_000.0;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientError {
    /// The ranker said no; nothing was changed.
    Failed(Failure),
    /// The worker died too often and was given up.
    Stopped,
    /// The request could not be turned into a message.
    Encoding(String),
}

/// What a request leads to.
pub type Reply = Result<ReplyBody, ClientError>;

/// What the client tells the page unasked.
pub enum Told {
    /// A notice of the ranker.
    Notice(Notice),
    /// The worker was restarted; here is its list.
    Restarted(Box<Ranked>),
    /// The worker was given up.
    Stopped,
}

/// Handle on the one client of a page; clones are the same client.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

struct Inner {
    ranker_url: String,
    running: RefCell<Option<Running>>,
    /// Has the running worker answered `Open`?
    ready: Cell<bool>,
    stopped: Cell<bool>,
    next_id: Cell<u32>,
    /// Requests without an answer, oldest first.
    waiting: RefCell<BTreeMap<u32, Waiting>>,
    /// The `Open` that began this page, to repeat on a new worker.
    opening: RefCell<Option<RequestBody>>,
    /// Id of an `Open` that the client sent of its own accord.
    reopening: Cell<Option<u32>>,
    /// Records of the profile as last told, to see whether an undo was applied.
    records: Cell<u32>,
    /// Times of restarts, milliseconds.
    restarts: RefCell<Vec<f64>>,
    hear: Box<dyn Fn(Told)>,
}

/// A worker and the listeners on it; dropping ends both.
struct Running {
    worker: Worker,
    _listeners: [EventListener; 3],
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

struct Waiting {
    body: RequestBody,
    /// Goes along with the request, once.
    port: Option<MessagePort>,
    giver: Option<Giver<Reply>>,
    /// Runs while the worker has the request.
    watchdog: Option<Timeout>,
}

impl Client {
    /// A client of the worker at `ranker_url`. `early` is a worker that was already started.
    pub fn new(ranker_url: String, early: Option<Worker>, hear: impl Fn(Told) + 'static) -> Self {
        let client = Self(Rc::new(Inner {
            ranker_url,
            running: RefCell::new(None),
            ready: Cell::new(false),
            stopped: Cell::new(false),
            next_id: Cell::new(1),
            waiting: RefCell::default(),
            opening: RefCell::new(None),
            reopening: Cell::new(None),
            records: Cell::new(0),
            restarts: RefCell::default(),
            hear: Box::new(hear),
        }));
        client.0.start(early);
        client
    }

    /// Sends a request. Requests leave in the order of these calls; those made before the ranker
    /// is open wait for it.
    pub fn call(&self, body: RequestBody) -> Answer<Reply> {
        let inner = &self.0;
        let (giver, answer) = pair();
        if inner.stopped.get() {
            giver.give(Err(ClientError::Stopped));
            return answer;
        }
        let open = matches!(body, RequestBody::Open { .. });
        if open {
            *inner.opening.borrow_mut() = Some(body.clone());
        }
        inner.look(&body);
        let id = inner.enqueue(body, None, Some(giver));
        if open || inner.ready.get() {
            inner.post(id);
        }
        answer
    }

    /// Ends the worker and opens with another; what was not answered is not repeated.
    pub fn reopen(&self, body: RequestBody) -> Answer<Reply> {
        let inner = &self.0;
        if !inner.stopped.get() {
            inner.ready.set(false);
            inner.reopening.set(None);
            inner.records.set(0);
            inner.running.borrow_mut().take();
            let waiting = std::mem::take(&mut *inner.waiting.borrow_mut());
            for giver in waiting.into_values().filter_map(|entry| entry.giver) {
                giver.give(Err(ClientError::Stopped));
            }
            inner.start(None);
        }
        self.call(body)
    }

    /// Asks the worker's entry module for what the worker has downloaded. It answers through the port;
    /// where there is no worker, nobody does.
    pub fn ask_downloads(&self, port: &MessagePort) {
        if let Some(running) = &*self.0.running.borrow() {
            let ports = js_sys::Array::of1(port);
            // A port that was just made can be sent, and so can a string.
            let _ = running
                .worker
                .post_message_with_transfer(&"downloads".into(), &ports);
        }
    }

    /// Gives the ranker a trainer's port. A port goes on its way once: if the worker dies before it
    /// has answered, there is no answer, and the next worker needs another port.
    pub fn connect(&self, port: MessagePort) -> Answer<Reply> {
        let inner = &self.0;
        let (giver, answer) = pair();
        if inner.ready.get() {
            let id = inner.enqueue(RequestBody::Connect, Some(port), Some(giver));
            inner.post(id);
        } else {
            giver.give(Err(ClientError::Stopped));
        }
        answer
    }
}

impl Inner {
    fn enqueue(
        &self,
        body: RequestBody,
        port: Option<MessagePort>,
        giver: Option<Giver<Reply>>,
    ) -> u32 {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(1).max(1));
        self.waiting.borrow_mut().insert(
            id,
            Waiting {
                body,
                port,
                giver,
                watchdog: None,
            },
        );
        id
    }

    /// Remembers how the list looks now, so that a reopened ranker ranks the same.
    fn look(&self, body: &RequestBody) {
        if let RequestBody::Rank { view: now } | RequestBody::Act { view: now, .. } = body
            && let Some(RequestBody::Open { view, .. }) = &mut *self.opening.borrow_mut()
        {
            *view = View {
                limit: view.limit,
                ..now.clone()
            };
        }
    }

    /// Starts a worker, or takes over one that was started before the app.
    fn start(self: &Rc<Self>, early: Option<Worker>) {
        let worker = match early {
            Some(worker) => Ok(worker),
            None => {
                let options = WorkerOptions::new();
                options.set_type(WorkerType::Module);
                Worker::new_with_options(&self.ranker_url, &options)
            }
        };
        let Ok(worker) = worker else {
            // Refused outright, and it would be again.
            let weak = Rc::downgrade(self);
            spawn_local(async move {
                if let Some(inner) = weak.upgrade() {
                    inner.stop();
                }
            });
            return;
        };
        let weak = Rc::downgrade(self);
        let message = EventListener::new(&worker, "message", move |event| {
            if let Some(inner) = weak.upgrade() {
                inner.receive(&event.unchecked_ref::<MessageEvent>().data());
            }
        });
        let died = |weak: Weak<Self>| {
            move |_: &web_sys::Event| {
                let weak = weak.clone();
                // Not now: this listener is dropped together with the worker.
                spawn_local(async move {
                    if let Some(inner) = weak.upgrade() {
                        inner.restart();
                    }
                });
            }
        };
        let error = EventListener::new(&worker, "error", died(Rc::downgrade(self)));
        let garbled = EventListener::new(&worker, "messageerror", died(Rc::downgrade(self)));
        *self.running.borrow_mut() = Some(Running {
            worker,
            _listeners: [message, error, garbled],
        });
    }

    fn post(self: &Rc<Self>, id: u32) {
        let message = {
            let mut waiting = self.waiting.borrow_mut();
            let Some(entry) = waiting.get_mut(&id) else {
                return;
            };
            let ports: js_sys::Array = entry.port.take().iter().collect();
            let request = Request {
                protocol: PROTOCOL,
                id,
                body: entry.body.clone(),
            };
            serde_wasm_bindgen::to_value(&request)
                .map_err(|error| error.to_string())
                .and_then(|value| match &*self.running.borrow() {
                    Some(running) => running
                        .worker
                        .post_message_with_transfer(&value, &ports)
                        .map_err(|error| text(&error)),
                    None => Ok(()),
                })
        };
        match message {
            Ok(()) => self.watch(id),
            Err(error) => self.settle(id, Err(ClientError::Encoding(error))),
        }
    }

    /// Takes the worker for dead if request `id` is not answered in time.
    fn watch(self: &Rc<Self>, id: u32) {
        let slow = self
            .waiting
            .borrow()
            .values()
            .any(|entry| is_slow(&entry.body));
        let patience = if slow { LONG_PATIENCE } else { PATIENCE };
        let weak = Rc::downgrade(self);
        let watchdog = Timeout::new(patience, move || {
            let weak = weak.clone();
            spawn_local(async move {
                gloo_sleep(GRACE).await;
                let Some(inner) = weak.upgrade() else { return };
                if !inner.waiting.borrow().contains_key(&id) {
                    return;
                }
                // A hidden tab may be frozen together with its worker: that is no failure.
                if leptos::prelude::document().hidden() {
                    inner.watch(id);
                } else {
                    inner.restart();
                }
            });
        });
        if let Some(entry) = self.waiting.borrow_mut().get_mut(&id) {
            entry.watchdog = Some(watchdog);
        }
    }

    fn receive(self: &Rc<Self>, data: &JsValue) {
        match serde_wasm_bindgen::from_value::<Message>(data.clone()) {
            Ok(Message::Notice(notice)) => {
                if let Notice::Changed(ranked) = &notice {
                    self.records.set(ranked.summary.records);
                }
                (self.hear)(Told::Notice(notice));
            }
            Ok(Message::Reply { id, body }) => self.answer(id, body),
            // Not of this protocol: whoever waits for it is told by the watchdog.
            Err(error) => web_sys::console::warn_1(&error.into()),
        }
    }

    fn answer(self: &Rc<Self>, id: u32, body: ReplyBody) {
        let internal = self.reopening.get() == Some(id);
        match &body {
            ReplyBody::Opened(opened) => {
                self.opened(opened, internal);
                self.ready.set(true);
            }
            ReplyBody::Ranked(ranked) => self.records.set(ranked.summary.records),
            ReplyBody::Failed(_) if internal => {
                self.stop();
                return;
            }
            _ => {}
        }
        let opened = matches!(body, ReplyBody::Opened(_));
        let refused = matches!(body, ReplyBody::Failed(_)) && !self.ready.get();
        self.settle(
            id,
            match body {
                ReplyBody::Failed(failure) => Err(ClientError::Failed(failure)),
                body => Ok(body),
            },
        );
        if refused {
            // Nothing can be asked without a pack. Whoever asked to open it was told why.
            self.give_up();
        }
        if opened {
            let ids: Vec<u32> = self.waiting.borrow().keys().copied().collect();
            for id in ids {
                self.post(id);
            }
        }
    }

    /// A worker has the profile: tells the page if it is not the first one.
    fn opened(self: &Rc<Self>, opened: &Opened, internal: bool) {
        let before = self.records.replace(opened.ranked.summary.records);
        if !internal {
            return;
        }
        self.reopening.set(None);
        if opened.ranked.summary.records < before {
            // One record fewer than before: the undo was applied, only its answer was lost.
            let undone = self.waiting.borrow().iter().find_map(|(id, entry)| {
                let undo = matches!(entry.body, RequestBody::Act { op: Op::Undo, .. });
                undo.then_some(*id)
            });
            if let Some(id) = undone {
                self.settle(id, Ok(ReplyBody::Ranked(Box::new(opened.ranked.clone()))));
            }
        }
        (self.hear)(Told::Restarted(Box::new(opened.ranked.clone())));
    }

    fn settle(&self, id: u32, reply: Reply) {
        let entry = self.waiting.borrow_mut().remove(&id);
        if let Some(giver) = entry.and_then(|entry| entry.giver) {
            giver.give(reply);
        }
    }

    fn restart(self: &Rc<Self>) {
        if self.stopped.get() {
            return;
        }
        let now = js_sys::Date::now();
        {
            let mut restarts = self.restarts.borrow_mut();
            restarts.retain(|at| now - at < WINDOW);
            if restarts.len() >= RESTARTS {
                drop(restarts);
                self.stop();
                return;
            }
            restarts.push(now);
        }
        self.ready.set(false);
        self.running.borrow_mut().take();
        if let Some(id) = self.reopening.take() {
            self.waiting.borrow_mut().remove(&id);
        }
        self.waiting.borrow_mut().retain(|_, entry| {
            entry.watchdog = None;
            !matches!(entry.body, RequestBody::Connect)
        });
        self.start(None);
        let first =
            self.waiting.borrow().iter().find_map(|(id, entry)| {
                matches!(entry.body, RequestBody::Open { .. }).then_some(*id)
            });
        let id = first.or_else(|| {
            let body = self.opening.borrow().clone()?;
            let id = self.enqueue(body, None, None);
            self.reopening.set(Some(id));
            Some(id)
        });
        if let Some(id) = id {
            self.post(id);
        }
    }

    /// Gives the worker up and says so; the page stays with its last list.
    fn stop(&self) {
        self.give_up();
        (self.hear)(Told::Stopped);
    }

    fn give_up(&self) {
        self.stopped.set(true);
        self.ready.set(false);
        self.running.borrow_mut().take();
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        for entry in waiting.into_values() {
            if let Some(giver) = entry.giver {
                giver.give(Err(ClientError::Stopped));
            }
        }
    }
}

fn is_slow(body: &RequestBody) -> bool {
    matches!(
        body,
        RequestBody::Open { .. }
            | RequestBody::Export
            | RequestBody::Act {
                op: Op::Import { .. },
                ..
            }
    )
}

async fn gloo_sleep(milliseconds: u32) {
    let (giver, answer) = pair();
    let timeout = Timeout::new(milliseconds, move || giver.give(()));
    answer.await;
    drop(timeout);
}

/// An exception in words.
fn text(error: &JsValue) -> String {
    error.as_string().unwrap_or_else(|| format!("{error:?}"))
}
