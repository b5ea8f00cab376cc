//! Damaged models, in a process of its own: should a framework fall over one, the test says so and goes on.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use c12_nn_core::{
    Backend, Cancel, Device, Dimension, LiteRt, OpenVino, Options, PyTorch, Source, Tensor,
    TensorId, TensorType,
};

const FRAMEWORK: &str = "C12_NN_DAMAGED_FRAMEWORK";
const LIBRARY: &str = "C12_NN_DAMAGED_LIBRARY";
const MODEL: &str = "C12_NN_DAMAGED_MODEL";

/// How many damaged models each test tries. Each is loaded anew, which takes up to a second on a busy machine.
const ATTEMPTS: u64 = 60;

/// How long each may take. Loading cannot be interrupted, and nor can libtorch: what takes longer would be a model that
/// keeps a thread for itself.
const LIMIT: Duration = Duration::from_secs(60);

/// Panics if a damaged copy of the model ends the process, or does not come to an end.
pub(crate) fn survives_damage(framework: &str, library: &Path, model: &Path) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(FRAMEWORK, framework)
        .env(LIBRARY, library)
        .env(MODEL, model)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, receiver) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let mut last = String::new();
    loop {
        match receiver.recv_timeout(LIMIT) {
            Ok(line) => last = line,
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("{framework}: the damaged model {last} takes longer than {LIMIT:?}");
            }
        }
    }
    reader.join().unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{framework}: {status} with {last}");
    assert_eq!(last, "all of them");
}

/// If this process is the one for damaged models, does its work.
pub(crate) fn run_if_asked() -> bool {
    let (Ok(framework), Some(library), Some(model)) = (
        std::env::var(FRAMEWORK),
        std::env::var_os(LIBRARY),
        std::env::var_os(MODEL),
    ) else {
        return false;
    };
    let backend: Box<dyn Backend> = match framework.as_str() {
        "openvino" => Box::new(OpenVino::with_library(library)),
        "litert" => Box::new(LiteRt::with_library(library)),
        "pytorch" => Box::new(PyTorch::with_library(library).trusts_guests(true)),
        other => panic!("{other}"),
    };
    let model = std::fs::read(model).unwrap();
    for attempt in 0..ATTEMPTS {
        println!("{attempt}");
        try_model(&*backend, damaged(&model, attempt));
    }
    println!("all of them");
    true
}

/// A sequence of numbers that look like chance (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from(number >> 33).unwrap() % end
    }
}

/// Bits changed near the start, near the end, or anywhere; some cut off as well.
fn damaged(model: &[u8], attempt: u64) -> Vec<u8> {
    let mut numbers = Numbers(attempt);
    let mut bytes = model.to_vec();
    for _ in 0..[1, 2, 4, 16][numbers.below(4)] {
        let position = match attempt % 3 {
            0 => numbers.below(bytes.len()),
            1 => numbers.below(bytes.len().min(4096)),
            _ => bytes.len() - 1 - numbers.below(bytes.len().min(20_000)),
        };
        bytes[position] ^= 1 << numbers.below(8);
    }
    if attempt % 10 == 9 {
        bytes.truncate(numbers.below(bytes.len()));
    }
    bytes
}

/// Loads it and runs it on zeros, if that is possible.
fn try_model(backend: &dyn Backend, model: Vec<u8>) {
    let sources = [Source::Bytes(model.into())];
    let Ok(graph) = backend.load(&sources, Device::Cpu, &Options::new()) else {
        return;
    };
    let mut context = graph.init_execution_context(&Options::new()).unwrap();
    for (position, input) in graph.signature().inputs.tensors.iter().enumerate() {
        let dimensions: Vec<u32> = input
            .dimensions
            .iter()
            .flatten()
            .map(|dimension| match dimension {
                Dimension::Fixed(size) => *size,
                Dimension::Free(_) => 1,
            })
            .collect();
        let ty = input.ty.unwrap_or(TensorType::F32);
        let Ok(size) = Tensor::byte_size(ty, &dimensions) else {
            return;
        };
        if size > 1 << 28 {
            return;
        }
        let tensor = Tensor::new(ty, dimensions, vec![0; size]).unwrap();
        let id = TensorId::Index(u32::try_from(position).unwrap());
        if context.set_input(&id, tensor).is_err() {
            return;
        }
    }
    let _ = context.compute(&Cancel::new());
}
