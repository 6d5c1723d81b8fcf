//! The visitor's personal state as it is stored: the log of events, nothing derived.

use serde::{Deserialize, Serialize};

use crate::catalogue::MAX_ID_BYTES;
use crate::event::{Action, Event, EventId, EventKind, MAX_QUERY_BYTES, MAX_TAG_BYTES, Time};
use crate::format::{self, FormatError, Kind, Problem};

/// Events that a profile keeps; when it is full the older half is let go (their items stay settled).
pub const MAX_EVENTS: usize = 1024;

/// Everything the device remembers about a visitor, for one catalogue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Catalogue it belongs to.
    pub catalogue_id: String,
    /// Items of events that were let go: still not to be recommended.
    pub settled: Vec<String>,
    /// Oldest first, at most [`MAX_EVENTS`].
    pub events: Vec<Event>,
}

#[derive(Serialize, Deserialize)]
struct StoredProfile {
    catalogue_id: String,
    settled: Vec<String>,
    events: Vec<StoredEvent>,
}

/// One event on disk; also the record of the write-ahead log.
#[derive(Serialize, Deserialize)]
struct StoredEvent {
    id: u64,
    at: i64,
    action: Action,
}

impl Profile {
    /// Empty, for that catalogue.
    pub fn new(catalogue_id: &str) -> Self {
        Self {
            catalogue_id: catalogue_id.to_owned(),
            ..Self::default()
        }
    }

    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let stored = StoredProfile {
            catalogue_id: self.catalogue_id.clone(),
            settled: self.settled.clone(),
            events: self.events.iter().map(to_stored).collect(),
        };
        format::encode(Kind::Profile, &stored)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Everything [`format::decode`] refuses, over-long texts, numbers that are none, too many
    /// events.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let stored: StoredProfile = format::decode(Kind::Profile, bytes)?;
        if stored.events.len() > MAX_EVENTS {
            return Err(body(format!(
                "it has {} events, more than {MAX_EVENTS}",
                stored.events.len()
            )));
        }
        if stored.catalogue_id.len() > MAX_ID_BYTES
            || stored.settled.iter().any(|id| id.len() > MAX_ID_BYTES)
        {
            return Err(body(format!(
                "an id in it is longer than {MAX_ID_BYTES} bytes"
            )));
        }
        let events: Result<Vec<Event>, FormatError> =
            stored.events.into_iter().map(checked).collect();
        Ok(Self {
            catalogue_id: stored.catalogue_id,
            settled: stored.settled,
            events: events?,
        })
    }
}

/// One event as a record of the log that is written before it is acknowledged.
pub fn encode_event(event: &Event) -> Vec<u8> {
    format::encode(Kind::Event, &to_stored(event))
}

/// Reads one record.
///
/// # Errors
/// Everything [`format::decode`] refuses, over-long texts, numbers that are none.
pub fn decode_event(bytes: &[u8]) -> Result<Event, FormatError> {
    checked(format::decode(Kind::Event, bytes)?)
}

fn to_stored(event: &Event) -> StoredEvent {
    StoredEvent {
        id: event.id.0,
        at: event.at.0,
        action: event.action.clone(),
    }
}

fn checked(stored: StoredEvent) -> Result<Event, FormatError> {
    let event = Event {
        id: EventId(stored.id),
        at: Time(stored.at),
        action: stored.action,
    };
    check(&event.action).map_err(body)?;
    Ok(event)
}

/// Is the action within the limits of the format?
///
/// # Errors
/// What is too long, or no number.
pub fn check(action: &Action) -> Result<(), String> {
    match action {
        Action::Item { item, .. } | Action::Remove { item } if item.len() > MAX_ID_BYTES => Err(
            format!("an item id in it is longer than {MAX_ID_BYTES} bytes"),
        ),
        Action::Item {
            item,
            kind: EventKind::Dwell { seconds },
        } if !(0.0..1e7).contains(seconds) => Err(format!(
            "the dwell on `{item}` is not a number of seconds from 0 to 10 million"
        )),
        Action::Search { query } if query.len() > MAX_QUERY_BYTES => Err(format!(
            "a search in it is longer than {MAX_QUERY_BYTES} bytes"
        )),
        Action::Wish { facet, value, .. }
            if facet.len() > MAX_TAG_BYTES || value.len() > MAX_TAG_BYTES =>
        {
            Err(format!("a tag in it is longer than {MAX_TAG_BYTES} bytes"))
        }
        _ => Ok(()),
    }
}

fn body(what: String) -> FormatError {
    FormatError {
        kind: Kind::Profile,
        problem: Problem::Body(what),
    }
}
