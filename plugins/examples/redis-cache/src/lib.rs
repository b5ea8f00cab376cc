//! A plugin that serves `wasi:keyvalue` from a Redis server.
//!
//! `bucket` is what can be done, in terms of Redis. `draft` and `draft2` are the standard's two drafts, each a thin
//! face on it. `pool` keeps connections and finds the server again after it was away.

mod bucket;
mod config;
mod draft;
mod draft2;
mod error;
mod pool;

use std::sync::Arc;

use c12_plugin::{Key, Plugin, Result, Settings};

use crate::bucket::Bucket;
use crate::config::Config;
use crate::error::Error;
use crate::pool::Pool;

c12_plugin::generate!({
    path: "wit",
    // All of it waits for the server: the host calls it on a thread that may wait.
    blocking: true,
});

/// What all guests share.
#[derive(Debug)]
pub struct RedisCache {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    pool: Pool,
}

/// What one instance of a guest has.
#[derive(Debug)]
pub struct Stores {
    shared: Arc<Shared>,
    /// Counts the handles for compare and swap that are alive.
    handles: Arc<()>,
}

impl Plugin for RedisCache {
    const NAME: Option<&'static str> = Some("redis-cache");
    const DESCRIPTION: &'static str = "wasi:keyvalue on a Redis server";
    const KEYS: &'static [Key] = config::KEYS;
    type Instance = Stores;

    /// The server need not be there yet.
    fn open(settings: &Settings<'_>) -> Result<Self> {
        let config = Config::new(settings)?;
        let pool = Pool::new(settings.text("url")?, config.timeout, config.connections)?;
        Ok(RedisCache {
            shared: Arc::new(Shared { config, pool }),
        })
    }

    fn instantiate(&self) -> Result<Stores> {
        Ok(Stores {
            shared: self.shared.clone(),
            handles: Arc::default(),
        })
    }
}

impl Stores {
    /// The bucket of a name that the settings allow.
    fn bucket(&self, name: &str) -> std::result::Result<Bucket, Error> {
        let config = &self.shared.config;
        let access = config.buckets.get(name).ok_or(Error::NoSuchStore)?;
        Ok(Bucket::new(
            self.shared.clone(),
            format!("{}{name}:", config.prefix),
            *access,
        ))
    }
}

c12_plugin::export!(RedisCache);
