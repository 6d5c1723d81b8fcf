//! The page: takes over the list that shipped with it, and makes it live.

use engine::messages::{EventKind, ItemView, RequestBody};
use gloo::events::EventListener;
use js_sys::Reflect;
use leptos::mount::mount_to;
use leptos::prelude::*;
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, Worker};

use crate::bridge::host::Host;
use crate::client::Client;
use crate::first_list::DATA_ID;
use crate::for_you::ForYou;
use crate::idle::{saves_data, when_idle};
use crate::masthead::Masthead;
use crate::notices::NoticeArea;
use crate::share::Shared;
use crate::state::State;
use crate::wall::{Wall, WallState};
use crate::{js, language, network, offline, timing};

/// Milliseconds from the first list to the earliest moment at which the lab is fetched unasked.
const SETTLED: u32 = 3_000;

/// What shipped with the page.
#[derive(Default, Deserialize)]
struct First {
    name: String,
    items: Vec<ItemView>,
}

/// Runs the app in this document.
pub fn run() {
    js::report_panics();
    language::begin();
    let first = first();
    let Some(old) = document().get_element_by_id("app") else {
        web_sys::console::error_1(&"index.html has no element with the id app".into());
        return;
    };
    // Built beside the shipped list and put in its place at once: nothing is ever missing.
    let new: HtmlElement = document()
        .create_element("div")
        .expect("div is a valid name")
        .unchecked_into();
    new.set_id("app");
    new.set_class_name("page");
    mount_to(new.clone(), move || view! { <App first=first/> }).forget();
    // It has a parent, because the document found it.
    let _ = old.replace_with_with_node_1(&new);
}

/// The whole page.
#[component]
fn App(
    /// What shipped with the page.
    first: First,
) -> impl IntoView {
    let state = State::new(first.name, &first.items);
    follow_link(state);
    Effect::new(move || language::declare(state.language.get()));
    let wall = WallState::new(state, first.items);
    begin(state, wall);
    view! {
        <a class="skip" href="#catalogue">{move || state.words().skip}</a>
        <Masthead state/>
        <main class="desk">
            // Words stand in it everywhere, so another language draws it anew; a key that changes does.
            <For
                each=move || [state.language.get()]
                key=|language| *language
                children=move |_| view! { <ForYou state/> }
            />
            <Wall state wall/>
        </main>
        <div id="lab-sheets"></div>
        <NoticeArea state/>
    }
}

/// Takes what the address says behind the `#`, and keeps it up to date from here on.
fn follow_link(state: State) {
    let fragment = window().location().hash().unwrap_or_default();
    let (shared, wrong) = Shared::read(fragment.trim_start_matches('#'));
    state.take_shared(&shared);
    if !wrong.is_empty() {
        let wrong = wrong.join(", ");
        state.notices.say("link", move |w| (w.bad_link)(&wrong));
    }
    Effect::new(move |before: Option<String>| {
        let now = state.shared().write();
        if before.as_ref().is_some_and(|before| *before != now) {
            let address = match now.as_str() {
                "" => {
                    window().location().pathname().unwrap_or_default()
                        + &window().location().search().unwrap_or_default()
                }
                now => format!("#{now}"),
            };
            // Where the browser refuses (a page from a file), the address stays as it was.
            let _ = window().history().and_then(|history| {
                history.replace_state_with_url(&JsValue::NULL, "", Some(&address))
            });
        }
        now
    });
}

/// Connects the state to the ranker and the browser.
fn begin(state: State, wall: WallState) {
    // At once: from here on the app's own listeners hear clicks.
    let clicked = early_clicks();
    let page_sent = state.page_sent;
    network::watch(move |bytes| page_sent.update(|sent| *sent = sent.saturating_add(bytes)));

    let ranker_url = js::meta("honeyguide-ranker");
    if ranker_url.is_empty() {
        state.notices.keep("stopped", |w| w.not_loaded.into(), None);
        return;
    }
    state.set_lab(Host::new(js::meta("honeyguide-lab")));
    state.connect(Client::new(ranker_url, early_worker(), move |told| {
        state.hear(told)
    }));
    spawn_local(async move {
        if !state.open(js::meta("honeyguide-pack")).await {
            return;
        }
        wall.reload();
        offline::watch(state.notices);
        load_lab_when_idle(state);
        timing::after_paint(|| {
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("data-ready", "true");
            }
        });
        for item in clicked {
            state.act(EventKind::Click, &item, timing::now());
        }
    });

    // A worker may have died while the tab was hidden; a question finds out.
    EventListener::new(&document(), "visibilitychange", move |_| {
        if !document().hidden() {
            spawn_local(async move { drop(state.call(RequestBody::Ping).await) });
        }
    })
    .forget();
}

/// The lab comes once the page is idle, so that it is there when it is asked for and fine-tuning can
/// begin. Where the browser asks to save data, it comes when it is asked for.
fn load_lab_when_idle(state: State) {
    if !saves_data() {
        when_idle(SETTLED, move || state.lab(|host| host.load(state)));
    }
}

fn first() -> First {
    document()
        .get_element_by_id(DATA_ID)
        .and_then(|block| block.text_content())
        .and_then(|json| js_sys::JSON::parse(&json).ok())
        .and_then(|value| serde_wasm_bindgen::from_value(value).ok())
        .unwrap_or_default()
}

/// A value that `boot.js` left for the app.
pub(crate) fn early(name: &str) -> Option<JsValue> {
    Reflect::get(&js::early()?, &name.into()).ok()
}

/// The worker that `boot.js` started, unless it has failed since.
fn early_worker() -> Option<Worker> {
    if early("broken")?.is_truthy() {
        return None;
    }
    let worker: Worker = early("worker")?.dyn_into().ok()?;
    worker.set_onerror(None);
    Some(worker)
}

/// Items that were clicked before the app listened; from here on it does.
fn early_clicks() -> Vec<String> {
    if let Some(listen) = early("listen") {
        // The listener may be gone already; both are fine.
        let _ = window().remove_event_listener_with_callback("click", listen.unchecked_ref());
    }
    early("clicks")
        .and_then(|clicks| clicks.dyn_into::<js_sys::Array>().ok())
        .map(|clicks| clicks.iter().filter_map(|id| id.as_string()).collect())
        .unwrap_or_default()
}
