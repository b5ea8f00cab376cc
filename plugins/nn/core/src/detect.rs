use std::fs::File;
use std::io::Read;

use crate::backend::not_read;
use crate::{Encoding, Result, Source};

/// Enough to tell the encodings apart.
const HEAD: usize = 64 * 1024;

/// The encoding that the first bytes of a model are written in, as far as they tell.
pub fn detect(source: &Source) -> Result<Option<Encoding>> {
    match source {
        Source::Bytes(bytes) => Ok(detect_bytes(bytes.get(..HEAD).unwrap_or(bytes))),
        Source::File(path) => {
            let mut head = Vec::new();
            File::open(path)
                .and_then(|file| file.take(HEAD as u64).read_to_end(&mut head))
                .map_err(|error| not_read(path, &error))?;
            Ok(detect_bytes(&head))
        }
    }
}

fn detect_bytes(head: &[u8]) -> Option<Encoding> {
    if head.starts_with(b"GGUF") {
        return Some(Encoding::Ggml);
    }
    if head.get(4..8) == Some(b"TFL3") {
        return Some(Encoding::TensorflowLite);
    }
    // TorchScript is a zip archive with its code in a folder `code`, and plain pickles are not TorchScript.
    if head.starts_with(b"PK\x03\x04") {
        return Some(Encoding::Pytorch);
    }
    if is_openvino(head) {
        return Some(Encoding::Openvino);
    }
    // ONNX has no magic number: a message whose first field is the version of the format, a small number.
    match head {
        [0x08, version, next, ..] if (1..=64).contains(version) && next & 7 == 2 => {
            Some(Encoding::Onnx)
        }
        _ => None,
    }
}

fn is_openvino(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let root = match start.strip_prefix("<?xml") {
        Some(declaration) => declaration.split_once("?>").map(|(_, rest)| rest),
        None => Some(start),
    };
    root.is_some_and(|root| root.trim_start().starts_with("<net"))
}
