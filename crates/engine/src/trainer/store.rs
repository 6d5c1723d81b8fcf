//! The unfinished training in IndexedDB.
//!
//! Database `honeyguide:training`, version 1, one store `training`:
//!
//! | Key | Value |
//! |---|---|
//! | `inputs` | [`Inputs`](super::inputs::Inputs), written once |
//! | `state` | the newest checkpoint ([`Job::store`](super::job::Job::store)) |
//! | `about` | [`StoredTraining`], so that asking for it reads nothing large |
//!
//! Each is bytes in the envelope of `recommender::format`. A checkpoint is one transaction, so a crash
//! leaves the one before. A database of a later version is refused by the browser and left alone.

use idb::{Database, Error, Factory, ObjectStoreParams, Transaction, TransactionMode};
use js_sys::{Array, Uint8Array};
use recommender::format::{self, Kind};
use wasm_bindgen::{JsCast, JsValue};

use super::Problem;
use super::browser::{ask, call, get, scope};
use crate::training::{Fault, StoredTraining};

const STORE: &str = "training";
const INPUTS: &str = "inputs";
const STATE: &str = "state";
const ABOUT: &str = "about";

/// An open database.
pub(super) struct Store {
    database: Database,
    name: String,
}

/// An open connection keeps others from deleting the database.
impl Drop for Store {
    fn drop(&mut self) {
        self.database.close();
    }
}

impl Store {
    /// Is there a database of that name? It is there from the start of a training to its end. True
    /// where the browser does not tell.
    pub(super) async fn exists(name: &str) -> bool {
        let Ok(factory) = get(&scope(), "indexedDB") else {
            return false;
        };
        let Ok(all) = ask(&factory, "databases", &Array::new()).await else {
            return factory.is_object();
        };
        Array::from(&all)
            .iter()
            .any(|one| get(&one, "name").is_ok_and(|found| found == name))
    }

    /// Opens or creates the database of that name.
    ///
    /// # Errors
    /// The browser refuses storage, or a later version of Honeyguide made the database.
    pub(super) async fn open(name: &str) -> Result<Self, Problem> {
        Self::try_open(name).await.map_err(refused)
    }

    async fn try_open(name: &str) -> Result<Self, Error> {
        let mut request = Factory::new()?.open(name, Some(1))?;
        request.on_upgrade_needed(|event| {
            use idb::DatabaseEvent;
            if let Ok(database) = event.database() {
                // A failure shows when the store is used; the open request reports it then.
                let _ = database.create_object_store(STORE, ObjectStoreParams::new());
            }
        });
        Ok(Self {
            database: request.await?,
            name: name.to_owned(),
        })
    }

    /// What is stored, if anything is.
    ///
    /// # Errors
    /// The browser refuses, or it cannot be read.
    pub(super) async fn about(&self) -> Result<Option<StoredTraining>, Problem> {
        let [about] = self.get([ABOUT]).await?;
        about
            .map(|bytes| format::decode(Kind::Checkpoint, &bytes))
            .transpose()
            .map_err(|error| Problem::new(Fault::Checkpoint, error))
    }

    /// Inputs and newest checkpoint.
    ///
    /// # Errors
    /// The browser refuses.
    pub(super) async fn load(&self) -> Result<Option<(Vec<u8>, Vec<u8>)>, Problem> {
        let [inputs, state] = self.get([INPUTS, STATE]).await?;
        Ok(inputs.zip(state))
    }

    async fn get<const N: usize>(&self, keys: [&str; N]) -> Result<[Option<Vec<u8>>; N], Problem> {
        let read = async {
            let transaction = self
                .database
                .transaction(&[STORE], TransactionMode::ReadOnly)?;
            let store = transaction.object_store(STORE)?;
            // All are asked for before one is waited for: a transaction without a request ends.
            let asked = keys.map(|key| store.get(JsValue::from_str(key)));
            let mut found = [const { None }; N];
            for (asked, found) in asked.into_iter().zip(&mut found) {
                let value = asked?.await?;
                let bytes = value.and_then(|value| value.dyn_into::<Uint8Array>().ok());
                *found = bytes.map(|bytes| bytes.to_vec());
            }
            Ok(found)
        };
        read.await.map_err(refused)
    }

    /// Writes a checkpoint over the one before; `inputs` with the first.
    ///
    /// # Errors
    /// The browser refuses, for want of room say; what was there is still there.
    pub(super) async fn save(
        &self,
        about: &StoredTraining,
        state: &[u8],
        inputs: Option<&[u8]>,
    ) -> Result<(), Problem> {
        let write = async {
            let transaction = self
                .database
                .transaction(&[STORE], TransactionMode::ReadWrite)?;
            let store = transaction.object_store(STORE)?;
            let about = format::encode(Kind::Checkpoint, about);
            let all = [
                (ABOUT, Some(&*about)),
                (STATE, Some(state)),
                (INPUTS, inputs),
            ];
            for (key, bytes) in all {
                if let Some(bytes) = bytes {
                    store.put(&Uint8Array::from(bytes), Some(&JsValue::from_str(key)))?;
                }
            }
            finish(transaction).await
        };
        write.await.map_err(refused)
    }

    /// Forgets the training. The database goes, too, as soon as nobody else has it open.
    ///
    /// # Errors
    /// The browser refuses.
    pub(super) async fn erase(self) -> Result<(), Problem> {
        let write = async {
            let transaction = self
                .database
                .transaction(&[STORE], TransactionMode::ReadWrite)?;
            transaction.object_store(STORE)?.clear()?;
            finish(transaction).await
        };
        write.await.map_err(refused)?;
        if let Ok(factory) = get(&scope(), "indexedDB") {
            // It waits until this connection is closed, so nobody can wait for it here.
            let _ = call(
                &factory,
                "deleteDatabase",
                &Array::of1(&(&self.name).into()),
            );
        }
        Ok(())
    }
}

/// Commits now instead of when the browser next looks, and waits for it.
async fn finish(transaction: Transaction) -> Result<(), Error> {
    let result = transaction.commit()?.await?;
    if result.is_committed() {
        Ok(())
    } else {
        Err(Error::TransactionOpenFailed(JsValue::from_str(
            "the browser aborted the write",
        )))
    }
}

fn refused(error: Error) -> Problem {
    Problem::new(
        Fault::Storage,
        format!(
            "the browser's storage refused ({error}); a training goes on, but a reload would lose it"
        ),
    )
}

#[cfg(test)]
mod tests;
