//! TensorFlow Lite with LiteRT.

use std::sync::Arc;

use c12_nn_core::setup::Framework;
use c12_nn_core::{
    Backend, Cancel, Code, Device, Encoding, Graph, LiteRt, OpenVino, Options, Reason, Registry,
    Result, Side, Source, Status, Tensor, TensorId, TensorType,
};

use crate::case::{Case, agree};
use crate::crash::survives_damage;
use crate::frameworks::{bytes, context, file, load, load_with, refusal, run, set_up};
use crate::packages::Models;
use crate::{Test, tests};

pub(crate) const TESTS: &[Test] = tests![
    litert_says_what_it_is,
    litert_agrees_with_python,
    litert_refuses_wrong_tensors,
    litert_refuses_what_is_no_model,
    litert_keeps_a_thousand_contexts_apart,
    litert_ends_a_cancelled_run,
    litert_graphs_may_go_before_their_contexts,
    litert_and_openvino_refuse_hostile_models,
    litert_survives_damaged_models,
    openvino_stands_in_for_litert,
];

/// All of mediapipe's models but the one with an operator that nobody has.
const MEDIAPIPE: [&str; 13] = [
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
    "selfie_segmentation",
    "selfie_segmentation_landscape",
];

fn backend(models: &Models) -> LiteRt {
    LiteRt::with_library(set_up(models, Framework::Tflite))
}

fn litert_says_what_it_is(models: &Models) {
    let status = backend(models).status();
    assert!(status.ready, "{status:?}");
    assert_eq!(status.version.as_deref(), Some("2.3.0"));
    let missing = LiteRt::with_library("/nowhere").status();
    assert!(!missing.ready);
    assert!(missing.remedy.unwrap().contains("/nowhere"));
}

fn litert_agrees_with_python(models: &Models) {
    let backend = backend(models);
    for (number, name) in MEDIAPIPE.iter().enumerate() {
        let case = Case::read(models, name, "litert");
        let path = case.model.clone();
        let (source, options) = if number % 2 == 0 {
            (file(path), "")
        } else {
            (bytes(path), "threads=2&sessions=2")
        };
        let graph = load_with(&backend, &[source], options);
        let signature = graph.signature();
        let names = |side: &Side| -> Vec<String> {
            side.tensors.iter().map(|it| it.name.clone()).collect()
        };
        let expected: Vec<&String> = case.inputs.iter().map(|it| &it.name).collect();
        assert!(names(&signature.inputs).iter().eq(expected), "{name}");
        let expected: Vec<&String> = case.outputs.iter().map(|it| &it.name).collect();
        assert!(names(&signature.outputs).iter().eq(expected), "{name}");
        let mut context = context(&graph);
        for _ in 0..2 {
            let outputs = run(&mut *context, &case.inputs, case.outputs.len());
            agree(&outputs, &case.outputs, 1e-4);
        }
    }
}

fn litert_refuses_wrong_tensors(models: &Models) {
    let case = Case::read(models, "hand_recrop", "litert");
    let graph = load(&backend(models), &[file(case.model.clone())]);
    let mut context = context(&graph);
    let early = context.get_output(&TensorId::Index(0)).unwrap_err();
    assert_eq!(early.code(), Code::RuntimeError);
    assert_eq!(
        context.compute(&Cancel::new()).unwrap_err().code(),
        Code::InvalidArgument
    );
    let elements = 256 * 256 * 3;
    for wrong in [
        Tensor::new(TensorType::U8, vec![1, 256, 256, 3], vec![0; elements]).unwrap(),
        Tensor::from_slice(&[256, 256, 3], &vec![0_f32; elements]).unwrap(),
        Tensor::from_slice(&[2, 128, 256, 3], &vec![0_f32; elements]).unwrap(),
        Tensor::from_slice::<f32>(&[0, 256, 256, 3], &[]).unwrap(),
        Tensor {
            ty: TensorType::F32,
            dimensions: vec![1, 256, 256, 3],
            data: vec![0; 8].into(),
        },
    ] {
        let error = context.set_input(&TensorId::Index(0), wrong).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{error}");
    }
    let nan = vec![f32::NAN; elements];
    let nan = Tensor::from_slice(&[1, 256, 256, 3], &nan).unwrap();
    context.set_input(&TensorId::from("input_1"), nan).unwrap();
    context.compute(&Cancel::new()).unwrap();
    let outputs = run(&mut *context, &case.inputs, case.outputs.len());
    agree(&outputs, &case.outputs, 1e-4);
}

fn litert_refuses_what_is_no_model(models: &Models) {
    let backend = backend(models);
    let whole = std::fs::read(Case::read(models, "hand_recrop", "litert").model).unwrap();
    for end in [0, 8, 100, whole.len() / 2, whole.len() - 1] {
        let error = refusal(&backend, &[Source::Bytes(whole[..end].to_vec().into())]);
        assert_eq!(error.code(), Code::InvalidEncoding, "{end}: {error}");
    }
    let error = refusal(&backend, &[file("/nowhere/model.tflite".into())]);
    assert_eq!(error.code(), Code::NotFound);
    assert_eq!(refusal(&backend, &[]).code(), Code::InvalidArgument);
    let unknown = "face_landmark/face_landmark_with_attention.tflite";
    let unknown = models.path(&format!("mediapipe-0.10.21/mediapipe/modules/{unknown}"));
    let error = refusal(&backend, &[file(unknown)]);
    assert_eq!(error.code(), Code::InvalidEncoding, "{error}");
    let options = c12_nn_core::Options::from_query("signature=nobody").unwrap();
    let sources = [Source::Bytes(whole.into())];
    let error = backend.load(&sources, c12_nn_core::Device::Cpu, &options);
    assert_eq!(error.err().unwrap().code(), Code::InvalidArgument);
}

fn litert_keeps_a_thousand_contexts_apart(models: &Models) {
    let case = Case::read(models, "hand_recrop", "litert");
    let graph = load(&backend(models), &[file(case.model.clone())]);
    let mut contexts: Vec<_> = (0..1000).map(|_| context(&graph)).collect();
    for each in contexts.iter_mut().step_by(100) {
        let outputs = run(&mut **each, &case.inputs, case.outputs.len());
        agree(&outputs, &case.outputs, 1e-4);
    }
    let zeros = Tensor::from_slice(&[1, 256, 256, 3], &vec![0_f32; 256 * 256 * 3]).unwrap();
    contexts[1].set_input(&TensorId::Index(0), zeros).unwrap();
    contexts[1].compute(&Cancel::new()).unwrap();
    let first = contexts[0].get_output(&TensorId::Index(0)).unwrap();
    agree(&[first], &case.outputs, 1e-4);
}

fn litert_ends_a_cancelled_run(models: &Models) {
    let case = Case::read(models, "pose_landmark_full", "litert");
    let graph = load(&backend(models), &[file(case.model.clone())]);
    let mut context = context(&graph);
    context
        .set_input(&TensorId::Index(0), case.inputs[0].tensor.clone())
        .unwrap();
    let cancel = Cancel::new();
    cancel.cancel(Reason::Timeout);
    assert_eq!(context.compute(&cancel).unwrap_err().code(), Code::Timeout);
    let outputs = run(&mut *context, &case.inputs, case.outputs.len());
    agree(&outputs, &case.outputs, 1e-4);
}

fn litert_graphs_may_go_before_their_contexts(models: &Models) {
    let case = Case::read(models, "palm_detection_lite", "litert");
    let graph = load(&backend(models), &[file(case.model.clone())]);
    let mut one = context(&graph);
    let mut two = context(&graph);
    let inputs = case.inputs.clone();
    let count = case.outputs.len();
    let thread = std::thread::spawn(move || run(&mut *two, &inputs, count));
    drop(graph);
    let outputs = run(&mut *one, &case.inputs, count);
    drop(one);
    agree(&outputs, &case.outputs, 1e-4);
    agree(&thread.join().unwrap(), &case.outputs, 1e-4);
}

/// The files' names begin with the code that is expected.
fn litert_and_openvino_refuse_hostile_models(models: &Models) {
    let litert = backend(models);
    let openvino = OpenVino::with_library(set_up(models, Framework::OpenVino));
    let mut count = 0;
    for entry in std::fs::read_dir(models.path("hostile")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_none_or(|extension| extension != "tflite")
        {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let (expected, _) = name.split_once('.').unwrap();
        for backend in [&litert as &dyn Backend, &openvino] {
            let error = refusal(backend, &[bytes(path.clone())]);
            assert_eq!(error.code().name(), expected, "{name}: {error}");
        }
        count += 1;
    }
    assert_eq!(count, 20);
}

fn litert_survives_damaged_models(models: &Models) {
    let library = set_up(models, Framework::Tflite);
    let model = Case::read(models, "face_detection_short_range", "litert").model;
    survives_damage("litert", &library, &model);
}

/// LiteRT on a machine that has not got it.
struct Missing(LiteRt);

impl Backend for Missing {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn encoding(&self) -> Encoding {
        self.0.encoding()
    }

    fn status(&self) -> Status {
        Status::missing("it is not there")
    }

    fn load(
        &self,
        sources: &[Source],
        device: Device,
        options: &Options,
    ) -> Result<Arc<dyn Graph>> {
        self.0.load(sources, device, options)
    }
}

fn openvino_stands_in_for_litert(models: &Models) {
    let case = Case::read(models, "hand_recrop", "openvino");
    let spec = format!("it=tflite:{}", case.model.display());
    let registry = Registry::builder()
        .backend(Missing(LiteRt::new()))
        .backend(OpenVino::with_library(set_up(models, Framework::OpenVino)))
        .model(spec.parse().unwrap())
        .build()
        .unwrap();
    let model = registry.model("it", &Cancel::new()).unwrap();
    assert_eq!(model.backend(), "openvino");
}
