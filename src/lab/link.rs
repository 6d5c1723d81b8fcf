//! The lab's end of the bridge.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use engine::messages::{ReplyBody, RequestBody};
use js_sys::{Function, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::MessagePort;

use crate::bridge::{ToLab, ToPage};
use crate::client::{Answer, Giver, pair};
use crate::js;

/// What a question leads to.
pub type Reply = Result<ReplyBody, String>;

/// The way to the page. Clones are the same.
#[derive(Clone)]
pub struct Link(Rc<Inner>);

struct Inner {
    early: JsValue,
    to_page: Function,
    next: Cell<u32>,
    waiting: RefCell<BTreeMap<u32, Giver<Reply>>>,
}

impl Link {
    /// `None` where no page listens.
    pub fn new() -> Option<Self> {
        let early = js::early()?;
        let to_page = Reflect::get(&early, &"toPage".into()).ok()?;
        Some(Self(Rc::new(Inner {
            to_page: to_page.dyn_into().ok()?,
            early,
            next: Cell::new(1),
            waiting: RefCell::default(),
        })))
    }

    /// Listens as long as the page lives. Answers go to whoever asked.
    pub fn listen(&self, hear: impl Fn(ToLab) + 'static) {
        let link = self.clone();
        let heard = Closure::<dyn Fn(JsValue)>::new(move |message| {
            match serde_wasm_bindgen::from_value::<ToLab>(message) {
                Ok(ToLab::Answer { number, reply }) => {
                    let giver = link.0.waiting.borrow_mut().remove(&number);
                    if let Some(giver) = giver {
                        giver.give(reply);
                    }
                }
                Ok(message) => hear(message),
                Err(error) => web_sys::console::warn_1(&error.into()),
            }
        });
        // The object is boot.js's own and takes any property.
        let _ = Reflect::set(&self.0.early, &"toLab".into(), heard.as_ref());
        heard.forget();
    }

    /// Tells the page.
    pub fn tell(&self, message: &ToPage) {
        self.send(message, &JsValue::UNDEFINED);
    }

    /// The same with a port.
    pub fn tell_with(&self, message: &ToPage, port: &MessagePort) {
        self.send(message, port);
    }

    /// Asks the ranker; a port goes along where there is one.
    pub fn ask(&self, body: RequestBody, port: Option<MessagePort>) -> Answer<Reply> {
        let (giver, answer) = pair();
        let number = self.0.next.get();
        self.0.next.set(number.wrapping_add(1).max(1));
        self.0.waiting.borrow_mut().insert(number, giver);
        let extra = port.map_or(JsValue::UNDEFINED, JsValue::from);
        self.send(&ToPage::Ask { number, body }, &extra);
        answer
    }

    fn send(&self, message: &ToPage, extra: &JsValue) {
        if let Ok(message) = serde_wasm_bindgen::to_value(message) {
            // A page that throws says so itself.
            let _ = self.0.to_page.call2(&JsValue::NULL, &message, extra);
        }
    }
}
