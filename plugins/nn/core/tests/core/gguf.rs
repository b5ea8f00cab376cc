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
            Value::Yes => {
                bytes.extend(7_u32.to_le_bytes());
                bytes.push(1);
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
    Yes,
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

fn texts(texts: &[&[u8]]) -> Value {
    let mut items = Vec::new();
    for text in texts {
        items.extend((text.len() as u64).to_le_bytes());
        items.extend_from_slice(text);
    }
    Value::List(8, texts.len() as u64, items)
}

fn numbers(numbers: &[u32]) -> Value {
    let items = numbers.iter().flat_map(|number| number.to_le_bytes());
    Value::List(4, numbers.len() as u64, items.collect())
}

#[test]
fn numbers_that_llama_cpp_has_no_room_for_are_refused() {
    let refused = |keys: Vec<(&str, Value)>| {
        let mut all = vec![NAMED, ("llama.block_count", Value::Number(2))];
        all.extend(keys);
        code(file(3, &all, &[])) == Some(Code::InvalidEncoding)
    };
    let number = |key, number| (key, Value::Number(number));
    let experts = |all: u32, used: u32| {
        vec![
            number("llama.expert_count", all),
            number("llama.expert_used_count", used),
        ]
    };
    assert!(!refused(vec![]));
    assert!(!refused(experts(8, 2)));
    assert!(!refused(vec![(
        "llama.rope.scaling.type",
        Value::Text("yarn")
    )]));
    for wrong in [
        experts(8, 0),
        experts(8, 9),
        experts(0, 1),
        experts(1025, 2),
    ] {
        assert!(refused(wrong));
    }
    assert!(refused(vec![
        number("llama.expert_count", 8),
        ("llama.expert_used_count", numbers(&[2, 9])),
    ]));
    let grouped = |groups: u32, used: u32| {
        let mut keys = experts(8, 2);
        keys.push(number("llama.expert_group_count", groups));
        keys.push(number("llama.expert_group_used_count", used));
        keys
    };
    assert!(!refused(grouped(4, 2)));
    for (groups, used) in [(8, 2), (3, 2), (4, 0), (4, 4)] {
        assert!(refused(grouped(groups, used)), "{groups} {used}");
    }
    assert!(refused(vec![("llama.rope.scaling.type", Value::Text("?"))]));
    assert!(refused(vec![number("llama.nextn_predict_layers", 3)]));
    assert_eq!(
        code(file(3, &[NAMED, number("llama.block_count", 513)], &[])),
        Some(Code::InvalidEncoding)
    );
}

#[test]
fn vocabularies_that_end_the_process_are_refused() {
    let bytes: Vec<String> = (0..=255).map(|byte| format!("<0x{byte:02X}>")).collect();
    let bytes: Vec<&[u8]> = bytes.iter().map(|text| text.as_bytes()).collect();
    let with = |tokenizer: &'static str, tokens: &[&[u8]], more: Vec<(&str, Value)>| {
        let mut keys = vec![
            NAMED,
            ("tokenizer.ggml.model", Value::Text(tokenizer)),
            ("tokenizer.ggml.tokens", texts(tokens)),
        ];
        keys.extend(more);
        code(file(3, &keys, &[]))
    };
    let refused = Some(Code::InvalidEncoding);
    assert_eq!(with("gpt2", &[b"a", b"b", b"", b""], vec![]), None);
    assert_eq!(with("llama", &bytes, vec![]), None);
    for tokenizer in ["no_vocab", "none", "test", "?"] {
        assert_eq!(with(tokenizer, &[b"a"], vec![]), refused, "{tokenizer}");
    }
    assert_eq!(with("gpt2", &[b"a", b"b", b"a"], vec![]), refused);
    assert_eq!(with("gpt2", &[b"a\0b", b"a"], vec![]), refused);
    assert_eq!(with("gpt2", &[b"[EMPTY_1]", b""], vec![]), refused);
    assert_eq!(with("llama", &bytes[..200], vec![]), refused);
    assert_eq!(with("rwkv", &[b"a"], vec![]), refused);
    let puts = |id: Option<u32>| {
        let mut keys = vec![("tokenizer.ggml.add_bos_token", Value::Yes)];
        keys.extend(id.map(|id| ("tokenizer.ggml.bos_token_id", Value::Number(id))));
        with("t5", &bytes, keys)
    };
    assert_eq!(puts(None), refused);
    assert_eq!(puts(Some(256)), refused);
    assert_eq!(puts(Some(255)), None);
}
