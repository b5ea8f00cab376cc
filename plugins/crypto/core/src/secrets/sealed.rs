//! Secrets, encrypted for the store and for guests that keep them themselves.

use std::io::{self, Write};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::key::Keys;
use super::{Kind, Secret, SecretId, check_date};
use crate::symmetric::aead;
use crate::{AlgorithmType, Errno, Result, random, wiped};

/// What every record begins with.
const MARKER: [u8; 4] = *b"c12r";
/// The length of what is readable of a record, in bytes.
pub(super) const HEAD_LEN: usize = 72;
/// The length of a nonce in bytes.
const NONCE_LEN: usize = 24;
/// What stands for "never" where a date is.
const NEVER: u64 = u64::MAX;
/// The format of encapsulated secrets.
const ENCAPSULATION: u8 = 1;

/// One version of a secret, as it is in the file.
#[derive(Clone)]
pub(super) struct Record {
    head: [u8; HEAD_LEN],
    /// Ciphertext and tag, which all copies of a content share.
    sealed: Arc<[u8]>,
    pub(super) kind: Kind,
    /// Whether it was revoked; then it is there for its number alone.
    pub(super) revoked: bool,
    pub(super) id: SecretId,
    pub(super) version: u64,
    pub(super) expiration: Option<u64>,
}

impl Record {
    /// Encrypts a secret; `None` is one that was revoked.
    pub(super) fn seal(
        keys: &Keys,
        kind: Kind,
        (id, version): (SecretId, u64),
        secret: Option<&Secret>,
    ) -> Result<Self> {
        let plain = secret.map_or_else(|| Ok(Zeroizing::default()), plain)?;
        let expiration = secret.and_then(|secret| secret.expiration);
        let sealed_len = u32::try_from(plain.len() + aead::TAG_LEN).map_err(|_| Errno::Overflow)?;
        let nonce: [u8; NONCE_LEN] = random::array()?;
        let mut head = [0; HEAD_LEN];
        let fields: [&[u8]; 9] = [
            &MARKER,
            &sealed_len.to_le_bytes(),
            &[kind as u8],
            &[u8::from(secret.is_none())],
            &[0; 6],
            &id.0,
            &version.to_le_bytes(),
            &expiration.unwrap_or(NEVER).to_le_bytes(),
            &nonce,
        ];
        for (to, from) in head.iter_mut().zip(fields.into_iter().flatten()) {
            *to = *from;
        }
        let sealed = aead::seal_with_long_nonce(&keys.records, &nonce, &head, &plain)?;
        Ok(Self {
            head,
            sealed: sealed.into(),
            kind,
            revoked: secret.is_none(),
            id,
            version,
            expiration,
        })
    }

    /// Decrypts the secret.
    ///
    /// # Errors
    /// `internal_error` when the record is damaged.
    pub(super) fn open(&self, keys: &Keys) -> Result<Secret> {
        let (_, nonce) = self
            .head
            .split_last_chunk::<NONCE_LEN>()
            .ok_or(Errno::InternalError)?;
        let plain = aead::open_with_long_nonce(&keys.records, nonce, &self.head, &self.sealed)
            .map_err(|_| Errno::InternalError)?;
        if self.revoked {
            return Err(Errno::NotFound);
        }
        let (&[algorithm_type, name_len], rest) =
            plain.split_first_chunk().ok_or(Errno::InternalError)?;
        let (name, content) = rest
            .split_at_checked(name_len.into())
            .ok_or(Errno::InternalError)?;
        Ok(Secret {
            kind: self.kind,
            algorithm_type: AlgorithmType::try_from(u16::from(algorithm_type))
                .map_err(|_| Errno::InternalError)?,
            algorithm: std::str::from_utf8(name)
                .map_err(|_| Errno::InternalError)?
                .to_owned(),
            content: Zeroizing::new(content.to_vec()),
            expiration: self.expiration,
        })
    }

    /// Reads the record at the beginning of `bytes`, and says what is behind it. `None` when there is none.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (head, rest) = bytes.split_first_chunk::<HEAD_LEN>()?;
        let (marker, fields) = head.split_first_chunk::<4>()?;
        let (sealed_len, fields) = fields.split_first_chunk::<4>()?;
        let (&[kind, revoked], fields) = fields.split_first_chunk::<2>()?;
        let (zero, fields) = fields.split_first_chunk::<6>()?;
        let (id, fields) = fields.split_first_chunk::<{ SecretId::LEN }>()?;
        let (version, fields) = fields.split_first_chunk::<8>()?;
        let (expiration, _nonce) = fields.split_first_chunk::<8>()?;
        let kind = [Kind::SymmetricKey, Kind::KeyPair, Kind::External]
            .into_iter()
            .find(|known| *known as u8 == kind)?;
        let sealed_len = usize::try_from(u32::from_le_bytes(*sealed_len)).ok()?;
        let (sealed, rest) = rest.split_at_checked(sealed_len)?;
        if *marker != MARKER || revoked > 1 || *zero != [0; 6] || sealed_len < aead::TAG_LEN {
            return None;
        }
        let expiration = u64::from_le_bytes(*expiration);
        let record = Self {
            head: *head,
            sealed: sealed.into(),
            kind,
            revoked: revoked == 1,
            id: SecretId(*id),
            version: u64::from_le_bytes(*version),
            expiration: (expiration != NEVER).then_some(expiration),
        };
        Some((record, rest))
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.head)?;
        out.write_all(&self.sealed)
    }

    pub(super) fn len(&self) -> usize {
        HEAD_LEN + self.sealed.len()
    }

    /// What the header authenticates of a record: all but the ciphertext, which the tag stands for. So damage to a secret is
    /// no damage to the list.
    pub(super) fn listed(&self) -> (&[u8], &[u8]) {
        let tag = self
            .sealed
            .split_last_chunk::<{ aead::TAG_LEN }>()
            .map(|(_, tag)| tag.as_slice());
        (&self.head, tag.unwrap_or_default())
    }

    /// # Errors
    /// `expired`.
    pub(super) fn check_date(&self) -> Result<()> {
        check_date(self.expiration)
    }
}

fn plain(secret: &Secret) -> Result<Zeroizing<Vec<u8>>> {
    let algorithm_type =
        u8::try_from(u16::from(secret.algorithm_type)).map_err(|_| Errno::InternalError)?;
    let name_len = u8::try_from(secret.algorithm.len()).map_err(|_| Errno::Overflow)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(
        2 + secret.algorithm.len() + secret.content.len(),
    ));
    wiped::append(&mut plain, &[algorithm_type, name_len]);
    wiped::append(&mut plain, secret.algorithm.as_bytes());
    wiped::append(&mut plain, &secret.content);
    Ok(plain)
}

/// How much longer an encapsulated secret is than the secret: format, date, nonce and tag, in bytes.
pub(super) const OVERHEAD: usize = 9 + NONCE_LEN + aead::TAG_LEN;

/// Encrypts a secret that the guest keeps itself, with its date.
pub(super) fn encapsulate(keys: &Keys, secret: &[u8], expiration: u64) -> Result<Vec<u8>> {
    let nonce: [u8; NONCE_LEN] = random::array()?;
    let head = [&[ENCAPSULATION][..], &expiration.to_le_bytes(), &nonce].concat();
    let sealed = aead::seal_with_long_nonce(&keys.encapsulation, &nonce, &head, secret)?;
    Ok([head, sealed].concat())
}

/// The secret that was encrypted.
///
/// # Errors
/// `verification_failed`, `expired`.
pub(super) fn decapsulate(keys: &Keys, encapsulated: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let (head, sealed) = encapsulated
        .split_at_checked(9 + NONCE_LEN)
        .ok_or(Errno::VerificationFailed)?;
    let (fields, nonce) = head
        .split_last_chunk::<NONCE_LEN>()
        .ok_or(Errno::VerificationFailed)?;
    let (&[format], expiration) = fields
        .split_first_chunk::<1>()
        .ok_or(Errno::VerificationFailed)?;
    let expiration: [u8; 8] = expiration
        .try_into()
        .map_err(|_| Errno::VerificationFailed)?;
    if format != ENCAPSULATION {
        return Err(Errno::VerificationFailed);
    }
    let secret = aead::open_with_long_nonce(&keys.encapsulation, nonce, head, sealed)
        .map_err(|_| Errno::VerificationFailed)?;
    check_date(Some(u64::from_le_bytes(expiration)))?;
    Ok(secret)
}
