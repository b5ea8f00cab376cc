//! The command line.

use c12_wasm::cli::Failure;

use crate::digests::Algorithm;

pub(crate) const HELP: &str = "\
Shows what a host with WASI-Crypto can do.

Usage: 11_crypto_operations [COMMAND]

Without a command, everything is demonstrated and checked.

Commands:
  hash [--algorithm NAME] FILE             print the digest of a file, as `sha256sum` does; NAME is sha256, sha384,
                                           sha512, sha3-256, sha3-512, blake2b or blake3 [default: sha256]
  new-key KEY                              make a key and write it to a new file
  new-stored-key KEY                       make a key that stays with the host, and write its identifier to a new file
  revoke KEY                               make such a key unusable for ever
  seal KEY FILE SEALED                     encrypt a file, with a key or an identifier
  open KEY SEALED FILE                     decrypt it
  new-signing-key SECRET PUBLIC            make a signing key and write both halves to new files
  sign SECRET FILE SIGNATURE               sign a file
  verify PUBLIC FILE SIGNATURE             check the signature of a file
  derive SALT                              print a key, derived from the password on standard input
  conversation                             let two parties talk, with somebody in between who interferes
  --help

Exit codes: 0 done, 1 failed or not authentic, 2 wrong usage (a WASI 0.2 host may report 2 as 1).
";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Demonstrate,
    Hash {
        algorithm: Algorithm,
        path: String,
    },
    NewKey {
        key: String,
    },
    NewStoredKey {
        key: String,
    },
    Revoke {
        key: String,
    },
    Seal {
        key: String,
        from: String,
        to: String,
    },
    Open {
        key: String,
        from: String,
        to: String,
    },
    NewSigningKey {
        secret: String,
        public: String,
    },
    Sign {
        secret: String,
        message: String,
        signature: String,
    },
    Verify {
        public: String,
        message: String,
        signature: String,
    },
    Derive {
        salt: String,
    },
    Conversation,
}

impl Command {
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let owned = |text: &&str| (*text).to_owned();
        Ok(match arguments.as_slice() {
            [] => Self::Demonstrate,
            ["--help" | "-h"] => Self::Help,
            ["hash", path] if !path.starts_with('-') => Self::Hash {
                algorithm: Algorithm::Sha256,
                path: owned(path),
            },
            ["hash", "--algorithm", name, path] => Self::Hash {
                algorithm: Algorithm::parse(name)?,
                path: owned(path),
            },
            ["new-key", key] => Self::NewKey { key: owned(key) },
            ["new-stored-key", key] => Self::NewStoredKey { key: owned(key) },
            ["revoke", key] => Self::Revoke { key: owned(key) },
            ["seal", key, from, to] => Self::Seal {
                key: owned(key),
                from: owned(from),
                to: owned(to),
            },
            ["open", key, from, to] => Self::Open {
                key: owned(key),
                from: owned(from),
                to: owned(to),
            },
            ["new-signing-key", secret, public] => Self::NewSigningKey {
                secret: owned(secret),
                public: owned(public),
            },
            ["sign", secret, message, signature] => Self::Sign {
                secret: owned(secret),
                message: owned(message),
                signature: owned(signature),
            },
            ["verify", public, message, signature] => Self::Verify {
                public: owned(public),
                message: owned(message),
                signature: owned(signature),
            },
            ["derive", salt] => Self::Derive { salt: owned(salt) },
            ["conversation"] => Self::Conversation,
            [command, ..] => {
                return Err(Failure::usage(format!(
                    "`{command}` is no command, or not with these arguments"
                )));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Command::parse(&words)
    }

    #[test]
    fn commands_are_known_with_their_arguments() {
        assert_eq!(parse("").unwrap(), Command::Demonstrate);
        assert_eq!(parse("conversation").unwrap(), Command::Conversation);
        let hash = Command::Hash {
            algorithm: Algorithm::Blake3,
            path: "f".into(),
        };
        assert_eq!(parse("hash --algorithm blake3 f").unwrap(), hash);
        for line in ["hash", "hash --algorithm md5 f", "seal a b", "frobnicate"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
