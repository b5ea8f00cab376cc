//! Calling exports by name, with values as text.

use snapbox::{assert_data_eq, str};

use crate::guests::{guest, root, with_guests};
use crate::harness::{Home, Outcome};

fn invoke(app: &str, call: &str) -> Outcome {
    Home::new().c12(["run", "--invoke", call, app]).run()
}

#[track_caller]
fn gives(app: &str, call: &str, expected: &str) {
    assert_eq!(
        invoke(app, call).success(),
        format!("{expected}\n"),
        "{call}"
    );
}

mod modules {
    use super::*;

    fn home() -> (Home, String) {
        let home = Home::new();
        let path = home.write(
            "m.wat",
            r#"(module
                (func (export "i32") (param i32) (result i32) local.get 0)
                (func (export "i64") (param i64) (result i64) local.get 0)
                (func (export "f32") (param f32) (result f32) local.get 0)
                (func (export "f64") (param f64) (result f64) local.get 0)
                (func (export "v128") (param v128) (result v128) local.get 0)
                (func (export "ref") (param externref) (result externref) local.get 0)
                (func (export "swap") (param i32 i64) (result i64 i32) local.get 1 local.get 0)
                (func (export "nothing"))
                (global (export "g") i32 (i32.const 1)))"#,
        );
        (home, path.display().to_string())
    }

    #[test]
    fn every_plain_value_goes_in_and_out() {
        let (_home, app) = home();
        for (call, expected) in [
            ("i32(7)", "7"),
            ("i32(-1)", "-1"),
            ("i32(4294967295)", "-1"),
            ("i32(0xff)", "255"),
            ("i32( -2147483648 )", "-2147483648"),
            ("i64(18446744073709551615)", "-1"),
            ("i64(-9223372036854775808)", "-9223372036854775808"),
            ("f32(1.5)", "1.5"),
            ("f64(-0.1)", "-0.1"),
            ("f64(inf)", "inf"),
            ("f64(nan)", "NaN"),
            ("v128(0x0102)", "0x00000000000000000000000000000102"),
            ("ref(null)", "null"),
            ("swap(1, 2)", "2\n1"),
        ] {
            gives(&app, call, expected);
        }
        assert_eq!(invoke(&app, "nothing").success(), "");
        assert_eq!(invoke(&app, "nothing()").success(), "");
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_signature() {
        let (_home, app) = home();
        for call in [
            "i32()",
            "i32(1, 2)",
            "i32(x)",
            "i32(4294967296)",
            "i32(1.5)",
            "f32(one)",
            "v128(1)",
            "ref(1)",
            "i32(1",
            "(1)",
            "i32(--1)",
            "i32(0x)",
        ] {
            invoke(&app, call).failure(2);
        }
        assert_data_eq!(
            invoke(&app, "i32(x)").failure(2),
            str![[r#"
error: cannot call `i32`: `x` is not a value of type i32
help: the signature is (i32)

"#]]
        );
        assert_data_eq!(
            invoke(&app, "minus(1)").failure(2),
            str![[r#"
error: m.wat exports no function `minus`
help: call one of its functions with `--invoke`: i32, i64, f32, f64, v128, ref, swap, nothing

"#]]
        );
        assert_data_eq!(
            invoke(&app, "g()").failure(2),
            str![[r#"
error: m.wat exports no function `g`
help: call one of its functions with `--invoke`: i32, i64, f32, f64, v128, ref, swap, nothing

"#]]
        );
    }

    #[test]
    fn results_for_machines_are_json() {
        let (home, app) = home();
        assert_eq!(
            home.c12(["run", "--json", "--invoke", "swap(1, 2)", &app])
                .run()
                .success(),
            "{\"results\":[\"2\",\"1\"]}\n"
        );
    }

    #[test]
    fn several_values_come_out_of_the_example() {
        let app = root()
            .join("guest/examples/01_basic_add.wat")
            .display()
            .to_string();
        gives(&app, "div_mod(17, 5)", "3\n2");
        assert_data_eq!(
            invoke(&app, "div_mod(1, 0)").failure(134),
            str![[r#"
error: 01_basic_add.wat trapped: integer divide by zero
    in div_mod (+ 0x5d)

"#]]
        );
    }

    with_guests! {
        fn a_reactor_is_initialised_first() {
            for app in [guest("wasip1/reactor"), guest("c/reactor")] {
                let text = invoke(&app, "next()").success();
                assert!(text.ends_with("101\n"), "{text}");
            }
        }
    }
}

mod components {
    use super::*;

    with_guests! {
        fn every_type_goes_in_and_out() {
            let app = guest("wasip2/every_type");
            for call in [
                "echo-bool(true)", "echo-u8(255)", "echo-s8(-128)", "echo-u64(18446744073709551615)", "echo-s64(-9223372036854775808)",
                "echo-f32(1.5)", "echo-f64(nan)", "echo-char('ü')", "echo-string(\"naïve \\\"quoted\\\" 日本\")", "echo-list([[1], [], [-2, 3]])",
            ] {
                let (_, value) = call.split_once('(').unwrap();
                gives(&app, call, value.strip_suffix(')').unwrap());
            }
        }

        fn what_does_not_fit_is_refused_with_the_signature() {
            let app = guest("wasip2/01_basic_add");
            assert_data_eq!(invoke(&app, "add(1)").failure(2), str![[r#"
error: cannot call `add`: invalid params: missing required param(s) at 3..4
help: the signature is func(a: s32, b: s32) -> s32

"#]]);
            assert_data_eq!(invoke(&app, "add(1, \"two\")").failure(2), str![[r#"
error: cannot call `add`: invalid value type at 5..10
help: the signature is func(a: s32, b: s32) -> s32

"#]]);
            assert_data_eq!(invoke(&app, "add(1, 99999999999)").failure(2), str![[r#"
error: cannot call `add`: invalid value at 5..16
help: the signature is func(a: s32, b: s32) -> s32

"#]]);
            assert_data_eq!(invoke(&app, "substract(1, 2)").failure(2), str![[r#"
error: 01_basic_add.wasm exports no function `substract`
help: call one of its functions with `--invoke`: add, checked-add, saturating-add, sum, div-mod

"#]]);
            invoke(&app, "add(1, 2").failure(2);
            invoke(&app, "").failure(2);
        }

        fn a_function_in_an_interface_is_found_by_its_own_name_and_by_its_path() {
            let app = guest("wasip2/every_type");
            for path in ["mirror", "c12:test-guests/geometry#mirror", "c12:test-guests/geometry@0.3.0#mirror"] {
                gives(&app, &format!("{path}({{x: 1, y: -2}})"), "{x: -2, y: 1}");
            }
        }

        fn a_handle_cannot_be_written_and_says_so() {
            let app = guest("wasip2/04_counter_class");
            for call in ["[constructor]counter(5)", "[method]counter.current(1)", "merge(1, 2)"] {
                let error = invoke(&app, call).failure(2);
                assert!(error.contains("a resource handle cannot be written as text"), "{call}: {error}");
            }
        }
    }
}
