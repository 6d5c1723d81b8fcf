//! The worker: one question at a time, the newest state first.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use recommender::Pack;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::study::Study;
use crate::analysis::{Finding, Question, QuestionBody};
use crate::fetch::fetch;
use crate::messages::PROTOCOL;

/// Events heard between two looks at what has arrived.
const SLICE: usize = 25;

#[derive(Default)]
struct Analyst {
    study: RefCell<Option<Study>>,
    /// The state that was told last and is not followed yet.
    newest: RefCell<Option<(Vec<u8>, Vec<u8>)>>,
    working: RefCell<bool>,
}

/// Starts listening. The worker's `main`.
pub fn start() {
    let analyst = Rc::new(Analyst::default());
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        match serde_wasm_bindgen::from_value::<Question>(event.data()) {
            Ok(Question {
                protocol: PROTOCOL,
                body,
            }) => analyst.hear(body),
            // A page of another version says more that would not be understood.
            Ok(_) | Err(_) => tell(&Finding::Failed {
                message: format!("the worker speaks version {PROTOCOL}; reload the page"),
            }),
        }
    });
    scope().set_onmessage(Some(heard.as_ref().unchecked_ref()));
    // The worker listens as long as it lives.
    heard.forget();
}

impl Analyst {
    fn hear(self: &Rc<Self>, body: QuestionBody) {
        match body {
            QuestionBody::Open { pack_url } => {
                let analyst = Rc::clone(self);
                spawn_local(async move {
                    match open(&pack_url).await {
                        Ok(study) => {
                            tell(&Finding::Opened {
                                map: Box::new(study.map()),
                                facets: study.facets(),
                            });
                            *analyst.study.borrow_mut() = Some(study);
                            analyst.work_soon();
                        }
                        Err(message) => tell(&Finding::Failed { message }),
                    }
                });
            }
            QuestionBody::Follow { profile, adapter } => {
                *self.newest.borrow_mut() = Some((profile, adapter));
                self.work_soon();
            }
        }
    }

    fn work_soon(self: &Rc<Self>) {
        if !self.working.replace(true) {
            let analyst = Rc::clone(self);
            Timeout::new(0, move || analyst.work()).forget();
        }
    }

    /// One slice; the next comes after the messages that have arrived meanwhile.
    fn work(self: &Rc<Self>) {
        self.working.replace(false);
        let mut study = self.study.borrow_mut();
        let Some(study) = study.as_mut() else { return };
        if let Some((profile, adapter)) = self.newest.take()
            && let Err(message) = study.follow(&profile, &adapter)
        {
            return tell(&Finding::Failed { message });
        }
        if study.advance(SLICE) {
            tell(&Finding::Analysis(Box::new(study.analysis())));
        } else {
            self.work_soon();
        }
    }
}

async fn open(pack_url: &str) -> Result<Study, String> {
    let bytes = fetch(pack_url).await?;
    let pack = Pack::decode(&bytes).map_err(|error| error.to_string())?;
    drop(bytes);
    Ok(Study::new(pack))
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn tell(finding: &Finding) {
    // Plain data can always be encoded and cloned.
    if let Ok(value) = serde_wasm_bindgen::to_value(finding) {
        let _ = scope().post_message(&value);
    }
}
