use std::path::PathBuf;

use c12_nn_core::{Device, ModelSpec};

#[test]
fn a_model_is_named_with_backend_path_and_options() {
    let spec: ModelSpec = "m=onnx:/models/a b.onnx?threads=2&device=gpu"
        .parse()
        .unwrap();
    assert_eq!(spec.name, "m");
    assert_eq!(spec.backend, "onnx");
    assert_eq!(spec.device, Device::Gpu);
    assert_eq!(spec.files, [PathBuf::from("/models/a b.onnx")]);
    assert_eq!(spec.options.text("threads").unwrap().as_deref(), Some("2"));
    assert!(spec.options.value("device").is_none());
}

#[test]
fn paths_may_have_colons_percent_and_question_marks() {
    let spec: ModelSpec = r"m=onnx:C:\models\100%25.onnx".parse().unwrap();
    assert_eq!(spec.files, [PathBuf::from(r"C:\models\100%25.onnx")]);
    let spec: ModelSpec = "m=onnx:what%3F.onnx?threads=1".parse().unwrap();
    assert_eq!(spec.files, [PathBuf::from("what?.onnx")]);
    let spec: ModelSpec = "m=openvino:net.xml?weights=net.bin".parse().unwrap();
    assert_eq!(
        spec.files,
        [PathBuf::from("net.xml"), PathBuf::from("net.bin")]
    );
}

#[test]
fn what_names_no_model_is_refused_with_the_form() {
    for text in [
        "",
        "m",
        "m=",
        "m=onnx",
        "m=onnx:",
        "=onnx:a",
        "m=:a",
        "m=onnx:?a=1",
    ] {
        let error = text.parse::<ModelSpec>().unwrap_err();
        assert_eq!(
            error.help(),
            Some("`NAME=BACKEND:PATH[?key=value&key=value…]` is expected"),
            "{text}"
        );
    }
    assert!("m=onnx:a?device=abacus".parse::<ModelSpec>().is_err());
}

#[test]
fn wasmedge_s_form_is_understood() {
    let spec = ModelSpec::from_preload("default:GGML:AUTO:/models/a:b.gguf").unwrap();
    assert_eq!(spec.name, "default");
    assert_eq!(spec.backend, "ggml");
    assert_eq!(spec.device, Device::Auto);
    assert_eq!(spec.files, [PathBuf::from("/models/a:b.gguf")]);
    let spec = ModelSpec::from_preload("m:onnx:cpu:/data/v1:2/m.onnx").unwrap();
    assert_eq!(spec.files, [PathBuf::from("/data/v1:2/m.onnx")]);
    let spec = ModelSpec::from_preload("m:OpenVINO:CPU:a.xml:a.bin").unwrap();
    assert_eq!(spec.files, [PathBuf::from("a.xml"), PathBuf::from("a.bin")]);
    for text in [
        "",
        "m:GGML",
        "m:GGML:AUTO",
        "m:GGML:AUTO:",
        ":GGML:AUTO:a",
        "m:Abacus:CPU:a",
        "m:GGML:ABACUS:a",
    ] {
        assert!(ModelSpec::from_preload(text).is_err(), "{text}");
    }
}
