//! Runs a script, with or without some of its directives.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::LazyLock;

use c12::EngineBuilder;
use wasmtime::{Engine, Result, WasmFeatures};
use wasmtime_wast::{Async, SpectestConfig, WastContext};
use wast::lexer::{Lexer, TokenKind};

/// A file of modules, components and assertions on them.
pub(crate) struct Script {
    /// Suite and path in it, such as `v3/memory_grow.wast`.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// The script must pass with each of them.
    pub(crate) settings: &'static [Settings],
}

/// The settings that C12 chooses from, by the guest and by options.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Settings {
    /// For all guests but those that use the component model's async features.
    Plain,
    /// As `Plain`, with the same results on every machine.
    Deterministic,
    /// For guests that use the component model's async features.
    Concurrent,
}

/// A directive that did not do what the script says, or all of them if the script as a whole is refused.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) line: Option<u32>,
    pub(crate) message: String,
}

/// A script's text, in which directives can be blotted out.
pub(crate) struct Text(String);

impl Text {
    pub(crate) fn read(script: &Script) -> std::io::Result<Self> {
        std::fs::read_to_string(&script.path).map(Self)
    }

    /// Runs all directives that are left, up to the first failure.
    pub(crate) fn run(&self, name: &str, settings: Settings) -> Result<(), Failure> {
        let outcome =
            context(settings).and_then(|mut context| context.run_wast(name, self.0.as_bytes()));
        outcome.map_err(|error| Failure {
            line: error
                .to_string()
                .strip_prefix(&format!("failed directive on {name}:"))
                .and_then(|line| line.parse().ok()),
            message: format!("{error:#}"),
        })
    }

    /// Replaces the directive that this line belongs to with blanks, so that all others keep their lines.
    /// False if there is none.
    pub(crate) fn blot_out(&mut self, line: u32) -> bool {
        let Some(extent) = self.extent(line) else {
            return false;
        };
        let blanks = self.0[extent.clone()]
            .bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
            .collect::<String>();
        self.0.replace_range(extent, &blanks);
        true
    }

    /// The bytes of the first outermost pair of parentheses that ends on this line or later.
    fn extent(&self, line: u32) -> Option<Range<usize>> {
        let from = self
            .0
            .split_inclusive('\n')
            .take(line as usize - 1)
            .map(str::len)
            .sum();
        let mut lexer = Lexer::new(&self.0);
        lexer.allow_confusing_unicode(true);
        let (mut depth, mut start) = (0, 0);
        for token in lexer.iter(0).map_while(Result::ok) {
            match token.kind {
                TokenKind::LParen => {
                    if depth == 0 {
                        start = token.offset;
                    }
                    depth += 1;
                }
                TokenKind::RParen => {
                    depth -= 1;
                    if depth == 0 && token.offset >= from {
                        return Some(start..token.offset + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

fn context(settings: Settings) -> Result<WastContext> {
    let engine = engine(settings)?;
    // The asynchronous calls are those that C12 itself makes.
    let mut context = WastContext::new(&engine, Async::Yes, |store| {
        // Code can be interrupted, and is, unless a deadline is set.
        store.set_epoch_deadline(1 << 60);
    });
    // That a module is refused is specified; the words are those of the reference interpreter, and every
    // engine has its own.
    context.ignore_error_messages(true);
    context.generate_dwarf(false);
    let registered = context.register_spectest(&SpectestConfig {
        // C12 has the instructions of the threads proposal, but gives guests no shared memory.
        use_shared_memory: false,
        suppress_prints: true,
    });
    match settings {
        Settings::Concurrent => registered?,
        // After all that modules import comes what components of Wasmtime's own tests import, and that
        // needs concurrency. The scripts here import none of it.
        Settings::Plain | Settings::Deterministic => match registered {
            Err(error) if !error.to_string().contains("concurrency_support") => return Err(error),
            _ => {}
        },
    }
    Ok(context)
}

fn engine(settings: Settings) -> Result<Engine> {
    static PLAIN: LazyLock<Result<Engine>> = LazyLock::new(|| plain(c12::Engine::builder()));
    static DETERMINISTIC: LazyLock<Result<Engine>> =
        LazyLock::new(|| plain(c12::Engine::builder().deterministic(true)));
    static CONCURRENT: LazyLock<Result<Engine>> =
        LazyLock::new(|| Engine::new(&c12::Engine::builder().build()?.wasmtime_config()?));
    let engine = match settings {
        Settings::Plain => &PLAIN,
        Settings::Deterministic => &DETERMINISTIC,
        Settings::Concurrent => &CONCURRENT,
    };
    match LazyLock::force(engine) {
        Ok(engine) => Ok(engine.clone()),
        Err(error) => Err(wasmtime::format_err!("{error:#}")),
    }
}

/// The public configuration is the concurrent one; this takes from it what C12 leaves out for other guests.
fn plain(builder: EngineBuilder) -> Result<Engine> {
    let mut config = builder.build()?.wasmtime_config()?;
    config.concurrency_support(false);
    config.wasm_features(WasmFeatures::CM_ASYNC, false);
    Engine::new(&config)
}
