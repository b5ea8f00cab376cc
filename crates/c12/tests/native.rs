//! Native plugins: libraries built with a C compiler, used by a component and by a core module.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod plugins;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use c12::plugin::NativePlugin;
use c12::{Capture, Engine, Error, Host, HostBuilder, Output, Workload};
use plugins::library;
use tempfile::TempDir;

const KINDS: [&str; 2] = ["wasip1", "wasip2"];

struct Setup {
    _folder: TempDir,
    guests: [(&'static str, Workload); 2],
    plugin: PathBuf,
}

impl Setup {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let plugin = library(folder.path(), "(void)0");
        let engine = Engine::builder().cache(false).build().unwrap();
        let guests = PathBuf::from(std::env::var_os("C12_GUESTS").unwrap());
        let load = |kind| {
            engine
                .load_file(guests.join(kind).join("use_every.wasm"))
                .unwrap()
        };
        Setup {
            _folder: folder,
            guests: KINDS.map(|kind| (kind, load(kind))),
            plugin,
        }
    }

    fn builder(&self) -> HostBuilder {
        Host::builder().plugin(NativePlugin::load(&self.plugin, None).unwrap())
    }

    /// Runs the guest, and returns what it printed.
    async fn run(
        &self,
        kind: &str,
        host: HostBuilder,
        arguments: &[&str],
    ) -> Result<String, Error> {
        let (_, guest) = self
            .guests
            .iter()
            .find(|(known, _)| *known == kind)
            .unwrap();
        let output = Capture::default();
        let host = host
            .arguments(arguments.iter().copied())
            .stdout(Output::Capture(output.clone()))
            .build();
        let code = host.run(guest).await?;
        assert_eq!(code, 0);
        Ok(output.text().as_str().to_owned())
    }
}

const EVERYTHING: &str = r#"2
2 calls
Grüße, Welt

cba
100000 bytes of Some(7)
Point { x: -1.5, y: 2.5 }
[Person { name: "p0", age: 1, active: true }, Person { name: "p1", age: 1, active: false }, Person { name: "p2", age: 3, active: true }]
Ok(8589934590) Err("there is no number")
153
11 12 21
2 live
0 live
[5, 5, 5]
false true
hello Ada
"#;

#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn values_of_every_kind_cross() {
    let setup = Setup::new();
    for kind in KINDS {
        let printed = setup.run(kind, setup.builder(), &[]).await.unwrap();
        assert_eq!(printed, EVERYTHING, "{kind}");
    }
}

#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn resources_left_behind_are_dropped_before_the_instance() {
    let setup = Setup::new();
    for kind in KINDS {
        // The plugin aborts if they are not.
        setup.run(kind, setup.builder(), &["leak"]).await.unwrap();
    }
}

#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn failures_name_the_plugin_and_harm_the_call_alone() {
    let setup = Setup::new();
    for (arguments, said) in [
        (&["refuse"][..], "it was not in the mood"),
        (&["counter", "999"], "999 is no start"),
        (&["garbage", "0"], "a string is not UTF-8"),
        (&["garbage", "1"], "a null pointer for 5 elements"),
        (&["garbage", "2"], "too much data in one call"),
        (&["garbage", "3"], "too much data in one call"),
        (&["garbage", "4"], "no call, no memory"),
        (&["bad-bool", "2"], "2 is no truth value"),
    ] {
        for kind in KINDS {
            let error = setup
                .run(kind, setup.builder(), arguments)
                .await
                .unwrap_err();
            let Error::Trap(trap) = &error else {
                panic!("{kind} {arguments:?}: {error:?}");
            };
            assert!(
                trap.message
                    .contains("plugin `every`, test:every/things@1.2.0#")
                    && trap.message.contains(said),
                "{kind} {arguments:?}: {trap}"
            );
        }
    }
    // The same plugin goes on for others.
    let printed = setup
        .run("wasip2", setup.builder(), &["garbage", "9"])
        .await
        .unwrap();
    assert_eq!(printed, "fine\n");
}

#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn settings_reach_the_plugin() {
    let setup = Setup::new();
    let host = setup.builder().setting("every", "greeting", "good day");
    let printed = setup.run("wasip1", host, &[]).await.unwrap();
    assert!(printed.ends_with("good day Ada\n"), "{printed}");

    let host = setup.builder().setting("every", "refuse", "true");
    let error = setup.run("wasip2", host, &[]).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "it was told to refuse");

    let host = setup.builder().setting("every", "colour", "red");
    let error = setup.run("wasip2", host, &[]).await.unwrap_err();
    assert_eq!(error.to_string(), "plugin `every` has no setting `colour`");
}

/// All on one thread: were the plugin to block it, the waits would add up.
#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn a_plugin_that_waits_does_not_stall_others() {
    let setup = Setup::new();
    let started = Instant::now();
    let runs = (0..8).map(|_| setup.run("wasip2", setup.builder(), &["wait", "500"]));
    let mut running: Vec<_> = runs.map(Box::pin).collect();
    let mut printed = Vec::new();
    while !running.is_empty() {
        let (done, _, rest) = select_all(running).await;
        printed.push(done.unwrap());
        running = rest;
    }
    assert_eq!(printed, vec!["[1, 2, 3]\n"; 8]);
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "{:?}",
        started.elapsed()
    );
}

/// Waits for the first of several futures.
async fn select_all<F: Future + Unpin>(mut all: Vec<F>) -> (F::Output, usize, Vec<F>) {
    let (position, output) = std::future::poll_fn(|cx| {
        for (position, future) in all.iter_mut().enumerate() {
            if let std::task::Poll::Ready(output) = std::pin::Pin::new(future).poll(cx) {
                return std::task::Poll::Ready((position, output));
            }
        }
        std::task::Poll::Pending
    })
    .await;
    drop(all.remove(position));
    (output, position, all)
}

/// A guest that calls `crowd`, and has no room for what that returns if `room` is 0.
fn crowd_module(nameless: u32, room: u32) -> String {
    format!(
        r#"(module
            (import "test:every/things@1.2.0" "crowd" (func $crowd (param i32 i32)))
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (if (i32.eqz (i32.const {room})) (then unreachable))
                (i32.const 2048))
            (func (export "run") (call $crowd (i32.const {nameless}) (i32.const 1024))))"#
    )
}

fn crowd_component(nameless: u32, room: u32) -> String {
    format!(
        r#"(component
            (import "test:every/things@1.2.0" (instance $things
                (export "counter" (type $counter (sub resource)))
                (export "crowd" (func (param "nameless" u32)
                    (result (tuple (own $counter) string (list (own $counter))))))))
            (core module $memory
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                    (if (i32.eqz (i32.const {room})) (then unreachable))
                    (i32.const 2048)))
            (core instance $memory (instantiate $memory))
            (core func $crowd (canon lower (func $things "crowd")
                (memory $memory "memory") (realloc (func $memory "realloc"))))
            (core module $main
                (import "" "crowd" (func $crowd (param i32 i32)))
                (func (export "run") (call $crowd (i32.const {nameless}) (i32.const 1024))))
            (core instance $main (instantiate $main
                (with "" (instance (export "crowd" (func $crowd))))))
            (func (export "run") (canon lift (core func $main "run"))))"#
    )
}

/// Every resource is dropped once, and before its instance, wherever a result with several of them fails.
#[tokio::test]
async fn resources_of_a_result_that_fails_half_way_are_dropped() {
    let engine = Engine::builder().cache(false).build().unwrap();
    // The plugin returns a counter, a string and two counters. Those that the guest came to hold are dropped last.
    for (nameless, room, handles, said, dropped) in [
        (0, 1, 9, "", [3, 2, 1]),
        (1, 1, 9, "a string is not UTF-8", [2, 3, 1]),
        (0, 1, 2, "the limit of 2 handles", [3, 2, 1]),
        (0, 0, 9, "unreachable", [1, 2, 3]),
    ] {
        for text in [crowd_module, crowd_component] {
            let guest = text(nameless, room);
            let folder = TempDir::new().unwrap();
            let journal = folder.path().join("journal");
            let plugin = library(folder.path(), &format!("journal=\"{}\"", journal.display()));
            let mut limits = c12::Limits::default();
            limits.handles = handles;
            let host = Host::builder()
                .plugin(NativePlugin::load(&plugin, None).unwrap())
                .limits(limits)
                .build();
            let workload = engine.load("crowd", guest.as_bytes()).unwrap();
            let outcome = host.link(&workload).unwrap().invoke("run()").await;
            match outcome {
                Ok(_) => assert_eq!(said, ""),
                Err(error) => {
                    let Error::Trap(trap) = &error else {
                        panic!("{guest}: {error:?}");
                    };
                    assert!(trap.to_string().contains(said), "{guest}: {trap}");
                }
            }
            let journal = std::fs::read_to_string(&journal).unwrap();
            let mut lines: Vec<String> = journal.lines().map(str::to_owned).collect();
            assert_eq!(lines.pop().unwrap(), "ended with 0", "{guest}");
            if room == 0 && workload.is_component() {
                // It had come to hold the first when there was no room for the string.
                lines.rotate_right(1);
            }
            assert_eq!(
                lines,
                dropped.map(|number| format!("dropped {number}")),
                "{guest}"
            );
        }
    }
}

/// The guest is given up while a thread of the plugin still works for it.
#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn a_guest_may_be_given_up_while_the_plugin_waits() {
    let setup = Setup::new();
    let mut limits = c12::Limits::default();
    limits.timeout = Some(Duration::from_millis(100));
    let host = setup.builder().limits(limits);
    let error = setup
        .run("wasip2", host, &["wait", "400"])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    // The library must still be there when the thread returns into it.
    tokio::time::sleep(Duration::from_millis(600)).await;
}

fn load(describe: &str) -> String {
    let folder = TempDir::new().unwrap();
    let path = library(folder.path(), describe);
    let error = NativePlugin::load(&path, None).unwrap_err();
    assert!(
        error.to_string().starts_with("cannot load the plugin "),
        "{error}"
    );
    std::error::Error::source(&error).unwrap().to_string()
}

#[test]
fn descriptions_that_do_not_hold_together_are_refused() {
    assert_eq!(
        load("description.abi=7"),
        "it speaks version 7 of the plugin ABI; this c12 speaks version 1"
    );
    assert_eq!(
        load("return 0"),
        "it refused to work with this version of c12"
    );
    assert_eq!(
        load("description.name=0"),
        "its description is wrong: it has no name"
    );
    assert!(load(r#"description.name="\xff""#).contains("not UTF-8"));
    assert!(load(r#"description.name="a b""#).contains("must be 1 to 64 letters"));
    assert!(load(r#"description.wit="package a:b; world""#).contains("its WIT is not valid"));
    assert_eq!(
        load(r#"description.wit="package a:b; world w {}""#),
        "its world exports nothing"
    );
    assert!(load(r#"description.world="other""#).contains("its WIT is not valid"));
    assert_eq!(
        load("description.export_count--"),
        "its description is wrong: its WIT has `greeting`, its table of functions does not"
    );
    assert!(
        load(r#"description.wit="package test:every@1.2.0; world w { export greeting: func(name: string) -> string; }""#)
            .contains("its table has `test:every/things@1.2.0#add`, its WIT does not")
    );
    assert!(load("description.size=3").contains("a struct claims 3 bytes"));
    assert!(load("description.exports=0").contains("the table of functions is not there"));
    assert!(load("description.key_count=1ul<<40").contains("the table of settings is not there"));
    assert!(
        load("static c12_key same[2]; same[0]=same[1]=keys[0]; description.keys=same")
            .contains("the setting `greeting` is there twice")
    );
}

#[test]
fn files_that_are_no_plugins_are_refused() {
    let folder = TempDir::new().unwrap();
    let refused = |name: &str, contents: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, contents).unwrap();
        let error = NativePlugin::load(&path, None).unwrap_err();
        std::error::Error::source(&error).unwrap().to_string()
    };
    let not = "it is no shared library for this machine: ";
    assert!(refused("empty", b"").starts_with(not));
    assert!(refused("text", b"hello").starts_with(not));
    assert!(refused("half", &std::fs::read("/bin/true").unwrap()[..1000]).starts_with(not));
    // As while it is copied to where there is room for all of it.
    let mut begun = std::fs::read(library(folder.path(), "(void)0")).unwrap();
    let half = begun.len() / 2;
    begun[half..].fill(0);
    assert!(refused("begun", &begun).starts_with(not));
    let error = NativePlugin::load(folder.path().join("missing"), None).unwrap_err();
    assert!(error.to_string().contains("it cannot be read"), "{error}");

    let source = folder.path().join("nothing.c");
    std::fs::write(&source, "int nothing;").unwrap();
    let path = folder.path().join("nothing.so");
    let compiled = Command::new("gcc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&path)
        .arg(&source)
        .status();
    assert!(compiled.unwrap().success());
    let error = NativePlugin::load(&path, None).unwrap_err();
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        "it has no function `c12_plugin`"
    );
}

#[test]
fn pins_are_kept() {
    let folder = TempDir::new().unwrap();
    let path = library(folder.path(), "(void)0");
    let loaded = NativePlugin::load(&path, None).unwrap();
    assert!(NativePlugin::load(&path, Some(&loaded.sha256().to_uppercase())).is_ok());
    let error = NativePlugin::load(&path, Some(&"0".repeat(64))).unwrap_err();
    assert!(error.to_string().contains("as pinned"), "{error}");
}

/// Several libraries are loaded at the same time, and after each other, without being taken for one another.
#[test]
fn each_library_is_itself() {
    let folder = TempDir::new().unwrap();
    let named = |name: &str| {
        let path = library(folder.path(), &format!("description.name=\"{name}\""));
        NativePlugin::load(path, None).unwrap()
    };
    let loaded: Vec<NativePlugin> = ["one", "two", "three"].map(named).into();
    let names: Vec<&str> = loaded.iter().map(c12::plugin::Plugin::name).collect();
    assert_eq!(names, ["one", "two", "three"]);
}

/// The library's file may be overwritten while it is used.
#[test]
fn a_library_is_loaded_from_a_copy() {
    let folder = TempDir::new().unwrap();
    let path = library(folder.path(), "(void)0");
    let loaded = NativePlugin::load(&path, None).unwrap();
    std::fs::write(&path, vec![0; 1 << 16]).unwrap();
    let provided = c12::plugin::Plugin::provides(&loaded);
    assert_eq!(provided.len(), 4);
    drop(loaded);
}

/// Puts a library in the place of another, as an installer does.
fn install(library: &Path, place: &Path) {
    let new = place.with_extension("new");
    std::fs::copy(library, &new).unwrap();
    std::fs::rename(new, place).unwrap();
}

/// Two versions of the plugin that differ in what they say, and the place where one of them is installed.
fn versions(folder: &Path) -> ([PathBuf; 2], PathBuf) {
    let compiled = ["fine", "better"].map(|word| {
        let of_its_own = folder.join(word);
        std::fs::create_dir(&of_its_own).unwrap();
        library(&of_its_own, &format!("fine=\"{word}\""))
    });
    let place = folder.join("plugin.so");
    install(&compiled[0], &place);
    (compiled, place)
}

#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
// ANCHOR: reload
async fn a_new_version_serves_new_instances_and_a_bad_one_leaves_the_old() {
    let setup = Setup::new();
    let folder = TempDir::new().unwrap();
    let ([_, better], place) = versions(folder.path());
    let output = Capture::default();
    let host = Host::builder()
        .plugin(NativePlugin::load(&place, None).unwrap())
        .arguments(["garbage", "9"])
        .stdout(Output::Capture(output.clone()))
        .build();
    let linked = host.link(&setup.guests[1].1).unwrap();
    linked.run().await.unwrap();
    assert!(host.reload().is_empty());

    std::fs::write(&place, "no library").unwrap();
    let reloads = host.reload();
    let error = reloads[0].outcome.as_ref().unwrap_err().to_string();
    assert!(error.contains("it is no shared library"), "{error}");
    linked.run().await.unwrap();
    // It is not tried again before it changes again.
    assert!(host.reload().is_empty());

    install(&better, &place);
    assert!(host.reload()[0].outcome.is_ok());
    linked.run().await.unwrap();
    assert_eq!(output.text().as_str(), "fine\nfine\nbetter\n");
}
// ANCHOR_END: reload

/// 20,000 calls while the library is replaced twenty times.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn calls_go_on_while_the_library_is_replaced() {
    let setup = Setup::new();
    let folder = TempDir::new().unwrap();
    let (compiled, place) = versions(folder.path());
    let host = Host::builder()
        .plugin(NativePlugin::load(&place, None).unwrap())
        .arguments(["adds", "100"])
        .build();
    let linked = host.link(&setup.guests[1].1).unwrap();
    let calling = tokio::spawn(async move {
        for _ in 0..200 {
            assert_eq!(linked.run().await.unwrap(), 0);
            tokio::task::yield_now().await;
        }
    });
    let mut replaced = 0;
    for library in compiled.iter().rev().cycle().take(20) {
        install(library, &place);
        let reloads = host.reload();
        assert_eq!(reloads.len(), 1, "{reloads:?}");
        reloads[0].outcome.as_ref().unwrap();
        replaced += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    calling.await.unwrap();
    assert_eq!(replaced, 20);
}
