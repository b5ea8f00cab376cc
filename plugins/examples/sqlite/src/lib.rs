//! A plugin that gives guests SQLite databases.
//!
//! A connection of the pool is a resource, and so are prepared statements and transactions. Guests may send any SQL:
//! `guard` decides what of it may be done, `pool` sets SQLite's own limits, `session` counts what comes back.

mod config;
mod error;
mod functions;
mod guard;
mod pool;
mod resources;
mod session;

use std::collections::BTreeMap;

use c12_plugin::{Key, Plugin, Result, Settings, log};

use crate::config::Config;
use crate::pool::Pool;

// ANCHOR: generate
c12_plugin::generate!({
    path: "wit",
    // All of it may wait for the disk or for somebody else's lock: the host calls it on a thread that may wait.
    blocking: true,
});
// ANCHOR_END: generate

/// What all guests share: a pool of connections for each database.
#[derive(Debug)]
pub struct Sqlite {
    pools: BTreeMap<String, Pool>,
}

/// What one instance of a guest has.
#[derive(Debug)]
pub struct Databases {
    pools: BTreeMap<String, Pool>,
}

// ANCHOR: plugin
impl Plugin for Sqlite {
    const NAME: Option<&'static str> = Some("sqlite");
    const DESCRIPTION: &'static str = "SQLite databases, with limits on what SQL may do";
    const KEYS: &'static [Key] = config::KEYS;
    type Instance = Databases;

    fn open(settings: &Settings<'_>) -> Result<Self> {
        let config = Config::new(settings)?;
        let mut pools = BTreeMap::new();
        for (name, file) in config.databases()? {
            let pool = Pool::open(&file, &config.limits)
                .map_err(|error| error.context(format_args!("the database `{name}`")))?;
            log::debug!("`{name}` is {}", file.display());
            pools.insert(name, pool);
        }
        Ok(Sqlite { pools })
    }

    fn instantiate(&self) -> Result<Databases> {
        Ok(Databases {
            pools: self.pools.clone(),
        })
    }
}
// ANCHOR_END: plugin

c12_plugin::export!(Sqlite);
