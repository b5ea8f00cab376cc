//! Two ONNX models of one operator that takes the tensor and computes nothing of it: what is left is what the tensor costs
//! on its way.

use c12_bench_nn::{DIMENSIONS, INPUT};

pub(super) const SHAPE: &str = "shape.onnx";
pub(super) const IDENTITY: &str = "identity.onnx";

const OUTPUT: &str = "output";
/// The form of the file, and of the operators.
const IR_VERSION: u64 = 8;
const OPERATORS_VERSION: u64 = 17;
/// Types of tensors.
const FLOAT: u64 = 1;
const INT64: u64 = 7;

/// Gives the tensor's dimensions.
pub(super) fn shape() -> Vec<u8> {
    let rank = fixed(DIMENSIONS.len() as u64);
    model("Shape", &tensor(OUTPUT, INT64, &[rank]))
}

/// Gives the tensor as it is.
pub(super) fn identity() -> Vec<u8> {
    model("Identity", &tensor(OUTPUT, FLOAT, &photograph()))
}

/// The dimensions of the tensor: of photographs there may be several.
fn photograph() -> Vec<Vec<u8>> {
    let batch = bytes(2, b"batch");
    let others = DIMENSIONS.iter().skip(1);
    std::iter::once(batch)
        .chain(others.map(|size| fixed(u64::from(*size))))
        .collect()
}

/// `ModelProto`.
fn model(operator: &str, output: &[u8]) -> Vec<u8> {
    let node = [
        bytes(1, INPUT.as_bytes()),
        bytes(2, OUTPUT.as_bytes()),
        bytes(4, operator.as_bytes()),
    ];
    let graph = [
        bytes(1, &node.concat()),
        bytes(2, operator.as_bytes()),
        bytes(11, &tensor(INPUT, FLOAT, &photograph())),
        bytes(12, output),
    ];
    let operators = [bytes(1, b""), number(2, OPERATORS_VERSION)];
    [
        number(1, IR_VERSION),
        bytes(7, &graph.concat()),
        bytes(8, &operators.concat()),
    ]
    .concat()
}

/// `ValueInfoProto` of a tensor.
fn tensor(name: &str, ty: u64, dimensions: &[Vec<u8>]) -> Vec<u8> {
    let dimensions: Vec<Vec<u8>> = dimensions.iter().map(|size| bytes(1, size)).collect();
    let tensor = [number(1, ty), bytes(2, &dimensions.concat())];
    let ty = bytes(1, &tensor.concat());
    [bytes(1, name.as_bytes()), bytes(2, &ty)].concat()
}

/// A dimension of this size.
fn fixed(size: u64) -> Vec<u8> {
    number(1, size)
}

/// A field with bytes in it: a text or a message.
fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    let mut message = varint(field << 3 | 2);
    message.extend(varint(content.len() as u64));
    message.extend_from_slice(content);
    message
}

/// A field with a number in it.
fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// Seven bits a byte, the lowest first; all bytes but the last have the highest bit.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_as_many_bytes_as_they_need() {
        assert_eq!(varint(0), [0]);
        assert_eq!(varint(127), [127]);
        // The example in the description of the encoding.
        assert_eq!(varint(150), [0x96, 0x01]);
        assert_eq!(number(1, 150), [0x08, 0x96, 0x01]);
        assert_eq!(bytes(2, b"testing"), *b"\x12\x07testing");
    }

    #[test]
    fn dimensions_are_a_name_and_sizes() {
        let [batch, colours, height, width]: [Vec<u8>; 4] = photograph().try_into().unwrap();
        assert_eq!(batch, *b"\x12\x05batch");
        assert_eq!(colours, [0x08, 3]);
        assert_eq!(height, [0x08, 0xe0, 0x01]);
        assert_eq!(width, height);
    }

    #[test]
    fn a_model_is_a_version_a_graph_and_what_its_operators_are() {
        let model = identity();
        assert_eq!(model[..3], [0x08, 8, 0x3a]);
        assert_eq!(
            *model.last_chunk::<6>().unwrap(),
            [0x42, 4, 0x0a, 0, 0x10, 17]
        );
        assert!(model.len() < 256);
    }
}
