//! Handles, and the table of a session's objects.

mod scramble;

use std::collections::VecDeque;

use self::scramble::Scramble;
use crate::session::object::{Object, Stored};
use crate::{Errno, Result};

/// Slots that are opened before a closed one serves again, so that a stale handle stays recognisable for long.
const FRESH_SLOTS: usize = 1024;

/// What a guest holds of an object.
///
/// A handle is a number of a slot and of how often the slot was used, scrambled with a key of the session: nothing can be
/// told from it, that of another session is as good as a random number, and there are 2^32 of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Handle(u32);

impl Handle {
    /// The handle that a guest passed.
    #[must_use]
    pub const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    /// What is passed to the guest.
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }
}

/// Bytes held by a session's objects.
#[derive(Debug)]
struct Budget {
    held: usize,
    limit: usize,
}

impl Budget {
    fn check(&self, bytes: usize) -> Result<usize> {
        self.held
            .checked_add(bytes)
            .filter(|held| *held <= self.limit)
            .ok_or(Errno::Overflow)
    }
}

/// What an object may ask for before it grows.
#[derive(Debug)]
pub(crate) struct Charge<'a> {
    budget: &'a mut Budget,
    charged: &'a mut usize,
}

impl Charge<'_> {
    /// Counts `bytes` more for the object.
    ///
    /// # Errors
    /// [`Errno::Overflow`] when the session would hold too much; nothing is counted then.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<()> {
        self.budget.held = self.budget.check(bytes)?;
        *self.charged = self.charged.saturating_add(bytes);
        Ok(())
    }

    /// Counts the object as it is now, after it has perhaps become smaller.
    pub(crate) fn settle(&mut self, bytes: usize) {
        self.budget.held = self
            .budget
            .held
            .saturating_sub(*self.charged)
            .saturating_add(bytes);
        *self.charged = bytes;
    }
}

#[derive(Debug)]
struct Slot {
    /// How often the slot was filled; wraps with the bits that a handle has for it.
    generation: u32,
    charged: usize,
    object: Option<Object>,
}

/// Which slot a handle names, and in which generation.
#[derive(Clone, Copy)]
struct Place {
    index: u32,
    generation: u32,
}

/// The objects of one session.
#[derive(Debug)]
pub(crate) struct Table {
    scramble: Scramble,
    slots: Vec<Slot>,
    free: VecDeque<u32>,
    budget: Budget,
    limit: usize,
    index_bits: u32,
}

impl Table {
    /// An empty table for at most `limit` objects of together `bytes` bytes.
    pub(crate) fn new(limit: usize, bytes: usize, seed: [u64; 2]) -> Self {
        let limit = limit.clamp(1, 1 << 20);
        let index_bits = usize::BITS - (limit - 1).leading_zeros();
        Self {
            scramble: Scramble::new(seed),
            slots: Vec::new(),
            free: VecDeque::new(),
            budget: Budget {
                held: 0,
                limit: bytes,
            },
            limit,
            index_bits,
        }
    }

    /// Objects that are open.
    pub(crate) fn open(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Bytes that they hold.
    pub(crate) fn held(&self) -> usize {
        self.budget.held
    }

    /// Whether `objects` more objects of together `bytes` bytes could be inserted: asked before what cannot be undone.
    pub(crate) fn check_room(&self, objects: usize, bytes: usize) -> Result<()> {
        if self.limit - self.open() < objects {
            return Err(Errno::TooManyHandles);
        }
        self.budget.check(bytes).map(drop)
    }

    /// Inserts an object.
    ///
    /// # Errors
    /// [`Errno::TooManyHandles`] or [`Errno::Overflow`] at the limits.
    pub(crate) fn insert<T: Stored>(&mut self, object: T) -> Result<Handle> {
        let charged = object.bytes();
        self.check_room(1, charged)?;
        let index = self.vacant_slot()?;
        let mask = self.generation_mask();
        let Some(slot) = self.slots.get_mut(index as usize) else {
            return Err(Errno::InternalError);
        };
        let handle = loop {
            slot.generation = slot.generation.wrapping_add(1) & mask;
            let raw = self
                .scramble
                .hide(slot.generation << self.index_bits | index);
            // Guests take these two for "none".
            if raw != 0 && raw != u32::MAX {
                break Handle(raw);
            }
        };
        slot.charged = charged;
        slot.object = Some(object.into_object());
        self.budget.held = self.budget.held.saturating_add(charged);
        Ok(handle)
    }

    /// The object of a handle.
    ///
    /// # Errors
    /// [`Errno::InvalidHandle`] when there is none of this kind.
    pub(crate) fn get<T: Stored>(&self, handle: Handle) -> Result<&T> {
        let place = self.place(handle);
        let slot = self
            .slots
            .get(place.index as usize)
            .ok_or(Errno::InvalidHandle)?;
        if slot.generation != place.generation {
            return Err(Errno::InvalidHandle);
        }
        slot.object
            .as_ref()
            .and_then(T::of)
            .ok_or(Errno::InvalidHandle)
    }

    /// The object of a handle, to change it.
    ///
    /// # Errors
    /// As [`Table::get`].
    pub(crate) fn get_mut<T: Stored>(&mut self, handle: Handle) -> Result<&mut T> {
        self.growing(handle).map(|(object, _)| object)
    }

    /// The object of a handle, with what it needs to ask before it grows.
    ///
    /// # Errors
    /// As [`Table::get`].
    pub(crate) fn growing<T: Stored>(&mut self, handle: Handle) -> Result<(&mut T, Charge<'_>)> {
        let place = self.place(handle);
        let slot = self
            .slots
            .get_mut(place.index as usize)
            .ok_or(Errno::InvalidHandle)?;
        if slot.generation != place.generation {
            return Err(Errno::InvalidHandle);
        }
        let object = slot
            .object
            .as_mut()
            .and_then(T::of_mut)
            .ok_or(Errno::InvalidHandle)?;
        Ok((
            object,
            Charge {
                budget: &mut self.budget,
                charged: &mut slot.charged,
            },
        ))
    }

    /// Closes a handle.
    ///
    /// # Errors
    /// [`Errno::Closed`] when it was closed before, as far as can be told; [`Errno::InvalidHandle`] when it never was one of
    /// this kind.
    pub(crate) fn close<T: Stored>(&mut self, handle: Handle) -> Result<()> {
        let place = self.place(handle);
        let slot = self
            .slots
            .get_mut(place.index as usize)
            .ok_or(Errno::InvalidHandle)?;
        if slot.generation != place.generation {
            let issued = place.generation != 0 && place.generation < slot.generation;
            return Err(if issued {
                Errno::Closed
            } else {
                Errno::InvalidHandle
            });
        }
        let Some(object) = &slot.object else {
            return Err(Errno::Closed);
        };
        if T::of(object).is_none() {
            return Err(Errno::InvalidHandle);
        }
        slot.object = None;
        self.budget.held = self.budget.held.saturating_sub(slot.charged);
        self.free.push_back(place.index);
        Ok(())
    }

    fn generation_mask(&self) -> u32 {
        u32::MAX >> self.index_bits
    }

    fn place(&self, handle: Handle) -> Place {
        let plain = self.scramble.reveal(handle.0);
        Place {
            index: plain & !(u32::MAX << self.index_bits),
            generation: plain >> self.index_bits,
        }
    }

    fn vacant_slot(&mut self) -> Result<u32> {
        let grow = self.free.is_empty() || self.slots.len() < FRESH_SLOTS.min(self.limit);
        if !grow {
            return self.free.pop_front().ok_or(Errno::InternalError);
        }
        let index = u32::try_from(self.slots.len()).map_err(|_| Errno::InternalError)?;
        self.slots.push(Slot {
            generation: 0,
            charged: 0,
            object: None,
        });
        Ok(index)
    }
}
