//! Signatures: everybody can check them, one can make them.

use c12_wasm::cli::Failure;
use c12_wasm::crypto::{
    EcdsaK256, EcdsaP256, EcdsaP384, Ed25519, Error, KeypairEncoding, MlDsa65, PublickeyEncoding,
    RsaPkcs1, RsaPss, Sha256, Signature, SignatureAlgorithm, SigningKey, VerifyingKey,
};

use crate::checks::Checks;
use crate::files;
use crate::hex;

pub(crate) fn new_key(secret: &str, public: &str) -> Result<(), Failure> {
    let key = SigningKey::<EcdsaP256>::generate()?;
    files::create(secret, key.export(KeypairEncoding::Pem)?.expose())?;
    files::create(
        public,
        &key.verifying_key()?.export(PublickeyEncoding::Pem)?,
    )
}

pub(crate) fn sign(secret: &str, message: &str, signature: &str) -> Result<(), Failure> {
    let key = SigningKey::<EcdsaP256>::import(&files::read(secret)?, KeypairEncoding::Pem)
        .map_err(|error| Failure::failed(format!("{secret} is no signing key: {error}")))?;
    files::create(signature, &key.sign(&files::read(message)?)?.to_der()?)
}

pub(crate) fn verify(public: &str, message: &str, signature: &str) -> Result<(), Failure> {
    let key = VerifyingKey::<EcdsaP256>::import(&files::read(public)?, PublickeyEncoding::Pem)
        .map_err(|error| Failure::failed(format!("{public} is no public key: {error}")))?;
    let message_bytes = files::read(message)?;
    let signed = Signature::from_der(&files::read(signature)?);
    let verified = signed.and_then(|signed| key.verify(&message_bytes, &signed));
    match verified {
        Ok(()) => files::print(&format!("{message}: the signature is authentic\n")),
        Err(error) => Err(Failure::failed(format!(
            "{message}: the signature is not authentic: {error}"
        ))),
    }
}

pub(crate) fn demonstrate(checks: &mut Checks) -> Result<(), Failure> {
    checks.title("signatures")?;
    published_vector(checks)?;
    signing::<Ed25519>(checks)?;
    signing::<EcdsaP256>(checks)?;
    signing::<EcdsaP384>(checks)?;
    signing::<EcdsaK256>(checks)?;
    signing::<MlDsa65>(checks)?;
    // Making an RSA key takes a while, so there is one for both paddings.
    let key = SigningKey::<RsaPss<Sha256, 2048>>::generate()?;
    signing_with(&key, checks)?;
    let pem = key.export(KeypairEncoding::Pem)?;
    let key = SigningKey::<RsaPkcs1<Sha256, 2048>>::import(pem.expose(), KeypairEncoding::Pem)?;
    signing_with(&key, checks)
}

/// The second test of RFC 8032, section 7.1.
fn published_vector(checks: &mut Checks) -> Result<(), Failure> {
    let pair = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb
        3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    let expected = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
        085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    let key = SigningKey::<Ed25519>::import(&hex::decode(pair)?, KeypairEncoding::Raw)?;
    let signature = key.sign(&hex::decode("72")?)?.to_bytes()?;
    checks.equal(
        "Ed25519 gives the published signature",
        &signature,
        &hex::decode(expected)?,
    )
}

fn signing<A: SignatureAlgorithm>(checks: &mut Checks) -> Result<(), Failure> {
    signing_with(&SigningKey::<A>::generate()?, checks)
}

/// What every algorithm has to do.
fn signing_with<A: SignatureAlgorithm>(
    key: &SigningKey<A>,
    checks: &mut Checks,
) -> Result<(), Failure> {
    let name = A::NAME;
    let signature = key.sign(b"I owe you five pounds")?;
    let public = key.verifying_key()?;
    let result = public.verify(b"I owe you five pounds", &signature);
    checks.succeeds(&format!("{name} verifies what it signed"), result)?;

    // Its bytes go to somebody who has the key from elsewhere.
    let signature = Signature::<A>::from_bytes(&signature.to_bytes()?)?;
    let result = public.verify(b"I owe you fifty pounds", &signature);
    refused(checks, &format!("{name} refuses another message"), result)?;

    let mut changed = signature.to_bytes()?;
    if let Some(byte) = changed.first_mut() {
        *byte ^= 1;
    }
    let result = Signature::<A>::from_bytes(&changed)
        .and_then(|changed| public.verify(b"I owe you five pounds", &changed));
    refused(
        checks,
        &format!("{name} refuses a changed signature"),
        result,
    )
}

/// A host may find out that a signature is wrong when it reads it or when it computes.
fn refused(checks: &mut Checks, what: &str, result: Result<(), Error>) -> Result<(), Failure> {
    match result {
        Err(Error::VerificationFailed | Error::InvalidSignature) => checks.passed(what),
        Err(error) => Err(Failure::failed(format!("{what}: {error}"))),
        Ok(()) => Err(Failure::failed(format!("{what}: it was accepted"))),
    }
}
