//! Models: through the plugin, and with the frameworks called directly.

mod files;
mod tiny;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use c12_bench_nn::Operation;

use crate::contender::Contender;
use crate::crypto::FORMS;
use crate::samples::Samples;
use crate::tools::Tools;
use crate::{Effort, machine};
use files::Files;

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Nn {
    /// The frameworks and their bindings, with their versions.
    pub(crate) versions: String,
    series: Vec<Series>,
    /// The load of the machine, before and after.
    pub(crate) load: [String; 2],
    pub(crate) failures: Vec<String>,
}

impl Nn {
    /// The time of one, by what is measured and by the form of the guest; without one, natively.
    pub(crate) fn samples(&self, figure: &str, form: Option<&str>) -> Option<&Samples> {
        let mut series = self.series.iter().filter(|series| series.form == form);
        series.find_map(|series| {
            let mut figures = series.figures.iter();
            let (_, samples) = figures.find(|(known, _)| *known == figure)?;
            Some(samples)
        })
    }
}

/// A program that computes an operation.
#[derive(Debug)]
struct Series {
    contender: Contender,
    /// Of the guest, if it is one.
    form: Option<&'static str>,
    operation: Operation,
    figures: Vec<(&'static str, Samples)>,
}

impl Series {
    fn new(contender: Contender, form: Option<&'static str>, operation: Operation) -> Self {
        let figures = operation.figures().into_iter();
        Series {
            contender,
            form,
            operation,
            figures: figures.map(|figure| (figure, Samples::default())).collect(),
        }
    }

    /// Runs the program once. What comes of the operation must be what came of it before.
    fn run(&mut self, effort: Effort, checksum: &mut Option<String>) -> Result<()> {
        let batches = match self.operation {
            Operation::Text => effort.nn_texts,
            _ => effort.nn_batches,
        };
        let arguments = [
            batches.to_string(),
            effort.nn_milliseconds.to_string(),
            self.operation.to_string(),
        ];
        let output = self
            .contender
            .output(&arguments.each_ref().map(String::as_str))?;
        let mut lines = output.lines();
        for (figure, samples) in &mut self.figures {
            let (found, times) = lines
                .next()
                .and_then(|line| parse(line, figure))
                .with_context(|| format!("{} printed {output:?}", self.contender.name))?;
            let expected = checksum.get_or_insert_with(|| found.to_owned());
            if expected != found {
                bail!("the checksum is {found}, and {expected} elsewhere");
            }
            times.into_iter().for_each(|time| samples.add(time));
        }
        Ok(())
    }

    fn name(&self) -> String {
        let form = self.form.unwrap_or("native");
        format!("models, {}, {form}", self.operation)
    }
}

/// `NAME CHECKSUM NANOSECONDS…`: the checksum, and the time of one in each batch.
fn parse<'a>(line: &'a str, figure: &str) -> Option<(&'a str, Vec<Duration>)> {
    let mut words = line.split(' ');
    if words.next()? != figure {
        return None;
    }
    let checksum = words.next()?;
    let times: Option<Vec<Duration>> = words
        .map(|word| {
            let time = Duration::from_nanos(word.parse().ok()?);
            (!time.is_zero()).then_some(time)
        })
        .collect();
    let times = times.filter(|times| !times.is_empty())?;
    Some((checksum, times))
}

/// Nothing if the models are not there, or what runs them natively.
pub(crate) fn measure(tools: &Tools, folder: &Path, effort: Effort) -> Result<Option<Nn>> {
    let (Some(native), Some(models)) = (&tools.nn_native, &tools.nn_models) else {
        return Ok(None);
    };
    let files = Files::new(native, models, &folder.join("nn"))?;
    let before = machine::load();
    let (mut measured, mut failures) = (Vec::new(), Vec::new());
    for operation in Operation::ALL {
        eprintln!("models: {operation}");
        let mut series = contenders(tools, native, &files, operation)?;
        let mut checksum = None;
        for _ in 0..effort.nn_runs {
            series.retain_mut(|series| match series.run(effort, &mut checksum) {
                Ok(()) => true,
                Err(error) => {
                    failures.push(format!("{}: {error:#}", series.name()));
                    false
                }
            });
        }
        measured.append(&mut series);
    }
    Ok(Some(Nn {
        versions: files.versions()?,
        series: measured,
        load: [before, machine::load()],
        failures,
    }))
}

/// The native program and the guest in both forms, each with the model of this operation alone.
fn contenders(
    tools: &Tools,
    native: &Path,
    files: &Files,
    operation: Operation,
) -> Result<Vec<Series>> {
    let contender = Contender::native("native", native, &[]).with_arguments(&[
        files.library().into(),
        files.model(operation)?.into(),
        files.photograph()?.into(),
    ]);
    let mut series = vec![Series::new(contender, None, operation)];
    for (form, kind) in FORMS {
        let guest = tools.guest(&format!("{kind}/nn_bench.wasm"))?;
        let contender =
            Contender::c12_with(tools, &files.options(operation)?, &guest, files.folder())
                .with_arguments(&[files.photograph_for_guests().into()])
                .with("ORT_DYLIB_PATH", files.library());
        series.push(Series::new(contender, Some(form), operation));
    }
    Ok(series)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_figure_a_checksum_and_times() {
        let line = "image.rten 85944171f73967e8 74000000 75000001";
        let (checksum, times) = parse(line, "image.rten").unwrap();
        assert_eq!(checksum, "85944171f73967e8");
        assert_eq!(times, [74_000_000, 75_000_001].map(Duration::from_nanos));
        for wrong in [
            "image.rten",
            "image.rten 85944171f73967e8",
            "image.rten 85944171f73967e8 0",
            "image.rten 85944171f73967e8 74 -1",
            "image.onnxruntime 85944171f73967e8 74",
        ] {
            assert_eq!(parse(wrong, "image.rten"), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_found_by_figure_and_form() {
        let series = |form, milliseconds| {
            let contender = Contender::native("native", Path::new("true"), &[]);
            let mut series = Series::new(contender, form, Operation::Text);
            let (_, samples) = &mut series.figures[0];
            samples.add(Duration::from_millis(milliseconds));
            series
        };
        let nn = Nn {
            versions: String::new(),
            series: vec![series(None, 1), series(Some("component"), 2)],
            load: Default::default(),
            failures: Vec::new(),
        };
        let best = |figure, form| nn.samples(figure, form).map(Samples::best);
        let first = c12_bench_nn::FIRST_TOKEN;
        assert_eq!(best(first, None), Some(Duration::from_millis(1)));
        let component = Some("component");
        assert_eq!(best(first, component), Some(Duration::from_millis(2)));
        assert_eq!(best(first, Some("core module")), None);
        assert_eq!(best("image.rten", None), None);
    }
}
