//! The ranker's desk: a session on a pack, answering in the page's messages. No browser in here, so
//! it is tested natively.

mod explain;
mod filter;
mod list;

use std::sync::Arc;

use recommender::encoder::adapter::Snapshot;
use recommender::profile::MAX_EVENTS;
use recommender::session::{Applied, Exchange, Progress};
use recommender::{
    Action, Base, Event, EventId, EventKind as Kind, Expert, ItemIndex, Pack, Profile, Session,
    Time, Wish as Wished,
};

use crate::messages::{EventKind, ExpertWeight, Failure, Filter, HistoryView, Op, Summary, Wish};
use crate::training::Choices;
use crate::view;

/// Longest list that is ranked; also how deep places are remembered for the moved marks.
const DEPTH: usize = 200;

/// History entries that the page is told.
const SHOWN_HISTORY: usize = 30;

/// What an operation did to the profile, for storage and for the other tabs.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// One event more.
    Appended(Event),
    /// The newest event is gone.
    Popped,
    /// Everything may differ: write the whole profile.
    Replaced,
    /// A repeated delivery, or nothing to undo.
    None,
}

/// What is to be done with the stored adapter.
#[derive(Clone, Debug, PartialEq)]
pub enum AdapterChange {
    /// It is as it was.
    None,
    /// Store this record.
    Put(Vec<u8>),
    /// Erase it.
    Erase,
}

/// Tokens that are encoded again in one slice, so that a click waits for no more than about a
/// millisecond.
const SLICE: usize = 8;

/// A session and what was last shown of it.
pub struct Desk {
    session: Session,
    /// An adapter on its way in.
    exchange: Option<Exchange>,
    /// The adapter as it is stored.
    stored_adapter: Option<Snapshot>,
    /// Added to the session's revision, which starts anew with every session.
    revision: u64,
    by_popularity: Vec<ItemIndex>,
    /// The last ranking, best first.
    places: Vec<ItemIndex>,
    /// The last filter and what passes it.
    filtered: (Filter, Option<Vec<ItemIndex>>),
}

impl Desk {
    /// Opens a pack with a stored profile and adapter. An adapter that does not fit is left out.
    ///
    /// # Errors
    /// The profile is of another catalogue.
    pub fn new(
        pack: Pack,
        profile: Option<Profile>,
        adapter: Option<Snapshot>,
    ) -> Result<Self, Failure> {
        let by_popularity = pack.by_popularity();
        let profile = profile.unwrap_or_else(|| Profile::new(&pack.manifest.catalogue_id));
        let base = Arc::new(Base::new(pack));
        Ok(Self {
            session: open(base, profile, adapter.clone())?,
            exchange: None,
            stored_adapter: adapter,
            revision: 0,
            by_popularity,
            places: Vec::new(),
            filtered: (Filter::default(), None),
        })
    }

    /// The pack.
    pub fn pack(&self) -> &Pack {
        self.session.learner().pack()
    }

    /// The adapter in use, as its stored record; empty: none.
    pub fn adapter_record(&self) -> Vec<u8> {
        self.session
            .adapter()
            .map_or_else(Vec::new, Snapshot::encode)
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        self.session.profile()
    }

    /// Takes over another state of the same profile (another tab wrote it).
    ///
    /// # Errors
    /// The profile is of another catalogue.
    pub fn replace(&mut self, profile: Profile, adapter: Option<Snapshot>) -> Result<(), Failure> {
        let base = Arc::clone(self.session.learner().base());
        let session = open(base, profile, adapter)?;
        self.revision += self.session.revision() + 1;
        self.session = session;
        self.exchange = None;
        Ok(())
    }

    /// Notes what is stored, as read from the store.
    pub fn note_stored_adapter(&mut self, adapter: Option<Snapshot>) {
        self.stored_adapter = adapter;
    }

    /// What is to be done so that the stored adapter is the one in use.
    pub fn adapter_change(&mut self) -> AdapterChange {
        let used = self.session.adapter();
        if used == self.stored_adapter.as_ref() {
            return AdapterChange::None;
        }
        self.stored_adapter = used.cloned();
        used.map_or(AdapterChange::Erase, |used| {
            AdapterChange::Put(used.encode())
        })
    }

    /// What a trainer needs to know; `None` if the pack has no encoder.
    pub fn choices(&self) -> Option<Choices> {
        let learner = self.session.learner();
        let base = learner.encoder_fingerprint()?;
        let adapter = self.session.adapter();
        Some(Choices {
            tokens: learner.tokens(),
            revision: self.trained_revision(),
            adapter: adapter.map_or_else(Vec::new, |adapter| adapter.values.clone()),
            base: format!("{base:016x}"),
        })
    }

    fn trained_revision(&self) -> u32 {
        (self.revision + self.session.revision()) as u32
    }

    /// Starts to take over an adapter that was trained on the choices of `revision`. `false`: it
    /// came too late (choices were taken back), or it is none that this encoder takes.
    pub fn begin_adapter(&mut self, values: Vec<f32>, revision: u32, base: &str) -> bool {
        let print = self.session.learner().encoder_fingerprint();
        let fits = revision == self.trained_revision()
            && print.is_some_and(|print| format!("{print:016x}") == base);
        self.exchange = fits.then(|| self.session.exchange(values).ok()).flatten();
        self.exchange.is_some()
    }

    /// One slice of the work that [`Self::begin_adapter`] started. `None`: there is more;
    /// `Some(true)`: the adapter is in use; `Some(false)`: it was dropped.
    pub fn advance_adapter(&mut self) -> Option<bool> {
        let Some(mut exchange) = self.exchange.take() else {
            return Some(false);
        };
        match self.session.advance(&mut exchange, SLICE) {
            Progress::Behind => {
                self.exchange = Some(exchange);
                None
            }
            Progress::Void => Some(false),
            Progress::Ready => Some(self.session.take_over(exchange).is_some()),
        }
    }

    /// The list that was last ranked, as far as `limit`.
    pub fn shown(&self, limit: usize) -> &[ItemIndex] {
        &self.places[..limit.min(self.places.len())]
    }

    /// Choices up to the point where the adapter in use was taken over; 0: none is in use.
    pub fn adapted_choices(&self) -> u32 {
        let Some(adapter) = self.session.adapter() else {
            return 0;
        };
        let events = &self.profile().events;
        let end = events
            .iter()
            .position(|event| Some(event.id) == adapter.through);
        let choices = events[..end.map_or(0, |end| end + 1)].iter().filter(
            |event| matches!(&event.action, Action::Item { kind, .. } if kind.is_positive()),
        );
        // One that outlived its events was trained on some.
        (choices.count() as u32).max(1)
    }

    /// Does what the visitor asked for.
    ///
    /// # Errors
    /// Unknown items, files that are no profile of this catalogue, events over the limits. Nothing
    /// is changed then.
    pub fn act(&mut self, op: &Op) -> Result<Change, Failure> {
        match op {
            Op::Event {
                id,
                at,
                kind,
                item,
                seconds,
                query,
            } => {
                let action = match kind {
                    EventKind::Search => Action::Search {
                        query: query.clone(),
                    },
                    kind => Action::Item {
                        item: self.known(item)?,
                        kind: kind_of(*kind, *seconds),
                    },
                };
                self.apply(Event {
                    id: EventId(*id),
                    at: Time(*at as i64),
                    action,
                })
            }
            Op::Remove { item } => {
                // The same removal twice is the same removal, so its id follows from what it takes
                // away: the newest event before it.
                let newest = self.profile().events.last().map_or(0, |event| event.id.0);
                let id =
                    recommender::random::hash(format!("remove {item} after {newest}").as_bytes());
                let at = self
                    .profile()
                    .events
                    .last()
                    .map_or(Time(0), |event| event.at);
                let action = Action::Remove {
                    item: self.known(item)?,
                };
                self.apply(Event {
                    id: EventId(id >> 11),
                    at,
                    action,
                })
            }
            Op::Wish {
                id,
                at,
                facet,
                value,
                wish,
            } => self.apply(Event {
                id: EventId(*id),
                at: Time(*at as i64),
                action: Action::Wish {
                    facet: facet.clone(),
                    value: value.clone(),
                    wish: wish_of(*wish),
                },
            }),
            Op::Redo => Ok(match self.session.redo() {
                Some((event, applied)) => change(event, applied),
                None => Change::None,
            }),
            Op::Undo => Ok(if self.session.undo().is_some() {
                Change::Popped
            } else {
                Change::None
            }),
            Op::Forget => {
                self.session.forget();
                Ok(Change::Replaced)
            }
            Op::Import { bytes } => {
                let profile = Profile::decode(bytes).map_err(|error| Failure::Profile {
                    message: error.to_string(),
                })?;
                self.replace(profile, None)?;
                Ok(Change::Replaced)
            }
        }
    }

    /// Learns from one event.
    ///
    /// # Errors
    /// The event is over the limits of the profile.
    pub fn apply(&mut self, event: Event) -> Result<Change, Failure> {
        let kept = event.clone();
        let applied = self
            .session
            .apply(event)
            .map_err(|message| Failure::Refused { message })?;
        Ok(change(kept, applied))
    }

    fn known(&self, item: &str) -> Result<String, Failure> {
        match self.pack().catalogue.find(item) {
            Some(_) => Ok(item.to_owned()),
            None => Err(Failure::UnknownItem {
                item: item.to_owned(),
            }),
        }
    }

    /// What the learner knows. The three byte counts are the caller's.
    pub fn summary(&self, stored_bytes: u32, bytes_sent: u32, memory_bytes: u32) -> Summary {
        let learner = self.session.learner();
        let initial = self.pack().hyper.weights;
        let weights = Expert::ALL.iter().zip(learner.weights()).zip(initial);
        Summary {
            events: learner.events(),
            seen: learner.settled_count(),
            records: self.profile().events.len() as u32,
            can_undo: !self.profile().events.is_empty(),
            can_redo: self.session.can_redo(),
            drifts: learner.drifts(),
            weights: weights
                .map(|((expert, weight), initial)| ExpertWeight {
                    expert: expert.name().to_owned(),
                    weight,
                    initial,
                })
                .collect(),
            history: self.history(),
            stored_bytes,
            bytes_sent,
            memory_bytes,
            adapted_choices: self.adapted_choices(),
        }
    }

    fn history(&self) -> Vec<HistoryView> {
        let catalogue = &self.pack().catalogue;
        let mut removed: Vec<&str> = Vec::new();
        let mut shown = Vec::new();
        for event in self.profile().events.iter().rev() {
            match &event.action {
                Action::Remove { item } => removed.push(item),
                Action::Item { item, kind } if !removed.contains(&item.as_str()) => {
                    if let Some(index) = catalogue.find(item) {
                        shown.push(HistoryView {
                            item: item.clone(),
                            title: catalogue.item(index).title.clone(),
                            kind: view::kind_view(*kind),
                        });
                    }
                }
                Action::Item { .. } | Action::Search { .. } | Action::Wish { .. } => {}
            }
            if shown.len() == SHOWN_HISTORY {
                break;
            }
        }
        shown
    }
}

fn open(base: Arc<Base>, profile: Profile, adapter: Option<Snapshot>) -> Result<Session, Failure> {
    Session::with_adapter(base, profile, adapter).map_err(|error| Failure::Profile {
        message: error.to_string(),
    })
}

fn change(event: Event, applied: Applied) -> Change {
    match applied {
        Applied::Appended(_) => Change::Appended(event),
        Applied::Compacted(_) => Change::Replaced,
        Applied::Repeated => Change::None,
    }
}

fn wish_of(wish: Wish) -> Wished {
    match wish {
        Wish::More => Wished::More,
        Wish::Less => Wished::Less,
        Wish::Never => Wished::Never,
        Wish::Clear => Wished::Clear,
        Wish::Forget => Wished::Forget,
    }
}

fn kind_of(kind: EventKind, seconds: f32) -> Kind {
    match kind {
        EventKind::Impression | EventKind::Search => Kind::Impression,
        EventKind::Click => Kind::Click,
        EventKind::Dwell => Kind::Dwell { seconds },
        EventKind::Like => Kind::Like,
        EventKind::Dislike => Kind::Dislike,
        EventKind::Dismiss => Kind::Dismiss,
        EventKind::Purchase => Kind::Purchase,
    }
}

const _: () = assert!(SHOWN_HISTORY < MAX_EVENTS);
