//! Where the two implementations differ, and why that is right.

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

/// All of them.
pub const KNOWN: &[Known] = known! {
    // Keys of symmetric algorithms.
    ["symmetric_key_import"] of FIXED_KEYS, InvalidKey / Done
        => "the oracle does not look at a key's length before it uses the key, and panics then";
    ["symmetric_key_import"] of HASHES, KeyNotSupported / InvalidOperation
        => "the specification has a code for algorithms without keys";
    ["symmetric_key_generate"] of HASHES, UnsupportedFeature / InvalidOperation
        => "the specification says `unsupported_feature` where keys cannot be generated";

    // Opening states.
    ["symmetric_state_open"] of HASHES, KeyNotSupported / InvalidKey
        => "the oracle compares the key's algorithm first, although the hash takes no key at all";
    ["symmetric_state_open"] of ANY, UnsupportedOption / Done
        => "the oracle passes over options that the algorithm does not have";
    ["symmetric_state_open"] of AEAD, UnsupportedOption / NonceRequired
        => "two things are wrong, and the oracle does not look at options that the algorithm does not have";
    ["symmetric_state_open"] of AEAD, UnsupportedOption / InvalidNonce
        => "two things are wrong, and the oracle does not look at options that the algorithm does not have";
    ["symmetric_state_open with options"] of &["salt", "context"], UnsupportedOption / NonceRequired
        => "two things are wrong, and the oracle does not look at options that the algorithm does not have";
    ["symmetric_state_open"] of XOODYAK, InvalidNonce / InvalidKey
        => "it is the nonce that is too long";
    ["symmetric_state_open"] of &["XCHACHA20-POLY1305"], Done / NonceRequired
        => "the host makes nonces of this size; the oracle does so only when it is given a set of options";

    // Reading options.
    ["symmetric_state_options_get", "symmetric_state_options_get_u64"] of ANY, UnsupportedOption / OptionNotSet
        => "the oracle has one set of options for all algorithms, and calls `not set` what this one does not have";
    ["symmetric_state_options_get_u64"] of CIPHERS, OptionNotSet / UnsupportedOption
        => "the algorithm has the option, and no number was set for it";

    // Squeezing.
    ["symmetric_state_squeeze"] of &["HKDF-EXPAND/*"], InvalidLength / Overflow
        => "`invalid_length` is for what the algorithm cannot give";
    ["symmetric_state_squeeze_key"] of &["HKDF-EXTRACT/*"], InvalidKey / Done
        => "the oracle makes keys of a length that their algorithm cannot use";
    ["symmetric_state_squeeze_key"] of &["HKDF-*", "XOODYAK-*"], KeyNotSupported / InvalidOperation
        => "the specification has a code for algorithms without keys";
    ["symmetric_state_squeeze_key"] of &["HKDF-EXPAND/*"], Done / InvalidOperation
        => "the oracle derives bytes only, and no keys";
    ["symmetric_tag_pull"] of HMAC, InvalidLength / Done
        => "the specification says `invalid_length` for a buffer that is too long";

    // Encrypting and decrypting.
    ["symmetric_state_encrypt", "symmetric_state_encrypt_detached", "symmetric_state_decrypt_detached"]
        of CIPHERS, Overflow / InvalidLength
        => "the output is too short, and not too long";
    ["symmetric_state_decrypt"] of CIPHERS, InvalidLength / Overflow
        => "the output is too long, and not too short";
    ["symmetric_state_encrypt_detached", "symmetric_state_decrypt_detached"]
        of NOT_CIPHERS, InvalidOperation / InvalidLength
        => "two things are wrong, and that the algorithm is no cipher is the greater";
    ["symmetric_state_encrypt with a clone", "symmetric_state_encrypt_detached with a clone"]
        of CIPHERS, NonceRequired / Done
        => "of a state and its clones one can encrypt, or a nonce would be used twice";
    ["symmetric_state_decrypt with a clone", "symmetric_state_decrypt_detached with a clone"]
        of AEAD, NonceRequired / InvalidTag
        => "a clone has encrypted, and the nonce is spent for all";
    ["symmetric_state_decrypt"] of CIPHERS, InvalidTag / Overflow
        => "what is too short for a tag has none that verifies; Xoodyak's wrong tags are all `overflow` to the oracle";
    ["symmetric_state_decrypt_detached"] of AEAD, InvalidTag / Panic
        => "the oracle panics when a tag has the wrong length";
    ["symmetric_state_decrypt_detached"] of AEAD, InvalidTag / NonceRequired
        => "two things are wrong: the tag's length, and that the state has encrypted";

    // Key pairs.
    ["keypair_import raw"] of ECDSA, InvalidKey / Panic
        => "the oracle panics when a scalar has the wrong length";
    ["keypair_import raw"] of ED25519, InvalidKey / Done
        => "the oracle takes halves that do not belong together; signing with them gives the secret away";
    ["keypair_import pkcs8", "keypair_import pem", "keypair_import local"]
        of CURVES, InvalidKey / UnsupportedEncoding
        => "the oracle does not read this encoding";
    ["keypair_import pkcs8"] of RSA, InvalidKey / Done
        => "the oracle reads PKCS#1 where it says PKCS#8";
    ["keypair_import pkcs8"] of RSA, Done / InvalidKey
        => "the oracle reads PKCS#1 where it says PKCS#8";
    ["keypair_import pem"] of RSA, InvalidKey / Done
        => "BoringSSL passes over what is wrong around a key, and the oracle takes keys longer than the algorithm says";
    ["keypair_export pkcs8", "keypair_export pem"] of RSA, Done / Done
        => "the oracle writes PKCS#1 where it says PKCS#8";
    ["keypair_export local", "publickey_export local"] of RSA, Done / Done
        => "every implementation has its own `local`";
    ["keypair_export pkcs8", "keypair_export pem", "publickey_export pkcs8", "publickey_export pem"]
        of PKCS8, Done / UnsupportedEncoding
        => "the oracle does not write this encoding";
    ["keypair_export local", "publickey_export local"] of NOT_RSA, Done / UnsupportedEncoding
        => "the oracle does not write this encoding";
    ["keypair_import"] of KX, InvalidKey / InvalidOperation
        => "the oracle does not import keys for key exchange";
    ["keypair_import"] of &["X-WING"], UnsupportedEncoding / InvalidOperation
        => "the oracle does not import keys for key exchange";
    ["keypair_from_pk_and_sk"] of KX, Done / NotImplemented
        => "the oracle does not put pairs together";
    ["keypair_secretkey"] of SIGNING, Done / NotImplemented
        => "the oracle has no secret keys for signatures";

    // Their halves.
    ["publickey_import raw"] of ED25519, InvalidKey / Done
        => "the oracle finds out that a key is no point when it verifies with it";
    ["publickey_import pkcs8", "publickey_import pem", "publickey_import local"]
        of CURVES, InvalidKey / UnsupportedEncoding
        => "the oracle does not read this encoding";
    ["publickey_import pkcs8", "publickey_import pem"] of ED25519, Done / UnsupportedEncoding
        => "the oracle does not read this encoding";
    ["publickey_import pkcs8", "publickey_import pem"] of RSA, InvalidKey / Done
        => "BoringSSL passes over what is wrong around a key, and the oracle takes keys longer than the algorithm says";
    ["publickey_import raw"] of KX, InvalidKey / NotImplemented
        => "the oracle does not import keys for key exchange";
    ["publickey_import raw"] of &["X25519"], Done / NotImplemented
        => "the oracle does not import keys for key exchange";
    ["publickey_verify"] of SIGNING, Done / NotImplemented
        => "the oracle does not check keys for signatures";
    ["publickey_verify"] of ED25519, InvalidKey / NotImplemented
        => "the oracle does not check keys for signatures";
    ["secretkey_export pkcs8", "secretkey_export pem"] of &["X25519", "ML-KEM-*"], Done / UnsupportedEncoding
        => "the oracle does not write this encoding";
    ["secretkey_export local"] of KX, Done / UnsupportedEncoding
        => "the oracle does not write this encoding";
    ["secretkey_import"] of KX, InvalidKey / NotImplemented
        => "the oracle does not import keys for key exchange";

    // Signatures.
    ["signature_import der"] of ECDSA, InvalidSignature / UnsupportedEncoding
        => "the oracle does not read DER, and a raw signature is none";
    ["signature_verification_state_verify"] of RSA, VerificationFailed / InvalidSignature
        => "the specification says `verification_failed`, as the oracle does for all other algorithms";
    ["signature_verification_state_verify"] of &["ECDSA_K256_SHA256"], Done / VerificationFailed
        => "the library below the oracle refuses the greater of the two values of `s`, as Bitcoin does and ECDSA does not";
    ["signature_verification_state_verify with a key of small order"] of ED25519, Done / VerificationFailed
        => "verifying refuses such keys there; RFC 8032 does not ask for it, and here `publickey_verify` is for that";
    ["signature_verification_state_verify of another algorithm"] of ECDSA, InvalidSignature / VerificationFailed
        => "the oracle tells families of algorithms apart, but not two curves";
    ["kx_encapsulate"] of SIGNING, InvalidOperation / InvalidHandle
        => "it is a public key, of an algorithm that does not encapsulate";
    ["signature_state_open", "signature_verification_state_open"] of KX, InvalidKey / InvalidHandle
        => "it is a key, of an algorithm that does not sign";
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
