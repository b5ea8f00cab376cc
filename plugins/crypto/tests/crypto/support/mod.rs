//! Guests that are scripts: calls, and what they must answer.
#![allow(dead_code)]

pub(crate) mod component;
pub(crate) mod objects;
pub(crate) mod witx;

use std::fmt::Write as _;
use std::time::Duration;

use c12::{Engine, Error, Host, HostBuilder, Linked};
use c12_crypto::Crypto;
use c12_crypto_core::Errno;

/// The code of success.
pub(crate) const OK: u32 = 0;

/// The code of an error.
pub(crate) fn code(errno: Errno) -> u32 {
    errno.code().into()
}

/// A value in the guest: an expression of the text format.
#[derive(Debug, Clone)]
pub(crate) struct Value(pub(crate) String);

/// A number.
pub(crate) fn n(number: u32) -> Value {
    Value(format!("(i32.const {number})"))
}

/// A long number.
pub(crate) fn long(number: u64) -> Value {
    Value(format!("(i64.const {})", number.cast_signed()))
}

/// The number at an address.
pub(crate) fn at(address: u32) -> Value {
    Value(format!("(i32.load (i32.const {address}))"))
}

/// The long number at an address.
pub(crate) fn long_at(address: u32) -> Value {
    Value(format!("(i64.load (i32.const {address}))"))
}

/// Where the memory of a script ends, in bytes.
pub(crate) const MEMORY: u32 = 16 << 16;

/// A core module whose `go` does one thing after another, and returns 0 if all was as it must be. Otherwise it returns the
/// number of the step, and `answer` what it answered.
pub(crate) struct Script {
    data: Vec<u8>,
    code: String,
    steps: u32,
}

impl Script {
    pub(crate) fn new() -> Self {
        Script {
            // What is at 0 is nobody's, so that a null pointer can be told.
            data: vec![0; 64],
            code: String::new(),
            steps: 0,
        }
    }

    /// Bytes in the guest's memory; returns where they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> u32 {
        self.data.resize(self.data.len().next_multiple_of(8), 0);
        let start = self.data.len() as u32;
        self.data.extend_from_slice(bytes);
        assert!(self.data.len() < 60 << 10);
        start
    }

    /// Room for a number or two, with zeros.
    pub(crate) fn room(&mut self, bytes: usize) -> u32 {
        self.bytes(&vec![0; bytes])
    }

    /// A pointer and a length.
    pub(crate) fn text(&mut self, text: &str) -> [Value; 2] {
        self.list(text.as_bytes())
    }

    /// A pointer and a length.
    pub(crate) fn list(&mut self, bytes: &[u8]) -> [Value; 2] {
        [n(self.bytes(bytes)), n(bytes.len() as u32)]
    }

    /// No handle.
    pub(crate) fn none(&mut self) -> Value {
        n(self.bytes(&[1, 0, 0, 0, 0, 0, 0, 0]))
    }

    /// The handle at that address. The code is in front of the step that uses it.
    pub(crate) fn some(&mut self, handle: Value) -> Value {
        let place = self.room(8);
        let _ = writeln!(
            self.code,
            "(i32.store (i32.const {}) {})",
            place + 4,
            handle.0
        );
        n(place)
    }

    /// Calls a function, which must answer a code.
    pub(crate) fn call(&mut self, function: &str, arguments: &[Value], expected: u32) {
        let passed: Vec<&str> = arguments.iter().map(|value| value.0.as_str()).collect();
        let call = format!("(call ${function} {})", passed.join(" "));
        self.expect(Value(call), expected);
    }

    /// A value must be there.
    pub(crate) fn expect(&mut self, value: Value, expected: u32) {
        self.steps += 1;
        let _ = writeln!(
            self.code,
            "(global.set $answer {})\n(if (i32.ne (global.get $answer) (i32.const {expected})) (then (return (i32.const {}))))",
            value.0, self.steps
        );
    }

    /// Bytes must be at an address.
    pub(crate) fn expect_bytes(&mut self, address: u32, expected: &[u8]) {
        for (chunk, at) in expected.chunks(4).zip((address..).step_by(4)) {
            for (byte, at) in chunk.iter().zip(at..) {
                let load = format!("(i32.load8_u (i32.const {at}))");
                self.expect(Value(load), (*byte).into());
            }
        }
    }

    /// Code between the steps.
    pub(crate) fn then(&mut self, code: &str) {
        self.code.push_str(code);
        self.code.push('\n');
    }

    /// The module.
    pub(crate) fn module(&self) -> String {
        self.module_with("", "")
    }

    /// The same with parameters of `go`, and more besides.
    pub(crate) fn module_with(&self, parameters: &str, more: &str) -> String {
        let mut imports = String::new();
        for function in witx::functions() {
            let witx::Function {
                module,
                name,
                parameters,
            } = function;
            let _ = writeln!(
                imports,
                "(import \"{module}\" \"{name}\" (func ${name} (param {}) (result i32)))",
                parameters.join(" ")
            );
        }
        self.module_of(&imports, parameters, more)
    }

    /// The same with other imports.
    pub(crate) fn module_of(&self, imports: &str, parameters: &str, more: &str) -> String {
        let data: String = self
            .data
            .iter()
            .map(|byte| format!("\\{byte:02x}"))
            .collect();
        format!(
            "(module {imports}\n(memory (export \"memory\") {})\n(data (i32.const 0) \"{data}\")\n{more}\n\
             (global $answer (mut i32) (i32.const 0))\n\
             (func (export \"go\") (param {parameters}) (result i32) (local $count i32) (local $last i32)\n{}(i32.const 0)))",
            MEMORY >> 16,
            self.code
        )
    }

    /// Runs it with the plugin as it is by default. All must be as it must be.
    pub(crate) async fn succeed(&self) {
        self.succeed_with(&[]).await;
    }

    /// Runs it with settings.
    pub(crate) async fn succeed_with(&self, settings: &[(&str, &str)]) {
        let linked = link(host(settings), self.module().as_bytes());
        let results = linked.invoke("go()").await.unwrap();
        assert_eq!(results, ["0"], "{}", self.step(&results[0]));
    }

    /// What was asked in a step.
    pub(crate) fn step(&self, number: &str) -> String {
        let number: usize = number.parse().unwrap();
        let mut steps = self
            .code
            .lines()
            .filter(|line| line.starts_with("(global.set $answer"));
        steps
            .nth(number.saturating_sub(1))
            .unwrap_or_default()
            .to_owned()
    }
}

/// A host with the plugin.
pub(crate) fn host(settings: &[(&str, &str)]) -> HostBuilder {
    let host = Host::builder().plugin(Crypto);
    settings.iter().fold(host, |host, (key, value)| {
        host.setting("crypto", *key, *value)
    })
}

/// A guest, ready to run.
pub(crate) fn link(host: HostBuilder, guest: &[u8]) -> Linked {
    try_link(host, guest).unwrap()
}

pub(crate) fn try_link(host: HostBuilder, guest: &[u8]) -> Result<Linked, Error> {
    let engine = Engine::builder()
        .cache(false)
        .interruptible(true)
        .build()
        .unwrap();
    let workload = engine.load("guest.wat", guest).unwrap();
    host.build().link(&workload)
}

/// A time limit.
pub(crate) fn limits(timeout: Duration) -> c12::Limits {
    let mut limits = c12::Limits::default();
    limits.timeout = Some(timeout);
    limits
}
