//! Models for guests that use WASI-NN: named by options and files, run by guests of both kinds.

use std::time::{Duration, Instant};

use snapbox::{assert_data_eq, str};

use crate::guests::{guest, with_guests};
use crate::harness::{Home, Outcome};

mod file;
#[cfg(feature = "nn-ggml")]
mod language;
#[allow(dead_code)]
#[path = "../../../../../plugins/nn/tests/nn/onnx.rs"]
mod onnx;
mod setup;

/// Asks for a model by the name in its memory; the result is the error number.
const ASKS: &str = r#"(module
    (import "wasi_ephemeral_nn" "load_by_name" (func $load (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 8) "affine")
    (func (export "ask") (result i32) (call $load (i32.const 8) (i32.const 6) (i32.const 0))))"#;

const NOTHING: &str = "(module (func (export \"_start\")))";

/// A home with a model, and a guest that asks for it.
fn home() -> Home {
    let home = Home::new();
    home.write("models/affine.onnx", onnx::affine());
    home.write("asks.wat", ASKS);
    home.write("nothing.wat", NOTHING);
    home
}

fn ask(home: &Home, options: &[&str]) -> Outcome {
    home.c12([&["run", "--invoke", "ask"], options, &["asks.wat"]].concat())
        .run()
}

#[test]
fn models_are_named_by_options() {
    let home = home();
    for options in [
        &["--nn-model", "affine=onnx:models/affine.onnx"][..],
        &["--nn-model", "affine=ONNX:models/affine.onnx?threads=1"],
        &["--nn-model", "affine=autodetect:models/affine.onnx"],
        &["--nn-preload", "affine:onnx:cpu:models/affine.onnx"],
        &["--nn-preload", "affine:ONNX:AUTO:models/affine.onnx"],
        &[
            "--plugin-config",
            "nn.models=affine=onnx:models/affine.onnx",
        ],
        &[
            "--nn-model",
            "other=onnx:models/affine.onnx",
            "--nn-model",
            "affine=onnx:models/affine.onnx",
            "--plugin-config",
            "nn.models=third=onnx:models/affine.onnx",
        ],
    ] {
        let outcome = ask(&home, options);
        assert_eq!(outcome.stderr, "", "{options:?}");
        assert_eq!(outcome.success(), "0\n", "{options:?}");
    }
}

#[test]
fn what_is_no_model_is_wrong_usage() {
    let home = home();
    let run = |options: &[&str]| {
        let words = [&["run"], options, &["nothing.wat"]].concat();
        home.c12(words).run().failure(2)
    };
    assert_data_eq!(
        run(&["--nn-model", "affine"]),
        str![[r#"
error: invalid value 'affine' for '--nn-model <NAME=BACKEND:PATH[?KEY=VALUE&…]>': `affine` names no model; `NAME=BACKEND:PATH[?key=value&key=value…]` is expected

For more information, try '--help'.

"#]]
    );
    for nonsense in [
        "=onnx:x",
        "a=onnx",
        "a=onnx:",
        "a=:x",
        "a=onnx:x?%",
        "a=onnx:x?k=1&k=2",
    ] {
        run(&["--nn-model", nonsense]);
    }
    for nonsense in [
        "a",
        "a:onnx:cpu",
        "a:onnx:cpu:",
        ":onnx:cpu:x",
        "a:onnx:moon:x",
        "a:word:cpu:x",
    ] {
        run(&["--nn-preload", nonsense]);
    }
    let model = "models/affine.onnx";
    assert_data_eq!(
        run(&["--nn-model", &format!("a=onyx:{model}")]),
        str![[r#"
error: cannot use the models
  the model `a` is to be run by `onyx`, which is neither a backend nor an encoding
help: the backends are [..]

"#]]
    );
    assert_data_eq!(
        run(&["--nn-model", &format!("a=onnx:{model}?speed=11")]),
        str![[r#"
error: cannot use the models
  the model `a`: there is no option `speed`
help: the options are [..]

"#]]
    );
    assert_data_eq!(
        run(&["--nn-model", &format!("a=onnx:{model}?sessions=all")]),
        str![[r#"
error: cannot use the models
  the model `a`: the option `sessions` cannot be `all`: invalid digit found in string

"#]]
    );
    assert_data_eq!(
        run(&[
            "--nn-model",
            &format!("a=onnx:{model}"),
            "--nn-preload",
            &format!("a:onnx:cpu:{model}")
        ]),
        str![[r#"
error: two models are called `a`
help: a guest asks for a model by its name; give one of them another

"#]]
    );
    home.write("c12.toml", "[nn.models]\na = 7\n");
    assert_data_eq!(
        run(&["--config", "c12.toml"]),
        str![[r#"
error: cannot use the configuration c12.toml
  TOML parse error at line 2, column 5
    |
  2 | a = 7
    |     ^
  invalid type: integer `7`, expected text such as `onnx:model.onnx`, or a table with `backend` and `path`

"#]]
    );
    home.write("c12.toml", "[nn.models]\na = \"model.onnx\"\n");
    let error = run(&["--config", "c12.toml"]);
    assert!(error.contains("names no model `a`"), "{error}");
}

#[test]
fn a_model_is_a_regular_file() {
    let home = home();
    let error = home
        .c12(["run", "--nn-model", "a=onnx:/dev/zero", "nothing.wat"])
        .run()
        .failure(1);
    assert_eq!(
        error,
        "error: cannot use the model `a`\n  /dev/zero: it is no regular file\n"
    );
}

#[test]
fn a_file_that_is_not_there_is_told_at_once() {
    let home = home();
    assert_data_eq!(
        home.c12([
            "run",
            "--nn-model",
            "a=onnx:models/gone.onnx",
            "nothing.wat"
        ])
        .run()
        .failure(1),
        str![[r#"
error: cannot use the model `a`
  models/gone.onnx: No such file or directory (os error 2)
help: check the path; it is relative to the current directory, in a configuration to its folder

"#]]
    );
    let error = home
        .c12(["run", "--nn-model", "a=onnx:models", "nothing.wat"])
        .run()
        .failure(1);
    assert!(error.contains("models: it is a directory"), "{error}");
    // A guest for WasmEdge finds out by itself, and the user is told why.
    let outcome = ask(
        &home,
        &["--nn-preload", "affine:ggml:auto:models/gone.gguf"],
    );
    let errno = if cfg!(feature = "nn-ggml") { 103 } else { 6 };
    assert_eq!(outcome.stdout, format!("{errno}\n"), "{outcome:?}");
    let outcome = ask(
        &home,
        &["--nn-preload", "affine:onnx:auto:models/gone.onnx"],
    );
    assert_data_eq!(
        outcome.stderr.clone(),
        str![[r#"
warning: plugin `nn`: `load_by_name` failed
  the model's file cannot be read
help: `models/gone.onnx`: No such file or directory (os error 2)

"#]]
    );
    assert_eq!(outcome.success(), "8\n");
}

#[test]
fn who_asks_in_vain_is_told_the_option() {
    let home = home();
    let outcome = ask(&home, &[]);
    assert_data_eq!(
        outcome.stderr.clone(),
        str![[r#"
warning: plugin `nn`: `load_by_name` failed
  there is no model `affine`
help: `--nn-model affine=BACKEND:PATH` would give guests one

"#]]
    );
    assert_eq!(outcome.success(), "8\n");
    let outcome = ask(&home, &["--json"]);
    let warning: serde_json::Value = serde_json::from_str(&outcome.stderr).unwrap();
    assert_eq!(
        warning["warning"]["causes"][0],
        "there is no model `affine`"
    );
}

/// A backend whose library is not where the user says: the guest gets `unsupported`, the user what would help. Nothing
/// slower takes its place.
#[test]
fn a_backend_that_is_missing_says_what_would_get_it() {
    const PLACE: &str = "/c12/has/no/such/library.so";
    let home = home();
    let run =
        |options: &[&str]| home.c12([&["run", "--invoke", "ask"], options, &["asks.wat"]].concat());
    let setting = format!("nn.onnxruntime={PLACE}");
    for command in [
        run(&["--nn-model", "affine=onnxruntime:models/affine.onnx"]).env("ORT_DYLIB_PATH", PLACE),
        run(&["--nn-model", "affine=onnx:models/affine.onnx"]).env("ORT_DYLIB_PATH", PLACE),
        run(&[
            "--nn-model",
            "affine=onnx:models/affine.onnx",
            "--plugin-config",
            &setting,
        ]),
    ] {
        let words = told_as_unsupported(command);
        assert!(words.contains("ONNX Runtime") || words.contains("`onnxruntime`"));
        assert!(words.contains(PLACE), "{words}");
    }
}

fn told_as_unsupported(command: crate::harness::C12) -> String {
    let outcome = command.run();
    assert_eq!(outcome.stdout, "6\n", "{outcome:?}");
    outcome.stderr
}

#[test]
fn models_and_backends_are_shown() {
    let home = home();
    home.write(
        "c12.toml",
        "[nn.models]\naffine = \"onnx:models/affine.onnx?threads=2\"\n",
    );
    let info = home
        .c12(["plugin", "info", "nn", "--config", "c12.toml"])
        .run()
        .success();
    for line in [
        "  wasi:nn/graph@0.2.0-rc-2024-10-28\n",
        "    load-by-name: func(name: string) -> result<graph, error>\n",
        "    generate: func(model: borrow<graph>, prompt: prompt, sampling: sampling) -> result<generation, error>\n",
        "  wasi_ephemeral_nn (for core modules)\n",
        "  c12_nn (for core modules)\n",
        "  numbering (text, default `specification`): how core modules number the types of tensors[..]\n",
        "Backends\n  name ",
        "\n  onnxruntime ",
        "Models\n  name    backend  device  files               options\n  affine  onnx     auto    models/affine.onnx  threads=2\n",
    ] {
        let line = line.split("[..]").next().unwrap();
        assert!(info.contains(line), "{line} is not in\n{info}");
    }
    let json = home.c12(["plugin", "info", "nn", "--json"]).run().success();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let backends = json["details"][0]["rows"].as_array().unwrap();
    assert!(backends.iter().any(|row| row["name"] == "onnxruntime"));
    for name in ["rten", "litert", "openvino", "pytorch", "llamacpp"] {
        assert!(
            info.contains(&format!("\n  {name} ")),
            "{name} is not in\n{info}"
        );
    }
    let doctor = home.c12(["doctor"]).run().success();
    assert!(doctor.contains(" nn backend onnxruntime: "), "{doctor}");
}

/// When the guest's time is up, the program ends although a computation is under way, with the code that it has for that.
#[test]
fn a_time_limit_ends_a_computation() {
    let home = Home::new();
    home.write("slow.onnx", onnx::slow());
    // A tensor of 1024 rows at 65536: its fields first, then its dimensions.
    home.write(
        "app",
        r#"(module
    (import "wasi_ephemeral_nn" "load_by_name" (func $load (param i32 i32 i32) (result i32)))
    (import "wasi_ephemeral_nn" "init_execution_context" (func $context (param i32 i32) (result i32)))
    (import "wasi_ephemeral_nn" "set_input" (func $set_input (param i32 i32 i32) (result i32)))
    (import "wasi_ephemeral_nn" "compute" (func $compute (param i32) (result i32)))
    (memory (export "memory") 66)
    (data (i32.const 8) "slow")
    (data (i32.const 32) "\40\00\00\00\02\00\00\00\01\00\00\00\00\00\01\00\00\00\40\00")
    (data (i32.const 64) "\00\04\00\00\00\04\00\00")
    (func (export "_start")
      (if (call $load (i32.const 8) (i32.const 4) (i32.const 0)) (then unreachable))
      (if (call $context (i32.load (i32.const 0)) (i32.const 4)) (then unreachable))
      (if (call $set_input (i32.load (i32.const 4)) (i32.const 0) (i32.const 32)) (then unreachable))
      (drop (call $compute (i32.load (i32.const 4))))))"#,
    );
    let started = Instant::now();
    let outcome = home
        .c12([
            "run",
            "--timeout",
            "500ms",
            "--nn-model",
            "slow=onnx:slow.onnx",
            "app",
        ])
        .run();
    assert_eq!(outcome.code, 124, "{outcome:?}");
    assert!(started.elapsed() < Duration::from_secs(30), "{outcome:?}");
}

with_guests! {
    /// The crates `wasi-nn` and `wasmedge-wasi-nn` as they are published, and a component.
    fn guests_of_every_kind_run_a_model() {
        let home = home();
        let model = ["--nn-model", "affine=onnx:models/affine.onnx"];
        for name in ["wasip1/nn_wasi", "wasip1/nn_wasmedge"] {
            let app = guest(name);
            let words = [&["run"], &model[..], &[&app, "affine", "1", "2.5", "-3"]].concat();
            assert_eq!(home.c12(words).run().success(), "[3.0, 6.0, -5.0]\n", "{name}");
        }
        let app = guest("wasip2/nn_component");
        let run = |words: &[&str]| home.c12([&["run"], &model[..], &[&app], words].concat()).run();
        assert_eq!(run(&["run", "affine", "x", "1", "2.5", "-3"]).success(), "y [1, 3] [3.0, 6.0, -5.0]\n");
        assert_eq!(run(&["names"]).success(), "affine\n");
        assert_eq!(
            run(&["describe", "affine"]).success(),
            "in x Some(TensorType::Fp32) n 3\nout y Some(TensorType::Fp32) n 3\n"
        );
        let outcome = run(&["run", "affine", "x", "1"]);
        assert_eq!(
            (outcome.code, outcome.stderr.as_str()),
            (1, "ErrorCode::InvalidArgument: the model takes `x`: f32[n, 3], but the tensor is f32[1, 1]\n")
        );
        let outcome = run(&["chat", "affine", "hello"]);
        assert_eq!(
            (outcome.code, outcome.stderr.as_str()),
            (1, "ErrorCode::UnsupportedOperation: the model is no language model\n")
        );
    }

    fn guests_for_wasmedge_tell_what_is_missing_from_what_is_gone() {
        let home = home();
        let app = guest("wasip1/nn_wasmedge");
        let outcome = home.c12(["run", &app, "other", "1"]).run();
        assert_eq!(outcome.success(), "there is no such model\n");
        let outcome = home
            .c12(["run", "--nn-preload", "other:ggml:auto:gone.gguf", &app, "other", "1"])
            .run();
        if cfg!(feature = "nn-ggml") {
            assert_eq!(outcome.success(), "there is no such file\n");
        } else {
            assert!(outcome.stderr.contains("this program was built without llama.cpp"), "{outcome:?}");
        }
    }

    fn guests_hand_over_models_where_the_user_allows_it() {
        let home = home();
        let allowed = [
            "--plugin-config",
            "nn.guest-models=onnx",
            "--plugin-config",
            "nn.rten-guest-models=true",
        ];
        for (app, words, output, refusal) in [
            (
                guest("wasip1/nn_wasi"),
                &["/models/affine.onnx", "1", "2", "3"][..],
                "[3.0, 5.0, 7.0]\n",
                "help: `--plugin-config nn.guest-models=onnx` would allow it\n",
            ),
            (
                guest("wasip2/nn_component"),
                &["file", "/models/affine.onnx", "x", "1", "2", "3"],
                "y [1, 3] [3.0, 5.0, 7.0]\n",
                "ErrorCode::Security: guests may not hand over models\n",
            ),
        ] {
            let run = |options: &[&str]| {
                home.c12([&["run", "--dir", "models::/models"], options, &[&app], words].concat()).run()
            };
            assert_eq!(run(&allowed).success(), output);
            let outcome = run(&[]);
            assert!(outcome.code != 0 && outcome.stderr.contains(refusal), "{outcome:?}");
        }
    }
}
