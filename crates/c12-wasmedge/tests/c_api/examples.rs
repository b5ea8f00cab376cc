//! The example plugin, in WasmEdge and in C12.

use std::path::{Path, PathBuf};

use super::{Needs, Tests};
use super::{compile, run};
use c12::{Capture, Engine, HostBuilder, Output};

const ARGUMENTS: [&str; 4] = [
    "",
    "hello",
    "Grüße, 世界 🌍",
    "The quick brown fox jumps over the lazy dog",
];

const EXPECTED: &str = " d41d8cd98f00b204e9800998ecf8427e
olleh 5d41402abc4b2a76b9719d911017c592
🌍 界世 ,eßürG c247ec241a6d2f5c2a3630dc26bea556
god yzal eht revo spmuj xof nworb kciuq ehT 9e107d9d372bb6826bd81d3542a419d6
8 calls
";

fn plugin() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../plugins/examples/text-tools-wasmedge/text_tools.cpp");
    compile::plugin(&source, "text_tools", &[])
}

fn guest() -> PathBuf {
    PathBuf::from(std::env::var_os("C12_GUESTS").unwrap()).join("c/use_text_tools.wasm")
}

fn output(host: HostBuilder) -> String {
    let captured = Capture::default();
    let host = host
        .arguments(ARGUMENTS)
        .stdout(Output::Capture(captured.clone()))
        .build();
    let engine = Engine::builder().cache(false).build().unwrap();
    let workload = engine
        .load("guest", &std::fs::read(guest()).unwrap())
        .unwrap();
    assert_eq!(run::wait(host.run(&workload)).unwrap(), 0);
    captured.text()
}

/// Calls `md5` with a place that is given.
const OUTSIDE: &str = r#"(module
  (import "text_tools" "md5" (func $md5 (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "md5") (param i32 i32 i32) (call $md5 (local.get 0) (local.get 1) (local.get 2))))"#;

pub(crate) fn list(tests: &mut Tests) {
    tests.add("text_tools_works", Needs::CxxAndGuests, || {
        assert_eq!(output(run::host(&plugin())), EXPECTED);
        let host = run::host(&plugin()).setting("text_tools", "uppercase", "true");
        assert!(output(host).contains("olleh 5D41402ABC4B2A76B9719D911017C592"));
    });
    tests.add("text_tools_works_as_in_wasmedge", Needs::Everything, || {
        let guest = std::fs::read(guest()).unwrap();
        let (expected, code) = run::module_in_wasmedge(&plugin(), &guest, &[], &ARGUMENTS);
        assert_eq!((expected.as_str(), code), (EXPECTED, 0));
        let (expected, _) =
            run::module_in_wasmedge(&plugin(), &guest, &["--uppercase"], &ARGUMENTS);
        let host = run::host(&plugin()).setting("text_tools", "uppercase", "true");
        assert_eq!(output(host), expected);
    });
    tests.add("text_tools_checks_what_it_is_given", Needs::Cxx, || {
        for arguments in ["65535, 2, 0", "-1, 1, 0", "0, 1, 65505", "0, -1, 0"] {
            let error = run::invoke(run::host(&plugin()), OUTSIDE, &format!("md5({arguments})"))
                .unwrap_err();
            let found = run::causes(&error);
            assert!(
                found
                    .contains("plugin `text_tools`: `text_tools.md5` failed: error 0x1 of its own"),
                "{found}"
            );
        }
        run::invoke(run::host(&plugin()), OUTSIDE, "md5(65536, 0, 65504)").unwrap();
    });
}
