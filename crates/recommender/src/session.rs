//! A learner together with the profile that it is the fold of: learn, undo, remove, import.

use std::fmt;
use std::sync::Arc;

use crate::catalogue::ItemIndex;
use crate::event::{Action, Event};
use crate::learner::{Base, Learned, Learner};
use crate::profile::{self, MAX_EVENTS, Profile};

/// One visitor on one catalogue.
#[derive(Clone, Debug)]
pub struct Session {
    learner: Learner,
    profile: Profile,
}

/// What became of an event; tells the storage what to write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Applied {
    /// Appended and learnt from.
    Appended(Learned),
    /// Appended, and the older half of the events was let go: write the whole profile.
    Compacted(Learned),
    /// Delivered before; nothing changed.
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
        let expected = &base.pack.manifest.catalogue_id;
        if profile.catalogue_id != *expected {
            return Err(ForeignProfile {
                found: profile.catalogue_id,
                expected: expected.clone(),
            });
        }
        let learner = fold(base, &profile);
        Ok(Self { learner, profile })
    }

    /// The learner.
    pub fn learner(&self) -> &Learner {
        &self.learner
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
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
        let learned = self.learner.learn(&event);
        self.profile.events.push(event);
        if self.profile.events.len() <= MAX_EVENTS {
            return Ok(Applied::Appended(learned));
        }
        self.compact();
        Ok(Applied::Compacted(learned))
    }

    /// Takes back the newest event. `None` if there is none.
    pub fn undo(&mut self) -> Option<Event> {
        let event = self.profile.events.pop()?;
        self.learner = fold(Arc::clone(self.learner.base()), &self.profile);
        Some(event)
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        self.profile = Profile::new(&self.profile.catalogue_id);
        self.learner = Learner::new(Arc::clone(self.learner.base()));
    }

    /// Lets the older half of the events go; their settled items stay settled.
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
                Action::Item { .. } | Action::Search { .. } => {}
            }
        }
        self.learner = fold(Arc::clone(self.learner.base()), &self.profile);
    }
}

fn fold(base: Arc<Base>, profile: &Profile) -> Learner {
    let mut learner = Learner::new(base);
    let settled: Vec<ItemIndex> = profile
        .settled
        .iter()
        .filter_map(|id| learner.pack().catalogue.find(id))
        .collect();
    settled.into_iter().for_each(|item| learner.settle(item));
    for event in &profile.events {
        learner.learn(event);
    }
    learner
}
