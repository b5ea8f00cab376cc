//! What a guest does with keys, in one call each. No handle stays open.

use c12_crypto_core::{
    AlgorithmType, Config, Errno, Handle, KeypairEncoding, PublickeyEncoding, Result,
    SecretkeyEncoding, Session, Shared, SignatureEncoding,
};

pub(crate) struct Guest {
    pub(crate) session: Session,
}

impl Guest {
    pub(crate) fn new() -> Self {
        Self {
            session: Session::new(&Shared::new(Config::default()).unwrap()),
        }
    }

    /// The bytes of an output.
    pub(crate) fn take(&mut self, output: Handle) -> Vec<u8> {
        let mut bytes = vec![0; self.session.array_output_len(output).unwrap()];
        assert_eq!(
            self.session.array_output_pull(output, &mut bytes),
            Ok(bytes.len())
        );
        bytes
    }

    /// Verifies a signature of a message that comes in two pieces.
    pub(crate) fn verify(
        &mut self,
        algorithm: &str,
        key: (&[u8], PublickeyEncoding),
        message: &[u8],
        signature: (&[u8], SignatureEncoding),
    ) -> Result<()> {
        let key =
            self.session
                .publickey_import(AlgorithmType::Signatures, algorithm, key.0, key.1)?;
        let verdict = self.verify_with(key, algorithm, message, signature);
        self.session.publickey_close(key).unwrap();
        assert_eq!(self.session.open_handles(), 0);
        verdict
    }

    fn verify_with(
        &mut self,
        key: Handle,
        algorithm: &str,
        message: &[u8],
        signature: (&[u8], SignatureEncoding),
    ) -> Result<()> {
        let state = self.session.signature_verification_state_open(key).unwrap();
        let (first, second) = message.split_at(message.len() / 3);
        self.session
            .signature_verification_state_update(state, first)
            .unwrap();
        self.session
            .signature_verification_state_update(state, second)
            .unwrap();
        let verdict = self
            .session
            .signature_import(algorithm, signature.0, signature.1)
            .and_then(|signature| {
                let verdict = self
                    .session
                    .signature_verification_state_verify(state, signature);
                self.session.signature_close(signature).unwrap();
                verdict
            });
        self.session
            .signature_verification_state_close(state)
            .unwrap();
        verdict
    }

    /// Signs a message with a key pair that stays open.
    pub(crate) fn sign(&mut self, pair: Handle, message: &[u8]) -> Result<Vec<u8>> {
        let state = self.session.signature_state_open(pair)?;
        self.session.signature_state_update(state, message)?;
        let signature = self.session.signature_state_sign(state)?;
        let raw = self
            .session
            .signature_export(signature, SignatureEncoding::Raw)?;
        self.session.signature_close(signature)?;
        self.session.signature_state_close(state)?;
        Ok(self.take(raw))
    }

    /// Agrees on a secret.
    pub(crate) fn dh(
        &mut self,
        algorithm: &str,
        public: (&[u8], PublickeyEncoding),
        secret: (&[u8], SecretkeyEncoding),
    ) -> Result<Vec<u8>> {
        let public = self.session.publickey_import(
            AlgorithmType::KeyExchange,
            algorithm,
            public.0,
            public.1,
        )?;
        let secret = self
            .session
            .secretkey_import(AlgorithmType::KeyExchange, algorithm, secret.0, secret.1)
            .unwrap();
        let agreed = self
            .session
            .kx_dh(public, secret)
            .map(|output| self.take(output));
        self.session.publickey_close(public).unwrap();
        self.session.secretkey_close(secret).unwrap();
        assert_eq!(self.session.open_handles(), 0);
        agreed
    }

    /// Decapsulates a secret.
    pub(crate) fn decapsulate(
        &mut self,
        algorithm: &str,
        secret: (&[u8], SecretkeyEncoding),
        encapsulated: &[u8],
    ) -> Result<Vec<u8>> {
        let secret = self.session.secretkey_import(
            AlgorithmType::KeyExchange,
            algorithm,
            secret.0,
            secret.1,
        )?;
        let decapsulated = self
            .session
            .kx_decapsulate(secret, encapsulated)
            .map(|output| self.take(output));
        self.session.secretkey_close(secret).unwrap();
        assert_eq!(self.session.open_handles(), 0);
        decapsulated
    }

    /// Writes the public key of a secret key.
    pub(crate) fn public_of(
        &mut self,
        algorithm_type: AlgorithmType,
        algorithm: &str,
        secret: (&[u8], SecretkeyEncoding),
        encoding: PublickeyEncoding,
    ) -> Result<Vec<u8>> {
        let secret =
            self.session
                .secretkey_import(algorithm_type, algorithm, secret.0, secret.1)?;
        let public = self.session.publickey_from_secretkey(secret)?;
        let output = self.session.publickey_export(public, encoding)?;
        self.session.publickey_close(public)?;
        self.session.secretkey_close(secret)?;
        Ok(self.take(output))
    }

    /// Imports a key pair.
    pub(crate) fn pair(
        &mut self,
        algorithm: &str,
        encoded: &[u8],
        encoding: KeypairEncoding,
    ) -> Result<Handle> {
        self.session
            .keypair_import(AlgorithmType::Signatures, algorithm, encoded, encoding)
    }
}

/// What became of a set of vectors.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Must be accepted, and was.
    pub(crate) accepted: usize,
    /// Must be refused, and was.
    pub(crate) refused: usize,
    /// May be either.
    pub(crate) either: usize,
    /// Says something about what the interface does not have.
    pub(crate) outside: usize,
}

impl Tally {
    /// Notes the verdict on a vector that must be accepted, or must be refused.
    pub(crate) fn expect(&mut self, name: &str, is_valid: bool, verdict: Result<()>) {
        match (is_valid, verdict) {
            (true, Ok(())) => self.accepted += 1,
            (
                false,
                Err(Errno::InvalidKey | Errno::InvalidSignature | Errno::VerificationFailed),
            ) => self.refused += 1,
            (is_valid, verdict) => {
                panic!("{name}: valid is {is_valid}, and the verdict is {verdict:?}")
            }
        }
    }
}

/// Bytes of their hexadecimal digits.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    let value = |digit: &u8| char::from(*digit).to_digit(16).unwrap() as u8;
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| value(&pair[0]) << 4 | value(&pair[1]))
        .collect()
}
