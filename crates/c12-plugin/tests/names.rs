//! Names that are hard on Rust, functions of the world itself, and types of other packages.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use c12_plugin::harness::{Harness, Value};
use c12_plugin::{Own, Plugin, Result, Settings};

/// The bindings may be in a module of their own.
mod bindings {
    c12_plugin::generate!({ path: "../c12-bindgen/tests/cases/names", world: "names", blocking: true });
}

/// Another world in the same crate: of an interface in two versions.
mod versions {
    c12_plugin::generate!({ path: "../c12-bindgen/tests/cases/versions" });

    pub(crate) struct Versions;

    impl exports::test::versions::both::Guest for Versions {
        fn convert(
            &mut self,
            old: other::old1_0_0::shapes::Shape,
        ) -> c12_plugin::Result<other::old2_0_0::shapes::Shape> {
            Ok(other::old2_0_0::shapes::Shape {
                width: old.width.into(),
                label: "new".into(),
            })
        }
    }
}

use bindings::exports::inside::{self, Mode};
use bindings::exports::test::names::keywords::{
    self, Class, Guest_, HasCaps, List, Static, Struct, Template,
};
use bindings::exports::test::names::uses::{self, Value as Cell};
use bindings::other::types::shared;

const KEYWORDS: &str = "test:names/keywords@2.0.0";
const USES: &str = "test:names/uses@2.0.0";

struct Names;
struct Object(u8);

impl Plugin for Names {
    type Instance = Names;

    fn open(_: &Settings<'_>) -> Result<Self> {
        Ok(Names)
    }

    fn instantiate(&self) -> Result<Names> {
        Ok(Names)
    }
}

fn class(int: u32) -> Class {
    Class {
        int,
        r#type: "t".into(),
        self_: true,
        default: None,
        namespace: 'n',
    }
}

impl keywords::Guest for Names {
    type Object = Object;

    fn r#fn(&mut self, r#const: u32, r#enum: Template) -> Result<Class> {
        assert_eq!(r#enum, Template::Match);
        Ok(class(r#const))
    }

    fn new(
        &mut self,
        call: &str,
        instance_: u8,
        result: u16,
        arguments: u32,
        results: u64,
    ) -> Result<List> {
        assert_eq!(
            (call, instance_, result, arguments, results),
            ("c", 1, 2, 3, 4)
        );
        Ok(vec![class(1), class(2)])
    }

    fn delete(&mut self, operator: Struct) -> Result<Static> {
        Ok(match operator {
            Struct::Const => Static::EXTERN,
            Struct::Mut(_) => Static::TYPENAME,
            Struct::Impl(_) => Static::LOOP,
            Struct::While(_) => Static::ASYNC,
        })
    }

    fn r#pub(&mut self, g: Guest_) -> Result<Guest_> {
        Ok(g)
    }

    fn get_url(&mut self, x: HasCaps) -> Result<String> {
        Ok(x.url)
    }
}

impl keywords::GuestObject for Object {
    type Instance = Names;

    fn new(_: &mut Names, new: u8) -> Result<Self> {
        Ok(Object(new))
    }

    fn drop(&mut self, _: &mut Names) -> Result<u8> {
        Ok(self.0)
    }

    fn dropped_(&mut self, _: &mut Names) -> Result<u8> {
        Ok(self.0 + 1)
    }

    fn delete(&mut self, _: &mut Names, instance_: u8) -> Result<u8> {
        Ok(self.0 + instance_)
    }

    fn this(_: &mut Names, self_: u8) -> Result<Own<Self>> {
        Ok(Own::new(Object(self_)))
    }
}

impl uses::Guest for Names {
    fn first(&mut self, table: Vec<shared::Row>) -> Result<Option<shared::Row>> {
        Ok(table.into_iter().next())
    }

    fn count(&mut self, values: Vec<Cell>, of: Class) -> Result<u64> {
        let texts = values
            .iter()
            .filter(|cell| matches!(cell, Cell::Text(text) if *text == of.r#type));
        Ok(texts.count() as u64)
    }
}

impl inside::Guest for Names {
    fn run(&mut self, mode: Mode) -> Result<Mode> {
        Ok(match mode {
            Mode::Quick => Mode::Slow,
            Mode::Slow => Mode::Quick,
        })
    }
}

impl bindings::Guest for Names {
    fn start(&mut self, setup: bindings::Setup) -> Result<Result<u32, String>> {
        Ok(if setup.strict {
            Err("strict".into())
        } else {
            Ok(setup.rows.len() as u32)
        })
    }

    fn stop(&mut self) -> Result<()> {
        Err(c12_plugin::Error::new("cannot stop").context("stopping"))
    }
}

c12_plugin::export!(Names with crate::bindings);

#[test]
fn names_of_the_package_are_the_default() {
    let plugin = Harness::open(c12_plugin, &[]).unwrap();
    assert_eq!(plugin.name(), "c12-plugin");
    assert_eq!(plugin.version(), env!("CARGO_PKG_VERSION"));
    assert!(plugin.functions().iter().all(|entry| entry.blocking));
}

#[test]
fn functions_of_the_world_itself() {
    let plugin = Harness::open(c12_plugin, &[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    let row = Value::record([
        (
            "cells",
            Value::list([Value::case("null"), Value::variant("real", 0.5)]),
        ),
        ("id", 7_u64.into()),
    ]);
    let setup = |strict: bool| {
        Value::record([
            ("rows", Value::list([row.clone()])),
            ("strict", strict.into()),
        ])
    };
    assert_eq!(
        instance.call(None, "start", &[setup(false)]).unwrap(),
        Some(Value::ok(1_u32))
    );
    assert_eq!(
        instance.call(None, "start", &[setup(true)]).unwrap(),
        Some(Value::err("strict"))
    );
    assert_eq!(
        instance.call(None, "stop", &[]).unwrap_err().to_string(),
        "`stop` trapped: stopping: cannot stop"
    );
    assert_eq!(
        instance
            .call("inside", "run", &[Value::enumeration("quick")])
            .unwrap(),
        Some(Value::enumeration("slow"))
    );
}

#[test]
fn types_of_other_packages() {
    let plugin = Harness::open(c12_plugin, &[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    let row = Value::record([
        (
            "cells",
            Value::list([Value::variant("blob", vec![1_u8, 2])]),
        ),
        ("id", 7_u64.into()),
    ]);
    let rows = Value::list([row.clone(), row.clone()]);
    assert_eq!(
        instance.call(USES, "first", &[rows]).unwrap(),
        Some(Value::some(row))
    );
    let class = instance
        .call(KEYWORDS, "fn", &[3_u32.into(), Value::enumeration("match")])
        .unwrap()
        .unwrap();
    let cells = Value::list([Value::variant("text", "t"), Value::variant("text", "u")]);
    assert_eq!(
        instance.call(USES, "count", &[cells, class]).unwrap(),
        Some(1_u64.into())
    );
}

#[test]
fn everything_with_a_hard_name_can_be_called() {
    let plugin = Harness::open(c12_plugin, &[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    for exercise in instance.exercise(30) {
        assert!(
            !matches!(exercise.outcome, c12_plugin::harness::Outcome::Wrong(_)),
            "{exercise:?}"
        );
    }
    let object = instance
        .call(KEYWORDS, "[static]object.this", &[5_u8.into()])
        .unwrap()
        .unwrap();
    let dropped = instance
        .call(KEYWORDS, "[method]object.dropped", &[object])
        .unwrap();
    assert_eq!(dropped, Some(6_u8.into()));
}

#[test]
fn two_versions_of_an_interface() {
    use versions::exports::test::versions::both::Guest;
    let shape = versions::other::old1_0_0::shapes::Shape { width: 3 };
    let new = versions::Versions.convert(shape).unwrap();
    assert_eq!((new.width, new.label.as_str()), (3.0, "new"));
}

#[test]
fn the_text_of_the_world_has_only_what_it_needs() {
    let plugin = Harness::open(c12_plugin, &[]).unwrap();
    let wit = plugin.world().wit();
    assert!(wit.contains("package other:types@1.0.0 {"), "{wit}");
    assert!(!wit.contains("interface unused"), "{wit}");
    assert!(wit.contains("/// A type of the world itself."), "{wit}");
}
