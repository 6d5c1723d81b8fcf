//! Which trainer worker runs when, and what it is told.
//!
//! No browser in here: events go in, commands come out, so every fault is tested natively. At most
//! one worker works at a time; two are there only while both builds are timed.

mod news;
#[cfg(test)]
mod tests;

use engine::training::{Adapted, Backend, News, StoredTraining, WebgpuSupport};

use super::choice::{Choice, Measured, StepTimes, Why};

/// Milliseconds over which deaths of workers are counted.
const WINDOW: f64 = 60_000.0;
/// Restarts allowed within [`WINDOW`].
const RESTARTS: usize = 3;

/// What this page has and is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// Is there a CPU build?
    pub cpu: bool,
    /// Is there a WebGPU build?
    pub webgpu: bool,
    /// Has the pack an encoder, which can be fine-tuned?
    pub encoder: bool,
    /// The address asks for this build.
    pub forced: Option<Backend>,
    /// Addresses of both builds, for which a measurement holds.
    pub version: String,
    /// A measurement of an earlier visit.
    pub remembered: Option<Measured>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Fine-tuning may begin: the page is idle, or the visitor asked.
    Adapt,
    /// The WebGPU build may be fetched to be timed.
    TryWebgpu,
    /// The visitor starts a training.
    Begin,
    /// The visitor goes on with the stored training.
    GoOn,
    /// The visitor drops the stored training.
    Discard,
    /// The visitor drops the stored training for another one.
    BeginAnew,
    /// The visitor pauses.
    Pause,
    /// The visitor goes on after a pause.
    Continue,
    /// The visitor wants the pack now.
    Finish,
    /// The visitor ends the training without a pack.
    Cancel,
    /// A worker said something.
    News(Backend, u32, News),
    /// A worker has gone: terminated, crashed, or never started. With its last sentence, or an empty
    /// one.
    Gone(Backend, u32, String),
    /// The ranker was started anew and knows no trainer.
    RankerRestarted,
    /// The visitor asks to try again after the trainer was given up.
    TryAgain,
}

/// What is to be done. Workers are named by their build; there is at most one of each.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Start a worker, with the number of its life.
    Start(Backend, u32),
    /// End a worker.
    Stop(Backend),
    /// Hand the worker's port to the ranker.
    Connect(Backend),
    /// Send an order that needs nothing but its name.
    Order(Backend, Plain),
    /// Send the training that the visitor put together.
    Pretrain(Backend),
    /// Keep a measurement for the next visit.
    Remember(Measured),
    /// Tell the visitor.
    Tell(Told),
}

/// Orders without content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// [`engine::training::OrderBody::Probe`]
    Probe,
    /// [`engine::training::OrderBody::Adapt`]
    Adapt,
    /// [`engine::training::OrderBody::Stored`]
    Stored,
    /// [`engine::training::OrderBody::Resume`]
    Resume,
    /// [`engine::training::OrderBody::Pause`]
    Pause,
    /// [`engine::training::OrderBody::Continue`]
    Continue,
    /// [`engine::training::OrderBody::Finish`]
    Finish,
    /// [`engine::training::OrderBody::Cancel`]
    Cancel,
}

/// What the visitor is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// WebGPU failed; the CPU goes on. The sentence is the worker's, empty if it could say none.
    OnCpu(String),
    /// The CPU worker was started anew.
    Restarted,
    /// No trainer any more.
    GaveUp(String),
    /// An attempt to fine-tune.
    Adapted(Adapted),
    /// Fine-tuning does not work here.
    NotAdapting(String),
    /// The training did not work, and nothing of it is left; the form is to be shown with this
    /// sentence.
    JobFailed(String),
    /// There is nothing to go on with.
    NothingStored,
    /// The training goes on, but something is not right.
    JobWarned(String),
    /// The training was dropped.
    Dropped,
    /// The training is finished.
    Packed,
}

/// How far the training of a base model is, for the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Job {
    /// There is none.
    #[default]
    None,
    /// Waits for a worker, and for the builds to be timed.
    Waits(Want),
    /// The worker is asked whether there is a stored one.
    Asked(Want),
    /// There is a stored one, and the visitor is asked what to do with it.
    Offered(StoredTraining),
    /// It runs.
    Runs {
        /// The visitor has paused it.
        paused: bool,
    },
    /// It is asked to end; with what is meant to come after.
    Ends {
        /// The visitor wants another one.
        anew: bool,
    },
}

impl Job {
    /// Is there one that has not ended?
    pub fn is_active(&self) -> bool {
        !matches!(self, Self::None | Self::Offered(_))
    }
}

/// What is wanted of a worker once it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Train anew.
    Begin,
    /// Go on with what is stored.
    GoOn,
    /// Go on after a worker was lost; anew if it was lost before the first checkpoint.
    Recover {
        /// It was paused.
        paused: bool,
    },
    /// Erase what is stored.
    Discard {
        /// And then train anew.
        anew: bool,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    #[default]
    Absent,
    Starting,
    Open,
}

/// One of the two workers.
#[derive(Debug, Default)]
struct Seat {
    life: Life,
    number: u32,
    connected: bool,
    adapting: bool,
    /// It failed for good on this page.
    unusable: bool,
}

/// Both builds being timed.
#[derive(Debug, Default)]
struct Trial {
    asked: Option<Backend>,
    cpu: Option<StepTimes>,
}

/// See the module.
#[derive(Debug)]
pub struct Conductor {
    setup: Setup,
    seats: [Seat; 2],
    lives: u32,
    adapt: bool,
    try_webgpu: bool,
    support: Option<WebgpuSupport>,
    choice: Choice,
    trial: Option<Trial>,
    job: Job,
    deaths: Vec<f64>,
    cpu_died_at: Option<f64>,
    given_up: bool,
    out: Vec<Command>,
}

impl Conductor {
    /// Nothing runs yet.
    pub fn new(setup: Setup) -> Self {
        let choice = match setup.forced {
            Some(Backend::Webgpu) if setup.webgpu => Choice::all(Backend::Webgpu, Why::Forced),
            Some(Backend::Cpu) => Choice::all(Backend::Cpu, Why::Forced),
            _ => Choice::first(),
        };
        Self {
            setup,
            seats: Default::default(),
            lives: 0,
            adapt: false,
            try_webgpu: false,
            support: None,
            choice,
            trial: None,
            job: Job::None,
            deaths: Vec::new(),
            cpu_died_at: None,
            given_up: false,
            out: Vec::new(),
        }
    }

    /// The builds in use.
    pub fn choice(&self) -> &Choice {
        &self.choice
    }

    /// How far the training of a base model is.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Are both builds being timed?
    pub fn timing(&self) -> bool {
        self.trial.is_some()
    }

    /// Is the encoder to be fine-tuned?
    pub fn adapts(&self) -> bool {
        self.adapt && self.setup.encoder
    }

    /// Was the trainer given up?
    pub fn given_up(&self) -> bool {
        self.given_up
    }

    /// The build that works, or would: fetched and open, or not yet.
    pub fn active(&self) -> Option<(Backend, bool)> {
        self.wanted()
            .map(|backend| (backend, self.seat(backend).life == Life::Open))
    }

    /// Takes an event in at a time in milliseconds, and returns what is to be done, in this order.
    pub fn hear(&mut self, event: Event, now: f64) -> Vec<Command> {
        match event {
            Event::Adapt => self.adapt = true,
            Event::TryWebgpu => self.try_webgpu = true,
            Event::Begin => self.want(Want::Begin),
            Event::GoOn => self.want(Want::GoOn),
            Event::Discard => self.want(Want::Discard { anew: false }),
            Event::BeginAnew => self.want(Want::Discard { anew: true }),
            Event::Pause => self.pause(true),
            Event::Continue => self.pause(false),
            Event::Finish => {
                if matches!(self.job, Job::Runs { .. }) {
                    self.order(self.choice.pretrain, Plain::Finish);
                }
            }
            Event::Cancel => self.cancel(),
            Event::News(backend, life, news) => {
                if self.lives(backend, life) {
                    self.news(backend, news, now);
                }
            }
            Event::Gone(backend, life, message) => {
                if self.lives(backend, life) {
                    self.died(backend, message, now);
                }
            }
            Event::RankerRestarted => {
                self.seats
                    .iter_mut()
                    .for_each(|seat| seat.connected = false);
            }
            Event::TryAgain => {
                self.given_up = false;
                self.deaths.clear();
                self.cpu_died_at = None;
                self.adapt = self.setup.encoder;
            }
        }
        self.settle();
        std::mem::take(&mut self.out)
    }

    fn seat(&self, backend: Backend) -> &Seat {
        &self.seats[backend as usize]
    }

    fn seat_mut(&mut self, backend: Backend) -> &mut Seat {
        &mut self.seats[backend as usize]
    }

    fn lives(&self, backend: Backend, number: u32) -> bool {
        let seat = self.seat(backend);
        seat.life != Life::Absent && seat.number == number
    }

    fn order(&mut self, backend: Backend, order: Plain) {
        self.out.push(Command::Order(backend, order));
    }

    fn tell(&mut self, told: Told) {
        self.out.push(Command::Tell(told));
    }

    fn want(&mut self, want: Want) {
        if matches!(self.job, Job::None | Job::Offered(_)) {
            self.job = Job::Waits(want);
            // Whoever asks for it outright is not kept waiting by what happened before.
            self.given_up = false;
        }
    }

    fn pause(&mut self, pause: bool) {
        if let Job::Runs { paused } = &mut self.job
            && *paused != pause
        {
            *paused = pause;
            let order = if pause { Plain::Pause } else { Plain::Continue };
            self.order(self.choice.pretrain, order);
        }
    }

    fn cancel(&mut self) {
        match self.job {
            Job::Waits(_) | Job::Asked(Want::Begin) => {
                self.job = Job::None;
                self.tell(Told::Dropped);
            }
            Job::Runs { .. } | Job::Asked(_) => {
                self.job = Job::Ends { anew: false };
                self.order(self.choice.pretrain, Plain::Cancel);
            }
            Job::None | Job::Offered(_) | Job::Ends { .. } => {}
        }
    }

    /// The build that should work now.
    fn wanted(&self) -> Option<Backend> {
        let backend = match self.job {
            _ if self.given_up => return None,
            Job::Waits(_) | Job::Asked(_) | Job::Runs { .. } | Job::Ends { .. } => {
                self.choice.pretrain
            }
            Job::None | Job::Offered(_) if self.adapt && self.setup.encoder => self.choice.adapt,
            Job::None | Job::Offered(_) => return None,
        };
        let built = match backend {
            Backend::Cpu => self.setup.cpu,
            Backend::Webgpu => self.setup.webgpu,
        };
        built.then_some(backend)
    }

    /// Is it time to time both builds?
    fn trial_due(&self) -> bool {
        let hardware = matches!(self.support, Some(WebgpuSupport::Hardware(_)));
        let job = matches!(self.job, Job::Waits(want) if !matches!(want, Want::Discard { .. }));
        hardware
            && self.choice.why == Why::First
            && self.setup.webgpu
            && !self.seat(Backend::Webgpu).unusable
            && (job || (self.try_webgpu && self.job == Job::None))
            && self.wanted().is_some()
    }

    /// Brings workers and their orders in line with what is wanted.
    fn settle(&mut self) {
        if self.trial.is_none() && self.trial_due() {
            self.trial = Some(Trial::default());
        }
        let active = self.wanted();
        if active.is_none() {
            self.trial = None;
        }
        for backend in [Backend::Cpu, Backend::Webgpu] {
            let wanted = active == Some(backend) || self.trial.is_some();
            match (wanted, self.seat(backend).life) {
                (true, Life::Absent) => self.start(backend),
                (false, Life::Starting | Life::Open) => self.stop(backend),
                _ => {}
            }
        }
        let Some(active) = active else { return };
        if self.seat(active).life != Life::Open {
            return;
        }
        if self.setup.encoder && !self.seat(active).connected {
            self.seat_mut(active).connected = true;
            self.out.push(Command::Connect(active));
        }
        if self.setup.encoder && self.adapt && !self.seat(active).adapting {
            self.seat_mut(active).adapting = true;
            self.order(active, Plain::Adapt);
        }
        if self.trial.is_some() {
            self.next_probe();
        } else if let Job::Waits(want) = self.job {
            self.take_up(active, want);
        }
    }

    fn start(&mut self, backend: Backend) {
        self.lives += 1;
        let unusable = self.seat(backend).unusable;
        *self.seat_mut(backend) = Seat {
            life: Life::Starting,
            number: self.lives,
            unusable,
            ..Seat::default()
        };
        self.out.push(Command::Start(backend, self.lives));
    }

    fn stop(&mut self, backend: Backend) {
        let unusable = self.seat(backend).unusable;
        *self.seat_mut(backend) = Seat {
            unusable,
            ..Seat::default()
        };
        self.out.push(Command::Stop(backend));
    }

    /// Times one build after the other: together they would share the processor.
    fn next_probe(&mut self) {
        let open = |this: &Self, backend| this.seat(backend).life == Life::Open;
        if !(open(self, Backend::Cpu) && open(self, Backend::Webgpu)) {
            return;
        }
        let Some(trial) = &mut self.trial else { return };
        let next = match trial.cpu {
            None => Backend::Cpu,
            Some(_) => Backend::Webgpu,
        };
        if trial.asked != Some(next) {
            trial.asked = Some(next);
            self.order(next, Plain::Probe);
        }
    }

    fn take_up(&mut self, backend: Backend, want: Want) {
        match want {
            Want::Discard { anew } => {
                self.job = Job::Ends { anew };
                self.order(backend, Plain::Cancel);
            }
            Want::Begin | Want::GoOn | Want::Recover { .. } => {
                self.job = Job::Asked(want);
                self.order(backend, Plain::Stored);
            }
        }
    }
}
