//! A Redis server, for the tests of the example plugin that serves `wasi:keyvalue` from one.

use std::path::PathBuf;

use anyhow::Result;

use super::debian;
use crate::layout::Layout;

/// The programs are in `redis-tools`; `redis-server` has a name for one of them.
const PACKAGES: debian::Packages = debian::Packages {
    what: "a Redis server, for tests",
    licence: "AGPL-3.0, RSALv2 or SSPLv1",
    names: &[
        "redis-server",
        "redis-tools",
        "libatomic1",
        "libc6",
        "libcap2",
        "libgcc-s1",
        "libjemalloc2",
        "liblzf1",
        "libssl3t64",
        "libstdc++6",
        "libsystemd0",
        "libzstd1",
        "zlib1g",
    ],
};

/// Whether it is there.
pub(crate) fn is_installed(layout: &Layout) -> bool {
    debian::has(layout, &PACKAGES)
}

/// The server, downloaded when it is missing. Its client, `redis-cli`, is beside it.
pub(crate) fn redis_server(layout: &Layout) -> Result<PathBuf> {
    let root = debian::install(layout, &PACKAGES)?;
    root.wrapper(layout, "redis-cli", "usr/bin/redis-cli")?;
    root.wrapper(layout, "redis-server", "usr/bin/redis-server")
}
