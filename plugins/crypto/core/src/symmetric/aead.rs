//! Authenticated ciphers (specification, "AEADs").

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::aead::{
    self, AES_128_GCM, AES_128_GCM_SIV, AES_256_GCM, AES_256_GCM_SIV, Aad, CHACHA20_POLY1305,
    LessSafeKey, UnboundKey,
};
use chacha20::{R20, hchacha};
use zeroize::{Zeroize, Zeroizing};

use super::algorithm::Aead;
use super::key::{Material, Prepared};
use crate::handle::Charge;
use crate::{Errno, Options, Result, random};

/// The length of every tag, in bytes.
pub(crate) const TAG_LEN: usize = 16;

/// The length of a nonce of the ciphers in the library, in bytes.
const NONCE_LEN: usize = 12;
/// The length of a nonce of XChaCha20-Poly1305, in bytes.
const LONG_NONCE_LEN: usize = 24;

/// The key of a cipher, expanded.
pub(super) fn prepare(aead: Aead, raw: &[u8]) -> Result<Prepared> {
    let algorithm = match aead {
        Aead::Aes128Gcm => &AES_128_GCM,
        Aead::Aes256Gcm => &AES_256_GCM,
        Aead::Aes128GcmSiv => &AES_128_GCM_SIV,
        Aead::Aes256GcmSiv => &AES_256_GCM_SIV,
        Aead::ChaCha20Poly1305 => &CHACHA20_POLY1305,
        // Every nonce has a key of its own.
        Aead::XChaCha20Poly1305 => return Ok(Prepared::Raw),
    };
    expand(algorithm, raw).map(Prepared::Aead)
}

fn expand(algorithm: &'static aead::Algorithm, raw: &[u8]) -> Result<LessSafeKey> {
    UnboundKey::new(algorithm, raw)
        .map(LessSafeKey::new)
        .map_err(|_| Errno::InvalidKey)
}

/// The key that encrypts one message.
enum Key {
    Shared(Arc<Material>),
    OfNonce(Arc<LessSafeKey>),
}

impl Key {
    fn get(&self) -> Result<&LessSafeKey> {
        match self {
            Self::OfNonce(key) => Ok(key),
            Self::Shared(material) => match &material.prepared {
                Prepared::Aead(key) => Ok(key),
                _ => Err(Errno::InternalError),
            },
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Shared(material) => material.bytes(),
            Self::OfNonce(_) => size_of::<LessSafeKey>(),
        }
    }

    fn share(&self) -> Self {
        match self {
            Self::Shared(material) => Self::Shared(Arc::clone(material)),
            Self::OfNonce(key) => Self::OfNonce(Arc::clone(key)),
        }
    }
}

/// Whether a message was encrypted with the nonce.
enum Spent {
    Alone(bool),
    /// By the state or by one of its clones.
    Shared(Arc<AtomicBool>),
}

/// A message to be encrypted, once, or decrypted.
pub(super) struct AeadState {
    key: Key,
    /// The nonce as the guest knows it.
    shown: [u8; LONG_NONCE_LEN],
    shown_len: usize,
    /// The nonce as the library needs it.
    nonce: [u8; NONCE_LEN],
    spent: Spent,
    additional: Vec<u8>,
}

impl AeadState {
    pub(super) fn open(
        aead: Aead,
        material: &Arc<Material>,
        options: Option<&Options>,
    ) -> Result<Self> {
        let given = options.and_then(|options| options.get("nonce").ok());
        if aead == Aead::XChaCha20Poly1305 {
            return Self::with_long_nonce(material, given);
        }
        let nonce = match given {
            Some(nonce) => nonce.try_into().map_err(|_| Errno::InvalidNonce)?,
            // What repeats it reveals is that a message repeats, and the specification's example has it.
            None if matches!(aead, Aead::Aes128GcmSiv | Aead::Aes256GcmSiv) => {
                material.count_random_nonce()?;
                random::array()?
            }
            None => return Err(Errno::NonceRequired),
        };
        let mut shown = [0; LONG_NONCE_LEN];
        for (to, from) in shown.iter_mut().zip(nonce) {
            *to = from;
        }
        Ok(Self::of(
            Key::Shared(Arc::clone(material)),
            shown,
            NONCE_LEN,
            nonce,
        ))
    }

    fn with_long_nonce(material: &Arc<Material>, given: Option<&[u8]>) -> Result<Self> {
        let shown = match given {
            Some(nonce) => nonce.try_into().map_err(|_| Errno::InvalidNonce)?,
            None => random::array()?,
        };
        let key = material
            .raw()
            .try_into()
            .map_err(|_| Errno::InternalError)?;
        let (key, nonce) = key_of_nonce(key, &shown)?;
        Ok(Self::of(
            Key::OfNonce(Arc::new(key)),
            shown,
            LONG_NONCE_LEN,
            nonce,
        ))
    }

    fn of(key: Key, shown: [u8; LONG_NONCE_LEN], shown_len: usize, nonce: [u8; NONCE_LEN]) -> Self {
        Self {
            key,
            shown,
            shown_len,
            nonce,
            spent: Spent::Alone(false),
            additional: Vec::new(),
        }
    }

    pub(super) fn duplicate(&mut self) -> Self {
        let shared = match &self.spent {
            Spent::Alone(spent) => Arc::new(AtomicBool::new(*spent)),
            Spent::Shared(spent) => Arc::clone(spent),
        };
        self.spent = Spent::Shared(Arc::clone(&shared));
        Self {
            key: self.key.share(),
            shown: self.shown,
            shown_len: self.shown_len,
            nonce: self.nonce,
            spent: Spent::Shared(shared),
            additional: self.additional.clone(),
        }
    }

    pub(super) fn held(&self) -> usize {
        self.key.bytes() + self.additional.len()
    }

    pub(super) fn nonce(&self) -> &[u8] {
        self.shown.get(..self.shown_len).unwrap_or_default()
    }

    pub(super) fn absorb(&mut self, data: &[u8], charge: &mut Charge<'_>) -> Result<()> {
        charge.grow(data.len())?;
        self.additional.extend_from_slice(data);
        Ok(())
    }

    /// Encrypts `data` into `out`, of the same length, and writes the tag.
    pub(super) fn encrypt(&mut self, out: &mut [u8], data: &[u8], tag: &mut [u8]) -> Result<()> {
        self.spend()?;
        let (nonce, additional) = (
            aead::Nonce::assume_unique_for_key(self.nonce),
            Aad::from(&self.additional),
        );
        let sealed =
            self.key
                .get()?
                .seal_out_of_place_scatter(nonce, additional, data, out, &[], tag);
        sealed.map_err(|_| Errno::AlgorithmFailure)
    }

    /// Encrypts `buf`, and writes the tag.
    pub(super) fn encrypt_in_place(&mut self, buf: &mut [u8], tag: &mut [u8]) -> Result<()> {
        self.spend()?;
        let (nonce, additional) = (
            aead::Nonce::assume_unique_for_key(self.nonce),
            Aad::from(&self.additional),
        );
        let sealed = self
            .key
            .get()?
            .seal_in_place_scatter(nonce, additional, buf, &[], tag);
        sealed.map_err(|_| Errno::AlgorithmFailure)
    }

    /// Decrypts `data` into `out`, of the same length; `out` is zero if the tag does not verify.
    pub(super) fn decrypt(&mut self, out: &mut [u8], data: &[u8], tag: &[u8]) -> Result<()> {
        self.check_unspent()?;
        let (nonce, additional) = (
            aead::Nonce::assume_unique_for_key(self.nonce),
            Aad::from(&self.additional),
        );
        self.key
            .get()?
            .open_separate_gather(nonce, additional, data, tag, out)
            .map_err(|_| {
                out.fill(0);
                Errno::InvalidTag
            })
    }

    /// Decrypts `buf`, which is zero if the tag does not verify.
    pub(super) fn decrypt_in_place(&mut self, buf: &mut [u8], tag: &[u8]) -> Result<()> {
        self.check_unspent()?;
        let (nonce, additional) = (
            aead::Nonce::assume_unique_for_key(self.nonce),
            Aad::from(&self.additional),
        );
        let opened = self
            .key
            .get()?
            .open_in_place_separate_tag(nonce, additional, tag, buf)
            .is_ok();
        if opened {
            return Ok(());
        }
        buf.fill(0);
        Err(Errno::InvalidTag)
    }

    /// A nonce encrypts one message.
    fn spend(&mut self) -> Result<()> {
        let spent = match &mut self.spent {
            Spent::Alone(spent) => std::mem::replace(spent, true),
            Spent::Shared(spent) => spent.swap(true, Ordering::AcqRel),
        };
        if spent {
            Err(Errno::NonceRequired)
        } else {
            Ok(())
        }
    }

    /// A state that has encrypted has no nonce any more.
    fn check_unspent(&self) -> Result<()> {
        let spent = match &self.spent {
            Spent::Alone(spent) => *spent,
            Spent::Shared(spent) => spent.load(Ordering::Acquire),
        };
        if spent {
            Err(Errno::NonceRequired)
        } else {
            Ok(())
        }
    }
}

/// XChaCha20-Poly1305 is ChaCha20-Poly1305 with a key that HChaCha20 makes of the first 16 bytes of the nonce
/// (draft-irtf-cfrg-xchacha, section 2.3).
fn key_of_nonce(
    key: &[u8; 32],
    nonce: &[u8; LONG_NONCE_LEN],
) -> Result<(LessSafeKey, [u8; NONCE_LEN])> {
    let (block, rest) = nonce
        .split_first_chunk::<16>()
        .ok_or(Errno::InternalError)?;
    let mut derived = hchacha::<R20>(key.into(), block.into());
    let expanded = expand(&CHACHA20_POLY1305, &derived);
    derived.zeroize();
    let mut short = [0; NONCE_LEN];
    for (to, from) in short.iter_mut().skip(NONCE_LEN - rest.len()).zip(rest) {
        *to = *from;
    }
    Ok((expanded?, short))
}

/// Encrypts with XChaCha20-Poly1305, for this crate's own use: the ciphertext, and its tag behind it.
pub(crate) fn seal_with_long_nonce(
    key: &[u8; 32],
    nonce: &[u8; LONG_NONCE_LEN],
    additional: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>> {
    let (key, nonce) = key_of_nonce(key, nonce)?;
    let mut sealed = vec![0; plain.len() + TAG_LEN];
    let (ciphertext, tag) = sealed
        .split_at_mut_checked(plain.len())
        .ok_or(Errno::InternalError)?;
    let nonce = aead::Nonce::assume_unique_for_key(nonce);
    key.seal_out_of_place_scatter(nonce, Aad::from(additional), plain, ciphertext, &[], tag)
        .map_err(|_| Errno::AlgorithmFailure)?;
    Ok(sealed)
}

/// Decrypts what [`seal_with_long_nonce`] has made.
///
/// # Errors
/// `invalid_tag`.
pub(crate) fn open_with_long_nonce(
    key: &[u8; 32],
    nonce: &[u8; LONG_NONCE_LEN],
    additional: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    let (key, nonce) = key_of_nonce(key, nonce)?;
    let (ciphertext, tag) = sealed
        .split_last_chunk::<TAG_LEN>()
        .ok_or(Errno::InvalidTag)?;
    let mut plain = Zeroizing::new(vec![0; ciphertext.len()]);
    let nonce = aead::Nonce::assume_unique_for_key(nonce);
    key.open_separate_gather(nonce, Aad::from(additional), ciphertext, tag, &mut plain)
        .map_err(|_| Errno::InvalidTag)?;
    Ok(plain)
}
