//! The profile in IndexedDB: an append-only log of events and what came before it.
//!
//! Database `honeyguide:<catalogue id>` (for a named profile `honeyguide:<catalogue id>@<name>`), version 1, stores:
//!
//! | Store | Key | Value |
//! |---|---|---|
//! | `log` | number, ascending | one event record (`recommender::profile::encode_event`) |
//! | `base` | `profile` | a profile without events: what compaction let go |
//! | `base` | `adapter` | the encoder's adapter in use (`recommender::encoder::adapter::Snapshot`) |
//! | `base` | `revision` | number of changes so far, for the other tabs |
//! | `set-aside` | milliseconds since the Unix epoch | values that could not be read, as found |
//!
//! Every change is one transaction, committed at once, so a crash loses at most the change in
//! flight. What cannot be read is moved to `set-aside`, never overwritten.

use std::cell::{Cell, RefCell};

use idb::{Database, Error, Factory, ObjectStoreParams, TransactionMode};
use js_sys::{Array, Uint8Array};
use recommender::Event;
use recommender::encoder::adapter::Snapshot;
use recommender::profile::{self, Profile};
use wasm_bindgen::{JsCast, JsValue};

use crate::desk::AdapterChange;

const LOG: &str = "log";
const BASE: &str = "base";
const SET_ASIDE: &str = "set-aside";

/// An open database.
pub struct Store {
    database: Database,
    /// Keys of the log with the size of each record, oldest first.
    keys: RefCell<Vec<(f64, u32)>>,
    base_bytes: Cell<u32>,
    revision: Cell<f64>,
}

/// What was stored.
pub struct Loaded {
    /// The profile, as far as it could be read; `None` if nothing is stored.
    pub profile: Option<Profile>,
    /// The adapter. One that cannot be read counts as none: it is trained again.
    pub adapter: Option<Snapshot>,
    /// What could not be read: a sentence and the bytes as found.
    pub set_aside: Option<(String, Vec<u8>)>,
}

impl Store {
    /// Opens or creates the database `honeyguide:<name>`; the name is the catalogue's id, and for a named
    /// profile that, `@` and its name.
    ///
    /// # Errors
    /// The browser refuses storage, or a later version of Honeyguide made the database.
    pub async fn open(name: &str) -> Result<Self, Error> {
        let mut request = Factory::new()?.open(&format!("honeyguide:{name}"), Some(1))?;
        request.on_upgrade_needed(|event| {
            use idb::DatabaseEvent;
            let Ok(database) = event.database() else {
                return;
            };
            for store in [LOG, BASE, SET_ASIDE] {
                // A failure shows when the store is used; the open request reports it then.
                let _ = database.create_object_store(store, ObjectStoreParams::new());
            }
        });
        let database = request.await?;
        Ok(Self {
            database,
            keys: RefCell::default(),
            base_bytes: Cell::new(0),
            revision: Cell::new(0.0),
        })
    }

    /// Number of changes so far, as far as this tab knows.
    pub fn revision(&self) -> f64 {
        self.revision.get()
    }

    /// Another tab appended a record of that size.
    pub fn note_append(&self, revision: f64, bytes: u32) {
        self.revision.set(revision);
        let key = self.next_key();
        self.keys.borrow_mut().push((key, bytes));
    }

    fn next_key(&self) -> f64 {
        self.keys.borrow().last().map_or(0.0, |(key, _)| key + 1.0)
    }

    /// Bytes of profile and log.
    pub fn bytes(&self) -> u32 {
        self.base_bytes.get()
            + self
                .keys
                .borrow()
                .iter()
                .map(|(_, bytes)| bytes)
                .sum::<u32>()
    }

    /// Reads everything. With `writer`, unreadable values are moved to the set-aside store.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn load(&self, catalogue_id: &str, writer: bool, now: f64) -> Result<Loaded, Error> {
        let transaction = self
            .database
            .transaction(&[LOG, BASE], TransactionMode::ReadOnly)?;
        let (log, base) = (
            transaction.object_store(LOG)?,
            transaction.object_store(BASE)?,
        );
        let keys = log.get_all_keys(None, None)?;
        let values = log.get_all(None, None)?;
        let profile = base.get(JsValue::from_str("profile"))?;
        let revision = base.get(JsValue::from_str("revision"))?;
        let adapter = base.get(JsValue::from_str("adapter"))?;
        let (keys, values) = (keys.await?, values.await?);
        let (stored, revision, adapter) = (profile.await?, revision.await?, adapter.await?);
        let adapter = adapter.and_then(|value| Snapshot::decode(&bytes_of(&value).ok()?).ok());
        self.revision
            .set(revision.and_then(|value| value.as_f64()).unwrap_or(0.0));

        let mut unread: Vec<(&str, JsValue, JsValue, String)> = Vec::new();
        let mut profile = None;
        self.base_bytes.set(0);
        if let Some(value) = stored {
            let decoded = bytes_of(&value).and_then(|bytes| {
                self.base_bytes.set(bytes.len() as u32);
                Profile::decode(&bytes).map_err(|error| error.to_string())
            });
            match decoded {
                Ok(read) => profile = Some(read),
                Err(why) => unread.push((BASE, JsValue::from_str("profile"), value, why)),
            }
        }
        let mut good = Vec::with_capacity(keys.len());
        for (key, value) in keys.into_iter().zip(values) {
            let decoded = bytes_of(&value).and_then(|bytes| {
                let event = profile::decode_event(&bytes).map_err(|error| error.to_string())?;
                Ok((event, bytes.len() as u32))
            });
            match (decoded, key.as_f64()) {
                (Ok((event, bytes)), Some(number)) => {
                    let profile = profile.get_or_insert_with(|| Profile::new(catalogue_id));
                    profile.events.push(event);
                    good.push((number, bytes));
                }
                (Ok(_), None) => unread.push((LOG, key, value, "its key is no number".into())),
                (Err(why), _) => unread.push((LOG, key, value, why)),
            }
        }
        *self.keys.borrow_mut() = good;
        let set_aside = match unread.first() {
            None => None,
            Some((_, _, _, why)) => {
                let message = format!(
                    "{} of the stored records could not be read ({why}). They were set aside on this \
                     device, everything else is in use.",
                    unread.len()
                );
                let bytes = unread
                    .iter()
                    .flat_map(|(_, _, value, _)| raw(value))
                    .collect();
                if writer {
                    self.move_aside(&unread, now).await?;
                }
                Some((message, bytes))
            }
        };
        Ok(Loaded {
            profile,
            adapter,
            set_aside,
        })
    }

    async fn move_aside(
        &self,
        unread: &[(&str, JsValue, JsValue, String)],
        now: f64,
    ) -> Result<(), Error> {
        let stores = [LOG, BASE, SET_ASIDE];
        let transaction = self
            .database
            .transaction(&stores, TransactionMode::ReadWrite)?;
        let aside = transaction.object_store(SET_ASIDE)?;
        for (number, (store, key, value, _)) in unread.iter().enumerate() {
            aside.put(value, Some(&JsValue::from_f64(now + number as f64)))?;
            transaction.object_store(store)?.delete(key.clone())?;
        }
        finish(transaction).await
    }

    /// Appends one event.
    ///
    /// # Errors
    /// The write failed; nothing is stored of it.
    pub async fn append(&self, event: &Event, adapter: &AdapterChange) -> Result<(), Error> {
        let record = profile::encode_event(event);
        let key = self.next_key();
        let transaction = self
            .database
            .transaction(&[LOG, BASE], TransactionMode::ReadWrite)?;
        transaction.object_store(LOG)?.add(
            &Uint8Array::from(record.as_slice()),
            Some(&JsValue::from_f64(key)),
        )?;
        self.put_revision(&transaction, adapter)?;
        finish(transaction).await?;
        self.keys.borrow_mut().push((key, record.len() as u32));
        self.revision.set(self.revision.get() + 1.0);
        Ok(())
    }

    /// Takes the newest event away.
    ///
    /// # Errors
    /// The write failed; the event is still there.
    pub async fn pop(&self, adapter: &AdapterChange) -> Result<(), Error> {
        let Some((key, _)) = self.keys.borrow().last().copied() else {
            return Ok(());
        };
        let transaction = self
            .database
            .transaction(&[LOG, BASE], TransactionMode::ReadWrite)?;
        transaction
            .object_store(LOG)?
            .delete(JsValue::from_f64(key))?;
        self.put_revision(&transaction, adapter)?;
        finish(transaction).await?;
        self.keys.borrow_mut().pop();
        self.revision.set(self.revision.get() + 1.0);
        Ok(())
    }

    /// Writes a whole profile in place of what is there, in one transaction. Forgetting writes an
    /// empty one; then nothing but the revision remains, what was set aside included.
    ///
    /// # Errors
    /// The write failed; what was there is still there.
    pub async fn replace(&self, profile: &Profile, adapter: &AdapterChange) -> Result<(), Error> {
        let stores = [LOG, BASE, SET_ASIDE];
        let transaction = self
            .database
            .transaction(&stores, TransactionMode::ReadWrite)?;
        let (log, base) = (
            transaction.object_store(LOG)?,
            transaction.object_store(BASE)?,
        );
        log.clear()?;
        let empty = profile.events.is_empty() && profile.settled.is_empty();
        let mut base_bytes = 0;
        if empty {
            base.clear()?;
            transaction.object_store(SET_ASIDE)?.clear()?;
        } else {
            let before = Profile {
                events: Vec::new(),
                ..profile.clone()
            }
            .encode();
            base_bytes = before.len() as u32;
            let value = Uint8Array::from(before.as_slice());
            base.put(&value, Some(&JsValue::from_str("profile")))?;
        }
        let mut keys = Vec::with_capacity(profile.events.len());
        for (number, event) in profile.events.iter().enumerate() {
            let record = profile::encode_event(event);
            let value = Uint8Array::from(record.as_slice());
            log.add(&value, Some(&JsValue::from_f64(number as f64)))?;
            keys.push((number as f64, record.len() as u32));
        }
        self.put_revision(&transaction, adapter)?;
        finish(transaction).await?;
        *self.keys.borrow_mut() = keys;
        self.base_bytes.set(base_bytes);
        self.revision.set(self.revision.get() + 1.0);
        Ok(())
    }

    /// Writes what changed of the adapter alone.
    ///
    /// # Errors
    /// The write failed; what was there is still there.
    pub async fn adapt(&self, adapter: &AdapterChange) -> Result<(), Error> {
        let transaction = self
            .database
            .transaction(&[BASE], TransactionMode::ReadWrite)?;
        self.put_revision(&transaction, adapter)?;
        finish(transaction).await?;
        self.revision.set(self.revision.get() + 1.0);
        Ok(())
    }

    fn put_revision(
        &self,
        transaction: &idb::Transaction,
        adapter: &AdapterChange,
    ) -> Result<(), Error> {
        let base = transaction.object_store(BASE)?;
        let key = JsValue::from_str("adapter");
        match adapter {
            AdapterChange::None => {}
            AdapterChange::Put(record) => {
                base.put(&Uint8Array::from(record.as_slice()), Some(&key))?;
            }
            AdapterChange::Erase => {
                base.delete(key)?;
            }
        }
        let next = JsValue::from_f64(self.revision.get() + 1.0);
        base.put(&next, Some(&JsValue::from_str("revision")))?;
        Ok(())
    }
}

/// Commits now instead of when the browser next looks, and waits for it.
async fn finish(transaction: idb::Transaction) -> Result<(), Error> {
    let result = transaction.commit()?.await?;
    if result.is_committed() {
        Ok(())
    } else {
        Err(Error::TransactionOpenFailed(JsValue::from_str(
            "the browser aborted the write",
        )))
    }
}

fn bytes_of(value: &JsValue) -> Result<Vec<u8>, String> {
    value
        .dyn_ref::<Uint8Array>()
        .map(Uint8Array::to_vec)
        .ok_or_else(|| "it is not bytes".to_owned())
}

/// A value as bytes for saving: bytes as they are, anything else as JSON.
fn raw(value: &JsValue) -> Vec<u8> {
    if let Ok(bytes) = bytes_of(value) {
        return bytes;
    }
    let text = js_sys::JSON::stringify(&Array::of1(value)).map(String::from);
    text.unwrap_or_default().into_bytes()
}

#[cfg(test)]
mod tests;
