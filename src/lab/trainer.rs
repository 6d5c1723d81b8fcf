//! One trainer worker: its start, its orders, its news, and the moment when it is gone.
//!
//! A worker says nothing when it dies. So it takes a Web Lock when it opens, and the page asks for
//! the same one: getting it means that the worker has gone.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use engine::messages::PROTOCOL;
use engine::training::{News, Order, OrderBody};
use gloo::events::EventListener;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MessageChannel, MessageEvent, MessagePort, Worker, WorkerOptions, WorkerType};

use crate::js;

/// What a trainer tells.
pub enum Heard {
    /// News; the bytes of a finished pack are left out of them.
    News(News),
    /// A finished pack's bytes, as the worker sent them: they never pass through this module's
    /// memory. Its news follow.
    Pack(js_sys::Uint8Array),
    /// The worker has gone.
    Gone,
}

/// A worker. Dropping it ends it.
pub struct Trainer(Rc<Inner>);

struct Inner {
    worker: Worker,
    lock: String,
    software: bool,
    pack_url: String,
    /// The ranker's end of the channel, until it is handed on.
    ranker_end: RefCell<Option<MessagePort>>,
    watched: Cell<bool>,
    hear: Box<dyn Fn(Heard)>,
    listeners: RefCell<Vec<EventListener>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl Trainer {
    /// Asks the worker's entry module for what the worker has downloaded; it answers through the port.
    pub fn ask_downloads(&self, port: &MessagePort) {
        // As for the ranker: both can be sent.
        let _ = self
            .0
            .worker
            .post_message_with_transfer(&"downloads".into(), &Array::of1(port));
    }

    /// Starts the worker at `url` and opens it. `software`: a software adapter will do.
    ///
    /// # Errors
    ///
    /// What the browser threw.
    pub fn start(
        url: &str,
        software: bool,
        pack_url: &str,
        hear: impl Fn(Heard) + 'static,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(url, &options)?;
        // Random, so that no other tab and no earlier worker has it.
        let lock = format!("honeyguide-trainer-{}", js_sys::Math::random());
        let inner = Rc::new(Inner {
            worker,
            lock,
            software,
            pack_url: pack_url.to_owned(),
            ranker_end: RefCell::new(None),
            watched: Cell::new(false),
            hear: Box::new(hear),
            listeners: RefCell::default(),
        });
        inner.listen();
        inner.open()?;
        Ok(Self(inner))
    }

    /// The port for the ranker. Each call after the first makes a new channel, for a ranker that
    /// lost its end.
    ///
    /// # Errors
    ///
    /// What the browser threw.
    pub fn ranker_end(&self) -> Result<Option<MessagePort>, JsValue> {
        if self.0.ranker_end.borrow().is_none() {
            self.0.open()?;
        }
        Ok(self.0.ranker_end.borrow_mut().take())
    }

    /// Sends an order.
    ///
    /// # Errors
    ///
    /// What the browser threw.
    pub fn order(&self, body: OrderBody) -> Result<(), JsValue> {
        self.0.worker.post_message(&message(body)?)
    }

    /// Sends the order for a training together with the files' contents, which move to the worker
    /// and are copied nowhere. `body` names the files in the same order, without their bytes.
    ///
    /// # Errors
    ///
    /// What the browser threw.
    pub fn pretrain(
        &self,
        body: OrderBody,
        contents: &[js_sys::ArrayBuffer],
    ) -> Result<(), JsValue> {
        let message = message(body)?;
        let get = |target: &JsValue, key: &str| Reflect::get(target, &key.into());
        let files: Array = get(&get(&get(&message, "body")?, "Pretrain")?, "files")?.dyn_into()?;
        for (file, content) in files.iter().zip(contents) {
            let bytes = js_sys::Uint8Array::new(content);
            Reflect::set(&file, &"bytes".into(), &bytes)?;
        }
        let transfer: Array = contents.iter().collect();
        self.0
            .worker
            .post_message_with_transfer(&message, &transfer)
    }
}

fn message(body: OrderBody) -> Result<JsValue, JsValue> {
    let order = Order {
        protocol: PROTOCOL,
        body,
    };
    serde_wasm_bindgen::to_value(&order).map_err(JsValue::from)
}

impl Inner {
    /// Sends `Open` with a fresh port; the other end waits for the ranker.
    fn open(&self) -> Result<(), JsValue> {
        let channel = MessageChannel::new()?;
        let message = message(OrderBody::Open {
            lock: self.lock.clone(),
            software: self.software,
            pack_url: self.pack_url.clone(),
        })?;
        self.worker
            .post_message_with_transfer(&message, &Array::of1(&channel.port1()))?;
        *self.ranker_end.borrow_mut() = Some(channel.port2());
        Ok(())
    }

    fn listen(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let message = EventListener::new(&self.worker, "message", move |event| {
            if let Some(inner) = weak.upgrade() {
                inner.receive(event.unchecked_ref::<MessageEvent>().data());
            }
        });
        let gone = |weak: Weak<Self>| move |_: &web_sys::Event| Self::gone(&weak);
        let error = EventListener::new(&self.worker, "error", gone(Rc::downgrade(self)));
        let garbled = EventListener::new(&self.worker, "messageerror", gone(Rc::downgrade(self)));
        *self.listeners.borrow_mut() = vec![message, error, garbled];
    }

    /// Not now: whoever hears it drops the worker, and with it the listener that is running.
    fn gone(weak: &Weak<Self>) {
        let weak = weak.clone();
        spawn_local(async move {
            if let Some(inner) = weak.upgrade() {
                (inner.hear)(Heard::Gone);
            }
        });
    }

    fn receive(self: &Rc<Self>, data: JsValue) {
        if let Some(bytes) = take_pack(&data) {
            (self.hear)(Heard::Pack(bytes));
        }
        match serde_wasm_bindgen::from_value::<News>(data) {
            Ok(news) => {
                if matches!(news, News::Opened { .. }) {
                    self.watch();
                }
                (self.hear)(Heard::News(news));
            }
            // Of another version; the worker refuses the page's orders for the same reason.
            Err(error) => web_sys::console::warn_1(&error.into()),
        }
    }

    /// Asks for the worker's lock, now that it holds it. A browser without locks tells of errors
    /// only.
    fn watch(self: &Rc<Self>) {
        if self.watched.replace(true) {
            return;
        }
        let weak = Rc::downgrade(self);
        let granted = Closure::once_into_js(move || Self::gone(&weak));
        if let Some(locks) = locks() {
            ask(&locks, &Array::of2(&self.lock.as_str().into(), &granted));
        }
    }
}

/// Runs something if nobody holds this lock now. Without Web Locks it runs, too.
pub fn if_free(lock: &str, run: impl FnOnce() + 'static) {
    let Some(locks) = locks() else {
        return run();
    };
    let options = js::object(&[("ifAvailable", true.into())]);
    let granted = Closure::once_into_js(move |lock: JsValue| {
        if lock.is_truthy() {
            run();
        }
    });
    ask(&locks, &Array::of3(&lock.into(), &options, &granted));
}

/// The browser's Web Locks, if it has them.
fn locks() -> Option<JsValue> {
    let navigator: JsValue = leptos::prelude::window().navigator().into();
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    locks.is_object().then_some(locks)
}

/// Requests a lock. Refusals are not told of: they come where storage is blocked, so that nothing is
/// stored and the worker has no lock either, and when the document goes away.
fn ask(locks: &JsValue, arguments: &Array) {
    if let Ok(asked) = js::call(locks, "request", arguments) {
        let asked = JsFuture::from(Promise::resolve(&asked));
        spawn_local(async move { drop(asked.await) });
    }
}

/// Is there a database of that name? False where the browser does not tell.
pub async fn has_database(name: &str) -> bool {
    let window: JsValue = leptos::prelude::window().into();
    let all = Reflect::get(&window, &"indexedDB".into())
        .and_then(|factory| js::call(&factory, "databases", &Array::new()))
        .map(|promise| JsFuture::from(Promise::resolve(&promise)));
    let Ok(all) = all else { return false };
    all.await.is_ok_and(|all| {
        Array::from(&all)
            .iter()
            .any(|one| Reflect::get(&one, &"name".into()).is_ok_and(|found| found == name))
    })
}

/// Takes the bytes out of the news of a finished pack, and leaves none in their place.
fn take_pack(data: &JsValue) -> Option<js_sys::Uint8Array> {
    let packed = Reflect::get(data, &"Packed".into()).ok()?;
    let bytes = Reflect::get(&packed, &"bytes".into()).ok()?;
    let none = js_sys::Uint8Array::new_with_length(0);
    Reflect::set(&packed, &"bytes".into(), &none).ok()?;
    bytes.dyn_into().ok()
}
