use c12_nn_core::{Encoding, Source, detect};

#[test]
fn encodings_are_told_by_their_first_bytes() {
    for (head, expected) in [
        (&b"GGUF\x03\0\0\0"[..], Some(Encoding::Ggml)),
        (b"\x1c\0\0\0TFL3", Some(Encoding::TensorflowLite)),
        (b"PK\x03\x04rest", Some(Encoding::Pytorch)),
        (
            b"<?xml version=\"1.0\"?>\n<net name=\"m\">",
            Some(Encoding::Openvino),
        ),
        (b"\xef\xbb\xbf  <net name=\"m\">", Some(Encoding::Openvino)),
        (b"\x08\x08\x12\x03abc", Some(Encoding::Onnx)),
        (b"<?xml version=\"1.0\"?><svg/>", None),
        (b"\x08\x08", None),
        (b"", None),
        (b"\x7fELF", None),
    ] {
        let source = Source::Bytes(head.into());
        assert_eq!(detect(&source).unwrap(), expected, "{head:?}");
    }
}

#[test]
fn files_are_looked_at_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m");
    std::fs::write(&path, b"GGUF").unwrap();
    assert_eq!(detect(&Source::File(path)).unwrap(), Some(Encoding::Ggml));
    assert!(detect(&Source::File(folder.path().join("none"))).is_err());
}
