//! Models, and settings of the plugin, in `c12.toml`.

use super::{ask, home};

#[test]
fn models_are_named_in_a_file() {
    let home = home();
    for toml in [
        "[nn.models]\naffine = \"onnx:models/affine.onnx\"\n",
        "[nn.models]\naffine = { backend = \"onnx\", path = \"models/affine.onnx\", device = \"cpu\", threads = 1 }\n",
        "[plugins.nn]\nconfig = { models = \"affine=onnx:models/affine.onnx\" }\n",
    ] {
        home.write("c12.toml", toml);
        let outcome = ask(&home, &["--config", "c12.toml"]);
        assert_eq!(
            (outcome.stdout.as_str(), outcome.stderr.as_str()),
            ("0\n", ""),
            "{toml}"
        );
    }
    // Paths are relative to the file, and options take the place of what it says.
    home.write(
        "settings/c12.toml",
        "[nn.models]\naffine = \"onnx:../models/affine.onnx\"\n",
    );
    assert_eq!(
        ask(&home, &["--config", "settings/c12.toml"]).success(),
        "0\n"
    );
    home.write(
        "settings/c12.toml",
        "[plugins.nn]\nconfig = { models = \"affine=onnx:../models/affine.onnx\" }\n",
    );
    assert_eq!(
        ask(&home, &["--config", "settings/c12.toml"]).success(),
        "0\n"
    );
    let info = home
        .c12(["plugin", "info", "nn", "--config", "settings/c12.toml"])
        .run()
        .success();
    assert!(info.contains("settings/../models/affine.onnx"), "{info}");
    home.write(
        "models/c12.toml",
        "[nn.models]\naffine = \"onnx:broken.onnx\"\n",
    );
    let replaced = [
        "--config",
        "models/c12.toml",
        "--nn-model",
        "affine=onnx:models/affine.onnx",
    ];
    assert_eq!(ask(&home, &replaced).success(), "0\n");
}

#[test]
fn a_framework_that_is_named_in_a_file_is_looked_for_beside_it() {
    let home = home();
    home.write(
        "settings/c12.toml",
        "[plugins.nn]\nconfig = { onnxruntime = \"gone.so\", models = \"affine=onnxruntime:../models/affine.onnx\" }\n",
    );
    let outcome = ask(&home, &["--config", "settings/c12.toml"]);
    assert_eq!(outcome.stdout, "6\n", "{outcome:?}");
    assert!(outcome.stderr.contains("settings/gone.so"), "{outcome:?}");
}

#[test]
fn models_that_are_none_do_not_hide_other_plugins() {
    let home = home();
    home.write("c12.toml", "[nn.models]\na = \"model.onnx\"\n");
    let info = |plugin: &str| {
        home.c12(["plugin", "info", plugin, "--config", "c12.toml"])
            .run()
    };
    assert_eq!(info("logging").code, 0, "{:?}", info("logging"));
    let error = info("nn").failure(2);
    assert!(error.contains("names no model `a`"), "{error}");
}

#[test]
fn options_in_a_file_are_texts_numbers_and_lists() {
    let home = home();
    let model = |options: &str| {
        home.write(
            "c12.toml",
            format!("[nn.models]\naffine = {{ backend = \"onnx\", path = \"models/affine.onnx\", {options} }}\n"),
        );
        home.c12(["plugin", "info", "nn", "--config", "c12.toml"])
            .run()
    };
    let info = model("threads = 1").success();
    assert!(info.contains("threads=1\n"), "{info}");
    for wrong in [
        "threads = [1]",
        "threads = { a = 1 }",
        "threads = 1979-05-27",
    ] {
        let error = model(wrong).failure(2);
        assert!(
            error.contains("invalid type: ") && !error.contains("untagged"),
            "{error}"
        );
    }
    #[cfg(feature = "nn-ggml")]
    {
        home.write(
            "c12.toml",
            "[nn.models]\nllm = { backend = \"ggml\", path = \"models/llm.gguf\", stop = [\"a, b\", \"c\"] }\n",
        );
        let info = home
            .c12(["plugin", "info", "nn", "--config", "c12.toml"])
            .run()
            .success();
        assert!(info.contains(r#"stop=["a, b","c"]"#), "{info}");
    }
}
