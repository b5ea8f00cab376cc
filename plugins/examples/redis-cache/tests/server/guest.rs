//! A guest with a bucket, in one of the two drafts.

use c12_example_redis_cache::c12_plugin as redis_cache;
use c12_plugin::harness::{Harness, Instance, Resource, Value};

pub(crate) const DRAFT: &str = "0.2.0-draft";
pub(crate) const DRAFT2: &str = "0.2.0-draft2";

pub(crate) fn open(url: &str, settings: &[(&str, &str)]) -> Harness {
    let settings = [&[("url", url)], settings].concat();
    Harness::open(redis_cache, &settings).unwrap()
}

pub(crate) struct Guest<'h> {
    pub(crate) instance: Instance<'h>,
    version: &'static str,
    bucket: Resource,
}

impl<'h> Guest<'h> {
    /// With the bucket `default`.
    pub(crate) fn new(plugin: &'h Harness, version: &'static str) -> Self {
        Guest::of(plugin, version, "default").unwrap()
    }

    pub(crate) fn of(
        plugin: &'h Harness,
        version: &'static str,
        bucket: &str,
    ) -> Result<Self, Value> {
        let mut instance = plugin.instantiate().unwrap();
        let opened = call(&mut instance, version, "store", "open", &[bucket.into()])?;
        Ok(Guest {
            instance,
            version,
            bucket: opened.unwrap().resource().unwrap(),
        })
    }

    /// Calls a function with the bucket first.
    pub(crate) fn call(
        &mut self,
        interface: &str,
        function: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, Value> {
        let all = [&[Value::Resource(self.bucket)], arguments].concat();
        self.bare(interface, function, &all)
    }

    /// Calls a function.
    pub(crate) fn bare(
        &mut self,
        interface: &str,
        function: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, Value> {
        call(
            &mut self.instance,
            self.version,
            interface,
            function,
            arguments,
        )
    }

    pub(crate) fn get(&mut self, key: &str) -> Result<Value, Value> {
        let value = self.call("store", "[method]bucket.get", &[key.into()])?;
        Ok(value.unwrap())
    }

    pub(crate) fn set(&mut self, key: &str, value: &[u8]) -> Result<(), Value> {
        let arguments = [key.into(), bytes(value)];
        self.call("store", "[method]bucket.set", &arguments)?;
        Ok(())
    }

    pub(crate) fn delete(&mut self, key: &str) -> Result<(), Value> {
        self.call("store", "[method]bucket.delete", &[key.into()])?;
        Ok(())
    }

    pub(crate) fn exists(&mut self, key: &str) -> Result<bool, Value> {
        let exists = self.call("store", "[method]bucket.exists", &[key.into()])?;
        Ok(exists == Some(Value::Bool(true)))
    }

    pub(crate) fn increment(&mut self, key: &str, delta: impl Into<Value>) -> Result<Value, Value> {
        let sum = self.call("atomics", "increment", &[key.into(), delta.into()])?;
        Ok(sum.unwrap())
    }

    pub(crate) fn get_many(&mut self, keys: &[&str]) -> Result<Value, Value> {
        let keys = Value::list(keys.iter().copied());
        Ok(self.call("batch", "get-many", &[keys])?.unwrap())
    }

    pub(crate) fn set_many(&mut self, pairs: &[(&str, &[u8])]) -> Result<(), Value> {
        let pair = |(key, value): &(&str, &[u8])| Value::tuple([(*key).into(), bytes(value)]);
        let pairs = Value::list(pairs.iter().map(pair));
        self.call("batch", "set-many", &[pairs])?;
        Ok(())
    }

    /// All keys, sorted, and how many pages they came in.
    pub(crate) fn keys(&mut self) -> (Vec<String>, usize) {
        let mut keys = std::collections::BTreeSet::new();
        let (mut cursor, mut pages) = (Value::none(), 0);
        loop {
            let page = self.call("store", "[method]bucket.list-keys", &[cursor]);
            let page = page.unwrap().unwrap();
            pages += 1;
            let Some(Value::List(found)) = page.field("keys") else {
                panic!("{page}");
            };
            keys.extend(found.iter().map(|key| match key {
                Value::String(key) => key.clone(),
                other => panic!("{other}"),
            }));
            cursor = page.field("cursor").unwrap().clone();
            if cursor == Value::none() {
                return (keys.into_iter().collect(), pages);
            }
        }
    }
}

fn call(
    instance: &mut Instance<'_>,
    version: &str,
    interface: &str,
    function: &str,
    arguments: &[Value],
) -> Result<Option<Value>, Value> {
    let interface = format!("wasi:keyvalue/{interface}@{version}");
    match instance
        .call(interface.as_str(), function, arguments)
        .unwrap()
    {
        Some(Value::Result(Ok(payload))) => Ok(payload.map(|it| *it)),
        Some(Value::Result(Err(Some(error)))) => Err(*error),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn bytes(bytes: &[u8]) -> Value {
    Value::list(bytes.iter().copied())
}

/// The text of `other`.
#[track_caller]
pub(crate) fn other(error: &Value) -> &str {
    match error {
        Value::Variant(case, Some(text)) if case == "other" => match &**text {
            Value::String(text) => text,
            text => panic!("{text}"),
        },
        error => panic!("{error}"),
    }
}
