//! All example plugins at once, under one guest: as a component and as a core module.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::geo::{compile_js, compiled_once};
use super::redis_server::Server;
use super::{KINDS, cxx_library, library};
use crate::guests::{guest, root};
use crate::harness::{Home, Outcome};

/// A walk through three cities, and back to the first.
const NOTES: [&str; 4] = [
    "48.8566,2.3522=the Seine",
    "51.5074,-0.1278=the Thames",
    "52.52,13.405=the Spree",
    "48.8566,2.3522=the Eiffel Tower",
];

/// The example for WasmEdge, built as its README says.
fn wasmedge_library(home: &Home) -> PathBuf {
    let source = root().join("plugins/examples/text-tools-wasmedge/text_tools.cpp");
    let include = std::env::var_os("C12_WASMEDGE_INCLUDE").unwrap();
    let library = home.work().join("libtext_tools.so");
    let compiled = Command::new("g++")
        .args(["-std=c++20", "-O2", "-fPIC", "-shared"])
        .arg(source)
        .arg("-o")
        .arg(&library)
        .env("CPLUS_INCLUDE_PATH", include)
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{compiled:?}");
    library
}

/// The plugins that take each other's place, and a home in which what the guest keeps stays.
struct Together {
    home: Home,
    server: Server,
    wasmedge: PathBuf,
}

impl Together {
    fn new() -> Self {
        let home = Home::new();
        let wasmedge = wasmedge_library(&home);
        let server = Server::start(&[]);
        home.write(
            "c12.toml",
            format!(
                "[plugins.sqlite]\npath = {:?}\nconfig.path = \"notes.db\"\n\n[plugins.redis-cache]\npath = {:?}\nconfig.url = {:?}\n",
                library("sqlite"),
                library("redis-cache"),
                server.url()
            ),
        );
        Together {
            home,
            server,
            wasmedge,
        }
    }

    fn run(&self, kind: &str, text_tools: &Path, geo: &str, notes: &[&str]) -> Outcome {
        let (app, geo) = (guest(&format!("{kind}/use_all")), guest(geo));
        let mut words = vec!["run", "--config", "c12.toml"];
        for plugin in [text_tools, Path::new(&geo), &self.wasmedge] {
            words.extend(["--plugin", plugin.to_str().unwrap()]);
        }
        words.extend([app.as_str(), "--"]);
        words.extend(notes);
        compiled_once(self.home.c12(words)).run()
    }
}

#[test]
#[cfg_attr(not(guests), ignore = "needs guests: run `cargo xtask test`")]
#[cfg_attr(
    all(guests, not(js_guests)),
    ignore = "needs guests in JavaScript: `cargo xtask guests` says why they are left out"
)]
#[cfg_attr(
    all(guests, js_guests, not(redis)),
    ignore = "needs C12_REDIS_SERVER: run `cargo xtask test`"
)]
#[cfg_attr(
    all(guests, js_guests, redis, not(all(cxx, wasmedge))),
    ignore = "needs a C++ compiler and WasmEdge: run `cargo xtask test` on a Debian"
)]
fn one_guest_uses_every_example_plugin() {
    compile_js();
    let together = Together::new();
    let cxx = cxx_library(&together.home, "text-tools-cpp", "text-tools");
    let mut count = 0;
    for text_tools in [library("text-tools"), cxx] {
        for geo in ["wasip2/geo", "js/geo"] {
            for kind in KINDS {
                let outcome = together.run(kind, &text_tools, geo, &NOTES);
                assert_eq!(outcome.stderr, "", "{kind} {geo} {}", text_tools.display());
                count += 2;
                let printed = outcome.success();
                let paris = format!("u09tv {count} ");
                assert!(printed.contains(&paris), "{printed}");
                // The words are those of all runs so far.
                let line = format!("u09tv 48.85 2.35: the {count}, Eiffel {}\n", count / 2);
                assert!(printed.contains(&line), "{line}{printed}");
            }
        }
    }
    // Four runs of each kind, each with two notes in Paris.
    assert_eq!(together.server.cli(&["GET", "default:count:u09tv"]), "16");
    let database = rusqlite::Connection::open(together.home.work().join("notes.db")).unwrap();
    let notes: i64 = database
        .query_row(
            "SELECT count(*) FROM notes WHERE length(md5) = 16",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(notes, 32);
}
