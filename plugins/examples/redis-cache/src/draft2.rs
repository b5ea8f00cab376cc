//! The face for wasi:keyvalue 0.2.0-draft2: cursors are text, numbers are signed, and there is compare and swap.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Instant;

use c12_plugin::{Own, Result};

use crate::Stores;
use crate::bucket::Bucket;
use crate::error::Error as Why;
use crate::exports::wasi::keyvalue0_2_0_draft2::atomics::{CasError, GuestCas};
use crate::exports::wasi::keyvalue0_2_0_draft2::store::{Error, GuestBucket, KeyResponse};
use crate::exports::wasi::keyvalue0_2_0_draft2::{atomics, batch, store};

/// How many handles for compare and swap a guest may have. Each keeps a value.
const HANDLES: usize = 100;

/// What a guest can handle.
type Answer<T> = std::result::Result<T, Error>;

/// A key with the value that was seen.
#[derive(Debug)]
pub struct Cas {
    bucket: Bucket,
    key: String,
    seen: Option<Vec<u8>>,
    /// One more of those that are alive.
    _counted: Arc<()>,
}

impl Cas {
    fn new(
        instance: &Stores,
        until: Instant,
        bucket: Bucket,
        key: &str,
    ) -> std::result::Result<Self, Why> {
        if Arc::strong_count(&instance.handles) > HANDLES {
            return Err(Why::TooManyHandles(HANDLES));
        }
        let seen = bucket.get_until(until, key)?;
        Ok(Cas {
            bucket,
            key: key.to_owned(),
            seen,
            _counted: instance.handles.clone(),
        })
    }
}

impl store::Guest for Stores {
    type Bucket = Bucket;

    fn open(&mut self, identifier: &str) -> Result<Answer<Own<Bucket>>> {
        Ok(self.bucket(identifier).map(Own::new).map_err(Error::from))
    }
}

impl GuestBucket for Bucket {
    type Instance = Stores;

    fn get(&mut self, _: &mut Stores, key: &str) -> Result<Answer<Option<Vec<u8>>>> {
        Ok(Bucket::get(self, key).map_err(Error::from))
    }

    fn set(&mut self, _: &mut Stores, key: &str, value: &[u8]) -> Result<Answer<()>> {
        Ok(Bucket::set(self, key, value).map_err(Error::from))
    }

    fn delete(&mut self, _: &mut Stores, key: &str) -> Result<Answer<()>> {
        Ok(Bucket::delete(self, key).map_err(Error::from))
    }

    fn exists(&mut self, _: &mut Stores, key: &str) -> Result<Answer<bool>> {
        Ok(Bucket::exists(self, key).map_err(Error::from))
    }

    fn list_keys(&mut self, _: &mut Stores, cursor: Option<&str>) -> Result<Answer<KeyResponse>> {
        let list = || {
            let cursor = cursor.map_or(Ok(0), str::parse).map_err(|_| Why::Cursor)?;
            let (keys, cursor) = Bucket::list_keys(self, cursor)?;
            let cursor = cursor.map(|cursor| cursor.to_string());
            Ok::<_, Why>(KeyResponse { keys, cursor })
        };
        Ok(list().map_err(Error::from))
    }
}

impl atomics::Guest for Stores {
    type Cas = Cas;

    fn increment(
        &mut self,
        bucket: &RefCell<Bucket>,
        key: &str,
        delta: i64,
    ) -> Result<Answer<i64>> {
        Ok(bucket.borrow().increment(key, delta).map_err(Error::from))
    }

    fn swap(
        &mut self,
        cas: Own<Cas>,
        value: &[u8],
    ) -> Result<std::result::Result<(), CasError<Self>>> {
        let Cas {
            bucket, key, seen, ..
        } = cas.into_inner();
        let until = bucket.until();
        let swap = || {
            if bucket.swap(until, &key, seen.as_deref(), value)? {
                return Ok(None);
            }
            // The guest gets a handle for the value as it is, to try again with.
            Cas::new(self, until, bucket, &key).map(Some)
        };
        Ok(match swap() {
            Ok(None) => Ok(()),
            Ok(Some(newer)) => Err(CasError::CasFailed(Own::new(newer))),
            Err(error) => Err(CasError::StoreError(error.into())),
        })
    }
}

impl GuestCas for Cas {
    type Instance = Stores;

    fn new(
        instance: &mut Stores,
        bucket: &RefCell<Bucket>,
        key: &str,
    ) -> Result<Answer<Own<Self>>> {
        let bucket = bucket.borrow().clone();
        let cas = Cas::new(instance, bucket.until(), bucket, key);
        Ok(cas.map(Own::new).map_err(Error::from))
    }

    fn current(&mut self, _: &mut Stores) -> Result<Answer<Option<Vec<u8>>>> {
        Ok(Ok(self.seen.clone()))
    }
}

impl batch::Guest for Stores {
    fn get_many(
        &mut self,
        bucket: &RefCell<Bucket>,
        keys: Vec<&str>,
    ) -> Result<Answer<Vec<Option<(String, Vec<u8>)>>>> {
        Ok(bucket.borrow().get_many(&keys).map_err(Error::from))
    }

    fn set_many(
        &mut self,
        bucket: &RefCell<Bucket>,
        key_values: Vec<(&str, &[u8])>,
    ) -> Result<Answer<()>> {
        Ok(bucket.borrow().set_many(&key_values).map_err(Error::from))
    }

    fn delete_many(&mut self, bucket: &RefCell<Bucket>, keys: Vec<&str>) -> Result<Answer<()>> {
        Ok(bucket.borrow().delete_many(&keys).map_err(Error::from))
    }
}
