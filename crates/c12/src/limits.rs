//! What one run may use. Every limit has a safe default, and reaching one is reported by its name.

use std::fmt;
use std::time::Duration;

use wasmtime::ResourceLimiter;

const MIB: usize = 1 << 20;

/// The limits of one run (one store).
///
/// ```
/// let limits = c12::Limits::default();
/// assert_eq!(limits.memory, 1 << 30);
/// assert!(limits.timeout.is_none());
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Wall-clock time from instantiation to the end; `None` means as long as it takes.
    /// The engine must be [interruptible](crate::EngineBuilder::interruptible) for it to be set.
    pub timeout: Option<Duration>,
    /// WebAssembly instructions, roughly, in Wasmtime's fuel units; `None` means unlimited.
    /// The engine must [count fuel](crate::EngineBuilder::fuel) for it to be set.
    pub fuel: Option<u64>,
    /// Bytes in all linear memories together. Default 1 GiB.
    pub memory: usize,
    /// Elements in all tables together. Default 1,000,000.
    pub table_elements: usize,
    /// Core instances. Default 1,000.
    pub instances: usize,
    /// Linear memories. Default 100.
    pub memories: usize,
    /// Tables. Default 1,000.
    pub tables: usize,
    /// Bytes that one call of the guest may make the host allocate (strings, lists, random bytes). Default 128 MiB.
    pub host_bytes: usize,
    /// Resource handles (open files, sockets, streams, plugin resources) held at once. Default 100,000.
    pub handles: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            timeout: None,
            fuel: None,
            memory: 1024 * MIB,
            table_elements: 1_000_000,
            instances: 1_000,
            memories: 100,
            tables: 1_000,
            host_bytes: 128 * MIB,
            handles: 100_000,
        }
    }
}

/// Which limit of [`Limits`] was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitKind {
    /// [`Limits::memory`]
    Memory,
    /// [`Limits::table_elements`]
    TableElements,
    /// [`Limits::instances`]
    Instances,
    /// [`Limits::memories`]
    Memories,
    /// [`Limits::tables`]
    Tables,
    /// [`Limits::fuel`]
    Fuel,
    /// The engine's stack size, [`EngineBuilder::stack`](crate::EngineBuilder::stack)
    Stack,
    /// [`Limits::host_bytes`]
    HostBytes,
    /// [`Limits::handles`]
    Handles,
}

impl LimitKind {
    /// The command-line option that sets it.
    pub fn option(self) -> &'static str {
        match self {
            LimitKind::Memory => "--max-memory",
            LimitKind::TableElements => "--max-table-elements",
            LimitKind::Instances => "--max-instances",
            LimitKind::Memories => "--max-memories",
            LimitKind::Tables => "--max-tables",
            LimitKind::Fuel => "--fuel",
            LimitKind::Stack => "--max-stack",
            LimitKind::HostBytes => "--max-host-bytes",
            LimitKind::Handles => "--max-handles",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            LimitKind::Memory => "memory limit",
            LimitKind::TableElements => "table limit",
            LimitKind::Instances => "instance limit",
            LimitKind::Memories => "limit on the number of memories",
            LimitKind::Tables => "limit on the number of tables",
            LimitKind::Fuel => "fuel limit",
            LimitKind::Stack => "stack limit",
            LimitKind::HostBytes => "limit on what one call may make the host allocate",
            LimitKind::Handles => "limit on handles",
        }
    }

    fn is_bytes(self) -> bool {
        matches!(
            self,
            LimitKind::Memory | LimitKind::Stack | LimitKind::HostBytes
        )
    }

    fn show(self, amount: u64) -> String {
        if self.is_bytes() {
            show_bytes(amount)
        } else {
            amount.to_string()
        }
    }
}

/// A limit that a guest ran into.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitExceeded {
    /// Which one.
    pub kind: LimitKind,
    /// Its value: bytes, elements, units of fuel or a count.
    pub limit: u64,
    /// What the guest asked for, where that is known.
    pub requested: Option<u64>,
}

impl LimitExceeded {
    /// The option that raises it.
    pub fn help(&self) -> String {
        format!("raise it with `{}`", self.kind.option())
    }
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the {} of {} was reached",
            self.kind.noun(),
            self.kind.show(self.limit)
        )?;
        if let Some(requested) = self.requested {
            write!(f, ": the guest asked for {}", self.kind.show(requested))?;
        }
        Ok(())
    }
}

impl std::error::Error for LimitExceeded {}

/// The account of one store: what is in use, and the last request that was denied.
#[derive(Debug)]
pub(crate) struct Account {
    limits: Limits,
    memory: usize,
    table_elements: usize,
    /// What the last growth added, to be taken back if the engine cannot carry it out.
    pending: (usize, usize),
    pub(crate) denied: Option<LimitExceeded>,
}

impl Account {
    pub(crate) fn new(limits: Limits) -> Self {
        Account {
            limits,
            memory: 0,
            table_elements: 0,
            pending: (0, 0),
            denied: None,
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    fn grow(
        &mut self,
        kind: LimitKind,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> bool {
        // What the module's own maximum forbids is the guest's affair, not a limit of ours.
        if maximum.is_some_and(|maximum| desired > maximum) {
            self.pending = (0, 0);
            return false;
        }
        let (used, limit) = match kind {
            LimitKind::Memory => (&mut self.memory, self.limits.memory),
            _ => (&mut self.table_elements, self.limits.table_elements),
        };
        let total = used.saturating_sub(current).saturating_add(desired);
        if total > limit {
            self.pending = (0, 0);
            self.denied = Some(LimitExceeded {
                kind,
                limit: limit as u64,
                requested: Some(total as u64),
            });
            return false;
        }
        let added = total - *used;
        *used = total;
        self.pending = match kind {
            LimitKind::Memory => (added, 0),
            _ => (0, added),
        };
        true
    }
}

impl ResourceLimiter for Account {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(LimitKind::Memory, current, desired, maximum))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(LimitKind::TableElements, current, desired, maximum))
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        tracing::debug!(%error, "memory could not grow");
        self.memory = self
            .memory
            .saturating_sub(std::mem::take(&mut self.pending.0));
        Ok(())
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        tracing::debug!(%error, "table could not grow");
        self.table_elements = self
            .table_elements
            .saturating_sub(std::mem::take(&mut self.pending.1));
        Ok(())
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }

    fn tables(&self) -> usize {
        self.limits.tables
    }

    fn memories(&self) -> usize {
        self.limits.memories
    }
}

/// `1.5 GiB`, `64 KiB`, `17 bytes`: exact where it is a whole number of units, otherwise one decimal.
pub(crate) fn show_bytes(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [
        ("TiB", 1 << 40),
        ("GiB", 1 << 30),
        ("MiB", 1 << 20),
        ("KiB", 1 << 10),
    ];
    for (unit, size) in UNITS {
        if bytes >= size {
            return if bytes.is_multiple_of(size) {
                format!("{} {unit}", bytes / size)
            } else {
                format!("{:.1} {unit}", bytes as f64 / size as f64)
            };
        }
    }
    format!("{bytes} bytes")
}

/// `500ms`, `1.5s`, `2m`.
pub(crate) fn show_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis < 1000 {
        format!("{millis}ms")
    } else if millis.is_multiple_of(60_000) {
        format!("{}m", millis / 60_000)
    } else if millis.is_multiple_of(1000) {
        format!("{}s", millis / 1000)
    } else {
        format!("{:.3}s", duration.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_all_memories_together() {
        let mut account = Account::new(Limits {
            memory: 100,
            ..Limits::default()
        });
        assert!(account.memory_growing(0, 60, None).unwrap());
        assert!(!account.memory_growing(0, 60, None).unwrap());
        assert_eq!(
            account.denied.as_ref().unwrap().to_string(),
            "the memory limit of 100 bytes was reached: the guest asked for 120 bytes"
        );
        assert!(account.memory_growing(60, 100, None).unwrap());
    }

    #[test]
    fn a_modules_own_maximum_is_no_limit_of_ours() {
        let mut account = Account::new(Limits::default());
        assert!(!account.memory_growing(0, 60, Some(10)).unwrap());
        assert!(account.denied.is_none());
    }

    #[test]
    fn shows_amounts_as_people_write_them() {
        assert_eq!(show_bytes(1 << 30), "1 GiB");
        assert_eq!(show_bytes(1536), "1.5 KiB");
        assert_eq!(show_bytes(17), "17 bytes");
        assert_eq!(show_duration(Duration::from_millis(500)), "500ms");
        assert_eq!(show_duration(Duration::from_secs(120)), "2m");
        assert_eq!(show_duration(Duration::from_millis(1500)), "1.500s");
    }
}
