//! The lab's end of the analyst worker: started while something that it works out is on screen, told
//! of every change, ended when nobody looks any more.

use engine::analysis::{Analysis, Finding, MapView, Question, QuestionBody};
use engine::messages::{Facet, PROTOCOL, ReplyBody, RequestBody};
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, MessagePort, Worker, WorkerOptions, WorkerType};

use super::Lab;
use crate::js;

/// Milliseconds that the worker stays after the last view of it has gone.
const LINGER: u32 = 20_000;

/// A worker and what listens to it; dropping ends both.
struct Running {
    worker: Worker,
    _listeners: [EventListener; 2],
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// What is worked out; copies are the same.
#[derive(Clone, Copy)]
pub struct Analyst {
    running: StoredValue<Option<Running>, LocalStorage>,
    leaving: StoredValue<Option<Timeout>, LocalStorage>,
    /// Views on screen that show something of it.
    views: RwSignal<u32>,
    /// Is a state on its way to the worker?
    telling: StoredValue<bool>,
    /// The catalogue's map, once it is there.
    pub map: RwSignal<Option<MapView>>,
    /// What the catalogue can be filtered by.
    pub facets: RwSignal<Vec<Facet>>,
    /// The newest analysis.
    pub analysis: RwSignal<Option<Analysis>>,
    /// Why there is none.
    pub failure: RwSignal<Option<String>>,
}

impl Analyst {
    /// Nothing runs yet.
    pub fn new() -> Self {
        Self {
            running: StoredValue::new_local(None),
            leaving: StoredValue::new_local(None),
            views: RwSignal::new(0),
            telling: StoredValue::new(false),
            map: RwSignal::new(None),
            facets: RwSignal::new(Vec::new()),
            analysis: RwSignal::new(None),
            failure: RwSignal::new(None),
        }
    }

    /// Follows the lab from here on, while there is a view.
    pub fn begin(&self, lab: Lab) {
        let analyst = *self;
        Effect::new(move || {
            lab.version.track();
            // Fine-tuning changes what is shown without a new ranking.
            lab.summary
                .with(|summary| summary.as_ref().map(|summary| summary.adapted_choices));
            if analyst.views.get() > 0 && lab.ready.get() {
                analyst.start(lab);
                analyst.tell(lab);
            }
        });
    }

    /// Called by a view that shows something of it, for as long as it is on screen.
    pub fn show(&self) {
        let analyst = *self;
        self.leaving.set_value(None);
        self.views.update(|views| *views += 1);
        on_cleanup(move || {
            analyst.views.update(|views| *views -= 1);
            if analyst.views.get_untracked() == 0 {
                let leave = Timeout::new(LINGER, move || analyst.running.set_value(None));
                analyst.leaving.set_value(Some(leave));
            }
        });
    }

    fn start(&self, lab: Lab) {
        if self.running.with_value(Option::is_some) {
            return;
        }
        let url = js::meta("honeyguide-analyst");
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = (!url.is_empty())
            .then(|| Worker::new_with_options(&url, &options).ok())
            .flatten();
        let Some(worker) = worker else {
            return self.failure.set(Some(String::new()));
        };
        let analyst = *self;
        let heard = EventListener::new(&worker, "message", move |event| {
            let data = event.unchecked_ref::<MessageEvent>().data();
            match serde_wasm_bindgen::from_value::<Finding>(data) {
                Ok(finding) => analyst.hear(finding),
                Err(error) => web_sys::console::warn_1(&error.into()),
            }
        });
        let failed = EventListener::new(&worker, "error", move |_| {
            analyst.failure.set(Some(String::new()));
            // Later: this listener is dropped together with the worker.
            spawn_local(async move { analyst.running.set_value(None) });
        });
        self.failure.set(None);
        self.running.set_value(Some(Running {
            worker,
            _listeners: [heard, failed],
        }));
        self.ask(QuestionBody::Open {
            pack_url: lab.pack_url(),
        });
    }

    fn hear(&self, finding: Finding) {
        match finding {
            Finding::Opened { map, facets } => {
                self.map.set(Some(*map));
                self.facets.set(facets);
            }
            Finding::Analysis(analysis) => self.analysis.set(Some(*analysis)),
            Finding::Failed { message } => self.failure.set(Some(message)),
        }
    }

    /// Tells the worker the learner's state of now. One at a time: what changes meanwhile is told
    /// next.
    fn tell(&self, lab: Lab) {
        if self.telling.get_value() {
            return;
        }
        self.telling.set_value(true);
        let analyst = *self;
        spawn_local(async move {
            let told = lab.version.get_untracked();
            let state = lab.call(RequestBody::State).await;
            analyst.telling.set_value(false);
            if let Ok(ReplyBody::State { profile, adapter }) = state {
                analyst.ask(QuestionBody::Follow { profile, adapter });
            }
            if lab.version.get_untracked() != told {
                analyst.tell(lab);
            }
        });
    }

    /// Asks the worker's entry module for what the worker has downloaded; it answers through the port.
    pub fn ask_downloads(&self, port: &MessagePort) {
        self.running.with_value(|running| {
            if let Some(running) = running {
                // A port that was just made can be sent, and so can a string.
                let _ = running
                    .worker
                    .post_message_with_transfer(&"downloads".into(), &Array::of1(port));
            }
        });
    }

    fn ask(&self, body: QuestionBody) {
        let question = Question {
            protocol: PROTOCOL,
            body,
        };
        self.running.with_value(|running| {
            if let (Some(running), Ok(message)) = (running, serde_wasm_bindgen::to_value(&question))
            {
                // A worker that is gone says so by its error event.
                let _ = running.worker.post_message(&message);
            }
        });
    }
}
