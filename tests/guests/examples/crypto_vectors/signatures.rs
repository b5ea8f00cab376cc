//! Signatures.

use c12_wasm::crypto::{Error, Result, raw};
use raw::{AlgorithmType, KeypairEncoding, PublickeyEncoding, SignatureEncoding};

use crate::fields::{Expected, Fields};
use crate::tally::{Outcome, Tallies, Verdict, failed, gives, refused};

/// How a signature that is none is refused: when it is read, or when it is computed.
const REFUSED: [Error; 2] = [Error::InvalidSignature, Error::VerificationFailed];

/// What a group of vectors has for all of them.
struct Group {
    algorithm: String,
    /// The same public key in all encodings that the vectors have.
    keys: Vec<(PublickeyEncoding, Vec<u8>)>,
    encoding: SignatureEncoding,
    /// Why the algorithm has to refuse all of them.
    outside: Option<&'static str>,
}

pub(crate) fn verify(set: &str, group: Fields<'_>, tests: &[Fields<'_>], tallies: &mut Tallies) {
    let described = describe(set, group);
    for test in tests {
        let outcome = verify_vector(&described, group, *test);
        tallies.add(&described.algorithm, &test.name(), outcome);
    }
}

fn describe(set: &str, group: Fields<'_>) -> Group {
    let pem = group.maybe_text("publicKeyPem").map(str::as_bytes);
    let mut keys: Vec<_> = pem
        .map(|pem| (PublickeyEncoding::Pem, pem.to_vec()))
        .into_iter()
        .collect();
    keys.extend(
        group
            .maybe_bytes("publicKeyDer")
            .map(|der| (PublickeyEncoding::Pkcs8, der)),
    );
    let key = group.fields("publicKey");
    let (algorithm, encoding, outside) = match group.text("type") {
        "EddsaVerify" => {
            keys.push((PublickeyEncoding::Raw, key.bytes("pk")));
            ("Ed25519".to_owned(), SignatureEncoding::Raw, None)
        }
        kind @ ("EcdsaVerify" | "EcdsaBitcoinVerify" | "EcdsaP1363Verify") => {
            keys.push((PublickeyEncoding::Sec, key.bytes("uncompressed")));
            let algorithm = match key.text("curve") {
                "secp256r1" => "ECDSA_P256_SHA256",
                "secp384r1" => "ECDSA_P384_SHA384",
                "secp256k1" => "ECDSA_K256_SHA256",
                other => panic!("no algorithm for the curve {other}"),
            };
            let encoding = match kind {
                "EcdsaP1363Verify" => SignatureEncoding::Raw,
                _ => SignatureEncoding::Der,
            };
            (algorithm.to_owned(), encoding, None)
        }
        "RsassaPkcs1Verify" => {
            let (algorithm, outside) = rsa("RSA_PKCS1", group, true);
            (algorithm, SignatureEncoding::Raw, outside)
        }
        "RsassaPssVerify" | "RsassaPssWithParametersVerify" => {
            let hash = group.text("sha");
            let length = match hash {
                "SHA-256" => 32,
                "SHA-384" => 48,
                _ => 64,
            };
            let is_ours =
                group.maybe_text("mgfSha") == Some(hash) && group.number("sLen") == length;
            let (algorithm, outside) = rsa("RSA_PSS", group, is_ours);
            (algorithm, SignatureEncoding::Raw, outside)
        }
        "MlDsaVerify" => {
            keys = vec![(PublickeyEncoding::Raw, group.bytes("publicKey"))];
            keys.extend(
                group
                    .maybe_bytes("publicKeyDer")
                    .map(|der| (PublickeyEncoding::Pkcs8, der)),
            );
            (set.to_owned(), SignatureEncoding::Raw, None)
        }
        other => panic!("no algorithm for {other}"),
    };
    Group {
        algorithm,
        keys,
        encoding,
        outside,
    }
}

/// The algorithm of a group, or the one that comes closest and why it has to refuse.
fn rsa(padding: &str, group: Fields<'_>, is_ours: bool) -> (String, Option<&'static str>) {
    let (bits, hash) = (group.number("keySize"), group.text("sha"));
    let mut outside = (!is_ours).then_some("other parameters of the padding");
    let hash = match hash {
        "SHA-256" => "SHA256",
        "SHA-384" => "SHA384",
        "SHA-512" => "SHA512",
        _ => {
            outside = Some("other hash functions");
            "SHA256"
        }
    };
    let bits = match bits {
        2048 | 3072 | 4096 => bits,
        _ => {
            outside = Some("keys of other sizes");
            2048
        }
    };
    (format!("{padding}_{bits}_{hash}"), outside)
}

fn check(
    algorithm: &str,
    key: &(PublickeyEncoding, Vec<u8>),
    message: &[u8],
    signature: &[u8],
    encoding: SignatureEncoding,
) -> Result<()> {
    let (form, key) = key;
    let key = raw::publickey_import(AlgorithmType::Signatures, algorithm, key, *form)?;
    let signature = raw::signature_import(algorithm, signature, encoding)?;
    let state = raw::signature_verification_state_open(&key)?;
    raw::signature_verification_state_update(&state, message)?;
    raw::signature_verification_state_verify(&state, &signature)
}

fn verify_vector(group: &Group, fields: Fields<'_>, test: Fields<'_>) -> Outcome {
    let (message, signature) = (test.bytes("msg"), test.bytes("sig"));
    let has_context = test
        .maybe_text("ctx")
        .is_some_and(|context| !context.is_empty());
    let mut verdict = None;
    for key in &group.keys {
        let verified = check(&group.algorithm, key, &message, &signature, group.encoding);
        verdict = Some(match (group.outside, test.expected()) {
            (Some(reason), _) => {
                refused(verified, &[Error::InvalidKey, REFUSED[0], REFUSED[1]])?;
                Verdict::Outside(reason)
            }
            (None, Expected::Valid) if has_context => {
                refused(verified, &REFUSED)?;
                Verdict::Outside("signatures with a context")
            }
            (None, Expected::Valid) => {
                verified.map_err(|error| format!("{:?}: {error}", key.0))?;
                Verdict::Verified
            }
            (None, Expected::Acceptable) => {
                if verified.is_err() {
                    refused(verified, &REFUSED)?;
                }
                Verdict::Either
            }
            (None, Expected::Invalid) => invalid(fields, test, verified)?,
        });
    }
    verdict.ok_or_else(|| "there is no key".to_owned())
}

/// What has to be refused, but for one thing: of the two signatures that ECDSA has for a message, Bitcoin allows one.
fn invalid(group: Fields<'_>, test: Fields<'_>, verified: Result<()>) -> Outcome {
    let is_bitcoin = group.text("type") == "EcdsaBitcoinVerify";
    if is_bitcoin && verified.is_ok() && has_high_s(&test.bytes("sig")).map_err(failed)? {
        return Ok(Verdict::Outside(
            "Bitcoin's rule against the other signature",
        ));
    }
    let is_bad_key = test.has_flag("IncorrectPublicKeyLength") || test.has_flag("InvalidPublicKey");
    match is_bad_key {
        true => refused(verified, &[Error::InvalidKey])?,
        false => refused(verified, &REFUSED)?,
    }
    Ok(Verdict::Refused)
}

/// Whether the second number of a signature on secp256k1 is more than half of the order.
fn has_high_s(der: &[u8]) -> Result<bool> {
    let mut half = [0xff; 32];
    half[0] = 0x7f;
    half[16..].copy_from_slice(&0x5d57_6e73_57a4_501d_dfe9_2f46_681b_20a0_u128.to_be_bytes());
    let signature = raw::signature_import("ECDSA_K256_SHA256", der, SignatureEncoding::Der)?;
    let numbers = raw::signature_export(&signature, SignatureEncoding::Raw)?;
    Ok(numbers[32..] > half[..])
}

/// Signs, in the one way that Ed25519 has.
pub(crate) fn sign_ed25519(tests: &[Fields<'_>], tallies: &mut Tallies) {
    for test in tests {
        tallies.add("Ed25519", &test.name(), sign_ed25519_vector(*test));
    }
}

fn sign_ed25519_vector(test: Fields<'_>) -> Outcome {
    let kind = AlgorithmType::Signatures;
    let (secret, public) = (test.bytes("sk"), test.bytes("pk"));
    let pair = [secret.as_slice(), &public].concat();
    let pair = raw::keypair_import(kind, "Ed25519", &pair, KeypairEncoding::Raw).map_err(failed)?;
    let secret = raw::secretkey_import(kind, "Ed25519", &secret, raw::SecretkeyEncoding::Raw);
    let computed = secret.and_then(|secret| raw::publickey_from_secretkey(&secret));
    let computed = computed.and_then(|key| raw::publickey_export(&key, PublickeyEncoding::Raw));
    gives("the public key", computed, &public)?;
    let message = test.bytes("msg");
    gives("the signature", sign(&pair, &message), &test.bytes("sig"))?;
    let key = (PublickeyEncoding::Raw, public);
    let signature = test.bytes("sig");
    check(
        "Ed25519",
        &key,
        &message,
        &signature,
        SignatureEncoding::Raw,
    )
    .map_err(failed)?;
    let mut changed = message.clone();
    changed.push(0);
    let verified = check(
        "Ed25519",
        &key,
        &changed,
        &signature,
        SignatureEncoding::Raw,
    );
    refused(verified, &REFUSED)?;
    Ok(Verdict::Verified)
}

fn sign(pair: &raw::Keypair, message: &[u8]) -> Result<Vec<u8>> {
    let state = raw::signature_state_open(pair)?;
    raw::signature_state_update(&state, message)?;
    raw::signature_export(&raw::signature_state_sign(&state)?, SignatureEncoding::Raw)
}

/// ML-DSA signs with random numbers, so that its signatures are not those of the vectors: both are verified.
pub(crate) fn sign_ml_dsa(
    algorithm: &str,
    group: Fields<'_>,
    tests: &[Fields<'_>],
    tallies: &mut Tallies,
) {
    let secret = group
        .maybe_bytes("privateSeed")
        .or(group.maybe_bytes("privateKey"));
    let secret = secret.unwrap_or_default();
    let kind = AlgorithmType::Signatures;
    for test in tests {
        let pair = raw::keypair_import(kind, algorithm, &secret, KeypairEncoding::Raw);
        let is_bad =
            test.has_flag("IncorrectPrivateKeyLength") || test.has_flag("InvalidPrivateKey");
        let outcome = match (is_bad, pair) {
            (true, pair) => refused(pair, &[Error::InvalidKey]).map(|()| Verdict::Refused),
            (false, Ok(pair)) => sign_ml_dsa_vector(algorithm, group, *test, &pair),
            (false, Err(error)) => Err(failed(error)),
        };
        tallies.add(algorithm, &test.name(), outcome);
    }
}

fn sign_ml_dsa_vector(
    algorithm: &str,
    group: Fields<'_>,
    test: Fields<'_>,
    pair: &raw::Keypair,
) -> Outcome {
    let public = raw::keypair_publickey(pair);
    let public = public.and_then(|key| raw::publickey_export(&key, PublickeyEncoding::Raw));
    let public = public.map_err(failed)?;
    if let Some(expected) = group.maybe_bytes("publicKey") {
        gives("the public key", Ok(public.clone()), &expected)?;
    }
    let Some(message) = test.maybe_bytes("msg") else {
        return Ok(Verdict::Outside("messages that are given as a digest"));
    };
    let key = (PublickeyEncoding::Raw, public);
    let encoding = SignatureEncoding::Raw;
    let signature = sign(pair, &message).map_err(failed)?;
    check(algorithm, &key, &message, &signature, encoding).map_err(failed)?;
    let verified = check(algorithm, &key, &message, &test.bytes("sig"), encoding);
    let has_context = test
        .maybe_text("ctx")
        .is_some_and(|context| !context.is_empty());
    match test.expected() {
        Expected::Valid if has_context => {
            refused(verified, &REFUSED)?;
            Ok(Verdict::Outside("signatures with a context"))
        }
        Expected::Valid => verified.map(|()| Verdict::Verified).map_err(failed),
        _ => {
            refused(verified, &REFUSED)?;
            Ok(Verdict::Refused)
        }
    }
}
