//! ONNX models with the engine in Rust, compared with ONNX Runtime's Python package.

use std::sync::Arc;

use c12_nn_core::{
    Backend, Cancel, Code, Device, Encoding, Graph, NamedTensor, Options, Registry, Rten, Tensor,
    TensorId,
};

use crate::case::{Case, agree, top};
use crate::frameworks::{bytes, context, file, load_with, refusal, run};
use crate::onnx::{characters, read_line};
use crate::packages::Models;
use crate::{Test, tests};

pub(crate) const TESTS: &[Test] = tests![
    rten_agrees_with_onnx_runtime,
    rten_sees_what_photographs_show,
    rten_reads_a_line_of_text,
    rten_serves_models_where_there_is_nothing_else,
    rten_gathers_concurrent_requests,
    rten_refuses_wrong_tensors,
    rten_refuses_truncated_models,
    rten_graphs_may_go_before_their_contexts,
];

fn computed(case: &Case, options: &str) -> Vec<Tensor> {
    let graph = load_with(&Rten::new(), &[file(case.model.clone())], options);
    run(&mut *context(&graph), &case.inputs, case.outputs.len())
}

fn rten_agrees_with_onnx_runtime(models: &Models) {
    for (name, options, tolerance) in [
        ("efficientnet-coffee", "threads=1", 1e-4),
        ("efficientnet-chelsea", "threads=2", 1e-4),
        ("efficientnet-rocket", "", 1e-4),
        ("silero-vad", "", 1e-4),
        ("silero-vad-ifless", "", 1e-4),
        ("magika", "", 1e-4),
        ("ocr-detect", "", 1e-3),
        ("ocr-recognise", "", 1e-3),
        // The weights are of 8 bits, and what is multiplied with them is rounded to 8 bits at run time.
        ("minilm-cat", "", 5e-2),
        ("minilm-kitten", "", 5e-2),
        ("minilm-stocks", "", 5e-2),
    ] {
        println!("{name}");
        let case = Case::read(models, name, "onnxruntime");
        agree(&computed(&case, options), &case.outputs, tolerance);
    }
}

fn rten_sees_what_photographs_show(models: &Models) {
    // The positions of "espresso" and "tabby cat" among ImageNet's classes.
    for (name, class) in [("coffee", 967), ("chelsea", 281)] {
        let case = Case::read(models, &format!("efficientnet-{name}"), "onnxruntime");
        let best = top(&computed(&case, "")[0], 5);
        assert!(best.contains(&class), "{name}: {best:?}");
    }
}

fn rten_reads_a_line_of_text(models: &Models) {
    let case = Case::read(models, "ocr-recognise", "onnxruntime");
    let line = read_line(&computed(&case, "")[0], &characters(&case));
    assert_eq!(line, "Region-based segmentation");
}

fn rten_serves_models_where_there_is_nothing_else(models: &Models) {
    let case = Case::read(models, "efficientnet-coffee", "onnxruntime");
    let spec = format!("it=onnx:{}?threads=1", case.model.display());
    let registry = Registry::builder()
        .backend(Rten::new())
        .model(spec.parse().unwrap())
        .build()
        .unwrap();
    let model = registry.model("it", &Cancel::new()).unwrap();
    assert_eq!(model.backend(), "rten");
    assert!(registry.memory() >= 18_000_000);
    let outputs = model
        .context(&Options::new())
        .unwrap()
        .compute_with_io(case.inputs.clone(), &Cancel::new())
        .unwrap();
    case.check(&outputs, 1e-4);
}

fn rten_gathers_concurrent_requests(models: &Models) {
    let names = ["coffee", "chelsea", "rocket"];
    let cases =
        names.map(|name| Case::read(models, &format!("efficientnet-{name}"), "onnxruntime"));
    let source = [file(cases[0].model.clone())];
    let graph = load_with(&Rten::new(), &source, "batch=3&batch-delay=5000&threads=1");
    std::thread::scope(|scope| {
        for case in &cases {
            let mut context = context(&graph);
            scope.spawn(move || {
                let outputs = run(&mut *context, &case.inputs, 1);
                agree(&outputs, &case.outputs, 1e-4);
            });
        }
    });
}

fn rten_refuses_wrong_tensors(models: &Models) {
    let case = Case::read(models, "magika", "onnxruntime");
    let graph = load_with(&Rten::new(), &[file(case.model.clone())], "");
    let mut magika = context(&graph);
    let first = TensorId::Index(0);
    for wrong in [
        Tensor::from_slice(&[1, 2048], &[0_f32; 2048]).unwrap(),
        Tensor::from_slice(&[2048], &[0_i32; 2048]).unwrap(),
        Tensor {
            ty: c12_nn_core::TensorType::I32,
            dimensions: vec![1, 2048],
            data: vec![0; 7].into(),
        },
    ] {
        let error = magika.set_input(&first, wrong).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{error}");
    }
    // Bytes that none are: they are looked up in a table.
    for wild in [i32::MIN, -1, 257, 100_000, i32::MAX] {
        let tokens = Tensor::from_slice(&[1, 2048], &[wild; 2048]).unwrap();
        magika.set_input(&first, tokens).unwrap();
        let _ = magika.compute(&Cancel::new());
    }
    // The context is none the worse for it.
    let outputs = run(&mut *magika, &case.inputs, case.outputs.len());
    agree(&outputs, &case.outputs, 1e-4);

    let case = Case::read(models, "minilm-cat", "onnxruntime");
    let graph = load_with(&Rten::new(), &[file(case.model.clone())], "");
    let mut minilm = context(&graph);
    for wild in [1 << 20, i64::MAX, i64::MIN] {
        for NamedTensor { name, tensor } in &case.inputs {
            let id = TensorId::Name(name.clone());
            minilm.set_input(&id, tensor.clone()).unwrap();
        }
        let tokens = Tensor::from_slice(&[1, 8], &[wild; 8]).unwrap();
        minilm
            .set_input(&TensorId::from("input_ids"), tokens)
            .unwrap();
        assert!(minilm.compute(&Cancel::new()).is_err(), "{wild}");
    }
    let outputs = run(&mut *minilm, &case.inputs, case.outputs.len());
    agree(&outputs, &case.outputs, 5e-2);

    let case = Case::read(models, "ocr-detect", "onnxruntime");
    let graph = load_with(&Rten::new(), &[file(case.model.clone())], "");
    let mut detector = context(&graph);
    for sizes in [
        [1_u32, 3, 33, 47],
        [0, 3, 32, 32],
        [1, 3, 0, 0],
        [1, 3, 1, 1],
    ] {
        let elements = vec![f32::NAN; Tensor::elements(&sizes).unwrap()];
        let tensor = Tensor::from_slice(&sizes, &elements).unwrap();
        detector.set_input(&first, tensor).unwrap();
        // An answer or an error, and no end of the process.
        let _ = detector.compute(&Cancel::new());
    }
    let outputs = run(&mut *detector, &case.inputs, case.outputs.len());
    agree(&outputs, &case.outputs, 1e-3);
}

fn rten_refuses_truncated_models(models: &Models) {
    let model = Case::read(models, "silero-vad", "onnxruntime").model;
    let whole = std::fs::read(&model).unwrap();
    for end in [0, 1, 17, 1000, whole.len() / 2, whole.len() - 1] {
        let part = c12_nn_core::Source::Bytes(whole[..end].to_vec().into());
        let error = refusal(&Rten::new(), &[part]);
        assert_eq!(error.code(), Code::InvalidEncoding, "{end}: {error}");
    }
    let error = refusal(&Rten::new(), &[file("/nowhere/model.onnx".into())]);
    assert_eq!(error.code(), Code::NotFound);
    assert!(!error.message().contains("/nowhere"), "{error}");
    let gpu = Rten::new().load(&[bytes(model)], Device::Gpu, &Options::new());
    assert_eq!(gpu.err().unwrap().code(), Code::UnsupportedOperation);
    assert!(Rten::new().reads(Encoding::Onnx) && Rten::new().status().ready);
}

fn rten_graphs_may_go_before_their_contexts(models: &Models) {
    let case = Case::read(models, "silero-vad", "onnxruntime");
    let graph: Arc<dyn Graph> = load_with(&Rten::new(), &[bytes(case.model.clone())], "");
    let mut contexts: Vec<_> = (0..1000).map(|_| context(&graph)).collect();
    drop(graph);
    for context in contexts.iter_mut().step_by(100) {
        let outputs = run(&mut **context, &case.inputs, case.outputs.len());
        agree(&outputs, &case.outputs, 1e-4);
    }
}
