//! ONNX, OpenVINO's own format and TensorFlow Lite with OpenVINO.

use std::sync::Arc;

use c12_nn_core::setup::Framework;
use c12_nn_core::{
    Backend, Cancel, Code, Device, Encoding, Graph, NamedTensor, OpenVino, Options, Reason,
    Registry, Source, Tensor, TensorId,
};

use crate::case::{Case, agree};
use crate::crash::survives_damage;
use crate::frameworks::{bytes, context, file, load, load_with, refusal, run, set_up};
use crate::packages::Models;
use crate::{Test, tests};

pub(crate) const TESTS: &[Test] = tests![
    openvino_says_what_it_is,
    openvino_agrees_with_python_on_onnx,
    openvino_agrees_with_python_on_tensorflow_lite,
    openvino_reads_its_own_format_from_files_and_bytes,
    openvino_refuses_wrong_tensors,
    openvino_refuses_what_is_no_model,
    openvino_keeps_a_thousand_contexts_apart,
    openvino_ends_a_cancelled_run,
    openvino_models_outlive_their_registry,
    openvino_survives_damaged_models,
];

fn backend(models: &Models) -> OpenVino {
    OpenVino::with_library(set_up(models, Framework::OpenVino))
}

fn input(dimensions: &[u32]) -> Tensor {
    let elements = Tensor::elements(dimensions).unwrap();
    Tensor::from_slice(dimensions, &vec![0.5_f32; elements]).unwrap()
}

fn openvino_says_what_it_is(models: &Models) {
    let status = backend(models).status();
    assert!(status.ready, "{status:?}");
    assert_eq!(status.version.as_deref(), Some("2026.4.1"));
    assert!(status.devices.contains(&Device::Cpu), "{status:?}");
    assert!(status.remedy.is_none());
    let missing = OpenVino::with_library("/nowhere/libopenvino_c.so").status();
    assert!(!missing.ready);
    assert!(
        missing
            .remedy
            .unwrap()
            .contains("/nowhere/libopenvino_c.so")
    );
    // A library of another framework lacks the functions.
    let other = set_up(models, Framework::Tflite).join("ai_edge_litert/libLiteRt.so");
    let other = OpenVino::with_library(other).status().remedy.unwrap();
    assert!(other.contains("which a setting names"), "{other}");
}

fn openvino_agrees_with_python_on_onnx(models: &Models) {
    let backend = backend(models);
    for name in ["silero-vad-ifless", "efficientnet-coffee"] {
        let case = Case::read(models, name, "openvino");
        for source in [file(case.model.clone()), bytes(case.model.clone())] {
            let graph = load(&backend, &[source]);
            let outputs = run(&mut *context(&graph), &case.inputs, case.outputs.len());
            agree(&outputs, &case.outputs, 1e-4);
        }
    }
}

fn openvino_agrees_with_python_on_tensorflow_lite(models: &Models) {
    let backend = backend(models);
    let mut count = 0;
    for name in [
        "face_detection_full_range_sparse",
        "face_detection_short_range",
        "face_landmark",
        "hand_landmark_full",
        "hand_landmark_lite",
        "hand_recrop",
        "iris_landmark",
        "palm_detection_full",
        "palm_detection_lite",
        "pose_detection",
        "pose_landmark_full",
    ] {
        let case = Case::read(models, name, "openvino");
        let path = case.model.clone();
        let source = if count % 2 == 0 {
            file(path)
        } else {
            bytes(path)
        };
        let graph = load(&backend, &[source]);
        let outputs = run(&mut *context(&graph), &case.inputs, case.outputs.len());
        agree(&outputs, &case.outputs, 1e-4);
        count += 1;
    }
    assert_eq!(count, 11);
}

fn openvino_reads_its_own_format_from_files_and_bytes(models: &Models) {
    let backend = backend(models);
    let case = Case::read(models, "efficientnet-coffee", "openvino");
    let xml = models.path("openvino/efficientnet-lite0.xml");
    let weights = models.path("openvino/efficientnet-lite0.bin");
    for sources in [
        vec![file(xml.clone()), file(weights.clone())],
        vec![bytes(xml.clone()), bytes(weights.clone())],
        vec![bytes(xml.clone()), file(weights.clone())],
        // Its weights lie beside it.
        vec![file(xml.clone())],
    ] {
        let graph = load(&backend, &sources);
        assert_eq!(
            graph.signature().inputs.tensors[0].to_string(),
            "`image`: f32[1, 3, 224, 224]"
        );
        let outputs = run(&mut *context(&graph), &case.inputs, case.outputs.len());
        agree(&outputs, &case.outputs, 1e-4);
    }
    // Without weights, or with too few of them.
    let error = refusal(&backend, &[bytes(xml.clone())]);
    assert_eq!(error.code(), Code::InvalidEncoding, "{error}");
    let few = std::fs::read(weights).unwrap()[..1000].to_vec();
    let error = refusal(&backend, &[file(xml.clone()), Source::Bytes(few.into())]);
    assert_eq!(error.code(), Code::InvalidEncoding, "{error}");
    let error = refusal(&backend, &[file(xml.clone()), file(xml.clone()), file(xml)]);
    assert_eq!(error.code(), Code::InvalidArgument, "{error}");
}

fn openvino_refuses_wrong_tensors(models: &Models) {
    let backend = backend(models);
    let case = Case::read(models, "silero-vad-ifless", "openvino");
    let graph = load(&backend, &[file(case.model.clone())]);
    let mut context = context(&graph);
    let first = TensorId::from("input");
    let early = context.get_output(&TensorId::from("output")).unwrap_err();
    assert_eq!(early.code(), Code::RuntimeError);
    let missing = context.compute(&Cancel::new()).unwrap_err();
    assert_eq!(missing.code(), Code::InvalidArgument);
    for wrong in [
        Tensor::from_slice(&[1, 576], &[0_i32; 576]).unwrap(),
        input(&[576]),
        Tensor {
            ty: c12_nn_core::TensorType::F32,
            dimensions: vec![1, 576],
            data: vec![0; 7].into(),
        },
        Tensor {
            ty: c12_nn_core::TensorType::F32,
            dimensions: vec![u32::MAX, u32::MAX],
            data: vec![0; 16].into(),
        },
    ] {
        let code = context.set_input(&first, wrong).unwrap_err().code();
        assert!(
            matches!(code, Code::InvalidArgument | Code::TooLarge),
            "{code}"
        );
    }
    assert!(
        context
            .set_input(&TensorId::from("nobody"), input(&[1]))
            .is_err()
    );
    // Sizes that are free, but do not fit each other; and none at all. The context can be used afterwards.
    for sizes in [[3_u32, 576], [1, 1], [0, 576], [1, 0]] {
        for NamedTensor { name, tensor } in &case.inputs {
            context
                .set_input(&TensorId::Name(name.clone()), tensor.clone())
                .unwrap();
        }
        context.set_input(&first, input(&sizes)).unwrap();
        let _ = context.compute(&Cancel::new());
    }
    let outputs = run(&mut *context, &case.inputs, case.outputs.len());
    agree(&outputs, &case.outputs, 1e-4);
    let nan = Tensor::from_slice(&[1, 576], &[f32::NAN; 576]).unwrap();
    context.set_input(&first, nan).unwrap();
    context.compute(&Cancel::new()).unwrap();
}

fn openvino_refuses_what_is_no_model(models: &Models) {
    let backend = backend(models);
    let onnx = Case::read(models, "silero-vad-ifless", "openvino").model;
    let tflite = Case::read(models, "hand_recrop", "openvino").model;
    for path in [onnx, tflite] {
        let whole = std::fs::read(path).unwrap();
        for end in [0, 3, 100, whole.len() / 2, whole.len() - 1] {
            let error = refusal(&backend, &[Source::Bytes(whole[..end].to_vec().into())]);
            assert_eq!(error.code(), Code::InvalidEncoding, "{end}: {error}");
        }
    }
    let error = refusal(&backend, &[file("/nowhere/model.onnx".into())]);
    assert_eq!(error.code(), Code::NotFound);
    assert!(!error.message().contains("/nowhere"), "{error}");
    let xml = "<?xml version=\"1.0\"?><net name=\"x\" version=\"11\"><layers/><edges/></net>";
    let empty = [Source::Bytes(xml.into())];
    let _ = backend.load(&empty, Device::Cpu, &Options::new());
    assert_eq!(refusal(&backend, &[]).code(), Code::InvalidArgument);
}

fn openvino_keeps_a_thousand_contexts_apart(models: &Models) {
    let backend = backend(models);
    let case = Case::read(models, "hand_recrop", "openvino");
    let graph = load(&backend, &[file(case.model.clone())]);
    let mut contexts: Vec<_> = (0..1000).map(|_| context(&graph)).collect();
    for each in contexts.iter_mut().step_by(100) {
        let outputs = run(&mut **each, &case.inputs, case.outputs.len());
        agree(&outputs, &case.outputs, 1e-4);
    }
    let others = input(&[1, 256, 256, 3]);
    for each in contexts.iter_mut().skip(50).step_by(100) {
        each.set_input(&TensorId::Index(0), others.clone()).unwrap();
        each.compute(&Cancel::new()).unwrap();
    }
    let first = contexts[0].get_output(&TensorId::Index(0)).unwrap();
    agree(&[first], &case.outputs, 1e-4);
}

fn openvino_ends_a_cancelled_run(models: &Models) {
    let backend = backend(models);
    let case = Case::read(models, "pose_landmark_full", "openvino");
    let graph = load_with(&backend, &[file(case.model.clone())], "threads=1");
    let mut context = context(&graph);
    context
        .set_input(&TensorId::Index(0), case.inputs[0].tensor.clone())
        .unwrap();
    let cancelled = Cancel::new();
    cancelled.cancel(Reason::Gone);
    assert!(context.compute(&cancelled).is_err());
    let cancel = Cancel::new();
    let other = cancel.clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(2));
        other.cancel(Reason::Timeout);
    });
    match context.compute(&cancel) {
        Err(error) => assert_eq!(error.code(), Code::Timeout, "{error}"),
        // It was faster.
        Ok(()) => assert!(context.get_output(&TensorId::Index(0)).is_ok()),
    }
    thread.join().unwrap();
    let outputs = run(&mut *context, &case.inputs, case.outputs.len());
    agree(&outputs, &case.outputs, 1e-4);
}

fn openvino_models_outlive_their_registry(models: &Models) {
    let case = Case::read(models, "hand_recrop", "openvino");
    let path = case.model.display();
    let registry = Registry::builder()
        .backend(backend(models))
        .model(format!("it=tflite:{path}").parse().unwrap())
        .build()
        .unwrap();
    let model = registry.model("it", &Cancel::new()).unwrap();
    assert_eq!(model.backend(), "openvino");
    let mut first = model.context(&Options::new()).unwrap();
    drop((registry, model));
    let outputs = run(&mut *first, &case.inputs, case.outputs.len());
    agree(&outputs, &case.outputs, 1e-4);
    // A graph that goes away while another thread is within a run of it.
    let graph: Arc<dyn Graph> = load(&backend(models), &[file(case.model.clone())]);
    let mut second = context(&graph);
    let thread = std::thread::spawn(move || {
        for _ in 0..20 {
            let outputs = run(&mut *second, &case.inputs, case.outputs.len());
            agree(&outputs, &case.outputs, 1e-4);
        }
    });
    drop(graph);
    thread.join().unwrap();
    assert!(backend(models).reads(Encoding::Onnx));
}

fn openvino_survives_damaged_models(models: &Models) {
    let library = set_up(models, Framework::OpenVino);
    let onnx = models.path("silero-vad-6.2.3/silero_vad/data/silero_vad_op18_ifless.onnx");
    survives_damage("openvino", &library, &onnx);
    let tflite = Case::read(models, "face_detection_short_range", "openvino").model;
    survives_damage("openvino", &library, &tflite);
}
