//! A learner together with the profile that it is the fold of: learn, undo, remove, import, and the
//! exchange of the encoder's adapter.

use std::fmt;
use std::sync::Arc;

use crate::catalogue::ItemIndex;
use crate::encoder::adapter::Snapshot;
use crate::event::{Action, Event, Wish};
use crate::expert::sequence::Sequence;
use crate::learner::{Base, Learned, Learner};
use crate::profile::{self, MAX_EVENTS, Profile};
use crate::wishes::{condensed, has_tag};

/// One visitor on one catalogue.
#[derive(Clone, Debug)]
pub struct Session {
    learner: Learner,
    profile: Profile,
    adapter: Option<Snapshot>,
    /// Events that were taken back and not followed by others, the newest last.
    undone: Vec<Event>,
    /// Changes when the history was not just extended; an exchange begun before is void.
    revision: u64,
}

/// An adapter on its way into a session: the history is encoded again with it, slice by slice, while
/// the session goes on answering with the encoder that it has.
#[derive(Clone, Debug)]
pub struct Exchange {
    values: Vec<f32>,
    sequence: Sequence,
    tokens: usize,
    revision: u64,
}

/// Where an exchange stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More tokens are to be encoded.
    Behind,
    /// As far as the session: it can be taken over.
    Ready,
    /// The history was changed meanwhile (an undo, a removal, an import): drop it.
    Void,
}

/// What became of an event; tells the storage what to write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Applied {
    /// Appended and learnt from.
    Appended(Learned),
    /// Appended, and the older half of the events was let go: write the whole profile.
    Compacted(Learned),
    /// Delivered before, or a wish that changes nothing; nothing was appended.
    Repeated,
}

/// Why a profile was not taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignProfile {
    /// Catalogue of the profile.
    pub found: String,
    /// Catalogue of this session.
    pub expected: String,
}

impl fmt::Display for ForeignProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "this profile belongs to the catalogue `{}`, but this page shows `{}`; \
             import it where it was exported",
            self.found, self.expected
        )
    }
}

impl std::error::Error for ForeignProfile {}

impl Session {
    /// Starts from a stored profile: folds its events.
    ///
    /// # Errors
    /// The profile is of another catalogue.
    pub fn new(base: Arc<Base>, profile: Profile) -> Result<Self, ForeignProfile> {
        Self::with_adapter(base, profile, None)
    }

    /// [`Self::new`] with the adapter that was taken over last. One that does not fit (another base
    /// model, an event that is not in the profile) is left out: [`Self::adapter`] tells.
    ///
    /// # Errors
    /// The profile is of another catalogue.
    pub fn with_adapter(
        base: Arc<Base>,
        profile: Profile,
        adapter: Option<Snapshot>,
    ) -> Result<Self, ForeignProfile> {
        let expected = &base.pack.manifest.catalogue_id;
        if profile.catalogue_id != *expected {
            return Err(ForeignProfile {
                found: profile.catalogue_id,
                expected: expected.clone(),
            });
        }
        let (learner, adapter) = fold(base, &profile, adapter);
        Ok(Self {
            learner,
            profile,
            adapter,
            undone: Vec::new(),
            revision: 0,
        })
    }

    /// The learner.
    pub fn learner(&self) -> &Learner {
        &self.learner
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The adapter in use.
    pub fn adapter(&self) -> Option<&Snapshot> {
        self.adapter.as_ref()
    }

    /// Changes whenever the history was rewritten instead of extended.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Starts to take over an adapter. Nothing changes until [`Self::take_over`].
    ///
    /// # Errors
    /// The pack has no encoder, or the numbers are none that it may take.
    pub fn exchange(&self, values: Vec<f32>) -> Result<Exchange, String> {
        let base = self.learner.base();
        let (Some(model), Some((encoder, _))) = (&base.pack.encoder, &base.encoder) else {
            return Err("this pack has no encoder, so it takes no adapter".into());
        };
        let encoder = encoder.adapted(&model.weights, model.adapter_seed, &values);
        Ok(Exchange {
            values,
            sequence: Sequence::new(Arc::new(encoder.map_err(|error| error.to_string())?)),
            tokens: 0,
            revision: self.revision,
        })
    }

    /// Encodes up to `slice` tokens more of the history for an exchange.
    pub fn advance(&self, exchange: &mut Exchange, slice: usize) -> Progress {
        if exchange.revision != self.revision {
            return Progress::Void;
        }
        let tokens = self.learner.tokens();
        let reach = exchange.sequence.encoder().shape().reach();
        exchange.tokens = exchange.tokens.max(tokens.len().saturating_sub(reach));
        let end = tokens.len().min(exchange.tokens + slice);
        for &token in &tokens[exchange.tokens..end] {
            exchange.sequence.hear(token);
        }
        exchange.tokens = end;
        if end == tokens.len() {
            Progress::Ready
        } else {
            Progress::Behind
        }
    }

    /// Takes over an adapter whose exchange is [`Progress::Ready`]; returns what to store. `None` if
    /// it is not, or if there is no event yet.
    pub fn take_over(&mut self, mut exchange: Exchange) -> Option<&Snapshot> {
        if self.advance(&mut exchange, 0) != Progress::Ready {
            return None;
        }
        let through = self.profile.events.last()?.id;
        let (_, base) = self.learner.base().encoder.as_ref()?;
        self.adapter = Some(Snapshot {
            base: *base,
            through: Some(through),
            multipliers: *self.learner.fusion.multipliers(),
            values: exchange.values,
        });
        self.learner.sequence = Some(exchange.sequence);
        self.adapter.as_ref()
    }

    /// Goes back to the base encoder.
    pub fn drop_adapter(&mut self) {
        if self.adapter.is_some() {
            self.refold(None);
        }
    }

    fn refold(&mut self, adapter: Option<Snapshot>) {
        let base = Arc::clone(self.learner.base());
        (self.learner, self.adapter) = fold(base, &self.profile, adapter);
        self.revision += 1;
    }

    /// Learns from an event and appends it to the profile.
    ///
    /// # Errors
    /// The event is over the limits of the profile format; nothing changed.
    pub fn apply(&mut self, event: Event) -> Result<Applied, String> {
        profile::check(&event.action)?;
        if self
            .profile
            .events
            .iter()
            .rev()
            .any(|known| known.id == event.id)
        {
            return Ok(Applied::Repeated);
        }
        let removal = matches!(
            event.action,
            Action::Remove { .. }
                | Action::Wish {
                    wish: Wish::Forget,
                    ..
                }
        );
        let learned = self.learner.learn(&event);
        if learned == Learned::Nothing && matches!(event.action, Action::Wish { .. }) {
            return Ok(Applied::Repeated);
        }
        self.undone.clear();
        self.profile.events.push(event);
        if removal {
            // The adapter may have been trained on what is taken back.
            self.revision += 1;
            self.drop_adapter();
        }
        if self.profile.events.len() <= MAX_EVENTS {
            return Ok(Applied::Appended(learned));
        }
        self.compact();
        Ok(Applied::Compacted(learned))
    }

    /// Takes back the newest event. `None` if there is none.
    pub fn undo(&mut self) -> Option<Event> {
        let event = self.profile.events.pop()?;
        // An adapter that was taken over after the event has been trained on it: `fold` drops it.
        let adapter = self.adapter.take();
        self.refold(adapter);
        self.undone.push(event.clone());
        Some(event)
    }

    /// Does again what was taken back last. `None` if nothing was, or if something else happened
    /// since.
    pub fn redo(&mut self) -> Option<(Event, Applied)> {
        let event = self.undone.pop()?;
        let left = std::mem::take(&mut self.undone);
        // It was within the limits before.
        let applied = self.apply(event.clone()).ok();
        self.undone = left;
        applied.map(|applied| (event, applied))
    }

    /// Is there something to do again?
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        self.profile = Profile::new(&self.profile.catalogue_id);
        self.undone.clear();
        self.refold(None);
    }

    /// Lets the older half of the events go; their settled items stay settled, and wishes stay.
    fn compact(&mut self) {
        let old: Vec<Event> = self.profile.events.drain(..MAX_EVENTS / 2).collect();
        let catalogue = &self.learner.pack().catalogue;
        for event in &old {
            let settled = &mut self.profile.settled;
            match &event.action {
                Action::Item { item, kind } if kind.signal().settles => {
                    if catalogue.find(item).is_some() && !settled.contains(item) {
                        settled.push(item.clone());
                    }
                }
                Action::Remove { item } => settled.retain(|known| known != item),
                Action::Wish {
                    facet,
                    value,
                    wish: Wish::Forget,
                } => settled.retain(|known| {
                    let item = catalogue.find(known);
                    item.is_none_or(|item| !has_tag(catalogue, item, facet, value))
                }),
                Action::Item { .. } | Action::Search { .. } | Action::Wish { .. } => {}
            }
        }
        self.profile.events.splice(..0, condensed(&old));
        let mut adapter = self.adapter.take();
        if let Some(adapter) = &mut adapter
            && old.iter().any(|event| Some(event.id) == adapter.through)
        {
            adapter.through = None;
        }
        self.refold(adapter);
    }
}

/// The learner after a profile's events, and the adapter if it fits.
fn fold(
    base: Arc<Base>,
    profile: &Profile,
    adapter: Option<Snapshot>,
) -> (Learner, Option<Snapshot>) {
    let mut learner = Learner::new(base);
    let adapter = adapter.filter(|adapter| learner.adapt(adapter, &profile.events));

    let settled: Vec<ItemIndex> = profile
        .settled
        .iter()
        .filter_map(|id| learner.pack().catalogue.find(id))
        .collect();
    settled.into_iter().for_each(|item| learner.settle(item));
    // Until there the fusion has learnt already: from an encoder that had not been trained on them.
    let mut through = adapter.as_ref().and_then(|adapter| adapter.through);
    learner.fusion_learns = through.is_none();
    for event in &profile.events {
        learner.learn(event);
        if through == Some(event.id) {
            through = None;
            learner.fusion_learns = true;
        }
    }
    (learner, adapter)
}
