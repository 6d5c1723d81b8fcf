//! Does what the conductor decides: starts and ends workers, sends orders, and writes what they say
//! into the lab.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use engine::training::{
    Backend, Fault, NamedFile, News, OrderBody, Phase, Pretrain, StoredTraining,
};
use gloo::timers::callback::Timeout;
use js_sys::ArrayBuffer;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, MessagePort};

use super::builds::Builds;
use super::trainer::{Heard, Trainer};
use super::training::{Finished, Training, Tuning};
use crate::lab::Lab;
use crate::training::conductor::{Command, Conductor, Event, Plain, Setup, Told};
use crate::words::lab_words;
use crate::{preferences, timing};

/// Milliseconds within which a worker that has panicked is gone.
const LAST_WORDS: u32 = 250;

/// Topic of the trainer's notices.
const TOPIC: &str = "trainer";

/// See the module.
pub struct Hub {
    lab: Lab,
    training: Training,
    builds: Builds,
    setup: Setup,
    /// How fine-tuning stands where it waits for the visitor's word.
    held: Option<Tuning>,
    pack_url: String,
    conductor: RefCell<Conductor>,
    workers: RefCell<[Option<(u32, Trainer)>; 2]>,
    /// Why fine-tuning is off, once it is.
    off: RefCell<Option<Tuning>>,
    /// A failure that a worker spoke of, until it is known whether it outlives it.
    last_words: RefCell<Option<String>>,
    /// Bytes of a pack whose news are about to come.
    packed: RefCell<Option<js_sys::Uint8Array>>,
}

impl Hub {
    /// Nothing runs yet.
    pub fn new(
        lab: Lab,
        builds: Builds,
        setup: Setup,
        held: Option<Tuning>,
        pack_url: String,
    ) -> Rc<Self> {
        Rc::new(Self {
            lab,
            training: lab.training,
            builds,
            conductor: RefCell::new(Conductor::new(setup.clone())),
            setup,
            held,
            pack_url,
            workers: RefCell::default(),
            off: RefCell::default(),
            last_words: RefCell::default(),
            packed: RefCell::default(),
        })
    }

    /// Takes an event in and does what follows from it.
    pub fn feed(self: &Rc<Self>, event: Event) {
        if matches!(event, Event::TryAgain | Event::Adapt) {
            *self.off.borrow_mut() = None;
        }
        let commands = self.conductor.borrow_mut().hear(event, timing::now());
        for command in commands {
            self.run(command);
        }
        self.publish();
    }

    /// Later, so that a worker is not dropped while one of its listeners runs.
    fn feed_later(self: &Rc<Self>, event: Event) {
        let hub = Rc::clone(self);
        spawn_local(async move { hub.feed(event) });
    }

    fn run(self: &Rc<Self>, command: Command) {
        match command {
            Command::Start(backend, life) => self.start(backend, life),
            Command::Stop(backend) => drop(self.workers.borrow_mut()[backend as usize].take()),
            Command::Connect(backend) => self.connect(backend),
            Command::Order(backend, order) => {
                let sent = self.with(backend, |trainer| trainer.order(body(order)));
                self.check(backend, sent);
            }
            Command::Pretrain(backend) => self.pretrain(backend),
            Command::Remember(measured) => {
                preferences::set(preferences::BACKEND, Some(measured));
            }
            Command::Tell(told) => self.tell(told),
        }
    }

    fn with<T>(&self, backend: Backend, run: impl FnOnce(&Trainer) -> T) -> Option<T> {
        let workers = self.workers.borrow();
        workers[backend as usize]
            .as_ref()
            .map(|(_, trainer)| run(trainer))
    }

    /// Asks a trainer, if there is one, for its downloads.
    pub fn ask_downloads(&self, backend: Backend, port: &MessagePort) {
        self.with(backend, |trainer| trainer.ask_downloads(port));
    }

    fn life(&self, backend: Backend) -> Option<u32> {
        let workers = self.workers.borrow();
        workers[backend as usize].as_ref().map(|(life, _)| *life)
    }

    /// A worker that cannot be talked to is as good as gone.
    fn check<T>(self: &Rc<Self>, backend: Backend, sent: Option<Result<T, wasm_bindgen::JsValue>>) {
        if let Some(Err(error)) = sent
            && let Some(life) = self.life(backend)
        {
            web_sys::console::warn_1(&error);
            self.feed_later(Event::Gone(backend, life, String::new()));
        }
    }

    fn start(self: &Rc<Self>, backend: Backend, life: u32) {
        *self.off.borrow_mut() = None;
        let Some(build) = self.builds.get(backend) else {
            return self.feed_later(Event::Gone(backend, life, String::new()));
        };
        let software = self.setup.forced == Some(Backend::Webgpu);
        let weak = Rc::downgrade(self);
        let hear = move |heard| hear(&weak, backend, life, heard);
        match Trainer::start(&build.url, software, &self.pack_url, hear) {
            Ok(trainer) => self.workers.borrow_mut()[backend as usize] = Some((life, trainer)),
            Err(error) => {
                web_sys::console::warn_1(&error);
                self.feed_later(Event::Gone(backend, life, String::new()));
            }
        }
    }

    fn connect(self: &Rc<Self>, backend: Backend) {
        let port = self.with(backend, Trainer::ranker_end);
        match port {
            Some(Ok(Some(port))) => self.lab.connect_trainer(port),
            other => self.check(backend, other),
        }
    }

    /// Reads the files and hands them to the worker.
    fn pretrain(self: &Rc<Self>, backend: Backend) {
        let Some(life) = self.life(backend) else {
            return;
        };
        let files = self.training.files.get_untracked();
        let plan = self.training.plan.get_untracked();
        let order = OrderBody::Pretrain(Box::new(Pretrain {
            files: files.iter().map(unread).collect(),
            own_history: plan.own_history,
            epochs: plan.epochs,
            batch: plan.batch,
            history: plan.history,
        }));
        let hub = Rc::clone(self);
        spawn_local(async move {
            let mut contents = Vec::new();
            for file in &files {
                let read = JsFuture::from(file.array_buffer()).await;
                let Some(buffer) = read.ok().and_then(|b| b.dyn_into::<ArrayBuffer>().ok()) else {
                    let message = (lab_words().train.unreadable)(&file.name());
                    let fault = Fault::Data;
                    let news = News::Failed { fault, message };
                    return hub.feed(Event::News(backend, life, news));
                };
                contents.push(buffer);
            }
            if hub.life(backend) == Some(life) {
                let sent = hub.with(backend, |trainer| trainer.pretrain(order, &contents));
                hub.check(backend, sent);
            }
        });
    }

    fn hear(self: &Rc<Self>, backend: Backend, life: u32, heard: Heard) {
        if self.life(backend) != Some(life) {
            return;
        }
        match heard {
            Heard::Gone => {
                let last = self.last_words.take().unwrap_or_default();
                self.feed(Event::Gone(backend, life, last));
            }
            Heard::Pack(bytes) => *self.packed.borrow_mut() = Some(bytes),
            Heard::News(News::Failed {
                fault: Fault::Other,
                message,
            }) => {
                // Either that, or a worker's last words: then it is gone in a moment.
                *self.last_words.borrow_mut() = Some(message);
                let hub = Rc::clone(self);
                Timeout::new(LAST_WORDS, move || hub.not_the_last(backend, life)).forget();
            }
            Heard::News(news) => {
                self.note(backend, &news);
                // The worker may be ended because of it, but not while its listener runs.
                self.feed_later(Event::News(backend, life, news));
            }
        }
    }

    /// The worker that spoke of a failure is still there.
    fn not_the_last(self: &Rc<Self>, backend: Backend, life: u32) {
        if self.life(backend) == Some(life)
            && let Some(message) = self.last_words.take()
        {
            let fault = Fault::Other;
            self.feed(Event::News(backend, life, News::Failed { fault, message }));
        }
    }

    /// Writes what only the page needs to know into the lab.
    fn note(self: &Rc<Self>, backend: Backend, news: &News) {
        let training = &self.training;
        match news {
            News::Opened { adapter, .. } if backend == Backend::Webgpu => {
                training.adapter.set(adapter.clone());
            }
            News::Training(view) => {
                let before = training.view.with_untracked(|before| {
                    before.as_ref().map(|before| (before.phase, before.epoch))
                });
                match before {
                    // While it reads, nothing is stored yet; then the worker knows its name.
                    _ if view.phase == Phase::Reading => {}
                    Some((phase, epoch)) if phase != Phase::Reading => {
                        if epoch != view.epoch {
                            self.mark(view.epoch, view.epochs);
                        }
                    }
                    _ => {
                        let asked = self.with(backend, |trainer| trainer.order(OrderBody::Stored));
                        self.check(backend, asked);
                    }
                }
                training.view.set(Some((**view).clone()));
            }
            News::Stored(stored) => self.store(stored.clone()),
            News::Packed {
                file_name,
                ndcg,
                popularity_ndcg,
                ..
            } => {
                let Some(bytes) = self.packed.borrow_mut().take() else {
                    return;
                };
                training.finished.set(Some(Finished {
                    bytes,
                    file_name: file_name.clone(),
                    ndcg: *ndcg,
                    popularity_ndcg: *popularity_ndcg,
                }));
            }
            _ => {}
        }
    }

    /// Notes for the next visit how far the stored training is.
    fn mark(&self, epoch: u32, epochs: u32) {
        let stored = self.training.stored.get_untracked();
        if let Some(stored) = stored {
            let at = js_sys::Date::now();
            self.store(Some(StoredTraining {
                epoch,
                epochs,
                at,
                ..stored
            }));
        }
    }

    fn store(&self, stored: Option<StoredTraining>) {
        preferences::set(preferences::TRAINING, stored.clone());
        self.training.stored.set(stored);
    }

    fn tell(&self, told: Told) {
        let (tuning, train) = (&lab_words().tuning, &lab_words().train);
        let notices = &self.lab.notices;
        match told {
            Told::OnCpu(why) => self.remark(&(tuning.build.on_cpu)(&why)),
            Told::Restarted => self.remark(tuning.build.restarted),
            Told::GaveUp(why) => {
                if self.training.job.with_untracked(|job| job.is_active()) {
                    self.remark(&(train.gave_up)(&why));
                }
                *self.off.borrow_mut() = Some(Tuning::GaveUp(why));
            }
            Told::Adapted(adapted) => {
                timing::adapted(f64::from(adapted.milliseconds));
                self.training.adapted.set(Some(adapted));
            }
            Told::NotAdapting(why) => *self.off.borrow_mut() = Some(Tuning::Failed(why)),
            Told::JobFailed(why) => {
                self.store(None);
                self.training.view.set(None);
                self.remark(&why);
            }
            Told::JobWarned(why) => self.remark(&why),
            Told::NothingStored => {
                self.store(None);
                self.remark(train.nothing_stored);
            }
            Told::Dropped => {
                self.store(None);
                self.training.view.set(None);
                self.training.remark.set(train.dropped.to_owned());
            }
            Told::Packed => {
                self.store(None);
                self.training.remark.set(String::new());
                if !self.training.sheet.get_untracked() {
                    notices.say(TOPIC, train.ready_notice);
                }
            }
        }
    }

    /// In the sheet; at the foot of the page, too, where the sheet is closed.
    fn remark(&self, text: &str) {
        self.training.remark.set(text.to_owned());
        if !self.training.sheet.get_untracked() {
            self.lab.notices.say(TOPIC, text);
        }
    }

    /// Brings the signals up to date; those that stay equal stay silent.
    pub fn publish(&self) {
        let conductor = self.conductor.borrow();
        let training = &self.training;
        let open = conductor.active().is_some_and(|(_, open)| open);
        let backend = match conductor.active() {
            Some((backend, true)) => backend,
            _ => Backend::Cpu,
        };
        put(training.job, conductor.job());
        put(training.choice, conductor.choice());
        put(training.timing, &conductor.timing());
        put(training.open, &open);
        put(training.backend, &backend);
        put(training.tuning, &self.tuning(&conductor, open));
    }

    fn tuning(&self, conductor: &Conductor, open: bool) -> Tuning {
        if !self.setup.encoder {
            return Tuning::NoEncoder;
        }
        if !(self.setup.cpu || self.setup.webgpu && self.setup.forced == Some(Backend::Webgpu)) {
            return Tuning::NotBuilt;
        }
        if let Some(off) = &*self.off.borrow() {
            return off.clone();
        }
        match (conductor.adapts(), open) {
            (true, true) => Tuning::Ready,
            (true, false) => Tuning::Loading,
            (false, _) => self.held.clone().unwrap_or(Tuning::Waits),
        }
    }
}

fn hear(weak: &Weak<Hub>, backend: Backend, life: u32, heard: Heard) {
    if let Some(hub) = weak.upgrade() {
        hub.hear(backend, life, heard);
    }
}

fn put<T: PartialEq + Clone + Send + Sync + 'static>(signal: RwSignal<T>, value: &T) {
    if signal.with_untracked(|before| before != value) {
        signal.set(value.clone());
    }
}

/// A file's name, without its content.
fn unread(file: &File) -> NamedFile {
    NamedFile {
        name: file.name(),
        bytes: Vec::new(),
    }
}

fn body(order: Plain) -> OrderBody {
    match order {
        Plain::Probe => OrderBody::Probe,
        Plain::Adapt => OrderBody::Adapt,
        Plain::Stored => OrderBody::Stored,
        Plain::Resume => OrderBody::Resume,
        Plain::Pause => OrderBody::Pause,
        Plain::Continue => OrderBody::Continue,
        Plain::Finish => OrderBody::Finish,
        Plain::Cancel => OrderBody::Cancel,
    }
}
