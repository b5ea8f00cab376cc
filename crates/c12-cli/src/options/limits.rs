use c12::Limits;
use clap::Args;

use super::{Size, Time};

/// What one run may use.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitOptions {
    /// Ends the run this long after the guest starts, with exit code 124; compiling it does not count [default: none].
    #[arg(long, value_name = "TIME")]
    pub(crate) timeout: Option<Time>,

    /// Ends the run after about this many instructions [default: none].
    #[arg(long, value_name = "UNITS")]
    pub(crate) fuel: Option<u64>,

    /// Linear memory, all of the guest's together [default: 1GiB].
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_memory: Option<Size>,

    /// Elements in all tables together [default: 1000000].
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_table_elements: Option<usize>,

    /// Tables [default: 1000].
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_tables: Option<usize>,

    /// Linear memories [default: 100].
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_memories: Option<usize>,

    /// Core instances [default: 1000].
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_instances: Option<usize>,

    /// Bytes that one call of the guest may make the host allocate [default: 128MiB].
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_host_bytes: Option<Size>,

    /// Handles that a component may hold to files, sockets and other resources at once [default: 100000].
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_handles: Option<usize>,
}

impl LimitOptions {
    pub(crate) fn apply(&self, limits: &mut Limits) {
        limits.timeout = self.timeout.map(|time| time.0).or(limits.timeout);
        limits.fuel = self.fuel.or(limits.fuel);
        limits.memory = self.max_memory.map_or(limits.memory, Size::bytes);
        limits.table_elements = self.max_table_elements.unwrap_or(limits.table_elements);
        limits.tables = self.max_tables.unwrap_or(limits.tables);
        limits.memories = self.max_memories.unwrap_or(limits.memories);
        limits.instances = self.max_instances.unwrap_or(limits.instances);
        limits.host_bytes = self.max_host_bytes.map_or(limits.host_bytes, Size::bytes);
        limits.handles = self.max_handles.unwrap_or(limits.handles);
    }
}
