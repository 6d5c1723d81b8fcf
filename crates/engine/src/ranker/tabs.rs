//! Tabs that show the same catalogue share one profile: a Web Lock chooses the one that writes, a
//! BroadcastChannel carries events to it and news from it.

use js_sys::{Function, Object, Promise, Reflect};
use serde::{Deserialize, Serialize};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageEvent};

use super::browser::scope;
use crate::messages::{Op, PROTOCOL};

/// What tabs tell each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TabMessage {
    /// To the writer: please do this.
    Ask {
        /// Version of the messages.
        protocol: u16,
        /// Random number of the question.
        token: u64,
        /// What to do.
        op: Op,
    },
    /// From the writer: this was done and is stored.
    Done {
        /// Version of the messages.
        protocol: u16,
        /// The question it answers; 0 if it was the writer's own.
        token: u64,
        /// Number of changes, this one included.
        revision: f64,
        /// The one event that was appended, as a record; empty: read the store again.
        #[serde(with = "serde_bytes")]
        record: Vec<u8>,
    },
    /// From the writer: this was refused.
    Refused {
        /// Version of the messages.
        protocol: u16,
        /// The question.
        token: u64,
        /// Why, for people.
        message: String,
    },
    /// From a new writer: ask me again what the old one has not answered.
    NewWriter {
        /// Version of the messages.
        protocol: u16,
    },
}

impl TabMessage {
    fn protocol(&self) -> u16 {
        match self {
            Self::Ask { protocol, .. }
            | Self::Done { protocol, .. }
            | Self::Refused { protocol, .. }
            | Self::NewWriter { protocol } => *protocol,
        }
    }
}

/// The channel between the tabs of one catalogue.
pub struct Tabs {
    channel: BroadcastChannel,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

impl Tabs {
    /// Joins. `None` where the browser has no BroadcastChannel or refuses it. A tab of another
    /// version is not listened to: it speaks of things this one does not know.
    pub fn join(catalogue_id: &str, mut heard: impl FnMut(TabMessage) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(&format!("honeyguide:{catalogue_id}")).ok()?;
        let closure = Closure::new(move |event: MessageEvent| {
            let message: Result<TabMessage, _> = serde_wasm_bindgen::from_value(event.data());
            if let Some(message) = message.ok().filter(|m| m.protocol() == PROTOCOL) {
                heard(message);
            }
        });
        channel.set_onmessage(Some(closure.as_ref().unchecked_ref()));
        Some(Self {
            channel,
            _heard: closure,
        })
    }

    /// Tells all other tabs.
    pub fn tell(&self, message: &TabMessage) {
        if let Ok(value) = serde_wasm_bindgen::to_value(message) {
            // Fails only on a closed channel, and this one is never closed.
            let _ = self.channel.post_message(&value);
        }
    }
}

/// What came of asking for the writer's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// This tab writes until it goes.
    Me,
    /// Another tab does.
    Other,
    /// The browser has no Web Locks: every tab for itself.
    NoLocks,
}

/// Asks for the lock; does not wait for another tab to give it back.
pub async fn try_lock(catalogue_id: &str) -> Writer {
    match request(catalogue_id, true) {
        None => Writer::NoLocks,
        Some(granted) => match JsFuture::from(granted).await {
            Ok(value) if value.is_truthy() => Writer::Me,
            Ok(_) => Writer::Other,
            Err(_) => Writer::NoLocks,
        },
    }
}

/// Waits for the lock: returns when the other tab has gone.
pub async fn wait_for_lock(catalogue_id: &str) -> bool {
    match request(catalogue_id, false) {
        None => false,
        Some(granted) => JsFuture::from(granted)
            .await
            .is_ok_and(|value| value.is_truthy()),
    }
}

/// A promise of whether the lock is ours. Once it is, it is held as long as this worker lives.
///
/// Through `Reflect`, because web-sys still counts Web Locks as unstable.
fn request(catalogue_id: &str, if_available: bool) -> Option<Promise> {
    let locks = Reflect::get(&scope().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &if_available.into()).ok()?;
    let name = JsValue::from_str(&format!("honeyguide:{catalogue_id}"));
    Some(Promise::new(&mut |resolve, reject| {
        let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            let ours = lock.is_truthy();
            let _ = resolve.call1(&JsValue::NULL, &ours.into());
            if ours {
                // Never settles, so the lock is held until the worker ends.
                Promise::new(&mut |_, _| {}).into()
            } else {
                JsValue::NULL
            }
        });
        match request.call3(&locks, &name, &options, &granted) {
            Ok(asked) => {
                // Refused outright (an opaque origin, say).
                let refused = Closure::once_into_js(move |why: JsValue| {
                    let _ = reject.call1(&JsValue::NULL, &why);
                });
                let refused: Function = refused.unchecked_into();
                let catch = Reflect::get(&asked, &"catch".into()).ok();
                if let Some(catch) = catch.and_then(|catch| catch.dyn_into::<Function>().ok()) {
                    let _ = catch.call1(&asked, &refused);
                }
            }
            Err(why) => {
                let _ = reject.call1(&JsValue::NULL, &why);
            }
        }
    }))
}
