//! From a core module's call to the core's method.

use c12::Context;
use c12::plugin::Place;
use c12_crypto_core::{Result, Session};
use wasmtime::{Caller, Extern};

use super::memory::{self, Returned};
use crate::instance::{Instance, Wait, trap};
use crate::wiped::Wiped;

/// Bytes for the guest, and where they go.
pub(super) type Written = (u32, Wiped);

/// The guest's memory, and what the plugin keeps for it.
pub(super) fn parts<'a>(
    caller: &'a mut Caller<'_, Context>,
    place: Place,
) -> wasmtime::Result<(&'a mut [u8], &'a mut Instance)> {
    let memory = match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => memory,
        // The engine gives guests none.
        Some(Extern::SharedMemory(_)) => return Err(trap("the guest's memory is shared")),
        _ => return Err(trap("the guest exports no memory called `memory`")),
    };
    let (bytes, context) = memory.data_and_store_mut(caller);
    Ok((bytes, Instance::of(context, place)?))
}

/// The code of an outcome.
pub(super) fn code(outcome: Result<()>) -> u32 {
    outcome.err().map_or(0, |errno| errno.code().into())
}

/// Does what is done at once.
pub(super) fn answer<R: Returned>(
    caller: &mut Caller<'_, Context>,
    place: Place,
    results: R::Places,
    work: impl FnOnce(&mut [u8], &mut Session) -> Result<R>,
) -> wasmtime::Result<u32> {
    let (memory, instance) = parts(caller, place)?;
    let session = instance.session()?;
    let outcome = R::check(memory, results)
        .and_then(|()| work(memory, session))
        .and_then(|value| value.store(memory, results));
    Ok(code(outcome))
}

/// Does what may take long. `prepare` says where that is done and, with copies of all that it needs of the guest's memory, what
/// is to be done.
pub(super) async fn answer_later<R, W>(
    caller: &mut Caller<'_, Context>,
    place: Place,
    results: R::Places,
    prepare: impl FnOnce(&[u8], usize, &mut Session) -> Result<(Wait, W)>,
) -> wasmtime::Result<u32>
where
    R: Returned + Send + 'static,
    W: FnOnce(&mut Session) -> Result<(R, Option<Written>)> + Send + 'static,
{
    let (memory, instance) = parts(caller, place)?;
    let most = instance.call_bytes;
    let session = instance.session()?;
    let prepared = R::check(memory, results).and_then(|()| prepare(memory, most, session));
    let outcome = match prepared {
        Err(errno) => Err(errno),
        Ok((Wait::No, work)) => work(session),
        Ok((wait, work)) => {
            let (session, guest) = (instance.take()?, instance.guest());
            let (session, outcome) = guest.apart(wait, session, work).await?;
            Instance::of(caller.data_mut(), place)?.put(session);
            outcome
        }
    };
    let (memory, _) = parts(caller, place)?;
    let outcome = outcome.and_then(|(value, written)| {
        if let Some((start, bytes)) = written {
            memory::write(memory, start, &bytes)?;
        }
        value.store(memory, results)
    });
    Ok(code(outcome))
}

/// Defines the functions of a module: one row for each, with the parameters as witx has them, except that a pointer and a
/// length are one parameter. The core's method of the same name is called.
///
/// - `now`: at once, with what is in the guest's memory lent.
/// - `later[session => wait]`: with copies, where that says.
/// - `absorb[takes_pieces]`: as [`Absorb`](super::pieces::Absorb) does.
/// - `by[function]`: by a function that defines it.
macro_rules! functions {
    ($($how:ident $([$($extra:tt)*])? $name:ident($($parameters:tt)*) $(-> ($($result:ident),+))?;)*) => {
        pub(in crate::witx) const NAMES: &[&str] = &[$(stringify!($name)),*];

        pub(in crate::witx) fn link(
            linker: &mut wasmtime::Linker<c12::Context>,
            module: &str,
            place: c12::plugin::Place,
        ) -> wasmtime::Result<()> {
            $(function! {
                $how [linker module place memory most] [$($($extra)*)?] $name [$($($result)+)?]
                [] [] [] [None]; $($parameters)*
            })*
            Ok(())
        }
    };
}

/// A row of `functions!`. It takes the parameters one by one, and gathers what the function gets from the guest, how that
/// becomes what the core's method takes, what is passed, and what goes back.
macro_rules! function {
    ($how:ident $env:tt $extra:tt $name:ident $results:tt [$($flat:tt)*] [$($lift:tt)*] [$($pass:tt)*] $back:tt;
        $p:ident: Handle $(, $($rest:tt)*)?) => {
        function! { $how $env $extra $name $results [$($flat)* ($p u32)]
            [$($lift)* let $p = c12_crypto_core::Handle::from_raw($p);] [$($pass)* $p,] $back; $($($rest)*)? }
    };
    ($how:ident $env:tt $extra:tt $name:ident $results:tt [$($flat:tt)*] [$($lift:tt)*] [$($pass:tt)*] $back:tt;
        $p:ident: u64 $(, $($rest:tt)*)?) => {
        function! { $how $env $extra $name $results [$($flat)* ($p u64)]
            [$($lift)*] [$($pass)* $p,] $back; $($($rest)*)? }
    };
    ($how:ident [$linker:ident $module:ident $place:ident $memory:ident $most:ident] $extra:tt $name:ident $results:tt
        [$($flat:tt)*] [$($lift:tt)*] [$($pass:tt)*] $back:tt; $p:ident: Optional $(, $($rest:tt)*)?) => {
        function! { $how [$linker $module $place $memory $most] $extra $name $results [$($flat)* ($p u32)]
            [$($lift)* let $p = crate::witx::memory::optional($memory, $p)?;] [$($pass)* $p,] $back; $($($rest)*)? }
    };
    (now [$linker:ident $module:ident $place:ident $memory:ident $most:ident] $extra:tt $name:ident $results:tt
        [$($flat:tt)*] [$($lift:tt)*] [$($pass:tt)*] $back:tt; $p:ident: Text $(, $($rest:tt)*)?) => {
        function! { now [$linker $module $place $memory $most] $extra $name $results [$($flat)* ($p u32) (length u32)]
            [$($lift)* let $p = crate::witx::memory::text($memory, $p, length)?;] [$($pass)* $p,] $back; $($($rest)*)? }
    };
    (later [$linker:ident $module:ident $place:ident $memory:ident $most:ident] $extra:tt $name:ident $results:tt
        [$($flat:tt)*] [$($lift:tt)*] [$($pass:tt)*] $back:tt; $p:ident: Text $(, $($rest:tt)*)?) => {
        function! { later [$linker $module $place $memory $most] $extra $name $results [$($flat)* ($p u32) (length u32)]
            [$($lift)* let $p = crate::witx::memory::text($memory, $p, length)?.to_owned();] [$($pass)* &$p,] $back; $($($rest)*)? }
    };
    (now [$linker:ident $module:ident $place:ident $memory:ident $most:ident] $extra:tt $name:ident $results:tt
        [$($flat:tt)*] [$($lift:tt)*] [$($pass:tt)*] $back:tt; $p:ident: Bytes $(, $($rest:tt)*)?) => {
        function! { now [$linker $module $place $memory $most] $extra $name $results [$($flat)* ($p u32) (length u32)]
            [$($lift)* let $p = crate::witx::memory::bytes($memory, $p, length)?;] [$($pass)* $p,] $back; $($($rest)*)? }
    };
    (later [$linker:ident $module:ident $place:ident $memory:ident $most:ident] $extra:tt $name:ident $results:tt
        [$($flat:tt)*] [$($lift:tt)*] [$($pass:tt)*] $back:tt; $p:ident: Bytes $(, $($rest:tt)*)?) => {
        function! { later [$linker $module $place $memory $most] $extra $name $results [$($flat)* ($p u32) (length u32)]
            [$($lift)* let $p = crate::witx::memory::copied($memory, $p, length, $most)?;] [$($pass)* &$p,] $back; $($($rest)*)? }
    };
    (now [$linker:ident $module:ident $place:ident $memory:ident $most:ident] $extra:tt $name:ident $results:tt
        [$($flat:tt)*] [$($lift:tt)*] [$($pass:tt)*] $back:tt; $p:ident: Out $(, $($rest:tt)*)?) => {
        function! { now [$linker $module $place $memory $most] $extra $name $results [$($flat)* ($p u32) (length u32)]
            [$($lift)* let $p = crate::witx::memory::bytes_mut($memory, $p, length)?;] [$($pass)* $p,] $back; $($($rest)*)? }
    };
    (later [$linker:ident $module:ident $place:ident $memory:ident $most:ident] $extra:tt $name:ident $results:tt
        [$($flat:tt)*] [$($lift:tt)*] [$($pass:tt)*] $back:tt; $p:ident: Out $(, $($rest:tt)*)?) => {
        function! { later [$linker $module $place $memory $most] $extra $name $results [$($flat)* ($p u32) (length u32)]
            [$($lift)* let start = $p; let mut $p = crate::witx::memory::room($memory, start, length, $most)?;]
            [$($pass)* &mut $p,] [Some((start, $p))]; $($($rest)*)? }
    };
    // A buffer whose length alone matters.
    ($how:ident [$linker:ident $module:ident $place:ident $memory:ident $most:ident] $extra:tt $name:ident $results:tt
        [$($flat:tt)*] [$($lift:tt)*] [$($pass:tt)*] $back:tt; $p:ident: Length $(, $($rest:tt)*)?) => {
        function! { $how [$linker $module $place $memory $most] $extra $name $results [$($flat)* ($p u32) (length u32)]
            [$($lift)* let $p = crate::witx::memory::range($memory, $p, length)?.len();] [$($pass)* $p,] $back; $($($rest)*)? }
    };
    ($how:ident $env:tt $extra:tt $name:ident $results:tt [$($flat:tt)*] [$($lift:tt)*] [$($pass:tt)*] $back:tt;
        $p:ident: $enumeration:ident $(, $($rest:tt)*)?) => {
        function! { $how $env $extra $name $results [$($flat)* ($p u32)]
            [$($lift)* let $p = crate::witx::memory::case::<c12_crypto_core::$enumeration>($p)?;] [$($pass)* $p,] $back; $($($rest)*)? }
    };
    (now [$linker:ident $module:ident $place:ident $memory:ident $most:ident] [] $name:ident [$($result:ident)*]
        [$(($flat:ident $wasm:ident))*] [$($lift:tt)*] [$($pass:tt)*] $back:tt;) => {
        $linker.func_wrap(
            $module,
            stringify!($name),
            move |mut caller: wasmtime::Caller<'_, c12::Context>, $($flat: $wasm,)* $($result: u32),*| -> wasmtime::Result<u32> {
                crate::witx::link::answer(&mut caller, $place, [$($result),*], |$memory, session| {
                    let _ = &$memory;
                    $($lift)*
                    session.$name($($pass)*)
                })
            },
        )?;
    };
    (later [$linker:ident $module:ident $place:ident $memory:ident $most:ident] [$session:ident => $($wait:tt)*] $name:ident
        [$($result:ident)*] [$(($flat:ident $wasm:ident))*] [$($lift:tt)*] [$($pass:tt)*] [$($back:tt)*];) => {
        $linker.func_wrap_async(
            $module,
            stringify!($name),
            move |mut caller: wasmtime::Caller<'_, c12::Context>,
                  ($($flat,)* $($result,)*): ($($wasm,)* $(function!(pointer $result),)*)| {
                Box::new(async move {
                    crate::witx::link::answer_later(&mut caller, $place, [$($result),*], |$memory, $most, $session| {
                        $($lift)*
                        let wait = $($wait)*;
                        let _ = ($memory, $most, $session);
                        Ok((wait, move |session: &mut c12_crypto_core::Session| {
                            let value = session.$name($($pass)*)?;
                            Ok((value, $($back)*))
                        }))
                    })
                    .await
                })
            },
        )?;
    };
    (by [$linker:ident $module:ident $place:ident $memory:ident $most:ident] [$by:path] $name:ident
        [] [] [] [] $back:tt;) => {
        $by($linker, $module, stringify!($name), $place)?;
    };
    (absorb [$linker:ident $module:ident $place:ident $memory:ident $most:ident] [$takes_pieces:ident] $name:ident
        [] [] [] [] $back:tt;) => {
        crate::witx::pieces::Absorb {
            takes_pieces: c12_crypto_core::Session::$takes_pieces,
            work: c12_crypto_core::Session::$name,
        }
        .define($linker, $module, stringify!($name), $place)?;
    };
    (pointer $result:ident) => { u32 };
}

pub(super) use {function, functions};
