//! What a file is, decided from its bytes, and what is said about files that are something else.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use c12_toolchain::detect::{ArchiveFormat, DetectError, ExecutableFormat, Kind, detect};

/// An ELF header as the engine writes it, with the given flags.
fn artifact(flags: u8) -> Vec<u8> {
    let mut elf = vec![0; 64];
    elf[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\xc8");
    elf[48] = flags;
    elf
}

#[test]
fn binaries_are_told_by_version_and_layer() {
    assert_eq!(detect(b"\0asm\x01\0\0\0"), Ok(Kind::Module));
    assert_eq!(detect(b"\0asm\x0d\0\x01\0"), Ok(Kind::Component));
    assert_eq!(
        detect(b"\0asm\x01\0\0\0anything may follow"),
        Ok(Kind::Module)
    );
}

#[test]
fn text_is_told_by_its_first_form() {
    let cases: &[(&[u8], Kind)] = &[
        (b"(module)", Kind::ModuleText),
        (b"(component)", Kind::ComponentText),
        (b" \t\r\n(module $name)", Kind::ModuleText),
        (b";; comment\n;; (component)\n(module)", Kind::ModuleText),
        (
            b"(; nested (; comment ;) (module) ;)(component $c)",
            Kind::ComponentText,
        ),
        (
            b"(@annotation (nested) \"a string with ) and \\\" in it\")(component)",
            Kind::ComponentText,
        ),
        (b"( ;; comment\n module)", Kind::ModuleText),
        (b"(func (export \"f\"))", Kind::ModuleText),
        (b"(memory 1) (func)", Kind::ModuleText),
        (b"\xef\xbb\xbf(module)", Kind::ModuleText),
    ];
    for (bytes, kind) in cases {
        assert_eq!(
            detect(bytes).as_ref(),
            Ok(kind),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn precompiled_artifacts_are_told_from_native_programs() {
    assert_eq!(detect(&artifact(1)), Ok(Kind::PrecompiledModule));
    assert_eq!(detect(&artifact(2)), Ok(Kind::PrecompiledComponent));
    let mut native = artifact(0);
    native[7] = 0;
    assert_eq!(
        detect(&native),
        Err(DetectError::Executable {
            format: ExecutableFormat::Elf
        })
    );
}

#[test]
fn an_own_error_is_given_for_each_thing_that_people_hand_over_by_mistake() {
    let mut tar = vec![0; 512];
    tar[..5].copy_from_slice(b"a.txt");
    tar[257..262].copy_from_slice(b"ustar");
    let mut pe = vec![0; 256];
    pe[..2].copy_from_slice(b"MZ");
    pe[0x3c] = 0x80;
    let archive = |format| DetectError::Archive { format };
    let program = |format| DetectError::Executable { format };
    let cases: Vec<(&[u8], DetectError)> = vec![
        (b"", DetectError::Empty),
        (b" \n;; nothing else\n", DetectError::Blank),
        (b"\0as", DetectError::Truncated { len: 3 }),
        (b"\0asm\x01\0", DetectError::Truncated { len: 6 }),
        (
            b"\0asm\x0d\0\0\0",
            DetectError::UnknownVersion {
                version: 0xd,
                layer: 0,
            },
        ),
        (
            b"\0asm\x0a\0\x01\0",
            DetectError::UnknownVersion {
                version: 0xa,
                layer: 1,
            },
        ),
        (b"\n<!DOCTYPE html><html>", DetectError::Html),
        (b"<HTML><body>404", DetectError::Html),
        (b"<?xml version=\"1.0\"?><Error>", DetectError::Xml),
        (b"{\"message\": \"Not Found\"}", DetectError::Json),
        (b"[{\"a\": 1}]", DetectError::Json),
        (b"\x1f\x8b\x08\0", archive(ArchiveFormat::Gzip)),
        (b"PK\x03\x04zip", archive(ArchiveFormat::Zip)),
        (b"\x28\xb5\x2f\xfdzstd", archive(ArchiveFormat::Zstd)),
        (b"\xfd7zXZ\0", archive(ArchiveFormat::Xz)),
        (b"BZh91AY", archive(ArchiveFormat::Bzip2)),
        (b"!<arch>\nlib.rmeta", archive(ArchiveFormat::StaticLibrary)),
        (&tar, archive(ArchiveFormat::Tar)),
        (b"\x7fELF\x02\x01\x01\0", program(ExecutableFormat::Elf)),
        (
            b"\xcf\xfa\xed\xfe\x07\0\0\x01",
            program(ExecutableFormat::MachO),
        ),
        (
            b"\xca\xfe\xba\xbe\0\0\0\x02",
            program(ExecutableFormat::MachO),
        ),
        (
            b"\xca\xfe\xba\xbe\0\0\0\x34",
            program(ExecutableFormat::JavaClass),
        ),
        (&pe, program(ExecutableFormat::Pe)),
        (b"BC\xc0\xde", program(ExecutableFormat::LlvmBitcode)),
        (
            b"#!/bin/sh\nexec true",
            DetectError::Script {
                interpreter: "/bin/sh".to_owned(),
            },
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            DetectError::GitLfsPointer,
        ),
        (b"package a:b;\ninterface i {}", DetectError::Wit),
        (b"\xff\xfe(\0m\0", DetectError::Utf16),
        (
            b"  (; open (module)",
            DetectError::UnclosedComment { offset: 2 },
        ),
        (
            b"fn main() {}\n",
            DetectError::UnknownText {
                start: "fn main() {}".to_owned(),
            },
        ),
        (
            b"(assert_return)",
            DetectError::UnknownText {
                start: "(assert_return)".to_owned(),
            },
        ),
        (
            b"\x93\xf0\x01",
            DetectError::Unknown {
                start: vec![0x93, 0xf0, 0x01],
            },
        ),
    ];
    for (bytes, error) in cases {
        let found = detect(bytes).unwrap_err();
        assert_eq!(found, error, "{bytes:?}");
        assert!(
            !found.help().is_empty() && !found.to_string().contains('\n'),
            "{found}"
        );
    }
}

#[test]
fn what_is_quoted_from_a_file_is_short_and_cannot_steer_a_terminal() {
    let long = format!("x{}", "y".repeat(100_000));
    let error = detect(long.as_bytes()).unwrap_err().to_string();
    assert!(error.len() < 200, "{error}");
    let error = detect(b"#!/bin/\x1b[31mred\x1b[0m")
        .unwrap_err()
        .to_string();
    assert!(!error.contains('\x1b'), "{error}");
}
