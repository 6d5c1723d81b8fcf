//! A value that arrives later, once, on this thread.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

struct Slot<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

/// The end that gives the value.
pub struct Giver<T>(Rc<RefCell<Slot<T>>>);

/// The end that waits for the value. If the giver is dropped without giving, it waits for ever.
pub struct Answer<T>(Rc<RefCell<Slot<T>>>);

/// Two ends of a new slot.
pub fn pair<T>() -> (Giver<T>, Answer<T>) {
    let slot = Rc::new(RefCell::new(Slot {
        value: None,
        waker: None,
    }));
    (Giver(Rc::clone(&slot)), Answer(slot))
}

impl<T> Giver<T> {
    /// Gives the value and wakes whoever waits.
    pub fn give(self, value: T) {
        let waker = {
            let mut slot = self.0.borrow_mut();
            slot.value = Some(value);
            slot.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for Answer<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut slot = self.0.borrow_mut();
        match slot.value.take() {
            Some(value) => Poll::Ready(value),
            None => {
                slot.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
