//! ONNX files that no engine must see. ONNX Runtime itself need not be there: files are looked at first, in Rust.

use std::path::Path;

use c12_nn_core::{Code, Source, check_onnx};

/// A field of a message: its number, and bytes.
pub(crate) fn bytes_field(number: u64, bytes: &[u8]) -> Vec<u8> {
    let mut field = varint(number << 3 | 2);
    field.extend(varint(bytes.len() as u64));
    field.extend_from_slice(bytes);
    field
}

pub(crate) fn number_field(number: u64, value: u64) -> Vec<u8> {
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

pub(crate) fn model(graph: &[u8]) -> Vec<u8> {
    [number_field(1, 8), bytes_field(7, graph)].concat()
}

pub(crate) fn node(operator: &str, inputs: &[&str], outputs: &[&str], rest: &[u8]) -> Vec<u8> {
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

pub(crate) fn tensor(name: &str, dimensions: &[u64], ty: u64, rest: &[u8]) -> Vec<u8> {
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
