//! The resources that plugins gave to a guest.
#![allow(unsafe_code)]

use wasmtime::component::ResourceAny;

use super::fault::Fault;
use super::lift::{case, part_mut, put, tag, take};
use super::shape::{Kind, Resource, Shape};

/// What a guest holds of one plugin. Guests see a position, which means nothing elsewhere.
#[derive(Default)]
pub(crate) struct Handles {
    /// By position, less one: a handle is never 0, which guests take for none.
    slots: Vec<Option<Held>>,
    free: Vec<u32>,
}

/// One resource as its plugin knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) resource: Resource,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Value {
    /// A native plugin's own word.
    Native(u64),
    /// A resource of a component plugin, in its store.
    Component(ResourceAny),
}

impl Handles {
    /// Keeps a resource for the guest, which may hold `most` of one plugin.
    pub(crate) fn add(&mut self, held: Held, most: usize) -> Result<u32, Fault> {
        if let Some(position) = self.free.pop()
            && let Some(slot) = self.slot(position)
        {
            *slot = Some(held);
            return Ok(position);
        }
        let next = u32::try_from(self.slots.len().saturating_add(1));
        match next {
            Ok(position) if self.slots.len() < most => {
                self.slots.push(Some(held));
                Ok(position)
            }
            _ => Err(Fault::TooManyHandles(most)),
        }
    }

    fn slot(&mut self, position: u32) -> Option<&mut Option<Held>> {
        let index = usize::try_from(position).ok()?.checked_sub(1)?;
        self.slots.get_mut(index)
    }

    pub(crate) fn get(&mut self, resource: Resource, position: u32) -> Result<Held, Fault> {
        self.slot(position)
            .and_then(|slot| *slot)
            .filter(|held| held.resource == resource)
            .ok_or(Fault::Handle)
    }

    pub(crate) fn remove(&mut self, resource: Resource, position: u32) -> Result<Held, Fault> {
        let held = self.get(resource, position)?;
        if let Some(slot) = self.slot(position) {
            *slot = None;
            self.free.push(position);
        }
        Ok(held)
    }

    /// Turns the positions among a guest's arguments into what `give` makes of what they stand for. All are looked at
    /// before any is taken away: what is given may not be lent in the same call, nor given twice.
    pub(crate) fn pass(
        &mut self,
        shape: &Shape,
        arguments: &mut [u8],
        give: &mut dyn FnMut(Value) -> Result<u64, Fault>,
    ) -> Result<(), Fault> {
        let (mut lent, mut given) = (Vec::new(), Vec::new());
        replace(shape, arguments, &mut |resource, pass, known| {
            let position = u32::try_from(known).map_err(|_| Fault::Handle)?;
            let held = self.get(resource, position)?;
            match pass {
                Pass::Borrow => lent.push(position),
                Pass::Own => given.push((resource, position)),
            }
            give(held.value)
        })?;
        let mut seen = std::collections::HashSet::new();
        let twice = given
            .iter()
            .any(|(_, position)| !seen.insert(*position) || lent.contains(position));
        if twice {
            return Err(Fault::GivenTwice);
        }
        for (resource, position) in given {
            self.remove(resource, position)?;
        }
        Ok(())
    }

    /// Takes out all that are left, the last made first.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Held> {
        self.free.clear();
        std::mem::take(&mut self.slots).into_iter().rev().flatten()
    }
}

/// Whether a guest gave a resource away or lent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    Own,
    Borrow,
}

/// Replaces each resource in a native value by what `replace` gives for it. Lists with resources in them must be
/// in memory of the call's own, which is where lifting puts them.
pub(crate) fn replace(
    shape: &Shape,
    value: &mut [u8],
    with: &mut dyn FnMut(Resource, Pass, u64) -> Result<u64, Fault>,
) -> Result<(), Fault> {
    if !shape.handles {
        return Ok(());
    }
    match &shape.kind {
        Kind::Own(resource) => {
            let known = u64::from_ne_bytes(take(value, 0)?);
            put(value, 0, with(*resource, Pass::Own, known)?.to_ne_bytes())
        }
        Kind::Borrow(resource) => {
            let known = u64::from_ne_bytes(take(value, 0)?);
            put(
                value,
                0,
                with(*resource, Pass::Borrow, known)?.to_ne_bytes(),
            )
        }
        Kind::Record(fields) => {
            for field in fields {
                let value = part_mut(value, field.native, field.shape.native.size)?;
                replace(&field.shape, value, with)?;
            }
            Ok(())
        }
        Kind::Variant(variant) => match case(variant, tag(value, variant.tag)?)? {
            Some(payload) => {
                let value = part_mut(value, variant.native, payload.native.size)?;
                replace(payload, value, with)
            }
            None => Ok(()),
        },
        Kind::List(element) => {
            let data = u64::from_ne_bytes(take(value, 0)?) as usize as *mut u8;
            let length = u64::from_ne_bytes(take(value, 8)?) as usize;
            let size = element.native.size;
            if length == 0 || size == 0 {
                return Ok(());
            }
            // SAFETY: lifting put `length` elements there, into memory that only this call has: elements with resources
            // are never plain, so they were not left in the guest.
            let elements = unsafe { std::slice::from_raw_parts_mut(data, length * size) };
            for value in elements.chunks_exact_mut(size) {
                replace(element, value, with)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_not_lent() {
        let mut handles = Handles::default();
        let resource = Resource(0);
        let value = Value::Native(7);
        let position = handles.add(Held { resource, value }, 9).unwrap();
        let pass = |handles: &mut Handles, shape: &Shape| {
            let mut arguments = Vec::new();
            arguments.extend(u64::from(position).to_ne_bytes());
            arguments.extend(u64::from(position).to_ne_bytes());
            handles.pass(shape, &mut arguments, &mut |_| Ok(7))
        };
        let (own, borrow) = (Shape::own(resource), Shape::borrow(resource));
        let both = Shape::tuple([borrow.clone(), own.clone()]);
        assert!(pass(&mut handles, &both).is_err());
        assert!(pass(&mut handles, &Shape::tuple([own.clone(), own])).is_err());
        // Nothing was taken away by calls that failed.
        assert!(pass(&mut handles, &Shape::tuple([borrow.clone(), borrow])).is_ok());
    }

    #[test]
    fn handles_are_of_one_resource_and_end_once() {
        let mut handles = Handles::default();
        let held = |resource, value| Held {
            resource: Resource(resource),
            value: Value::Native(value),
        };
        let first = handles.add(held(0, 10), 2).unwrap();
        let second = handles.add(held(1, 20), 2).unwrap();
        assert!(first != 0 && handles.add(held(1, 20), 2).is_err());
        assert!(handles.get(Resource(1), first).is_err());
        assert!(handles.get(Resource(0), 99).is_err());
        handles.remove(Resource(0), first).unwrap();
        assert!(handles.remove(Resource(0), first).is_err());
        assert_eq!(handles.add(held(1, 30), 2).unwrap(), first);
        let left: Vec<u64> = handles
            .drain()
            .map(|held| match held.value {
                Value::Native(value) => value,
                Value::Component(_) => 0,
            })
            .collect();
        assert_eq!((left, second), (vec![20, 30], 2));
    }
}
