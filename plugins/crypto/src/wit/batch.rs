//! Many operations with one call. All are tried, and other guests have their turn meanwhile.

use std::sync::Arc;

use c12::Context;
use c12::plugin::Place;
use c12_crypto_core::{Errno, Handle, Result, Session, SignatureEncoding};
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, LinkerInstance, Lower, Resource, WasmList};

use super::link::{Answer, put};
use super::lists::Lists;
use super::output::{Output, OutputBuffer};
use super::types::{
    ArrayOutput, CryptoErrno, Signature, SignatureState, SignatureVerificationState,
    SymmetricState, SymmetricTag,
};
use crate::instance::{Instance, Turn, apart};

/// Signatures take long for their size.
const SIGNATURE: usize = 1 << 20;

/// The code of an outcome.
fn code<T>(outcome: &Result<T>) -> CryptoErrno {
    outcome
        .as_ref()
        .err()
        .map_or(CryptoErrno::Success, |errno| (*errno).into())
}

/// A result that is a resource in any case; where there is none, one that stands for nothing.
fn resource<T: 'static>(outcome: Option<Handle>) -> Resource<T> {
    Resource::new_own(outcome.map_or(0, Handle::raw))
}

fn handle<T: 'static>(resource: &Resource<T>) -> Handle {
    Handle::from_raw(resource.rep())
}

/// What a batch is made of: items `I`, and for each a result that is an `R` for the core.
struct Kind<I: 'static, R: 'static> {
    state: fn(&I) -> Handle,
    /// Whether the states make a batch.
    check: fn(&mut Session, &[Handle]) -> Result<()>,
    /// About how many bytes an operation goes through.
    bytes: fn(&I) -> usize,
    work: Work<I, R>,
    /// Bytes that a result takes.
    kept: fn(&R) -> usize,
}

enum Work<I: 'static, R: 'static> {
    /// Needs the state alone, and may be slow.
    OfState(fn(&mut Lists<'_>, Handle) -> Result<R>),
    /// Needs the whole item, and the guest's memory.
    OfItem(fn(&mut Lists<'_>, &StoreContextMut<'_, Context>, &I) -> Result<R>),
}

impl<I: 'static, R: Send + 'static> Kind<I, R> {
    async fn run(
        &self,
        mut store: StoreContextMut<'_, Context>,
        place: Place,
        items: Vec<I>,
    ) -> Answer<Vec<Result<R>>>
    where
        I: Send + Sync,
    {
        let instance = Instance::of(store.data_mut(), place)?;
        let mut left = instance.call_bytes;
        let mut session = instance.take()?;
        let states: Vec<Handle> = items.iter().map(self.state).collect();
        if let Err(errno) = (self.check)(&mut session, &states) {
            put(&mut store, place, session)?;
            return Ok((Err(errno.into()),));
        }
        let mut turn = Turn::new();
        // All outputs are there until the end, so each gets memory of its own.
        let mut buffer = OutputBuffer::default();
        let mut results = Vec::with_capacity(items.len());
        for (item, state) in items.iter().zip(states) {
            let outcome;
            match self.work {
                Work::OfState(work) if session.symmetric_state_is_slow(state) => {
                    let threads = Instance::of(store.data_mut(), place)?.threads();
                    let work = move |session: &mut Session| {
                        let mut buffer = OutputBuffer::default();
                        work(&mut Lists::new(session, left, &mut buffer), state)
                    };
                    (session, outcome) = apart(session, threads, work).await?;
                }
                Work::OfState(work) => {
                    outcome = work(&mut Lists::new(&mut session, left, &mut buffer), state);
                }
                Work::OfItem(work) => {
                    let mut session = Lists::new(&mut session, left, &mut buffer);
                    outcome = work(&mut session, &store, item);
                }
            }
            left = left.saturating_sub(outcome.as_ref().map_or(0, self.kept));
            results.push(outcome);
            if turn.is_over_after((self.bytes)(item)) {
                tokio::task::yield_now().await;
            }
        }
        put(&mut store, place, session)?;
        Ok((Ok(results),))
    }

    /// Defines the function. `finish` makes what the component gets.
    fn define<T>(
        self,
        linker: &mut LinkerInstance<'_, Context>,
        place: Place,
        name: &str,
        finish: fn(Result<R>) -> T,
    ) -> wasmtime::Result<()>
    where
        I: Lift + Send + Sync,
        T: Lower + ComponentType + Send + 'static,
    {
        let kind = Arc::new(self);
        linker.func_wrap_async(name, move |store, (items,): (Vec<I>,)| {
            let kind = Arc::clone(&kind);
            Box::new(async move {
                let (results,) = kind.run(store, place, items).await?;
                let finished = results.map(|results| results.into_iter().map(finish).collect());
                Ok::<(std::result::Result<Vec<T>, CryptoErrno>,), wasmtime::Error>((finished,))
            })
        })
    }
}

pub(super) fn link_signatures(
    linker: &mut LinkerInstance<'_, Context>,
    place: Place,
) -> wasmtime::Result<()> {
    Kind {
        state: handle::<SignatureState>,
        check: |session, states| session.batch_signature_state_check(states),
        bytes: |_| SIGNATURE,
        work: Work::OfState(|session, state| {
            let signature = session.signature_state_sign(state)?;
            let raw = session.signature_export(signature, SignatureEncoding::Raw);
            session.signature_close(signature)?;
            raw
        }),
        kept: |_| 0,
    }
    .define(linker, place, "batch-signature-state-sign", |outcome| {
        (resource::<ArrayOutput>(outcome.ok()), code(&outcome))
    })?;
    Kind {
        state: |(state, _)| handle::<SignatureVerificationState>(state),
        check: |session, states| session.batch_signature_verification_state_check(states),
        bytes: |_| SIGNATURE,
        work: Work::OfItem(|session, _, (state, signature)| {
            let signature = handle::<Signature>(signature);
            session.signature_verification_state_verify(handle(state), signature)
        }),
        kept: |()| 0,
    }
    .define(linker, place, "batch-signature-state-verify", |outcome| {
        code(&outcome)
    })
}

/// A state, and what it encrypts or decrypts.
type CryptItem = (Resource<SymmetricState>, WasmList<u8>);

/// The same with a tag.
type DetachedItem = (Resource<SymmetricState>, WasmList<u8>, WasmList<u8>);

fn check(session: &mut Session, states: &[Handle]) -> Result<()> {
    session.batch_symmetric_state_check(states)
}

/// A batch of ciphers.
fn ciphers<R: Send + 'static>(
    kept: fn(&R) -> usize,
    work: fn(&mut Lists<'_>, &StoreContextMut<'_, Context>, &CryptItem) -> Result<R>,
) -> Kind<CryptItem, R> {
    Kind {
        state: |(state, _)| handle(state),
        check,
        bytes: |(_, data)| data.len(),
        work: Work::OfItem(work),
        kept,
    }
}

fn output_and_code(outcome: Result<Output>) -> (Output, CryptoErrno) {
    let code = code(&outcome);
    (outcome.unwrap_or_default(), code)
}

pub(super) fn link_symmetric(
    linker: &mut LinkerInstance<'_, Context>,
    place: Place,
) -> wasmtime::Result<()> {
    Kind {
        state: handle::<SymmetricState>,
        check,
        bytes: |_| 0,
        work: Work::OfState(|session, state| session.squeeze(state)),
        kept: |bytes| bytes.len(),
    }
    .define(linker, place, "batch-symmetric-state-squeeze", |outcome| {
        let code = code(&outcome);
        (bytes::Bytes::from_owner(outcome.unwrap_or_default()), code)
    })?;
    Kind {
        state: handle::<SymmetricState>,
        check,
        bytes: |_| 0,
        work: Work::OfState(|session, state| session.symmetric_state_squeeze_tag(state)),
        kept: |_| 0,
    }
    .define(
        linker,
        place,
        "batch-symmetric-state-squeeze-tag",
        |outcome| (resource::<SymmetricTag>(outcome.ok()), code(&outcome)),
    )?;
    ciphers(
        |output: &Output| output.len(),
        |session, store, (state, data)| {
            let data = data.as_le_slice(store);
            session.encrypt(handle(state), data)
        },
    )
    .define(
        linker,
        place,
        "batch-symmetric-state-encrypt",
        output_and_code,
    )?;
    ciphers(
        |(output, _): &(Output, _)| output.len(),
        |session, store, (state, data)| {
            let data = data.as_le_slice(store);
            session.encrypt_detached(handle(state), data)
        },
    )
    .define(
        linker,
        place,
        "batch-symmetric-state-encrypt-detached",
        |outcome| {
            let code = code(&outcome);
            let (output, tag) = outcome.map_or((Output::default(), None), |(output, tag)| {
                (output, Some(tag))
            });
            (output, resource::<SymmetricTag>(tag), code)
        },
    )?;
    ciphers(
        |output: &Output| output.len(),
        |session, store, (state, data)| {
            let data = data.as_le_slice(store);
            let state = handle(state);
            let tag = session.symmetric_state_max_tag_len(state)?;
            let out_len = data.len().checked_sub(tag).ok_or(Errno::InvalidTag)?;
            session.decrypt(state, data, out_len)
        },
    )
    .define(
        linker,
        place,
        "batch-symmetric-state-decrypt",
        output_and_code,
    )?;
    Kind::<DetachedItem, Output> {
        state: |(state, ..)| handle(state),
        check,
        bytes: |(_, data, _)| data.len(),
        work: Work::OfItem(|session, store, (state, data, raw_tag)| {
            let data = data.as_le_slice(store);
            session.decrypt_detached(handle(state), data, raw_tag.as_le_slice(store))
        }),
        kept: |output| output.len(),
    }
    .define(
        linker,
        place,
        "batch-symmetric-state-decrypt-detached",
        output_and_code,
    )
}
