//! Many operations with one call.
//!
//! The parameter is a list: a pointer to records of numbers, and how many. The results go to an array, an element for each
//! operation: a value (a length or a handle) and a code of 16 bits, 8 bytes together; or a code alone, 2 bytes. All operations
//! are tried, and other guests have their turn meanwhile.

use c12::Context;
use c12::plugin::Place;
use c12_crypto_core::{Errno, Handle, Result, Session};
use wasmtime::{Caller, Linker};

use super::cipher::{self, Operation};
use super::link::{Written, code, parts};
use super::memory;
use crate::instance::{Instance, Turn, Wait};

/// A list in the guest's memory, with records of `N` numbers, the first of which is a state.
#[derive(Clone, Copy)]
struct List<const N: usize> {
    start: u32,
    count: u32,
}

impl<const N: usize> List<N> {
    /// Where the record of an operation is.
    fn record(self, memory: &[u8], index: usize) -> Result<[u32; N]> {
        let offset = index.checked_mul(N * 4).ok_or(Errno::GuestError)?;
        let start = (self.start as usize).checked_add(offset);
        memory::numbers(memory, start.ok_or(Errno::GuestError)?)
    }

    /// The states, once it is certain that the list is within the memory.
    fn states(self, memory: &[u8], most: usize) -> Result<Vec<Handle>> {
        let length = self.count.checked_mul(N as u32 * 4);
        memory::range(memory, self.start, length.ok_or(Errno::GuestError)?)?;
        let count = self.count as usize;
        if count.saturating_mul(size_of::<Handle>()) > most {
            return Err(Errno::Overflow);
        }
        let state = |index| {
            let record = self.record(memory, index)?;
            let [state, ..] = record.as_slice() else {
                return Err(Errno::InternalError);
            };
            Ok(Handle::from_raw(*state))
        };
        (0..count).map(state).collect()
    }
}

/// The result of an operation, as an element of the array.
trait Element: Sized {
    const BYTES: u32;

    /// Writes it. What is not there is 0.
    fn write(outcome: Result<Self>, memory: &mut [u8], place: u32) -> Result<()>;
}

fn code_of<T>(outcome: &Result<T>) -> [u8; 2] {
    outcome
        .as_ref()
        .err()
        .map_or(0, |errno| errno.code())
        .to_le_bytes()
}

impl Element for () {
    const BYTES: u32 = 2;

    fn write(outcome: Result<()>, memory: &mut [u8], place: u32) -> Result<()> {
        memory::write(memory, place, &code_of(&outcome))
    }
}

fn write_pair(number: u32, code: [u8; 2], memory: &mut [u8], place: u32) -> Result<()> {
    let [n0, n1, n2, n3] = number.to_le_bytes();
    let [c0, c1] = code;
    memory::write(memory, place, &[n0, n1, n2, n3, c0, c1, 0, 0])
}

impl Element for Handle {
    const BYTES: u32 = 8;

    fn write(outcome: Result<Handle>, memory: &mut [u8], place: u32) -> Result<()> {
        let handle = outcome.map_or(0, Handle::raw);
        write_pair(handle, code_of(&outcome), memory, place)
    }
}

impl Element for usize {
    const BYTES: u32 = 8;

    fn write(outcome: Result<usize>, memory: &mut [u8], place: u32) -> Result<()> {
        let outcome = outcome.and_then(|size| u32::try_from(size).map_err(|_| Errno::Overflow));
        write_pair(outcome.unwrap_or(0), code_of(&outcome), memory, place)
    }
}

/// Work for a thread of its own.
pub(super) type Apart<R> = Box<dyn FnOnce(&mut Session) -> Result<(R, Option<Written>)> + Send>;

/// Makes such work of a record, with how many bytes may be copied.
type Prepare<const N: usize, R> = fn(&[u8], [u32; N], usize) -> Result<Apart<R>>;

/// What a batch is made of.
struct Kind<const N: usize, R: 'static> {
    /// Whether the states make a batch.
    check: fn(&mut Session, &[Handle]) -> Result<()>,
    /// About how many bytes an operation goes through.
    bytes: fn(&Session, [u32; N]) -> usize,
    /// An operation; with how many bytes may be copied.
    work: fn(&mut Session, &mut [u8], [u32; N], usize) -> Result<R>,
    /// The same for states that are slow and for many bytes.
    apart: Prepare<N, R>,
}

impl<const N: usize, R> Clone for Kind<N, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<const N: usize, R> Copy for Kind<N, R> {}

/// A batch at work.
struct Batch<const N: usize, R: 'static> {
    kind: Kind<N, R>,
    list: List<N>,
    results: u32,
    states: Vec<Handle>,
    next: usize,
}

impl<const N: usize, R: Element + Send + 'static> Batch<N, R> {
    /// Looks at everything before anything is done.
    fn new(
        memory: &[u8],
        instance: &mut Instance,
        kind: Kind<N, R>,
        list: List<N>,
        results: u32,
    ) -> wasmtime::Result<Result<Self>> {
        let most = instance.call_bytes;
        let session = instance.session()?;
        let mut states = || -> Result<Vec<Handle>> {
            let length = list.count.checked_mul(R::BYTES);
            memory::range(memory, results, length.ok_or(Errno::GuestError)?)?;
            let states = list.states(memory, most)?;
            (kind.check)(session, &states)?;
            Ok(states)
        };
        Ok(states().map(|states| Batch {
            kind,
            list,
            results,
            states,
            next: 0,
        }))
    }

    /// The record of the next operation, whose state is the one that was checked even if results were written over the list.
    fn record(&self, memory: &[u8], state: Handle) -> Result<[u32; N]> {
        let mut record = self.list.record(memory, self.next)?;
        if let Some(first) = record.first_mut() {
            *first = state.raw();
        }
        Ok(record)
    }

    /// Takes note of what came of the next operation.
    fn finish(&mut self, memory: &mut [u8], outcome: Result<R>) -> Result<()> {
        let index = u32::try_from(self.next).map_err(|_| Errno::InternalError)?;
        self.next = self.next.saturating_add(1);
        let offset = index.saturating_mul(R::BYTES);
        R::write(outcome, memory, self.results.saturating_add(offset))
    }

    /// Goes on until it is others' turn, or the next operation is slow, or all is done.
    fn go_on(
        &mut self,
        memory: &mut [u8],
        instance: &mut Instance,
    ) -> wasmtime::Result<Result<Option<Apart<R>>>> {
        let most = instance.call_bytes;
        let session = instance.session()?;
        let mut turn = Turn::new();
        let mut steps = || -> Result<Option<Apart<R>>> {
            while let Some(state) = self.states.get(self.next).copied() {
                let record = self.record(memory, state)?;
                let bytes = (self.kind.bytes)(session, record);
                let is_long = bytes > Turn::BYTES || session.symmetric_state_is_slow(state);
                let outcome = if is_long {
                    match (self.kind.apart)(memory, record, most) {
                        Ok(work) => return Ok(Some(work)),
                        Err(errno) => Err(errno),
                    }
                } else {
                    (self.kind.work)(session, memory, record, most)
                };
                self.finish(memory, outcome)?;
                if turn.is_over_after(bytes) {
                    break;
                }
            }
            Ok(None)
        };
        Ok(steps())
    }

    async fn run(
        mut self,
        caller: &mut Caller<'_, Context>,
        place: Place,
    ) -> wasmtime::Result<Result<()>> {
        loop {
            let (memory, instance) = parts(caller, place)?;
            let work = match self.go_on(memory, instance)? {
                Ok(work) => work,
                Err(errno) => return Ok(Err(errno)),
            };
            if self.next >= self.states.len() {
                return Ok(Ok(()));
            }
            let Some(work) = work else {
                tokio::task::yield_now().await;
                continue;
            };
            let (session, guest) = (instance.take()?, instance.guest());
            let (session, outcome) = guest.apart(Wait::Computation, session, work).await?;
            Instance::of(caller.data_mut(), place)?.put(session);
            let (memory, _) = parts(caller, place)?;
            let outcome = outcome.and_then(|(value, written)| {
                if let Some((start, bytes)) = written {
                    memory::write(memory, start, &bytes)?;
                }
                Ok(value)
            });
            if let Err(errno) = self.finish(memory, outcome) {
                return Ok(Err(errno));
            }
        }
    }
}

fn define<const N: usize, R: Element + Send + 'static>(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
    kind: Kind<N, R>,
) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        module,
        name,
        move |mut caller: Caller<'_, Context>, (start, count, results): (u32, u32, u32)| {
            Box::new(async move {
                let (memory, instance) = parts(&mut caller, place)?;
                let list = List { start, count };
                let outcome = match Batch::new(memory, instance, kind, list, results)? {
                    Ok(batch) => batch.run(&mut caller, place).await?,
                    Err(errno) => Err(errno),
                };
                Ok::<u32, wasmtime::Error>(code(outcome))
            })
        },
    )?;
    Ok(())
}

/// Signatures take long for their size.
const SIGNATURE: usize = 1 << 20;

pub(super) fn sign(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    let kind = Kind {
        check: |session, states| session.batch_signature_state_check(states),
        bytes: |session, [state]| {
            let message = session.signature_state_len(Handle::from_raw(state));
            message.saturating_add(SIGNATURE)
        },
        work: |session, _, [state], _| session.signature_state_sign(Handle::from_raw(state)),
        apart: |_, [state], _| {
            Ok(Box::new(move |session| {
                let signature = session.signature_state_sign(Handle::from_raw(state))?;
                Ok((signature, None))
            }))
        },
    };
    define(linker, module, name, place, kind)
}

pub(super) fn verify(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    let kind = Kind {
        check: |session, states| session.batch_signature_verification_state_check(states),
        bytes: |session, [state, _]| {
            let message = session.signature_verification_state_len(Handle::from_raw(state));
            message.saturating_add(SIGNATURE)
        },
        work: |session, _, [state, signature], _| {
            let (state, signature) = (Handle::from_raw(state), Handle::from_raw(signature));
            session.signature_verification_state_verify(state, signature)
        },
        apart: |_, [state, signature], _| {
            let (state, signature) = (Handle::from_raw(state), Handle::from_raw(signature));
            Ok(Box::new(move |session| {
                session.signature_verification_state_verify(state, signature)?;
                Ok(((), None))
            }))
        },
    };
    define(linker, module, name, place, kind)
}

pub(super) fn squeeze(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    let kind = Kind {
        check: |session, states| session.batch_symmetric_state_check(states),
        bytes: |_, [_, _, out_len]| out_len as usize,
        work: |session, memory, [state, out, out_len], _| {
            let out = memory::bytes_mut(memory, out, out_len)?;
            session.symmetric_state_squeeze(Handle::from_raw(state), out)
        },
        apart: |memory, [state, start, out_len], most| {
            let mut out = memory::room(memory, start, out_len, most)?;
            Ok(Box::new(move |session| {
                session.symmetric_state_squeeze(Handle::from_raw(state), &mut out)?;
                Ok(((), Some((start, out))))
            }))
        },
    };
    define(linker, module, name, place, kind)
}

pub(super) fn squeeze_tag(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    let kind = Kind {
        check: |session, states| session.batch_symmetric_state_check(states),
        bytes: |_, [_]| 0,
        work: |session, _, [state], _| session.symmetric_state_squeeze_tag(Handle::from_raw(state)),
        apart: |_, [state], _| {
            Ok(Box::new(move |session| {
                let tag = session.symmetric_state_squeeze_tag(Handle::from_raw(state))?;
                Ok((tag, None))
            }))
        },
    };
    define(linker, module, name, place, kind)
}

/// A batch of ciphers.
fn ciphers<R: Element + Send + 'static>(
    work: fn(&mut Session, &mut [u8], [u32; 5], usize) -> Result<R>,
    apart: Prepare<5, R>,
) -> Kind<5, R> {
    Kind {
        check: |session, states| session.batch_symmetric_state_check(states),
        bytes: |_, [.., data_len]| data_len as usize,
        work,
        apart,
    }
}

fn operation([state, out, out_len, data, data_len]: [u32; 5]) -> Operation {
    Operation {
        state,
        out,
        out_len,
        data,
        data_len,
    }
}

pub(super) fn encrypt(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    let kind = ciphers(
        |session, memory, record, most| {
            operation(record)
                .find(memory, most)?
                .encrypt(memory, session)
        },
        |memory, record, most| {
            let method = Session::symmetric_state_encrypt;
            cipher::long(operation(record), memory, most, method)
        },
    );
    define(linker, module, name, place, kind)
}

pub(super) fn encrypt_detached(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    let kind = ciphers(
        |session, memory, record, most| {
            operation(record)
                .find(memory, most)?
                .encrypt_detached(memory, session)
        },
        |memory, record, most| {
            let method = Session::symmetric_state_encrypt_detached;
            cipher::long(operation(record), memory, most, method)
        },
    );
    define(linker, module, name, place, kind)
}

pub(super) fn decrypt(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    let kind = ciphers(
        |session, memory, record, most| {
            operation(record)
                .find(memory, most)?
                .decrypt(memory, session)
        },
        |memory, record, most| {
            let method = Session::symmetric_state_decrypt;
            cipher::long(operation(record), memory, most, method)
        },
    );
    define(linker, module, name, place, kind)
}

pub(super) fn decrypt_detached(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    let kind: Kind<7, usize> = Kind {
        check: |session, states| session.batch_symmetric_state_check(states),
        bytes: |_, [_, _, _, _, data_len, ..]| data_len as usize,
        work: |session, memory, record, most| {
            let [state, out, out_len, data, data_len, raw_tag, raw_tag_len] = record;
            let raw_tag = memory::range(memory, raw_tag, raw_tag_len)?;
            operation([state, out, out_len, data, data_len])
                .find(memory, most)?
                .decrypt_detached(memory, session, raw_tag)
        },
        apart: |memory, record, most| {
            let [state, out, out_len, data, data_len, raw_tag, raw_tag_len] = record;
            let operation = operation([state, out, out_len, data, data_len]);
            cipher::long_detached(operation, memory, most, (raw_tag, raw_tag_len))
        },
    };
    define(linker, module, name, place, kind)
}
