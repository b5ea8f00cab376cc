//! A plugin in Rust with resources in every position, run without a guest.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use c12_plugin::harness::{Harness, HarnessError, Instance, Outcome, Value};
use c12_plugin::{Own, Plugin, Result, Settings};

c12_plugin::generate!({ path: "../c12-bindgen/tests/cases/resources.wit" });

use exports::test::resources::{report, store};

const STORE: &str = "test:resources/store@0.1.0";
const REPORT: &str = "test:resources/report@0.1.0";

struct Resources;

/// Counts the tables of one instance.
#[derive(Default)]
struct Guest {
    living: Arc<AtomicU32>,
    dropped: Vec<String>,
}

struct Table {
    name: String,
    texts: Vec<String>,
    living: Arc<AtomicU32>,
}

impl Drop for Table {
    fn drop(&mut self) {
        self.living.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Cursor {
    table: Own<Table>,
    next: usize,
}

impl Plugin for Resources {
    const NAME: Option<&'static str> = Some("resources");
    const VERSION: Option<&'static str> = Some("3.2.1");
    type Instance = Guest;

    fn open(_: &Settings<'_>) -> Result<Self> {
        Ok(Resources)
    }

    fn instantiate(&self) -> Result<Guest> {
        Ok(Guest::default())
    }
}

impl Guest {
    fn table(&self, name: &str) -> Table {
        self.living.fetch_add(1, Ordering::Relaxed);
        Table {
            name: name.to_owned(),
            texts: Vec::new(),
            living: self.living.clone(),
        }
    }
}

impl store::Guest for Guest {
    type Table = Table;
    type Cursor = Cursor;

    fn total(&mut self, tables: Vec<&RefCell<Table>>) -> Result<u32> {
        Ok(tables
            .iter()
            .map(|table| table.borrow().texts.len() as u32)
            .sum())
    }

    fn same(&mut self, a: &RefCell<Table>, b: &RefCell<Table>) -> Result<bool> {
        Ok(std::ptr::eq(a, b))
    }

    fn rename(&mut self, mut table: Own<Table>, name: &str) -> Result<Own<Table>> {
        table.name = name.to_owned();
        Ok(table)
    }

    fn split(&mut self, mut table: Own<Table>) -> Result<Vec<store::Entry<Self>>> {
        let texts = std::mem::take(&mut table.texts);
        Ok(texts
            .into_iter()
            .map(|text| {
                let mut value = self.table(&table.name);
                value.texts.push(text.clone());
                store::Entry {
                    key: text,
                    value: Own::new(value),
                }
            })
            .collect())
    }

    fn peek(&mut self, at: store::Look<'_, Self>) -> Result<Option<String>> {
        let table = at.what.borrow();
        Ok(table.texts.get(usize::from(at.depth)).cloned())
    }

    fn wrap(&mut self, table: Option<Own<Table>>) -> Result<store::Maybe<Self>> {
        Ok(match table {
            None => store::Maybe::Nothing,
            Some(table) if table.texts.is_empty() => store::Maybe::SomeTable(table),
            Some(table) => store::Maybe::SomeCursor(Own::new(Cursor { table, next: 0 })),
        })
    }

    fn unwrap(
        &mut self,
        it: store::Maybe<Self>,
    ) -> Result<std::result::Result<Own<Table>, Own<Cursor>>> {
        match it {
            store::Maybe::Nothing => Ok(Ok(self.table("nothing").into())),
            store::Maybe::SomeTable(table) => Ok(Ok(table)),
            store::Maybe::SomeCursor(cursor) => Ok(Err(cursor)),
        }
    }
}

impl store::GuestTable for Table {
    type Instance = Guest;

    fn new(instance: &mut Guest, name: &str) -> Result<Self> {
        if name == "panic" {
            panic!("no such name");
        }
        Ok(instance.table(name))
    }

    fn insert(&mut self, _: &mut Guest, text: &str) -> Result<u32> {
        if text == "panic" {
            panic!("no such text");
        }
        self.texts.push(text.to_owned());
        Ok(self.texts.len() as u32 - 1)
    }

    fn get(&mut self, _: &mut Guest, place: u32) -> Result<Option<String>> {
        Ok(self.texts.get(place as usize).cloned())
    }

    fn name(&mut self, _: &mut Guest) -> Result<String> {
        Ok(self.name.clone())
    }

    fn open(instance: &mut Guest, name: &str) -> Result<std::result::Result<Own<Self>, String>> {
        Ok(if name.is_empty() {
            Err("no name".to_owned())
        } else {
            Ok(instance.table(name).into())
        })
    }

    fn append(&mut self, _: &mut Guest, other: &RefCell<Self>) -> Result<u32> {
        // Appending a table to itself fails here, as it is in use.
        let other = other.try_borrow()?;
        self.texts.extend(other.texts.iter().cloned());
        Ok(self.texts.len() as u32)
    }

    fn living(instance: &mut Guest) -> Result<u32> {
        Ok(instance.living.load(Ordering::Relaxed))
    }

    fn dropped(self, instance: &mut Guest) -> Result<()> {
        if self.name == "stubborn" {
            return Err(c12_plugin::Error::new("it does not want to end"));
        }
        instance.dropped.push(self.name.clone());
        Ok(())
    }
}

impl store::GuestCursor for Cursor {
    type Instance = Guest;

    fn new(_: &mut Guest, table: Own<Table>) -> Result<std::result::Result<Own<Self>, String>> {
        Ok(if table.texts.is_empty() {
            Err(format!("`{}` is empty", table.name))
        } else {
            Ok(Own::new(Cursor { table, next: 0 }))
        })
    }

    fn next(&mut self, _: &mut Guest) -> Result<Option<String>> {
        self.next += 1;
        Ok(self.table.texts.get(self.next - 1).cloned())
    }

    fn finish(_: &mut Guest, this: Own<Self>) -> Result<Own<Table>> {
        Ok(this.into_inner().table)
    }
}

impl report::Guest for Guest {
    fn describe(&mut self, table: &RefCell<Table>) -> Result<String> {
        let table = table.borrow();
        Ok(format!("{}: {}", table.name, table.texts.join(", ")))
    }

    fn pack(&mut self, tables: Vec<Own<Table>>) -> Result<Vec<store::Entry<Self>>> {
        Ok(tables
            .into_iter()
            .map(|value| store::Entry {
                key: value.name.clone(),
                value,
            })
            .collect())
    }
}

c12_plugin::export!(Resources);

fn plugin() -> Harness {
    Harness::open(c12_plugin, &[]).unwrap()
}

fn call(instance: &mut Instance<'_>, function: &str, arguments: &[Value]) -> Value {
    instance.call(STORE, function, arguments).unwrap().unwrap()
}

fn table(instance: &mut Instance<'_>, name: &str, texts: &[&str]) -> Value {
    let table = call(instance, "[constructor]table", &[name.into()]);
    for text in texts {
        call(
            instance,
            "[method]table.insert",
            &[table.clone(), (*text).into()],
        );
    }
    table
}

fn living(instance: &mut Instance<'_>) -> Value {
    call(instance, "[static]table.living", &[])
}

#[test]
fn methods_work_on_their_resource() {
    let plugin = plugin();
    assert_eq!((plugin.name(), plugin.version()), ("resources", "3.2.1"));
    let mut instance = plugin.instantiate().unwrap();
    let a = table(&mut instance, "a", &["x", "y"]);
    let b = table(&mut instance, "b", &[]);
    let get = |instance: &mut Instance<'_>, table: &Value, place: u32| {
        call(
            instance,
            "[method]table.get",
            &[table.clone(), place.into()],
        )
    };
    assert_eq!(get(&mut instance, &a, 1), Value::some("y"));
    assert_eq!(get(&mut instance, &b, 1), Value::none());
    assert_eq!(call(&mut instance, "[method]table.name", &[b]), "b".into());
}

#[test]
fn static_functions_and_failing_constructors() {
    let plugin = plugin();
    let mut instance = plugin.instantiate().unwrap();
    assert_eq!(
        call(&mut instance, "[static]table.open", &["".into()]),
        Value::err("no name")
    );
    let opened = call(&mut instance, "[static]table.open", &["t".into()]);
    let table = opened.payload().unwrap().clone();
    assert_eq!(
        call(
            &mut instance,
            "[constructor]cursor",
            std::slice::from_ref(&table)
        ),
        Value::err("`t` is empty")
    );
    // The constructor took the table, and it ended there.
    assert!(matches!(
        instance.call(STORE, "[method]table.name", &[table]),
        Err(HarnessError::Argument { .. })
    ));
    assert_eq!(living(&mut instance), 0_u32.into());
}

#[test]
fn resources_move_in_and_out() {
    let plugin = plugin();
    let mut instance = plugin.instantiate().unwrap();
    let a = table(&mut instance, "a", &["x", "y"]);
    let a = call(&mut instance, "rename", &[a, "b".into()]);
    let cursor = call(&mut instance, "[constructor]cursor", &[a]);
    let cursor = cursor.payload().unwrap().clone();
    let next = |instance: &mut Instance<'_>| {
        call(
            instance,
            "[method]cursor.next",
            std::slice::from_ref(&cursor),
        )
    };
    assert_eq!(next(&mut instance), Value::some("x"));
    assert_eq!(next(&mut instance), Value::some("y"));
    assert_eq!(next(&mut instance), Value::none());
    let a = call(&mut instance, "[static]cursor.finish", &[cursor]);

    let wrapped = call(&mut instance, "wrap", &[Value::some(a)]);
    assert!(matches!(&wrapped, Value::Variant(case, _) if case == "some-cursor"));
    let cursor = call(&mut instance, "unwrap", &[wrapped]);
    let Value::Result(Err(Some(cursor))) = cursor else {
        panic!("{cursor}");
    };
    let a = call(&mut instance, "[static]cursor.finish", &[*cursor]);
    let Value::List(entries) = call(&mut instance, "split", &[a]) else {
        panic!();
    };
    let keys: Vec<_> = entries
        .iter()
        .map(|e| e.field("key").unwrap().clone())
        .collect();
    assert_eq!(keys, ["x".into(), "y".into()]);
    assert_eq!(living(&mut instance), 2_u32.into());
    for entry in entries {
        let table = entry.field("value").unwrap().resource().unwrap();
        instance.drop_resource(table).unwrap();
    }
    assert_eq!(living(&mut instance), 0_u32.into());
    assert_eq!(
        call(&mut instance, "wrap", &[Value::none()]),
        Value::case("nothing")
    );
}

#[test]
fn borrowed_resources_in_every_position() {
    let plugin = plugin();
    let mut instance = plugin.instantiate().unwrap();
    let a = table(&mut instance, "a", &["x", "y"]);
    let b = table(&mut instance, "b", &["z"]);
    let both = [a.clone(), b.clone()];
    assert_eq!(
        call(&mut instance, "total", &[Value::list(both.clone())]),
        3_u32.into()
    );
    assert_eq!(call(&mut instance, "same", &both), false.into());
    assert_eq!(
        call(&mut instance, "same", &[a.clone(), a.clone()]),
        true.into()
    );
    let look = Value::record([("what", a.clone()), ("depth", 1_u8.into())]);
    assert_eq!(call(&mut instance, "peek", &[look]), Value::some("y"));
    assert_eq!(
        call(
            &mut instance,
            "[method]table.append",
            &[a.clone(), b.clone()]
        ),
        3_u32.into()
    );
    assert_eq!(
        instance
            .call(REPORT, "describe", std::slice::from_ref(&a))
            .unwrap(),
        Some("a: x, y, z".into())
    );
    let packed = instance
        .call(REPORT, "pack", &[Value::list(both)])
        .unwrap()
        .unwrap();
    assert!(
        packed
            .to_string()
            .starts_with("[{key: \"a\", value: <resource "),
        "{packed}"
    );
}

#[test]
fn a_resource_used_twice_in_one_call_is_an_error() {
    let plugin = plugin();
    let mut instance = plugin.instantiate().unwrap();
    let a = table(&mut instance, "a", &[]);
    match instance.call(STORE, "[method]table.append", &[a.clone(), a.clone()]) {
        Err(HarnessError::Trap { message, .. }) => {
            assert!(message.contains("already mutably borrowed"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    // It is free again.
    call(&mut instance, "[method]table.insert", &[a, "x".into()]);
}

#[test]
fn a_panic_leaves_the_resource_usable() {
    let plugin = plugin();
    let mut instance = plugin.instantiate().unwrap();
    let a = table(&mut instance, "a", &["x"]);
    assert!(matches!(
        instance.call(STORE, "[method]table.insert", &[a.clone(), "panic".into()]),
        Err(HarnessError::Trap { .. })
    ));
    assert!(matches!(
        instance.call(STORE, "[constructor]table", &["panic".into()]),
        Err(HarnessError::Trap { .. })
    ));
    let text = call(&mut instance, "[method]table.get", &[a, 0_u32.into()]);
    assert_eq!(text, Value::some("x"));
}

#[test]
fn what_ends_ends_once() {
    let plugin = plugin();
    let mut instance = plugin.instantiate().unwrap();
    let a = table(&mut instance, "a", &[]).resource().unwrap();
    instance.drop_resource(a).unwrap();
    assert!(matches!(
        instance.drop_resource(a),
        Err(HarnessError::Argument { .. })
    ));
    let stubborn = table(&mut instance, "stubborn", &[]).resource().unwrap();
    assert_eq!(
        instance.drop_resource(stubborn).unwrap_err().to_string(),
        format!("`{STORE}#[resource-drop]table` trapped: it does not want to end")
    );
    assert_eq!(living(&mut instance), 0_u32.into());
    assert_eq!(instance.resource_count(), 0);
}

#[test]
fn an_instance_takes_its_resources_with_it() {
    let plugin = plugin();
    let living = {
        let guest = plugin.instantiate().unwrap();
        drop(guest);
        let mut guest = Guest::default();
        let table = <Table as store::GuestTable>::new(&mut guest, "a").unwrap();
        assert_eq!(guest.living.load(Ordering::Relaxed), 1);
        drop(table);
        guest.living
    };
    assert_eq!(living.load(Ordering::Relaxed), 0);

    let mut instance = plugin.instantiate().unwrap();
    table(&mut instance, "a", &["x"]);
    let b = table(&mut instance, "b", &["x"]);
    call(&mut instance, "[constructor]cursor", &[b]);
    assert_eq!(instance.resource_count(), 2);
}

#[test]
fn every_function_can_be_exercised() {
    let plugin = plugin();
    let mut instance = plugin.instantiate().unwrap();
    let done = instance.exercise(60);
    let mut returned = std::collections::BTreeSet::new();
    for exercise in &done {
        match &exercise.outcome {
            Outcome::Returned(_) => {
                returned.insert(exercise.function.clone());
            }
            Outcome::Wrong(error) => panic!("{error}"),
            Outcome::Trapped(_) | Outcome::Skipped => {}
            other => panic!("{other:?}"),
        }
    }
    for entry in plugin.functions() {
        if !entry.function.name.starts_with("[resource-drop]") {
            assert!(returned.contains(&entry.path()), "{}", entry.path());
        }
    }
    assert_eq!(instance.resource_count(), 0);
    assert_eq!(living(&mut instance), 0_u32.into());
}
