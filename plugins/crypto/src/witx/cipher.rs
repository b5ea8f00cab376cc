//! Encryption and decryption, with an input and an output, which may be the same or overlap; and what squeezes without an input.

use std::ops::Range;

use c12::Context;
use c12::plugin::Place;
use c12_crypto_core::{Handle, Result, Session};
use wasmtime::{Caller, Linker};

use super::batch::Apart;
use super::link::{Written, answer_later, code, parts};
use super::memory::{self, Returned};
use crate::instance::{Turn, Wait};
use crate::wiped::Wiped;

/// A state, and where its output and its input are.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    pub(super) state: u32,
    pub(super) out: u32,
    pub(super) out_len: u32,
    pub(super) data: u32,
    pub(super) data_len: u32,
}

/// What an operation works on.
pub(super) struct Buffers {
    state: Handle,
    out: Range<usize>,
    data: Range<usize>,
    /// Bytes that may be copied.
    most: usize,
}

impl Operation {
    pub(super) fn find(self, memory: &[u8], most: usize) -> Result<Buffers> {
        Ok(Buffers {
            state: Handle::from_raw(self.state),
            out: memory::range(memory, self.out, self.out_len)?,
            data: memory::range(memory, self.data, self.data_len)?,
            most,
        })
    }
}

impl Buffers {
    /// Whether the output begins where the input does, and is `longer` than that by so many bytes.
    fn is_in_place(&self, longer: usize) -> bool {
        self.out.start == self.data.start
            && self.data.len().checked_add(longer) == Some(self.out.len())
    }

    pub(super) fn encrypt(self, memory: &mut [u8], session: &mut Session) -> Result<usize> {
        let tag = session.symmetric_state_max_tag_len(self.state)?;
        if self.is_in_place(tag) {
            let buffer = part(memory, &self.out)?;
            return session.symmetric_state_encrypt_in_place(self.state, buffer, self.data.len());
        }
        let (out, [data]) = memory::apart(memory, &self.out, [self.data], self.most)?;
        session.symmetric_state_encrypt(self.state, out, &data)
    }

    pub(super) fn encrypt_detached(
        self,
        memory: &mut [u8],
        session: &mut Session,
    ) -> Result<Handle> {
        if self.is_in_place(0) {
            let buffer = part(memory, &self.out)?;
            return session.symmetric_state_encrypt_detached_in_place(self.state, buffer);
        }
        let (out, [data]) = memory::apart(memory, &self.out, [self.data], self.most)?;
        session.symmetric_state_encrypt_detached(self.state, out, &data)
    }

    pub(super) fn decrypt(self, memory: &mut [u8], session: &mut Session) -> Result<usize> {
        let tag = session.symmetric_state_max_tag_len(self.state)?;
        if self.out.start == self.data.start
            && self.out.len().checked_add(tag) == Some(self.data.len())
        {
            let buffer = part(memory, &self.data)?;
            return session.symmetric_state_decrypt_in_place(self.state, buffer);
        }
        let (out, [data]) = memory::apart(memory, &self.out, [self.data], self.most)?;
        session.symmetric_state_decrypt(self.state, out, &data)
    }

    pub(super) fn decrypt_detached(
        self,
        memory: &mut [u8],
        session: &mut Session,
        raw_tag: Range<usize>,
    ) -> Result<usize> {
        if self.is_in_place(0) {
            let (buffer, [raw_tag]) = memory::apart(memory, &self.out, [raw_tag], self.most)?;
            return session.symmetric_state_decrypt_detached_in_place(self.state, buffer, &raw_tag);
        }
        let (out, [data, raw_tag]) =
            memory::apart(memory, &self.out, [self.data, raw_tag], self.most)?;
        session.symmetric_state_decrypt_detached(self.state, out, &data, &raw_tag)
    }
}

fn part<'a>(memory: &'a mut [u8], range: &Range<usize>) -> Result<&'a mut [u8]> {
    memory
        .get_mut(range.clone())
        .ok_or(c12_crypto_core::Errno::GuestError)
}

fn answer<R: Returned<Places = [u32; 1]>>(
    caller: &mut Caller<'_, Context>,
    place: Place,
    operation: Operation,
    result: u32,
    work: impl FnOnce(Buffers, &mut [u8], &mut Session) -> Result<R>,
) -> wasmtime::Result<u32> {
    let (memory, instance) = parts(caller, place)?;
    let most = instance.call_bytes;
    let session = instance.session()?;
    let outcome = R::check(memory, [result])
        .and_then(|()| operation.find(memory, most))
        .and_then(|buffers| work(buffers, memory, session))
        .and_then(|value| value.store(memory, [result]));
    Ok(code(outcome))
}

/// What is done on a thread of its own: with copies, and so not for more than may be copied.
fn copied(operation: Operation, memory: &[u8], most: usize) -> Result<Copies> {
    Ok(Copies {
        state: Handle::from_raw(operation.state),
        data: memory::copied(memory, operation.data, operation.data_len, most)?,
        out: memory::room(memory, operation.out, operation.out_len, most)?,
        place: operation.out,
    })
}

/// Copies of what an operation works on.
struct Copies {
    state: Handle,
    data: Wiped,
    out: Wiped,
    /// Where the output goes.
    place: u32,
}

/// The core's method of an operation.
type Method<R> = fn(&mut Session, Handle, &mut [u8], &[u8]) -> Result<R>;

impl Copies {
    fn work<R>(
        mut self,
        session: &mut Session,
        work: impl FnOnce(&mut Session, Handle, &mut [u8], &[u8]) -> Result<R>,
    ) -> Result<(R, Option<Written>)> {
        let value = work(session, self.state, &mut self.out, &self.data)?;
        Ok((value, Some((self.place, self.out))))
    }
}

/// An operation of a batch that takes long.
pub(super) fn long<R: 'static>(
    operation: Operation,
    memory: &[u8],
    most: usize,
    method: Method<R>,
) -> Result<Apart<R>> {
    let copies = copied(operation, memory, most)?;
    Ok(Box::new(move |session| copies.work(session, method)))
}

/// The same, with a tag apart.
pub(super) fn long_detached(
    operation: Operation,
    memory: &[u8],
    most: usize,
    (raw_tag, raw_tag_len): (u32, u32),
) -> Result<Apart<usize>> {
    let copies = copied(operation, memory, most)?;
    let raw_tag = memory::copied(memory, raw_tag, raw_tag_len, most)?;
    Ok(Box::new(move |session| {
        copies.work(session, |session, state, out, data| {
            session.symmetric_state_decrypt_detached(state, out, data, &raw_tag)
        })
    }))
}

/// Whether an operation takes long.
fn is_long(
    caller: &mut Caller<'_, Context>,
    place: Place,
    operation: Operation,
) -> wasmtime::Result<bool> {
    let (_, instance) = parts(caller, place)?;
    Ok(operation.data_len as usize > Turn::BYTES
        || instance
            .session()?
            .symmetric_state_is_slow(Handle::from_raw(operation.state)))
}

fn define<R: Returned<Places = [u32; 1]> + Send + 'static>(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
    work: fn(Buffers, &mut [u8], &mut Session) -> Result<R>,
    method: Method<R>,
) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        module,
        name,
        move |mut caller: Caller<'_, Context>,
              (state, out, out_len, data, data_len, result): (u32, u32, u32, u32, u32, u32)| {
            let operation = Operation {
                state,
                out,
                out_len,
                data,
                data_len,
            };
            Box::new(async move {
                if !is_long(&mut caller, place, operation)? {
                    return answer(&mut caller, place, operation, result, work);
                }
                answer_later(&mut caller, place, [result], |memory, most, _| {
                    let work = long(operation, memory, most, method)?;
                    Ok((Wait::Computation, work))
                })
                .await
            })
        },
    )?;
    Ok(())
}

pub(super) fn encrypt(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    let method = Session::symmetric_state_encrypt;
    define(linker, module, name, place, Buffers::encrypt, method)
}

pub(super) fn encrypt_detached(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    let method = Session::symmetric_state_encrypt_detached;
    define(
        linker,
        module,
        name,
        place,
        Buffers::encrypt_detached,
        method,
    )
}

pub(super) fn decrypt(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    let method = Session::symmetric_state_decrypt;
    define(linker, module, name, place, Buffers::decrypt, method)
}

/// Parameters of a decryption with a tag apart.
type Detached = (u32, u32, u32, u32, u32, u32, u32, u32);

pub(super) fn decrypt_detached(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        module,
        name,
        move |mut caller: Caller<'_, Context>, parameters: Detached| {
            let (state, out, out_len, data, data_len, raw_tag, raw_tag_len, result) = parameters;
            let operation = Operation {
                state,
                out,
                out_len,
                data,
                data_len,
            };
            Box::new(async move {
                if is_long(&mut caller, place, operation)? {
                    return answer_later(&mut caller, place, [result], |memory, most, _| {
                        let tag = (raw_tag, raw_tag_len);
                        let work = long_detached(operation, memory, most, tag)?;
                        Ok((Wait::Computation, work))
                    })
                    .await;
                }
                let work = |buffers: Buffers, memory: &mut [u8], session: &mut Session| {
                    let raw_tag = memory::range(memory, raw_tag, raw_tag_len)?;
                    buffers.decrypt_detached(memory, session, raw_tag)
                };
                answer(&mut caller, place, operation, result, work)
            })
        },
    )?;
    Ok(())
}

/// Most states fill the guest's memory at once. What takes long fills a buffer on a thread of its own.
pub(super) fn squeeze(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    place: Place,
) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        module,
        name,
        move |mut caller: Caller<'_, Context>, (state, start, length): (u32, u32, u32)| {
            Box::new(async move {
                let (memory, instance) = parts(&mut caller, place)?;
                let (state, session) = (Handle::from_raw(state), instance.session()?);
                if !session.symmetric_state_is_slow(state) && length as usize <= Turn::BYTES {
                    let outcome = memory::bytes_mut(memory, start, length)
                        .and_then(|out| session.symmetric_state_squeeze(state, out));
                    return Ok(code(outcome));
                }
                answer_later(&mut caller, place, [], |memory, most, _| {
                    let mut out = memory::room(memory, start, length, most)?;
                    Ok((Wait::Computation, move |session: &mut Session| {
                        session.symmetric_state_squeeze(state, &mut out)?;
                        Ok(((), Some((start, out))))
                    }))
                })
                .await
            })
        },
    )?;
    Ok(())
}
