//! The scripted visitor: clicks by a chosen taste, so that learning can be watched.
//!
//! It is a visitor like any other: it looks at the list first and takes the first item of its taste
//! there, most of the time; else it takes one from the catalogue. Its profile is kept in memory only,
//! and what it draws comes from a seed.

use engine::messages::{
    EventKind, Facet, Filter, FilterTag, ItemView, Keep, Op, ReplyBody, RequestBody,
};
use gloo::timers::callback::Interval;
use leptos::prelude::*;
use recommender::random::Rng;
use wasm_bindgen_futures::spawn_local;

use super::Lab;
use crate::bridge::ToPage;

/// Clicks per second that can be chosen.
pub const SPEEDS: [f32; 4] = [0.5, 1.0, 2.0, 5.0];

/// Clicks after which the taste flips by itself.
const FLIP: u32 = 25;

/// How often it takes what it likes from the list, if there is any.
const FROM_LIST: f32 = 0.7;

/// Items of a taste that it knows of.
const KNOWN: u32 = 200;

/// Tastes that can be chosen: tags with at least so many items, of facets with few values.
const ENOUGH: u32 = 20;

/// A tag that the visitor likes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taste {
    /// Facet.
    pub facet: String,
    /// Value.
    pub value: String,
}

impl Taste {
    /// As a text for a form.
    pub fn key(&self) -> String {
        format!("{}\u{1f}{}", self.facet, self.value)
    }

    /// From such a text.
    pub fn from_key(key: &str) -> Option<Self> {
        let (facet, value) = key.split_once('\u{1f}')?;
        Some(Self {
            facet: facet.to_owned(),
            value: value.to_owned(),
        })
    }
}

/// The script's state; copies are the same.
#[derive(Clone, Copy)]
pub struct Script {
    /// What it likes, and what after the flip.
    pub tastes: RwSignal<[Option<Taste>; 2]>,
    /// Which of [`SPEEDS`].
    pub speed: RwSignal<usize>,
    /// Does it run?
    pub runs: RwSignal<bool>,
    /// Clicks, and how many of them were found in the list.
    pub counts: RwSignal<(u32, u32)>,
    /// Has it flipped?
    flipped: StoredValue<bool>,
    timer: StoredValue<Option<Interval>, LocalStorage>,
    rng: StoredValue<Rng>,
    /// What it has clicked.
    clicked: StoredValue<Vec<String>>,
    /// Is a click on its way?
    busy: StoredValue<bool>,
}

impl Script {
    /// Does nothing yet.
    pub fn new() -> Self {
        Self {
            tastes: RwSignal::new([None, None]),
            speed: RwSignal::new(1),
            runs: RwSignal::new(false),
            counts: RwSignal::new((0, 0)),
            flipped: StoredValue::new(false),
            timer: StoredValue::new_local(None),
            rng: StoredValue::new(Rng::new(1)),
            clicked: StoredValue::new(Vec::new()),
            busy: StoredValue::new(false),
        }
    }

    /// Sets one of the two tastes.
    pub fn choose(&self, which: usize, taste: Option<Taste>) {
        self.tastes.update(|tastes| tastes[which] = taste);
    }

    /// Starts on a profile of its own.
    pub fn start(&self, lab: Lab) {
        lab.tell(&ToPage::Keep(Keep::Memory));
        self.counts.set((0, 0));
        self.flipped.set_value(false);
        self.rng.set_value(Rng::new(1));
        self.clicked.set_value(Vec::new());
        self.runs.set(true);
        self.tick(lab);
    }

    /// Stops; its profile stays until the visitor goes back.
    pub fn stop(&self) {
        self.timer.set_value(None);
        self.runs.set(false);
    }

    /// Changes the taste now.
    pub fn flip(&self) {
        self.flipped.update_value(|flipped| *flipped = !*flipped);
    }

    /// Changes the speed, while it runs, too.
    pub fn set_speed(&self, lab: Lab, speed: usize) {
        self.speed.set(speed.min(SPEEDS.len() - 1));
        if self.runs.get_untracked() {
            self.tick(lab);
        }
    }

    fn tick(&self, lab: Lab) {
        let script = *self;
        let pause = 1000.0 / SPEEDS[self.speed.get_untracked()];
        let timer = Interval::new(pause as u32, move || script.click(lab));
        self.timer.set_value(Some(timer));
    }

    fn click(&self, lab: Lab) {
        if lab.keep.get_untracked() != Keep::Memory {
            // The visitor went back to the own list.
            return self.stop();
        }
        if !lab.ready.get_untracked() || self.busy.get_value() || document().hidden() {
            return;
        }
        if self.counts.get_untracked().0 == FLIP {
            self.flipped.set_value(true);
        }
        let tastes = self.tastes.get_untracked();
        let all = lab.tastes_untracked();
        let which = usize::from(self.flipped.get_value());
        let Some(taste) = tastes[which].clone().or_else(|| all.get(which).cloned()) else {
            return self.stop();
        };
        let script = *self;
        self.busy.set_value(true);
        let filter = Filter {
            tags: vec![FilterTag {
                facet: taste.facet,
                value: taste.value,
            }],
            ..Filter::default()
        };
        let answer = lab.call(RequestBody::Browse {
            query: String::new(),
            filter,
            offset: 0,
            limit: KNOWN,
        });
        spawn_local(async move {
            let answer = answer.await;
            script.busy.set_value(false);
            if let Ok(ReplyBody::Browsed { items, .. }) = answer
                && script.runs.get_untracked()
            {
                script.choose_among(lab, &items);
            }
        });
    }

    fn choose_among(&self, lab: Lab, liked: &[ItemView]) {
        let fresh = |id: &String| self.clicked.with_value(|clicked| !clicked.contains(id));
        let known: Vec<&String> = liked
            .iter()
            .map(|item| &item.id)
            .filter(|id| fresh(id))
            .collect();
        let list = lab.list.get_untracked();
        let in_list = list.iter().find(|(id, _)| known.contains(&id));
        let (draw, at) = self
            .rng
            .try_update_value(|rng| (rng.unit(), rng.below(known.len().max(1))))
            .unwrap_or((0.0, 0));
        let found = in_list.filter(|_| draw < FROM_LIST);
        let taken = found.map(|(id, _)| id).or_else(|| known.get(at).copied());
        let Some(item) = taken.cloned() else {
            // Everything of this taste is clicked.
            return self.stop();
        };
        if let Some(own) = found.and_then(|(_, own)| *own) {
            lab.credit(own);
        }
        self.counts.update(|(clicks, hits)| {
            *clicks += 1;
            *hits += u32::from(in_list.is_some());
        });
        self.clicked
            .update_value(|clicked| clicked.push(item.clone()));
        let op = Op::Event {
            // 53 random bits: every one of them fits the number that carries it.
            id: (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64,
            at: js_sys::Date::now(),
            kind: EventKind::Click,
            item,
            seconds: 0.0,
            query: String::new(),
        };
        lab.change(op, None);
    }
}

/// The tastes that a catalogue offers: the values of the facet that tells its items apart best.
pub fn tastes(facets: &[Facet]) -> Vec<Taste> {
    let values = facets.iter().filter_map(|facet| match facet {
        Facet::Values { facet, values } => {
            let enough: Vec<&(String, u32)> = values
                .iter()
                .filter(|(_, items)| *items >= ENOUGH)
                .collect();
            (enough.len() >= 2).then_some((facet, enough))
        }
        Facet::Price { .. } | Facet::Availability => None,
    });
    // Of facets such as genre and country, the one whose values are spread most evenly.
    let share = |values: &[&(String, u32)]| {
        let all: u32 = values.iter().map(|(_, items)| items).sum();
        values[0].1 as f32 / all.max(1) as f32
    };
    let best = values.min_by(|a, b| share(&a.1).total_cmp(&share(&b.1)));
    best.map_or_else(Vec::new, |(facet, values)| {
        let taste = |value: &&(String, u32)| Taste {
            facet: facet.clone(),
            value: value.0.clone(),
        };
        values.iter().map(taste).collect()
    })
}
