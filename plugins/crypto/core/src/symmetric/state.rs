//! States: what absorbs, squeezes, encrypts and decrypts (specification, "State").

use std::fmt;
use std::sync::Arc;

use super::aead::{AeadState, TAG_LEN};
use super::algorithm::Scheme;
use super::hash::HashState;
use super::hkdf::{ExpandState, ExtractState};
use super::key::Material;
use super::mac::MacState;
use super::password::PasswordState;
use super::stream::CtrState;
use super::xof::Blake3State;
use super::xoodyak::XoodyakState;
use super::{Algorithm, SymmetricKey, SymmetricTag};
use crate::handle::Charge;
use crate::secrets::Managed;
use crate::{Errno, Limits, Options, Result, options};

/// A state.
pub(crate) struct SymmetricState {
    algorithm: Algorithm,
    options: Option<Options>,
    /// Where its key is stored, if it is.
    managed: Option<Managed>,
    inner: Inner,
}

enum Inner {
    Aead(AeadState),
    Ctr(CtrState),
    Hash(HashState),
    Blake3(Blake3State),
    Mac(MacState),
    Extract(ExtractState),
    Expand(ExpandState),
    Password(Box<PasswordState>),
    Xoodyak(Box<XoodyakState>),
}

impl fmt::Debug for SymmetricState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SymmetricState")
            .field(&self.algorithm)
            .finish()
    }
}

impl SymmetricState {
    /// Opens a state.
    ///
    /// # Errors
    /// `key_not_supported`, `key_required`, `invalid_key` for a key of another algorithm, `expired`, `unsupported_option`,
    /// and what the algorithm has to say of its options.
    pub(crate) fn open(
        algorithm: Algorithm,
        key: Option<&SymmetricKey>,
        options: Option<&Options>,
        limits: &Limits,
    ) -> Result<Self> {
        algorithm.check_key_given(key.is_some())?;
        let material = key.map(|key| usable(key, algorithm)).transpose()?;
        if let Some(options) = options
            && options.names().any(|name| !algorithm.has_option(name))
        {
            return Err(Errno::UnsupportedOption);
        }
        let needed = || material.ok_or(Errno::KeyRequired);
        let material_only = material.map(Arc::as_ref);
        let inner = match algorithm.scheme() {
            Scheme::Aead(aead) => Inner::Aead(AeadState::open(aead, needed()?, options)?),
            Scheme::Ctr => Inner::Ctr(CtrState::open(needed()?, options)?),
            Scheme::Hash(hash) => Inner::Hash(HashState::open(hash, material_only, options)?),
            Scheme::Blake3 => Inner::Blake3(Blake3State::open(material_only, options)?),
            Scheme::Hmac(_) | Scheme::Cmac => Inner::Mac(MacState::open(needed()?)?),
            Scheme::HkdfExtract(hash) => Inner::Extract(ExtractState::open(hash, needed()?)),
            Scheme::HkdfExpand(hash) => Inner::Expand(ExpandState::open(hash, needed()?)),
            Scheme::Password(password) => Inner::Password(Box::new(PasswordState::open(
                password, material, options, limits,
            )?)),
            Scheme::Xoodyak => {
                Inner::Xoodyak(Box::new(XoodyakState::open(material_only, options)?))
            }
        };
        Ok(Self {
            algorithm,
            options: options.cloned(),
            managed: key.and_then(|key| key.managed),
            inner,
        })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn bytes(&self) -> usize {
        // Counted with every state that keeps them: they are there until the last of these goes.
        let options = self.options.as_ref().map_or(0, Options::bytes);
        let held = match &self.inner {
            Inner::Aead(state) => state.held(),
            Inner::Ctr(state) => state.held(),
            Inner::Hash(_) => HashState::held(),
            Inner::Blake3(_) => Blake3State::held(),
            Inner::Mac(_) => MacState::held(),
            Inner::Extract(state) => state.held(),
            Inner::Expand(state) => state.held(),
            Inner::Password(state) => size_of::<PasswordState>() + state.held(),
            Inner::Xoodyak(_) => size_of::<XoodyakState>(),
        };
        size_of::<Self>() + options + held
    }

    /// What computes, to be used with its key.
    ///
    /// # Errors
    /// `expired` when that is a stored one that has passed its date since.
    fn usable(&mut self) -> Result<&mut Inner> {
        if let Some(managed) = &self.managed {
            managed.check()?;
        }
        Ok(&mut self.inner)
    }

    /// A clone that goes on from here. Of all clones of a state, one can encrypt.
    ///
    /// # Errors
    /// `overflow` where the key stream of a cipher is at its end; `expired`.
    pub(crate) fn duplicate(&mut self) -> Result<Self> {
        let inner = match self.usable()? {
            Inner::Aead(state) => Inner::Aead(state.duplicate()),
            Inner::Ctr(state) => Inner::Ctr(state.duplicate()?),
            Inner::Hash(state) => Inner::Hash(state.clone()),
            Inner::Blake3(state) => Inner::Blake3(state.clone()),
            Inner::Mac(state) => Inner::Mac(state.clone()),
            Inner::Extract(state) => Inner::Extract(state.clone()),
            Inner::Expand(state) => Inner::Expand(state.clone()),
            Inner::Password(state) => Inner::Password(state.clone()),
            Inner::Xoodyak(state) => Inner::Xoodyak(Box::new(state.duplicate())),
        };
        Ok(Self {
            algorithm: self.algorithm,
            options: self.options.clone(),
            managed: self.managed,
            inner,
        })
    }

    /// The bytes of an option.
    ///
    /// # Errors
    /// `unsupported_option`, `option_not_set`.
    pub(crate) fn option(&self, name: &str) -> Result<&[u8]> {
        let name = self.option_name(name)?;
        match (&self.inner, name) {
            (Inner::Aead(state), "nonce") => Ok(state.nonce()),
            (Inner::Ctr(state), "nonce") => Ok(state.nonce()),
            (Inner::Xoodyak(state), "nonce") => state.nonce().ok_or(Errno::OptionNotSet),
            (Inner::Password(state), "salt") => Ok(state.salt()),
            _ => self.options.as_ref().ok_or(Errno::OptionNotSet)?.get(name),
        }
    }

    /// The number of an option.
    ///
    /// # Errors
    /// As [`SymmetricState::option`].
    pub(crate) fn option_u64(&self, name: &str) -> Result<u64> {
        let name = self.option_name(name)?;
        self.options
            .as_ref()
            .ok_or(Errno::OptionNotSet)?
            .get_u64(name)
    }

    fn option_name(&self, name: &str) -> Result<&'static str> {
        options::canonical(name)
            .filter(|name| self.algorithm.has_option(name))
            .ok_or(Errno::UnsupportedOption)
    }

    /// # Errors
    /// `invalid_operation` for ciphers without additional data, and after the output of a XOF began; `overflow`.
    pub(crate) fn absorb(&mut self, data: &[u8], charge: &mut Charge<'_>) -> Result<()> {
        match &mut self.inner {
            Inner::Aead(state) => state.absorb(data, charge)?,
            Inner::Ctr(_) => return Err(Errno::InvalidOperation),
            Inner::Hash(state) => state.absorb(data),
            Inner::Blake3(state) => state.absorb(data)?,
            Inner::Mac(state) => state.absorb(data)?,
            Inner::Extract(state) => state.absorb(data, charge)?,
            Inner::Expand(state) => state.absorb(data, charge)?,
            Inner::Password(state) => state.absorb(data, charge)?,
            Inner::Xoodyak(state) => state.absorb(data),
        }
        Ok(())
    }

    /// # Errors
    /// `invalid_operation`, `invalid_length`, `overflow`, `expired`.
    pub(crate) fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        match self.usable()? {
            Inner::Ctr(state) => state.squeeze(out)?,
            Inner::Hash(state) => state.squeeze(out)?,
            Inner::Blake3(state) => state.squeeze(out),
            Inner::Expand(state) => state.squeeze(out)?,
            Inner::Password(state) => state.squeeze(out)?,
            Inner::Xoodyak(state) => state.squeeze(out),
            Inner::Aead(_) | Inner::Mac(_) | Inner::Extract(_) => {
                return Err(Errno::InvalidOperation);
            }
        }
        Ok(())
    }

    /// # Errors
    /// `invalid_operation`, `overflow`, `expired`.
    pub(crate) fn squeeze_tag(&mut self) -> Result<SymmetricTag> {
        match self.usable()? {
            Inner::Hash(state) => state.squeeze_tag(),
            Inner::Blake3(state) => state.squeeze_tag(),
            Inner::Mac(state) => state.squeeze_tag(),
            Inner::Password(state) => state.squeeze_tag(),
            Inner::Xoodyak(state) => Ok(state.squeeze_tag()),
            Inner::Aead(_) | Inner::Ctr(_) | Inner::Extract(_) | Inner::Expand(_) => {
                Err(Errno::InvalidOperation)
            }
        }
    }

    /// A key for another algorithm, of the size that would be generated. What HKDF extracts is a key for expanding with the same
    /// hash function, and nothing else: it would be the same for all other algorithms.
    ///
    /// # Errors
    /// `invalid_operation`; `expired`; `invalid_key` when the other algorithm is not the one that an extracted key is for;
    /// `key_not_supported` when that has none.
    pub(crate) fn squeeze_key(&mut self, target: Algorithm) -> Result<SymmetricKey> {
        if let Inner::Extract(state) = self.usable()? {
            let prk = state.extract()?;
            target.check_key_len(prk.len())?;
            if target.scheme() != Scheme::HkdfExpand(state.hash()) {
                return Err(Errno::InvalidKey);
            }
            return SymmetricKey::import(target, &prk);
        }
        let derives = matches!(
            self.inner,
            Inner::Blake3(_) | Inner::Expand(_) | Inner::Password(_) | Inner::Xoodyak(_)
        );
        if !derives {
            return Err(Errno::InvalidOperation);
        }
        let len = target
            .generated_key_len()
            .map_err(|_| Errno::KeyNotSupported)?;
        SymmetricKey::make(target, len, |raw| match self.usable()? {
            Inner::Xoodyak(state) => {
                state.squeeze_key(raw);
                Ok(())
            }
            _ => self.squeeze(raw),
        })
    }

    /// # Errors
    /// `invalid_operation` for what does not encrypt.
    pub(crate) fn max_tag_len(&self) -> Result<usize> {
        match &self.inner {
            Inner::Aead(_) | Inner::Xoodyak(_) => Ok(TAG_LEN),
            Inner::Ctr(_) => Ok(0),
            _ => Err(Errno::InvalidOperation),
        }
    }

    /// # Errors
    /// `invalid_operation`; `overflow` and `invalid_length` for an output of the wrong size; `nonce_required`; `expired`.
    pub(crate) fn encrypt(&mut self, out: &mut [u8], data: &[u8]) -> Result<usize> {
        let len = self.encrypted_len(data.len())?;
        check_output_len(out.len(), len)?;
        let (ciphertext, tag) = out
            .split_at_mut_checked(data.len())
            .ok_or(Errno::Overflow)?;
        match self.usable()? {
            Inner::Aead(state) => state.encrypt(ciphertext, data, tag)?,
            Inner::Xoodyak(state) => state.encrypt(ciphertext, data, tag)?,
            Inner::Ctr(state) => state.encrypt(ciphertext, data)?,
            _ => return Err(Errno::InvalidOperation),
        }
        Ok(len)
    }

    /// # Errors
    /// As [`SymmetricState::encrypt`].
    pub(crate) fn encrypt_in_place(&mut self, buf: &mut [u8], data_len: usize) -> Result<usize> {
        let len = self.encrypted_len(data_len)?;
        check_output_len(buf.len(), len)?;
        let (data, tag) = buf.split_at_mut_checked(data_len).ok_or(Errno::Overflow)?;
        match self.usable()? {
            Inner::Aead(state) => state.encrypt_in_place(data, tag)?,
            Inner::Xoodyak(state) => state.encrypt_in_place(data, tag)?,
            Inner::Ctr(state) => state.encrypt_in_place(data)?,
            _ => return Err(Errno::InvalidOperation),
        }
        Ok(len)
    }

    /// # Errors
    /// As [`SymmetricState::encrypt`].
    pub(crate) fn encrypt_detached(&mut self, out: &mut [u8], data: &[u8]) -> Result<SymmetricTag> {
        self.check_detached()?;
        check_output_len(out.len(), data.len())?;
        let mut tag = [0; TAG_LEN];
        match self.usable()? {
            Inner::Aead(state) => state.encrypt(out, data, &mut tag)?,
            Inner::Xoodyak(state) => state.encrypt(out, data, &mut tag)?,
            _ => return Err(Errno::InvalidOperation),
        }
        Ok(SymmetricTag::new(&tag))
    }

    /// # Errors
    /// As [`SymmetricState::encrypt`].
    pub(crate) fn encrypt_detached_in_place(&mut self, buf: &mut [u8]) -> Result<SymmetricTag> {
        let mut tag = [0; TAG_LEN];
        match self.usable()? {
            Inner::Aead(state) => state.encrypt_in_place(buf, &mut tag)?,
            Inner::Xoodyak(state) => state.encrypt_in_place(buf, &mut tag)?,
            _ => return Err(Errno::InvalidOperation),
        }
        Ok(SymmetricTag::new(&tag))
    }

    /// # Errors
    /// `invalid_tag`, and as [`SymmetricState::encrypt`].
    pub(crate) fn decrypt(&mut self, out: &mut [u8], data: &[u8]) -> Result<usize> {
        let len = self.decrypted_len(data.len())?;
        check_output_len(out.len(), len)?;
        let (ciphertext, tag) = data.split_at_checked(len).ok_or(Errno::InvalidTag)?;
        match self.usable()? {
            Inner::Aead(state) => state.decrypt(out, ciphertext, tag)?,
            Inner::Xoodyak(state) => state.decrypt(out, ciphertext, tag)?,
            Inner::Ctr(state) => state.decrypt(out, ciphertext)?,
            _ => return Err(Errno::InvalidOperation),
        }
        Ok(len)
    }

    /// # Errors
    /// As [`SymmetricState::decrypt`].
    pub(crate) fn decrypt_in_place(&mut self, buf: &mut [u8]) -> Result<usize> {
        let len = self.decrypted_len(buf.len())?;
        let (data, tag) = buf.split_at_mut_checked(len).ok_or(Errno::InvalidTag)?;
        match self.usable()? {
            Inner::Aead(state) => state.decrypt_in_place(data, tag)?,
            Inner::Xoodyak(state) => state.decrypt_in_place(data, tag)?,
            Inner::Ctr(state) => state.apply(data)?,
            _ => return Err(Errno::InvalidOperation),
        }
        Ok(len)
    }

    /// # Errors
    /// As [`SymmetricState::decrypt`].
    pub(crate) fn decrypt_detached(
        &mut self,
        out: &mut [u8],
        data: &[u8],
        raw_tag: &[u8],
    ) -> Result<usize> {
        self.check_detached()?;
        check_output_len(out.len(), data.len())?;
        if raw_tag.len() != TAG_LEN {
            out.fill(0);
            return Err(Errno::InvalidTag);
        }
        match self.usable()? {
            Inner::Aead(state) => state.decrypt(out, data, raw_tag)?,
            Inner::Xoodyak(state) => state.decrypt(out, data, raw_tag)?,
            _ => return Err(Errno::InvalidOperation),
        }
        Ok(data.len())
    }

    /// # Errors
    /// As [`SymmetricState::decrypt`].
    pub(crate) fn decrypt_detached_in_place(
        &mut self,
        buf: &mut [u8],
        raw_tag: &[u8],
    ) -> Result<usize> {
        self.check_detached()?;
        if raw_tag.len() != TAG_LEN {
            buf.fill(0);
            return Err(Errno::InvalidTag);
        }
        match self.usable()? {
            Inner::Aead(state) => state.decrypt_in_place(buf, raw_tag)?,
            Inner::Xoodyak(state) => state.decrypt_in_place(buf, raw_tag)?,
            _ => return Err(Errno::InvalidOperation),
        }
        Ok(buf.len())
    }

    /// # Errors
    /// `invalid_operation`.
    pub(crate) fn ratchet(&mut self) -> Result<()> {
        match self.usable()? {
            Inner::Xoodyak(state) => state.ratchet(),
            _ => Err(Errno::InvalidOperation),
        }
    }

    /// Ciphers without authentication have no tag to detach.
    fn check_detached(&self) -> Result<()> {
        match &self.inner {
            Inner::Aead(_) | Inner::Xoodyak(_) => Ok(()),
            _ => Err(Errno::InvalidOperation),
        }
    }

    fn encrypted_len(&self, len: usize) -> Result<usize> {
        len.checked_add(self.max_tag_len()?).ok_or(Errno::Overflow)
    }

    fn decrypted_len(&self, len: usize) -> Result<usize> {
        len.checked_sub(self.max_tag_len()?)
            .ok_or(Errno::InvalidTag)
    }
}

/// The material of a key that may be used with an algorithm.
fn usable(key: &SymmetricKey, algorithm: Algorithm) -> Result<&Arc<Material>> {
    if key.algorithm() != algorithm {
        return Err(Errno::InvalidKey);
    }
    if let Some(managed) = &key.managed {
        managed.check()?;
    }
    Ok(key.material())
}

fn check_output_len(len: usize, needed: usize) -> Result<()> {
    match len.cmp(&needed) {
        std::cmp::Ordering::Less => Err(Errno::Overflow),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(Errno::InvalidLength),
    }
}
