//! Compiled artifacts: what loads and what is refused.

use std::os::unix::fs::PermissionsExt;

use snapbox::{assert_data_eq, str};

use crate::harness::{Home, Outcome};

pub(crate) const ANSWER: &str = "(module (func (export \"answer\") (result i32) i32.const 42))";

fn compiled() -> Home {
    let home = Home::new();
    home.write("x.wat", ANSWER);
    home.c12(["compile", "x.wat"]).run().success();
    home
}

#[test]
fn what_was_compiled_here_runs() {
    let home = compiled();
    assert_eq!(
        home.c12(["run", "--invoke", "answer()", "x.cwasm"])
            .run()
            .success(),
        "42\n"
    );
    assert_eq!(
        home.key().metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );
    let left: Vec<_> = home
        .work()
        .read_dir()
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn one_flipped_byte_is_refused_even_when_trusted() {
    let home = compiled();
    let path = home.work().join("x.cwasm");
    let whole = std::fs::read(&path).unwrap();
    for at in [
        0,
        100,
        whole.len() / 2,
        whole.len() - 90,
        whole.len() - 40,
        whole.len() - 1,
    ] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(&path, damaged).unwrap();
        let error = home
            .c12(["run", "--invoke", "answer()", "x.cwasm"])
            .run()
            .failure(1);
        assert!(
            error.contains("it is damaged") || error.contains("not made by"),
            "{at}: {error}"
        );
    }
    let mut damaged = whole;
    damaged[100] ^= 1;
    std::fs::write(&path, damaged).unwrap();
    assert_data_eq!(
        home.c12(["run", "--trust-precompiled", "x.cwasm"])
            .run()
            .failure(1),
        str![[r#"
error: cannot load the compiled artifact x.cwasm
  it is damaged: its contents do not match its digest
help: compile it again with `c12 compile`

"#]]
    );
}

#[test]
fn a_truncated_artifact_is_refused() {
    let home = compiled();
    let path = home.work().join("x.cwasm");
    let whole = std::fs::read(&path).unwrap();
    for length in [8, 100, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        home.c12(["run", "--invoke", "answer()", "x.cwasm"])
            .run()
            .failure(1);
    }
}

#[test]
fn without_the_key_it_is_refused_unless_trusted() {
    let home = compiled();
    std::fs::remove_file(home.key()).unwrap();
    let error = home
        .c12(["run", "--invoke", "answer()", "x.cwasm"])
        .run()
        .failure(1);
    assert!(
        error.contains("there is no artifact key to check it with"),
        "{error}"
    );
    assert!(error.contains("--trust-precompiled"), "{error}");
    assert_eq!(
        home.c12([
            "run",
            "--trust-precompiled",
            "--invoke",
            "answer()",
            "x.cwasm"
        ])
        .run()
        .success(),
        "42\n"
    );
}

#[test]
fn an_artifact_of_another_user_is_refused_unless_trusted() {
    let (theirs, ours) = (compiled(), compiled());
    std::fs::copy(theirs.work().join("x.cwasm"), ours.work().join("y.cwasm")).unwrap();
    assert_data_eq!(
        ours.c12(["run", "--invoke", "answer()", "y.cwasm"])
            .run()
            .failure(1),
        str![[r#"
error: cannot load the compiled artifact y.cwasm
  it was not made by this user's c12 on this machine
help: compile it here with `c12 compile`, or pass `--trust-precompiled` if you trust whoever made it with your machine

"#]]
    );
    assert_eq!(
        ours.c12([
            "run",
            "--trust-precompiled",
            "--invoke",
            "answer()",
            "y.cwasm"
        ])
        .run()
        .success(),
        "42\n"
    );
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let home = compiled();
    std::fs::set_permissions(home.key(), std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = home
        .c12(["run", "--invoke", "answer()", "x.cwasm"])
        .run()
        .failure(1);
    assert!(error.contains("others can read it (mode 0640)"), "{error}");
}

#[test]
fn limits_need_code_that_was_made_for_them() {
    let home = compiled();
    assert_data_eq!(
        home.c12(["run", "--timeout", "5s", "--invoke", "answer()", "x.cwasm"])
            .run()
            .failure(1),
        str![[r#"
error: cannot load the compiled artifact x.cwasm
  it was compiled without interruption points
help: compile it with `c12 compile --interruptible`, or run the .wasm file

"#]]
    );
    assert_data_eq!(
        home.c12(["run", "--fuel", "500", "--invoke", "answer()", "x.cwasm"])
            .run()
            .failure(1),
        str![[r#"
error: cannot load the compiled artifact x.cwasm
  it was compiled without fuel counting
help: compile it with `c12 compile --fuel`, or run the .wasm file

"#]]
    );
    home.c12([
        "compile",
        "--interruptible",
        "--fuel",
        "x.wat",
        "-o",
        "y.cwasm",
    ])
    .run()
    .success();
    for options in [
        &["--timeout", "5s"][..],
        &["--fuel", "500"],
        &["--timeout", "5s", "--fuel", "500"],
        &[],
    ] {
        let arguments = [&["run"], options, &["--invoke", "answer()", "y.cwasm"]].concat();
        assert_eq!(home.c12(arguments).run().success(), "42\n");
    }
}

#[test]
fn an_input_is_not_replaced_by_its_output() {
    let home = compiled();
    home.c12(["compile", "x.wat", "-o", "x.wat"])
        .run()
        .failure(2);
    assert_eq!(
        std::fs::read(home.work().join("x.wat")).unwrap(),
        ANSWER.as_bytes()
    );
    home.c12(["compile", "x.cwasm", "-o", "z.cwasm"])
        .run()
        .failure(2);
}

#[test]
fn an_unknown_target_is_refused() {
    let home = compiled();
    home.c12([
        "compile",
        "--target",
        "pdp11-dec-unix",
        "x.wat",
        "-o",
        "z.cwasm",
    ])
    .run()
    .failure(2);
    assert!(!home.work().join("z.cwasm").exists());
}

#[test]
fn other_machines_are_compiled_for_and_their_code_is_refused_here() {
    let home = compiled();
    for target in [
        "aarch64-unknown-linux-gnu",
        "x86_64-unknown-linux-gnu",
        "riscv64gc-unknown-linux-gnu",
        "s390x-unknown-linux-gnu",
    ] {
        home.c12(["compile", "--target", target, "x.wat", "-o", "z.cwasm"])
            .run()
            .success();
        let outcome = home.c12(["run", "--invoke", "answer()", "z.cwasm"]).run();
        if target.starts_with(std::env::consts::ARCH) {
            assert_eq!(outcome.success(), "42\n");
        } else {
            let error = outcome.failure(1);
            assert!(
                error.contains("it does not fit this machine"),
                "{target}: {error}"
            );
        }
    }
}

#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let home = compiled();
    let error = home
        .c12(["compile", "x.wat", "-o", "no/such/folder/x.cwasm"])
        .run()
        .failure(1);
    assert!(
        error.starts_with("error: cannot write no/such/folder/x.cwasm\n"),
        "{error}"
    );
}

/// The largest file that the shell lets its children write is smaller than the artifact.
#[test]
fn a_write_that_fails_leaves_nothing_behind_and_the_old_file_in_place() {
    let home = compiled();
    let functions: String = (0..500)
        .map(|n| format!("(func (export \"f{n}\") (result i32) i32.const {n})"))
        .collect();
    home.write("big.wat", format!("(module {functions})"));
    home.write("out/x.cwasm", "old\n");
    let script = "trap '' XFSZ; ulimit -f 8; c12 compile big.wat -o out/x.cwasm; echo code $?; cat out/x.cwasm; ls -A out";
    let outcome = home.shell(script).run();
    assert_eq!(outcome.stdout, "code 1\nold\nx.cwasm\n", "{outcome:?}");
    assert!(
        outcome
            .stderr
            .starts_with("error: cannot write out/x.cwasm\n  File too large"),
        "{outcome:?}"
    );
}

#[test]
fn a_full_device_is_an_error_and_stays_a_device() {
    use std::os::unix::fs::FileTypeExt;
    let home = compiled();
    let error = home
        .c12(["compile", "x.wat", "-o", "/dev/full"])
        .run()
        .failure(1);
    assert!(error.contains("No space left on device"), "{error}");
    assert!(
        std::fs::metadata("/dev/full")
            .unwrap()
            .file_type()
            .is_char_device()
    );
}

#[test]
fn without_a_place_for_the_key_nothing_is_compiled_to_a_file() {
    let home = Home::new();
    home.write("x.wat", ANSWER);
    let error = home
        .c12(["compile", "x.wat"])
        .env("C12_STATE_DIR", "/proc/c12")
        .run()
        .failure(2);
    assert!(error.contains("C12_STATE_DIR"), "{error}");
}

/// Takes the trailer off, which would tell of the change, and changes what Wasmtime wrote about the engine and the
/// machine that the code is for. What is left is an artifact of somebody else, which loads only if it is trusted.
fn made_elsewhere(home: &Home, change: impl FnOnce(&mut [u8])) -> Outcome {
    const TRAILER: usize = 120;
    let mut image = std::fs::read(home.work().join("x.cwasm")).unwrap();
    image.truncate(image.len() - TRAILER);
    change(&mut image);
    home.write("y.cwasm", image);
    home.c12([
        "run",
        "--trust-precompiled",
        "--invoke",
        "answer()",
        "y.cwasm",
    ])
    .run()
}

/// The version of the engine: behind the ELF header is a byte for the form of what follows, and one for its length.
fn version(image: &mut [u8]) -> &mut [u8] {
    const ELF_HEADER: usize = 64;
    let (form, length) = (image[ELF_HEADER], usize::from(image[ELF_HEADER + 1]));
    let version = &mut image[ELF_HEADER + 2..][..length];
    assert!(form == 0 && version.iter().all(u8::is_ascii_digit));
    version
}

/// The names of the CPU's features, and where the byte is that says whether the code needs it.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn cpu_features(image: &[u8]) -> Vec<(std::ops::Range<usize>, usize)> {
    const BOOLEAN: u8 = 2;
    let starts = image
        .windows(4)
        .enumerate()
        .filter(|(_, bytes)| *bytes == b"has_");
    let features = starts.map(|(start, _)| {
        let end = start + usize::from(image[start - 1]);
        (start..end, end + 1)
    });
    features
        .filter(|(name, needed)| {
            image.get(name.end) == Some(&BOOLEAN) && image.get(*needed).is_some_and(|on| *on <= 1)
        })
        .collect()
}

#[test]
fn an_artifact_for_another_version_of_the_engine_is_refused() {
    let home = compiled();
    assert_eq!(made_elsewhere(&home, |_| ()).success(), "42\n");
    let outcome = made_elsewhere(&home, |image| version(image).fill(b'0'));
    assert_data_eq!(
        outcome.failure(1),
        str![[r#"
error: cannot load the compiled artifact y.cwasm
  it does not fit this machine or this version of c12: Module was compiled with incompatible version '0[..]'
help: compile it again with `c12 compile`

"#]]
    );
    let outcome = made_elsewhere(&home, |image| image[64] += 1);
    assert_data_eq!(
        outcome.failure(1),
        str![[r#"
error: cannot load the compiled artifact y.cwasm
  it does not fit this machine or this version of c12: mismatched version in engine section
help: compile it again with `c12 compile`

"#]]
    );
}

#[test]
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn an_artifact_for_a_cpu_with_more_features_is_refused() {
    let home = compiled();
    // A feature that no CPU has.
    let outcome = made_elsewhere(&home, |image| {
        let (name, needed) = cpu_features(image).remove(0);
        image[name].fill(b'q');
        image[needed] = 1;
    });
    assert_data_eq!(
        outcome.failure(1),
        str![[r#"
error: cannot load the compiled artifact y.cwasm
  it does not fit this machine or this version of c12: compilation settings of module incompatible with native host: don't know how to test for target-specific flag "qqq[..]" at runtime
help: compile it again with `c12 compile`

"#]]
    );
    // One that this CPU lacks; there may be none.
    let mut lacking = None;
    let outcome = made_elsewhere(&home, |image| {
        lacking = cpu_features(image)
            .into_iter()
            .find(|(_, needed)| image[*needed] == 0);
        if let Some((_, needed)) = lacking {
            image[needed] = 1;
        }
    });
    if lacking.is_none() {
        assert_eq!(outcome.success(), "42\n");
        return;
    }
    assert_data_eq!(
        outcome.failure(1),
        str![[r#"
error: cannot load the compiled artifact y.cwasm
  it does not fit this machine or this version of c12: compilation settings of module incompatible with native host: compilation setting "has_[..]" is enabled, but not available on the host
help: compile it again with `c12 compile`

"#]]
    );
}
