//! The engine in Rust, with models written down field by field.

use c12_nn_core::{
    Backend, Cancel, Code, Device, Encoding, Graph, Options, Registry, Rten, Source, Tensor,
    TensorType,
};

use crate::onnx_files::{bytes_field, model, node, number_field, tensor};

/// Inputs and outputs as a graph has them, without types.
fn input(name: &str) -> Vec<u8> {
    // Numbers of 64 bits, of any number of dimensions.
    let ty = bytes_field(2, &bytes_field(1, &number_field(1, 7)));
    bytes_field(11, &[bytes_field(1, name.as_bytes()), ty].concat())
}

#[test]
fn the_engine_in_rust_is_given_no_sizes_by_guests() {
    let refused = |graph: &[Vec<u8>]| {
        let source = Source::Bytes(model(&graph.concat()).into());
        let loaded = Rten::new().load(&[source], Device::Cpu, &Options::new());
        loaded.is_err_and(|error| error.message().contains("as large as its inputs say"))
    };
    let range = node("Range", &["n", "m", "d"], &["y"], &[]);
    assert!(refused(&[input("n"), range.clone()]));
    let steps = [
        input("x"),
        node("Add", &["x", "w"], &["m"], &[]),
        range.clone(),
    ];
    assert!(refused(&steps));
    // Whatever the order in which nodes stand, and within a graph of a node.
    let tile = node("Tile", &["w", "b"], &["c"], &[]);
    let cast = node("Cast", &["a"], &["b"], &[]);
    assert!(refused(&[input("a"), tile.clone(), cast.clone()]));
    let inner = bytes_field(5, &bytes_field(6, &tile));
    let branch = node("If", &["w"], &["z"], &inner);
    assert!(refused(&[input("a"), branch, cast]));
    // The sizes of an input are no larger than what was given.
    let shape = node("Shape", &["n"], &["m"], &[]);
    let expand = node("Expand", &["w", "m"], &["y"], &[]);
    assert!(!refused(&[input("n"), shape, expand]));
}

/// An input or output of the engine, of this type and these sizes.
fn value(number: u64, name: &str, ty: u64, sizes: &[u64]) -> Vec<u8> {
    let sizes: Vec<u8> = sizes
        .iter()
        .flat_map(|size| bytes_field(1, &number_field(1, *size)))
        .collect();
    let tensor = [number_field(1, ty), bytes_field(2, &sizes)].concat();
    let ty = bytes_field(2, &bytes_field(1, &tensor));
    bytes_field(number, &[bytes_field(1, name.as_bytes()), ty].concat())
}

/// A model that the engine takes: with a version of the operators.
fn runnable(graph: &[Vec<u8>]) -> Source {
    let graph = [bytes_field(2, b"g"), graph.concat()].concat();
    let version = bytes_field(8, &number_field(2, 17));
    Source::Bytes(
        [number_field(1, 8), bytes_field(7, &graph), version]
            .concat()
            .into(),
    )
}

fn loaded(source: &Source, query: &str) -> c12_nn_core::Result<std::sync::Arc<dyn Graph>> {
    let options = Options::from_query(query).unwrap();
    Rten::new().load(std::slice::from_ref(source), Device::Cpu, &options)
}

fn computed(graph: &std::sync::Arc<dyn Graph>, input: Tensor) -> c12_nn_core::Result<Tensor> {
    let mut context = graph.init_execution_context(&Options::new())?;
    context.set_input(&0.into(), input)?;
    context.compute(&Cancel::new())?;
    context.get_output(&0.into())
}

#[test]
fn sizes_that_overflow_in_the_engine_in_rust_are_an_error() {
    // The product of the sizes is 4 and a multiple of 2 to the power of 64: a picture of a few bytes with lines that
    // are far apart, in which a place is looked up.
    let sizes = [1_i64, 1, (1 << 32) + 2, (1 << 32) + 2];
    let product = sizes
        .iter()
        .fold(1_i64, |product, size| product.wrapping_mul(*size));
    let sizes = sizes.map(i64::to_le_bytes).concat();
    let grid = [1.0_f32, 1.0].map(f32::to_le_bytes).concat();
    for given in [true, false] {
        let shape = tensor("s", &[4], 7, &bytes_field(9, &sizes));
        let mut graph = vec![
            value(11, "x", 1, &[1]),
            value(12, "y", 1, &[1, 1, 1, 1]),
            tensor("grid", &[1, 1, 1, 2], 1, &bytes_field(9, &grid)),
            node("ConstantOfShape", &["s"], &["picture"], &[]),
            node("GridSample", &["picture", "grid"], &["sample"], &[]),
            node("Add", &["sample", "x"], &["y"], &[]),
        ];
        if given {
            graph.push(shape);
        } else {
            // What only the engine computes: half of each, times two.
            let halves = [1_i64, 1, (1 << 31) + 1, (1 << 31) + 1].map(i64::to_le_bytes);
            let factors = [1_i64, 1, 2, 2].map(i64::to_le_bytes);
            graph.push(tensor("a", &[4], 7, &bytes_field(9, &halves.concat())));
            graph.push(tensor("b", &[4], 7, &bytes_field(9, &factors.concat())));
            graph.push(node("Mul", &["a", "b"], &["s"], &[]));
        }
        let x = Tensor::from_slice(&[1], &[1_f32]).unwrap();
        let outcome = loaded(&runnable(&graph), "").and_then(|graph| computed(&graph, x));
        assert!(outcome.is_err(), "{product}");
    }
}

#[test]
fn long_chains_do_not_overflow_the_stack_of_the_engine_in_rust() {
    let chain = |length: usize| {
        let mut graph = vec![
            value(11, "v0", 1, &[1]),
            value(12, &format!("v{length}"), 1, &[1]),
        ];
        graph.extend((0..length).map(|at| {
            let (from, to) = (format!("v{at}"), format!("v{}", at + 1));
            node(
                if at % 2 == 0 { "Relu" } else { "Neg" },
                &[&from],
                &[&to],
                &[],
            )
        }));
        runnable(&graph)
    };
    // Half of the stack that threads have.
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    let run = thread.spawn(move || {
        let graph = loaded(&chain(5000), "threads=1").unwrap();
        let x = Tensor::from_slice(&[1], &[2_f32]).unwrap();
        computed(&graph, x).unwrap()
    });
    let output = run.unwrap().join().unwrap();
    assert_eq!(*output.to_slice::<f32>().unwrap(), [-0.0]);
    let error = loaded(&chain(5001), "").err().unwrap();
    assert_eq!(error.code(), Code::UnsupportedOperation);
    assert!(error.message().contains("5001 nodes in a row"), "{error}");
}

#[test]
fn the_engine_in_rust_takes_no_loops_of_guests() {
    let body = node("Identity", &["c"], &["d"], &[]);
    let body = bytes_field(5, &bytes_field(6, &body));
    for operator in ["Loop", "Scan"] {
        let graph = [
            value(11, "x", 1, &[1]),
            value(12, "y", 1, &[1]),
            node(operator, &["", "", "x"], &["y"], &body),
        ];
        let error = loaded(&runnable(&graph), "").err().unwrap();
        assert!(error.message().contains(operator), "{error}");
        // Also within a graph of a node.
        let inner = bytes_field(5, &bytes_field(6, &graph[2]));
        let graph = [
            value(11, "x", 1, &[1]),
            value(12, "y", 1, &[1]),
            node("If", &["x"], &["z"], &inner),
        ];
        let error = loaded(&runnable(&graph), "").err().unwrap();
        assert!(error.message().contains(operator), "{error}");
    }
}

#[test]
fn the_engine_in_rust_bounds_inputs() {
    let graph = [
        value(11, "x", 1, &[4]),
        value(12, "y", 1, &[4]),
        node("Relu", &["x"], &["y"], &[]),
    ];
    let four = || Tensor::from_slice(&[4], &[1_f32; 4]).unwrap();
    let graph = runnable(&graph);
    let error = computed(&loaded(&graph, "input-elements=3").unwrap(), four()).unwrap_err();
    assert_eq!(error.code(), Code::TooLarge);
    assert_eq!(error.message(), "an input has 4 elements, but 3 are taken");
    computed(&loaded(&graph, "input-elements=4").unwrap(), four()).unwrap();
    computed(&loaded(&graph, "").unwrap(), four()).unwrap();
}

#[test]
fn the_engine_in_rust_gives_the_types_that_it_describes() {
    for (ty, expected) in [
        (1, TensorType::F32),
        (10, TensorType::F16),
        (11, TensorType::F64),
        (16, TensorType::Bf16),
    ] {
        let graph = [
            value(11, "x", 1, &[1]),
            value(12, "y", ty, &[1]),
            node("Relu", &["x"], &["y"], &[]),
        ];
        let graph = loaded(&runnable(&graph), "").unwrap();
        assert_eq!(graph.signature().outputs.tensors[0].ty, Some(expected));
        let output = computed(&graph, Tensor::from_slice(&[1], &[2_f32]).unwrap()).unwrap();
        assert_eq!(output.ty, expected);
        let two: &[u8] = match expected {
            TensorType::F16 => &[0, 0x40],
            TensorType::Bf16 => &[0, 0x40],
            TensorType::F64 => &[0, 0, 0, 0, 0, 0, 0, 0x40],
            _ => &[0, 0, 0, 0x40],
        };
        assert_eq!(&output.data[..], two);
    }
}

#[test]
fn the_engine_in_rust_takes_models_of_guests_only_where_they_are_trusted() {
    let model = [
        value(11, "x", 1, &[1]),
        node("Relu", &["x"], &["y"], &[]),
        value(12, "y", 1, &[1]),
    ];
    let Source::Bytes(bytes) = runnable(&model) else {
        unreachable!("it is given as bytes");
    };
    let load = |engine: Rten| {
        let registry = Registry::builder().backend(engine).build().unwrap();
        let parts = [bytes.clone()];
        registry.load(&parts, Encoding::Onnx, Device::Cpu, &Options::new())
    };
    let error = load(Rten::new()).err().unwrap();
    assert_eq!(error.code(), Code::UnsupportedOperation);
    let help = error.help().unwrap();
    assert!(help.contains("nn.rten-guest-models=true"), "{help}");
    load(Rten::new().trusts_guests(true)).unwrap();
}
