//! Files that llama.cpp must never see.

use c12_nn_core::{Code, Source, gguf_metadata};

/// A file with these keys and tensors, and 64 bytes of data.
fn file(version: u32, keys: &[(&str, Value)], tensors: &[(&str, &[u64], u32, u64)]) -> Vec<u8> {
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(version.to_le_bytes());
    bytes.extend((tensors.len() as u64).to_le_bytes());
    bytes.extend((keys.len() as u64).to_le_bytes());
    for (key, value) in keys {
        text(&mut bytes, key);
        match value {
            Value::Text(value) => {
                bytes.extend(8_u32.to_le_bytes());
                text(&mut bytes, value);
            }
            Value::Number(value) => {
                bytes.extend(4_u32.to_le_bytes());
                bytes.extend(value.to_le_bytes());
            }
            Value::List(ty, count, items) => {
                bytes.extend(9_u32.to_le_bytes());
                bytes.extend(ty.to_le_bytes());
                bytes.extend(count.to_le_bytes());
                bytes.extend_from_slice(items);
            }
        }
    }
    for (name, dimensions, ty, offset) in tensors {
        text(&mut bytes, name);
        bytes.extend(u32::try_from(dimensions.len()).unwrap().to_le_bytes());
        for size in *dimensions {
            bytes.extend(size.to_le_bytes());
        }
        bytes.extend(ty.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
    }
    bytes.resize(bytes.len().next_multiple_of(32) + 64, 0);
    bytes
}

enum Value {
    Text(&'static str),
    Number(u32),
    List(u32, u64, Vec<u8>),
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

const NAMED: (&str, Value) = ("general.architecture", Value::Text("llama"));

fn code(bytes: Vec<u8>) -> Option<Code> {
    gguf_metadata(&Source::Bytes(bytes.into()))
        .err()
        .map(|error| error.code())
}

#[test]
fn a_sound_file_says_what_is_in_it() {
    let file = file(
        3,
        &[
            NAMED,
            ("llama.context_length", Value::Number(2048)),
            ("tokens", Value::List(0, 3, vec![1, 2, 3])),
        ],
        &[("a", &[4, 4], 0, 0)],
    );
    let metadata = gguf_metadata(&Source::Bytes(file.into())).unwrap();
    assert_eq!(metadata["general.architecture"], "llama");
    assert_eq!(metadata["llama.context_length"], 2048);
    assert_eq!(metadata["tokens"], 3);
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    let whole = file(
        3,
        &[NAMED, ("llama.context_length", Value::Number(2048))],
        &[("a", &[4, 4], 0, 0)],
    );
    for length in 0..whole.len() {
        assert_eq!(
            code(whole[..length].to_vec()),
            Some(Code::InvalidEncoding),
            "{length}"
        );
    }
    assert_eq!(code(whole), None);
}

#[test]
fn impossible_files_are_refused() {
    let huge = u64::MAX.to_le_bytes().to_vec();
    for (what, file) in [
        ("version", file(1, &[NAMED], &[])),
        ("no architecture", file(3, &[], &[])),
        ("twice", file(3, &[NAMED, NAMED], &[])),
        (
            "alignment",
            file(3, &[NAMED, ("general.alignment", Value::Number(3))], &[]),
        ),
        (
            "layers",
            file(
                3,
                &[NAMED, ("llama.block_count", Value::Number(u32::MAX))],
                &[],
            ),
        ),
        (
            "no heads",
            file(
                3,
                &[NAMED, ("llama.attention.head_count", Value::Number(0))],
                &[],
            ),
        ),
        (
            "long list",
            file(
                3,
                &[NAMED, ("l", Value::List(10, u64::MAX / 4, vec![]))],
                &[],
            ),
        ),
        (
            "long text in a list",
            file(3, &[NAMED, ("l", Value::List(8, 1, huge))], &[]),
        ),
        (
            "list of lists",
            file(3, &[NAMED, ("l", Value::List(9, 1, vec![0; 64]))], &[]),
        ),
        (
            "overflow",
            file(3, &[NAMED], &[("a", &[1 << 33, 1 << 33], 0, 0)]),
        ),
        ("empty", file(3, &[NAMED], &[("a", &[0], 0, 0)])),
        ("rank", file(3, &[NAMED], &[("a", &[1; 5], 0, 0)])),
        ("block", file(3, &[NAMED], &[("a", &[33], 2, 0)])),
        ("not aligned", file(3, &[NAMED], &[("a", &[1], 0, 4)])),
        ("beyond", file(3, &[NAMED], &[("a", &[1], 0, 96)])),
        (
            "offset",
            file(3, &[NAMED], &[("a", &[1], 0, u64::MAX - 31)]),
        ),
        (
            "two of one name",
            file(3, &[NAMED], &[("a", &[1], 0, 0), ("a", &[1], 0, 32)]),
        ),
    ] {
        assert_eq!(code(file), Some(Code::InvalidEncoding), "{what}");
    }
    let mut file = file(3, &[NAMED], &[]);
    file[16..24].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(code(file), Some(Code::InvalidEncoding));
}
