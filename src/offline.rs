//! What the visitor hears of the service worker: that there is no connection and none is needed, and
//! that a newer version of the page is ready. Nothing here reloads by itself.

use gloo::events::EventListener;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::app::early;
use crate::notices::{Notices, Offer};

/// Topic of the sentence on the connection.
const CONNECTION: &str = "offline";
/// Topic of the offer of a newer version.
const VERSION: &str = "newer";

/// Follows the connection and the service worker from now on. Call it when the ranker has answered:
/// from then on everything that the page needs is on the device.
pub fn watch(notices: Notices) {
    tell_connection(notices);
    for event in ["online", "offline"] {
        // Both listeners live as long as the page.
        EventListener::new(&window(), event, move |_| tell_connection(notices)).forget();
    }
    tell_version(notices);
    EventListener::new(&window(), "honeyguide:newer", move |_| {
        tell_version(notices)
    })
    .forget();
}

fn tell_connection(notices: Notices) {
    if window().navigator().on_line() {
        notices.close(CONNECTION);
    } else {
        notices.keep(CONNECTION, |w| w.offline.into(), None);
    }
}

/// `offline.js` leaves a function that lets the newer version in.
fn tell_version(notices: Notices) {
    if newer().is_none() {
        return;
    }
    let offer = Offer {
        label: Box::new(|w| w.use_newer.into()),
        // Asked for again when it is pressed: another tab may have let it in meanwhile.
        run: Callback::new(|()| {
            if let Some(newer) = newer() {
                // It catches its own failures; the page stays as it is.
                let _ = newer.call0(&JsValue::UNDEFINED);
            }
        }),
    };
    notices.keep(VERSION, |w| w.newer.into(), Some(offer));
}

fn newer() -> Option<js_sys::Function> {
    early("newer")?.dyn_into().ok()
}
