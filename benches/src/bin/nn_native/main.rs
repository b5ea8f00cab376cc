//! `nn_native LIBRARY MODEL PHOTOGRAPH BATCHES MILLISECONDS OPERATION`: computes an operation of `c12-bench-nn` with the
//! frameworks that the plugin `nn` calls, called directly: from a buffer that is there into a buffer that is there. LIBRARY
//! is ONNX Runtime's.
//!
//! `nn_native library FOLDER`: fetches ONNX Runtime into the folder, as the plugin's own tests do, unless it is there; prints
//! the library's path and its version.

mod language;
mod onnx;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use c12_bench_nn::{Call, Failure, Operation, Way};
use c12_nn_core::setup::Framework;
use c12_nn_core::{Backend as _, OnnxRuntime};

struct Native {
    library: PathBuf,
    model: PathBuf,
}

impl Way for Native {
    fn prepare(&self, operation: Operation, photograph: Vec<u8>) -> Result<Call, Failure> {
        match operation {
            Operation::ImageOnnxRuntime | Operation::TensorThrough => {
                onnx::with_onnx_runtime::<f32>(&self.library, &self.model, &photograph)
            }
            Operation::TensorIn => {
                onnx::with_onnx_runtime::<i64>(&self.library, &self.model, &photograph)
            }
            Operation::ImageRten => onnx::with_rten(&self.model, &photograph),
            Operation::HandOver => Ok(copying(photograph)),
            Operation::Text => language::with_llama_cpp(&self.model),
        }
    }
}

/// There is no host; what a host does at least, the copy, costs as much.
fn copying(photograph: Vec<u8>) -> Call {
    Box::new(move |_| {
        drop(black_box(black_box(photograph.as_slice()).to_vec()));
        Ok(())
    })
}

/// The path and the version of ONNX Runtime.
fn library(folder: &Path) -> Result<String, Failure> {
    let installed = Framework::Onnx
        .set_up(folder, &mut |line| eprintln!("{line}"))
        .map_err(|error| format!("{error}: {}", error.help().unwrap_or_default()))?;
    let status = OnnxRuntime::with_library(installed.folder).status();
    let path = status.library.ok_or_else(|| {
        let remedy = status.remedy.unwrap_or_default();
        format!("ONNX Runtime is not ready: {remedy}")
    })?;
    let version = status.version.ok_or("ONNX Runtime has no version")?;
    Ok(format!("{}\n{version}", path.display()))
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    match arguments {
        [word, folder] if word == "library" => println!("{}", library(Path::new(folder))?),
        [library, model, rest @ ..] => {
            let native = Native {
                library: library.into(),
                model: model.into(),
            };
            c12_bench_nn::run(&native, rest, |line| println!("{line}"))?;
        }
        _ => return Err("the arguments are LIBRARY MODEL PHOTOGRAPH BATCHES MILLISECONDS OPERATION, or `library` and a folder".into()),
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
