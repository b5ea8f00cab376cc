//! What `call_bench` calls, as a component plugin.
// The generated export functions need `no_mangle`, which is an unsafe attribute.
#![allow(unsafe_code)]

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod component {
    wit_bindgen::generate!({
        path: "../../benches/plugins/calls.wit",
        world: "provider",
    });

    use exports::bench::calls::calls::{Fields, Guest, Row};

    struct Calls;

    impl Guest for Calls {
        fn add(a: u32, b: u32) -> u32 {
            a.wrapping_add(b)
        }

        fn ten(of: Fields) -> Fields {
            Fields {
                a: of.a.wrapping_add(1),
                b: of.b.wrapping_add(1),
                c: of.c + 1.0,
                d: of.d + 1.0,
                e: of.e.wrapping_add(1),
                f: !of.f,
                g: of.g.wrapping_add(1),
                h: of.h.wrapping_add(1),
                i: of.i.wrapping_add(1),
                j: of.j.wrapping_add(1),
            }
        }

        fn text(text: String) -> String {
            text
        }

        fn rows(mut rows: Vec<Row>) -> Vec<Row> {
            for row in &mut rows {
                row.count += 1;
            }
            rows
        }

        fn copy(bytes: Vec<u8>) -> Vec<u8> {
            bytes
        }
    }

    export!(Calls);
}
