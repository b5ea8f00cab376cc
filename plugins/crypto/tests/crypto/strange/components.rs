//! Components that call anything that the types allow.

use std::collections::HashMap;

use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId};

use super::{Choices, TEXTS};
use crate::support::component::ComponentScript;
use crate::support::{self, Value, at, n};

/// Items in a batch, at most.
const BATCH: u32 = 3;

/// A guest that makes the calls that are chosen, and returns 0 if each answers a code of the specification and no handle is lost:
/// in the end it drops what it has, and there must be room for as many objects as a guest may have.
pub(crate) fn guest(choices: &mut Choices<'_>, room: u32) -> ComponentScript {
    let mut strange = Strange::new(choices);
    let interfaces = strange.resolve.interfaces.iter();
    let functions: Vec<Function> = interfaces
        .flat_map(|(_, interface)| interface.functions.values().cloned())
        .collect();
    for _ in 0..400 {
        if strange.choices.is_empty() || strange.guest.script.is_full() {
            break;
        }
        let function = &functions[strange.choices.below(functions.len())];
        // What opens and makes comes more often, and what closes less.
        if function.name.ends_with("-close") && strange.choices.below(4) != 0 {
            continue;
        }
        strange.call(function);
    }
    strange.fill(room);
    strange.guest
}

/// A guest that makes strange calls.
struct Strange<'a, 'b> {
    guest: ComponentScript,
    resolve: Resolve,
    choices: &'a mut Choices<'b>,
    /// For each resource, where handles are, or 0 if there is none by now.
    places: HashMap<String, Vec<u32>>,
    /// How many handles may be where the guest does not look: those in the results of batches.
    out_of_sight: u32,
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

impl<'a, 'b> Strange<'a, 'b> {
    fn new(choices: &'a mut Choices<'b>) -> Self {
        let guest = ComponentScript::new();
        Strange {
            resolve: guest.resolve.clone(),
            guest,
            choices,
            places: HashMap::new(),
            out_of_sight: 0,
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
        let place = self.choices.one_of(places);
        if arguments.given.contains(&place) {
            // What is given away cannot be passed again, and nothing is at 0.
            arguments.needed.push(0);
        }
        arguments.needed.push(place);
        place
    }

    fn bytes(&mut self) -> [Value; 2] {
        let length = self.choices.one_of(&[0, 1, 12, 16, 32, 64, 300, 5000]);
        // Behind all that the script and its results need.
        [n((512 << 10) + self.choices.below(4096) as u32), n(length)]
    }

    fn argument(&mut self, ty: Type, arguments: &mut Arguments) {
        match ty {
            Type::String => {
                let text = self.choices.one_of(&TEXTS);
                arguments.values.extend(self.guest.script.text(text));
            }
            Type::U32 => {
                let number = self.choices.one_of(&[0, 1, 16, 48, 5000, u32::MAX]);
                arguments.values.push(n(number));
            }
            Type::U64 => {
                let number = self
                    .choices
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
            TypeDefKind::Option(ty) if self.choices.below(2) == 0 => {
                arguments.values.push(n(1));
                self.argument(ty, arguments);
            }
            TypeDefKind::Option(_) => arguments.values.extend(ComponentScript::none()),
            TypeDefKind::Enum(cases) => {
                let case = self.choices.below(cases.cases.len());
                arguments.values.push(n(case as u32));
            }
            // The version.
            TypeDefKind::Variant(cases) => {
                let case = self.choices.below(cases.cases.len());
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
        let count = self.choices.below(BATCH as usize + 1);
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
        if name.starts_with("batch_") {
            self.out_of_sight += BATCH;
        }
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

    /// Drops all, and makes as many objects as there is room for.
    fn fill(&mut self, room: u32) {
        let mut code = String::new();
        for (resource, places) in &self.places {
            for place in places {
                code += &format!(
                    "(if (i32.load (i32.const {place})) (then (call $drop-{resource} (i32.load (i32.const {place})))))"
                );
            }
        }
        let place = self.guest.script.room(64);
        let left = room.saturating_sub(self.out_of_sight);
        code += &format!(
            "(local.set $count (i32.const {left}))
            (block $done (loop $next
              (br_if $done (i32.eqz (local.get $count)))
              (call $options_open (i32.const 0) (i32.const {place}))
              (if (i32.load8_u (i32.const {place})) (then (return (i32.const -2))))
              (local.set $count (i32.sub (local.get $count) (i32.const 1)))
              (br $next)))"
        );
        self.guest.script.then(&code);
    }
}
