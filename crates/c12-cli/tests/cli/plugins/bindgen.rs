//! Headers from WIT: a plugin in C++, from its WIT to a guest that calls it.

use std::process::Command;

use crate::harness::Home;

const WIT: &str = "package example:text@1.0.0;
interface tools { add: func(a: u32, b: u32) -> u32; reverse: func(text: string) -> string; }
world text { export tools; }
";

const PLUGIN: &str = r#"#include "text.hpp"

namespace tools = example::text::tools;

class text final : public tools::guest {
  std::uint32_t add(std::uint32_t a, std::uint32_t b) override {
    if (a == 7) throw std::runtime_error("seven is not added");
    return a + b;
  }
  std::string reverse(std::string_view text) override { return {text.rbegin(), text.rend()}; }
};

struct plugin {
  std::unique_ptr<text> instantiate() const { return std::make_unique<text>(); }
};

C12_PLUGIN_DEFINE(plugin, c12::worlds::text, "text", "1.0.0", "Turns text around")
"#;

const GUEST: &str = r#"(module
    (import "example:text/tools@1.0.0" "add" (func $add (param i32 i32) (result i32)))
    (func (export "sum") (param i32 i32) (result i32) (call $add (local.get 0) (local.get 1))))"#;

#[test]
#[cfg_attr(not(cxx), ignore = "needs a C++ compiler: run `cargo xtask test`")]
fn from_wit_to_a_call_in_cpp() {
    let home = Home::new();
    home.write("text.wit", WIT);
    home.write("text.cpp", PLUGIN);
    home.write("guest.wat", GUEST);
    let wrote = home
        .c12([
            "plugin", "bindgen", "--lang", "cpp", "text.wit", "-o", "include",
        ])
        .run()
        .success();
    assert_eq!(wrote, "wrote include/text.hpp\n");
    let compiled = Command::new("g++")
        .current_dir(home.work())
        .args([
            "-std=c++17",
            "-shared",
            "-fPIC",
            "-Iinclude",
            "-o",
            "text.so",
            "text.cpp",
        ])
        .arg("-Wl,--version-script=include/c12_plugin.map")
        .status()
        .unwrap();
    assert!(compiled.success());
    let call = |what: &str| {
        home.c12([
            "run",
            "--plugin",
            "./text.so",
            "--invoke",
            what,
            "guest.wat",
        ])
        .run()
    };
    assert_eq!(call("sum(2, 3)").success(), "5\n");
    let error = call("sum(7, 3)").failure(134);
    assert!(
        error.contains("plugin `text`") && error.contains("seven is not added"),
        "{error}"
    );
}

#[test]
fn wit_that_is_no_plugins_is_refused() {
    let home = Home::new();
    home.write("bad.wit", "package a:b; world w { import f: func(); }");
    let bindgen = |options: &[&str]| home.c12([&["plugin", "bindgen"], options].concat()).run();
    let error = bindgen(&["--lang", "c", "bad.wit"]).failure(1);
    assert!(
        error.starts_with("error: cannot use the WIT bad.wit\n"),
        "{error}"
    );
    let error = bindgen(&["--lang", "c", "missing.wit"]).failure(1);
    assert!(error.contains("missing.wit"), "{error}");
    home.write("text.wit", WIT);
    let error = bindgen(&["--lang", "c", "--blocking", "nothing", "text.wit"]).failure(1);
    assert!(error.contains("nothing"), "{error}");
    bindgen(&["--lang", "rust", "text.wit"]).failure(2);
}

#[test]
fn files_of_others_are_not_overwritten() {
    let home = Home::new();
    home.write("text.wit", WIT);
    let bindgen = |options: &[&str]| home.c12([&["plugin", "bindgen"], options].concat()).run();
    bindgen(&["--lang", "c", "text.wit", "-o", "own"]).success();
    bindgen(&["--lang", "c", "text.wit", "-o", "own"]).success();
    let header = std::fs::read_dir(home.work().join("own")).unwrap();
    let header = header
        .map(|entry| entry.unwrap().path())
        .find(|path| !path.display().to_string().contains("c12_plugin"))
        .unwrap();
    std::fs::write(&header, "/* my own work */\n").unwrap();
    let error = bindgen(&["--lang", "c", "text.wit", "-o", "own"]).failure(1);
    assert!(error.contains("did not write"), "{error}");
    assert_eq!(std::fs::read(&header).unwrap(), b"/* my own work */\n");
}
