//! A component that calls anything that the types allow.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId};

use super::{OPEN, PROGRAM, Program, SCRATCH, SLOTS, TEXTS, next};
use crate::support::component::ComponentScript;

/// Handles of one resource that the guest remembers.
const HELD: u32 = 8;
/// Items in a batch, at most.
const BATCH: u32 = 3;
/// Where results and batches are.
const RESULT: u32 = 512 << 10;
const ITEMS: u32 = RESULT + 256;

/// The guest. Its `go` takes a [`Program`], and returns 0 if each call answers a code of the specification and no handle is
/// lost: in the end it drops what it has, and there must be room for as many objects as a guest may have.
pub(crate) fn guest(room: u32) -> Vec<u8> {
    let mut guest = ComponentScript::with("export go: func(program: list<u8>) -> u32;");
    let texts = super::texts(&mut guest.script);
    let lengths = [0_u32, 1, 12, 16, 32, 64, 300, 5000].map(u32::to_le_bytes);
    let lengths = guest.script.bytes(&lengths.concat());
    let numbers = [0_u32, 1, 16, 48, 5000, 1 << 20, 4_000_000_000, u32::MAX].map(u32::to_le_bytes);
    let numbers = guest.script.bytes(&numbers.concat());
    let resolve = guest.resolve.clone();
    let mut strange = Strange {
        guest: &guest,
        resolve: &resolve,
        resources: BTreeMap::new(),
    };
    let functions: Vec<&Function> = resolve
        .interfaces
        .iter()
        .flat_map(|(_, interface)| interface.functions.values())
        .collect();
    let mut more = next(PROGRAM);
    let _ = writeln!(
        more,
        "(global $lost (mut i32) (i32.const 0))
        (func $entry (param $table i32) (param $count i32) (param $size i32) (result i32)
          (i32.add (local.get $table) (i32.mul (local.get $size) (i32.rem_u (call $next) (local.get $count)))))
        (func $bytes (result i32) (i32.add (i32.const {SCRATCH}) (i32.and (call $next) (i32.const 4095))))
        (func $length (result i32) (i32.load (call $entry (i32.const {lengths}) (i32.const 8) (i32.const 4))))
        (func $number (result i32) (i32.load (call $entry (i32.const {numbers}) (i32.const 8) (i32.const 4))))
        (func $text (result i32) (call $entry (i32.const {texts}) (i32.const {}) (i32.const 8)))
        (func $held (param $of i32) (result i32) (call $entry (local.get $of) (i32.const {HELD}) (i32.const 4)))",
        TEXTS.len()
    );
    for function in &functions {
        more += &strange.step(function);
    }
    let names: Vec<String> = functions.iter().map(|function| name(function)).collect();
    more += &super::steps(names.iter().map(String::as_str));
    let mut code = format!(
        "(global.set $at (local.get 0))
        (global.set $end (i32.add (local.get 0) (i32.and (local.get 1) (i32.const -2))))
        {OPEN}\n"
    );
    for (resource, slots) in &strange.resources {
        for slot in (*slots..).step_by(4).take(HELD as usize) {
            let _ = writeln!(
                code,
                "(if (i32.load (i32.const {slot})) (then (call $drop-{resource} (i32.load (i32.const {slot})))))"
            );
        }
    }
    let _ = writeln!(
        code,
        "(local.set $count (i32.sub (i32.const {room}) (global.get $lost)))
        (block $full (loop $fill
          (br_if $full (i32.le_s (local.get $count) (i32.const 0)))
          (call $options_open (i32.const 0) (i32.const {RESULT}))
          (if (i32.load8_u (i32.const {RESULT})) (then (return (i32.const -2))))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $fill)))"
    );
    guest.script.then(&code);
    guest.component_with("i32 i32", &more)
}

/// A program as the argument of a call.
pub(crate) fn call(program: Program<'_>) -> String {
    let bytes: Vec<String> = program.0.iter().map(u8::to_string).collect();
    format!("go([{}])", bytes.join(", "))
}

fn name(function: &Function) -> String {
    function.name.replace('-', "_")
}

struct Strange<'a> {
    guest: &'a ComponentScript,
    resolve: &'a Resolve,
    /// Where the handles of each resource are.
    resources: BTreeMap<String, u32>,
}

/// What a step does to make its arguments.
#[derive(Default)]
struct Arguments {
    /// Code in front of the call.
    before: String,
    /// What is passed: expressions.
    passed: Vec<String>,
    locals: u32,
    /// The handles: their resource, the local with the slot, and whether they are given away.
    handles: Vec<(String, u32, bool)>,
}

impl Arguments {
    /// A local with this value.
    fn local(&mut self, value: &str) -> u32 {
        let local = self.locals;
        self.locals += 1;
        let _ = writeln!(self.before, "(local.set $l{local} {value})");
        local
    }
}

impl Strange<'_> {
    fn resource(&self, id: TypeId) -> String {
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(Type::Id(id)) => self.resource(*id),
            TypeDefKind::Resource => self.resolve.types[id].name.clone().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn slots(&mut self, resource: &str) -> u32 {
        let free = SLOTS + 4 * HELD * self.resources.len() as u32;
        *self.resources.entry(resource.to_owned()).or_insert(free)
    }

    /// A local with the slot of one of the resource's handles.
    fn handle(&mut self, resource: TypeId, given: bool, arguments: &mut Arguments) -> u32 {
        let resource = self.resource(resource);
        let slots = self.slots(&resource);
        let local = arguments.local(&format!("(call $held (i32.const {slots}))"));
        arguments.handles.push((resource, local, given));
        local
    }

    fn argument(&mut self, ty: Type, arguments: &mut Arguments) {
        match ty {
            Type::String => {
                let local = arguments.local("(call $text)");
                for offset in [0, 4] {
                    arguments
                        .passed
                        .push(format!("(i32.load offset={offset} (local.get $l{local}))"));
                }
            }
            Type::U32 => {
                let local = arguments.local("(call $number)");
                arguments.passed.push(format!("(local.get $l{local})"));
            }
            Type::U64 => {
                let local = arguments.local("(call $number)");
                let number = format!("(i64.extend_i32_s (local.get $l{local}))");
                arguments.passed.push(number);
            }
            Type::Id(id) => self.argument_of(id, arguments),
            other => panic!("{other:?}"),
        }
    }

    fn argument_of(&mut self, id: TypeId, arguments: &mut Arguments) {
        match self.resolve.types[id].kind.clone() {
            TypeDefKind::Type(ty) => self.argument(ty, arguments),
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                let local = self.handle(resource, false, arguments);
                arguments
                    .passed
                    .push(format!("(i32.load (local.get $l{local}))"));
            }
            TypeDefKind::Handle(Handle::Own(resource)) => {
                let slot = self.handle(resource, true, arguments);
                arguments.passed.push(format!("(local.get $g{slot})"));
            }
            TypeDefKind::Option(Type::Id(handle)) => {
                // Nothing where the slot is empty.
                let TypeDefKind::Handle(Handle::Borrow(resource)) = self.resolve.types[handle].kind
                else {
                    panic!("an option of something else than a handle")
                };
                let resource = self.resource(resource);
                let slots = self.slots(&resource);
                let slot = format!("(i32.load (call $held (i32.const {slots})))");
                let local = arguments.local(&slot);
                arguments
                    .passed
                    .push(format!("(i32.ne (local.get $l{local}) (i32.const 0))"));
                arguments.passed.push(format!("(local.get $l{local})"));
            }
            TypeDefKind::Enum(cases) => self.case(cases.cases.len(), arguments),
            // The version.
            TypeDefKind::Variant(cases) => {
                self.case(cases.cases.len(), arguments);
                self.argument(Type::U64, arguments);
            }
            TypeDefKind::List(Type::U8) => {
                for part in ["(call $bytes)", "(call $length)"] {
                    let local = arguments.local(part);
                    arguments.passed.push(format!("(local.get $l{local})"));
                }
            }
            TypeDefKind::List(item) => self.list(item, arguments),
            other => panic!("{other:?}"),
        }
    }

    fn case(&mut self, cases: usize, arguments: &mut Arguments) {
        let local = arguments.local(&format!("(i32.rem_u (call $next) (i32.const {cases}))"));
        arguments.passed.push(format!("(local.get $l{local})"));
    }

    /// A batch: its items are written into the guest's memory first.
    fn list(&mut self, item: Type, arguments: &mut Arguments) {
        let count = arguments.local(&format!(
            "(i32.rem_u (call $next) (i32.const {}))",
            BATCH + 1
        ));
        let mut place = ITEMS;
        for _ in 0..BATCH {
            let mut record = Arguments {
                locals: arguments.locals,
                ..Arguments::default()
            };
            for field in self.fields(item) {
                self.argument(field, &mut record);
            }
            arguments.locals = record.locals;
            arguments.before += &record.before;
            for word in record.passed {
                let _ = writeln!(arguments.before, "(i32.store (i32.const {place}) {word})");
                place += 4;
            }
            arguments.handles.extend(record.handles);
        }
        arguments.passed.push(format!("(i32.const {ITEMS})"));
        arguments.passed.push(format!("(local.get $l{count})"));
    }

    fn fields(&self, item: Type) -> Vec<Type> {
        let Type::Id(mut id) = item else {
            return vec![item];
        };
        while let TypeDefKind::Type(Type::Id(of)) = self.resolve.types[id].kind {
            id = of;
        }
        match &self.resolve.types[id].kind {
            TypeDefKind::Tuple(tuple) => tuple.types.clone(),
            _ => vec![item],
        }
    }

    /// Where the handles of a result are, behind the start of its value.
    fn results(&self, ty: Type, start: u32, found: &mut Vec<(String, u32)>) {
        let Type::Id(id) = ty else { return };
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.results(*ty, start, found),
            TypeDefKind::Handle(Handle::Own(id)) => found.push((self.resource(*id), start)),
            TypeDefKind::Tuple(tuple) => {
                let mut place = start;
                for ty in &tuple.types {
                    let before = found.len();
                    self.results(*ty, place, found);
                    // Handles have four bytes, lists eight; versions come last.
                    place += if found.len() > before { 4 } else { 8 };
                }
            }
            _ => {}
        }
    }

    /// The function `$step-NAME`: makes arguments, calls if all handles are there, and keeps the handles of the result.
    fn step(&mut self, function: &Function) -> String {
        let mut arguments = Arguments::default();
        for parameter in &function.params {
            self.argument(parameter.ty, &mut arguments);
        }
        let name = name(function);
        let payload = RESULT + self.guest.payload(&name);
        let mut code = arguments.before.clone();
        for (position, (resource, slot, given)) in arguments.handles.iter().enumerate() {
            let _ = writeln!(
                code,
                "(if (i32.eqz (i32.load (local.get $l{slot}))) (then (return (i32.const 0))))"
            );
            // What is given away cannot be passed twice.
            for (other, of, also) in arguments.handles.iter().take(position) {
                if other == resource && (*given || *also) {
                    let _ = writeln!(
                        code,
                        "(if (i32.eq (local.get $l{slot}) (local.get $l{of})) (then (return (i32.const 0))))"
                    );
                }
            }
        }
        let mut locals = String::new();
        for local in 0..arguments.locals {
            let _ = write!(locals, "(local $l{local} i32)");
        }
        for (_, slot, _) in arguments.handles.iter().filter(|(.., given)| *given) {
            let _ = write!(locals, "(local $g{slot} i32)");
            let _ = writeln!(
                code,
                "(local.set $g{slot} (i32.load (local.get $l{slot}))) (i32.store (local.get $l{slot}) (i32.const 0))"
            );
        }
        let _ = writeln!(
            code,
            "(call ${name} {} (i32.const {RESULT}))
            (if (i32.load8_u (i32.const {RESULT})) (then
              (return (i32.gt_u (i32.sub (i32.load8_u (i32.const {payload})) (i32.const 1)) (i32.const 29)))))",
            arguments.passed.join(" ")
        );
        if name.starts_with("batch_") {
            // Handles may be in the results.
            let _ = writeln!(
                code,
                "(global.set $lost (i32.add (global.get $lost) (i32.const {BATCH})))"
            );
        }
        let mut found = Vec::new();
        if let Some(Type::Id(result)) = function.result
            && let TypeDefKind::Result(result) = &self.resolve.types[result].kind
            && let Some(ty) = result.ok
        {
            self.results(ty, payload, &mut found);
        }
        if !found.is_empty() {
            locals += "(local $slot i32)";
        }
        for (resource, place) in found {
            let slots = self.slots(&resource);
            let _ = writeln!(
                code,
                "(local.set $slot (call $held (i32.const {slots})))
                (if (i32.load (local.get $slot)) (then (call $drop-{resource} (i32.load (local.get $slot)))))
                (i32.store (local.get $slot) (i32.load (i32.const {place})))"
            );
        }
        format!("(func $step-{name} (result i32) {locals}\n{code}(i32.const 0))\n")
    }
}
