//! Keys with a public half (`wasi_ephemeral_crypto_asymmetric_common`).

use zeroize::Zeroizing;

use super::Session;
use super::symmetric_managed::expiration;
use crate::asymmetric::{Algorithm, KeyPair, PublicKey, SecretKey};
use crate::secrets::{Kind, Secret, SecretId};
use crate::{
    AlgorithmType, Errno, Handle, KeypairEncoding, PublickeyEncoding, Result, SecretkeyEncoding,
};

impl Session {
    /// Generates a key pair.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `unsupported_option`, `rng_error`.
    pub fn keypair_generate(
        &mut self,
        algorithm_type: AlgorithmType,
        algorithm: &str,
        options: Option<Handle>,
    ) -> Result<Handle> {
        let algorithm = Algorithm::parse(algorithm_type, algorithm)?;
        let options = self.options_of(options, algorithm_type)?;
        // Making a key can take long: not for nothing.
        self.table.check_room(1, 0)?;
        let pair = KeyPair::generate(algorithm, options)?;
        self.table.insert(pair)
    }

    /// Imports a key pair.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `unsupported_encoding`, `invalid_key`.
    pub fn keypair_import(
        &mut self,
        algorithm_type: AlgorithmType,
        algorithm: &str,
        encoded: &[u8],
        encoding: KeypairEncoding,
    ) -> Result<Handle> {
        let algorithm = Algorithm::parse(algorithm_type, algorithm)?;
        self.table.check_room(1, 0)?;
        self.table
            .insert(KeyPair::import(algorithm, encoded, encoding)?)
    }

    /// Generates a key pair in the secrets store.
    ///
    /// # Errors
    /// `unsupported_feature` without a store; as [`Session::keypair_generate`].
    pub fn keypair_generate_managed(
        &mut self,
        secrets_manager: Handle,
        algorithm_type: AlgorithmType,
        algorithm: &str,
        options: Option<Handle>,
    ) -> Result<Handle> {
        let store = self.store(secrets_manager)?;
        let algorithm = Algorithm::parse(algorithm_type, algorithm)?;
        let expiration = expiration(self.options_of(options, algorithm_type)?)?;
        self.table.check_room(1, 0)?;
        let mut pair = KeyPair::generate(algorithm, None)?;
        self.table.check_room(1, pair.bytes())?;
        let managed = store.add(&to_stored(&pair, expiration)?)?;
        pair.set_managed(managed, self.shared.config().export_managed);
        self.table.insert(pair)
    }

    /// Puts a key pair in the secrets store, and its identifier in `kp_id`.
    ///
    /// # Errors
    /// `overflow` when the identifier does not fit; nothing is stored then.
    pub fn keypair_store_managed(
        &mut self,
        secrets_manager: Handle,
        kp: Handle,
        kp_id: &mut [u8],
    ) -> Result<()> {
        let store = self.store(secrets_manager)?;
        let pair: &KeyPair = self.table.get(kp)?;
        if kp_id.len() < SecretId::LEN {
            return Err(Errno::Overflow);
        }
        let managed = store.add(&to_stored(
            pair,
            pair.managed().and_then(|managed| managed.expiration),
        )?)?;
        managed.id.write(kp_id)?;
        let is_exportable = self.shared.config().export_managed;
        self.table
            .get_mut::<KeyPair>(kp)?
            .set_managed(managed, is_exportable);
        Ok(())
    }

    /// Stores `kp_new` as the next version of `kp_old`, whose handle is closed, and says which version that is.
    ///
    /// # Errors
    /// `incompatible_keys`.
    pub fn keypair_replace_managed(
        &mut self,
        secrets_manager: Handle,
        kp_old: Handle,
        kp_new: Handle,
    ) -> Result<u64> {
        let store = self.store(secrets_manager)?;
        let old: &KeyPair = self.table.get(kp_old)?;
        let new: &KeyPair = self.table.get(kp_new)?;
        let replaced = old.managed().ok_or(Errno::UnsupportedFeature)?;
        if kp_old == kp_new {
            return Err(Errno::InvalidHandle);
        }
        if old.algorithm() != new.algorithm() {
            return Err(Errno::IncompatibleKeys);
        }
        let expiration = new.managed().and_then(|managed| managed.expiration);
        let managed = store.replace(replaced.id, &to_stored(new, expiration)?)?;
        let is_exportable = self.shared.config().export_managed;
        self.table
            .get_mut::<KeyPair>(kp_new)?
            .set_managed(managed, is_exportable);
        self.table.close::<KeyPair>(kp_old)?;
        Ok(managed.version)
    }

    /// Writes the identifier of a stored key pair; returns its length and the version.
    ///
    /// # Errors
    /// `unsupported_feature` when the key pair is not stored; `overflow`.
    pub fn keypair_id(&mut self, kp: Handle, kp_id: &mut [u8]) -> Result<(usize, u64)> {
        let managed = self
            .table
            .get::<KeyPair>(kp)?
            .managed()
            .ok_or(Errno::UnsupportedFeature)?;
        Ok((managed.id.write(kp_id)?, managed.version))
    }

    /// Opens a stored key pair.
    ///
    /// # Errors
    /// `not_found`, `expired`.
    pub fn keypair_from_id(
        &mut self,
        secrets_manager: Handle,
        kp_id: &[u8],
        kp_version: u64,
    ) -> Result<Handle> {
        let store = self.store(secrets_manager)?;
        self.table.check_room(1, 0)?;
        let (stored, managed) = store.load(Kind::KeyPair, SecretId::read(kp_id)?, kp_version)?;
        let algorithm = Algorithm::parse(stored.algorithm_type, &stored.algorithm)?;
        let mut pair = KeyPair::import(algorithm, &stored.content, KeypairEncoding::Local)?;
        pair.set_managed(managed, self.shared.config().export_managed);
        self.table.insert(pair)
    }

    /// Makes a key pair of its halves.
    ///
    /// # Errors
    /// `incompatible_keys`.
    pub fn keypair_from_pk_and_sk(
        &mut self,
        publickey: Handle,
        secretkey: Handle,
    ) -> Result<Handle> {
        let pair = KeyPair::from_parts(self.table.get(publickey)?, self.table.get(secretkey)?)?;
        self.table.insert(pair)
    }

    /// Exports a key pair.
    ///
    /// # Errors
    /// `unsupported_encoding`, `prohibited_operation`.
    pub fn keypair_export(&mut self, kp: Handle, encoding: KeypairEncoding) -> Result<Handle> {
        let encoded = self.table.get::<KeyPair>(kp)?.export(encoding)?;
        self.insert_output(encoded)
    }

    /// The public half.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn keypair_publickey(&mut self, kp: Handle) -> Result<Handle> {
        let public = self.table.get::<KeyPair>(kp)?.public_key();
        self.table.insert(public)
    }

    /// The secret half.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn keypair_secretkey(&mut self, kp: Handle) -> Result<Handle> {
        let secret = self.table.get::<KeyPair>(kp)?.secret_key();
        self.table.insert(secret)
    }

    /// Closes a key pair.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn keypair_close(&mut self, kp: Handle) -> Result<()> {
        self.table.close::<KeyPair>(kp)
    }

    /// Imports a public key.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `unsupported_encoding`, `invalid_key`.
    pub fn publickey_import(
        &mut self,
        algorithm_type: AlgorithmType,
        algorithm: &str,
        encoded: &[u8],
        encoding: PublickeyEncoding,
    ) -> Result<Handle> {
        let algorithm = Algorithm::parse(algorithm_type, algorithm)?;
        self.table
            .insert(PublicKey::import(algorithm, encoded, encoding)?)
    }

    /// Exports a public key.
    ///
    /// # Errors
    /// `unsupported_encoding`.
    pub fn publickey_export(&mut self, pk: Handle, encoding: PublickeyEncoding) -> Result<Handle> {
        let encoded = self.table.get::<PublicKey>(pk)?.export(encoding)?;
        self.insert_output(Zeroizing::new(encoded))
    }

    /// Checks a public key.
    ///
    /// # Errors
    /// `invalid_key`.
    pub fn publickey_verify(&mut self, pk: Handle) -> Result<()> {
        self.table.get::<PublicKey>(pk)?.verify()
    }

    /// The public key of a secret key.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn publickey_from_secretkey(&mut self, sk: Handle) -> Result<Handle> {
        let public = self.table.get::<SecretKey>(sk)?.public_key();
        self.table.insert(public)
    }

    /// Closes a public key.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn publickey_close(&mut self, pk: Handle) -> Result<()> {
        self.table.close::<PublicKey>(pk)
    }

    /// Imports a secret key.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `unsupported_encoding`, `invalid_key`.
    pub fn secretkey_import(
        &mut self,
        algorithm_type: AlgorithmType,
        algorithm: &str,
        encoded: &[u8],
        encoding: SecretkeyEncoding,
    ) -> Result<Handle> {
        let algorithm = Algorithm::parse(algorithm_type, algorithm)?;
        self.table
            .insert(SecretKey::import(algorithm, encoded, encoding)?)
    }

    /// Exports a secret key.
    ///
    /// # Errors
    /// `unsupported_encoding`, `prohibited_operation`.
    pub fn secretkey_export(&mut self, sk: Handle, encoding: SecretkeyEncoding) -> Result<Handle> {
        let encoded = self.table.get::<SecretKey>(sk)?.export(encoding)?;
        self.insert_output(encoded)
    }

    /// Closes a secret key.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn secretkey_close(&mut self, sk: Handle) -> Result<()> {
        self.table.close::<SecretKey>(sk)
    }
}

/// A key pair, as the store keeps it.
fn to_stored(pair: &KeyPair, expiration: Option<u64>) -> Result<Secret> {
    Ok(Secret {
        kind: Kind::KeyPair,
        algorithm_type: pair.algorithm().algorithm_type(),
        algorithm: pair.algorithm().name().to_owned(),
        content: pair.to_stored()?,
        expiration,
    })
}
