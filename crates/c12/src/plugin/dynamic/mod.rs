//! The dynamic call: functions whose types are known only when a plugin is loaded.
//!
//! A plugin says in WIT what it provides. From that come the [`Shape`](shape::Shape)s of all values: how they lie in a
//! guest's memory, how they are flattened into core values, and how they lie in the host's memory, which is the
//! form that `c12_plugin.h` gives to native plugins. A call lifts the arguments from the guest into that form, hands
//! them to whoever answers ([`Callee`](call::Callee)), and lowers the result. Strings and lists of numbers are not
//! copied on the way in: they are lent as they lie in the guest. On the way out they are copied once.

pub(crate) mod call;
pub(crate) mod check;
pub(crate) mod component;
pub(crate) mod direct;
pub(crate) mod exports;
pub(crate) mod fault;
mod foreign;
pub(crate) mod handles;
mod lift;
pub(crate) mod link;
mod lower;
pub(crate) mod memory;
mod module;
pub(crate) mod outward;
#[cfg(any(test, fuzzing))]
pub(crate) mod properties;
pub(crate) mod reply;
pub(crate) mod shape;
#[cfg(test)]
mod tests;
mod types;
pub(crate) mod world;

use std::any::Any;

use handles::Handles;

use super::Place;
use crate::Context;

/// What a dynamic plugin keeps for one instance of a guest.
pub(crate) struct State {
    /// The resources that the guest holds.
    pub(crate) handles: Handles,
    own: Box<dyn Own>,
}

/// The part of the state that is of one kind of plugin.
pub(crate) trait Own: Any + Send {
    /// The guest has ended; these are the resources that it still held.
    fn end(&mut self, handles: Handles);
}

impl State {
    pub(crate) fn new(own: impl Own) -> Self {
        State {
            handles: Handles::default(),
            own: Box::new(own),
        }
    }

    /// The state of the plugin that has this place in the guest's context.
    pub(crate) fn of(context: &mut Context, place: Place) -> wasmtime::Result<&mut Self> {
        context
            .state(place)
            .ok_or_else(|| wasmtime::Error::msg("a plugin's state is gone"))
    }

    /// What the kind of plugin needs besides.
    pub(crate) fn own<T: Own>(&mut self) -> wasmtime::Result<&mut T> {
        let own: &mut dyn Any = &mut *self.own;
        own.downcast_mut()
            .ok_or_else(|| wasmtime::Error::msg("a plugin's state is another's"))
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let handles = std::mem::take(&mut self.handles);
        self.own.end(handles);
    }
}
