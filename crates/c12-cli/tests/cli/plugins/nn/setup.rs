//! `c12 plugin setup nn`: a framework is fetched, checked, and there for guests.

use snapbox::{assert_data_eq, str};

use crate::harness::Home;

#[test]
fn what_cannot_be_set_up_is_told() {
    let home = Home::new();
    assert_data_eq!(
        home.c12(["plugin", "setup", "nn", "onyx"]).run().failure(2),
        str![[r#"
error: invalid value 'onyx' for '<FRAMEWORK>': nothing is known of a framework `onyx`; the frameworks are onnx, openvino, tflite, pytorch

For more information, try '--help'.

"#]]
    );
    assert_data_eq!(
        home.c12(["plugin", "setup", "nn", "onnx", "--libtorch", "/usr"])
            .run()
            .failure(2),
        str![[r#"
error: `--libtorch` means nothing for `onnx`
help: leave it out, or set up `pytorch`

"#]]
    );
    assert_data_eq!(
        home.c12([
            "plugin",
            "setup",
            "nn",
            "pytorch",
            "--libtorch",
            "/c12/nowhere"
        ])
        .run()
        .failure(1),
        str![[r#"
error: cannot set up `pytorch` for the plugin `nn`
  there is no libtorch with its headers in `/c12/nowhere`
help: a folder is expected that has `include/torch/script.h` and, in `lib`, `libtorch_cpu.so`

"#]]
    );
    // Without the client for packages.
    let error = home
        .c12(["plugin", "setup", "nn", "onnx"])
        .env("PATH", home.work())
        .run()
        .failure(1);
    assert!(
        error.contains("`python3` cannot be run") && error.contains("`python3-pip`"),
        "{error}"
    );
    // Nothing stays behind.
    let data = home.work().join("../.local/share/c12/nn");
    let left = std::fs::read_dir(data).map_or(0, |entries| entries.count());
    assert_eq!(left, 0);
}

/// A core module with a photograph in it, as a model of ImageNet takes it: `classify` gives the class that is likeliest.
fn photograph() -> String {
    let models = std::env::var("C12_NN_MODELS").unwrap();
    let file = format!("{models}/inputs/efficientnet-coffee.0");
    let bytes = std::fs::read(file).unwrap();
    let image: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    // The tensor's fields at 32, its dimensions at 64, the image at 65536, the output at 1048576.
    format!(
        r#"(module
    (import "wasi_ephemeral_nn" "load_by_name" (func $load (param i32 i32 i32) (result i32)))
    (import "wasi_ephemeral_nn" "init_execution_context" (func $context (param i32 i32) (result i32)))
    (import "wasi_ephemeral_nn" "set_input" (func $set_input (param i32 i32 i32) (result i32)))
    (import "wasi_ephemeral_nn" "compute" (func $compute (param i32) (result i32)))
    (import "wasi_ephemeral_nn" "get_output" (func $output (param i32 i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 32)
    (data (i32.const 8) "image")
    (data (i32.const 32) "\40\00\00\00\04\00\00\00\01\00\00\00\00\00\01\00\00\30\09\00")
    (data (i32.const 64) "\01\00\00\00\03\00\00\00\e0\00\00\00\e0\00\00\00")
    (data (i32.const 65536) "{image}")
    (func (export "classify") (result i32)
      (local $place i32) (local $best i32)
      (if (call $load (i32.const 8) (i32.const 5) (i32.const 0)) (then unreachable))
      (if (call $context (i32.load (i32.const 0)) (i32.const 4)) (then unreachable))
      (if (call $set_input (i32.load (i32.const 4)) (i32.const 0) (i32.const 32)) (then unreachable))
      (if (call $compute (i32.load (i32.const 4))) (then unreachable))
      (if (call $output (i32.load (i32.const 4)) (i32.const 0) (i32.const 1048576) (i32.const 4000) (i32.const 16))
        (then unreachable))
      (local.set $best (i32.const 1048576))
      (local.set $place (i32.const 1048576))
      (loop $next
        (if (f32.gt (f32.load (local.get $place)) (f32.load (local.get $best)))
          (then (local.set $best (local.get $place))))
        (local.set $place (i32.add (local.get $place) (i32.const 4)))
        (br_if $next (i32.lt_u (local.get $place) (i32.const 1052576))))
      (i32.shr_u (i32.sub (local.get $best) (i32.const 1048576)) (i32.const 2))))"#
    )
}

/// From nothing: the package's client fetches it, its hash is checked, and the next run uses it.
#[test]
#[cfg_attr(
    not(nn_models),
    ignore = "needs models: C12_NN_MODELS names a folder that has none"
)]
fn a_framework_is_fetched_and_used() {
    /// Espresso, of the classes of ImageNet.
    const ESPRESSO: &str = "967\n";
    const PLACE: &str = "/.local/share/c12/nn/onnxruntime/1.31.1/";
    let home = Home::new();
    home.write("photograph.wat", photograph());
    let models = std::env::var("C12_NN_MODELS").unwrap();
    let classify = |backend: &str| {
        let model = format!("image={backend}:{models}/efficientnet-lite0.onnx");
        home.c12([
            "run",
            "--invoke",
            "classify",
            "--nn-model",
            &model,
            "photograph.wat",
        ])
        .run()
    };
    // With what is built in.
    assert_eq!(classify("onnx").success(), ESPRESSO);
    let info = home.c12(["plugin", "info", "nn"]).run().success();
    assert!(!info.contains(PLACE), "{info}");

    let outcome = home.c12(["plugin", "setup", "nn", "onnx"]).run();
    assert!(
        outcome.stderr.contains("fetching onnxruntime 1.31.1 ("),
        "{outcome:?}"
    );
    assert_data_eq!(
        outcome.success(),
        str![[r#"
onnx is set up, in [..]/.local/share/c12/nn/onnxruntime/1.31.1
  onnxruntime 1.31.1, licence MIT

"#]]
    );
    let again = home
        .c12(["plugin", "setup", "nn", "onnx", "--json"])
        .run()
        .success();
    let again: serde_json::Value = serde_json::from_str(&again).unwrap();
    assert_eq!(
        (&again["already"], &again["packages"][0]["licence"]),
        (&true.into(), &"MIT".into())
    );

    let info = home.c12(["plugin", "info", "nn"]).run().success();
    let ready = "  onnxruntime  onnx            ready    1.31.1, cpu, ";
    assert!(info.contains(ready) && info.contains(PLACE), "{info}");
    let doctor = home.c12(["doctor"]).run().success();
    assert!(
        doctor.contains("ok       nn backend onnxruntime: onnx: 1.31.1, cpu, "),
        "{doctor}"
    );
    for backend in ["onnxruntime", "onnx", "rten"] {
        assert_eq!(classify(backend).success(), ESPRESSO, "{backend}");
    }
}
