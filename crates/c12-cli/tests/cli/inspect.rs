//! What `inspect` says of a file.

use snapbox::{assert_data_eq, str};

use crate::guests::{guest, with_guests};
use crate::harness::Home;

#[test]
fn a_module() {
    let home = Home::new();
    home.write("m.wat", "(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func (param i32))) (import \"env\" \"x\" (func)) (memory (export \"memory\") 1) (func (export \"_start\")))");
    assert_data_eq!(
        home.c12(["inspect", "m.wat"]).run().success(),
        str![[r#"
core module (text format), WASI 0.1 command
153 bytes of text, 100 bytes as a binary

Imports
  wasi_snapshot_preview1
    proc_exit (func (param i32))   [provided by wasi]
  env
    x (func)

Exports
  memory: (memory 1)
  _start: (func)

Module
  1 function, 2 imported; 0 globals; 2 exports
  memory: 1 page (64 KiB), no maximum

Sections
  type                                               10  10.0% ##
  import                                             46  46.0% ###########
  function                                            4   4.0%
  memory                                              5   5.0% #
  export                                             21  21.0% #####
  code                                                6   6.0% #

"#]]
    );
}

#[test]
fn a_file_that_is_no_wasm() {
    let home = Home::new();
    home.write("page", "<html></html>");
    assert_data_eq!(
        home.c12(["inspect", "page"]).run().failure(1),
        str![[r#"
error: cannot inspect page
  this is an HTML page, not WebAssembly
help: the download gave a page in place of the file: check the address, and whether it needs a login

"#]]
    );
}

#[test]
fn a_module_has_no_world() {
    let home = Home::new();
    home.write("m.wat", "(module)");
    assert_data_eq!(
        home.c12(["inspect", "--wit", "m.wat"]).run().failure(1),
        str![[r#"
error: m.wat has no WIT world
  it is a core module (text format)
help: only components carry one

"#]]
    );
}

#[test]
fn json_says_who_provides_what() {
    let home = Home::new();
    home.write(
        "m.wat",
        "(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func (param i32))))",
    );
    let report: serde_json::Value =
        serde_json::from_str(&home.c12(["inspect", "--json", "m.wat"]).run().success()).unwrap();
    assert!(report.to_string().contains("\"wasi\""), "{report}");
}

with_guests! {
    fn a_components_world_is_wit() {
        let wit = Home::new().c12(["inspect", "--wit", &guest("wasip2/01_basic_add")]).run().success();
        assert!(wit.starts_with("package root:component;") && wit.contains("export div-mod: func(dividend: s32, divisor: s32)"), "{wit}");
    }
}
