//! The port to the trainer: choices out, adapters in.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{MessageEvent, MessagePort};

use crate::training::{ToRanker, ToTrainer};

/// An open port. Dropping it closes it.
pub struct Link {
    port: MessagePort,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

impl Link {
    /// Listens on `port`. What cannot be read is of another version and is left alone: the trainer
    /// may be absent, and nothing waits for it.
    pub fn new(port: MessagePort, mut heard: impl FnMut(ToRanker) + 'static) -> Self {
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

    /// To the trainer. A trainer that has gone hears nothing, and misses nothing: the next one is
    /// told everything.
    pub fn tell(&self, message: &ToTrainer) {
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
