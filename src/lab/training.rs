//! What the views see of training, and what a visitor can do to it.

use std::rc::Rc;

use engine::training::{Adapted, Backend, DATABASE, StoredTraining, TrainingView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessagePort};

use super::builds::{Builds, forced};
use super::hub::Hub;
use super::notices::Offer;
use super::trainer::{has_database, if_free};
use crate::idle::{has_little_memory, saves_data, when_idle};
use crate::lab::Lab;
use crate::training::choice::Choice;
use crate::training::conductor::{Event, Job, Setup};
use crate::words::lab_words;
use crate::{files, preferences};

/// Milliseconds from when the lab is there to the earliest moment at which a trainer may be fetched.
const SETTLED: u32 = 1_000;
/// From there to the earliest moment at which the WebGPU build may be fetched to be timed.
const LATER: u32 = 12_000;

/// How fine-tuning stands, apart from its results.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Tuning {
    /// Not known before the pack is there.
    #[default]
    Unknown,
    /// The pack has no encoder.
    NoEncoder,
    /// The page has no trainer.
    NotBuilt,
    /// It begins when the page is idle.
    Waits,
    /// The browser asks to save data; begins when the visitor asks.
    SavesData,
    /// The device has little memory; begins when the visitor asks.
    LittleMemory,
    /// The trainer is being fetched.
    Loading,
    /// It works.
    Ready,
    /// It does not work, for this reason.
    Failed(String),
    /// The trainer was given up; its last sentence.
    GaveUp(String),
}

/// What "Train here" is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Also the visitor's own history.
    pub own_history: bool,
    /// Most epochs.
    pub epochs: u32,
    /// Sequences per step.
    pub batch: u32,
    /// Choices per sequence.
    pub history: u32,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            own_history: false,
            epochs: 20,
            batch: 32,
            history: 50,
        }
    }
}

/// A finished pack.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The file, outside this program's memory.
    pub bytes: js_sys::Uint8Array,
    /// A name for it.
    pub file_name: String,
    /// Validation NDCG@10 of the encoder.
    pub ndcg: f32,
    /// The same of popularity.
    pub popularity_ndcg: f32,
}

/// The training side of the lab; copies are the same.
#[derive(Clone, Copy)]
pub struct Training {
    hub: StoredValue<Option<Rc<Hub>>, LocalStorage>,
    builds: StoredValue<Builds>,
    /// How fine-tuning stands.
    pub tuning: RwSignal<Tuning>,
    /// The last attempt to fine-tune.
    pub adapted: RwSignal<Option<Adapted>>,
    /// Where training happens; the CPU where none does.
    pub backend: RwSignal<Backend>,
    /// Name of the graphics adapter in use; empty on the CPU.
    pub adapter: RwSignal<String>,
    /// Which build does what.
    pub choice: RwSignal<Choice>,
    /// Are both builds being timed?
    pub timing: RwSignal<bool>,
    /// Is a trainer open?
    pub open: RwSignal<bool>,
    /// How far "Train here" is.
    pub job: RwSignal<Job>,
    /// Its numbers.
    pub view: RwSignal<Option<TrainingView>>,
    /// A training that waits on this device, as far as the page knows.
    pub stored: RwSignal<Option<StoredTraining>>,
    /// The finished pack.
    pub finished: RwSignal<Option<Finished>, LocalStorage>,
    /// The last sentence about "Train here".
    pub remark: RwSignal<String>,
    /// Is the sheet open?
    pub sheet: RwSignal<bool>,
    /// Files that were chosen.
    pub files: RwSignal<Vec<File>, LocalStorage>,
    /// What else was chosen.
    pub plan: RwSignal<Plan>,
}

impl Default for Training {
    fn default() -> Self {
        Self::new()
    }
}

impl Training {
    /// Nothing is known yet, but a training that an earlier visit left.
    pub fn new() -> Self {
        Self {
            hub: StoredValue::new_local(None),
            builds: StoredValue::new(Builds::read()),
            tuning: RwSignal::new(Tuning::Unknown),
            adapted: RwSignal::new(None),
            backend: RwSignal::new(Backend::Cpu),
            adapter: RwSignal::new(String::new()),
            choice: RwSignal::new(Choice::first()),
            timing: RwSignal::new(false),
            open: RwSignal::new(false),
            job: RwSignal::new(Job::None),
            view: RwSignal::new(None),
            stored: RwSignal::new(preferences::get(preferences::TRAINING)),
            finished: RwSignal::new_local(None),
            remark: RwSignal::new(String::new()),
            sheet: RwSignal::new(false),
            files: RwSignal::new_local(Vec::new()),
            plan: RwSignal::new(Plan::default()),
        }
    }

    /// The ranker is ready: from here on a trainer may be fetched, once the page is idle.
    pub fn begin(&self, lab: Lab, pack_url: String) {
        let builds = self.builds.get_value();
        let encoder = lab
            .pack
            .with_untracked(|pack| pack.as_ref().is_some_and(|(pack, _)| pack.encoder));
        let setup = Setup {
            cpu: builds.cpu.is_some(),
            webgpu: builds.webgpu.is_some(),
            encoder,
            forced: forced(),
            version: builds.version(),
            remembered: preferences::get(preferences::BACKEND),
        };
        let held = match () {
            () if saves_data() => Some(Tuning::SavesData),
            () if has_little_memory() => Some(Tuning::LittleMemory),
            () => None,
        };
        let waits = held.is_some();
        let hub = Hub::new(lab, builds, setup, held, pack_url);
        hub.publish();
        self.hub.set_value(Some(hub));
        self.offer_stored(lab);
        if waits || !encoder {
            return;
        }
        let training = *self;
        when_idle(SETTLED, move || {
            training.feed(Event::Adapt);
            when_idle(LATER, move || training.feed(Event::TryWebgpu));
        });
    }

    /// Reminds of a training that was not finished, unless another tab is at it.
    fn offer_stored(&self, lab: Lab) {
        let training = *self;
        if let Some(stored) = self.stored.get_untracked() {
            return self.offer(lab, stored);
        }
        // The browser writes settings down late, so a crash can lose the note of a training that
        // its database has.
        spawn_local(async move {
            if has_database(DATABASE).await {
                let stored = StoredTraining {
                    name: String::new(),
                    epoch: 0,
                    epochs: 0,
                    at: 0.0,
                };
                training.offer(lab, stored);
            }
        });
    }

    fn offer(&self, lab: Lab, stored: StoredTraining) {
        let training = *self;
        if_free(DATABASE, move || {
            training.stored.set(Some(stored.clone()));
            let offer = Offer {
                label: lab_words().train.open,
                run: Callback::new(move |()| {
                    lab.notices.close(DATABASE);
                    training.sheet.set(true);
                }),
            };
            let text = (lab_words().train.offer)(&stored);
            lab.notices.keep(DATABASE, &text, Some(offer));
        });
    }

    fn feed(&self, event: Event) {
        if let Some(hub) = self.hub.get_value() {
            hub.feed(event);
        }
    }

    /// Is there a trainer at all?
    pub fn built(&self) -> bool {
        self.builds
            .with_value(|builds| builds.cpu.is_some() || builds.webgpu.is_some())
    }

    /// What a build's download weighs, in bytes, and whether there is such a build.
    pub fn weight(&self, backend: Backend) -> Option<u32> {
        self.builds
            .with_value(|builds| builds.get(backend).map(|build| build.bytes))
    }

    /// Asks a trainer's worker for its downloads; they come through the port.
    pub fn ask_downloads(&self, backend: Backend, port: &MessagePort) {
        if let Some(hub) = self.hub.get_value() {
            hub.ask_downloads(backend, port);
        }
    }

    /// The visitor wants the encoder fine-tuned in spite of Save-Data or little memory.
    pub fn adapt_here(&self) {
        self.feed(Event::Adapt);
    }

    /// The visitor wants the trainer back.
    pub fn try_again(&self) {
        self.feed(Event::TryAgain);
    }

    /// The ranker was started anew. It is told of the trainer once it takes requests again.
    pub fn ranker_restarted(&self) {
        let training = *self;
        spawn_local(async move { training.feed(Event::RankerRestarted) });
    }

    /// The profile was forgotten or replaced: what was said about it holds no more.
    pub fn forgotten(&self) {
        self.adapted.set(None);
    }

    /// Starts the training that was put together.
    pub fn start(&self) {
        self.remark.set(String::new());
        self.view.set(None);
        self.finished.set(None);
        self.feed(Event::Begin);
    }

    /// Goes on with the stored training.
    pub fn go_on(&self) {
        self.remark.set(String::new());
        self.view.set(None);
        self.finished.set(None);
        self.feed(Event::GoOn);
    }

    /// Drops the stored training.
    pub fn discard(&self) {
        self.feed(Event::Discard);
    }

    /// Drops the stored training for the one that was put together.
    pub fn begin_anew(&self) {
        self.remark.set(String::new());
        self.feed(Event::BeginAnew);
    }

    /// Pauses or goes on.
    pub fn pause(&self, pause: bool) {
        self.feed(if pause { Event::Pause } else { Event::Continue });
    }

    /// Makes the pack now.
    pub fn finish(&self) {
        self.feed(Event::Finish);
    }

    /// Ends the training without a pack.
    pub fn cancel(&self) {
        self.feed(Event::Cancel);
    }

    /// Saves the finished pack. False if the browser refused.
    pub fn download(&self) -> bool {
        self.finished.with_untracked(|finished| {
            finished
                .as_ref()
                .is_some_and(|pack| files::save_array(&pack.bytes, &pack.file_name).is_ok())
        })
    }

    /// Puts the finished pack away, for another training.
    pub fn another(&self) {
        self.finished.set(None);
        self.view.set(None);
        self.remark.set(String::new());
    }
}
