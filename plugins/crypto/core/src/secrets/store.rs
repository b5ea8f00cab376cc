//! A store that is open.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::file::{Content, Files, Header};
use super::key::{self, Keys};
use super::nonces::{Count, Counts};
use super::sealed::{self, Record};
use super::{Kind, Managed, Secret, SecretId, StoreError};
use crate::{Config, Errno, Limits, Result, version};

/// The version that a secret begins with.
const FIRST_VERSION: u64 = 1;

/// The store of a host.
pub(crate) struct Store {
    files: Files,
    keys: Keys,
    greatest_count: usize,
    greatest_len: usize,
    greatest_total: usize,
    nonces: Counts,
    current: Mutex<Current>,
}

/// What was last read or written.
struct Current {
    content: Content,
    header: Header,
}

fn files(config: &Config) -> Option<Files> {
    let store = config.store.clone()?;
    let key = config
        .store_key
        .clone()
        .unwrap_or_else(|| key::default_path(&store));
    Some(Files { store, key })
}

impl Store {
    /// Opens the store of a configuration, and makes it and its key where neither is there.
    pub(crate) fn open(config: &Config) -> core::result::Result<Option<Self>, StoreError> {
        let Some(files) = files(config) else {
            return Ok(None);
        };
        let _turn = files.lock()?;
        let exists = |path: &Path| path.try_exists().map_err(StoreError::io("read", path));
        let (has_store, has_key) = (exists(&files.store)?, exists(&files.key)?);
        if has_store && !has_key {
            return Err(StoreError::NoKey {
                store: files.store,
                key: files.key,
            });
        }
        let keys = if has_key {
            Keys::read(&files.key)?
        } else {
            Keys::create(&files.key)?
        };
        if !has_store {
            files.replace(&keys, &Content::default())?;
        }
        let (content, header) = files.read(&keys)?;
        let Limits {
            stored,
            stored_bytes,
            stored_total,
            ..
        } = config.limits;
        Ok(Some(Self {
            files,
            keys,
            greatest_count: stored,
            greatest_len: stored_bytes,
            greatest_total: stored_total,
            nonces: Counts::default(),
            current: Mutex::new(Current { content, header }),
        }))
    }

    /// Stores a new secret; it is on the disk when this returns.
    ///
    /// # Errors
    /// `overflow` at the limits, `internal_error` when the file cannot be used.
    pub(crate) fn add(&self, secret: &Secret) -> Result<Managed> {
        self.check_len(&secret.content)?;
        let id = SecretId::random()?;
        self.change(|content| self.insert(content, id, FIRST_VERSION, secret))
    }

    /// Stores the next version of a secret.
    ///
    /// # Errors
    /// `not_found`, `incompatible_keys` when the algorithm is another one, and as [`Store::add`].
    pub(crate) fn replace(&self, id: SecretId, secret: &Secret) -> Result<Managed> {
        self.check_len(&secret.content)?;
        self.change(|content| {
            let versions = || {
                content
                    .records
                    .iter()
                    .filter(|record| record.id == id && record.kind == secret.kind)
            };
            let newest = versions()
                .filter(|record| !record.revoked)
                .max_by_key(|record| record.version);
            let stored = newest.ok_or(Errno::NotFound)?.open(&self.keys)?;
            if (stored.algorithm_type, &stored.algorithm)
                != (secret.algorithm_type, &secret.algorithm)
            {
                return Err(Errno::IncompatibleKeys);
            }
            let greatest = versions()
                .map(|record| record.version)
                .max()
                .unwrap_or_default();
            let next = greatest
                .checked_add(1)
                .filter(|next| *next <= version::GREATEST)
                .ok_or(Errno::Overflow)?;
            let managed = self.insert(content, id, next, secret)?;
            // Of revoked versions, the number of the greatest is all that mattered.
            content
                .records
                .retain(|record| record.id != id || !record.revoked);
            Ok(managed)
        })
    }

    /// A stored secret: a version, or [`version::LATEST`].
    ///
    /// # Errors
    /// `not_found`, also when it is of another kind; `expired`; `internal_error` when it is damaged.
    pub(crate) fn load(&self, kind: Kind, id: SecretId, wanted: u64) -> Result<(Secret, Managed)> {
        let current = self.current()?;
        let record = find(&current.content.records, id, |other| other == kind, wanted)
            .ok_or(Errno::NotFound)?;
        record.check_date()?;
        let secret = record.open(&self.keys).inspect_err(|_| {
            tracing::error!(store = %self.files.store.display(), "a stored secret is damaged");
        })?;
        Ok((
            secret,
            Managed {
                id,
                version: record.version,
                expiration: record.expiration,
            },
        ))
    }

    /// Revokes a version of a secret, [`version::LATEST`] or [`version::ALL`].
    ///
    /// # Errors
    /// `not_found`, `internal_error` when the file cannot be written.
    pub(crate) fn invalidate(
        &self,
        kinds: impl Fn(Kind) -> bool,
        id: SecretId,
        wanted: u64,
    ) -> Result<()> {
        self.change(|content| {
            let found = match wanted {
                version::ALL => content
                    .records
                    .iter()
                    .find(|record| record.id == id && kinds(record.kind)),
                _ => find(&content.records, id, &kinds, wanted),
            };
            let (kind, revoked) = found
                .map(|record| (record.kind, record.version))
                .ok_or(Errno::NotFound)?;
            let greatest = content
                .records
                .iter()
                .filter(|record| record.id == id)
                .map(|record| record.version)
                .max();
            content.records.retain(|record| {
                record.id != id || (wanted != version::ALL && record.version != revoked)
            });
            let lives = content
                .records
                .iter()
                .any(|record| record.id == id && !record.revoked);
            if !lives {
                content.records.retain(|record| record.id != id);
            } else if greatest == Some(revoked) {
                // Its number must not be given again.
                content
                    .records
                    .push(Record::seal(&self.keys, kind, (id, revoked), None)?);
            }
            Ok(())
        })
    }

    /// The count of the random nonces of a stored key, which was `own` before it was stored.
    pub(crate) fn nonces(&self, managed: &Managed, own: &Count) -> Count {
        let most = self.greatest_count.saturating_mul(2);
        self.nonces.of(managed, own, most, || {
            let current = self.current.lock();
            let current = current.unwrap_or_else(PoisonError::into_inner);
            let records = current.content.records.iter();
            records.map(|record| (record.id, record.version)).collect()
        })
    }

    /// Encrypts a secret that the guest keeps itself.
    ///
    /// # Errors
    /// `overflow` when it is too long.
    pub(crate) fn encapsulate(&self, secret: &[u8], expiration: u64) -> Result<Vec<u8>> {
        self.check_len(secret)?;
        sealed::encapsulate(&self.keys, secret, expiration)
    }

    /// The secret that was encrypted.
    ///
    /// # Errors
    /// `overflow` when it is longer than any that is made; `verification_failed`, `expired`.
    pub(crate) fn decapsulate(&self, encapsulated: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let longest = self.greatest_len.saturating_add(sealed::OVERHEAD);
        if encapsulated.len() > longest {
            return Err(Errno::Overflow);
        }
        sealed::decapsulate(&self.keys, encapsulated)
    }

    /// Asked before a secret is copied.
    ///
    /// # Errors
    /// `overflow`.
    pub(crate) fn check_len(&self, secret: &[u8]) -> Result<()> {
        if secret.len() <= self.greatest_len {
            Ok(())
        } else {
            Err(Errno::Overflow)
        }
    }

    fn insert(
        &self,
        content: &mut Content,
        id: SecretId,
        version: u64,
        secret: &Secret,
    ) -> Result<Managed> {
        let record = Record::seal(&self.keys, secret.kind, (id, version), Some(secret))?;
        let fits = |content: &Content| {
            content.records.len() < self.greatest_count
                && content.len().saturating_add(record.len()) <= self.greatest_total
        };
        if !fits(content) {
            // Before anything is refused, what nobody can use any more goes.
            drop_expired(&mut content.records);
        }
        if !fits(content) {
            return Err(Errno::Overflow);
        }
        content.records.push(record);
        Ok(Managed {
            id,
            version,
            expiration: secret.expiration,
        })
    }

    /// Changes the content, and is done when that is on the disk. What fails changes nothing.
    fn change<T>(&self, change: impl FnOnce(&mut Content) -> Result<T>) -> Result<T> {
        let _turn = self.files.lock().map_err(|error| self.report(&error))?;
        let mut current = self.current()?;
        let mut content = current.content.clone();
        let result = change(&mut content)?;
        content.generation = content
            .generation
            .checked_add(1)
            .ok_or(Errno::InternalError)?;
        let header = self
            .files
            .replace(&self.keys, &content)
            .map_err(|error| self.report(&error))?;
        *current = Current { content, header };
        Ok(result)
    }

    /// The content as it is on the disk; other hosts may have written it.
    fn current(&self) -> Result<MutexGuard<'_, Current>> {
        let mut current = self.current.lock().map_err(|_| Errno::InternalError)?;
        let header = self
            .files
            .header(&self.keys)
            .map_err(|error| self.report(&error))?;
        if header != current.header {
            let (content, header) = self
                .files
                .read(&self.keys)
                .map_err(|error| self.report(&error))?;
            if header.generation() <= current.header.generation() && header != current.header {
                return Err(self.report(&StoreError::damaged(
                    &self.files.store,
                    "a former one has taken its place",
                )));
            }
            *current = Current { content, header };
        }
        Ok(current)
    }

    /// Guests learn that there is an error; what it is, is the host's.
    fn report(&self, error: &StoreError) -> Errno {
        tracing::error!(store = %self.files.store.display(), "{error}");
        Errno::InternalError
    }
}

/// A version that was not revoked.
fn find(
    records: &[Record],
    id: SecretId,
    kinds: impl Fn(Kind) -> bool,
    wanted: u64,
) -> Option<&Record> {
    let versions = records
        .iter()
        .filter(|record| record.id == id && kinds(record.kind) && !record.revoked);
    match wanted {
        version::LATEST => versions.max_by_key(|record| record.version),
        _ => versions.into_iter().find(|record| record.version == wanted),
    }
}

/// Drops what has expired, but for the greatest version of what is still used: its number must not be given again.
fn drop_expired(records: &mut Vec<Record>) {
    let is_fresh = |record: &Record| !record.revoked && record.check_date().is_ok();
    let mut versions: HashMap<SecretId, (u64, bool)> = HashMap::new();
    for record in records.iter() {
        let (greatest, used) = versions.entry(record.id).or_default();
        *greatest = record.version.max(*greatest);
        *used |= is_fresh(record);
    }
    records.retain(|record| {
        let (greatest, used) = versions.get(&record.id).copied().unwrap_or_default();
        is_fresh(record) || (used && record.version == greatest)
    });
}
