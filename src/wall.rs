//! The catalogue as a wall of covers, with a text filter; more is loaded while scrolling.

use engine::messages::{Filter, ItemView, ReplyBody, RequestBody};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    HtmlInputElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit,
};

use crate::cover_link::CoverLink;
use crate::state::State;

/// Covers per chunk. Every number of columns in the style sheet divides it, so that chunks end
/// with full rows and the wall looks like one grid.
const CHUNK: u32 = 48;

/// A stretch of the wall. The browser skips layout and paint of those far from the screen.
#[derive(Clone)]
struct Chunk {
    number: usize,
    items: ArcRwSignal<Vec<ItemView>>,
}

/// What the wall shows; copies are the same.
#[derive(Clone, Copy)]
pub struct WallState {
    state: State,
    chunks: RwSignal<Vec<Chunk>>,
    /// Items that match the query, once known.
    total: RwSignal<Option<u32>>,
    /// Grows with each query, so that late answers to older ones are dropped.
    turn: StoredValue<u32>,
    busy: StoredValue<bool>,
}

impl WallState {
    /// The wall before the ranker has answered: the covers that shipped with the page.
    pub fn new(state: State, items: Vec<ItemView>) -> Self {
        Self {
            state,
            chunks: RwSignal::new(vec![Chunk {
                number: 0,
                items: ArcRwSignal::new(items),
            }]),
            total: RwSignal::new(None),
            turn: StoredValue::new(0),
            busy: StoredValue::new(false),
        }
    }

    /// Asks for the first covers of the current query.
    pub fn reload(&self) {
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        self.load(0);
    }

    /// Asks for more covers, if there are more and none are on their way.
    fn more(&self) {
        let loaded: usize = self
            .chunks
            .with_untracked(|all| all.iter().map(|c| c.items.read_untracked().len()).sum());
        let loaded = u32::try_from(loaded).unwrap_or(u32::MAX);
        let left = self
            .total
            .get_untracked()
            .is_some_and(|total| loaded < total);
        if left && !self.busy.get_value() {
            self.load(loaded);
        }
    }

    fn load(&self, offset: u32) {
        let wall = *self;
        let turn = self.turn.get_value();
        let query = self.state.query.get_untracked();
        self.busy.set_value(true);
        spawn_local(async move {
            let reply = wall
                .state
                .call(RequestBody::Browse {
                    query,
                    filter: Filter::default(),
                    offset,
                    limit: CHUNK,
                })
                .await;
            if wall.turn.get_value() != turn {
                return;
            }
            wall.busy.set_value(false);
            match reply {
                Ok(ReplyBody::Browsed { total, items }) => wall.put(offset, total, items),
                other => wall.state.complain(other),
            }
        });
    }

    fn put(&self, offset: u32, total: u32, items: Vec<ItemView>) {
        self.chunks.update(|chunks| {
            if offset == 0 {
                // The first chunk keeps its place, and covers that are in it already stay.
                chunks.truncate(1);
                chunks[0].items.set(items);
            } else {
                chunks.push(Chunk {
                    number: chunks.len(),
                    items: ArcRwSignal::new(items),
                });
            }
        });
        self.total.set(Some(total));
    }
}

/// Heading, filter and covers.
#[component]
pub fn Wall(
    /// The page's state.
    state: State,
    /// What the wall shows.
    wall: WallState,
) -> impl IntoView {
    let typed = move |event: web_sys::Event| {
        let input: HtmlInputElement = event_target(&event);
        state.query.set(input.value());
        wall.reload();
    };
    let pressed = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter" {
            state.search(&state.query.get_untracked(), event.time_stamp());
        }
    };
    let count = move || {
        wall.total
            .get()
            .map(|total| (state.words().count)(total as usize))
    };
    let nothing = move || wall.total.get() == Some(0);
    view! {
        <section class="wall" aria-labelledby="wall-title">
            <div class="head">
                <h2 id="wall-title">{move || state.words().catalogue}</h2>
                <div class="filter">
                    <input
                        type="search" data-testid="filter" autocomplete="off" spellcheck="false"
                        aria-label=move || state.words().filter placeholder=move || state.words().filter prop:value=move || state.query.get()
                        on:input=typed on:keydown=pressed
                    />
                </div>
                <p class="count" role="status">{count}</p>
            </div>
            <div id="catalogue" class="chunks" data-testid="catalogue" tabindex="-1">
                <For each=move || wall.chunks.get() key=|chunk| chunk.number let:chunk>
                    <ul class="chunk" role="list">
                        <For
                            each=move || chunk.items.get()
                            key=|item| item.id.clone()
                            children=move |item| view! {
                                <li class="card" data-item-id=item.id.clone()>
                                    <CoverLink state item=item.clone()/>
                                </li>
                            }
                        />
                    </ul>
                </For>
                <Show when=nothing><p class="empty">{move || state.words().nothing_found}</p></Show>
            </div>
            <Sentinel wall/>
        </section>
    }
}

/// The end of the wall: when it comes near the screen, more covers are asked for.
#[component]
fn Sentinel(wall: WallState) -> impl IntoView {
    let end = NodeRef::<leptos::html::Div>::new();
    let callback = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let near = entries.iter().any(|entry| {
            entry
                .unchecked_into::<IntersectionObserverEntry>()
                .is_intersecting()
        });
        if near {
            wall.more();
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin("1500px 0px");
    let observer =
        IntersectionObserver::new_with_options(callback.as_ref().unchecked_ref(), &options);
    // Lives as long as the page.
    callback.forget();
    if let Ok(observer) = observer {
        Effect::new(move || {
            // Observing anew reports anew: an end that is still near asks again.
            wall.chunks.track();
            wall.total.track();
            if let Some(end) = end.get() {
                observer.unobserve(&end);
                observer.observe(&end);
            }
        });
    }
    view! { <div class="sentinel" node_ref=end></div> }
}
