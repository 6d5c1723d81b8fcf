//! What the conductor makes of a worker's news, and of its death.

use engine::training::{Backend, Fault, News, Phase, WebgpuSupport};

use super::{Command, Conductor, Job, Life, Plain, RESTARTS, Told, WINDOW, Want};
use crate::training::choice::{Choice, Measured, StepTimes, Why};

impl Conductor {
    pub(super) fn news(&mut self, backend: Backend, news: News, now: f64) {
        match news {
            News::Opened { webgpu, .. } => {
                self.seat_mut(backend).life = Life::Open;
                if backend == Backend::Cpu && self.support.is_none() {
                    self.learn_support(webgpu);
                }
            }
            News::Probed { adapt, pretrain } => {
                self.probed(backend, StepTimes { adapt, pretrain });
            }
            News::Adapted(adapted) => self.tell(Told::Adapted(adapted)),
            News::Training(view) => {
                if let Job::Runs { paused } = &mut self.job {
                    *paused = match view.phase {
                        Phase::Paused => true,
                        Phase::Training | Phase::Validating => false,
                        Phase::Reading | Phase::Packing => *paused,
                    };
                }
            }
            News::Packed { .. } => self.job_over(backend, Job::None, Told::Packed),
            News::Stored(stored) => self.stored(backend, stored),
            News::Cancelled => match self.job {
                Job::Ends { anew: true } => self.job = Job::Waits(Want::Begin),
                _ => self.job_over(backend, Job::None, Told::Dropped),
            },
            News::Failed { fault, message } if fault.is_fatal() => self.died(backend, message, now),
            News::Failed { fault, message } => self.failed(backend, fault, message),
        }
    }

    fn learn_support(&mut self, support: WebgpuSupport) {
        if self.choice.why == Why::First {
            match &support {
                WebgpuSupport::Hardware(adapter) => {
                    let fits = |measured: &&Measured| {
                        measured.adapter == *adapter && measured.version == self.setup.version
                    };
                    if let Some(measured) = self.setup.remembered.as_ref().filter(fits) {
                        self.choice = Choice::faster(measured.clone(), true);
                    }
                }
                WebgpuSupport::Software(adapter) => {
                    self.choice = Choice::all(Backend::Cpu, Why::Software(adapter.clone()));
                }
                WebgpuSupport::None(reason) => {
                    self.choice = Choice::all(Backend::Cpu, Why::None(reason.clone()));
                }
            }
        }
        self.support = Some(support);
    }

    fn probed(&mut self, backend: Backend, times: StepTimes) {
        let Some(trial) = &mut self.trial else { return };
        if backend == Backend::Cpu {
            trial.cpu = Some(times);
            return;
        }
        let (Some(cpu), Some(WebgpuSupport::Hardware(adapter))) = (trial.cpu, &self.support) else {
            return;
        };
        let measured = Measured {
            adapter: adapter.clone(),
            version: self.setup.version.clone(),
            cpu,
            webgpu: times,
        };
        self.trial = None;
        self.choice = Choice::faster(measured.clone(), false);
        self.out.push(Command::Remember(measured));
    }

    fn stored(&mut self, backend: Backend, stored: Option<engine::training::StoredTraining>) {
        let Job::Asked(want) = self.job else { return };
        match (want, stored) {
            (Want::Begin, None) | (Want::Recover { .. }, None) => {
                self.job = Job::Runs { paused: false };
                self.out.push(Command::Pretrain(backend));
            }
            (Want::Begin, Some(stored)) => self.job = Job::Offered(stored),
            (Want::GoOn, Some(_)) => {
                self.job = Job::Runs { paused: false };
                self.order(backend, Plain::Resume);
            }
            (Want::Recover { paused }, Some(_)) => {
                self.job = Job::Runs { paused };
                self.order(backend, Plain::Resume);
                if paused {
                    self.order(backend, Plain::Pause);
                }
            }
            (Want::GoOn, None) => self.job_over(backend, Job::None, Told::NothingStored),
            // Never asked.
            (Want::Discard { .. }, _) => {}
        }
    }

    /// The worker has done its part. Its memory only ever grows, so the next work gets a new one.
    fn job_over(&mut self, backend: Backend, job: Job, told: Told) {
        self.job = job;
        self.tell(told);
        self.stop(backend);
    }

    fn failed(&mut self, backend: Backend, fault: Fault, message: String) {
        let busy = matches!(
            self.job,
            Job::Asked(_) | Job::Runs { .. } | Job::Ends { .. }
        );
        match (fault, &self.job) {
            // What cannot be read or reached is as good as none, and is written over.
            (
                Fault::Storage | Fault::Checkpoint,
                Job::Asked(Want::Begin | Want::Recover { .. }),
            ) => {
                self.stored(backend, None);
            }
            (Fault::Storage, Job::Runs { .. } | Job::Ends { .. }) => {
                self.tell(Told::JobWarned(message));
            }
            _ if busy => self.job_over(backend, Job::None, Told::JobFailed(message)),
            _ if self.trial.is_some() => {
                // One of the builds cannot be timed, so there is nothing to compare.
                self.trial = None;
                self.choice = Choice::all(Backend::Cpu, Why::Failed(message));
            }
            _ => self.tell(Told::NotAdapting(message)),
        }
    }

    /// A worker is of no use any more. What it worked on goes on elsewhere, from what was stored.
    pub(super) fn died(&mut self, backend: Backend, message: String, now: f64) {
        let active = self.wanted() == Some(backend);
        self.stop(backend);
        self.trial = None;
        if active && let Job::Asked(_) | Job::Runs { .. } = self.job {
            self.job = Job::Waits(match self.job {
                Job::Asked(want) => want,
                Job::Runs { paused } => Want::Recover { paused },
                _ => Want::GoOn,
            });
        }
        if active && let Job::Ends { anew } = self.job {
            self.job = Job::Waits(Want::Discard { anew });
        }
        self.deaths.retain(|at| now - at < WINDOW);
        self.deaths.push(now);
        if backend == Backend::Webgpu {
            self.seat_mut(backend).unusable = true;
            self.choice = Choice::all(Backend::Cpu, Why::Failed(message.clone()));
            if active {
                self.tell(Told::OnCpu(message.clone()));
            }
        } else if !active {
            return;
        }
        let again = self.cpu_died_at.is_some_and(|before| now - before < WINDOW);
        if backend == Backend::Cpu {
            self.cpu_died_at = Some(now);
        }
        let no_cpu = backend == Backend::Webgpu && active && !self.setup.cpu;
        if self.deaths.len() > RESTARTS || no_cpu || (backend == Backend::Cpu && again) {
            self.give_up(message);
        } else if backend == Backend::Cpu {
            self.tell(Told::Restarted);
        }
    }

    fn give_up(&mut self, message: String) {
        self.given_up = true;
        // What is stored stays; the visitor may go on with it.
        self.job = Job::None;
        self.tell(Told::GaveUp(message));
    }
}
