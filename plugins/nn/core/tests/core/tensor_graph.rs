use std::sync::Arc;

use c12_nn_core::{
    Backend, Cancel, Code, Device, Graph, Limits, NamedTensor, Options, Reason, Registry, Source,
    Tensor, TensorType,
};

use crate::framework::{Sums, matrix};

fn graph(sums: &Sums, query: &str) -> Arc<dyn Graph> {
    sums.load(
        &[Source::Bytes("1".into())],
        Device::Auto,
        &Options::from_query(query).unwrap(),
    )
    .unwrap()
}

fn named(name: &str, tensor: Tensor) -> NamedTensor {
    NamedTensor {
        name: name.to_owned(),
        tensor,
    }
}

#[test]
fn inputs_stay_set_and_outputs_go_with_the_next_computation() {
    let graph = graph(&Sums::default(), "");
    let mut context = graph.init_execution_context(&Options::new()).unwrap();
    assert_eq!(
        context.get_output(&0.into()).unwrap_err().code(),
        Code::RuntimeError
    );
    assert_eq!(
        context.compute(&Cancel::new()).unwrap_err().message(),
        "the input `matrix`: f32[rows, columns] is missing"
    );
    context
        .set_input(&"matrix".into(), matrix(&[&[1.0, 2.0], &[3.0, 4.0]]))
        .unwrap();
    for _ in 0..2 {
        context.compute(&Cancel::new()).unwrap();
        let output = context.get_output(&"sums".into()).unwrap();
        assert_eq!(&*output.to_slice::<f32>().unwrap(), &[3.0, 7.0]);
    }
    context.set_input(&0.into(), matrix(&[&[666.0]])).unwrap();
    assert!(context.compute(&Cancel::new()).is_err());
    // What was computed before is not what this gave.
    assert!(context.get_output(&0.into()).is_err());
    assert_eq!(
        context.get_output(&1.into()).unwrap_err().message(),
        "the model has no output 1; it has `sums`: f32[rows]"
    );
}

#[test]
fn inputs_of_the_component_interface_do_not_stay() {
    let graph = graph(&Sums::default(), "");
    let mut context = graph.init_execution_context(&Options::new()).unwrap();
    let outputs = context
        .compute_with_io(vec![named("matrix", matrix(&[&[5.0]]))], &Cancel::new())
        .unwrap();
    assert_eq!(outputs[0].name, "sums");
    let error = context.compute_with_io(Vec::new(), &Cancel::new());
    assert_eq!(error.unwrap_err().code(), Code::InvalidArgument);
}

#[test]
fn only_tensors_that_fit_are_taken() {
    let graph = graph(&Sums::default(), "");
    let mut context = graph.init_execution_context(&Options::new()).unwrap();
    for wrong in [
        Tensor::from_slice(&[1, 1], &[1_i32]).unwrap(),
        Tensor::from_slice(&[1], &[1_f32]).unwrap(),
        Tensor {
            ty: TensorType::F32,
            dimensions: vec![u32::MAX, u32::MAX],
            data: bytes::Bytes::new(),
        },
        Tensor {
            ty: TensorType::F32,
            dimensions: vec![1, 1],
            data: bytes::Bytes::from_static(&[1, 2, 3]),
        },
    ] {
        let error = context.set_input(&0.into(), wrong).unwrap_err();
        assert!(
            matches!(error.code(), Code::InvalidArgument | Code::TooLarge),
            "{error}"
        );
    }
}

#[test]
fn steps_are_for_models_that_have_them() {
    let graph = graph(&Sums::default(), "");
    let mut context = graph.init_execution_context(&Options::new()).unwrap();
    let error = context.compute_single(&Cancel::new()).unwrap_err();
    assert_eq!(error.code(), Code::UnsupportedOperation);
    assert!(context.get_output_single(&0.into()).is_err());
    assert!(context.fini_single().is_err());
    assert!(graph.language_model().is_none());
}

#[test]
fn what_a_stateful_model_remembers_is_each_context_s_own() {
    let sums = Sums {
        stateful: true,
        ..Sums::default()
    };
    let graph = graph(&sums, "");
    let mut contexts: Vec<_> = (0..2)
        .map(|_| graph.init_execution_context(&Options::new()).unwrap())
        .collect();
    for expected in [1.0, 2.0, 3.0] {
        for context in &mut contexts {
            context.set_input(&0.into(), matrix(&[&[1.0]])).unwrap();
            context.compute(&Cancel::new()).unwrap();
            let output = context.get_output(&0.into()).unwrap();
            assert_eq!(&*output.to_slice::<f32>().unwrap(), &[expected]);
        }
    }
}

#[test]
fn contexts_of_a_stateful_model_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m");
    std::fs::write(&file, "1").unwrap();
    let registry = |stateful: bool| {
        let sums = Sums {
            stateful,
            ..Sums::default()
        };
        Registry::builder()
            .backend(sums)
            .model(format!("m=sums:{}", file.display()).parse().unwrap())
            .limits(Limits {
                memory: 200 << 10,
                ..Limits::default()
            })
            .build()
            .unwrap()
    };
    let stateful = registry(true);
    let model = stateful.model("m", &Cancel::new()).unwrap();
    let alone = stateful.memory();
    let first = model.context(&Options::new()).unwrap();
    let second = model.context(&Options::new()).unwrap();
    let third = model.context(&Options::new()).unwrap();
    let error = model.context(&Options::new()).unwrap_err();
    assert_eq!(error.code(), Code::TooLarge, "{error}");
    drop(second);
    let fourth = model.context(&Options::new()).unwrap();
    drop((first, third, fourth));
    assert_eq!(stateful.memory(), alone);
    // Others share what there is.
    let shared = registry(false);
    let model = shared.model("m", &Cancel::new()).unwrap();
    let contexts: Vec<_> = (0..100)
        .map(|_| model.context(&Options::new()).unwrap())
        .collect();
    assert_eq!(shared.memory(), alone);
    drop(contexts);
}

#[test]
fn a_thousand_contexts_cost_next_to_nothing() {
    let graph = graph(&Sums::default(), "");
    let mut contexts: Vec<_> = (0..1000)
        .map(|_| graph.init_execution_context(&Options::new()).unwrap())
        .collect();
    for context in &mut contexts {
        context.set_input(&0.into(), matrix(&[&[1.0]])).unwrap();
        context.compute(&Cancel::new()).unwrap();
    }
}

#[test]
fn waiting_for_a_session_can_be_cancelled() {
    let sums = Sums {
        max_sessions: Some(1),
        ..Sums::default()
    };
    let graph = graph(&sums, "slow=2000");
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        let run = |cancel: Cancel| {
            let mut context = graph.init_execution_context(&Options::new()).unwrap();
            context.set_input(&0.into(), matrix(&[&[1.0]])).unwrap();
            context.compute(&cancel)
        };
        let first = scope.spawn(move || run(Cancel::new()));
        std::thread::sleep(std::time::Duration::from_millis(100));
        let token = cancel.clone();
        let second = scope.spawn(move || run(token));
        std::thread::sleep(std::time::Duration::from_millis(50));
        cancel.cancel(Reason::Gone);
        let begin = std::time::Instant::now();
        assert!(second.join().unwrap().is_err());
        assert!(begin.elapsed() < std::time::Duration::from_millis(1500));
        first.join().unwrap().unwrap();
    });
}
