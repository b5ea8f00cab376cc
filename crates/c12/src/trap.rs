//! Traps with their WebAssembly backtrace, in a form that can be shown and tested.

use std::fmt;

use wasmtime::WasmBacktrace;

/// A trap: what happened, and where in the guest.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Trap {
    /// What the workload is called in messages.
    pub name: String,
    /// What happened, in one line.
    pub message: String,
    /// Innermost frame first.
    pub frames: Vec<Frame>,
    /// What to do about it, where something can be done.
    pub help: Option<String>,
}

/// One frame of a guest's stack.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// The function's name, demangled, or `function N` where the module has no names.
    pub function: String,
    /// The module it belongs to, where it has a name.
    pub module: Option<String>,
    /// Bytes from the start of the module's binary.
    pub offset: Option<usize>,
    /// `file:line:column` where the module carries DWARF.
    pub source: Option<String>,
}

impl Trap {
    pub(crate) fn new(name: &str, error: &wasmtime::Error) -> Self {
        let message = match error.downcast_ref::<wasmtime::Trap>() {
            Some(trap) => describe(*trap),
            None => crate::error::chain_without_backtrace(error),
        };
        let frames = error
            .downcast_ref::<WasmBacktrace>()
            .map(frames)
            .unwrap_or_default();
        Trap {
            name: name.to_owned(),
            message,
            frames,
            help: None,
        }
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} trapped: {}", self.name, self.message)
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        match (&self.source, &self.offset) {
            (Some(source), _) => write!(f, " at {source}"),
            (None, Some(offset)) => match &self.module {
                Some(module) => write!(f, " ({module} + {offset:#x})"),
                None => write!(f, " (+ {offset:#x})"),
            },
            (None, None) => Ok(()),
        }
    }
}

fn frames(backtrace: &WasmBacktrace) -> Vec<Frame> {
    let mut frames = Vec::new();
    for frame in backtrace.frames() {
        let module = frame.module().name().map(str::to_owned);
        let offset = frame.module_offset();
        let fallback = frame
            .func_name()
            .map(demangle)
            .unwrap_or_else(|| format!("function {}", frame.func_index()));
        if frame.symbols().is_empty() {
            frames.push(Frame {
                function: fallback,
                module,
                offset,
                source: None,
            });
            continue;
        }
        // One machine frame stands for several source frames where functions were inlined.
        for symbol in frame.symbols() {
            let source = symbol.file().map(|file| {
                let mut place = file.to_owned();
                for number in [symbol.line(), symbol.column()].into_iter().flatten() {
                    place.push(':');
                    place.push_str(&number.to_string());
                }
                place
            });
            frames.push(Frame {
                function: symbol.name().map_or_else(|| fallback.clone(), demangle),
                module: module.clone(),
                offset,
                source,
            });
        }
    }
    frames
}

/// Rust names as their authors wrote them, without the hash at their end.
fn demangle(name: &str) -> String {
    match rustc_demangle::try_demangle(name) {
        Ok(demangled) => format!("{demangled:#}"),
        Err(_) => name.to_owned(),
    }
}

fn describe(trap: wasmtime::Trap) -> String {
    use wasmtime::Trap as T;
    match trap {
        T::StackOverflow => "call stack exhausted".into(),
        T::MemoryOutOfBounds => "out of bounds memory access".into(),
        T::IntegerDivisionByZero => "integer divide by zero".into(),
        T::UnreachableCodeReached => "`unreachable` was executed".into(),
        T::OutOfFuel => "out of fuel".into(),
        T::Interrupt => "interrupted".into(),
        other => {
            let text = other.to_string();
            text.strip_prefix("wasm trap: ")
                .map_or_else(|| text.clone(), str::to_owned)
        }
    }
}
