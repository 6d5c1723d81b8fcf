//! The port to the ranker: choices in, adapters out.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{MessageEvent, MessagePort};

use crate::training::{ToRanker, ToTrainer};

/// An open port. Dropping it closes it.
pub(super) struct Link {
    port: MessagePort,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

impl Link {
    /// Listens on `port`. What cannot be read is of another version and is left alone.
    pub(super) fn new(port: MessagePort, mut heard: impl FnMut(ToTrainer) + 'static) -> Self {
        let closure = Closure::new(move |event: MessageEvent| {
            if let Ok(message) = serde_wasm_bindgen::from_value(event.data()) {
                heard(message);
            }
        });
        // Setting the handler starts the port, too.
        port.set_onmessage(Some(closure.as_ref().unchecked_ref()));
        Self {
            port,
            _heard: closure,
        }
    }

    /// To the ranker.
    pub(super) fn tell(&self, message: &ToRanker) {
        if let Ok(value) = serde_wasm_bindgen::to_value(message) {
            let _ = self.port.post_message(&value);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
    }
}
