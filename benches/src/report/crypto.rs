//! The section about cryptography.

use std::fmt::Write as _;
use std::time::Duration;

use c12_bench_crypto::{MANY, Operation, Work, many, singles};

use super::plugin_calls::{met_or_missed, time};
use super::{Report, missing};
use crate::Effort;
use crate::crypto::{Crypto, FORMS, Way};
use crate::samples::{Samples, geometric_mean, ratio};

/// The part of the native library's speed that a guest has at least, with messages of so many bytes.
const LEAST: f64 = 0.9;
const FROM_BYTES: usize = 1 << 16;

impl Report {
    pub(crate) fn crypto(&mut self, crypto: Crypto, effort: Effort) {
        let [before, after] = &crypto.load;
        let _ = writeln!(
            self.sections,
            "\n## Cryptography\n\n{} runs of each, the best of {} batches in each run; the time of one operation at best, and C12's speed relative to the native library and to the same algorithm compiled to WebAssembly: above 1.00, C12 is faster. With {} and more, at least {LEAST:.2} of the native library's speed is asked for. The load was {before} before and {after} after.",
            effort.crypto_runs,
            effort.crypto_batches,
            size(FROM_BYTES),
        );
        for (form, _) in FORMS {
            self.sections += &table(&crypto, form);
        }
        let _ = writeln!(
            self.sections,
            "\n{MANY} messages of 64 bytes, with a call of the SDK for each and with one call of its batch functions for all; the time of one message:"
        );
        for (form, _) in FORMS {
            self.sections += &batches(&crypto, form);
        }
        self.sections += "\n";
        for (form, _) in FORMS {
            let _ = writeln!(self.sections, "- {}", verdict(&crypto, form));
        }
        self.failures.extend(crypto.failures);
    }
}

/// How many times as fast the first is as the second.
fn faster(of: fn(&Samples) -> Duration, a: Option<&Samples>, b: Option<&Samples>) -> Option<f64> {
    Some(ratio(of(b?), of(a?)))
}

/// Best and median.
fn both(a: Option<&Samples>, b: Option<&Samples>) -> [Option<f64>; 2] {
    [faster(Samples::best, a, b), faster(Samples::median, a, b)]
}

fn shown(ratios: [Option<f64>; 2]) -> [String; 2] {
    ratios.map(|ratio| ratio.map_or_else(missing, |ratio| format!("{ratio:.2}")))
}

fn table(crypto: &Crypto, form: &str) -> String {
    let mut table = format!(
        "\n| guest is a {form} | size | native | C12 | in wasm | C12 to native, best | median | C12 to wasm, best | median | |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|---|\n"
    );
    for operation in singles() {
        let of = |way| crypto.thousand(form, way, operation);
        let [native, plugin, wasm] = [Way::Native, Way::Plugin, Way::Wasm].map(of);
        let cell = |samples: Option<&Samples>| {
            samples.map_or_else(missing, |samples| cell(operation, samples.best()))
        };
        let [to_native, median] = both(plugin, native);
        let verdict = match to_native {
            Some(ratio) if is_asked_for(operation) => met_or_missed(ratio >= LEAST),
            _ => "",
        };
        let [to_native, median] = shown([to_native, median]);
        let [to_wasm, wasm_median] = shown(both(plugin, wasm));
        let _ = writeln!(
            table,
            "| {} {} | {} | {} | {} | {} | {to_native} | {median} | {to_wasm} | {wasm_median} | {verdict} |",
            operation.algorithm,
            operation.work,
            size(operation.bytes),
            cell(native),
            cell(plugin),
            cell(wasm),
        );
    }
    table
}

fn batches(crypto: &Crypto, form: &str) -> String {
    let mut table = format!(
        "\n| guest is a {form} | one by one | in a batch | batch to one by one, best | median |\n|---|--:|--:|--:|--:|\n"
    );
    for pair in many() {
        let [each, batch] = pair.map(|operation| crypto.thousand(form, Way::Plugin, operation));
        let cell = |samples: Option<&Samples>| {
            samples.map_or_else(missing, |samples| time(samples.best() / MANY as u32))
        };
        let [best, median] = shown(both(batch, each));
        let [of, _] = pair;
        let _ = writeln!(
            table,
            "| {} {} | {} | {} | {best} | {median} |",
            of.algorithm,
            of.work,
            cell(each),
            cell(batch),
        );
    }
    table
}

/// What came of the criterion, and by how much the plugin is faster than what is compiled into the guest.
fn verdict(crypto: &Crypto, form: &str) -> String {
    let best = |other, operation| {
        let plugin = crypto.thousand(form, Way::Plugin, operation);
        faster(
            Samples::best,
            plugin,
            crypto.thousand(form, other, operation),
        )
    };
    let asked = singles().into_iter().filter(|asked| is_asked_for(*asked));
    let ratios: Vec<f64> = asked
        .filter_map(|operation| best(Way::Native, operation))
        .collect();
    let met = ratios.iter().filter(|ratio| **ratio >= LEAST).count();
    let to_wasm: Vec<f64> = singles()
        .into_iter()
        .filter_map(|operation| best(Way::Wasm, operation))
        .collect();
    let least = to_wasm.iter().copied().reduce(f64::min);
    let most = to_wasm.iter().copied().reduce(f64::max);
    match (geometric_mean(&to_wasm), least, most) {
        (Some(mean), Some(least), Some(most)) if !ratios.is_empty() => format!(
            "{form}: {met} of {} meet what is asked for; {least:.1} to {most:.1} times as fast as compiled to WebAssembly, {mean:.1} in the geometric mean",
            ratios.len()
        ),
        _ => format!("{form}: not measured"),
    }
}

fn is_asked_for(operation: Operation) -> bool {
    operation.bytes >= FROM_BYTES
}

/// The time of one from that of a thousand, with the bytes or operations of a second.
fn cell(operation: Operation, thousand: Duration) -> String {
    let seconds = thousand.as_secs_f64() / 1e3;
    let rate = match operation.work {
        Work::Sign | Work::Verify => format!("{:.0}/s", 1.0 / seconds),
        Work::Seal | Work::Open | Work::Hash => {
            let bytes = operation.bytes as f64 / seconds;
            if bytes < 1e9 {
                format!("{:.0} MB/s", bytes / 1e6)
            } else {
                format!("{:.2} GB/s", bytes / 1e9)
            }
        }
    };
    format!("{}, {rate}", time(thousand))
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_shown_with_what_a_second_has_of_it() {
        let shown = |name: &str, thousand| {
            let operation = singles()
                .into_iter()
                .find(|operation| operation.to_string() == name);
            cell(operation.unwrap(), thousand)
        };
        assert_eq!(
            shown("SHA-256.hash.65536", Duration::from_millis(32)),
            "32.00 µs, 2.05 GB/s"
        );
        assert_eq!(
            shown("SHA-256.hash.64", Duration::from_millis(1)),
            "1.00 µs, 64 MB/s"
        );
        assert_eq!(
            shown("Ed25519.sign.2", Duration::from_millis(20)),
            "20.00 µs, 50000/s"
        );
    }

    #[test]
    fn sizes_are_in_the_largest_unit() {
        assert_eq!(
            [2, 64, 1 << 10, 1 << 16, 1 << 20].map(size),
            ["2 B", "64 B", "1 KiB", "64 KiB", "1 MiB"]
        );
    }
}
