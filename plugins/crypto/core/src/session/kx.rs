//! Key exchange (`wasi_ephemeral_crypto_kx`).

use zeroize::Zeroizing;

use super::Session;
use super::array_output::ArrayOutput;
use crate::asymmetric::{PublicKey, kx};
use crate::{Handle, Result};

impl Session {
    /// Agrees on a secret.
    ///
    /// # Errors
    /// `incompatible_keys`, `invalid_operation`, `invalid_key`.
    pub fn kx_dh(&mut self, pk: Handle, sk: Handle) -> Result<Handle> {
        let secret = kx::dh(self.table.get(pk)?, self.table.get(sk)?)?;
        self.insert_output(secret)
    }

    /// Makes a secret and encrypts it for a public key: returns both, the secret first.
    ///
    /// # Errors
    /// `invalid_operation`.
    pub fn kx_encapsulate(&mut self, pk: Handle) -> Result<(Handle, Handle)> {
        let public: &PublicKey = self.table.get(pk)?;
        self.table.check_room(2, 0)?;
        let made = kx::encapsulate(public)?;
        let secret = ArrayOutput::new(made.secret);
        let encapsulated = ArrayOutput::new(Zeroizing::new(made.encapsulated));
        self.table
            .check_room(2, secret.bytes() + encapsulated.bytes())?;
        Ok((self.table.insert(secret)?, self.table.insert(encapsulated)?))
    }

    /// The secret that was encrypted for a key.
    ///
    /// # Errors
    /// `verification_failed`, `invalid_operation`.
    pub fn kx_decapsulate(&mut self, sk: Handle, encapsulated_secret: &[u8]) -> Result<Handle> {
        let secret = kx::decapsulate(self.table.get(sk)?, encapsulated_secret)?;
        self.insert_output(secret)
    }
}
