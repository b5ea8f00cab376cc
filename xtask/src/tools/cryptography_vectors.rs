//! Test vectors of NIST and of RFCs, as the Python package `cryptography` collects them for its own tests.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::pypi::Package;
use crate::layout::Layout;

const PACKAGE: Package = Package {
    what: "test vectors of NIST and of RFCs",
    name: "cryptography-vectors",
    // renovate: datasource=pypi depName=cryptography-vectors
    version: "50.0.2",
    sha256: &["51641f03a3eb4edbe9fb68e3a3574d25f86aa502d06391fffa886330d02778a0"],
    licence: "Apache-2.0 OR BSD-3-Clause",
};

/// The folders that tests read; the rest is a hundred megabytes.
const USED: [&str; 7] = [
    "asymmetric/Ed25519",
    "ciphers/AES/CTR",
    "ciphers/AES/GCM",
    "hashes/SHA2",
    "hashes/SHA3",
    "hashes/blake2",
    "KDF",
];

/// The folder of the vectors, downloaded when it is missing.
pub(crate) fn cryptography_vectors(layout: &Layout) -> Result<PathBuf> {
    let vectors = PACKAGE.install(layout, keep_used)?.join("vectors");
    vectors
        .is_dir()
        .then_some(vectors)
        .context("cryptography-vectors carries no vectors")
}

fn keep_used(unpacked: &Path) -> Result<()> {
    let all = unpacked.join("cryptography_vectors");
    for folder in USED {
        let place = unpacked.join("vectors").join(folder);
        let parent = place.parent().context("it is in a folder")?;
        std::fs::create_dir_all(parent)?;
        std::fs::rename(all.join(folder), &place)
            .with_context(|| format!("there is no {folder}"))?;
    }
    Ok(std::fs::remove_dir_all(all)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_package_only_what_is_used_stays() {
        let folder = tempfile::tempdir().unwrap();
        let all = folder.path().join("cryptography_vectors");
        for used in USED.into_iter().chain(["x509"]) {
            std::fs::create_dir_all(all.join(used)).unwrap();
            std::fs::write(all.join(used).join("a.txt"), used).unwrap();
        }
        keep_used(folder.path()).unwrap();
        let vectors = folder.path().join("vectors");
        for used in USED {
            let text = std::fs::read_to_string(vectors.join(used).join("a.txt")).unwrap();
            assert_eq!(text, used);
        }
        assert!(!all.exists() && !vectors.join("x509").exists());
    }

    #[test]
    fn a_package_without_what_is_used_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("cryptography_vectors")).unwrap();
        let error = keep_used(folder.path()).unwrap_err();
        assert!(error.to_string().contains("asymmetric/Ed25519"));
    }
}
