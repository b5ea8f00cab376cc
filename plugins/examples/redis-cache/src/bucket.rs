//! What can be done with a bucket, in Redis's commands.

use std::sync::Arc;
use std::time::Instant;

use redis::{RedisResult, cmd, pipe};

use crate::Shared;
use crate::config::Access;
use crate::error::Error;
use crate::pool::{Repeat, Timed};

/// Bytes of a key, without the prefix.
const KEY: usize = 1_024;
/// Keys of one call.
const KEYS: usize = 1_000;
/// How many keys the server looks at before it answers a scan.
const SCAN: usize = 500;
/// How many such answers without a key of the bucket are waited for in one call.
const SCANS: usize = 100;

/// Keys with their values, in the order asked for; `None` for a key that has none.
pub(crate) type Pairs = Vec<Option<(String, Vec<u8>)>>;

/// All keys of the server that begin with a prefix.
#[derive(Debug, Clone)]
pub struct Bucket {
    shared: Arc<Shared>,
    prefix: String,
    access: Access,
}

impl Bucket {
    pub(crate) fn new(shared: Arc<Shared>, prefix: String, access: Access) -> Self {
        Bucket {
            shared,
            prefix,
            access,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.get_until(self.until(), key)
    }

    /// `get`, as a part of a call that must have ended then.
    pub(crate) fn get_until(&self, until: Instant, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let key = self.key(key)?;
        let most = self.shared.config.value;
        // Others write into the server too. Of a value that is too large no more than one byte too much is sent.
        let (there, value): (bool, Vec<u8>) =
            self.run_until(until, Repeat::Harmless, |server| {
                pipe()
                    .atomic()
                    .cmd("EXISTS")
                    .arg(&key)
                    .cmd("GETRANGE")
                    .arg(&key)
                    .arg(0)
                    .arg(most)
                    .query(server)
            })?;
        self.check_value(&value)?;
        Ok(there.then_some(value))
    }

    pub(crate) fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.check_writing()?;
        self.check_value(value)?;
        let key = self.key(key)?;
        self.run(Repeat::Harmless, |server| {
            cmd("SET").arg(&key).arg(value).query(server)
        })
    }

    pub(crate) fn delete(&self, key: &str) -> Result<(), Error> {
        self.delete_many(&[key])
    }

    pub(crate) fn exists(&self, key: &str) -> Result<bool, Error> {
        let key = self.key(key)?;
        self.run(Repeat::Harmless, |server| {
            cmd("EXISTS").arg(&key).query(server)
        })
    }

    /// Some keys, and where the next ones are. A cursor is the server's; 0 is the beginning.
    pub(crate) fn list_keys(&self, cursor: u64) -> Result<(Vec<String>, Option<u64>), Error> {
        let pattern = format!("{}*", literally(&self.prefix));
        let scan = |server: &mut Timed<'_>| {
            let mut cursor = cursor;
            let mut keys = Vec::new();
            for _ in 0..SCANS {
                let (next, found): (u64, Vec<Vec<u8>>) = cmd("SCAN")
                    .arg(cursor)
                    .arg("MATCH")
                    .arg(&pattern)
                    .arg("COUNT")
                    .arg(SCAN)
                    .query(server)?;
                // Keys that are no text cannot be a guest's.
                keys.extend(found.iter().filter_map(|key| {
                    let key = std::str::from_utf8(key).ok()?;
                    Some(key.strip_prefix(&self.prefix)?.to_owned())
                }));
                cursor = next;
                if cursor == 0 || !keys.is_empty() {
                    break;
                }
            }
            Ok((keys, (cursor != 0).then_some(cursor)))
        };
        self.run(Repeat::Harmless, scan)
    }

    pub(crate) fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        self.check_writing()?;
        let key = self.key(key)?;
        let result = self.run(Repeat::Never, |server| {
            cmd("INCRBY").arg(&key).arg(delta).query(server)
        });
        match result {
            Err(Error::Refused(error)) if error.code() == Some("ERR") => Err(Error::NotANumber),
            result => result,
        }
    }

    /// The keys with their values, in their order.
    pub(crate) fn get_many(&self, keys: &[&str]) -> Result<Pairs, Error> {
        let full = self.keys(keys)?;
        if full.is_empty() {
            return Ok(Vec::new());
        }
        // One key may be asked for many times, so a short question can have a very long answer.
        let until = self.until();
        let sizes: Vec<usize> = self.run_until(until, Repeat::Harmless, |server| {
            let mut pipe = pipe();
            for key in &full {
                pipe.cmd("STRLEN").arg(key);
            }
            pipe.query(server)
        })?;
        if sizes.iter().any(|size| *size > self.shared.config.value) {
            return Err(Error::ValueTooLarge(self.shared.config.value));
        }
        self.check_batch(sizes.into_iter())?;
        let values: Vec<Option<Vec<u8>>> = self.run_until(until, Repeat::Harmless, |server| {
            cmd("MGET").arg(&full).query(server)
        })?;
        let pairs = keys.iter().zip(values);
        Ok(pairs
            .map(|(key, value)| Some(((*key).to_owned(), value?)))
            .collect())
    }

    pub(crate) fn set_many(&self, pairs: &[(&str, &[u8])]) -> Result<(), Error> {
        self.check_writing()?;
        let keys: Vec<&str> = pairs.iter().map(|(key, _)| *key).collect();
        let full = self.keys(&keys)?;
        for (_, value) in pairs {
            self.check_value(value)?;
        }
        self.check_batch(pairs.iter().map(|(key, value)| key.len() + value.len()))?;
        if full.is_empty() {
            return Ok(());
        }
        self.run(Repeat::Harmless, |server| {
            let mut set = cmd("MSET");
            for (key, (_, value)) in full.iter().zip(pairs) {
                set.arg(key).arg(*value);
            }
            set.query(server)
        })
    }

    pub(crate) fn delete_many(&self, keys: &[&str]) -> Result<(), Error> {
        self.check_writing()?;
        let full = self.keys(keys)?;
        if full.is_empty() {
            return Ok(());
        }
        self.run(Repeat::Harmless, |server| {
            cmd("DEL").arg(&full).query::<i64>(server)
        })?;
        Ok(())
    }

    /// Sets a value if the key still has the one that was seen. Returns whether it was so. It is a part of a call that
    /// must have ended at `until`.
    pub(crate) fn swap(
        &self,
        until: Instant,
        key: &str,
        seen: Option<&[u8]>,
        value: &[u8],
    ) -> Result<bool, Error> {
        self.check_writing()?;
        self.check_value(value)?;
        let key = self.key(key)?;
        self.run_until(until, Repeat::Never, |server| {
            swap(server, &key, seen, value)
        })
    }

    /// When a call that begins now must have ended.
    pub(crate) fn until(&self) -> Instant {
        self.shared.pool.until()
    }

    fn run<T>(
        &self,
        repeat: Repeat,
        work: impl FnMut(&mut Timed<'_>) -> RedisResult<T>,
    ) -> Result<T, Error> {
        self.run_until(self.until(), repeat, work)
    }

    fn run_until<T>(
        &self,
        until: Instant,
        repeat: Repeat,
        work: impl FnMut(&mut Timed<'_>) -> RedisResult<T>,
    ) -> Result<T, Error> {
        self.shared.pool.run(until, repeat, work)
    }

    /// A key as the server has it.
    fn key(&self, key: &str) -> Result<String, Error> {
        if key.len() > KEY {
            return Err(Error::KeyTooLarge(KEY));
        }
        Ok(format!("{}{key}", self.prefix))
    }

    fn keys(&self, keys: &[&str]) -> Result<Vec<String>, Error> {
        if keys.len() > KEYS {
            return Err(Error::TooManyKeys(KEYS));
        }
        keys.iter().map(|key| self.key(key)).collect()
    }

    fn check_writing(&self) -> Result<(), Error> {
        match self.access {
            Access::ReadWrite => Ok(()),
            Access::Read => Err(Error::AccessDenied),
        }
    }

    fn check_value(&self, value: &[u8]) -> Result<(), Error> {
        let most = self.shared.config.value;
        if value.len() > most {
            return Err(Error::ValueTooLarge(most));
        }
        Ok(())
    }

    fn check_batch(&self, sizes: impl Iterator<Item = usize>) -> Result<(), Error> {
        let most = self.shared.config.batch;
        if sizes.fold(0, usize::saturating_add) > most {
            return Err(Error::BatchTooLarge(most));
        }
        Ok(())
    }
}

// ANCHOR: swap
/// With `WATCH` the transaction that follows fails if anybody has changed the key in between.
fn swap(server: &mut Timed<'_>, key: &str, seen: Option<&[u8]>, value: &[u8]) -> RedisResult<bool> {
    cmd("WATCH").arg(key).query::<()>(server)?;
    // No more of it than shows whether it is the same: others may have made it very large.
    let now: RedisResult<(bool, Vec<u8>)> = pipe()
        .cmd("EXISTS")
        .arg(key)
        .cmd("GETRANGE")
        .arg(key)
        .arg(0)
        .arg(seen.map_or(0, <[u8]>::len))
        .query(server);
    let same = |(there, now): &(bool, Vec<u8>)| there.then_some(now.as_slice()) == seen;
    if !now.as_ref().is_ok_and(same) {
        // The connection is another call's next.
        cmd("UNWATCH").query::<()>(server)?;
        return now.map(|_| false);
    }
    // `nil` for the whole if it did not happen.
    let done: Option<(String,)> = pipe()
        .atomic()
        .cmd("SET")
        .arg(key)
        .arg(value)
        .query(server)?;
    Ok(done.is_some())
}
// ANCHOR_END: swap

/// A text that a pattern of Redis's matches literally.
fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '*' | '?' | '[' | ']' | '\\' | '^') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::literally;

    #[test]
    fn a_prefix_is_no_pattern() {
        assert_eq!(literally("a:b-1."), "a:b-1.");
        assert_eq!(literally(r"[a]*?\^"), r"\[a\]\*\?\\\^");
    }
}
