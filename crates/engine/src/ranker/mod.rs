//! The ranker worker: takes requests one at a time, answers them from the [`Desk`], writes what
//! changed, and keeps the tabs together.
//!
//! Life of a click: request → learn → record handed to IndexedDB → rank → reply → wait for the commit
//! → tell the other tabs. The reply does not wait for the disk; the next request does.

mod browser;
mod link;
mod open;
mod store;
mod tabs;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use recommender::Pack;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, MessagePort};

use self::browser::{epoch_now, post, random, scope};
use self::link::Link;
use self::open::{Asked, OpenPack};
use self::store::Store;
use self::tabs::{TabMessage, Tabs, Writer};
use crate::desk::Desk;
use crate::fetch::fetch;
use crate::messages::{
    Failure, Keep, Message, Notice, Op, Opened, PROTOCOL, ReplyBody, Request, RequestBody, Storage,
    View,
};
use crate::training::ToRanker;
use crate::view;

/// The trainer is told of choices when there has been none for so long.
const TELL_AFTER_MS: u32 = 150;

/// How long another tab may take to answer before the visitor is told.
const PATIENCE_MS: u32 = 1_500;

/// Starts listening. The worker's `main`.
pub fn start() {
    let ranker = Rc::new(Ranker::default());
    let listener = Rc::clone(&ranker);
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        match serde_wasm_bindgen::from_value::<Request>(event.data()) {
            Ok(Request {
                id,
                protocol: PROTOCOL,
                body: RequestBody::Connect,
            }) => listener.connect(id, event.ports().get(0)),
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
    Connect(u32, Link),
    Trainer(ToRanker),
    /// A slice of taking an adapter over.
    Adapt,
    TellTrainer,
    LockGranted,
    Overdue(u64),
}

#[derive(Default)]
struct Ranker {
    queue: RefCell<VecDeque<Task>>,
    busy: RefCell<bool>,
    /// Runs while choices wait to be sent to the trainer.
    telling: RefCell<Option<Timeout>>,
    open: RefCell<Option<OpenPack>>,
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

    async fn work(self: &Rc<Self>, open: &mut Option<OpenPack>, task: Task) {
        match (task, open) {
            (Task::Request(request), open) => self.request(open, request).await,
            (Task::Tab(message), Some(open)) => {
                open.hear(message).await;
                self.tell_trainer_soon(open);
            }
            (Task::LockGranted, Some(open)) => {
                open.become_writer().await;
                self.tell_trainer_soon(open);
            }
            (Task::Connect(id, link), Some(open)) => {
                open.link = Some(link);
                post(&Message::Reply {
                    id,
                    body: ReplyBody::Connected,
                });
                open.tell_trainer();
            }
            (Task::Connect(id, _), None) => post(&Message::Reply {
                id,
                body: ReplyBody::Failed(unopened()),
            }),
            (Task::TellTrainer, Some(open)) => open.tell_trainer(),
            (
                Task::Trainer(ToRanker::Adapter {
                    values,
                    revision,
                    base,
                }),
                Some(open),
            ) => {
                if open.desk.begin_adapter(values, revision, &base) {
                    self.adapt_soon();
                }
            }
            (Task::Adapt, Some(open)) => {
                if open.advance_adapter().await {
                    self.adapt_soon();
                }
            }
            (Task::Overdue(token), Some(open)) => open.give_up(token),
            (
                Task::Tab(_)
                | Task::LockGranted
                | Task::Overdue(_)
                | Task::TellTrainer
                | Task::Trainer(_)
                | Task::Adapt,
                None,
            ) => {}
        }
    }

    async fn request(self: &Rc<Self>, open: &mut Option<OpenPack>, request: Request) {
        let id = request.id;
        let reply = |body| post(&Message::Reply { id, body });
        if request.protocol != PROTOCOL {
            return reply(ReplyBody::Failed(Failure::Protocol { worker: PROTOCOL }));
        }
        let body = match (request.body, open.as_mut()) {
            (RequestBody::Ping, _) => ReplyBody::Pong,
            (
                RequestBody::Open {
                    pack_url,
                    keep,
                    view,
                },
                _,
            ) => match self.open_pack(&pack_url, keep, view).await {
                Ok((opened, mut answer)) => {
                    if let Some(aside) = answer.set_aside.take() {
                        post(&Message::Notice(aside));
                    }
                    *open = Some(opened);
                    ReplyBody::Opened(Box::new(answer.opened))
                }
                Err(failure) => ReplyBody::Failed(failure),
            },
            (_, None) => ReplyBody::Failed(unopened()),
            // Taken out before, together with its port.
            (RequestBody::Connect, Some(_)) => ReplyBody::Connected,
            (
                RequestBody::Browse {
                    query,
                    filter,
                    offset,
                    limit,
                },
                Some(open),
            ) => {
                let (total, items) = open.desk.browse(&query, &filter, offset, limit);
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
            (RequestBody::Preview { item, kind, view }, Some(open)) => {
                match open.desk.preview(&item, kind, &view) {
                    Ok(preview) => ReplyBody::Previewed(Box::new(preview)),
                    Err(failure) => ReplyBody::Failed(failure),
                }
            }
            (RequestBody::State, Some(open)) => ReplyBody::State {
                profile: open.desk.profile().encode(),
                adapter: open.desk.adapter_record(),
            },
            (RequestBody::Export, Some(open)) => ReplyBody::Exported {
                bytes: open.desk.profile().encode(),
                file_name: format!("{}.hgprofile", open.catalogue_id),
            },
            (RequestBody::Act { op, view }, Some(open)) => {
                open.view = view;
                self.act(open, id, op).await;
                self.tell_trainer_soon(open);
                return;
            }
        };
        reply(body);
    }

    /// A page wants to connect a trainer.
    fn connect(self: &Rc<Self>, id: u32, port: JsValue) {
        match port.dyn_into::<MessagePort>() {
            Ok(port) => {
                let hearing = Rc::clone(self);
                let link = Link::new(port, move |message| hearing.push(Task::Trainer(message)));
                self.push(Task::Connect(id, link));
            }
            Err(_) => {
                let message = "Connect must come with a port".into();
                post(&Message::Reply {
                    id,
                    body: ReplyBody::Failed(Failure::Refused { message }),
                });
            }
        }
    }

    /// Tells the trainer when the visitor pauses, so that a click never waits for it.
    fn tell_trainer_soon(self: &Rc<Self>, open: &OpenPack) {
        if open.link.is_some() {
            let ranker = Rc::clone(self);
            let later = Timeout::new(TELL_AFTER_MS, move || ranker.push(Task::TellTrainer));
            // Replacing the timer before cancels it.
            *self.telling.borrow_mut() = Some(later);
        }
    }

    /// The next slice, after the messages that have arrived meanwhile.
    fn adapt_soon(self: &Rc<Self>) {
        let ranker = Rc::clone(self);
        Timeout::new(0, move || ranker.push(Task::Adapt)).forget();
    }

    /// Does it here, or asks the tab that writes.
    async fn act(self: &Rc<Self>, open: &mut OpenPack, id: u32, op: Op) {
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
        Timeout::new(PATIENCE_MS, move || ranker.push(Task::Overdue(token))).forget();
    }

    async fn open_pack(
        self: &Rc<Self>,
        url: &str,
        keep: Keep,
        view: View,
    ) -> Result<(OpenPack, Answer), Failure> {
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

        // Database, channel and lock of a named profile carry its name.
        let name = match &keep {
            Keep::Device | Keep::Memory => catalogue_id.clone(),
            Keep::Named(name) => format!("{catalogue_id}@{name}"),
        };
        let tabs = (keep != Keep::Memory).then(|| {
            let hearing = Rc::clone(self);
            Tabs::join(&name, move |message| hearing.push(Task::Tab(message)))
        });
        let tabs = tabs.flatten();
        let mut set_aside = None;
        let store = match keep {
            Keep::Memory => Err(String::new()),
            Keep::Device | Keep::Named(_) => {
                Store::open(&name).await.map_err(|error| error.to_string())
            }
        };
        let (store, storage, profile, adapter) = match store {
            Err(reason) => (None, Storage::Memory { reason }, None, None),
            Ok(store) => {
                let writer = tabs::try_lock(&name).await;
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
                        None,
                    ),
                    Ok(loaded) => {
                        set_aside = loaded
                            .set_aside
                            .map(|(message, bytes)| Notice::SetAside { message, bytes });
                        let storage = match writer {
                            Writer::Me | Writer::NoLocks => Storage::Device,
                            Writer::Other => {
                                self.wait_to_write(name);
                                Storage::OtherTab
                            }
                        };
                        (Some(store), storage, loaded.profile, loaded.adapter)
                    }
                }
            }
        };
        let desk = Desk::new(pack, profile, adapter)?;
        let asked = Vec::new();
        let mut open = OpenPack {
            desk,
            catalogue_id,
            view,
            store,
            storage: storage.clone(),
            tabs,
            asked,
            link: None,
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

fn unopened() -> Failure {
    let message = "the first request must be Open".into();
    Failure::Refused { message }
}

struct Answer {
    opened: Opened,
    set_aside: Option<Notice>,
}
