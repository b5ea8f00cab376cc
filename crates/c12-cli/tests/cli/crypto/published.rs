//! Vectors of NIST and of RFCs, in the form that the guest reads.
//!
//! They are in the package `cryptography-vectors`: paragraphs of lines `name = value`, with headings `[name = value]` that hold
//! for what follows.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};

use super::vectors::Set;

type Record = HashMap<String, String>;

/// All sets.
pub(super) fn sets(folder: &Path) -> Vec<Set> {
    let mut sets = Vec::new();
    for (file, algorithm, links) in [
        ("SHA2/SHA256", "SHA-256", 3),
        ("SHA2/SHA384", "SHA-384", 3),
        ("SHA2/SHA512", "SHA-512", 3),
        ("SHA2/SHA512_256", "SHA-512/256", 3),
        ("SHA3/SHA3_256", "SHA3-256", 1),
        ("SHA3/SHA3_384", "SHA3-384", 1),
        ("SHA3/SHA3_512", "SHA3-512", 1),
    ] {
        for length in ["Short", "Long"] {
            let records = records(&folder.join(format!("hashes/{file}{length}Msg.rsp")));
            let name = format!("{algorithm}_{length}");
            sets.push(set(
                &name,
                algorithm,
                json!({"type": "HashTest", "tests": hashes(&records)}),
            ));
        }
        let records = records(&folder.join(format!("hashes/{file}Monte.rsp")));
        let group = json!({"type": "HashChainTest", "links": links, "tests": chain(&records)});
        sets.push(set(&format!("{algorithm}_Monte"), algorithm, group));
    }
    let blake2b = hashes(&records(&folder.join("hashes/blake2/blake2b.txt")));
    sets.push(set(
        "blake2b",
        "BLAKE2B-512",
        json!({"type": "HashTest", "tests": blake2b}),
    ));
    for bits in [128, 256] {
        let records = records(&folder.join(format!("ciphers/AES/CTR/aes-{bits}-ctr.txt")));
        let group = json!({"type": "CtrTest", "tests": counters(&records)});
        sets.push(set(
            &format!("ctr_{bits}"),
            &format!("AES-{bits}-CTR"),
            group,
        ));
        for direction in ["Encrypt", "Decrypt"] {
            let file = if direction == "Encrypt" {
                "EncryptExtIV"
            } else {
                direction
            };
            let records =
                self::records(&folder.join(format!("ciphers/AES/GCM/gcm{file}{bits}.rsp")));
            let group = json!({"type": "AeadTest", "keySize": bits, "tests": sealed(&records)});
            sets.push(set(&format!("gcm_{bits}_{direction}"), "AES-GCM", group));
        }
    }
    let scrypt = scrypt(&records(&folder.join("KDF/scrypt.txt")));
    sets.push(set(
        "scrypt",
        "SCRYPT",
        json!({"type": "ScryptTest", "tests": scrypt}),
    ));
    let argon2 = argon2(&records(&folder.join("KDF/argon2id.txt")));
    sets.push(set(
        "argon2id",
        "ARGON2ID",
        json!({"type": "Argon2Test", "tests": argon2}),
    ));
    let ed25519 = ed25519(&folder.join("asymmetric/Ed25519/sign.input"));
    sets.push(set(
        "ed25519",
        "EDDSA",
        json!({"type": "EddsaSign", "tests": ed25519}),
    ));
    sets
}

fn set(name: &str, algorithm: &str, group: Value) -> Set {
    let file = json!({"algorithm": algorithm, "testGroups": [group]});
    Set {
        name: name.replace('/', "_"),
        text: file.to_string(),
    }
}

/// The paragraphs of a file, each with what the headings before it say.
fn records(path: &Path) -> Vec<Record> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut records = Vec::new();
    let (mut headings, mut record) = (Record::new(), Record::new());
    for line in text.lines().map(str::trim).chain([""]) {
        let heading = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'));
        let pair = |line: &str| {
            let (name, value) = line.split_once('=')?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        };
        if let Some(heading) = heading {
            headings.extend(pair(heading));
        } else if line.is_empty() {
            if !record.is_empty() {
                let mut whole = headings.clone();
                whole.extend(std::mem::take(&mut record));
                records.push(whole);
            }
        } else if !line.starts_with('#') {
            record.extend(pair(line).or(Some((line.to_owned(), String::new()))));
        }
    }
    records
}

/// The bytes of a field, as digits.
fn digits<'r>(record: &'r Record, name: &str) -> &'r str {
    record.get(name).map_or("", String::as_str)
}

fn number(record: &Record, name: &str) -> u64 {
    digits(record, name).parse().unwrap()
}

/// The records that have a field, numbered.
fn numbered(records: &[Record], field: &str, test: impl Fn(usize, &Record) -> Value) -> Vec<Value> {
    let records = records.iter().filter(|record| record.contains_key(field));
    records
        .enumerate()
        .map(|(index, record)| test(index + 1, record))
        .collect()
}

fn hashes(records: &[Record]) -> Vec<Value> {
    numbered(records, "MD", |id, record| {
        // Nothing is written as one zero.
        let message = &digits(record, "Msg")[..number(record, "Len") as usize / 4];
        json!({"tcId": id, "msg": message, "digest": digits(record, "MD"), "result": "valid"})
    })
}

fn chain(records: &[Record]) -> Vec<Value> {
    let mut seed = digits(&records[0], "Seed").to_owned();
    let mut tests = Vec::new();
    for record in records.iter().filter(|record| record.contains_key("MD")) {
        let digest = digits(record, "MD").to_owned();
        tests.push(
            json!({"tcId": tests.len() + 1, "seed": seed, "digest": digest, "result": "valid"}),
        );
        seed = digest;
    }
    tests
}

fn counters(records: &[Record]) -> Vec<Value> {
    numbered(records, "KEY", |id, record| {
        json!({
            "tcId": id,
            "key": digits(record, "KEY"),
            "iv": digits(record, "IV"),
            "msg": digits(record, "PLAINTEXT"),
            "ct": digits(record, "CIPHERTEXT"),
            "result": "valid",
        })
    })
}

fn sealed(records: &[Record]) -> Vec<Value> {
    numbered(records, "Key", |id, record| {
        let result = if record.contains_key("FAIL") {
            "invalid"
        } else {
            "valid"
        };
        json!({
            "tcId": id,
            "key": digits(record, "Key"),
            "iv": digits(record, "IV"),
            "aad": digits(record, "AAD"),
            "msg": digits(record, "PT"),
            "ct": digits(record, "CT"),
            "tag": digits(record, "Tag"),
            "result": result,
        })
    })
}

/// Passwords and salts are written as they are.
fn scrypt(records: &[Record]) -> Vec<Value> {
    let hex = |text: &str| {
        text.bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    numbered(records, "DERIVED_KEY", |id, record| {
        json!({
            "tcId": id,
            "password": hex(digits(record, "PASSWORD")),
            "salt": hex(digits(record, "SALT")),
            "n": number(record, "N"),
            "r": number(record, "r"),
            "p": number(record, "p"),
            "dkLen": number(record, "LENGTH"),
            "dk": digits(record, "DERIVED_KEY"),
            "result": "valid",
        })
    })
}

fn argon2(records: &[Record]) -> Vec<Value> {
    numbered(records, "output", |id, record| {
        json!({
            "tcId": id,
            "password": digits(record, "pass"),
            "salt": digits(record, "salt"),
            "secret": digits(record, "secret"),
            "ad": digits(record, "ad"),
            "passes": number(record, "iter"),
            "memoryKib": number(record, "memcost"),
            "lanes": number(record, "lanes"),
            "dkLen": number(record, "length"),
            "dk": digits(record, "output"),
            "result": "valid",
        })
    })
}

/// Lines of secret and public key, public key, message, and signature and message, with colons between.
fn ed25519(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().enumerate();
    lines
        .map(|(index, line)| {
            let fields: Vec<&str> = line.split(':').collect();
            json!({
                "tcId": index + 1,
                "sk": &fields[0][..64],
                "pk": fields[1],
                "msg": fields[2],
                "sig": &fields[3][..128],
                "result": "valid",
            })
        })
        .collect()
}
