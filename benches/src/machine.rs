//! What the figures were measured on.

use std::fs::read_to_string;

/// Processor, memory and system, a line each.
pub(crate) fn lines() -> Vec<(&'static str, String)> {
    let unknown = || "unknown".to_owned();
    let cores = std::thread::available_parallelism().map_or_else(
        |_| unknown(),
        |cores| format!("{} {}", cores, std::env::consts::ARCH),
    );
    vec![
        (
            "processor",
            field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
        ),
        ("cores", cores),
        (
            "memory",
            field("/proc/meminfo", "MemTotal").map_or_else(unknown, |size| gibibytes(&size)),
        ),
        (
            "kernel",
            // The version proper; what a distributor or a provider appends is no matter of speed.
            read_to_string("/proc/sys/kernel/osrelease").map_or_else(
                |_| unknown(),
                |text| {
                    format!(
                        "Linux {}",
                        text.trim().split('-').next().unwrap_or_default()
                    )
                },
            ),
        ),
    ]
}

/// The load averages: how much else the machine had to do.
pub(crate) fn load() -> String {
    let text = read_to_string("/proc/loadavg").unwrap_or_default();
    let one_minute = text.split_whitespace().next();
    one_minute.unwrap_or("unknown").to_owned()
}

/// A value of a file of `name: value` lines.
fn field(path: &str, name: &str) -> Option<String> {
    let text = read_to_string(path).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

/// `16384 kB` in GiB.
fn gibibytes(size: &str) -> String {
    let kibibytes = size.trim_end_matches(" kB").parse::<f64>();
    kibibytes.map_or_else(
        |_| size.to_owned(),
        |size| format!("{:.0} GiB", size / f64::from(1 << 20)),
    )
}
