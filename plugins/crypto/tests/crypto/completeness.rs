//! Every function of the specification is there, in both faces.

use std::collections::BTreeMap;
use std::path::Path;

use c12::plugin::Plugin;
use c12_crypto::Crypto;
use c12_crypto_core::Errno;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;
use wit_parser::abi::{AbiVariant, WasmType};

use crate::support::{self, witx};

#[test]
fn the_modules_have_the_functions_of_witx() {
    let mut specified: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for function in witx::functions() {
        specified
            .entry(function.module)
            .or_default()
            .push(function.name);
    }
    assert_eq!(specified.len(), 8);
    assert_eq!(specified.values().map(Vec::len).sum::<usize>(), 86);
    let provided: BTreeMap<String, Vec<String>> = Crypto
        .provides()
        .iter()
        .filter_map(|provided| Some((provided.name().to_string(), provided.items()?.to_vec())))
        .collect();
    assert_eq!(provided, specified);
}

#[tokio::test]
async fn every_function_of_witx_is_linked_and_implemented() {
    for function in witx::functions() {
        let zeros: Vec<String> = function
            .parameters
            .iter()
            .map(|ty| format!("({ty}.const 0)"))
            .collect();
        let guest = format!(
            "(module (import \"{}\" \"{}\" (func $f (param {}) (result i32))) (memory (export \"memory\") 1)
               (func (export \"go\") (result i32) (call $f {})))",
            function.module,
            function.name,
            function.parameters.join(" "),
            zeros.join(" ")
        );
        let answer = support::link(support::host(&[]), guest.as_bytes())
            .invoke("go()")
            .await
            .unwrap();
        let not_implemented = Errno::NotImplemented.code().to_string();
        assert_ne!(answer, [not_implemented], "{}", function.name);
    }
}

/// The WIT package, and the world of a guest that imports all of it.
fn wit() -> (Resolve, wit_parser::WorldId) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/crypto/crypto.wit");
    let mut resolve = Resolve::default();
    let package = resolve
        .push_source("crypto.wit", &std::fs::read_to_string(path).unwrap())
        .unwrap();
    let world = resolve.packages[package].worlds["imports"];
    (resolve, world)
}

#[test]
fn the_interfaces_are_those_of_the_wit() {
    let (resolve, _) = wit();
    let mut specified: Vec<String> = resolve
        .interfaces
        .iter()
        .filter_map(|(id, _)| resolve.id_of(id))
        .collect();
    specified.sort();
    let mut provided: Vec<String> = Crypto
        .provides()
        .iter()
        .map(c12::plugin::Provided::name)
        .filter(|name| name.is_component())
        .map(ToString::to_string)
        .collect();
    provided.sort();
    assert_eq!(provided, specified);
    // Those of witx, and no other.
    let functions = resolve.interfaces.iter().flat_map(|(_, interface)| {
        let names = interface.functions.keys();
        names.map(|name| name.replace('-', "_"))
    });
    let mut functions: Vec<String> = functions.collect();
    let mut of_witx: Vec<String> = witx::functions()
        .into_iter()
        .map(|function| function.name)
        .collect();
    functions.sort();
    of_witx.sort();
    assert_eq!(functions, of_witx);
}

#[tokio::test]
async fn a_component_may_import_every_function_and_resource() {
    let (resolve, world) = wit();
    let mut imports = String::new();
    let core = |types: &[WasmType]| {
        let name = |ty: &WasmType| match ty {
            WasmType::I64 => "i64",
            _ => "i32",
        };
        types.iter().map(name).collect::<Vec<_>>().join(" ")
    };
    for (id, interface) in &resolve.interfaces {
        let module = resolve.id_of(id).unwrap();
        for (name, function) in &interface.functions {
            let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
            imports += &format!(
                "(import \"{module}\" \"{name}\" (func (param {}) (result {})))\n",
                core(&signature.params),
                core(&signature.results)
            );
        }
        for (name, ty) in &interface.types {
            if resolve.types[*ty].kind == wit_parser::TypeDefKind::Resource {
                imports += &format!(
                    "(import \"{module}\" \"[resource-drop]{name}\" (func (param i32)))\n"
                );
            }
        }
    }
    let text = format!(
        "(module {imports} (memory (export \"memory\") 1)
           (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) unreachable))"
    );
    let mut module = wat::parse_str(text).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let component = ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .validate(true)
        .encode()
        .unwrap();
    let linked = support::link(support::host(&[]), &component);
    linked.instantiate().await.unwrap();
}
