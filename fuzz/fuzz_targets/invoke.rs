//! `--invoke`: any text is a call, or an error that says why it is none; what a call gives back can be written in one.
#![no_main]

use c12::{Engine, Host, Linked};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

const MODULE: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "numbers") (param i32 i64 f32 f64) (result i32 i64 f32 f64)
        local.get 0 local.get 1 local.get 2 local.get 3)
    (func (export "echo") (param i64) (result i64) local.get 0)
    (func (export "others") (param v128 funcref externref) (result v128) local.get 0)
    (func (export "nothing")))"#;

/// Functions that take every kind of type that WAVE can write.
const COMPONENT: &str = r#"(component
    (core module $m
        (memory (export "memory") 4)
        (global $next (mut i32) (i32.const 64))
        (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
            (local $at i32)
            (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
            (global.set $next (i32.add (local.get $at) (local.get $new)))
            (local.get $at))
        (func (export "echo") (param i32 i32) (result i32)
            (i32.store (i32.const 0) (local.get 0))
            (i32.store (i32.const 4) (local.get 1))
            (i32.const 0))
        (func (export "numbers") (param i32 i64 f32 f64 i32 i32) (result f64) (local.get 3))
        (func (export "nested") (param i32 i32) (result i32) (local.get 1))
        ;; The variant takes three: which case, and text or a number.
        (func (export "shapes") (param i32 i32 i32 i32 i64 i32 i32 i32)))
    (core instance $i (instantiate $m))
    (alias core export $i "memory" (core memory $memory))
    (alias core export $i "realloc" (core func $realloc))
    (type $point' (record (field "x" u8) (field "y" (option s8))))
    (export $point "point" (type $point'))
    (type $shape' (variant (case "dot") (case "named" string) (case "round" float64)))
    (export $shape "shape" (type $shape'))
    (type $colour' (enum "red" "green" "blue"))
    (export $colour "colour" (type $colour'))
    (type $style' (flags "bold" "italic"))
    (export $style "style" (type $style'))
    (func (export "echo") (param "text" string) (result string)
        (canon lift (core func $i "echo") (memory $memory) (realloc $realloc)))
    (func (export "numbers") (param "a" u8) (param "b" s64) (param "c" float32) (param "d" float64) (param "e" char) (param "f" bool) (result float64)
        (canon lift (core func $i "numbers")))
    (func (export "nested") (param "a" (list (option (tuple string (result u32 (error string)))))) (result u32)
        (canon lift (core func $i "nested") (memory $memory) (realloc $realloc)))
    (func (export "shapes") (param "where" $point) (param "what" $shape) (param "colour" $colour) (param "style" $style)
        (canon lift (core func $i "shapes") (memory $memory) (realloc $realloc))))"#;

struct Guests {
    runtime: Runtime,
    linked: [Linked; 2],
}

impl Guests {
    fn new() -> Self {
        let engine = Engine::builder()
            .cache(false)
            .build()
            .expect("the default settings fit");
        let host = Host::builder().build();
        let linked = [("module", MODULE), ("component", COMPONENT)].map(|(name, text)| {
            let workload = engine.load(name, text.as_bytes()).expect("it is valid");
            host.link(&workload).expect("it imports nothing")
        });
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a thread can wait");
        Guests { runtime, linked }
    }

    fn call(&self, guest: &Linked, call: &str) -> Option<Vec<String>> {
        match self.runtime.block_on(guest.invoke(call)) {
            Ok(results) => Some(results),
            Err(error) => {
                assert!(!error.to_string().is_empty());
                None
            }
        }
    }
}

thread_local! {
    static GUESTS: Guests = Guests::new();
}

fuzz_target!(|text: &str| {
    GUESTS.with(|guests| {
        for guest in &guests.linked {
            let Some(results) = guests.call(guest, text) else {
                continue;
            };
            // Its result is its argument, in other words perhaps.
            if text.trim_start().starts_with("echo") {
                let again = guests.call(guest, &format!("echo({})", results.join(", ")));
                assert_eq!(again, Some(results));
            }
        }
    });
});
