//! ONNX files that no engine must see. ONNX Runtime itself need not be there: files are looked at first, in Rust.

use std::path::Path;

use c12_nn_core::{
    Backend, Cancel, Code, Device, Encoding, Graph, Options, Registry, Rten, Source, Tensor,
    TensorType, check_onnx,
};

/// A field of a message: its number, and bytes.
fn bytes_field(number: u64, bytes: &[u8]) -> Vec<u8> {
    let mut field = varint(number << 3 | 2);
    field.extend(varint(bytes.len() as u64));
    field.extend_from_slice(bytes);
    field
}

fn number_field(number: u64, value: u64) -> Vec<u8> {
    let mut field = varint(number << 3);
    field.extend(varint(value));
    field
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn model(graph: &[u8]) -> Vec<u8> {
    [number_field(1, 8), bytes_field(7, graph)].concat()
}

fn node(operator: &str, inputs: &[&str], outputs: &[&str], rest: &[u8]) -> Vec<u8> {
    let mut node = Vec::new();
    for input in inputs {
        node.extend(bytes_field(1, input.as_bytes()));
    }
    for output in outputs {
        node.extend(bytes_field(2, output.as_bytes()));
    }
    node.extend(bytes_field(4, operator.as_bytes()));
    node.extend_from_slice(rest);
    bytes_field(1, &node)
}

fn tensor(name: &str, dimensions: &[u64], ty: u64, rest: &[u8]) -> Vec<u8> {
    let mut tensor = Vec::new();
    for size in dimensions {
        tensor.extend(number_field(1, *size));
    }
    tensor.extend(number_field(2, ty));
    tensor.extend(bytes_field(8, name.as_bytes()));
    tensor.extend_from_slice(rest);
    bytes_field(5, &tensor)
}

fn external(location: &str, offset: u64, length: u64) -> Vec<u8> {
    let entry = |key: &str, value: &str| {
        bytes_field(
            13,
            &[
                bytes_field(1, key.as_bytes()),
                bytes_field(2, value.as_bytes()),
            ]
            .concat(),
        )
    };
    [
        entry("location", location),
        entry("offset", &offset.to_string()),
        entry("length", &length.to_string()),
        number_field(14, 1),
    ]
    .concat()
}

/// What a field has that is shorter than 128 bytes, or longer.
fn field_content(field: &[u8]) -> &[u8] {
    let long = field[1..].iter().take_while(|byte| **byte >= 0x80).count();
    &field[2 + long..]
}

fn code(model: Vec<u8>) -> Option<Code> {
    check_onnx(&Source::Bytes(model.into()))
        .err()
        .map(|error| error.code())
}

#[test]
fn sound_models_pass() {
    let graph = [
        node("Relu", &["x"], &["y"], &[]),
        node("Add", &["y", "w"], &["z"], &[]),
        tensor("w", &[2], 1, &bytes_field(9, &[0; 8])),
    ]
    .concat();
    assert_eq!(code(model(&graph)), None);
}

#[test]
fn what_is_no_model_is_refused() {
    for bytes in [
        Vec::new(),
        b"hello".to_vec(),
        b"PK\x03\x04".to_vec(),
        vec![0xff; 100],
        number_field(1, 8),
        bytes_field(7, &[]),
        // A length beyond the end.
        vec![0x08, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f],
        vec![
            0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
        ],
    ] {
        assert_eq!(code(bytes), Some(Code::InvalidEncoding));
    }
}

#[test]
fn cycles_are_refused() {
    let two = [
        node("Relu", &["b"], &["a"], &[]),
        node("Relu", &["a"], &["b"], &[]),
    ];
    assert_eq!(code(model(&two.concat())), Some(Code::InvalidEncoding));
    let one = node("Relu", &["a"], &["a"], &[]);
    assert_eq!(code(model(&one)), Some(Code::InvalidEncoding));
    let twice = [
        node("Relu", &["x"], &["a"], &[]),
        node("Relu", &["x"], &["a"], &[]),
    ];
    assert_eq!(code(model(&twice.concat())), Some(Code::InvalidEncoding));
}

#[test]
fn functions_that_call_each_other_are_refused() {
    let function = |name: &str, calls: &str| {
        let body = node(calls, &["x"], &["y"], &bytes_field(7, b"d"));
        // A function's nodes have another number than a graph's.
        let body = bytes_field(7, &body[2..]);
        bytes_field(
            25,
            &[bytes_field(1, name.as_bytes()), body, bytes_field(10, b"d")].concat(),
        )
    };
    let looping = [model(&[]), function("f", "g"), function("g", "f")].concat();
    assert_eq!(code(looping), Some(Code::InvalidEncoding));
    let fine = [model(&[]), function("f", "g"), function("g", "h")].concat();
    assert_eq!(code(fine), None);
}

#[test]
fn functions_that_grow_beyond_measure_are_refused() {
    let function = |name: &str, calls: &str| {
        let twice = ["y", "z"].map(|output| {
            let body = node(calls, &["x"], &[output], &bytes_field(7, b"d"));
            bytes_field(7, field_content(&body))
        });
        bytes_field(
            25,
            &[
                bytes_field(1, name.as_bytes()),
                twice.concat(),
                bytes_field(10, b"d"),
            ]
            .concat(),
        )
    };
    let laughs = |count: usize| {
        let functions: Vec<u8> = (0..count)
            .flat_map(|level| function(&format!("f{level}"), &format!("f{}", level + 1)))
            .collect();
        let call = node("f0", &["x"], &["y"], &bytes_field(7, b"d"));
        [functions, model(&call)].concat()
    };
    assert_eq!(code(laughs(8)), None);
    assert_eq!(code(laughs(30)), Some(Code::TooLarge));
    assert_eq!(code(laughs(100)), Some(Code::TooLarge));
}

#[test]
fn functions_within_nodes_are_seen() {
    // A function that calls itself within a branch.
    let call = node("f", &["x"], &["y"], &bytes_field(7, b"d"));
    let branch = bytes_field(5, &bytes_field(6, &call));
    let body = node("If", &["c"], &["z"], &branch);
    let body = bytes_field(7, field_content(&body));
    let function = bytes_field(
        25,
        &[bytes_field(1, b"f"), body, bytes_field(10, b"d")].concat(),
    );
    let looping = [model(&[]), function].concat();
    assert_eq!(code(looping), Some(Code::InvalidEncoding));
}

#[test]
fn tensors_out_of_nothing_have_a_limit_in_functions_and_constants() {
    let shape = [1_i64 << 20, 1 << 20].map(i64::to_le_bytes).concat();
    let value = tensor("", &[2], 7, &bytes_field(9, &shape));
    // An attribute's tensor has the number 5, as the graph's initializers have.
    let constant = node("Constant", &[], &["s"], &bytes_field(5, &value));
    let fill = node("ConstantOfShape", &["s"], &["y"], &[]);
    assert_eq!(
        code(model(&[constant.clone(), fill.clone()].concat())),
        Some(Code::TooLarge)
    );
    let nodes = [constant, fill].map(|node| bytes_field(7, field_content(&node)));
    let function = bytes_field(25, &[bytes_field(1, b"f"), nodes.concat()].concat());
    assert_eq!(code([model(&[]), function].concat()), Some(Code::TooLarge));
    let packed = [1_u64 << 20, 1 << 20].map(varint).concat();
    let numbers = bytes_field(5, &bytes_field(8, &packed));
    let graph = [
        node("Constant", &[], &["s"], &numbers),
        node("ConstantOfShape", &["s"], &["y"], &[]),
    ];
    assert_eq!(code(model(&graph.concat())), Some(Code::TooLarge));
}

#[test]
fn another_format_of_onnx_runtime_is_refused() {
    let sound = model(&node("Relu", &["x"], &["y"], &[]));
    let mut other = sound.clone();
    // An unknown field, whose content is what the other format begins with.
    other.splice(0..0, [0xfa, 0x3f, 6, 0, b'O', b'R', b'T', b'M', 0]);
    assert_eq!(code(sound), None);
    assert_eq!(code(other), Some(Code::InvalidEncoding));
}

#[test]
fn cycles_through_graphs_of_nodes_are_refused() {
    // The branch takes what comes of the node that it belongs to.
    let inner = node("Relu", &["y"], &["z"], &[]);
    let branch = bytes_field(5, &bytes_field(6, &inner));
    let graph = node("If", &["c"], &["y"], &branch);
    assert_eq!(code(model(&graph)), Some(Code::InvalidEncoding));
    // What the branch makes itself is another value.
    let inner = [
        node("Relu", &["x"], &["y"], &[]),
        node("Relu", &["y"], &["z"], &[]),
    ];
    let branch = bytes_field(5, &bytes_field(6, &inner.concat()));
    let graph = node("If", &["c"], &["y"], &branch);
    assert_eq!(code(model(&graph)), None);
}

#[test]
fn graphs_in_graphs_have_a_limit() {
    let mut graph = node("Relu", &["x"], &["y"], &[]);
    for depth in 0..40 {
        let attribute = bytes_field(5, &bytes_field(6, &graph));
        let output = format!("o{depth}");
        graph = node("If", &["c"], &[&output], &attribute);
    }
    assert_eq!(code(model(&graph)), Some(Code::InvalidEncoding));
    // So deep that looking at it would overflow the stack if there was no limit.
    let mut graph = Vec::new();
    for _ in 0..5000 {
        graph = bytes_field(1, &bytes_field(5, &bytes_field(6, &graph)));
    }
    assert_eq!(code(model(&graph)), Some(Code::InvalidEncoding));
}

#[test]
fn tensors_must_have_their_data() {
    for (dimensions, ty, rest) in [
        (vec![1 << 40, 1 << 40], 1, Vec::new()),
        (vec![u64::MAX], 1, Vec::new()),
        (vec![2], 1, bytes_field(9, &[0; 7])),
        (vec![1 << 20], 1, Vec::new()),
        (vec![2, 2], 7, bytes_field(9, &[0; 16])),
        (vec![1; 100], 1, bytes_field(9, &[0; 4])),
    ] {
        let graph = tensor("w", &dimensions, ty, &rest);
        assert_eq!(
            code(model(&graph)),
            Some(Code::InvalidEncoding),
            "{dimensions:?}"
        );
    }
}

#[test]
fn tensors_out_of_nothing_have_a_limit() {
    let shape = [1_i64 << 40, 1 << 20].map(i64::to_le_bytes).concat();
    let graph = [
        node("ConstantOfShape", &["s"], &["y"], &[]),
        tensor("s", &[2], 7, &bytes_field(9, &shape)),
    ]
    .concat();
    assert_eq!(code(model(&graph)), Some(Code::TooLarge));
}

#[test]
fn what_there_is_one_of_is_not_there_twice() {
    // Each is sound alone, but engines put them together.
    let one = node("Relu", &["a"], &["b"], &[]);
    let two = node("Relu", &["b"], &["a"], &[]);
    let graphs = [model(&one), bytes_field(7, &two)].concat();
    assert_eq!(code(graphs), Some(Code::InvalidEncoding));
    for inner in [bytes_field(5, &bytes_field(8, b"w")), bytes_field(6, &one)] {
        let attribute = |inner: &[u8]| model(&node("If", &["c"], &["d"], &bytes_field(5, inner)));
        assert_eq!(code(attribute(&inner)), None);
        let twice = inner.repeat(2);
        assert_eq!(code(attribute(&twice)), Some(Code::InvalidEncoding));
    }
}

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
fn external_data_stays_in_the_model_s_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("model");
    std::fs::create_dir_all(inner.join("weights")).unwrap();
    std::fs::write(folder.path().join("secret"), [7; 64]).unwrap();
    std::fs::write(inner.join("weights/w.bin"), [0; 64]).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../secret", inner.join("link")).unwrap();
    let check = |location: &str, offset: u64, length: u64| {
        let graph = tensor("w", &[4], 1, &external(location, offset, length));
        let path = inner.join("m.onnx");
        std::fs::write(&path, model(&graph)).unwrap();
        check_onnx(&Source::File(path))
            .err()
            .map(|error| error.code())
    };
    assert_eq!(check("weights/w.bin", 0, 16), None);
    assert_eq!(check("./weights/w.bin", 48, 16), None);
    let secret = folder.path().join("secret");
    for location in [
        "../secret",
        "weights/../../secret",
        secret.to_str().unwrap(),
        "",
        "/etc/passwd",
    ] {
        assert_eq!(check(location, 0, 16), Some(Code::Security), "{location}");
    }
    #[cfg(unix)]
    assert_eq!(check("link", 0, 16), Some(Code::Security));
    assert_eq!(check("weights/none.bin", 0, 16), Some(Code::NotFound));
    // More than there is, less than the tensor needs, and an overflow.
    assert_eq!(check("weights/w.bin", 56, 16), Some(Code::InvalidEncoding));
    assert_eq!(check("weights/w.bin", 0, 8), Some(Code::InvalidEncoding));
    assert_eq!(
        check("weights/w.bin", u64::MAX, 16),
        Some(Code::InvalidEncoding)
    );
    // A guest's bytes have no folder.
    let graph = tensor("w", &[4], 1, &external("weights/w.bin", 0, 16));
    assert_eq!(code(model(&graph)), Some(Code::Security));
}

#[test]
fn attributes_are_looked_at_too() {
    let inner = tensor("w", &[4], 1, &external("w.bin", 0, 16));
    // An attribute's tensor has number 5, as the graph's initializers have.
    let attribute = bytes_field(5, &inner);
    let graph = node("Constant", &[], &["y"], &attribute);
    assert_eq!(code(model(&graph)), Some(Code::Security));
}

#[test]
fn a_missing_file_is_not_found() {
    let error = check_onnx(&Source::File(Path::new("/nowhere/m.onnx").to_owned())).unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
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
