//! What a plugin answered, until the guest has it.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasmtime::component::ResourceAny;

use super::State;
use super::call::Called;
use super::fault::Fault;
use super::foreign::Span;
use super::handles::{Held, Value};
use super::lift::{case, part, tag, take};
use super::memory::{Block, CallMemory};
use super::shape::{Kind, Resource, Shape};
use crate::Context;

/// The result of a call in native form. Dropping it releases what the plugin keeps for it, and gives back the
/// resources in it that no guest came to hold: the guest may have no room, something else in the result may be wrong, or
/// the call was given up.
pub(crate) struct Reply {
    pub(crate) block: Block,
    /// What the result leads to, kept until it was taken.
    pub(crate) _memory: CallMemory,
    /// What must outlive that: releasing it may be a plugin's function. Dropped after it.
    pub(crate) keeps: Option<Arc<dyn Keeps>>,
    /// Of component plugins: the resources that the native form counts.
    pub(crate) resources: Option<Box<[ResourceAny]>>,
    /// Lists and strings may have as many bytes.
    pub(crate) limit: usize,
    /// Where the guest's memory was during the call, which may be gone.
    pub(crate) lent: Range<usize>,
    /// How many resources the guest came to hold, in the order of the result.
    pub(crate) taken: AtomicUsize,
    pub(crate) called: Arc<Called>,
}

/// Where a reply comes from.
pub(crate) trait Keeps: Send + Sync {
    /// Takes back a resource of the plugin's that nobody holds.
    fn leave(&self, resource: Resource, value: u64);
}

impl Reply {
    /// `None` if the function returns nothing.
    pub(crate) fn shape(&self) -> Option<&Shape> {
        self.called.function.result.as_deref()
    }

    /// Says that the plugin returned what it must not.
    pub(crate) fn blame(&self, fault: Fault) -> wasmtime::Error {
        self.called.blame(fault)
    }

    /// Gives the next resource of the result to the guest, and returns its handle. Results are lowered in order.
    pub(crate) fn keep(
        &self,
        context: &mut Context,
        resource: Resource,
        value: u64,
    ) -> Result<u32, Fault> {
        let value = match &self.resources {
            None => Value::Native(value),
            Some(resources) => resources
                .get(value as usize)
                .map(|resource| Value::Component(*resource))
                .ok_or(Fault::Handle)?,
        };
        let most = context.account.limits().handles;
        let state = State::of(context, self.called.place)?;
        let handle = state.handles.add(Held { resource, value }, most)?;
        self.taken.fetch_add(1, Ordering::Relaxed);
        Ok(handle)
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        let (Some(keeps), Some(shape)) = (&self.keeps, self.shape()) else {
            return;
        };
        let mut taken = self.taken.load(Ordering::Relaxed);
        let value = self.block.bytes();
        owned(
            shape,
            value,
            self.limit,
            &self.lent,
            &mut |resource, value| match taken.checked_sub(1) {
                Some(left) => taken = left,
                None => keeps.leave(resource, value),
            },
        );
    }
}

/// Finds the resources that a native value owns, in the order in which they are lowered. Where the value is not as it must
/// be nothing is found; nothing is lowered there either. Nor is anything looked for in memory that was lent.
pub(crate) fn owned(
    shape: &Shape,
    value: &[u8],
    limit: usize,
    lent: &Range<usize>,
    found: &mut dyn FnMut(Resource, u64),
) {
    if !shape.handles {
        return;
    }
    match &shape.kind {
        Kind::Own(resource) => {
            if let Ok(value) = take(value, 0) {
                found(*resource, u64::from_ne_bytes(value));
            }
        }
        Kind::Record(fields) => {
            for field in fields {
                if let Ok(value) = part(value, field.native, field.shape.native.size) {
                    owned(&field.shape, value, limit, lent, found);
                }
            }
        }
        Kind::Variant(variant) => {
            let payload = tag(value, variant.tag).and_then(|tag| case(variant, tag));
            if let Ok(Some(payload)) = payload
                && let Ok(value) = part(value, variant.native, payload.native.size)
            {
                owned(payload, value, limit, lent, found);
            }
        }
        Kind::List(element) => {
            let span = Span::read(value, limit);
            let bytes = span.and_then(|span| span.bytes(element.native, limit, lent, &[]));
            if let Ok(bytes) = bytes {
                for value in bytes.get().chunks_exact(element.native.size.max(1)) {
                    owned(element, value, limit, lent, found);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::plugin::Place;
    use crate::plugin::dynamic::world::Function;

    #[derive(Default)]
    struct Left(Mutex<Vec<u64>>);

    impl Keeps for Left {
        fn leave(&self, _: Resource, value: u64) {
            self.0.lock().unwrap().push(value);
        }
    }

    /// What is left when a result ends of which a guest took some resources: 1, a string, a list of 2 and 3, a choice of 4.
    fn left(taken: usize, list: (u64, u64), lent: Range<usize>, choice: u8) -> Vec<u64> {
        let own = || Shape::own(Resource(0));
        let choice_of = Shape::result(Some(own()), None);
        let shape = Shape::tuple([own(), Shape::string(), Shape::list(own()), choice_of]);
        let mut block = Block::new(shape.native.size);
        let words = [1, 8, 2, list.0, list.1, u64::from(choice), 4];
        for (at, word) in words.into_iter().enumerate() {
            block.bytes_mut()[at * 8..][..8].copy_from_slice(&word.to_ne_bytes());
        }
        let left = Arc::<Left>::default();
        drop(Reply {
            block,
            _memory: CallMemory::unlimited(),
            keeps: Some(Arc::<Left>::clone(&left)),
            resources: None,
            limit: 1 << 20,
            lent,
            taken: AtomicUsize::new(taken),
            called: Arc::new(Called {
                plugin: String::new(),
                interface: String::new(),
                function: Function::new("f", Vec::new(), Some(shape)),
                place: Place(0),
            }),
        });
        left.0.lock().unwrap().clone()
    }

    #[test]
    fn resources_that_no_guest_came_to_hold_are_given_back_once() {
        let list = [2_u64, 3];
        let at = list.as_ptr() as u64;
        assert_eq!(left(0, (at, 2), 0..0, 0), [1, 2, 3, 4]);
        assert_eq!(left(1, (at, 2), 0..0, 0), [2, 3, 4]);
        assert_eq!(left(3, (at, 2), 0..0, 0), [4]);
        assert!(left(4, (at, 2), 0..0, 0).is_empty());
        // What is not there, or not the plugin's, is not looked at.
        assert_eq!(left(0, (0, 2), 0..0, 0), [1, 4]);
        assert_eq!(left(0, (at, u64::MAX), 0..0, 1), [1]);
        assert_eq!(left(0, (at, 2), 0..0, 7), [1, 2, 3]);
        let lent = at as usize + 8..at as usize + 64;
        assert_eq!(left(0, (at, 2), lent, 0), [1, 4]);
    }
}
