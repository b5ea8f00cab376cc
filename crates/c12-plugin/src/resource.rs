use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// A resource that nobody else has: one that a function makes for the guest, or that the guest gave away.
///
/// It is used as what it holds.
pub struct Own<T> {
    /// From `Box::into_raw`. Its address is what the host knows the resource by.
    cell: NonNull<RefCell<T>>,
    /// The host has it now.
    given: Cell<bool>,
}

impl<T> Own<T> {
    /// A new resource.
    pub fn new(value: T) -> Self {
        let cell = Box::into_raw(Box::new(RefCell::new(value)));
        Own {
            // SAFETY: a box is never null.
            cell: unsafe { NonNull::new_unchecked(cell) },
            given: Cell::new(false),
        }
    }

    /// What it holds.
    pub fn into_inner(self) -> T {
        let this = ManuallyDrop::new(self);
        // SAFETY: the cell is from a box, nobody else has it, and the destructor will not run.
        unsafe { Box::from_raw(this.cell.as_ptr()) }.into_inner()
    }

    /// A resource that the host gives back.
    ///
    /// # Safety
    ///
    /// `resource` is what [`give`](Self::give) returned for the same `T`, it was not taken since, and nothing of it is borrowed.
    pub(crate) unsafe fn take(resource: u64) -> Self {
        Own {
            // SAFETY: the caller promises that it was such a pointer.
            cell: unsafe { NonNull::new_unchecked(resource as usize as *mut RefCell<T>) },
            given: Cell::new(false),
        }
    }

    /// Hands it to the host; this no longer ends it.
    pub(crate) fn give(&self) -> u64 {
        self.given.set(true);
        self.cell.as_ptr() as usize as u64
    }
}

impl<T> Drop for Own<T> {
    fn drop(&mut self) {
        if !self.given.get() {
            // SAFETY: the cell is from a box, and nobody else has it.
            drop(unsafe { Box::from_raw(self.cell.as_ptr()) });
        }
    }
}

impl<T> Deref for Own<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: only this reaches the cell, and `self` is shared: nobody can change it.
        unsafe { &*self.cell.as_ref().as_ptr() }
    }
}

impl<T> DerefMut for Own<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: only this reaches the cell.
        unsafe { self.cell.as_mut() }.get_mut()
    }
}

impl<T> From<T> for Own<T> {
    fn from(value: T) -> Self {
        Own::new(value)
    }
}

impl<T: fmt::Debug> fmt::Debug for Own<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Own").field(&**self).finish()
    }
}

// SAFETY: it is a box that has only one owner.
unsafe impl<T: Send> Send for Own<T> {}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    #[test]
    fn it_is_ended_once() {
        let counted = Rc::new(());
        drop(Own::new(counted.clone()));
        assert_eq!(Rc::strong_count(&counted), 1);
        drop(Own::new(counted.clone()).into_inner());
        assert_eq!(Rc::strong_count(&counted), 1);
    }

    #[test]
    fn the_host_may_have_it_for_a_while() {
        let counted = Rc::new(());
        let own = Own::new(counted.clone());
        let resource = own.give();
        drop(own);
        assert_eq!(Rc::strong_count(&counted), 2);
        // SAFETY: it was given and is taken once.
        let own = unsafe { Own::<Rc<()>>::take(resource) };
        assert_eq!(Rc::strong_count(&own), 2);
        drop(own);
        assert_eq!(Rc::strong_count(&counted), 1);
    }
}
