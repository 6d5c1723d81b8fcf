//! The page's end of the bridge: loads the lab when it is first needed, and keeps it informed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use engine::messages::{Keep, Op, RequestBody, Team};
use js_sys::{Array, Reflect};
use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::MessagePort;

use super::{Now, Place, ToLab, ToPage};
use crate::notices::Offer;
use crate::state::State;
use crate::words::{NoticeWords, spoken, words};
use crate::{js, timing};

/// The lab, as the page has it. Clones are the same.
#[derive(Clone)]
pub struct Host(Rc<Inner>);

struct Inner {
    url: String,
    stage: Cell<Stage>,
    /// Told before the lab listened.
    held: RefCell<Vec<ToLab>>,
    /// Something has changed since the lab was told.
    stale: Cell<bool>,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Away,
    Coming,
    Here,
}

impl Host {
    /// The lab at `url`, not loaded yet.
    pub fn new(url: String) -> Self {
        Self(Rc::new(Inner {
            url,
            stage: Cell::new(Stage::Away),
            held: RefCell::default(),
            stale: Cell::new(false),
        }))
    }

    /// Loads the lab, if it is not there or on its way.
    pub fn load(&self, state: State) {
        if self.0.stage.get() != Stage::Away || self.0.url.is_empty() {
            return;
        }
        self.0.stage.set(Stage::Coming);
        let Some(early) = js::early() else { return };
        let host = self.clone();
        let hear = Closure::<dyn Fn(JsValue, JsValue)>::new(move |message, extra| {
            match serde_wasm_bindgen::from_value::<ToPage>(message) {
                Ok(message) => host.hear(state, message, extra),
                Err(error) => web_sys::console::warn_1(&error.into()),
            }
        });
        // The object is boot.js's own and takes any property.
        let _ = Reflect::set(&early, &"toPage".into(), hear.as_ref());
        // The lab speaks as long as the page lives.
        hear.forget();
        let loading = js::call(&early, "load", &Array::of1(&self.0.url.as_str().into()));
        let host = self.clone();
        spawn_local(async move {
            let loaded = match loading {
                Ok(promise) => JsFuture::from(js_sys::Promise::resolve(&promise)).await,
                Err(error) => Err(error),
            };
            if loaded.is_err() {
                // Offline, say. The next time that it is needed, it is tried again.
                host.0.stage.set(Stage::Away);
                host.0.held.borrow_mut().clear();
                state.notices.say("lab", |w| w.lab_away.into());
            }
        });
    }

    /// Tells the lab, loading it first where it is not there.
    pub fn tell(&self, state: State, message: ToLab) {
        if self.0.stage.get() == Stage::Here {
            post(&message);
        } else {
            self.0.held.borrow_mut().push(message);
            self.load(state);
        }
    }

    /// Tells the lab if it is there.
    pub fn mention(&self, message: ToLab) {
        if self.0.stage.get() == Stage::Here {
            post(&message);
        } else if let ToLab::Unmount { element } = message {
            // What was to be drawn there is not wanted any more.
            self.0.held.borrow_mut().retain(
                |held| !matches!(held, ToLab::Mount { element: other, .. } if *other == element),
            );
        }
    }

    fn hear(&self, state: State, message: ToPage, extra: JsValue) {
        match message {
            ToPage::Ready => self.ready(state),
            ToPage::Ask { number, body } => ask(state, number, body, extra),
            ToPage::Downloads => {
                if let Ok(port) = extra.dyn_into::<MessagePort>() {
                    state.ask_downloads(&port);
                }
            }
            ToPage::Change { op: Op::Forget, .. } => state.forget(),
            ToPage::Change { op, stamp } => state.change(op, stamp, |_| ()),
            ToPage::Say {
                topic,
                text,
                keep,
                offer,
            } => {
                let pressed = topic.clone();
                let run = Callback::new(move |()| {
                    let topic = pressed.clone();
                    state.lab(|host| host.mention(ToLab::Pressed { topic }));
                });
                let offer = offer.map(|label| Offer {
                    label: Box::new(move |_| label.clone()),
                    run,
                });
                let text = move |_: &NoticeWords| text.clone();
                if keep {
                    state.notices.keep(&topic, text, offer);
                } else {
                    state.notices.say(&topic, text);
                }
            }
            ToPage::Unsay { topic } => state.notices.close(&topic),
            ToPage::Backend(name) => state.backend.set(name),
            ToPage::TrainButton { label, busy } => state.train_button.set(Some((label, busy))),
            ToPage::CloseExplanation => state.explained.set(None),
            ToPage::Compare(rival) => state.compare(rival),
            ToPage::Keep(keep) => change_profile(state, keep),
            ToPage::Tab(tab) => {
                // One that was closed meanwhile stays closed.
                state.tab.set(Some(tab));
            }
        }
    }

    /// From here on the lab is told of every change, once it is painted.
    fn ready(&self, state: State) {
        self.0.stage.set(Stage::Here);
        post(&ToLab::Speak(spoken()));
        post(&ToLab::Now(Box::new(now(state))));
        for message in self.0.held.take() {
            post(&message);
        }
        let host = self.clone();
        Effect::new(move || {
            state.pack.track();
            state.storage.track();
            state.summary.track();
            state.version.track();
            state.held.track();
            state.ready.track();
            state.page_sent.track();
            state.times.track();
            state.rival.track();
            state.keep.track();
            state.placed.track();
            if !host.0.stale.replace(true) {
                let host = host.clone();
                timing::after_paint(move || {
                    host.0.stale.set(false);
                    post(&ToLab::Now(Box::new(now(state))));
                });
            }
        });
    }
}

fn now(state: State) -> Now {
    let times = state.times.get_untracked();
    let quantiles =
        |samples: &crate::stats::Samples| Some((samples.quantile(0.5)?, samples.quantile(0.95)?));
    Now {
        pack: state.pack.get_untracked(),
        storage: state.storage.get_untracked(),
        summary: state.summary.get_untracked(),
        version: state.version.get_untracked(),
        held: state.held.get_untracked(),
        ready: state.ready.get_untracked(),
        page_sent: state.page_sent.get_untracked(),
        timed: times.rank.len() as u32,
        times: [&times.learn, &times.rank, &times.paint].map(quantiles),
        rival: state.rival.get_untracked(),
        keep: state.keep.get_untracked(),
        list: state
            .rows
            .with_untracked(|rows| rows.iter().map(listed).collect()),
        tab: state.tab.get_untracked(),
    }
}

fn listed(row: &crate::state::Row) -> (String, Option<bool>) {
    let team = row.data.read_untracked().team;
    (row.id.clone(), team.map(|team| team == Team::Own))
}

/// Changes the profile; a scripted visitor's says that it is one, and the way back.
fn change_profile(state: State, keep: Keep) {
    if keep == Keep::Memory {
        let run = Callback::new(move |()| {
            state.notices.close("trying");
            state.change_profile(Keep::Device);
        });
        let offer = Offer {
            label: Box::new(|w| w.trying.0.into()),
            run,
        };
        state
            .notices
            .keep("trying", |w| w.trying.1.into(), Some(offer));
    } else {
        state.notices.close("trying");
    }
    state.change_profile(keep);
}

/// Hands a question on to the ranker, with its port where one came along.
fn ask(state: State, number: u32, body: RequestBody, port: JsValue) {
    let answer = match port.dyn_into::<MessagePort>() {
        Ok(port) => state.connect_port(port),
        Err(_) => state.call(body),
    };
    spawn_local(async move {
        let reply = match answer.await {
            Ok(reply) => Ok(reply),
            Err(error) => Err(state.sentence(error)),
        };
        post(&ToLab::Answer { number, reply });
    });
}

fn post(message: &ToLab) {
    if let (Some(early), Ok(message)) = (js::early(), to_value(message)) {
        // A lab that throws says so itself.
        let _ = js::call(&early, "toLab", &Array::of1(&message));
    }
}

fn to_value(message: &impl Serialize) -> Result<JsValue, serde_wasm_bindgen::Error> {
    serde_wasm_bindgen::to_value(message)
}

/// An element for the lab to draw in. Loads the lab when it comes on screen.
#[component]
pub fn LabPlace(
    /// The page's state.
    state: State,
    /// What to draw.
    place: Place,
    /// Id of the element, unique in the document.
    id: String,
) -> impl IntoView {
    let element = id.clone();
    Effect::new(move || {
        let (place, element) = (place.clone(), element.clone());
        state.lab(|host| host.tell(state, ToLab::Mount { place, element }));
    });
    let element = id.clone();
    on_cleanup(move || {
        state.lab(|host| {
            host.mention(ToLab::Unmount {
                element: element.clone(),
            })
        });
    });
    view! { <div id=id class="lab-place"><p class="loading">{words().loading}</p></div> }
}
