//! Calls of plugins of every kind, and what plugins that nobody calls cost at start-up.

mod providers;
mod start_up;
mod wasmedge;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::Effort;
use crate::contender::Contender;
use crate::samples::Samples;
use crate::tools::Tools;

pub(crate) use providers::{COMPONENT, COMPOSED, NATIVE, OWN_MEMORY, STATIC};
pub(crate) use start_up::{INSTALLED, StartUp};
pub(crate) use wasmedge::{FUNCTIONS, ForWasmEdge};

/// A function of `bench:calls/calls`.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) work: &'static str,
    /// How often a batch calls it.
    calls: u32,
    /// How many bytes cross in both directions together, where they are what counts.
    pub(crate) bytes: Option<u32>,
}

const fn operation(name: &'static str, work: &'static str, calls: u32) -> Operation {
    Operation {
        name,
        work,
        calls,
        bytes: None,
    }
}

pub(crate) static OPERATIONS: [Operation; 5] = [
    operation("add", "two numbers in, one back", 50_000),
    operation(
        "ten",
        "a record of ten numbers of different types in and back",
        20_000,
    ),
    operation("text", "100 bytes of text in and back", 20_000),
    operation(
        "rows",
        "a list of 1,000 records, each of a string and three numbers, in and back",
        20,
    ),
    Operation {
        bytes: Some(2 << 20),
        ..operation("copy", "1 MiB of bytes in and back", 20)
    },
];

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct PluginCalls {
    pub(crate) guests: Vec<Guest>,
    pub(crate) for_wasmedge: Option<ForWasmEdge>,
    pub(crate) start_up: Option<StartUp>,
    pub(crate) failures: Vec<String>,
}

/// The times of one form of the guest; whoever failed is not among them.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) form: &'static str,
    /// By provider: the time of a thousand calls of each operation, in order.
    times: Vec<(&'static str, Vec<Samples>)>,
}

impl Guest {
    pub(crate) fn providers(&self) -> impl Iterator<Item = &'static str> {
        self.times.iter().map(|(provider, _)| *provider)
    }

    /// The time of a thousand calls.
    pub(crate) fn thousand(&self, operation: &str, provider: &str) -> Option<&Samples> {
        let at = OPERATIONS
            .iter()
            .position(|known| known.name == operation)?;
        let (_, times) = self.times.iter().find(|(known, _)| *known == provider)?;
        times.get(at)
    }
}

/// The form of a guest that is a component; the other is a core module.
pub(crate) const COMPONENTS: &str = "component";

pub(crate) fn measure(tools: &Tools, folder: &Path, effort: Effort) -> Result<PluginCalls> {
    let folder = folder.join("plugin-calls");
    std::fs::create_dir_all(&folder)?;
    let mut calls = PluginCalls {
        guests: Vec::new(),
        for_wasmedge: None,
        start_up: None,
        failures: Vec::new(),
    };
    for (kind, form) in [("wasip2", COMPONENTS), ("wasip1", "core module")] {
        eprintln!("plugin calls: {form}");
        let file = tools.guest(&format!("{kind}/call_bench.wasm"))?;
        let mut contenders = providers::in_c12(tools, &file, &folder);
        if form == COMPONENTS {
            contenders.push(providers::composed(tools, &file, &folder));
        }
        let guest = turns(form, contenders, effort, &mut calls.failures);
        calls.guests.push(guest);
    }
    eprintln!("plugin calls: for WasmEdge");
    match wasmedge::measure(tools, &folder, effort) {
        Ok(measured) => calls.for_wasmedge = measured,
        Err(error) => calls
            .failures
            .push(format!("calls of a library for WasmEdge: {error:#}")),
    }
    eprintln!("plugin calls: start-up");
    match start_up::measure(tools, &folder, effort) {
        Ok(measured) => calls.start_up = Some(measured),
        Err(error) => calls
            .failures
            .push(format!("start-up with plugins: {error:#}")),
    }
    Ok(calls)
}

fn turns(
    form: &'static str,
    contenders: Vec<Result<Option<Contender>>>,
    effort: Effort,
    failures: &mut Vec<String>,
) -> Guest {
    let operations = OPERATIONS
        .iter()
        .map(|operation| format!("{}={}", operation.name, operation.calls));
    let arguments: Vec<String> = std::iter::once(effort.call_batches.to_string())
        .chain(operations)
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut failed =
        |error: anyhow::Error| failures.push(format!("plugin calls, {form}: {error:#}"));
    let mut alive = Vec::new();
    for contender in contenders {
        match contender {
            Ok(contender) => alive.extend(
                contender.map(|contender| (contender, vec![Samples::default(); OPERATIONS.len()])),
            ),
            Err(error) => failed(error),
        }
    }
    for _ in 0..effort.call_runs {
        alive.retain_mut(|(contender, times)| match run(contender, &arguments) {
            Ok(run) => {
                for (samples, time) in times.iter_mut().zip(run) {
                    samples.add(time);
                }
                true
            }
            Err(error) => {
                failed(error);
                false
            }
        });
    }
    Guest {
        form,
        times: alive
            .into_iter()
            .map(|(contender, times)| (contender.name, times))
            .collect(),
    }
}

/// The times of a thousand calls that a run of the guest tells, by operation.
fn run(contender: &Contender, arguments: &[&str]) -> Result<Vec<Duration>> {
    let output = contender.output(arguments)?;
    let mut lines = output.lines();
    OPERATIONS
        .iter()
        .map(|operation| {
            lines
                .next()
                .and_then(|line| thousand(line, operation.name))
                .with_context(|| format!("{} printed {output:?}", contender.name))
        })
        .collect()
}

/// `add 104.25`, nanoseconds of one call, as the time of a thousand: the clock's whole nanoseconds are too coarse.
pub(crate) fn thousand(line: &str, operation: &str) -> Option<Duration> {
    let (name, nanoseconds) = line.split_once(' ')?;
    let nanoseconds: f64 = nanoseconds.parse().ok()?;
    let microseconds = Duration::try_from_secs_f64(nanoseconds * 1e-6).ok()?;
    (name == operation && !microseconds.is_zero()).then_some(microseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_operation_and_the_nanoseconds_of_a_call() {
        assert_eq!(
            thousand("add 104.25", "add"),
            Some(Duration::from_nanos(104_250))
        );
        for wrong in [
            "add",
            "ten 104.25",
            "add many",
            "add -1",
            "add 0",
            "add NaN",
        ] {
            assert_eq!(thousand(wrong, "add"), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_found_by_operation_and_provider() {
        let mut samples = vec![Samples::default(); OPERATIONS.len()];
        samples[1].add(Duration::from_micros(7));
        let guest = Guest {
            form: COMPONENTS,
            times: vec![(STATIC, samples)],
        };
        let best = |operation, provider| guest.thousand(operation, provider).map(Samples::best);
        assert_eq!(best("ten", STATIC), Some(Duration::from_micros(7)));
        assert_eq!(best("ten", NATIVE), None);
        assert_eq!(best("eleven", STATIC), None);
    }
}
