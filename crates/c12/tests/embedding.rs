//! What embedders rely on: many runs of one workload, time limits that hold, state that does not leak.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

use std::time::{Duration, Instant};

use c12::{
    Bytes, Capture, Engine, Error, Host, Input, LimitKind, Limits, Output, RawInstance, Role,
};

fn engine() -> Engine {
    Engine::builder().cache(false).build().unwrap()
}

fn limited(change: impl FnOnce(&mut Limits)) -> Host {
    let mut limits = Limits::default();
    change(&mut limits);
    Host::builder().limits(limits).build()
}

#[tokio::test]
async fn each_run_starts_from_nothing() {
    let text = "(module (global $g (mut i32) (i32.const 0)) (func (export \"f\") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) global.get $g))";
    let linked = Host::builder()
        .build()
        .link(&engine().load("guest", text.as_bytes()).unwrap())
        .unwrap();
    for _ in 0..3 {
        assert_eq!(linked.invoke("f()").await.unwrap(), ["1"]);
    }
}

#[tokio::test]
async fn busy_guests_share_one_thread_and_end_in_time() {
    let engine = engine();
    let endless = engine
        .load(
            "endless",
            b"(module (func (export \"_start\") (loop br 0)))",
        )
        .unwrap();
    let started = Instant::now();
    let long = limited(|limits| limits.timeout = Some(Duration::from_millis(400)));
    let short = limited(|limits| limits.timeout = Some(Duration::from_millis(100)));
    let (first, second) = tokio::join!(long.run(&endless), short.run(&endless));
    assert!(
        matches!(first, Err(Error::Timeout { .. })) && matches!(second, Err(Error::Timeout { .. }))
    );
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_busy_guest_is_ended_by_dropping_what_runs_it() {
    let text = b"(module (func (export \"_start\") (loop br 0)))";
    let endless = engine().load("endless", text).unwrap();
    let host = Host::builder().build();
    let given_up = tokio::time::timeout(Duration::from_millis(50), host.run(&endless)).await;
    assert!(given_up.is_err());
}

#[tokio::test]
async fn a_hangup_puts_new_versions_of_plugins_in_place() {
    let component = |number| {
        format!(
            "(component
                (core module $m (func (export \"answer\") (result i32) (i32.const {number})))
                (core instance $i (instantiate $m))
                (func (export \"answer\") (result u32) (canon lift (core func $i \"answer\"))))"
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("answers.wat");
    std::fs::write(&place, component(1)).unwrap();
    let engine = engine();
    let plugin = c12::plugin::ComponentPlugin::load(&engine, &place, None, None).unwrap();
    let host = Host::builder().plugin(plugin).build();
    let guest = b"(module
        (import \"$root\" \"answer\" (func $answer (result i32)))
        (func (export \"f\") (result i32) (call $answer)))";
    let linked = host.link(&engine.load("guest", guest).unwrap()).unwrap();
    assert_eq!(linked.invoke("f()").await.unwrap(), ["1"]);

    // ANCHOR: hangup
    let reload = host.reload_on_hangup().unwrap();
    std::fs::write(&place, component(22)).unwrap();
    let hangup = std::process::Command::new("kill")
        .args(["-HUP", &std::process::id().to_string()])
        .status()
        .unwrap();
    assert!(hangup.success());
    let started = Instant::now();
    while linked.invoke("f()").await.unwrap() != ["22"] {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "nothing was reloaded"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // ANCHOR_END: hangup
    drop(reload);
}

#[tokio::test]
async fn a_limit_is_an_error_of_its_own() {
    let engine = Engine::builder().cache(false).fuel(true).build().unwrap();
    let endless = engine
        .load(
            "endless",
            b"(module (func (export \"_start\") (loop br 0)))",
        )
        .unwrap();
    let Err(Error::Limit(limit)) = limited(|limits| limits.fuel = Some(1000))
        .run(&endless)
        .await
    else {
        panic!()
    };
    assert_eq!((limit.kind, limit.limit), (LimitKind::Fuel, 1000));
    let large = engine
        .load("large", b"(module (memory 17) (func (export \"_start\")))")
        .unwrap();
    let Err(Error::Limit(limit)) = limited(|limits| limits.memory = 1 << 20).run(&large).await
    else {
        panic!()
    };
    assert_eq!(
        (limit.kind, limit.limit, limit.requested),
        (LimitKind::Memory, 1 << 20, Some(17 << 16))
    );
}

#[test]
fn limits_that_the_code_cannot_keep_are_refused_at_once() {
    let engine = Engine::builder()
        .cache(false)
        .interruptible(false)
        .build()
        .unwrap();
    let workload = engine.load("guest", b"(module)").unwrap();
    for host in [
        limited(|limits| limits.timeout = Some(Duration::from_secs(1))),
        limited(|limits| limits.fuel = Some(1)),
    ] {
        assert!(matches!(
            host.link(&workload),
            Err(Error::Configuration { .. })
        ));
    }
}

#[tokio::test]
async fn a_pool_gives_instances_again_and_again() {
    let engine = Engine::builder().cache(false).pool(4).build().unwrap();
    let workload = engine
        .load(
            "guest",
            b"(module (memory 1) (func (export \"f\") (result i32) i32.const 7))",
        )
        .unwrap();
    let linked = Host::builder().build().link(&workload).unwrap();
    for _ in 0..50 {
        let mut instance = linked.instantiate().await.unwrap();
        let (raw, store) = instance.parts();
        let RawInstance::Module(raw) = raw else {
            panic!()
        };
        assert!(raw.get_func(store, "f").is_some());
    }
    let mut held = Vec::new();
    while let Ok(instance) = linked.instantiate().await {
        held.push(instance);
        assert!(held.len() <= 100, "the pool has an end");
    }
    assert!(held.len() >= 4);
    drop(held);
    linked.instantiate().await.unwrap();
}

#[tokio::test]
async fn standard_streams_are_kept_in_memory() {
    // Copies up to 64 bytes of standard input to standard output.
    let cat = r#"(module
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\20\00\00\00\40\00\00\00")
        (func (export "_start")
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (i32.store (i32.const 4) (i32.load (i32.const 8)))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;
    let output = Capture::default();
    let host = Host::builder()
        .stdin(Input::Bytes(Bytes::from_static(b"some text")))
        .stdout(Output::Capture(output.clone()))
        .build();
    assert_eq!(
        host.run(&engine().load("cat", cat.as_bytes()).unwrap())
            .await
            .unwrap(),
        0
    );
    assert_eq!(output.text(), "some text");
}

#[tokio::test]
async fn a_trap_carries_its_frames() {
    let text = "(module (func $inner unreachable) (func $outer (export \"_start\") call $inner))";
    let Err(Error::Trap(trap)) = Host::builder()
        .build()
        .run(&engine().load("guest", text.as_bytes()).unwrap())
        .await
    else {
        panic!()
    };
    let names: Vec<&str> = trap
        .frames
        .iter()
        .map(|frame| frame.function.as_str())
        .collect();
    assert_eq!(
        (trap.to_string().as_str(), names),
        (
            "guest trapped: `unreachable` was executed",
            vec!["inner", "outer"]
        )
    );
}

#[test]
fn a_workload_says_what_it_is() {
    let engine = engine();
    let role = |text: &str| engine.load("guest", text.as_bytes()).unwrap().role();
    assert_eq!(
        role("(module (func (export \"_start\")))"),
        Role::ModuleCommand
    );
    assert_eq!(role("(module)"), Role::Library);
    assert_eq!(role("(component)"), Role::Library);
    let callables = engine
        .load(
            "guest",
            b"(module (func (export \"f\") (param i32) (result i64 f32) unreachable))",
        )
        .unwrap()
        .callables();
    assert_eq!(callables[0].signature, "(i32) -> (i64, f32)");
}

#[test]
fn an_engine_for_another_machine_only_compiles() {
    let other = if cfg!(target_arch = "x86_64") {
        "x86_64-unknown-freebsd"
    } else {
        "aarch64-unknown-freebsd"
    };
    let engine = Engine::builder()
        .state_folder(tempfile::tempdir().unwrap().keep())
        .target(other)
        .build()
        .unwrap();
    let artifact = engine
        .compile("guest", b"(module (func (export \"f\")))")
        .unwrap();
    assert!(matches!(
        engine.load("guest", b"(module)"),
        Err(Error::Configuration { .. })
    ));
    let here = Engine::builder().trust_precompiled(true).build().unwrap();
    assert!(matches!(
        here.load("guest", &artifact),
        Err(Error::Artifact { .. })
    ));
}
