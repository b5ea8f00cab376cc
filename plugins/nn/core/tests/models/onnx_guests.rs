//! ONNX models that guests hand over, with ONNX Runtime.

use std::sync::Arc;

use bytes::Bytes;
use c12_nn_core::{Cancel, Code, Device, Encoding, Model, Options, Tensor};

use crate::onnx::{GUESTS_MEMORY, context, registry};
use crate::onnx_file::{Graph, Size, Type};
use crate::packages::Models;
use crate::{Test, tests};

pub(crate) const TESTS: &[Test] = tests![
    a_guests_model_does_not_take_all_memory,
    guests_models_have_only_what_can_be_bounded,
];

/// A model that makes a square of a column, and a side of it of the model's own.
fn square(side: i64) -> Graph {
    Graph::default()
        .input("column", Type::F32, &[Size::Free("n"), Size::Fixed(1)])
        .constant("row", &[1, side], &vec![1.0; side as usize])
        .node("MatMul", &["column", "row"], &["square"])
        .node("ReduceMax", &["square"], &["most"])
        .output("most", Type::F32, &[Size::Fixed(1), Size::Fixed(1)])
}

fn a_guests_model_does_not_take_all_memory(models: &Models) {
    let registry = registry(models, "");
    let load = |graph: Graph| {
        let parts = [Bytes::from(graph.model())];
        registry.load(&parts, Encoding::Onnx, Device::Cpu, &Options::new())
    };
    let compute = |model: &Arc<Model>, side: u32| {
        let mut context = context(model);
        let column = Tensor::from_slice(&[side, 1], &vec![1.0_f32; side as usize])?;
        context.set_input(&0.into(), column)?;
        context.compute(&Cancel::new())?;
        context.get_output(&0.into())
    };
    // Four bytes for each of 16384 times 16384 is twice what there is, made of an input or of constants.
    const SIDE: i64 = 1 << 14;
    let of_input = load(square(SIDE)).unwrap();
    let of_constants = Graph::default()
        .input("column", Type::F32, &[Size::Free("n"), Size::Fixed(1)])
        .constant("row", &[1, SIDE], &vec![1.0; SIDE as usize])
        .node("Transpose", &["row"], &["other"])
        .node("Mul", &["other", "row"], &["square"])
        .node("ReduceMax", &["square"], &["part"])
        .node("Add", &["part", "column"], &["most"])
        .output("most", Type::F32, &[Size::Free("n"), Size::Fixed(1)]);
    let of_constants = load(of_constants).unwrap();
    for model in [&of_input, &of_constants] {
        let error = compute(model, SIDE as u32).unwrap_err();
        assert_eq!(error.code(), Code::TooLarge, "{error}");
        assert!(error.help().unwrap().contains("nn.memory"), "{error}");
    }
    // Others can have what a run took, and so can the model itself, in pieces of any size.
    for side in [5000, 20_000, 3, 9000, 5000] {
        let most = compute(&of_input, side).map(drop);
        let size = u64::from(side) * SIDE as u64 * 4;
        assert_eq!(most.is_ok(), size < GUESTS_MEMORY, "{side}");
        let other = load(square(i64::from(side))).unwrap();
        compute(&other, 5000).unwrap();
    }
    // Weights that come when it is full do not end the limit.
    let weights = square(32 << 20);
    let _kept: Vec<_> = (0..4).map(|_| load(weights.clone())).collect();
    assert!(compute(&of_input, SIDE as u32).is_err());
}

/// Text and the operators of others take memory that nobody counts.
fn guests_models_have_only_what_can_be_bounded(models: &Models) {
    let registry = registry(models, "");
    let refused_file = |file: Vec<u8>| {
        let parts = [Bytes::from(file)];
        let loaded = registry.load(&parts, Encoding::Onnx, Device::Cpu, &Options::new());
        let error = loaded.err().unwrap();
        assert_eq!(error.code(), Code::UnsupportedOperation, "{error}");
        error.message().to_owned()
    };
    let refused = |graph: Graph| refused_file(graph.model());
    let column = || Graph::default().input("x", Type::F32, &[Size::Fixed(1)]);
    let cast = column()
        .cast("x", "text", Type::Text)
        .output("text", Type::Text, &[Size::Fixed(1)]);
    assert_eq!(
        refused(cast),
        "the model has text, which models of guests may not have"
    );
    // By a function, whose caller says what is made.
    let call = column().node_of("own", "F", &["x"], &["text"]).output(
        "text",
        Type::Text,
        &[Size::Fixed(1)],
    );
    assert_eq!(
        refused_file(call.model_with(Graph::cast_function("own", "F"))),
        "the model has text, which models of guests may not have"
    );
    let gelu = column().node_of("com.microsoft", "Gelu", &["x"], &["y"]);
    assert_eq!(
        refused(gelu.output("y", Type::F32, &[Size::Fixed(1)])),
        "the model has the operator `Gelu` of `com.microsoft`, which models of guests may not have"
    );
}
