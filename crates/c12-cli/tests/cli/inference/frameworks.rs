//! Guests that were written for WasmEdge, with its bindings from crates.io, and models of every framework. What comes out is
//! compared with what the framework's own Python package gives.

use serde_json::Value;

use super::{llm, model, patient};
use crate::guests::{guest, with_language_models, with_models};
use crate::harness::Home;

/// Some numbers of each output, spread evenly.
const REFERENCE: &str = include_str!("../../../../../plugins/nn/core/tests/models/reference.json");

/// The guest's words for the inputs of a case, and a home with their files.
fn inputs(case: &str) -> (Home, Vec<String>) {
    let home = Home::new();
    let description = std::fs::read(model(&format!("inputs/{case}.json"))).unwrap();
    let description: Value = serde_json::from_slice(&description).unwrap();
    let mut words = Vec::new();
    for input in description["inputs"].as_array().unwrap() {
        let file = input["file"].as_str().unwrap();
        home.write(
            &format!("t/{file}"),
            std::fs::read(model(&format!("inputs/{file}"))).unwrap(),
        );
        let dimensions = input["dimensions"].as_array().unwrap();
        let mut sizes: Vec<String> = dimensions.iter().map(Value::to_string).collect();
        // A single value, as the interface writes it.
        if sizes.is_empty() {
            sizes.push("1".to_owned());
        }
        words.push(input["type"].as_str().unwrap().to_owned());
        words.push(sizes.join(","));
        words.push(format!("/t/{file}"));
    }
    (home, words)
}

fn run(home: &Home, options: &[&str], words: &[&str], inputs: &[String]) -> Vec<f64> {
    let app = guest("wasip1/nn_frameworks");
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let all = [
        &["run", "--dir", "t::/t:ro"],
        options,
        &[&app],
        words,
        &inputs[..],
    ]
    .concat();
    let printed = patient(home.c12(all)).run().success();
    let numbers = printed.lines().map(|line| line.parse().unwrap());
    numbers.collect()
}

#[track_caller]
fn agree(numbers: &[f64], case: &str, framework: &str, tolerance: f64) {
    let reference: Value = serde_json::from_str(REFERENCE).unwrap();
    let expected = reference[case][framework][0]["numbers"].as_array().unwrap();
    assert!(!expected.is_empty());
    for (index, theirs) in expected.iter().enumerate() {
        let theirs = theirs.as_f64().unwrap();
        let ours = numbers[numbers.len() * index / expected.len()];
        assert!(
            (ours - theirs).abs() <= tolerance * (1.0 + theirs.abs()),
            "{case}: {ours} where {theirs} was expected"
        );
    }
}

/// The setting that names a framework's library, which is fetched when it is not there.
fn library(framework: c12_nn::setup::Framework, key: &str) -> String {
    let installed = framework
        .set_up(&model("frameworks"), &mut |line| println!("{line}"))
        .unwrap();
    format!("nn.{key}={}", installed.folder.display())
}

with_models! {
    fn guests_for_wasmedge_run_onnx() {
        let library = library(c12_nn::setup::Framework::Onnx, "onnxruntime");
        let (home, inputs) = inputs("efficientnet-coffee");
        let named = format!("m=onnx:{}", model(super::CLASSIFIER).display());
        let named = ["--plugin-config", &library, "--nn-model", &named];
        let numbers = run(&home, &named, &["onnx", "m"], &inputs);
        agree(&numbers, "efficientnet-coffee", "onnxruntime", 1e-4);
        // The same model from the guest's own files, which is computed in other memory and so in another order.
        std::fs::copy(model(super::CLASSIFIER), home.work().join("t/m.onnx")).unwrap();
        let allowed = ["--plugin-config", &library, "--plugin-config", "nn.guest-models=onnx"];
        let numbers = run(&home, &allowed, &["onnx", "/t/m.onnx"], &inputs);
        agree(&numbers, "efficientnet-coffee", "onnxruntime", 1e-4);
    }

    fn guests_for_wasmedge_run_openvino() {
        let library = library(c12_nn::setup::Framework::OpenVino, "openvino");
        let (home, inputs) = inputs("efficientnet-coffee");
        for kind in ["xml", "bin"] {
            let file = model(&format!("openvino/efficientnet-lite0.{kind}"));
            std::fs::copy(file, home.work().join(format!("t/m.{kind}"))).unwrap();
        }
        let named = ["--plugin-config", &library, "--nn-preload", "m:openvino:cpu:t/m.xml:t/m.bin"];
        let numbers = run(&home, &named, &["openvino", "m"], &inputs);
        agree(&numbers, "efficientnet-coffee", "openvino", 1e-3);
        let allowed = ["--plugin-config", &library, "--plugin-config", "nn.guest-models=openvino"];
        assert_eq!(run(&home, &allowed, &["openvino", "/t/m.xml,/t/m.bin"], &inputs), numbers);
    }

    fn guests_for_wasmedge_run_tensorflow_lite() {
        let library = library(c12_nn::setup::Framework::Tflite, "litert");
        let (home, inputs) = inputs("face_detection_short_range");
        let file = model("mediapipe-0.10.21/mediapipe/modules/face_detection/face_detection_short_range.tflite");
        let named = format!("m:tensorflowlite:cpu:{}", file.display());
        let options = ["--plugin-config", &library, "--nn-preload", &named];
        let numbers = run(&home, &options, &["tensorflowlite", "m"], &inputs);
        agree(&numbers, "face_detection_short_range", "litert", 1e-4);
    }

    fn guests_for_wasmedge_run_pytorch() {
        let library = library(c12_nn::setup::Framework::PyTorch, "pytorch");
        let home = Home::new();
        // The first of the pieces that the tests of `c12-nn-core` have, and what PyTorch's Python package gives for it.
        let sound = (0..512).map(|index| {
            let turn = std::f64::consts::TAU * f64::from(index) / 16000.0;
            (0.3 * (220.0 * turn).sin() * (1.0 + 0.5 * (5.0 * turn).sin())) as f32
        });
        home.write("t/sound", sound.flat_map(f32::to_le_bytes).collect::<Vec<u8>>());
        home.write("t/rate", 16000_i64.to_le_bytes());
        let inputs = ["f32", "1,512", "/t/sound", "i64", "1", "/t/rate"].map(str::to_owned);
        let named = format!("m:pytorch:cpu:{}", model("silero-vad-6.2.3/silero_vad/data/silero_vad.jit").display());
        let options = ["--plugin-config", &library, "--nn-preload", &named];
        let numbers = run(&home, &options, &["pytorch", "m"], &inputs);
        assert!(numbers.len() == 1 && (numbers[0] - 0.068_790_64).abs() < 1e-4, "{numbers:?}");
    }
}

with_language_models! {
    fn guests_for_wasmedge_run_llama_cpp() {
        let home = Home::new();
        let (app, named) = (guest("wasip1/nn_llama"), llm());
        let run = |words: &[&str]| {
            let all = [&["run", "--nn-model", &named, &app], words].concat();
            patient(home.c12(all)).run().success()
        };
        let printed = run(&["answer", "llm", "What is the capital of France?"]);
        let (answer, told) = printed.trim_end().rsplit_once('\n').unwrap();
        assert_eq!(answer, "The capital of France is Paris.");
        let told: Value = serde_json::from_str(told).unwrap();
        assert!(told["input_tokens"].as_u64().unwrap() > 10, "{told}");
        assert!(told["output_tokens"].as_u64().unwrap() > 3, "{told}");
        let printed = run(&["embed", "llm", "A cat sits on the mat."]);
        let embedding: Value = serde_json::from_str(printed.lines().next().unwrap()).unwrap();
        assert_eq!(embedding["n_embedding"], 576);
        assert_eq!(embedding["embedding"].as_array().unwrap().len(), 576);
    }
}
