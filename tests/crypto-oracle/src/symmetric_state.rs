//! States of symmetric algorithms: how one is made, and what is done with it.

use c12_crypto_core::{AlgorithmType, Errno};

use crate::outcome::{Answer, Failure};
use crate::sides::{Raw, Side};
use crate::world::{Call, Handles, Step, Which, World};

/// What an option is set to.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    Bytes(Vec<u8>),
    Number(u64),
}

/// A key: its algorithm and its bytes.
pub(crate) type Key = (&'static str, Vec<u8>);

/// All that a state is opened with, so that it can be opened again.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) algorithm: &'static str,
    pub(crate) key: Option<Key>,
    pub(crate) options: Option<Vec<(&'static str, Setting)>>,
}

impl Recipe {
    /// Opens a state. The oracle's states share their options with the guest, so each gets its own.
    pub(crate) fn open(&self, side: &mut dyn Side) -> Answer<Raw> {
        let options = match &self.options {
            None => None,
            Some(settings) => {
                let options = side.options_open(AlgorithmType::Symmetric)?;
                for (name, setting) in settings {
                    match setting {
                        Setting::Bytes(bytes) => side.options_set(options, name, bytes)?,
                        Setting::Number(number) => side.options_set_u64(options, name, *number)?,
                    }
                }
                Some(options)
            }
        };
        let key = match &self.key {
            None => None,
            Some((algorithm, raw)) => Some(side.symmetric_key_import(algorithm, raw)?),
        };
        let state = side.symmetric_state_open(self.algorithm, key, options);
        if let Some(key) = key {
            side.symmetric_key_close(key)?;
        }
        if let Some(options) = options {
            side.options_close(options)?;
        }
        state
    }
}

/// What is done with a state.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Absorb(Vec<u8>),
    Squeeze(usize),
    SqueezeTag,
    /// Pulls a tag into a buffer that is so much longer.
    PullTag(isize),
    /// Verifies a tag, of which a bit is flipped.
    VerifyTag(Option<usize>),
    SqueezeKey(&'static str),
    MaxTagLen,
    /// Encrypts into an output that is so much longer.
    Encrypt(Vec<u8>, isize),
    EncryptDetached(Vec<u8>, isize),
    /// Decrypts into an output that is so much longer.
    Decrypt(Vec<u8>, isize),
    /// Decrypts a ciphertext with this tag.
    DecryptDetached(Vec<u8>, Vec<u8>, isize),
    Ratchet,
    /// Reads an option into a buffer of that length.
    Option(&'static str, usize),
    OptionNumber(&'static str),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Nothing,
    Number(u64),
    Bytes(Vec<u8>),
    Sealed { ciphertext: Vec<u8>, tag: Vec<u8> },
}

impl Operation {
    /// The name in the list of differences.
    pub(crate) fn function(&self, of_a_clone: bool) -> &'static str {
        match self {
            Self::Absorb(_) => "symmetric_state_absorb",
            Self::Squeeze(_) => "symmetric_state_squeeze",
            Self::SqueezeTag => "symmetric_state_squeeze_tag",
            Self::PullTag(_) => "symmetric_tag_pull",
            Self::VerifyTag(_) => "symmetric_tag_verify",
            Self::SqueezeKey(_) => "symmetric_state_squeeze_key",
            Self::MaxTagLen => "symmetric_state_max_tag_len",
            Self::Encrypt(..) if of_a_clone => "symmetric_state_encrypt with a clone",
            Self::Encrypt(..) => "symmetric_state_encrypt",
            Self::EncryptDetached(..) if of_a_clone => {
                "symmetric_state_encrypt_detached with a clone"
            }
            Self::EncryptDetached(..) => "symmetric_state_encrypt_detached",
            Self::Decrypt(..) if of_a_clone => "symmetric_state_decrypt with a clone",
            Self::Decrypt(..) => "symmetric_state_decrypt",
            Self::DecryptDetached(..) if of_a_clone => {
                "symmetric_state_decrypt_detached with a clone"
            }
            Self::DecryptDetached(..) => "symmetric_state_decrypt_detached",
            Self::Ratchet => "symmetric_state_ratchet",
            Self::Option(..) => "symmetric_state_options_get",
            Self::OptionNumber(_) => "symmetric_state_options_get_u64",
        }
    }

    /// Does it on one side.
    pub(crate) fn apply(&self, side: &mut dyn Side, state: Raw) -> Answer<Value> {
        match self {
            Self::Absorb(data) => side
                .symmetric_state_absorb(state, data)
                .map(|()| Value::Nothing),
            Self::Squeeze(len) => {
                let mut out = vec![0; *len];
                side.symmetric_state_squeeze(state, &mut out)?;
                Ok(Value::Bytes(out))
            }
            Self::SqueezeTag => squeeze_tag(side, state, 0).map(Value::Bytes),
            Self::PullTag(misfit) => squeeze_tag(side, state, *misfit).map(Value::Bytes),
            Self::VerifyTag(flip) => verify_tag(side, state, *flip),
            Self::SqueezeKey(algorithm) => {
                let key = side.symmetric_state_squeeze_key(state, algorithm)?;
                let exported = side.symmetric_key_export(key)?;
                side.symmetric_key_close(key)?;
                side.read(exported).map(Value::Bytes)
            }
            Self::MaxTagLen => side
                .symmetric_state_max_tag_len(state)
                .map(|len| Value::Number(len as u64)),
            Self::Encrypt(data, misfit) => encrypt(side, state, data, *misfit),
            Self::EncryptDetached(data, misfit) => encrypt_detached(side, state, data, *misfit),
            Self::Decrypt(data, misfit) => {
                let len = data.len().saturating_sub(TAG_LEN);
                decrypt(len, *misfit, |out| {
                    side.symmetric_state_decrypt(state, out, data)
                })
            }
            Self::DecryptDetached(data, tag, misfit) => decrypt(data.len(), *misfit, |out| {
                side.symmetric_state_decrypt_detached(state, out, data, tag)
            }),
            Self::Ratchet => side.symmetric_state_ratchet(state).map(|()| Value::Nothing),
            Self::Option(name, len) => {
                let mut value = vec![0; *len];
                let count = side.symmetric_state_options_get(state, name, &mut value)?;
                value.truncate(count);
                Ok(Value::Bytes(value))
            }
            Self::OptionNumber(name) => side
                .symmetric_state_options_get_u64(state, name)
                .map(Value::Number),
        }
    }
}

/// The length of the tags of all ciphers.
pub(crate) const TAG_LEN: usize = 16;

/// What an output is filled with before it is written.
const BLANK: u8 = 0xaa;

fn buffer(len: usize, misfit: isize) -> Vec<u8> {
    vec![BLANK; len.saturating_add_signed(misfit)]
}

fn squeeze_tag(side: &mut dyn Side, state: Raw, misfit: isize) -> Answer<Vec<u8>> {
    let tag = side.symmetric_state_squeeze_tag(state)?;
    pull_tag(side, tag, misfit)
}

fn pull_tag(side: &mut dyn Side, tag: Raw, misfit: isize) -> Answer<Vec<u8>> {
    let mut bytes = buffer(side.symmetric_tag_len(tag)?, misfit);
    let pulled = side.symmetric_tag_pull(tag, &mut bytes);
    if pulled.is_err() {
        side.symmetric_tag_close(tag)?;
    }
    bytes.truncate(pulled?);
    Ok(bytes)
}

/// Whether a tag verifies is a value: it has been squeezed either way.
fn verify_tag(side: &mut dyn Side, state: Raw, flip: Option<usize>) -> Answer<Value> {
    let mut expected = squeeze_tag(side, state, 0)?;
    if let Some(bit) = flip {
        let place = bit / 8 % expected.len();
        expected[place] ^= 1 << (bit % 8);
    }
    let tag = side.symmetric_state_squeeze_tag(state)?;
    let verified = side.symmetric_tag_verify(tag, &expected);
    side.symmetric_tag_close(tag)?;
    match verified {
        Ok(()) => Ok(Value::Number(1)),
        Err(Failure::Errno(Errno::InvalidTag)) => Ok(Value::Number(0)),
        Err(failure) => Err(failure),
    }
}

fn encrypt(side: &mut dyn Side, state: Raw, data: &[u8], misfit: isize) -> Answer<Value> {
    let mut out = buffer(data.len() + TAG_LEN, misfit);
    let count = side.symmetric_state_encrypt(state, &mut out, data)?;
    assert_eq!(count, out.len());
    let tag = out.split_off(data.len());
    Ok(Value::Sealed {
        ciphertext: out,
        tag,
    })
}

fn encrypt_detached(side: &mut dyn Side, state: Raw, data: &[u8], misfit: isize) -> Answer<Value> {
    let mut out = buffer(data.len(), misfit);
    let tag = side.symmetric_state_encrypt_detached(state, &mut out, data)?;
    Ok(Value::Sealed {
        ciphertext: out,
        tag: pull_tag(side, tag, 0)?,
    })
}

/// Decrypts; where that fails, nothing of the plaintext may be in the output.
fn decrypt(
    len: usize,
    misfit: isize,
    call: impl FnOnce(&mut [u8]) -> Answer<usize>,
) -> Answer<Value> {
    let mut out = buffer(len, misfit);
    match call(&mut out) {
        Ok(count) => {
            assert_eq!(count, out.len());
            Ok(Value::Bytes(out))
        }
        Err(failure) => {
            let is_clean = [0, BLANK]
                .iter()
                .any(|fill| out.iter().all(|byte| byte == fill));
            assert!(is_clean || failure == Failure::Panic, "plaintext is left");
            Err(failure)
        }
    }
}

/// An open state, and all that was done with it.
pub(crate) struct State {
    pub(crate) handles: Handles,
    pub(crate) recipe: Recipe,
    pub(crate) log: Vec<Operation>,
    /// There are clones of it.
    pub(crate) cloned: bool,
}

impl State {
    /// Opens a state on both sides.
    pub(crate) fn open(world: &mut World, recipe: Recipe) -> Step<Option<Self>> {
        let call = Call {
            function: "symmetric_state_open",
            algorithm: recipe.algorithm,
        };
        let handles = world.both(call, |side, _| recipe.open(side))?;
        Ok(handles.map(|handles| Self {
            handles,
            recipe,
            log: Vec::new(),
            cloned: false,
        }))
    }

    /// Opens the oracle's half of a state, and does all that was done with it.
    pub(crate) fn replay(&self, world: &mut World) -> Step<Raw> {
        let call = Call {
            function: "replay",
            algorithm: self.recipe.algorithm,
        };
        let state = world.must(call, Which::Theirs, |side| self.recipe.open(side))?;
        for operation in &self.log {
            world.must(call, Which::Theirs, |side| operation.apply(side, state))?;
        }
        Ok(state)
    }

    /// Does something on both sides. What failed must have left our state as it was; the oracle's can be ruined, by a panic
    /// or by a message that did not verify, and is made anew.
    pub(crate) fn apply(&mut self, world: &mut World, operation: Operation) -> Step<Option<Value>> {
        let call = Call {
            function: operation.function(self.cloned),
            algorithm: self.recipe.algorithm,
        };
        let handles = self.handles;
        let verdict = world.same(call, |side, which| operation.apply(side, handles.of(which)))?;
        match verdict {
            Some(both) => {
                self.log.push(operation);
                Ok(Some(both.ours))
            }
            None => {
                let theirs = self.replay(world)?;
                let old = std::mem::replace(&mut self.handles.theirs, theirs);
                world
                    .one(Which::Theirs, |side| side.symmetric_state_close(old))
                    .ok();
                Ok(None)
            }
        }
    }
}
