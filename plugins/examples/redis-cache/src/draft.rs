//! The face for wasi:keyvalue 0.2.0-draft: cursors and numbers are unsigned.

use std::cell::RefCell;

use c12_plugin::{Own, Result};

use crate::Stores;
use crate::bucket::Bucket;
use crate::error::Error as Why;
use crate::exports::wasi::keyvalue0_2_0_draft::store::{Error, GuestBucket, KeyResponse};
use crate::exports::wasi::keyvalue0_2_0_draft::{atomics, batch, store};

/// What a guest can handle.
type Answer<T> = std::result::Result<T, Error>;

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

    fn list_keys(&mut self, _: &mut Stores, cursor: Option<u64>) -> Result<Answer<KeyResponse>> {
        let listed = Bucket::list_keys(self, cursor.unwrap_or(0));
        Ok(listed
            .map(|(keys, cursor)| KeyResponse { keys, cursor })
            .map_err(Error::from))
    }
}

impl atomics::Guest for Stores {
    fn increment(
        &mut self,
        bucket: &RefCell<Bucket>,
        key: &str,
        delta: u64,
    ) -> Result<Answer<u64>> {
        let increment = || {
            // The server counts with a sign.
            let delta = i64::try_from(delta).map_err(|_| Why::NotANumber)?;
            let sum = bucket.borrow().increment(key, delta)?;
            u64::try_from(sum).map_err(|_| Why::NotANumber)
        };
        Ok(increment().map_err(Error::from))
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
