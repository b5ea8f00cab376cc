//! A plugin of one's own serves components and core modules alike, and costs nothing where it is not imported.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use c12::{Context, Engine, Error, Host, wasmtime};

// ANCHOR: plugin
use c12::plugin::{
    InstanceRequest, Key, Kind, Link, Plugin, PluginError, Provided, Provider, Settings, State,
    StateFuture,
};

/// Counts, for each instance by itself.
struct Tally {
    instances: Arc<AtomicU32>,
}

/// What all instances share.
struct Open {
    step: u32,
    instances: Arc<AtomicU32>,
}

/// What an instance keeps.
struct Count {
    value: u32,
    step: u32,
}

fn next(context: &mut Context) -> u32 {
    let Some(count) = context.plugin::<Count>() else {
        return 0;
    };
    count.value += count.step;
    count.value
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

    fn keys(&self) -> Vec<Key> {
        vec![Key::new("step", Kind::Integer).fallback("1")]
    }

    fn open(&self, settings: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
        let step = settings.integer("step").unwrap_or(1);
        Ok(Arc::new(Open {
            step: u32::try_from(step)?,
            instances: Arc::clone(&self.instances),
        }))
    }
}

impl Provider for Open {
    fn link_component(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::component::Linker<Context>,
    ) -> Result<(), PluginError> {
        let mut interface = linker.instance(link.offered.as_str())?;
        interface.func_wrap("next", |mut store, (): ()| Ok((next(store.data_mut()),)))?;
        Ok(())
    }

    fn link_module(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        linker.func_wrap(
            link.offered.as_str(),
            "next",
            |mut caller: wasmtime::Caller<'_, Context>| next(caller.data_mut()),
        )?;
        Ok(())
    }

    fn instantiate<'a>(&'a self, _: InstanceRequest<'a>) -> StateFuture<'a> {
        self.instances.fetch_add(1, Ordering::Relaxed);
        let state: State = Box::new(Count {
            value: 0,
            step: self.step,
        });
        Box::pin(std::future::ready(Ok(Some(state))))
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

#[tokio::test]
async fn is_opened_with_its_settings() {
    let tally = || Tally {
        instances: Arc::default(),
    };
    let workload = engine().load("guest", MODULE.as_bytes()).unwrap();
    let host = Host::builder()
        .plugin(tally())
        .setting("tally", "step", "21")
        .build();
    let linked = host.link(&workload).unwrap();
    assert_eq!(linked.invoke("twice()").await.unwrap(), ["42"]);

    let host = Host::builder()
        .plugin(tally())
        .setting("tally", "step", "-1")
        .build();
    let error = host.link(&workload).unwrap_err();
    assert_eq!(
        error.to_string(),
        "plugin `tally` failed while preparing `tally`"
    );

    let host = Host::builder()
        .plugin(tally())
        .setting("tally", "stride", "2")
        .build();
    let error = host.link(&workload).unwrap_err();
    assert_eq!(error.to_string(), "plugin `tally` has no setting `stride`");
    assert_eq!(error.help().unwrap(), "its settings are step");
}

/// Two plugins share a module name; of the function that both have, the first one's is taken.
#[tokio::test]
async fn one_modules_functions_may_come_from_two_plugins() {
    struct Part(&'static [(&'static str, i32)]);
    impl Plugin for Part {
        fn name(&self) -> &str {
            self.0[0].0
        }
        fn provides(&self) -> Vec<Provided> {
            vec![Provided::module_of(
                "shared",
                self.0.iter().map(|(name, _)| *name),
            )]
        }
        fn open(&self, _: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
            Ok(Arc::new(Part(self.0)))
        }
    }
    impl Provider for Part {
        fn link_module(
            &self,
            link: &Link<'_>,
            linker: &mut wasmtime::Linker<Context>,
        ) -> Result<(), PluginError> {
            for (name, value) in self.0 {
                linker.func_wrap(link.offered.as_str(), name, || *value)?;
            }
            Ok(())
        }
    }
    let module = r#"(module
        (import "shared" "one" (func $one (result i32)))
        (import "shared" "both" (func $both (result i32)))
        (import "shared" "two" (func $two (result i32)))
        (func (export "all") (result i32 i32 i32) (call $one) (call $both) (call $two)))"#;
    let host = Host::builder()
        .plugin(Part(&[("one", 1), ("both", 10)]))
        .plugin(Part(&[("two", 2), ("both", 20)]))
        .build();
    let workload = engine().load("guest", module.as_bytes()).unwrap();
    let linked = host.link(&workload).unwrap();
    assert_eq!(linked.invoke("all()").await.unwrap(), ["1", "10", "2"]);
    assert_eq!(host.registry().conflicts()[0].serves, "one");
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
