//! Components that are scripts.

use std::collections::HashMap;
use std::fmt::Write as _;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Resolve, SizeAlign, Type, TypeDefKind, WorldId};

use super::{Script, host, link, n};
use crate::support::Value;

/// The package, with the world of a guest that does something.
fn wit(exports: &str) -> (Resolve, WorldId) {
    let text = include_str!("../../../../../wit/crypto/crypto.wit");
    let text = format!("{text}\nworld guest {{ include imports; {exports} }}");
    let mut resolve = Resolve::default();
    let package = resolve.push_source("crypto.wit", &text).unwrap();
    let world = resolve.packages[package].worlds["guest"];
    (resolve, world)
}

/// An import of the core module in a component.
struct Import {
    module: String,
    parameters: Vec<&'static str>,
    results: Vec<&'static str>,
    /// Where the value of a `result` is, behind its discriminant.
    payload: u32,
}

/// As [`Script`], in a component: functions are named as in witx.
pub(crate) struct ComponentScript {
    pub(crate) script: Script,
    imports: HashMap<String, Import>,
    pub(crate) resolve: Resolve,
    world: WorldId,
}

fn core_types(types: &[WasmType]) -> Vec<&'static str> {
    let name = |ty: &WasmType| match ty {
        WasmType::I64 => "i64",
        _ => "i32",
    };
    types.iter().map(name).collect()
}

impl ComponentScript {
    pub(crate) fn new() -> Self {
        ComponentScript::with("export go: func() -> u32;")
    }

    /// With other exports.
    pub(crate) fn with(exports: &str) -> Self {
        let (resolve, world) = wit(exports);
        let mut sizes = SizeAlign::default();
        sizes.fill(&resolve);
        let mut imports = HashMap::new();
        for (id, interface) in &resolve.interfaces {
            let module = resolve.id_of(id).unwrap();
            for (name, function) in &interface.functions {
                let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
                let Some(Type::Id(result)) = function.result else {
                    panic!("{name}")
                };
                let TypeDefKind::Result(result) = &resolve.types[result].kind else {
                    panic!("{name}")
                };
                let cases = [result.ok.as_ref(), result.err.as_ref()];
                let offset = sizes.payload_offset(wit_parser::Int::U8, cases);
                let import = Import {
                    module: module.clone(),
                    parameters: core_types(&signature.params),
                    results: core_types(&signature.results),
                    payload: offset.size_wasm32() as u32,
                };
                imports.insert(name.replace('-', "_"), import);
            }
            for (name, ty) in &interface.types {
                if resolve.types[*ty].kind == TypeDefKind::Resource {
                    let import = Import {
                        module: module.clone(),
                        parameters: vec!["i32"],
                        results: Vec::new(),
                        payload: 0,
                    };
                    imports.insert(format!("[resource-drop]{name}"), import);
                }
            }
        }
        ComponentScript {
            script: Script::new(),
            imports,
            resolve,
            world,
        }
    }

    /// Calls a function, which must answer a code; returns the address of what it returned.
    pub(crate) fn call(&mut self, function: &str, arguments: &[Value], expected: u32) -> u32 {
        let place = self.script.room(64);
        let payload = place + self.imports[function].payload;
        let passed: Vec<&str> = arguments.iter().map(|value| value.0.as_str()).collect();
        self.script.then(&format!(
            "(call ${function} {} (i32.const {place}))",
            passed.join(" ")
        ));
        let answer = format!(
            "(if (result i32) (i32.load8_u (i32.const {place})) (then (i32.load8_u (i32.const {payload}))) (else (i32.const 0)))"
        );
        self.script.expect(Value(answer), expected);
        payload
    }

    /// Where the value of a function's result is, behind its start.
    pub(crate) fn payload(&self, function: &str) -> u32 {
        self.imports[function].payload
    }

    /// Drops a resource.
    pub(crate) fn drop(&mut self, resource: &str, handle: Value) {
        self.script
            .then(&format!("(call $drop-{resource} {})", handle.0));
    }

    /// Nothing, as an optional resource.
    pub(crate) fn none() -> [Value; 2] {
        [n(0), n(0)]
    }

    /// The component.
    pub(crate) fn component(&self) -> Vec<u8> {
        self.component_with("", "")
    }

    /// The same with parameters of `go`, and more besides.
    pub(crate) fn component_with(&self, parameters: &str, more: &str) -> Vec<u8> {
        let mut imports = String::new();
        for (name, import) in &self.imports {
            let spelled = name.replace('_', "-");
            let local = name.replace("[resource-drop]", "drop-");
            let _ = writeln!(
                imports,
                "(import \"{}\" \"{spelled}\" (func ${local} (param {}) (result {})))",
                import.module,
                import.parameters.join(" "),
                import.results.join(" ")
            );
        }
        let realloc = "(global $next (mut i32) (i32.const 65536))
            (func (export \"cabi_realloc\") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
              (local $at i32)
              (if (i32.gt_u (i32.add (global.get $next) (local.get $size)) (i32.const 500000))
                (then (global.set $next (i32.const 65536))))
              (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
              (global.set $next (i32.add (local.get $at) (local.get $size)))
              (local.get $at))";
        let text = self
            .script
            .module_of(&imports, parameters, &format!("{realloc}\n{more}"));
        let mut module = wat::parse_str(text).unwrap();
        embed_component_metadata(&mut module, &self.resolve, self.world, StringEncoding::UTF8)
            .unwrap();
        let encoder = ComponentEncoder::default().module(&module).unwrap();
        encoder.validate(true).encode().unwrap()
    }

    pub(crate) async fn succeed(&self) {
        self.succeed_with(&[]).await;
    }

    pub(crate) async fn succeed_with(&self, settings: &[(&str, &str)]) {
        let linked = link(host(settings), &self.component());
        let results = linked.invoke("go()").await.unwrap();
        assert_eq!(results, ["0"], "{}", self.script.step(&results[0]));
    }
}
