//! A training as the worker runs it: slices of work, news for the page, checkpoints in storage.

use trainer::Backend;

use super::Problem;
use super::browser::{memory_bytes, now, post, post_pack, post_problem};
use super::device::dispatches;
use super::inputs::Inputs;
use super::job::{Job, Slice};
use super::locks::{self, Asked, Held};
use super::packing::Packing;
use super::store::Store;
use crate::training::{DATABASE, Fault, News, Phase, StoredTraining, TrainingView};

/// Milliseconds between two checkpoints, and between two at the ends of very short epochs.
const SAVE_MS: f64 = 10_000.0;
const SAVE_EPOCH_MS: f64 = 2_000.0;

/// Milliseconds between two views for the page.
const TELL_MS: f64 = 250.0;

/// A training that runs.
pub(super) struct Running {
    stage: Stage,
    paused: bool,
    store: Option<Store>,
    inputs_stored: bool,
    saved_at: f64,
    told_at: f64,
    /// Keeps other tabs from writing over its checkpoints.
    _lease: Option<Held>,
}

enum Stage {
    Training(Box<Job>),
    Packing(Box<Packing>, Box<TrainingView>),
    Over,
}

/// Whether to call [`Running::work`] again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Work,
    Wait,
    Over,
}

impl Running {
    /// A training from the start. Storage that refuses is told of, and done without.
    pub(super) async fn begin(inputs: Inputs, backend: Backend) -> Result<Self, Problem> {
        let job = Job::begin(inputs, backend)?;
        let (store, lease) = match open().await {
            Ok((store, lease)) => (Some(store), lease),
            Err(problem) => {
                post_problem(problem);
                (None, None)
            }
        };
        let mut new = Self::new(job, store, lease, false);
        new.save().await;
        Ok(new)
    }

    /// The stored training. One that cannot be used (a later version's, say) stays as it is, until it
    /// is cancelled or another one is started.
    pub(super) async fn resume(backend: Backend) -> Result<Self, Problem> {
        let unread = |problem: Problem| Problem::new(Fault::Checkpoint, problem.message);
        let (store, lease) = open().await.map_err(unread)?;
        let Some((inputs, state)) = store.load().await.map_err(unread)? else {
            let message = "there is no stored training to go on with";
            return Err(Problem::new(Fault::Checkpoint, message));
        };
        let job = Inputs::decode(&inputs)
            .map_err(|error| Problem::new(Fault::Checkpoint, error))
            .and_then(|inputs| Job::resume(inputs, &state, backend));
        job.map(|job| Self::new(job, Some(store), lease, true))
    }

    fn new(job: Job, store: Option<Store>, lease: Option<Held>, inputs_stored: bool) -> Self {
        Self {
            stage: Stage::Training(Box::new(job)),
            paused: false,
            store,
            inputs_stored,
            saved_at: now(),
            told_at: 0.0,
            _lease: lease,
        }
    }

    /// One slice.
    ///
    /// # Errors
    /// The training has ended; after a lost device its checkpoint is stored.
    pub(super) async fn work(&mut self) -> Result<Then, Problem> {
        match &mut self.stage {
            Stage::Over => Ok(Then::Over),
            Stage::Training(_) if self.paused => Ok(Then::Wait),
            Stage::Training(job) => match job.advance(now).await {
                Ok(slice) => self.advanced(slice).await,
                Err(error) => {
                    let problem = Problem::from(error);
                    if problem.fault == Fault::DeviceLost {
                        self.save().await;
                    } else {
                        self.erase().await;
                    }
                    Err(problem)
                }
            },
            Stage::Packing(packing, view) => {
                let packed = packing.advance()?;
                if now() - self.told_at >= TELL_MS {
                    self.told_at = now();
                    tell(TrainingView::clone(view));
                }
                let Some(packed) = packed else {
                    return Ok(Then::Work);
                };
                // Before the news, because the page ends a worker that has done its part.
                self.erase().await;
                self.stage = Stage::Over;
                post_pack(&News::Packed {
                    bytes: packed.bytes,
                    file_name: packed.file_name,
                    ndcg: packed.ndcg,
                    popularity_ndcg: packed.popularity_ndcg,
                });
                Ok(Then::Over)
            }
        }
    }

    async fn advanced(&mut self, slice: Slice) -> Result<Then, Problem> {
        let since = now() - self.saved_at;
        if slice == Slice::Finished {
            let Stage::Training(job) = std::mem::replace(&mut self.stage, Stage::Over) else {
                return Ok(Then::Over);
            };
            let view = job.view(Phase::Packing);
            tell(view.clone());
            self.stage = Stage::Packing(Box::new(Packing::begin(*job)?), Box::new(view));
        } else {
            if slice == Slice::Validated || now() - self.told_at >= TELL_MS {
                self.tell();
            }
            if since >= SAVE_MS || (slice == Slice::Validated && since >= SAVE_EPOCH_MS) {
                self.save().await;
            }
        }
        Ok(Then::Work)
    }

    /// Pauses, or goes on. A pack in the making is not worth a pause.
    pub(super) async fn pause(&mut self, pause: bool) {
        if matches!(self.stage, Stage::Training(_)) {
            self.paused = pause;
            self.tell();
            if pause {
                self.save().await;
            }
        }
    }

    /// Ends the training soon, with a pack.
    pub(super) fn finish(&mut self) {
        if let Stage::Training(job) = &mut self.stage {
            job.finish();
            self.paused = false;
        }
    }

    fn tell(&mut self) {
        if let Stage::Training(job) = &self.stage {
            let phase = if self.paused {
                Phase::Paused
            } else {
                job.phase()
            };
            tell(job.view(phase));
            self.told_at = now();
        }
    }

    /// Stores a checkpoint. Refused storage is told of once, and not tried again.
    pub(super) async fn save(&mut self) {
        let (Stage::Training(job), Some(store)) = (&self.stage, &self.store) else {
            return;
        };
        let (epoch, epochs) = job.epochs();
        let about = StoredTraining {
            name: job.inputs.name.clone(),
            epoch,
            epochs,
            at: js_sys::Date::now(),
        };
        let inputs = (!self.inputs_stored).then(|| job.inputs.encode());
        match store.save(&about, &job.store(), inputs.as_deref()).await {
            Ok(()) => self.inputs_stored = true,
            Err(problem) => {
                self.store = None;
                post_problem(problem);
            }
        }
        self.saved_at = now();
    }

    /// Forgets what is stored.
    pub(super) async fn erase(&mut self) {
        if let Some(store) = self.store.take() {
            // What cannot be erased now is offered on the next visit, and can be dropped then.
            let _ = store.erase().await;
        }
    }
}

/// What is stored. Without storage nothing is; a training says what that means.
pub(super) async fn stored() -> Result<Option<StoredTraining>, Problem> {
    if !Store::exists(DATABASE).await {
        return Ok(None);
    }
    let Ok(store) = Store::open(DATABASE).await else {
        return Ok(None);
    };
    let about = store.about().await?;
    if about.is_none()
        && let Asked::Held(_lease) = locks::take_now(DATABASE).await
    {
        // Left by a training that ended before its first checkpoint.
        let _ = store.erase().await;
    }
    Ok(about)
}

/// Storage, and the lock that makes it this tab's.
async fn open() -> Result<(Store, Option<Held>), Problem> {
    let message = "another tab trains, and there is room for one unfinished training: a reload of this \
                   page would lose this one";
    let lease = lease()
        .await
        .ok_or_else(|| Problem::new(Fault::Storage, message))?;
    Ok((Store::open(DATABASE).await?, lease))
}

/// The lock, where the browser has locks. None if another tab has it.
async fn lease() -> Option<Option<Held>> {
    match locks::take(DATABASE).await {
        Asked::Held(held) => Some(Some(held)),
        Asked::NoLocks => Some(None),
        Asked::Taken => None,
    }
}

/// Erases a stored training that does not run.
pub(super) async fn discard() -> Result<(), Problem> {
    let message = "another tab is at this training, so it stays: end it there";
    let _lease = lease()
        .await
        .ok_or_else(|| Problem::new(Fault::Checkpoint, message))?;
    match Store::open(DATABASE).await {
        Ok(store) => store.erase().await,
        // What cannot be opened holds nothing.
        Err(_) => Ok(()),
    }
}

/// To the page.
pub(super) fn tell(mut view: TrainingView) {
    view.dispatches = dispatches();
    view.memory_bytes = memory_bytes();
    post(&News::Training(Box::new(view)));
}
