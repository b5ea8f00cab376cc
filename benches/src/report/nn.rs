//! The section about models.

use std::fmt::Write as _;
use std::time::Duration;

use c12_bench_nn::{
    ANSWER_TOKENS, BATCH_TOKENS, BYTES, CONTEXT_TOKENS, FIRST_TOKEN, NEXT_TOKEN, Operation,
    TENSOR_THREADS, TEXT_THREADS,
};

use super::plugin_calls::met_or_missed;
use super::{Report, microseconds, milliseconds, missing};
use crate::Effort;
use crate::crypto::FORMS;
use crate::nn::Nn;
use crate::samples::{Samples, ratio};

/// How many times the native framework's time a photograph takes at most.
const MOST_TIME: f64 = 1.03;

/// The part of the native framework's tokens a second that a guest gets at least.
const LEAST_SPEED: f64 = 0.97;

const IMAGES: [(&str, Operation); 2] = [
    ("ONNX Runtime", Operation::ImageOnnxRuntime),
    ("rten", Operation::ImageRten),
];

/// What costs nothing but the way of the tensor, with how often it goes that way.
const TENSORS: [(&str, Operation, u32); 3] = [
    ("handed over", Operation::HandOver, 1),
    ("into a model", Operation::TensorIn, 1),
    ("through a model", Operation::TensorThrough, 2),
];

const NATIVE: &str = "native";

impl Report {
    pub(crate) fn nn(&mut self, nn: Option<Nn>, effort: Effort) {
        self.sections += "\n## Models\n\n";
        let Some(nn) = nn else {
            self.sections += "Left out: the models are not there, or the program that runs them natively, for which cmake, a C++ compiler and libclang are needed.\n";
            return;
        };
        let [before, after] = &nn.load;
        let _ = writeln!(
            self.sections,
            "With {}. {} runs of each in turn, in each run {} batches, or {} texts. The load was {before} before and {after} after.",
            nn.versions, effort.nn_runs, effort.nn_batches, effort.nn_texts,
        );
        self.sections += &images(&nn);
        self.sections += &texts(&nn);
        self.sections += &tensors(&nn);
        self.sections += "\nCriteria, by the best times:\n\n";
        for criterion in criteria(&nn) {
            let _ = writeln!(self.sections, "- {criterion}");
        }
        self.failures.extend(nn.failures);
    }
}

/// Natively, and by guests of each form.
fn callers() -> impl Iterator<Item = Option<&'static str>> {
    let forms = FORMS.map(|(form, _)| Some(form));
    std::iter::once(None).chain(forms)
}

/// How many times as long the first takes as the second: at best and in the median.
fn longer(a: Option<&Samples>, b: Option<&Samples>) -> [Option<f64>; 2] {
    [Samples::best, Samples::median].map(|of: fn(&Samples) -> Duration| Some(ratio(of(a?), of(b?))))
}

/// How many times as fast the first is as the second.
fn faster(a: Option<&Samples>, b: Option<&Samples>) -> [Option<f64>; 2] {
    longer(b, a)
}

/// Two cells.
fn cells(ratios: [Option<f64>; 2]) -> String {
    let cells = ratios.map(|ratio| ratio.map_or_else(missing, |ratio| format!("{ratio:.3}")));
    cells.join(" | ")
}

fn images(nn: &Nn) -> String {
    let mut table = format!(
        "\nEfficientNet-Lite0 looks at one photograph, with {TENSOR_THREADS} thread: the time from a tensor in the program's memory to the scores there. C12 uses ONNX Runtime for ONNX where it is found, and rten, which is built in, where it is not.\n\n| a photograph | caller | best | median | to native, best | median | to native ONNX Runtime, best | median |\n|---|---|--:|--:|--:|--:|--:|--:|\n"
    );
    let onnx_runtime = nn.samples(Operation::ImageOnnxRuntime.name(), None);
    for (framework, operation) in IMAGES {
        let of = |caller| nn.samples(operation.name(), caller);
        for caller in callers() {
            let Some(samples) = of(caller) else { continue };
            let _ = writeln!(
                table,
                "| {framework} | {} | {} | {} | {} | {} |",
                caller.unwrap_or(NATIVE),
                milliseconds(samples.best()),
                milliseconds(samples.median()),
                cells(longer(Some(samples), of(None))),
                cells(longer(Some(samples), onnx_runtime)),
            );
        }
    }
    table
}

fn texts(nn: &Nn) -> String {
    let mut table = format!(
        "\nSmolLM2-135M-Instruct (Q4_1) answers a question with {ANSWER_TOKENS} tokens, at temperature 0, with {TEXT_THREADS} threads, a context of {CONTEXT_TOKENS} tokens and batches of {BATCH_TOKENS}: the time from the question to the first token, and the tokens a second after it.\n\n| a text | tokens/s, best | median | to native, best | median | first token, best | median | to native, best | median |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for caller in callers() {
        let of = |figure| Some((nn.samples(figure, caller)?, nn.samples(figure, None)));
        let (Some((next, native_next)), Some((first, native_first))) =
            (of(NEXT_TOKEN), of(FIRST_TOKEN))
        else {
            continue;
        };
        let _ = writeln!(
            table,
            "| {} | {:.1} | {:.1} | {} | {} | {} | {} |",
            caller.unwrap_or(NATIVE),
            a_second(next.best()),
            a_second(next.median()),
            cells(faster(Some(next), native_next)),
            milliseconds(first.best()),
            milliseconds(first.median()),
            cells(longer(Some(first), native_first)),
        );
    }
    table
}

fn tensors(nn: &Nn) -> String {
    let mut table = format!(
        "\nWhat the tensor of a photograph costs on its way, {BYTES} bytes; *through a model* it goes both ways, and both count in the bandwidth:\n\n| a tensor | caller | best | median | more than native, best | median |\n|---|---|--:|--:|--:|--:|\n"
    );
    for (way, operation, times) in TENSORS {
        let of = |caller| nn.samples(operation.name(), caller);
        for caller in callers() {
            let Some(samples) = of(caller) else { continue };
            let cell = |time| format!("{}, {}", microseconds(time), bandwidth(times, time));
            let native = of(None).filter(|_| caller.is_some());
            let more = |time: fn(&Samples) -> Duration| {
                native.map_or_else(missing, |native| difference(time(samples), time(native)))
            };
            let _ = writeln!(
                table,
                "| {way} | {} | {} | {} | {} | {} |",
                caller.unwrap_or(NATIVE),
                cell(samples.best()),
                cell(samples.median()),
                more(Samples::best),
                more(Samples::median),
            );
        }
    }
    table
}

/// How often it happens in a second.
fn a_second(time: Duration) -> f64 {
    1.0 / time.as_secs_f64()
}

/// Of the tensor, that goes its way so many times.
fn bandwidth(times: u32, time: Duration) -> String {
    let bytes = f64::from(times) * BYTES as f64;
    format!("{:.1} GB/s", bytes * a_second(time) / 1e9)
}

/// How much longer the first takes.
fn difference(a: Duration, b: Duration) -> String {
    format!("{:+.1} µs", (a.as_secs_f64() - b.as_secs_f64()) * 1e6)
}

fn criteria(nn: &Nn) -> Vec<String> {
    let image = |operation: Operation, caller| nn.samples(operation.name(), caller);
    let onnx_runtime = image(Operation::ImageOnnxRuntime, None);
    let mut criteria = Vec::new();
    for (framework, operation) in IMAGES {
        let mut references = vec![(framework, image(operation, None))];
        if operation != Operation::ImageOnnxRuntime {
            references.push(("ONNX Runtime", onnx_runtime));
        }
        for (reference, native) in references {
            for (form, _) in FORMS {
                let [best, _] = longer(image(operation, Some(form)), native);
                criteria.push(verdict(
                    &format!("a photograph with {framework}, {form}"),
                    best.map(|times| {
                        (
                            format!("{times:.3} times the time of native {reference}, at most {MOST_TIME}"),
                            times <= MOST_TIME,
                        )
                    }),
                ));
            }
        }
    }
    for (form, _) in FORMS {
        let [best, _] = faster(
            nn.samples(NEXT_TOKEN, Some(form)),
            nn.samples(NEXT_TOKEN, None),
        );
        criteria.push(verdict(
            &format!("a text, {form}"),
            best.map(|speed| {
                (
                    format!("{speed:.3} of the tokens a second of native llama.cpp, at least {LEAST_SPEED}"),
                    speed >= LEAST_SPEED,
                )
            }),
        ));
    }
    criteria
}

fn verdict(what: &str, found: Option<(String, bool)>) -> String {
    match found {
        Some((found, met)) => format!("{what}: {found}: {}", met_or_missed(met)),
        None => format!("{what}: not measured"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(milliseconds: &[u64]) -> Samples {
        let mut samples = Samples::default();
        for time in milliseconds {
            samples.add(Duration::from_millis(*time));
        }
        samples
    }

    #[test]
    fn ratios_are_of_the_best_and_of_the_medians() {
        let (a, b) = (samples(&[12, 20, 30]), samples(&[10, 10, 40]));
        assert_eq!(cells(longer(Some(&a), Some(&b))), "1.200 | 2.000");
        assert_eq!(cells(faster(Some(&a), Some(&b))), "0.833 | 0.500");
        assert_eq!(cells(longer(Some(&a), None)), "- | -");
    }

    #[test]
    fn bandwidth_counts_every_way_of_the_tensor() {
        let time = Duration::from_nanos(60_211);
        assert_eq!(bandwidth(1, time), "10.0 GB/s");
        assert_eq!(bandwidth(2, time), "20.0 GB/s");
        let shorter = Duration::from_nanos(50_111);
        assert_eq!(difference(time, shorter), "+10.1 µs");
    }

    #[test]
    fn what_was_not_measured_has_no_verdict() {
        let found = Some(("as wanted".to_owned(), true));
        assert_eq!(verdict("a text", found), "a text: as wanted: met");
        let found = Some(("slow".to_owned(), false));
        assert_eq!(verdict("a text", found), "a text: slow: **missed**");
        assert_eq!(verdict("a text", None), "a text: not measured");
    }
}
