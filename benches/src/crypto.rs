//! Cryptography: through the plugin, compiled into the guest, and natively.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use c12_bench_crypto::{Calls, Operation, many, singles};

use crate::contender::Contender;
use crate::plugin_calls::thousand;
use crate::samples::Samples;
use crate::tools::Tools;
use crate::{Effort, machine};

/// How something is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The library, called directly.
    Native,
    /// The plugin `crypto`, called by a guest.
    Plugin,
    /// The same algorithm, compiled into the guest.
    Wasm,
}

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Crypto {
    series: Vec<Series>,
    /// The load of the machine, before and after.
    pub(crate) load: [String; 2],
    pub(crate) failures: Vec<String>,
}

/// The forms of the guest, by how they are told and by the folder that they are in.
pub(crate) const FORMS: [(&str, &str); 2] = [("core module", "wasip1"), ("component", "wasip2")];

/// What one program computes.
#[derive(Debug)]
struct Series {
    contender: Contender,
    /// Of the guest, if it is one.
    form: Option<&'static str>,
    way: Way,
    /// With the time of a thousand calls of each.
    operations: Vec<(Operation, Samples)>,
}

impl Series {
    fn new(contender: Contender, form: Option<&'static str>, way: Way) -> Self {
        let mut operations = singles();
        if way == Way::Plugin {
            operations.extend(many().into_iter().flatten());
        }
        let operations = operations.into_iter();
        Series {
            contender,
            form,
            way,
            operations: operations
                .map(|operation| (operation, Samples::default()))
                .collect(),
        }
    }

    fn arguments(&self, effort: Effort) -> Vec<String> {
        let way = match self.way {
            Way::Native => None,
            Way::Plugin => Some("plugin".to_owned()),
            Way::Wasm => Some("wasm".to_owned()),
        };
        let effort = [
            effort.crypto_batches.to_string(),
            effort.crypto_milliseconds.to_string(),
        ];
        let operations = self.operations.iter();
        way.into_iter()
            .chain(effort)
            .chain(operations.map(|(operation, _)| operation.to_string()))
            .collect()
    }

    /// Runs the program once. What comes of each operation must be what came of it before.
    fn run(&mut self, effort: Effort, results: &mut HashMap<String, String>) -> Result<()> {
        let arguments = self.arguments(effort);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = self.contender.output(&arguments)?;
        let mut lines = output.lines();
        for (operation, samples) in &mut self.operations {
            let (time, checksum) = lines
                .next()
                .and_then(|line| parse(line, *operation))
                .with_context(|| format!("{} printed {output:?}", self.contender.name))?;
            let result = results
                .entry(result_name(*operation))
                .or_insert_with(|| checksum.to_owned());
            if result != checksum {
                bail!("{operation} has the checksum {checksum}, and {result} elsewhere");
            }
            samples.add(time);
        }
        Ok(())
    }

    fn name(&self) -> String {
        let form = self.form.unwrap_or("native");
        format!("cryptography, {form}, {:?}", self.way)
    }
}

/// Operations that must have one result have one name: all at once is the same as one after the other.
fn result_name(mut operation: Operation) -> String {
    if operation.calls == Calls::Batch {
        operation.calls = Calls::Each;
    }
    operation.to_string()
}

/// `NAME NANOSECONDS CHECKSUM`: the time of a thousand, and the checksum.
fn parse(line: &str, operation: Operation) -> Option<(Duration, &str)> {
    let (time, checksum) = line.rsplit_once(' ')?;
    Some((thousand(time, &operation.to_string())?, checksum))
}

impl Crypto {
    /// The time of a thousand; that of native code is the same for guests of every form.
    pub(crate) fn thousand(&self, form: &str, way: Way, operation: Operation) -> Option<&Samples> {
        let series = self
            .series
            .iter()
            .find(|series| series.way == way && series.form.is_none_or(|known| known == form))?;
        let mut operations = series.operations.iter();
        let (_, samples) = operations.find(|(known, _)| *known == operation)?;
        Some(samples)
    }
}

pub(crate) fn measure(tools: &Tools, folder: &Path, effort: Effort) -> Result<Crypto> {
    eprintln!("cryptography");
    let folder = folder.join("crypto");
    std::fs::create_dir_all(&folder)?;
    let native = Contender::native("native", &tools.crypto_native, &[]);
    let mut series = vec![Series::new(native, None, Way::Native)];
    for (form, kind) in FORMS {
        let guest = tools.guest(&format!("{kind}/crypto_bench.wasm"))?;
        for way in [Way::Plugin, Way::Wasm] {
            let contender = Contender::c12(tools, &guest, &folder);
            series.push(Series::new(contender, Some(form), way));
        }
    }
    let before = machine::load();
    let (mut results, mut failures) = (HashMap::new(), Vec::new());
    for _ in 0..effort.crypto_runs {
        series.retain_mut(|series| match series.run(effort, &mut results) {
            Ok(()) => true,
            Err(error) => {
                failures.push(format!("{}: {error:#}", series.name()));
                false
            }
        });
    }
    Ok(Crypto {
        series,
        load: [before, machine::load()],
        failures,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_operation_a_time_and_a_checksum() {
        let operation = singles()[0];
        let line = format!("{operation} 104.25 85944171f73967e8");
        assert_eq!(
            parse(&line, operation),
            Some((Duration::from_nanos(104_250), "85944171f73967e8"))
        );
        assert_eq!(parse(&line, singles()[1]), None);
        assert_eq!(parse("104.25", operation), None);
    }

    #[test]
    fn a_batch_must_come_to_what_single_calls_come_to() {
        for [each, batch] in many() {
            assert_ne!(each, batch);
            assert_eq!(result_name(each), result_name(batch));
        }
    }
}
