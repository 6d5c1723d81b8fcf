//! Everything that the trainer hears, in one queue.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use gloo::timers::callback::Timeout;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageChannel, MessageEvent, MessagePort};

use crate::training::{Choices, OrderBody, Pretrain};

/// What is heard.
pub(super) enum Event {
    /// From the page, with the port that came along.
    Order(Box<OrderBody>, Option<MessagePort>),
    /// From a page of another version.
    Foreign,
    /// From the ranker.
    Choices(Choices),
    /// The device is gone, for that reason. The CPU never is.
    #[cfg(feature = "trainer-webgpu")]
    Lost(String),
    /// The order to train, again: the visitor's own history was not there yet.
    Again(Box<Pretrain>),
    /// Do the next slice.
    Work,
}

/// The queue. Handed around as `Rc`; only the trainer's task takes things out.
pub(super) struct Inbox {
    queue: RefCell<VecDeque<Event>>,
    waker: RefCell<Option<Waker>>,
    /// A message to oneself arrives after all that have come before, and unlike a timer at once.
    to_self: Option<MessagePort>,
    work_is_due: Cell<bool>,
    timer: RefCell<Option<Timeout>>,
}

impl Inbox {
    pub(super) fn new() -> Rc<Self> {
        let channel = MessageChannel::new().ok();
        let inbox = Rc::new(Self {
            queue: RefCell::default(),
            waker: RefCell::default(),
            to_self: channel.as_ref().map(MessageChannel::port1),
            work_is_due: Cell::new(false),
            timer: RefCell::default(),
        });
        if let Some(channel) = channel {
            let hearing = Rc::clone(&inbox);
            let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |_| hearing.work());
            channel
                .port2()
                .set_onmessage(Some(heard.as_ref().unchecked_ref()));
            // The worker listens as long as it lives.
            heard.forget();
        }
        inbox
    }

    pub(super) fn push(&self, event: Event) {
        self.queue.borrow_mut().push_back(event);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// The next event, as soon as there is one.
    pub(super) async fn next(&self) -> Event {
        poll_fn(|context| match self.queue.borrow_mut().pop_front() {
            Some(event) => Poll::Ready(event),
            None => {
                *self.waker.borrow_mut() = Some(context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }

    /// Asks for `Work` behind everything that has arrived.
    pub(super) fn work_soon(self: &Rc<Self>) {
        if self.work_is_due.replace(true) {
            return;
        }
        let sent = self
            .to_self
            .as_ref()
            .map(|port| port.post_message(&JsValue::NULL));
        if !matches!(sent, Some(Ok(()))) {
            let inbox = Rc::clone(self);
            Timeout::new(0, move || inbox.work()).forget();
        }
    }

    /// Asks for `Work` in so many milliseconds, and not before: a call cancels the one before.
    pub(super) fn work_in(self: &Rc<Self>, milliseconds: u32) {
        let inbox = Rc::clone(self);
        let timer = Timeout::new(milliseconds, move || inbox.push(Event::Work));
        *self.timer.borrow_mut() = Some(timer);
    }

    /// Pushes an event later.
    pub(super) fn push_in(self: &Rc<Self>, milliseconds: u32, event: Event) {
        let inbox = Rc::clone(self);
        Timeout::new(milliseconds, move || inbox.push(event)).forget();
    }

    fn work(&self) {
        self.work_is_due.set(false);
        self.push(Event::Work);
    }
}
