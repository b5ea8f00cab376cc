//! Components call everything, in any order, with whatever the types allow.

use std::collections::HashMap;

use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId};

use crate::support::component::ComponentScript;
use crate::support::{self, Value, at, n};

/// Numbers without a pattern, and the same for the same seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let index = self.below(all.len());
        &all[index]
    }
}

/// Algorithms that take no time, and what may be an option.
const TEXTS: [&str; 16] = [
    "SHA-256",
    "SHA-512/256",
    "BLAKE3",
    "HMAC/SHA-256",
    "HKDF-EXTRACT/SHA-256",
    "HKDF-EXPAND/SHA-256",
    "AES-256-GCM",
    "AES-128-CTR",
    "XCHACHA20-POLY1305",
    "XOODYAK-128",
    "Ed25519",
    "X25519",
    "ECDSA_P256_SHA256",
    "ML-KEM-768",
    "nonce",
    "no such thing",
];

/// A guest that makes strange calls.
struct Strange {
    guest: ComponentScript,
    resolve: Resolve,
    numbers: Numbers,
    /// For each resource, where handles are, or 0 if there is none by now.
    places: HashMap<String, Vec<u32>>,
}

/// The flattened arguments of a call.
#[derive(Default)]
struct Arguments {
    values: Vec<Value>,
    /// Where handles must be for the call to be made.
    needed: Vec<u32>,
    /// Handles that are given away.
    given: Vec<u32>,
}

impl Strange {
    fn new(seed: u64) -> Self {
        let guest = ComponentScript::new();
        Strange {
            resolve: guest.resolve.clone(),
            guest,
            numbers: Numbers(seed),
            places: HashMap::new(),
        }
    }

    fn resource(&self, id: TypeId) -> String {
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(Type::Id(id)) => self.resource(*id),
            TypeDefKind::Resource => self.resolve.types[id].name.clone().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// One of the handles of a resource.
    fn handle(&mut self, id: TypeId, arguments: &mut Arguments) -> u32 {
        let resource = self.resource(id);
        let script = &mut self.guest.script;
        let places = self
            .places
            .entry(resource)
            .or_insert_with(|| vec![script.room(4)]);
        let place = *self.numbers.one_of(places);
        if arguments.given.contains(&place) {
            // What is given away cannot be passed again, and nothing is at 0.
            arguments.needed.push(0);
        }
        arguments.needed.push(place);
        place
    }

    fn bytes(&mut self) -> [Value; 2] {
        let length = *self.numbers.one_of(&[0, 1, 12, 16, 32, 64, 300, 5000]);
        // Behind all that the script and its results need.
        [n((512 << 10) + self.numbers.below(4096) as u32), n(length)]
    }

    fn argument(&mut self, ty: Type, arguments: &mut Arguments) {
        match ty {
            Type::String => {
                let text = *self.numbers.one_of(&TEXTS);
                arguments.values.extend(self.guest.script.text(text));
            }
            Type::U32 => {
                let number = *self.numbers.one_of(&[0, 1, 16, 48, 5000, u32::MAX]);
                arguments.values.push(n(number));
            }
            Type::U64 => {
                let number = *self
                    .numbers
                    .one_of(&[0, 1, 1 << 20, 4_000_000_000, u64::MAX]);
                arguments.values.push(support::long(number));
            }
            Type::Id(id) => self.argument_of(id, arguments),
            other => panic!("{other:?}"),
        }
    }

    fn argument_of(&mut self, id: TypeId, arguments: &mut Arguments) {
        match self.resolve.types[id].kind.clone() {
            TypeDefKind::Type(ty) => self.argument(ty, arguments),
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                let place = self.handle(resource, arguments);
                arguments.values.push(at(place));
            }
            TypeDefKind::Handle(Handle::Own(resource)) => {
                let place = self.handle(resource, arguments);
                arguments.given.push(place);
                arguments.values.push(at(place));
            }
            TypeDefKind::Option(ty) if self.numbers.below(2) == 0 => {
                arguments.values.push(n(1));
                self.argument(ty, arguments);
            }
            TypeDefKind::Option(_) => arguments.values.extend(ComponentScript::none()),
            TypeDefKind::Enum(cases) => {
                let case = self.numbers.below(cases.cases.len());
                arguments.values.push(n(case as u32));
            }
            // The version.
            TypeDefKind::Variant(cases) => {
                let case = self.numbers.below(cases.cases.len());
                arguments.values.push(n(case as u32));
                self.argument(Type::U64, arguments);
            }
            TypeDefKind::List(Type::U8) => {
                let bytes = self.bytes();
                arguments.values.extend(bytes);
            }
            TypeDefKind::List(item) => self.list(item, arguments),
            other => panic!("{other:?}"),
        }
    }

    /// A batch: its items are written into the guest's memory first.
    fn list(&mut self, item: Type, arguments: &mut Arguments) {
        let count = self.numbers.below(4);
        let mut words = Vec::new();
        for _ in 0..count {
            let mut fields = vec![item];
            if let Type::Id(id) = item {
                let mut id = id;
                while let TypeDefKind::Type(Type::Id(of)) = self.resolve.types[id].kind {
                    id = of;
                }
                if let TypeDefKind::Tuple(tuple) = &self.resolve.types[id].kind {
                    fields = tuple.types.clone();
                }
            }
            let mut record = Arguments::default();
            for field in fields {
                self.argument(field, &mut record);
            }
            words.extend(record.values);
            arguments.needed.extend(record.needed);
        }
        let list = self.guest.script.room(words.len() * 4);
        for (word, place) in words.iter().zip((list..).step_by(4)) {
            let store = format!("(i32.store (i32.const {place}) {})", word.0);
            self.guest.script.then(&store);
        }
        arguments.values.extend([n(list), n(count as u32)]);
    }

    /// Where the handles of a result are, behind the start of its value.
    fn handles(&self, ty: Type, start: u32, found: &mut Vec<(String, u32)>) {
        let Type::Id(id) = ty else { return };
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.handles(*ty, start, found),
            TypeDefKind::Handle(Handle::Own(id)) => found.push((self.resource(*id), start)),
            TypeDefKind::Tuple(tuple) => {
                let mut place = start;
                for ty in &tuple.types {
                    let before = found.len();
                    self.handles(*ty, place, found);
                    // Handles have four bytes, lists eight; versions come last.
                    place += if found.len() > before { 4 } else { 8 };
                }
            }
            _ => {}
        }
    }

    fn call(&mut self, function: &Function) {
        let mut arguments = Arguments::default();
        for parameter in &function.params {
            self.argument(parameter.ty, &mut arguments);
        }
        let name = function.name.replace('-', "_");
        let place = self.guest.script.room(64);
        let payload = place + self.guest.payload(&name);
        let mut found = Vec::new();
        if let Some(Type::Id(result)) = function.result
            && let TypeDefKind::Result(result) = &self.resolve.types[result].kind
            && let Some(ty) = result.ok
        {
            self.handles(ty, payload, &mut found);
        }
        let passed: Vec<&str> = arguments.values.iter().map(|value| &*value.0).collect();
        let mut code = format!("(call ${name} {} (i32.const {place}))", passed.join(" "));
        for given in &arguments.given {
            code += &format!("(i32.store (i32.const {given}) (i32.const 0))");
        }
        // The code of an error is one.
        code += &format!(
            "(if (i32.and (i32.load8_u (i32.const {place})) (i32.or (i32.eqz (i32.load8_u (i32.const {payload}))) (i32.gt_u (i32.load8_u (i32.const {payload})) (i32.const 30)))) (then (return (i32.const -1))))"
        );
        for (resource, start) in found {
            let slot = self.guest.script.room(4);
            self.places.entry(resource).or_default().push(slot);
            code += &format!(
                "(if (i32.eqz (i32.load8_u (i32.const {place}))) (then (i32.store (i32.const {slot}) (i32.load (i32.const {start})))))"
            );
        }
        for needed in arguments.needed {
            code = format!("(if (i32.load (i32.const {needed})) (then {code}))");
        }
        self.guest.script.then(&code);
    }
}

#[tokio::test]
async fn strange_calls_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets");
    let settings = [("store", file.to_str().unwrap())];
    for seed in 1..=8_u64 {
        let mut strange = Strange::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let interfaces = strange.resolve.interfaces.iter();
        let functions: Vec<Function> = interfaces
            .flat_map(|(_, interface)| interface.functions.values().cloned())
            .collect();
        for _ in 0..400 {
            let function = strange.numbers.one_of(&functions).clone();
            // What opens and makes comes more often, and what closes less.
            if function.name.ends_with("-close") && strange.numbers.below(4) != 0 {
                continue;
            }
            strange.call(&function);
        }
        strange.guest.succeed_with(&settings).await;
    }
}
