//! Many operations with one call. All are tried, and other guests have their turn meanwhile.

use std::sync::Arc;

use c12::Context;
use c12::plugin::Place;
use c12_crypto_core::{Errno, Handle, Result, Session, SignatureEncoding};
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, LinkerInstance, Lower, Resource, WasmList};

use super::link::{Answer, copied, put};
use super::lists::Lists;
use super::types::{
    ArrayOutput, CryptoErrno, Signature, SignatureState, SignatureVerificationState,
    SymmetricState, SymmetricTag,
};
use crate::instance::{Instance, Turn, Wait};
use crate::wiped::Wiped;

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
    /// The state, and whatever other handle there is.
    handles: fn(&I) -> [Handle; 2],
    /// Whether the states make a batch.
    check: fn(&mut Session, &[Handle]) -> Result<()>,
    /// About how many bytes an operation goes through.
    bytes: fn(&Session, &I) -> usize,
    work: Work<I, R>,
    /// Bytes that a result takes.
    kept: fn(&R) -> usize,
}

enum Work<I: 'static, R: 'static> {
    /// Needs handles alone.
    OfHandles(fn(&mut Lists<'_>, [Handle; 2]) -> Result<R>),
    /// Needs the whole item, and the guest's memory or, if it takes long, a copy.
    OfItem(Lent<I, R>, Copied<I, R>),
}

type Lent<I, R> = fn(&mut Lists<'_>, &StoreContextMut<'_, Context>, &I) -> Result<R>;

type Copied<I, R> = fn(&StoreContextMut<'_, Context>, &I, usize) -> Result<Apart<R>>;

/// Work for a thread of its own.
type Apart<R> = Box<dyn FnOnce(&mut Lists<'_>) -> Result<R> + Send>;

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
        let (mut left, guest) = (instance.call_bytes, instance.guest());
        let mut session = instance.take()?;
        let states: Vec<Handle> = items.iter().map(|item| self.state(item)).collect();
        if let Err(errno) = (self.check)(&mut session, &states) {
            put(&mut store, place, session)?;
            return Ok((Err(errno.into()),));
        }
        let mut turn = Turn::new();
        let mut results = Vec::with_capacity(items.len());
        for item in &items {
            let bytes = (self.bytes)(&session, item);
            let outcome;
            if bytes <= Turn::BYTES && !session.symmetric_state_is_slow(self.state(item)) {
                outcome = self.at_once(&mut Lists::new(&mut session, left), &store, item);
            } else {
                match self.for_a_thread(&store, item, left) {
                    Err(errno) => outcome = Err(errno),
                    Ok(work) => {
                        let work =
                            move |session: &mut Session| work(&mut Lists::new(session, left));
                        let wait = Wait::Computation;
                        (session, outcome) = guest.clone().apart(wait, session, work).await?;
                    }
                }
            }
            left = left.saturating_sub(outcome.as_ref().map_or(0, self.kept));
            results.push(outcome);
            if turn.is_over_after(bytes) {
                tokio::task::yield_now().await;
            }
        }
        put(&mut store, place, session)?;
        Ok((Ok(results),))
    }

    fn state(&self, item: &I) -> Handle {
        let [state, _] = (self.handles)(item);
        state
    }

    fn at_once(
        &self,
        session: &mut Lists<'_>,
        store: &StoreContextMut<'_, Context>,
        item: &I,
    ) -> Result<R> {
        match self.work {
            Work::OfHandles(work) => work(session, (self.handles)(item)),
            Work::OfItem(work, _) => work(session, store, item),
        }
    }

    fn for_a_thread(
        &self,
        store: &StoreContextMut<'_, Context>,
        item: &I,
        most: usize,
    ) -> Result<Apart<R>> {
        match self.work {
            Work::OfHandles(work) => {
                let handles = (self.handles)(item);
                Ok(Box::new(move |session| work(session, handles)))
            }
            Work::OfItem(_, copied) => copied(store, item, most),
        }
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

/// What has one handle alone.
fn alone<T: 'static>(state: &Resource<T>) -> [Handle; 2] {
    [handle(state); 2]
}

pub(super) fn link_signatures(
    linker: &mut LinkerInstance<'_, Context>,
    place: Place,
) -> wasmtime::Result<()> {
    Kind {
        handles: alone::<SignatureState>,
        check: |session, states| session.batch_signature_state_check(states),
        bytes: |session, state| {
            let message = session.signature_state_len(handle(state));
            message.saturating_add(SIGNATURE)
        },
        work: Work::OfHandles(|session, [state, _]| {
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
    Kind::<(Resource<SignatureVerificationState>, Resource<Signature>), ()> {
        handles: |(state, signature)| [handle(state), handle(signature)],
        check: |session, states| session.batch_signature_verification_state_check(states),
        bytes: |session, (state, _)| {
            let message = session.signature_verification_state_len(handle(state));
            message.saturating_add(SIGNATURE)
        },
        work: Work::OfHandles(|session, [state, signature]| {
            session.signature_verification_state_verify(state, signature)
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
macro_rules! ciphers {
    ($work:path, $kept:expr) => {
        Kind::<CryptItem, _> {
            handles: |(state, _)| alone(state),
            check,
            bytes: |_, (_, data)| data.len(),
            work: Work::OfItem(
                |session, store, (state, data)| {
                    $work(session, handle(state), data.as_le_slice(store))
                },
                |store, (state, data), most| {
                    let (state, data) = (handle(state), copied(data, store, most)?);
                    Ok(Box::new(move |session| $work(session, state, &data)))
                },
            ),
            kept: $kept,
        }
    };
}

/// Without a tag of its own, as long as its input but for the tag.
fn decrypt(session: &mut Lists<'_>, state: Handle, data: &[u8]) -> Result<Wiped> {
    let tag = session.symmetric_state_max_tag_len(state)?;
    let out_len = data.len().checked_sub(tag).ok_or(Errno::InvalidTag)?;
    session.decrypt(state, data, out_len)
}

/// A plaintext, which is wiped once the guest has its copy.
fn plaintext_and_code(outcome: Result<Wiped>) -> (bytes::Bytes, CryptoErrno) {
    let code = code(&outcome);
    (bytes::Bytes::from_owner(outcome.unwrap_or_default()), code)
}

pub(super) fn link_symmetric(
    linker: &mut LinkerInstance<'_, Context>,
    place: Place,
) -> wasmtime::Result<()> {
    Kind {
        handles: alone::<SymmetricState>,
        check,
        bytes: |session, state| {
            let state = handle(state);
            session.symmetric_state_squeeze_len(state).unwrap_or(0)
        },
        work: Work::OfHandles(|session, [state, _]| session.squeeze(state)),
        kept: |bytes| bytes.len(),
    }
    .define(
        linker,
        place,
        "batch-symmetric-state-squeeze",
        plaintext_and_code,
    )?;
    Kind {
        handles: alone::<SymmetricState>,
        check,
        bytes: |_, _| 0,
        work: Work::OfHandles(|session, [state, _]| session.symmetric_state_squeeze_tag(state)),
        kept: |_| 0,
    }
    .define(
        linker,
        place,
        "batch-symmetric-state-squeeze-tag",
        |outcome| (resource::<SymmetricTag>(outcome.ok()), code(&outcome)),
    )?;
    ciphers!(Lists::encrypt, Vec::len).define(
        linker,
        place,
        "batch-symmetric-state-encrypt",
        |outcome| {
            let code = code(&outcome);
            (outcome.unwrap_or_default(), code)
        },
    )?;
    ciphers!(Lists::encrypt_detached, |(output, _)| output.len()).define(
        linker,
        place,
        "batch-symmetric-state-encrypt-detached",
        |outcome| {
            let code = code(&outcome);
            let (output, tag) =
                outcome.map_or((Vec::new(), None), |(output, tag)| (output, Some(tag)));
            (output, resource::<SymmetricTag>(tag), code)
        },
    )?;
    ciphers!(decrypt, |output| output.len()).define(
        linker,
        place,
        "batch-symmetric-state-decrypt",
        plaintext_and_code,
    )?;
    Kind::<DetachedItem, Wiped> {
        handles: |(state, ..)| alone(state),
        check,
        bytes: |_, (_, data, _)| data.len(),
        work: Work::OfItem(
            |session, store, (state, data, raw_tag)| {
                let data = data.as_le_slice(store);
                session.decrypt_detached(handle(state), data, raw_tag.as_le_slice(store))
            },
            |store, (state, data, raw_tag), most| {
                let (state, data) = (handle(state), copied(data, store, most)?);
                let raw_tag = copied(raw_tag, store, most)?;
                Ok(Box::new(move |session| {
                    session.decrypt_detached(state, &data, &raw_tag)
                }))
            },
        ),
        kept: |output| output.len(),
    }
    .define(
        linker,
        place,
        "batch-symmetric-state-decrypt-detached",
        plaintext_and_code,
    )
}
