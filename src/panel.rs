//! The learning panel's head: its name and two facts, always there. The lab draws the inside while it
//! is open.

use leptos::html::Details;
use leptos::prelude::*;

use crate::bridge::Place;
use crate::bridge::host::LabPlace;
use crate::state::State;
use crate::words::words;

/// The panel.
#[component]
pub fn Panel(
    /// The page's state.
    state: State,
) -> impl IntoView {
    let w = words();
    let details = NodeRef::<Details>::new();
    let open = RwSignal::new(false);
    let toggle = move |_| {
        if let Some(details) = details.get_untracked() {
            open.set(details.open());
            if !details.open() {
                state.tab.set(None);
            }
        }
    };
    // A link may ask for it.
    let asked = state.tab.get_untracked().is_some();
    let sent = move || {
        let worker = state
            .summary
            .with(|s| s.as_ref().map_or(0, |s| s.bytes_sent));
        format!("{} B", worker.saturating_add(state.page_sent.get()))
    };
    view! {
        <details class="panel" open=asked node_ref=details on:toggle=toggle>
            <summary>
                <span class="panel-title">{w.panel}</span>
                <span class="fact" title=w.backend.1>
                    <span>{w.backend.0} " "</span>
                    <b data-testid="backend">{move || state.ready.get().then(|| state.backend.get())}</b>
                </span>
                <span class="fact" title=w.sent.1>
                    <span>{w.sent.0} " "</span>
                    <b data-testid="bytes-sent">{sent}</b>
                </span>
            </summary>
            <Show when=move || open.get()>
                <LabPlace state place=Place::Panel id="lab-panel".to_owned()/>
            </Show>
        </details>
    }
}
