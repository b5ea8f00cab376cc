//! From a component's call to the core's method.

use bytes::Bytes;
use c12::Context;
use c12::plugin::Place;
use c12_crypto_core::{self as core, Errno, Handle, Result, Session};
use wasmtime::StoreContextMut;
use wasmtime::component::{Resource, WasmList};

use super::lists::Lists;
use super::types::{
    AlgorithmType, CryptoErrno, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding,
    SignatureEncoding, Version,
};
use crate::instance::{Guest, Instance, Turn, Wait};
use crate::wiped::Wiped;

/// What a component gets.
pub(super) type Answer<R> = wasmtime::Result<(std::result::Result<R, CryptoErrno>,)>;

/// Gives the session back.
pub(super) fn put(
    store: &mut StoreContextMut<'_, Context>,
    place: Place,
    session: Box<Session>,
) -> wasmtime::Result<()> {
    Instance::of(store.data_mut(), place)?.put(session);
    Ok(())
}

/// Does what is done at once, with the guest's memory at hand.
pub(super) fn answer<R>(
    mut store: StoreContextMut<'_, Context>,
    place: Place,
    work: impl FnOnce(&StoreContextMut<'_, Context>, &mut Lists<'_>) -> Result<R>,
) -> Answer<R> {
    let instance = Instance::of(store.data_mut(), place)?;
    let most = instance.call_bytes;
    let mut session = instance.take()?;
    let outcome = work(&store, &mut Lists::new(&mut session, most));
    put(&mut store, place, session)?;
    Ok((outcome.map_err(Into::into),))
}

/// Does what takes long, on a thread for that.
pub(super) async fn answer_later<R: Send + 'static>(
    mut store: StoreContextMut<'_, Context>,
    place: Place,
    session: Box<Session>,
    wait: Wait,
    work: impl FnOnce(&mut Session) -> Result<R> + Send + 'static,
) -> Answer<R> {
    let guest = Instance::of(store.data_mut(), place)?.guest();
    let (session, outcome) = guest.apart(wait, session, work).await?;
    put(&mut store, place, session)?;
    Ok((outcome.map_err(Into::into),))
}

/// A function that absorbs: piece by piece, so that others have their turn in between, or on a thread of its own by what has
/// to have much of it whole.
#[derive(Clone, Copy)]
pub(super) struct Absorb {
    /// Whether pieces are the same as the whole for a state.
    pub(super) takes_pieces: fn(&Session, Handle) -> bool,
    pub(super) work: fn(&mut Session, Handle, &[u8]) -> Result<()>,
}

impl Absorb {
    pub(super) async fn run(
        self,
        mut store: StoreContextMut<'_, Context>,
        place: Place,
        state: Handle,
        data: WasmList<u8>,
    ) -> Answer<()> {
        let instance = Instance::of(store.data_mut(), place)?;
        let (most, guest) = (instance.call_bytes, instance.guest());
        let mut session = instance.take()?;
        let outcome;
        if data.len() <= Turn::BYTES || (self.takes_pieces)(&session, state) {
            outcome = self.pieces(&mut store, &mut session, state, &data).await;
        } else {
            let copy = data.own(&store, most);
            (session, outcome) = self.whole(guest, session, state, copy).await?;
        }
        put(&mut store, place, session)?;
        Ok((outcome.map_err(Into::into),))
    }

    async fn pieces(
        self,
        store: &mut StoreContextMut<'_, Context>,
        session: &mut Session,
        state: Handle,
        data: &WasmList<u8>,
    ) -> Result<()> {
        let mut done = 0;
        loop {
            let rest = data.as_le_slice(&*store).get(done..).unwrap_or_default();
            let piece = rest.get(..Turn::BYTES).unwrap_or(rest);
            (self.work)(session, state, piece)?;
            done += piece.len();
            if done >= data.len() {
                return Ok(());
            }
            tokio::task::yield_now().await;
        }
    }

    async fn whole(
        self,
        guest: Guest,
        session: Box<Session>,
        state: Handle,
        copy: Result<Wiped>,
    ) -> wasmtime::Result<(Box<Session>, Result<()>)> {
        let copy = match copy {
            Ok(copy) => copy,
            Err(errno) => return Ok((session, Err(errno))),
        };
        let work = move |session: &mut Session| (self.work)(session, state, &copy);
        guest.apart(Wait::Computation, session, work).await
    }
}

/// An argument as it comes from a component.
pub(super) trait Argument {
    /// What is kept of it while the guest's memory is out of reach.
    type Owned: Pass + Send + 'static;

    /// What the core gets, as long as the guest's memory is there.
    fn lend<'a>(
        &'a self,
        store: &'a StoreContextMut<'_, Context>,
    ) -> <Self::Owned as Pass>::Passed<'a>;

    /// A copy, of at most `most` bytes.
    fn own(self, store: &StoreContextMut<'_, Context>, most: usize) -> Result<Self::Owned>;
}

/// Something that the core takes.
pub(super) trait Pass {
    type Passed<'a>
    where
        Self: 'a;

    fn pass(&self) -> Self::Passed<'_>;
}

macro_rules! values {
    ($([$($generics:tt)*] $argument:ty => $passed:ty: |$value:ident| $conversion:expr;)*) => {$(
        impl<$($generics)*> Argument for $argument {
            type Owned = Value<$passed>;

            fn lend<'a>(&'a self, _: &'a StoreContextMut<'_, Context>) -> $passed {
                let $value = self;
                $conversion
            }

            fn own(self, _: &StoreContextMut<'_, Context>, _: usize) -> Result<Value<$passed>> {
                let $value = &self;
                Ok(Value($conversion))
            }
        }
    )*};
}

/// What the core takes by value.
pub(super) struct Value<T>(T);

impl<T: Copy> Pass for Value<T> {
    type Passed<'a>
        = T
    where
        Self: 'a;

    fn pass(&self) -> T {
        self.0
    }
}

values! {
    [T: 'static] Resource<T> => Handle: |resource| Handle::from_raw(resource.rep());
    [T: 'static] Option<Resource<T>> => Option<Handle>: |resource| resource.as_ref().map(|resource| Handle::from_raw(resource.rep()));
    [] AlgorithmType => core::AlgorithmType: |case| (*case).into();
    [] KeypairEncoding => core::KeypairEncoding: |case| (*case).into();
    [] PublickeyEncoding => core::PublickeyEncoding: |case| (*case).into();
    [] SecretkeyEncoding => core::SecretkeyEncoding: |case| (*case).into();
    [] SignatureEncoding => core::SignatureEncoding: |case| (*case).into();
    [] Version => u64: |version| (*version).into();
    [] u64 => u64: |number| *number;
    [] u32 => usize: |number| *number as usize;
}

impl Argument for String {
    type Owned = String;

    fn lend<'a>(&'a self, _: &'a StoreContextMut<'_, Context>) -> &'a str {
        self
    }

    fn own(self, _: &StoreContextMut<'_, Context>, _: usize) -> Result<String> {
        Ok(self)
    }
}

impl Pass for String {
    type Passed<'a> = &'a str;

    fn pass(&self) -> &str {
        self
    }
}

impl Argument for WasmList<u8> {
    type Owned = Wiped;

    fn lend<'a>(&'a self, store: &'a StoreContextMut<'_, Context>) -> &'a [u8] {
        self.as_le_slice(store)
    }

    fn own(self, store: &StoreContextMut<'_, Context>, most: usize) -> Result<Wiped> {
        copied(&self, store, most)
    }
}

/// A copy of at most `most` bytes.
pub(super) fn copied(
    list: &WasmList<u8>,
    store: &StoreContextMut<'_, Context>,
    most: usize,
) -> Result<Wiped> {
    if list.len() > most {
        return Err(Errno::Overflow);
    }
    Ok(Wiped::new(list.as_le_slice(store).to_vec()))
}

impl Pass for Wiped {
    type Passed<'a> = &'a [u8];

    fn pass(&self) -> &[u8] {
        self
    }
}

/// A result as it goes to a component.
pub(super) trait Returned<C>: Sized {
    fn returned(value: C) -> Result<Self>;
}

impl<T: 'static> Returned<Handle> for Resource<T> {
    fn returned(handle: Handle) -> Result<Self> {
        Ok(Resource::new_own(handle.raw()))
    }
}

impl Returned<usize> for u32 {
    fn returned(size: usize) -> Result<Self> {
        size.try_into().map_err(|_| Errno::Overflow)
    }
}

impl Returned<u64> for Version {
    fn returned(version: u64) -> Result<Self> {
        Ok(version.into())
    }
}

/// Wiped once the guest has its copy.
impl Returned<Wiped> for Bytes {
    fn returned(bytes: Wiped) -> Result<Self> {
        Ok(Bytes::from_owner(bytes))
    }
}

macro_rules! same {
    ($($same:ty),*) => {$(
        impl Returned<$same> for $same {
            fn returned(value: $same) -> Result<Self> {
                Ok(value)
            }
        }
    )*};
}

same!((), u64, Vec<u8>);

impl<A, B, C, D> Returned<(C, D)> for (A, B)
where
    A: Returned<C>,
    B: Returned<D>,
{
    fn returned((first, second): (C, D)) -> Result<Self> {
        Ok((A::returned(first)?, B::returned(second)?))
    }
}

/// Defines the functions of an interface: one row for each, with the types that a component passes and gets. The core's method
/// of the same name is called, or the one behind `as`.
///
/// - `now`: at once, with lists where they are in the guest's memory.
/// - `later[session => wait]`: where that says; with copies if that is a thread.
/// - `absorb[takes_pieces]`: as [`Absorb`] does.
macro_rules! functions {
    ($($how:ident $([$($extra:tt)*])? $name:ident $(as $method:ident)? ($($p:ident: $type:ty),*) -> $result:ty;)*) => {
        pub(in crate::wit) fn link(
            linker: &mut wasmtime::component::LinkerInstance<'_, c12::Context>,
            place: c12::plugin::Place,
        ) -> wasmtime::Result<()> {
            $(function! { $how [linker place] [$($($extra)*)?] $name [$($method)?] [$($p: $type),*] $result })*
            Ok(())
        }
    };
}

/// A row of `functions!`.
macro_rules! function {
    ($how:ident $env:tt $extra:tt $name:ident [] $parameters:tt $result:ty) => {
        function! { $how $env $extra $name [$name] $parameters $result }
    };
    (absorb [$linker:ident $place:ident] [$takes_pieces:ident] $name:ident [$method:ident]
        [$state:ident: $resource:ty, $data:ident: $bytes:ty] $result:ty) => {
        $linker.func_wrap_async(
            &stringify!($name).replace('_', "-"),
            move |store: wasmtime::StoreContextMut<'_, c12::Context>, ($state, $data): ($resource, $bytes)| {
                let absorb = crate::wit::link::Absorb {
                    takes_pieces: c12_crypto_core::Session::$takes_pieces,
                    work: c12_crypto_core::Session::$method,
                };
                let state = c12_crypto_core::Handle::from_raw($state.rep());
                Box::new(absorb.run(store, $place, state, $data))
            },
        )?;
    };
    (now [$linker:ident $place:ident] [] $name:ident [$method:ident] [$($p:ident: $type:ty),*] $result:ty) => {
        $linker.func_wrap(
            &stringify!($name).replace('_', "-"),
            move |store: wasmtime::StoreContextMut<'_, c12::Context>, ($($p,)*): ($($type,)*)| {
                crate::wit::link::answer(store, $place, |store, session| {
                    let value = session.$method($(crate::wit::link::Argument::lend(&$p, store)),*)?;
                    <$result as crate::wit::link::Returned<_>>::returned(value)
                })
            },
        )?;
    };
    (later [$linker:ident $place:ident] [$session:ident => $($wait:tt)*] $name:ident [$method:ident]
        [$($p:ident: $type:ty),*] $result:ty) => {
        $linker.func_wrap_async(
            &stringify!($name).replace('_', "-"),
            move |mut store: wasmtime::StoreContextMut<'_, c12::Context>, ($($p,)*): ($($type,)*)| {
                Box::new(async move {
                    let instance = crate::instance::Instance::of(store.data_mut(), $place)?;
                    let most = instance.call_bytes;
                    let mut session = instance.take()?;
                    let wait = {
                        $(let $p = crate::wit::link::Argument::lend(&$p, &store);)*
                        let $session: &mut c12_crypto_core::Session = &mut session;
                        let wait = $($wait)*;
                        let _ = ($($p,)* $session);
                        wait
                    };
                    if wait == crate::instance::Wait::No {
                        let value = {
                            let mut session = crate::wit::lists::Lists::new(&mut session, most);
                            session.$method($(crate::wit::link::Argument::lend(&$p, &store)),*)
                        };
                        let outcome = value.and_then(<$result as crate::wit::link::Returned<_>>::returned);
                        crate::wit::link::put(&mut store, $place, session)?;
                        return Ok((outcome.map_err(Into::into),));
                    }
                    let own = || -> c12_crypto_core::Result<_> {
                        Ok(($(crate::wit::link::Argument::own($p, &store, most)?,)*))
                    };
                    let ($($p,)*) = match own() {
                        Ok(owned) => owned,
                        Err(errno) => {
                            crate::wit::link::put(&mut store, $place, session)?;
                            return Ok((Err(errno.into()),));
                        }
                    };
                    crate::wit::link::answer_later(store, $place, session, wait, move |session| {
                        let mut session = crate::wit::lists::Lists::new(session, most);
                        let value = session.$method($(crate::wit::link::Pass::pass(&$p)),*)?;
                        <$result as crate::wit::link::Returned<_>>::returned(value)
                    })
                    .await
                })
            },
        )?;
    };
}

pub(super) use {function, functions};
