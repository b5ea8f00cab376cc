//! The counter of example 04 is used from the host: constructed, called, handed over, dropped.

use c12::wasmtime::component::{Func, Instance, ResourceAny, Val};
use c12::wasmtime::{AsContextMut, Store};
use c12::{Context, Engine, Host, RawInstance};

use crate::guests::{guest, with_guests};

const COUNTERS: &str = "c12:examples/counters@0.3.0";

struct Counters<'a> {
    instance: Instance,
    store: &'a mut Store<Context>,
}

impl Counters<'_> {
    fn function(&mut self, name: &str) -> Func {
        let interface = self
            .instance
            .get_export_index(self.store.as_context_mut(), None, COUNTERS)
            .unwrap();
        let index = self
            .instance
            .get_export_index(self.store.as_context_mut(), Some(&interface), name)
            .unwrap();
        self.instance
            .get_func(self.store.as_context_mut(), index)
            .unwrap()
    }

    async fn call(&mut self, name: &str, arguments: &[Val]) -> c12::wasmtime::Result<Val> {
        let function = self.function(name);
        let mut results = vec![Val::Bool(false); function.ty(&*self.store).results().len()];
        function
            .call_async(self.store.as_context_mut(), arguments, &mut results)
            .await?;
        Ok(results.pop().unwrap_or(Val::Tuple(Vec::new())))
    }

    async fn handle(&mut self, name: &str, arguments: &[Val]) -> ResourceAny {
        match self.call(name, arguments).await.unwrap() {
            Val::Resource(handle) => handle,
            Val::Result(Ok(Some(value))) => match *value {
                Val::Resource(handle) => handle,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    async fn live(&mut self) -> Val {
        self.call("live", &[]).await.unwrap()
    }
}

with_guests! {
    fn a_resource_lives_as_long_as_its_handle() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(drive());
    }
}

async fn drive() {
    let engine = Engine::builder().cache(false).build().unwrap();
    let workload = engine.load_file(guest("wasip2/04_counter_class")).unwrap();
    let mut instance = Host::builder()
        .build()
        .link(&workload)
        .unwrap()
        .instantiate()
        .await
        .unwrap();
    let (RawInstance::Component(instance), store) = instance.parts() else {
        panic!()
    };
    let mut counters = Counters { instance, store };

    let first = counters
        .handle("[constructor]counter", &[Val::S64(40)])
        .await;
    let ok = |value| Val::Result(Ok(Some(Box::new(Val::S64(value)))));
    assert_eq!(
        counters
            .call("[method]counter.increment", &[Val::Resource(first)])
            .await
            .unwrap(),
        ok(41)
    );
    assert_eq!(
        counters
            .call("[method]counter.current", &[Val::Resource(first)])
            .await
            .unwrap(),
        Val::S64(41)
    );

    let second = counters
        .handle("[static]counter.bounded", &[Val::U32(1)])
        .await;
    assert_eq!(
        counters
            .call("[method]counter.increment", &[Val::Resource(second)])
            .await
            .unwrap(),
        ok(1)
    );
    let refused = counters
        .call("[method]counter.increment", &[Val::Resource(second)])
        .await
        .unwrap();
    let failed = |case: &str, limit: Option<Val>| {
        Val::Result(Err(Some(Box::new(Val::Variant(
            case.to_owned(),
            limit.map(Box::new),
        )))))
    };
    assert_eq!(refused, failed("limit-reached", Some(Val::S64(1))));
    // What was refused changed nothing, and a borrowed handle stays with the caller.
    assert_eq!(
        counters
            .call("[method]counter.history", &[Val::Resource(second)])
            .await
            .unwrap(),
        Val::List(vec![Val::S64(0), Val::S64(1)])
    );
    assert_eq!(
        counters
            .call("compare", &[Val::Resource(first), Val::Resource(second)])
            .await
            .unwrap(),
        Val::S8(1)
    );
    assert_eq!(
        counters
            .call(
                "[method]counter.add",
                &[Val::Resource(first), Val::S64(i64::MAX)]
            )
            .await
            .unwrap(),
        failed("overflow", None)
    );
    assert_eq!(counters.live().await, Val::U32(2));

    let merged = counters
        .handle("merge", &[Val::Resource(first), Val::Resource(second)])
        .await;
    assert_eq!(
        counters
            .call("[method]counter.current", &[Val::Resource(merged)])
            .await
            .unwrap(),
        Val::S64(42)
    );
    assert_eq!(counters.live().await, Val::U32(1));
    // The handles that were given away are gone.
    assert!(
        counters
            .call("[method]counter.current", &[Val::Resource(first)])
            .await
            .is_err()
    );

    merged
        .resource_drop_async(counters.store.as_context_mut())
        .await
        .unwrap();
    assert_eq!(counters.live().await, Val::U32(0));
}
