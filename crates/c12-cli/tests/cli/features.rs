//! Every feature of WebAssembly 3.0 is on, and traps say what happened and where.

use snapbox::{assert_data_eq, str};

use crate::guests::{guest, text, with_guests};
use crate::harness::{Home, Outcome};

fn run(name: &str, options: &[&str]) -> Outcome {
    Home::new()
        .c12([&["run"], options, &[&text(name)]].concat())
        .run()
}

#[test]
fn each_feature_computes_what_it_should() {
    for (name, expected) in [
        ("tail_calls", "1"),
        ("gc", "5099"),
        ("function_references", "93"),
        ("exceptions", "1022"),
        ("memory64", "42"),
        ("multi_memory", "42"),
        ("relaxed_simd", "10"),
        ("extended_const", "142"),
        ("simd", "120"),
    ] {
        let outcome = run(&format!("{name}.wat"), &["--invoke", "run"]);
        assert_eq!(outcome.success(), format!("{expected}\n"), "{name}");
    }
}

#[test]
fn relaxed_simd_can_be_the_same_everywhere() {
    assert_eq!(
        run(
            "relaxed_simd.wat",
            &["--deterministic", "--invoke", "swizzle_beyond"]
        )
        .success(),
        "0\n"
    );
}

#[test]
fn several_values_of_every_type() {
    assert_eq!(
        run("numbers.wat", &["--invoke", "three"]).success(),
        "1\n2\n3.5\n"
    );
}

#[test]
fn text_of_a_component() {
    assert_eq!(
        run("component.wat", &["--invoke", "greet(\"wörld\")"]).success(),
        "\"hello, wörld\"\n"
    );
}

#[test]
fn each_trap_says_what_happened() {
    for (function, told) in [
        ("unreachable", "`unreachable` was executed"),
        ("divide_by_zero", "integer divide by zero"),
        ("integer_overflow", "integer overflow"),
        ("bad_conversion", "invalid conversion to integer"),
        ("memory_out_of_bounds", "out of bounds memory access"),
        ("table_out_of_bounds", "undefined element"),
        ("null_element", "uninitialized element"),
        ("wrong_signature", "indirect call type mismatch"),
        ("stack_overflow", "call stack exhausted"),
    ] {
        let error = run("traps.wat", &["--invoke", function]).failure(134);
        assert!(
            error.starts_with(&format!("error: traps.wat trapped: {told}")),
            "{function}: {error}"
        );
    }
    assert!(
        run("gc.wat", &["--invoke", "bad_cast"])
            .failure(134)
            .contains("cast failure")
    );
    assert!(
        run("exceptions.wat", &["--invoke", "uncaught"])
            .failure(134)
            .contains("exception")
    );
}

#[test]
fn a_start_function_can_be_ended_too() {
    assert_eq!(run("endless_start.wat", &["--timeout", "200ms"]).code, 124);
}

#[test]
fn a_table_that_grows_without_end_meets_its_limit() {
    let outcome = run("huge_table.wat", &["--invoke", "grow"]);
    assert!(
        outcome.took < std::time::Duration::from_secs(30),
        "{outcome:?}"
    );
}

#[test]
fn a_backtrace_names_the_functions() {
    assert_data_eq!(
        run("unreachable.wat", &[]).failure(134),
        str![[r#"
error: unreachable.wat trapped: `unreachable` was executed
    in innermost (+ 0x25)
    in middle (+ 0x29)
    in function 2 (+ 0x2e)

"#]]
    );
}

with_guests! {
    fn a_backtrace_has_source_lines_where_the_guest_has_dwarf() {
        let outcome = Home::new().c12(["run", &guest("c/divide_by_zero")]).run();
        assert_eq!(outcome.code, 134, "{outcome:?}");
        assert!(outcome.stderr.contains("in divide at ") && outcome.stderr.contains("divide_by_zero.c:8"), "{outcome:?}");
        let outcome = Home::new().c12(["run", &guest("c/unreachable")]).run();
        assert!(outcome.stderr.contains("unreachable.c:8"), "{outcome:?}");
    }

    fn a_panic_ends_in_a_trap_with_the_guests_own_words() {
        for target in ["wasip1", "wasip2"] {
            let outcome = Home::new().c12(["run", &guest(&format!("{target}/panics"))]).run();
            assert_eq!((outcome.code, outcome.stdout.as_str()), (134, "before\n"), "{outcome:?}");
            assert!(outcome.stderr.contains("the guest gave up") && outcome.stderr.contains("give_up"), "{outcome:?}");
        }
    }

    fn endless_guests_of_every_kind_end_in_time() {
        for name in ["endless_loop", "sleep"] {
            for target in ["wasip1", "wasip2"] {
                let outcome = Home::new().c12(["run", "--timeout", "400ms", &guest(&format!("{target}/{name}"))]).run();
                assert_eq!(outcome.code, 124, "{outcome:?}");
            }
        }
        let outcome = Home::new().c12(["run", &guest("wasip2/endless_recursion")]).run();
        assert!(outcome.code == 134 && outcome.stderr.contains("call stack exhausted"), "{outcome:?}");
    }

    fn growing_stops_at_the_limit() {
        for target in ["wasip1", "wasip2"] {
            let options = ["run", "--max-memory", "64MiB"];
            let text = Home::new().c12([&options[..], &[&guest(&format!("{target}/grow_forever")), "--", "--touch"]].concat()).run().success();
            assert_eq!(text, "refused at 63 MiB\n");
        }
    }

    fn an_interface_that_nobody_provides_is_named() {
        assert_data_eq!(Home::new().c12(["run", &guest("wasip2/missing_import")]).run().failure(1), str![[r#"
error: missing_import.wasm imports what nothing here provides
  nothing provides the interface `acme:weather/forecast@1.2.0` (tomorrow)
help: name a plugin that provides it with `--plugin PATH`; `c12 plugin list` shows what there is

"#]]);
    }
}
