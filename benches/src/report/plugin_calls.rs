//! The section about plugin calls.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Report, milliseconds, missing};
use crate::Effort;
use crate::plugin_calls::{
    COMPONENT, COMPONENTS, COMPOSED, FUNCTIONS, ForWasmEdge, Guest, INSTALLED, NATIVE, OPERATIONS,
    OWN_MEMORY, Operation, PluginCalls, STATIC, StartUp,
};
use crate::samples::{Samples, ratio};

/// What a call may take, compared with another provider's.
struct Criterion {
    operation: &'static str,
    provider: &'static str,
    other: &'static str,
    bar: Bar,
}

#[derive(Clone, Copy)]
enum Bar {
    /// At most so many times the other's time.
    Time(f64),
    /// At least this part of the other's bandwidth.
    Bandwidth(f64),
    /// At least so many times as fast as the other.
    Speed(f64),
}

const fn criterion(
    operation: &'static str,
    provider: &'static str,
    other: &'static str,
    bar: Bar,
) -> Criterion {
    Criterion {
        operation,
        provider,
        other,
        bar,
    }
}

/// For guests that are components.
const CRITERIA: [Criterion; 7] = [
    criterion("add", NATIVE, STATIC, Bar::Time(1.3)),
    criterion("ten", NATIVE, STATIC, Bar::Time(2.0)),
    criterion("rows", NATIVE, STATIC, Bar::Time(2.0)),
    criterion("copy", NATIVE, STATIC, Bar::Bandwidth(0.8)),
    criterion("copy", OWN_MEMORY, STATIC, Bar::Bandwidth(0.8)),
    criterion("add", COMPONENT, COMPOSED, Bar::Speed(3.0)),
    criterion("copy", COMPONENT, COMPOSED, Bar::Speed(10.0)),
];

/// How much longer a start may take when plugins are installed.
const MOST_START_UP: f64 = 1e-3;

impl Criterion {
    /// What came of it; nothing if one of both was not measured.
    fn verdict(&self, guest: &Guest) -> Option<String> {
        let best = |provider| {
            let samples = guest.thousand(self.operation, provider)?;
            Some(samples.best())
        };
        let times = ratio(best(self.provider)?, best(self.other)?);
        let (other, faster) = (self.other, 1.0 / times);
        let (found, met) = match self.bar {
            Bar::Time(most) => (
                format!("{times:.2} times the time of {other}, at most {most:.1}"),
                times <= most,
            ),
            Bar::Bandwidth(least) => (
                format!("{faster:.2} of the bandwidth of {other}, at least {least:.1}"),
                faster >= least,
            ),
            Bar::Speed(least) => (
                format!("{faster:.1} times as fast as {other}, at least {least:.0}"),
                faster >= least,
            ),
        };
        Some(format!("{found}: {}", met_or_missed(met)))
    }
}

pub(super) fn met_or_missed(met: bool) -> &'static str {
    if met { "met" } else { "**missed**" }
}

impl Report {
    pub(crate) fn plugin_calls(&mut self, calls: PluginCalls, effort: Effort) {
        let _ = writeln!(
            self.sections,
            "\n## Plugin calls\n\n{} runs of each, the best of {} batches in each run; the time of one call, and relative to static. For `copy`, the bandwidth of both directions together.",
            effort.call_runs, effort.call_batches
        );
        for guest in &calls.guests {
            self.sections += &table(guest);
        }
        self.sections += "\n";
        for operation in &OPERATIONS {
            let _ = writeln!(self.sections, "- `{}`: {}", operation.name, operation.work);
        }
        self.sections += "\nCriteria, by the best times of guests that are components:\n\n";
        let components = calls.guests.iter().find(|guest| guest.form == COMPONENTS);
        for criterion in &CRITERIA {
            let verdict = components.and_then(|guest| criterion.verdict(guest));
            let _ = writeln!(
                self.sections,
                "- `{}`, {}: {}",
                criterion.operation,
                criterion.provider,
                verdict.unwrap_or_else(|| format!("not measured against {}", criterion.other)),
            );
        }
        if let Some(times) = &calls.for_wasmedge {
            self.for_wasmedge(times);
        }
        if let Some(times) = &calls.start_up {
            self.start_up(times, effort);
        }
        self.failures.extend(calls.failures);
    }

    fn for_wasmedge(&mut self, times: &ForWasmEdge) {
        self.sections += "\nOne library for WasmEdge's plugin API, called by one core module; C12 may take as long as WasmEdge:\n\n| function | C12, best | median | WasmEdge, best | median | C12 to it, best | median | |\n|---|--:|--:|--:|--:|--:|--:|---|\n";
        for ((name, work), (c12, wasmedge)) in
            FUNCTIONS.iter().zip(times.c12.iter().zip(&times.wasmedge))
        {
            let best = ratio(c12.best(), wasmedge.best());
            let _ = writeln!(
                self.sections,
                "| `{name}`: {work} | {} | {} | {} | {} | {best:.2} | {:.2} | {} |",
                time(c12.best()),
                time(c12.median()),
                time(wasmedge.best()),
                time(wasmedge.median()),
                ratio(c12.median(), wasmedge.median()),
                met_or_missed(best <= 1.0)
            );
        }
    }

    fn start_up(&mut self, times: &StartUp, effort: Effort) {
        let _ = writeln!(
            self.sections,
            "\n{} starts of each, saying hello:\n\n| plugins | best | median |\n|---|--:|--:|",
            effort.starts
        );
        let installed = format!("{INSTALLED} installed, none imported");
        for (plugins, samples) in [
            ("none installed", &times.none),
            (&*installed, &times.installed),
        ] {
            let _ = writeln!(
                self.sections,
                "| {plugins} | {} | {} |",
                milliseconds(samples.best()),
                milliseconds(samples.median()),
            );
        }
        let longer = |of: fn(&Samples) -> Duration| {
            of(&times.installed).as_secs_f64() - of(&times.none).as_secs_f64()
        };
        let (best, median) = (longer(Samples::best), longer(Samples::median));
        let _ = writeln!(
            self.sections,
            "\n- {:+.2} ms at best and {:+.2} ms in the median, at most 1 ms: {}",
            best * 1e3,
            median * 1e3,
            met_or_missed(best <= MOST_START_UP && median <= MOST_START_UP)
        );
    }
}

fn table(guest: &Guest) -> String {
    let mut table = format!(
        "\n| guest is a {} | provider | best | median | to static, best | to static, median |\n|---|---|--:|--:|--:|--:|\n",
        guest.form
    );
    for operation in &OPERATIONS {
        for provider in guest.providers() {
            let Some(samples) = guest.thousand(operation.name, provider) else {
                continue;
            };
            let compared = |of: fn(&Samples) -> Duration| {
                guest
                    .thousand(operation.name, STATIC)
                    .map_or_else(missing, |fixed| {
                        format!("{:.2}", ratio(of(samples), of(fixed)))
                    })
            };
            let _ = writeln!(
                table,
                "| `{}` | {provider} | {} | {} | {} | {} |",
                operation.name,
                call(operation, samples.best()),
                call(operation, samples.median()),
                compared(Samples::best),
                compared(Samples::median),
            );
        }
    }
    table
}

/// The time of one call from that of a thousand, and the bandwidth where that counts.
fn call(operation: &Operation, thousand: Duration) -> String {
    let seconds = thousand.as_secs_f64() / 1e3;
    match operation.bytes {
        None => time(thousand),
        Some(bytes) => format!(
            "{}, {:.1} GB/s",
            time(thousand),
            f64::from(bytes) / seconds / 1e9
        ),
    }
}

/// The time of one call from that of a thousand.
pub(super) fn time(thousand: Duration) -> String {
    let seconds = thousand.as_secs_f64() / 1e3;
    if seconds < 1e-6 {
        format!("{:.1} ns", seconds * 1e9)
    } else if seconds < 1e-3 {
        format!("{:.2} µs", seconds * 1e6)
    } else {
        format!("{:.2} ms", seconds * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_shown_in_the_unit_of_its_size() {
        let shown = |name: &str, thousand| {
            let mut operations = OPERATIONS.iter();
            let operation = operations.find(|operation| operation.name == name).unwrap();
            call(operation, thousand)
        };
        assert_eq!(shown("add", Duration::from_nanos(104_200)), "104.2 ns");
        assert_eq!(shown("rows", Duration::from_micros(71_500)), "71.50 µs");
        assert_eq!(shown("rows", Duration::from_millis(2_500)), "2.50 ms");
        assert_eq!(
            shown("copy", Duration::from_millis(100)),
            "100.00 µs, 21.0 GB/s"
        );
    }
}
