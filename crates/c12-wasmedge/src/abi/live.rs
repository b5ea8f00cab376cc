//! The objects that plugins hold.
//!
//! Plugins name objects by pointers, and delete some of them themselves. A second deletion, and the deletion of an
//! object that belongs to a module, would damage the heap of the whole process; so every object is written down here
//! with its owner, and other deletions are logged and ignored. Pointers that are merely used are not looked up, for
//! nothing could make that safe in native code; those that come out of values are, because a value may be anything.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::ptr::NonNull;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::guard;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    FunctionType,
    TableType,
    MemoryType,
    GlobalType,
    Function,
    Table,
    Memory,
    Global,
    Tag,
    Module,
    Async,
    /// The content of a string or of bytes.
    Content,
}

/// Something that plugins can hold.
pub(crate) trait Object {
    /// What it is.
    const KIND: Kind;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Plugin,
    Host,
}

static OBJECTS: LazyLock<Mutex<HashMap<usize, (Kind, Owner)>>> = LazyLock::new(Mutex::default);

fn note(address: usize, kind: Kind, owner: Owner) {
    OBJECTS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(address, (kind, owner));
}

/// Writes down that some content belongs to the plugin.
pub(crate) fn note_content(address: *const u8) {
    note(address as usize, Kind::Content, Owner::Plugin);
}

/// Whether it was content that belonged to the plugin, until now.
pub(crate) fn take_content(address: *const u8) -> bool {
    let mut objects = OBJECTS.lock().unwrap_or_else(PoisonError::into_inner);
    let address = address as usize;
    let known = objects.get(&address) == Some(&(Kind::Content, Owner::Plugin));
    if known {
        objects.remove(&address);
    }
    known
}

/// Makes an object that belongs to the plugin.
pub(crate) fn give<T: Object>(object: T) -> *mut T {
    let pointer = Box::into_raw(Box::new(object));
    note(pointer as usize, T::KIND, Owner::Plugin);
    pointer
}

/// Makes an object that the plugin may use but not delete. It is to be freed with [`free`].
pub(crate) fn lend<T: Object>(object: T) -> NonNull<T> {
    let pointer = NonNull::from(Box::leak(Box::new(object)));
    note(pointer.as_ptr() as usize, T::KIND, Owner::Host);
    pointer
}

/// Takes an object over from the plugin, which may go on using it: it is to be freed with [`free`]. `None` if it does
/// not belong to the plugin, or is no such object at all.
pub(crate) fn adopt<T: Object>(pointer: *mut T) -> Option<NonNull<T>> {
    let mut objects = OBJECTS.lock().unwrap_or_else(PoisonError::into_inner);
    let entry = objects.get_mut(&(pointer as usize))?;
    if *entry != (T::KIND, Owner::Plugin) {
        return None;
    }
    entry.1 = Owner::Host;
    NonNull::new(pointer)
}

/// Whether there is such an object at that address now.
pub(crate) fn is<T: Object>(pointer: *const T) -> bool {
    let objects = OBJECTS.lock().unwrap_or_else(PoisonError::into_inner);
    objects
        .get(&(pointer as usize))
        .is_some_and(|(kind, _)| *kind == T::KIND)
}

/// Frees an object that was lent or adopted.
///
/// # Safety
///
/// It was not freed before, and nobody uses it any more.
pub(crate) unsafe fn free<T: Object>(object: NonNull<T>) {
    OBJECTS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .remove(&(object.as_ptr() as usize));
    // SAFETY: `give` and `lend` made it from a box; the rest is the caller's promise.
    drop(unsafe { Box::from_raw(object.as_ptr()) });
}

/// Deletes an object on the plugin's behalf. NULL is ignored; what the plugin does not own is logged.
///
/// # Safety
///
/// The plugin uses the object no more.
pub(crate) unsafe fn delete<T: Object>(function: &'static str, pointer: *mut T) {
    if pointer.is_null() {
        return;
    }
    match adopt(pointer) {
        // SAFETY: it was adopted just now, so this is the only deletion; the rest is the caller's promise.
        Some(object) => unsafe { free(object) },
        None => guard::failed(
            function,
            "ignored: the object was deleted before, belongs to a module, or is not what the function deletes",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    struct Thing(#[allow(dead_code)] Arc<()>);
    impl Object for Thing {
        const KIND: Kind = Kind::Async;
    }
    struct Other;
    impl Object for Other {
        const KIND: Kind = Kind::Table;
    }

    #[test]
    fn is_deleted_once() {
        let counter = Arc::new(());
        let thing = give(Thing(Arc::clone(&counter)));
        assert!(is(thing));
        // SAFETY: nobody else uses it.
        unsafe { delete("test", thing) };
        assert_eq!(Arc::strong_count(&counter), 1);
        // SAFETY: as above; it is not found and left alone.
        unsafe { delete("test", thing) };
        assert!(!is(thing));
    }

    #[test]
    fn what_was_adopted_or_lent_is_not_the_plugins_to_delete() {
        let counter = Arc::new(());
        let given = give(Thing(Arc::clone(&counter)));
        let adopted = adopt(given).unwrap();
        let lent = lend(Thing(Arc::clone(&counter)));
        // SAFETY: they are found to be the host's, and left alone.
        unsafe {
            delete("test", given);
            delete("test", lent.as_ptr());
        }
        assert_eq!(Arc::strong_count(&counter), 3);
        assert!(adopt(given).is_none());
        // SAFETY: nobody uses them any more.
        unsafe {
            free(adopted);
            free(lent);
        }
        assert_eq!(Arc::strong_count(&counter), 1);
    }

    #[test]
    fn kinds_are_not_mixed_up() {
        let thing = give(Thing(Arc::new(())));
        assert!(adopt(thing.cast::<Other>()).is_none() && !is(thing.cast::<Other>()));
        // SAFETY: nobody else uses it.
        unsafe { delete("test", thing) };
    }
}
