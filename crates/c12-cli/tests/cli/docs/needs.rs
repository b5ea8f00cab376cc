//! Blocks of the pages whose commands need more than guests: `console,redis` and the like.
//!
//! Those of a page that need the same are run in order in one folder of their own, so a page can be tested in parts where
//! not everything is there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{blocks, home_of_page, pages, print_what_they_show};
use crate::guests::{
    with_guests_and_cxx, with_js_guests, with_language_models, with_models, with_redis,
};
use crate::harness::{C12, Home};
use crate::inference::furnish;
use crate::plugins::examples;

/// What can stand behind `console,`: g++ and make; cargo and a checkout; a component in JavaScript; a Redis server on the
/// socket `redis.sock` and its client; WasmEdge and its header; debuggers, with g++ and make;
/// models and photographs; the same with a program that can run language models.
pub(super) const NEEDS: [&str; 9] = [
    "cxx", "rust", "js", "redis", "wasmedge", "gdb", "valgrind", "models", "llm",
];

/// Runs all blocks of all pages that need it. `prepare` adds what they need; what `furnish` returns is kept meanwhile.
fn with<T>(need: &str, furnish: impl Fn(&Home) -> T, prepare: impl Fn(C12) -> C12) {
    let language = format!("console,{need}");
    let mut run = 0;
    for page in pages() {
        if blocks(&page).iter().any(|block| block.language == language) {
            let home = home_of_page(&page);
            let _kept = furnish(&home);
            print_what_they_show(&page, &language, &home, &prepare);
            run += 1;
        }
    }
    assert!(run > 0, "no page has a block `{language}`");
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap()
}

#[test]
#[cfg_attr(not(guests), ignore = "needs guests: run `cargo xtask test`")]
fn blocks_that_need_rust_print_what_they_show() {
    // The shell has a home of its own, where no toolchain is.
    let user = PathBuf::from(variable("HOME"));
    let folders = [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")];
    // Builds from nothing on a busy machine; the next time what is below the packages is there.
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs");
    let prepare = |command: C12| {
        let command = folders.iter().fold(command, |command, (name, folder)| {
            let known = std::env::var_os(name).map(PathBuf::from);
            command.env(name, known.unwrap_or_else(|| user.join(folder)))
        });
        command
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TARGET_DIR", "target")
            .env("CARGO_BUILD_BUILD_DIR", &built)
            .patience(Duration::from_secs(600))
    };
    with("rust", |_| {}, prepare);
}

with_js_guests! {
    fn blocks_that_need_javascript_print_what_they_show() {
        examples::geo::compile_js();
        with("js", |_| {}, examples::geo::compiled_once);
    }
}

with_models! {
    fn blocks_that_need_models_print_what_they_show() {
        with("models", furnish, |command| command.patience(Duration::from_secs(300)));
    }
}

with_language_models! {
    fn blocks_that_need_language_models_print_what_they_show() {
        with("llm", furnish, |command| command.patience(Duration::from_secs(300)));
    }
}

with_redis! {
    fn blocks_that_need_redis_print_what_they_show() {
        let program = examples::redis_server::program().unwrap();
        let beside = program.parent().unwrap();
        with("redis", |home| examples::redis_server::Server::start_in(&home.work()), |command| command.path(beside));
    }
}

with_guests_and_cxx! {
    #[cfg_attr(all(guests, cxx, not(make)), ignore = "needs make: run `cargo xtask test`")]
    fn blocks_that_need_cxx_print_what_they_show() {
        with("cxx", |_| {}, |command| command);
    }

    #[cfg_attr(all(guests, cxx, not(wasmedge)), ignore = "needs WasmEdge: run `cargo xtask test` on a Debian")]
    fn blocks_that_need_wasmedge_print_what_they_show() {
        let program = PathBuf::from(variable("C12_WASMEDGE"));
        with("wasmedge", |_| {}, |command| {
            let include = variable("C12_WASMEDGE_INCLUDE");
            command.path(program.parent().unwrap()).env("CPLUS_INCLUDE_PATH", include)
        });
    }

    #[cfg_attr(all(guests, cxx, not(all(make, gdb))), ignore = "needs gdb and make: install them with the system's packages")]
    fn blocks_that_need_gdb_print_what_they_show() {
        with("gdb", |_| {}, |command| command);
    }

    #[cfg_attr(all(guests, cxx, not(all(make, valgrind))), ignore = "needs valgrind and make: install them with the system's packages")]
    fn blocks_that_need_valgrind_print_what_they_show() {
        with("valgrind", |_| {}, |command| command.patience(Duration::from_secs(600)));
    }
}
