//! A plugin of one's own serves components and core modules alike, and costs nothing where it is not imported.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use c12::{Context, Engine, Error, Host, wasmtime};

// ANCHOR: plugin
use c12::plugin::{ImportName, InstanceRequest, Plugin, PluginError, Provided};

/// Counts, for each instance by itself.
struct Tally {
    instances: Arc<AtomicU32>,
}

/// What an instance keeps.
struct Count(u32);

fn next(context: &mut Context) -> u32 {
    let Some(count) = context.plugin::<Count>("tally") else {
        return 0;
    };
    count.0 += 1;
    count.0
}

impl Plugin for Tally {
    fn name(&self) -> &str {
        "tally"
    }

    fn provides(&self) -> Vec<Provided> {
        vec![
            Provided::interface("acme:tally/counter@1.4.0"),
            Provided::module("tally"),
        ]
    }

    fn link_component(
        &self,
        offered: &ImportName,
        linker: &mut wasmtime::component::Linker<Context>,
    ) -> Result<(), PluginError> {
        let mut interface = linker.instance(offered.as_str())?;
        interface.func_wrap("next", |mut store, (): ()| Ok((next(store.data_mut()),)))?;
        Ok(())
    }

    fn link_module(
        &self,
        offered: &ImportName,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        linker.func_wrap(
            offered.as_str(),
            "next",
            |mut caller: wasmtime::Caller<'_, Context>| next(caller.data_mut()),
        )?;
        Ok(())
    }

    fn instance_state(
        &self,
        _: &InstanceRequest<'_>,
    ) -> Result<Option<Box<dyn Any + Send>>, PluginError> {
        self.instances.fetch_add(1, Ordering::Relaxed);
        Ok(Some(Box::new(Count(0))))
    }
}
// ANCHOR_END: plugin

const COMPONENT: &str = r#"(component
    (import "acme:tally/counter@1.0.0" (instance (export "next" (func (result u32)))))
    (import "acme:tally/counter@1.2.0" (instance $counter (export "next" (func (result u32)))))
    (core func $next (canon lower (func $counter "next")))
    (core module $m
        (import "tally" "next" (func $next (result i32)))
        (func (export "twice") (result i32) (drop (call $next)) (call $next)))
    (core instance $i (instantiate $m (with "tally" (instance (export "next" (func $next))))))
    (func (export "twice") (result u32) (canon lift (core func $i "twice"))))"#;

const MODULE: &str = r#"(module
    (import "tally" "next" (func $next (result i32)))
    (func (export "twice") (result i32) (drop (call $next)) (call $next)))"#;

fn host() -> (Host, Arc<AtomicU32>) {
    let instances = Arc::new(AtomicU32::new(0));
    (
        Host::builder()
            .plugin(Tally {
                instances: Arc::clone(&instances),
            })
            .build(),
        instances,
    )
}

fn engine() -> Engine {
    Engine::builder().cache(false).build().unwrap()
}

#[tokio::test]
async fn serves_both_kinds_with_state_per_instance() {
    let (host, instances) = host();
    for text in [COMPONENT, MODULE] {
        let linked = host
            .link(&engine().load("guest", text.as_bytes()).unwrap())
            .unwrap();
        for _ in 0..2 {
            assert_eq!(linked.invoke("twice()").await.unwrap(), ["2"]);
        }
    }
    assert_eq!(instances.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn is_left_alone_by_guests_that_do_not_import_it() {
    let (host, instances) = host();
    let workload = engine()
        .load("guest", b"(module (func (export \"f\")))")
        .unwrap();
    host.link(&workload).unwrap().invoke("f()").await.unwrap();
    assert_eq!(instances.load(Ordering::Relaxed), 0);
}

#[test]
fn without_it_the_import_is_named() {
    let workload = engine().load("guest", COMPONENT.as_bytes()).unwrap();
    let error = Host::builder().build().link(&workload).unwrap_err();
    let Error::MissingImports { missing, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(missing[1].import.as_str(), "acme:tally/counter@1.2.0");
}
