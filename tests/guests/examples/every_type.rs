//! A component whose functions take and give back every type that WIT has and WAVE can write.
// The generated export functions need `no_mangle`, which is an unsafe attribute.
#![allow(unsafe_code)]

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod component {
    wit_bindgen::generate!({
        inline: r#"
            package c12:test-guests@0.3.0;

            interface types {
                record point { x: s32, y: s32 }
                record person { name: string, age: option<u8>, home: point, tags: list<string> }
                variant shape { empty, circle(f64), rectangle(tuple<f64, f64>), named(person) }
                enum color { red, green, blue }
                flags permissions { read, write, execute }
            }

            /// Functions inside an interface, as most components have them.
            interface geometry {
                use types.{point};
                mirror: func(p: point) -> point;
            }

            world every-type {
                use types.{point, person, shape, color, permissions};

                export echo-bool: func(v: bool) -> bool;
                export echo-u8: func(v: u8) -> u8;
                export echo-s8: func(v: s8) -> s8;
                export echo-u16: func(v: u16) -> u16;
                export echo-s16: func(v: s16) -> s16;
                export echo-u32: func(v: u32) -> u32;
                export echo-s32: func(v: s32) -> s32;
                export echo-u64: func(v: u64) -> u64;
                export echo-s64: func(v: s64) -> s64;
                export echo-f32: func(v: f32) -> f32;
                export echo-f64: func(v: f64) -> f64;
                export echo-char: func(v: char) -> char;
                export echo-string: func(v: string) -> string;
                export echo-bytes: func(v: list<u8>) -> list<u8>;
                export echo-list: func(v: list<list<s32>>) -> list<list<s32>>;
                export echo-tuple: func(v: tuple<u8, string, char>) -> tuple<u8, string, char>;
                export echo-option: func(v: option<option<u32>>) -> option<option<u32>>;
                export echo-result: func(v: result<u32, string>) -> result<u32, string>;
                export echo-empty-result: func(v: result) -> result;
                export echo-record: func(v: person) -> person;
                export echo-variant: func(v: shape) -> shape;
                export echo-enum: func(v: color) -> color;
                export echo-flags: func(v: permissions) -> permissions;

                /// More parameters than fit into registers of the calling convention.
                export sum-of-many: func(a: u8, b: u16, c: u32, d: u64, e: s8, f: s16, g: s32, h: s64, i: f32, j: f64,
                    k: u8, l: u8, m: u8, n: u8, o: u8, p: u8, q: u8, r: u8) -> f64;
                export nothing: func();
                export area: func(s: shape) -> result<f64, string>;
                /// Traps.
                export fail: func(message: string);

                export geometry;
            }
        "#,
    });

    struct EveryType;

    /// Functions that give back what they get.
    macro_rules! echo {
        ($($name:ident: $type:ty),* $(,)?) => {
            $(fn $name(v: $type) -> $type {
                v
            })*
        };
    }

    impl Guest for EveryType {
        echo! {
            echo_bool: bool,
            echo_u8: u8,
            echo_s8: i8,
            echo_u16: u16,
            echo_s16: i16,
            echo_u32: u32,
            echo_s32: i32,
            echo_u64: u64,
            echo_s64: i64,
            echo_f32: f32,
            echo_f64: f64,
            echo_char: char,
            echo_string: String,
            echo_bytes: Vec<u8>,
            echo_list: Vec<Vec<i32>>,
            echo_tuple: (u8, String, char),
            echo_option: Option<Option<u32>>,
            echo_result: Result<u32, String>,
            echo_empty_result: Result<(), ()>,
            echo_record: Person,
            echo_variant: Shape,
            echo_enum: Color,
            echo_flags: Permissions,
        }

        fn sum_of_many(
            a: u8,
            b: u16,
            c: u32,
            d: u64,
            e: i8,
            f: i16,
            g: i32,
            h: i64,
            i: f32,
            j: f64,
            k: u8,
            l: u8,
            m: u8,
            n: u8,
            o: u8,
            p: u8,
            q: u8,
            r: u8,
        ) -> f64 {
            let bytes: f64 = [a, k, l, m, n, o, p, q, r].map(f64::from).iter().sum();
            let words = f64::from(b) + f64::from(c) + f64::from(e) + f64::from(f) + f64::from(g);
            bytes + words + d as f64 + h as f64 + f64::from(i) + j
        }

        fn nothing() {}

        fn area(shape: Shape) -> Result<f64, String> {
            match shape {
                Shape::Empty => Ok(0.0),
                Shape::Circle(radius) => Ok(std::f64::consts::PI * radius * radius),
                Shape::Rectangle((width, height)) => Ok(width * height),
                Shape::Named(person) => Err(format!("{} is no shape", person.name)),
            }
        }

        fn fail(message: String) {
            eprintln!("failing: {message}");
            core::arch::wasm32::unreachable()
        }
    }

    impl exports::c12::test_guests::geometry::Guest for EveryType {
        fn mirror(p: c12::test_guests::types::Point) -> c12::test_guests::types::Point {
            c12::test_guests::types::Point { x: p.y, y: p.x }
        }
    }

    export!(EveryType);
}
