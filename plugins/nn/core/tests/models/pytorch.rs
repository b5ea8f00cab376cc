//! TorchScript with libtorch.

use c12_nn_core::setup::Framework;
use c12_nn_core::{Backend, Cancel, Code, PyTorch, Reason, Tensor, TensorId};

use crate::crash::survives_damage;
use crate::frameworks::{bytes, context, file, load, load_with, refusal, set_up};
use crate::packages::Models;
use crate::{Test, tests};

pub(crate) const TESTS: &[Test] = tests![
    pytorch_says_what_it_is,
    pytorch_agrees_with_python,
    pytorch_contexts_do_not_see_each_other,
    pytorch_runs_programs_of_all_kinds,
    pytorch_refuses_wrong_tensors,
    pytorch_refuses_what_is_no_program,
    pytorch_takes_programs_of_guests_only_if_told,
    pytorch_keeps_a_thousand_contexts,
    pytorch_graphs_may_go_before_their_contexts,
    pytorch_survives_damaged_programs,
];

fn backend(models: &Models) -> PyTorch {
    PyTorch::with_library(set_up(models, Framework::PyTorch))
}

fn program(models: &Models, name: &str) -> std::path::PathBuf {
    models.path(&format!("torchscript/{name}.pt"))
}

fn silero(models: &Models) -> std::path::PathBuf {
    models.path("silero-vad-6.2.3/silero_vad/data/silero_vad.jit")
}

fn floats(numbers: &[f32]) -> Tensor {
    Tensor::from_slice(&[u32::try_from(numbers.len()).unwrap()], numbers).unwrap()
}

fn number(number: i64) -> Tensor {
    Tensor::from_slice(&[1], &[number]).unwrap()
}

/// A tone that wavers, in pieces of 512 samples at 16 kHz.
fn sound() -> Vec<Tensor> {
    let samples: Vec<f32> = (0..2048)
        .map(|index| {
            let time = f64::from(index) / 16000.0;
            let turn = std::f64::consts::TAU * time;
            (0.3 * (220.0 * turn).sin() * (1.0 + 0.5 * (5.0 * turn).sin())) as f32
        })
        .collect();
    samples
        .chunks(512)
        .map(|piece| Tensor::from_slice(&[1, 512], piece).unwrap())
        .collect()
}

/// What PyTorch's own Python package (1.13.1) gives for `sound`, with
/// `torch.jit.load("silero_vad.jit").eval()(piece, 16000).item()` for one piece after the other.
const VOICE: [f32; 4] = [0.068_790_64, 0.128_688_2, 0.043_267_325, 0.025_363_954];

fn pytorch_says_what_it_is(models: &Models) {
    let status = backend(models).status();
    assert!(status.ready, "{status:?}");
    let packages = Framework::PyTorch.packages();
    assert_eq!(status.version.as_deref(), Some(packages[0].version));
    let missing = PyTorch::with_library("/nowhere").status();
    assert!(missing.remedy.unwrap().contains("/nowhere"));
}

fn pytorch_agrees_with_python(models: &Models) {
    let graph = load_with(&backend(models), &[file(silero(models))], "threads=1");
    let mut context = context(&graph);
    for (piece, expected) in sound().into_iter().zip(VOICE) {
        context.set_input(&TensorId::from("x"), piece).unwrap();
        context
            .set_input(&TensorId::from("sr"), number(16000))
            .unwrap();
        context.compute(&Cancel::new()).unwrap();
        let output = context.get_output(&TensorId::Index(0)).unwrap();
        assert_eq!(output.dimensions, [1, 1]);
        let found = output.to_slice::<f32>().unwrap()[0];
        assert!((found - expected).abs() < 1e-5, "{found} for {expected}");
    }
}

fn pytorch_contexts_do_not_see_each_other(models: &Models) {
    let backend = backend(models);
    let voices = load(&backend, &[file(silero(models))]);
    let counter = load(&backend, &[file(program(models, "counter"))]);
    for graph in [voices, counter] {
        let piece = sound().remove(0);
        let mut outputs = Vec::new();
        let mut contexts: Vec<_> = (0..3).map(|_| context(&graph)).collect();
        for context in &mut contexts {
            context
                .set_input(&TensorId::Index(0), piece.clone())
                .unwrap();
            if graph.signature().inputs.tensors.len() > 1 {
                context
                    .set_input(&TensorId::Index(1), number(16000))
                    .unwrap();
            }
            context.compute(&Cancel::new()).unwrap();
            outputs.push(context.get_output(&TensorId::Index(0)).unwrap());
        }
        assert_eq!(outputs[0], outputs[1]);
        assert_eq!(outputs[0], outputs[2]);
        // The same context remembers.
        contexts[0].compute(&Cancel::new()).unwrap();
        assert_ne!(
            contexts[0].get_output(&TensorId::Index(0)).unwrap(),
            outputs[0]
        );
    }
}

fn pytorch_runs_programs_of_all_kinds(models: &Models) {
    let backend = backend(models);
    let computed = |name: &str, inputs: &[Tensor]| -> Vec<Tensor> {
        let graph = load(&backend, &[file(program(models, name))]);
        let mut context = context(&graph);
        for (position, input) in inputs.iter().enumerate() {
            let id = TensorId::Index(u32::try_from(position).unwrap());
            context.set_input(&id, input.clone()).unwrap();
        }
        context.compute(&Cancel::new()).unwrap();
        (0..2)
            .map_while(|position| context.get_output(&TensorId::Index(position)).ok())
            .collect()
    };
    let one = floats(&[1.0, -2.0, 3.0]);
    assert_eq!(
        computed("add", &[one.clone(), one.clone()]),
        [floats(&[2.0, -4.0, 6.0]), floats(&[1.0, 4.0, 9.0])]
    );
    assert_eq!(
        computed("scale", &[one.clone(), number(3)]),
        [floats(&[3.5, -5.5, 9.5])]
    );
    assert_eq!(
        computed("scale", &[one.clone(), number(3), floats(&[1.0])]),
        [floats(&[4.0, -5.0, 10.0])]
    );
    assert_eq!(
        computed("kinds", std::slice::from_ref(&one)),
        [
            Tensor::from_slice(&[3], &[1_u8, 0, 1]).unwrap(),
            Tensor::from_slice(&[3], &[1_i32, -2, 3]).unwrap()
        ]
    );
    let large = floats(&[3_000_000_000.0, 1.5]);
    assert_eq!(
        computed("wide", std::slice::from_ref(&large)),
        [
            Tensor::from_slice(&[2], &[3_000_000_000_i64, 1]).unwrap(),
            floats(&[448.0, 1.5])
        ]
    );
    let graph = load(&backend, &[file(program(models, "too_wide"))]);
    let mut refused = context(&graph);
    refused.set_input(&TensorId::Index(0), large).unwrap();
    let error = refused.compute(&Cancel::new()).unwrap_err();
    assert!(error.message().contains("UInt64"), "{error}");
    // A program that changes its input changes its own copy.
    let graph = load(&backend, &[file(program(models, "inplace"))]);
    let mut context = context(&graph);
    context.set_input(&TensorId::Index(0), one).unwrap();
    for _ in 0..2 {
        context.compute(&Cancel::new()).unwrap();
        let output = context.get_output(&TensorId::Index(0)).unwrap();
        assert_eq!(output, floats(&[2.0, -1.0, 4.0]));
    }
}

fn pytorch_refuses_wrong_tensors(models: &Models) {
    let backend = backend(models);
    let failure = |name: &str, inputs: &[Tensor]| {
        let graph = load(&backend, &[file(program(models, name))]);
        let mut context = context(&graph);
        for (position, input) in inputs.iter().enumerate() {
            let id = TensorId::Index(u32::try_from(position).unwrap());
            context.set_input(&id, input.clone()).unwrap();
        }
        context.compute(&Cancel::new()).unwrap_err()
    };
    let one = floats(&[1.0, 2.0, 3.0]);
    let error = failure("add", &[one.clone(), floats(&[1.0, 2.0])]);
    assert_eq!(error.code(), Code::RuntimeError);
    assert!(error.message().contains("must match"), "{error}");
    let missing = failure("add", std::slice::from_ref(&one));
    assert_eq!(missing.code(), Code::InvalidArgument, "{missing}");
    for wrong in [
        floats(&[1.0]),
        Tensor::from_slice(&[2], &[1_i64, 2]).unwrap(),
    ] {
        let error = failure("scale", &[one.clone(), wrong]);
        assert_eq!(error.code(), Code::InvalidArgument, "{error}");
    }
    for at in [7_i64, -1, i64::MIN, i64::MAX] {
        let error = failure("lookup", &[one.clone(), number(at)]);
        assert!(error.message().contains("out of range"), "{error}");
    }
    for size in [-1, 1_000_000_000] {
        let error = failure("allocate", &[number(size)]);
        assert_eq!(error.code(), Code::RuntimeError, "{error}");
    }
    let graph = load(&backend, &[file(program(models, "add"))]);
    let mut context = context(&graph);
    let unfit = Tensor {
        ty: c12_nn_core::TensorType::F32,
        dimensions: vec![1 << 31, 1 << 31, 1 << 31],
        data: vec![0; 4].into(),
    };
    assert!(context.set_input(&TensorId::Index(0), unfit).is_err());
    assert!(context.get_output(&TensorId::Index(0)).is_err());
    let empty = Tensor::from_slice::<f32>(&[0], &[]).unwrap();
    for position in 0..2 {
        context
            .set_input(&TensorId::Index(position), empty.clone())
            .unwrap();
    }
    context.compute(&Cancel::new()).unwrap();
    let cancel = Cancel::new();
    cancel.cancel(Reason::Gone);
    assert!(context.compute(&cancel).is_err());
}

fn pytorch_refuses_what_is_no_program(models: &Models) {
    let backend = backend(models);
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(silero(models)).unwrap();
    let damaged = folder.path().join("damaged.jit");
    for end in [0, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&damaged, &whole[..end]).unwrap();
        let error = refusal(&backend, &[file(damaged.clone())]);
        assert_eq!(error.code(), Code::InvalidEncoding, "{end}: {error}");
        assert!(!error.message().contains("damaged.jit"), "{error}");
    }
    let error = refusal(&backend, &[file("/nowhere/model.pt".into())]);
    assert_eq!(error.code(), Code::NotFound, "{error}");
    let error = refusal(&backend, &[file(program(models, "wants_text"))]);
    assert_eq!(error.code(), Code::UnsupportedOperation, "{error}");
    let graph = load(&backend, &[file(program(models, "text"))]);
    let mut context = context(&graph);
    context
        .set_input(&TensorId::Index(0), floats(&[1.0]))
        .unwrap();
    assert!(context.compute(&Cancel::new()).is_err());
}

fn pytorch_takes_programs_of_guests_only_if_told(models: &Models) {
    let source = [bytes(program(models, "add"))];
    let error = refusal(&backend(models), &source);
    assert_eq!(error.code(), Code::Security);
    assert!(error.help().unwrap().contains("--nn-model"), "{error:?}");
    load(&backend(models).trusts_guests(true), &source);
}

fn pytorch_keeps_a_thousand_contexts(models: &Models) {
    let graph = load(&backend(models), &[file(program(models, "counter"))]);
    let mut contexts: Vec<_> = (0..1000).map(|_| context(&graph)).collect();
    for context in &mut contexts {
        context
            .set_input(&TensorId::Index(0), floats(&[1.0]))
            .unwrap();
        context.compute(&Cancel::new()).unwrap();
        assert_eq!(
            context.get_output(&TensorId::Index(0)).unwrap(),
            floats(&[1.0])
        );
    }
}

fn pytorch_graphs_may_go_before_their_contexts(models: &Models) {
    let graph = load(&backend(models), &[file(program(models, "add"))]);
    let contexts: Vec<_> = (0..4).map(|_| context(&graph)).collect();
    drop(graph);
    let threads: Vec<_> = contexts
        .into_iter()
        .map(|mut context| {
            std::thread::spawn(move || {
                let elements = vec![2.0_f32; 100_000];
                let input = Tensor::from_slice(&[100_000], &elements).unwrap();
                for _ in 0..20 {
                    for position in 0..2 {
                        context
                            .set_input(&TensorId::Index(position), input.clone())
                            .unwrap();
                    }
                    context.compute(&Cancel::new()).unwrap();
                    let product = context.get_output(&TensorId::Index(1)).unwrap();
                    assert!(
                        product
                            .to_slice::<f32>()
                            .unwrap()
                            .iter()
                            .all(|it| *it == 4.0)
                    );
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

fn pytorch_survives_damaged_programs(models: &Models) {
    let library = set_up(models, Framework::PyTorch);
    survives_damage("pytorch", &library, &silero(models));
    survives_damage("pytorch", &library, &program(models, "scale"));
}
