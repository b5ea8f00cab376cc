//! Where the two implementations differ, and why that is right.

use std::fmt;

use c12_crypto_core::Errno;

use crate::outcome::Outcome;
use crate::world::Call;

/// A difference that is known.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The specification's functions, or what is done with them.
    pub functions: &'static [&'static str],
    /// The algorithms; with a star at its end, all whose names begin so.
    pub algorithms: &'static [&'static str],
    /// What this project's side does.
    pub ours: Outcome,
    /// What the oracle does.
    pub theirs: Outcome,
    /// Why.
    pub reason: &'static str,
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (functions, algorithms) = (self.functions.join(", "), self.algorithms.join(", "));
        write!(f, "{functions} ({algorithms}): ")?;
        if self.ours == self.theirs {
            write!(f, "not the same value; {}", self.reason)
        } else {
            let (ours, theirs) = (self.ours, self.theirs);
            write!(f, "we {ours}, they {theirs}; {}", self.reason)
        }
    }
}

macro_rules! outcome {
    (Done) => {
        Outcome::Done
    };
    (Panic) => {
        Outcome::Panic
    };
    ($errno:ident) => {
        Outcome::Errno(Errno::$errno)
    };
}

/// Reads the list: functions and algorithms, what we do and what the oracle does, and why.
macro_rules! known {
    ($([$($function:literal),+] of $algorithms:expr, $ours:ident / $theirs:ident => $reason:literal;)+) => {
        &[$(Known {
            functions: &[$($function),+],
            algorithms: $algorithms,
            ours: outcome!($ours),
            theirs: outcome!($theirs),
            reason: $reason,
        }),+]
    };
}

/// Every algorithm.
const ANY: &[&str] = &["*"];
const AEAD: &[&str] = &["AES-*", "CHACHA20-POLY1305", "XCHACHA20-POLY1305"];
const XOODYAK: &[&str] = &["XOODYAK-*"];
const CIPHERS: &[&str] = &[
    "AES-*",
    "CHACHA20-POLY1305",
    "XCHACHA20-POLY1305",
    "XOODYAK-*",
];
const FIXED_KEYS: &[&str] = &[
    "AES-*",
    "CHACHA20-POLY1305",
    "XCHACHA20-POLY1305",
    "XOODYAK-*",
    "HKDF-EXPAND/*",
];
const HASHES: &[&str] = &["SHA-*", "sha-256"];
const HMAC: &[&str] = &["HMAC/*", "Hmac/Sha-256"];
const NOT_CIPHERS: &[&str] = &["SHA-*", "sha-256", "HMAC/*", "Hmac/Sha-256", "HKDF-*"];
const ED25519: &[&str] = &["Ed25519"];
const ECDSA: &[&str] = &["ECDSA_*"];
const CURVES: &[&str] = &["Ed25519", "ECDSA_*"];
const RSA: &[&str] = &["RSA_*"];
const SIGNING: &[&str] = &["Ed25519", "ECDSA_*", "RSA_*"];
const KX: &[&str] = &["X25519", "ML-KEM-*", "X-WING"];
/// Those but RSA for which there is PKCS#8.
const PKCS8: &[&str] = &["Ed25519", "ECDSA_*", "X25519", "ML-KEM-*"];
const NOT_RSA: &[&str] = &["Ed25519", "ECDSA_*", "X25519", "ML-KEM-*", "X-WING"];

/// All of them. Words in quotation marks are sections of the specification (`docs/wasi-crypto.md`), with `witx` the comments of
/// its interface; files are the oracle's.
pub const KNOWN: &[Known] = known! {
    // Keys of symmetric algorithms.
    ["symmetric_key_import"] of FIXED_KEYS, InvalidKey / Done
        => "\"Symmetric keys\": `invalid_key` if the size is invalid; the oracle takes every size, and panics or fails when the key is used";
    ["symmetric_key_import"] of HASHES, KeyNotSupported / InvalidOperation
        => "\"Errors\": `key_not_supported` is for algorithms without keys";
    ["symmetric_key_generate"] of HASHES, UnsupportedFeature / InvalidOperation
        => "\"Symmetric keys\": `unsupported_feature` if the algorithm is implemented except key generation";

    // Opening states.
    ["symmetric_state_open"] of HASHES, KeyNotSupported / InvalidKey
        => "\"State\": `key_not_supported` if the algorithm has no keys; symmetric/state.rs compares the key's algorithm first";
    ["symmetric_state_open"] of ANY, UnsupportedOption / Done
        => "\"Errors\": `unsupported_option` for what the algorithm does not have; symmetric/mod.rs has one set of options for all";
    ["symmetric_state_open"] of AEAD, UnsupportedOption / NonceRequired
        => "two things are wrong, and the oracle does not look at options that the algorithm does not have";
    ["symmetric_state_open"] of AEAD, UnsupportedOption / InvalidNonce
        => "two things are wrong, and the oracle does not look at options that the algorithm does not have";
    ["symmetric_state_open"] of XOODYAK, UnsupportedOption / InvalidKey
        => "two things are wrong, and the oracle does not look at options that the algorithm does not have";
    ["symmetric_state_open with options"]
        of &["salt", "context", "memory_limit", "ops_limit", "parallelism"], UnsupportedOption / NonceRequired
        => "two things are wrong, and the oracle does not look at options that the algorithm does not have";
    ["symmetric_state_open"] of XOODYAK, InvalidNonce / InvalidKey
        => "\"AEADs\": `invalid_nonce` if the nonce has not the expected size; symmetric/xoodyak.rs blames the key for it";
    ["symmetric_state_open"] of XOODYAK, InvalidNonce / Done
        => "\"AEADs\": `invalid_nonce` if the nonce has not the expected size; symmetric/xoodyak.rs takes every size";
    ["symmetric_state_open"] of &["XCHACHA20-POLY1305"], Done / NonceRequired
        => "\"State\": the host must make a nonce that is large enough; symmetric/chacha_poly.rs does only when it is given a set of options";

    // Reading options.
    ["symmetric_state_options_get", "symmetric_state_options_get_u64"] of ANY, UnsupportedOption / OptionNotSet
        => "witx: `unsupported_option` if the algorithm has no such option; symmetric/mod.rs has one set of options for all";
    ["symmetric_state_options_get_u64"] of CIPHERS, OptionNotSet / UnsupportedOption
        => "witx: `unsupported_option` if the algorithm has no such option; it has, and no number was set for it";

    // Squeezing.
    ["symmetric_state_squeeze"] of &["HKDF-EXPAND/*"], InvalidLength / Overflow
        => "\"Errors\": `invalid_length` for what the algorithm cannot give, `overflow` for a buffer that is too small";
    ["symmetric_state_squeeze_key"] of &["HKDF-EXTRACT/*"], InvalidKey / Done
        => "\"Symmetric keys\": `invalid_key` if the size is invalid; the oracle takes every size, and panics or fails when the key is used";
    ["symmetric_state_squeeze_key"] of &["HKDF-*", "XOODYAK-*"], KeyNotSupported / InvalidOperation
        => "\"Errors\": `key_not_supported` is for algorithms without keys";
    ["symmetric_state_squeeze_key"] of &["HKDF-EXPAND/*"], Done / InvalidOperation
        => "the specification asks for bytes only; keys without a way through the guest's memory are more";
    ["symmetric_tag_pull"] of HMAC, InvalidLength / Done
        => "\"Authentication tags\": `invalid_length` if the buffer is too large";

    // Encrypting and decrypting.
    ["symmetric_state_encrypt", "symmetric_state_encrypt_detached", "symmetric_state_decrypt_detached"]
        of CIPHERS, Overflow / InvalidLength
        => "\"Symmetric operations\": `overflow` if the output is too small";
    ["symmetric_state_decrypt"] of CIPHERS, InvalidLength / Overflow
        => "\"Symmetric operations\": `invalid_length` if the output is too large";
    ["symmetric_state_encrypt_detached", "symmetric_state_decrypt_detached"]
        of NOT_CIPHERS, InvalidOperation / InvalidLength
        => "two things are wrong; \"Patterns\": what is not defined for an algorithm is refused unconditionally";
    ["symmetric_state_encrypt with a clone", "symmetric_state_encrypt_detached with a clone"]
        of CIPHERS, NonceRequired / Done
        => "of a state and its clones one can encrypt, or a nonce would be used twice; the oracle's clone is no copy";
    ["symmetric_state_decrypt with a clone", "symmetric_state_decrypt_detached with a clone"]
        of AEAD, NonceRequired / InvalidTag
        => "a clone has encrypted, and the nonce is spent for all; the oracle's clone is no copy";
    ["symmetric_state_decrypt"] of CIPHERS, InvalidTag / Overflow
        => "\"Symmetric operations\": `invalid_tag` if the tag did not verify, which one that is cut off cannot; to the oracle that is `overflow`, and so are all wrong tags of Xoodyak";
    ["symmetric_state_decrypt_detached"] of AEAD, InvalidTag / Panic
        => "\"AEADs\": `invalid_tag`; symmetric/aes_gcm.rs and symmetric/chacha_poly.rs panic when a tag has the wrong length";
    ["symmetric_state_decrypt_detached"] of AEAD, InvalidTag / NonceRequired
        => "two things are wrong: the tag's length, and that the state has encrypted";

    ["symmetric_state_encrypt", "symmetric_state_encrypt_detached"] of XOODYAK, InvalidLength / Done
        => "the library that both use makes the tag of an empty message from what can be squeezed as well; this side refuses such messages";
    ["symmetric_state_decrypt_detached"] of XOODYAK, InvalidLength / InvalidTag
        => "the library that both use makes the tag of an empty message from what can be squeezed as well; this side refuses such messages";

    // Key pairs.
    ["keypair_import raw"] of ECDSA, InvalidKey / Panic
        => "witx: `invalid_key` if the key cannot be decoded; signatures/ecdsa.rs panics when a scalar has the wrong length";
    ["keypair_import raw"] of ED25519, InvalidKey / Done
        => "RFC 8032: the public half follows from the secret one; signatures/eddsa.rs takes halves that do not belong together, and signing with them gives the secret away";
    ["keypair_import pkcs8", "keypair_import pem", "keypair_import local"]
        of CURVES, InvalidKey / UnsupportedEncoding
        => "the oracle does not read this encoding";
    ["keypair_import pkcs8", "keypair_import pem"] of ED25519, Done / UnsupportedEncoding
        => "the oracle does not read this encoding";
    ["keypair_import pkcs8"] of RSA, Done / InvalidKey
        => "\"Required encodings and key types\": PKCS#8; signatures/rsa.rs reads only PKCS#1 under that name";
    ["keypair_import pkcs8", "keypair_import pem"] of RSA, InvalidKey / Done
        => "BoringSSL passes over what follows a key, and signatures/rsa.rs takes keys longer than the algorithm says";
    ["keypair_export pkcs8", "keypair_export pem"] of RSA, Done / Done
        => "\"Required encodings and key types\": PKCS#8; signatures/rsa.rs writes PKCS#1 under that name";
    ["keypair_export local", "publickey_export local"] of RSA, Done / Done
        => "\"Encodings\": `local` is every implementation's own";
    ["keypair_export pkcs8", "keypair_export pem", "publickey_export pkcs8", "publickey_export pem"]
        of PKCS8, Done / UnsupportedEncoding
        => "the oracle does not write this encoding";
    ["keypair_export local", "publickey_export local"] of NOT_RSA, Done / UnsupportedEncoding
        => "the oracle does not write this encoding";
    ["keypair_import"] of KX, InvalidKey / InvalidOperation
        => "asymmetric_common/keypair.rs imports keys for signatures only";
    ["keypair_import"] of KX, Done / InvalidOperation
        => "asymmetric_common/keypair.rs imports keys for signatures only";
    ["keypair_import"] of &["X-WING"], UnsupportedEncoding / InvalidOperation
        => "asymmetric_common/keypair.rs imports keys for signatures only";
    ["keypair_from_pk_and_sk"] of KX, Done / NotImplemented
        => "asymmetric_common/keypair.rs does not put pairs together";
    ["keypair_secretkey"] of SIGNING, Done / NotImplemented
        => "signatures/keypair.rs has no secret keys";

    // Their halves.
    ["publickey_import raw"] of ED25519, InvalidKey / Done
        => "witx: `invalid_key` if the key does not match the algorithm; signatures/eddsa.rs finds out that it is no point when it verifies";
    ["publickey_import pkcs8", "publickey_import pem", "publickey_import local"]
        of CURVES, InvalidKey / UnsupportedEncoding
        => "the oracle does not read this encoding";
    ["publickey_import pkcs8", "publickey_import pem"] of ED25519, Done / UnsupportedEncoding
        => "the oracle does not read this encoding";
    ["publickey_import pkcs8", "publickey_import pem"] of RSA, InvalidKey / Done
        => "BoringSSL passes over what follows a key, and signatures/rsa.rs takes keys longer than the algorithm says";
    ["publickey_import raw"] of KX, InvalidKey / NotImplemented
        => "asymmetric_common/publickey.rs imports keys for signatures only";
    ["publickey_import raw"] of KX, Done / NotImplemented
        => "asymmetric_common/publickey.rs imports keys for signatures only";
    ["publickey_verify"] of SIGNING, Done / NotImplemented
        => "signatures/publickey.rs does not check keys";
    ["publickey_verify of a key of small order"] of ED25519, InvalidKey / NotImplemented
        => "signatures/publickey.rs does not check keys";
    ["secretkey_export pkcs8", "secretkey_export pem"] of &["X25519", "ML-KEM-*"], Done / UnsupportedEncoding
        => "the oracle does not write this encoding";
    ["secretkey_export local"] of KX, Done / UnsupportedEncoding
        => "the oracle does not write this encoding";
    ["secretkey_import"] of KX, InvalidKey / NotImplemented
        => "asymmetric_common/secretkey.rs imports nothing";
    ["secretkey_import"] of KX, Done / NotImplemented
        => "asymmetric_common/secretkey.rs imports nothing";

    // Signatures.
    ["signature_import der"] of ECDSA, InvalidSignature / UnsupportedEncoding
        => "\"Signatures\": DER may be read; the oracle does not, and a raw signature is none";
    ["signature_verification_state_verify"] of RSA, VerificationFailed / InvalidSignature
        => "\"Errors\": `verification_failed` if a signature does not verify, as the oracle has it for all but RSA";
    ["signature_verification_state_verify"] of &["ECDSA_K256_SHA256"], Done / VerificationFailed
        => "crate `k256` refuses the greater of the two values of `s`, as Bitcoin does and ECDSA does not";
    ["signature_verification_state_verify with a key of small order"] of ED25519, Done / VerificationFailed
        => "crate `ed25519-compact` refuses such keys; RFC 8032 does not ask for it, and here `publickey_verify` is for that";
    ["signature_verification_state_verify of another algorithm"] of ECDSA, InvalidSignature / VerificationFailed
        => "\"Errors\": `invalid_signature` if it is incompatible with the algorithm; the oracle does not tell curves apart";
    ["kx_encapsulate"] of SIGNING, InvalidOperation / InvalidHandle
        => "witx: `invalid_operation` if the algorithm does not encapsulate; to the oracle it is no public key";
    ["signature_state_open", "signature_verification_state_open"] of KX, InvalidKey / InvalidHandle
        => "\"Key pairs\": `invalid_key` for another type of key; to the oracle it is none at all";
};

/// The place of a difference in the list.
pub(crate) fn find(call: Call<'_>, outcomes: (Outcome, Outcome)) -> Option<usize> {
    // What holds for a state holds for its clones.
    let general = call.function.strip_suffix(" with a clone");
    let is_algorithm = |name: &&str| match name.strip_suffix('*') {
        Some(start) => call.algorithm.starts_with(start),
        None => *name == call.algorithm,
    };
    KNOWN.iter().position(|known| {
        let is_function = known.functions.contains(&call.function)
            || general.is_some_and(|general| known.functions.contains(&general));
        is_function
            && (known.ours, known.theirs) == outcomes
            && known.algorithms.iter().any(is_algorithm)
    })
}
