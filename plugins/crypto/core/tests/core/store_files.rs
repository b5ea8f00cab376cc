//! The files of a secrets store: damage, crashes, several hosts.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use c12_crypto_core::{Config, ConfigError, Errno, Shared, StoreError, version};
use tempfile::TempDir;

use crate::store::{add, config, read, start};

fn problem(config: Config) -> StoreError {
    match Shared::new(config).expect_err("an error") {
        ConfigError::Store(error) => error,
        other => panic!("{other}"),
    }
}

#[cfg(unix)]
#[test]
fn store_and_key_are_their_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    add(&mut session, manager, b"secret");
    for name in ["secrets", "secrets.key", "secrets.lock"] {
        let mode = fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let key = folder.path().join("secrets.key");
    for mode in [0o640, 0o604, 0o666] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let error = problem(config(folder.path()));
        assert!(matches!(error, StoreError::OpenKey { .. }), "{error}");
        assert!(error.to_string().contains("chmod 600"));
    }
}

#[test]
fn the_key_can_be_elsewhere() {
    let (folder, keys) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let config = Config {
        store_key: Some(keys.path().join("my.key")),
        ..config(folder.path())
    };
    let (mut session, manager) = start(config.clone());
    let id = add(&mut session, manager, b"secret");
    assert!(!folder.path().join("secrets.key").exists());
    let text = fs::read_to_string(keys.path().join("my.key")).unwrap();
    assert!(text.starts_with("c12-secrets-store-key-1:"));
    let (mut session, manager) = start(config);
    assert_eq!(
        read(&mut session, manager, &id, version::LATEST).unwrap(),
        b"secret"
    );
}

#[test]
fn a_store_is_never_opened_with_a_key_that_is_not_its_own() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    start(config(folder.path()));
    start(config(other.path()));
    let (store, key) = (
        folder.path().join("secrets"),
        folder.path().join("secrets.key"),
    );
    let whole = fs::read(&store).unwrap();
    let own = fs::read(&key).unwrap();
    fs::write(&key, fs::read(other.path().join("secrets.key")).unwrap()).unwrap();
    assert!(matches!(
        problem(config(folder.path())),
        StoreError::OtherKey { .. }
    ));
    for text in [
        &b""[..],
        b"c12-secrets-store-key-1:",
        b"c12-secrets-store-key-1:AAAA\n",
        &own[..own.len() - 5],
        &[0xff; 70],
    ] {
        fs::write(&key, text).unwrap();
        assert!(matches!(
            problem(config(folder.path())),
            StoreError::NotAKey { .. }
        ));
    }
    fs::remove_file(&key).unwrap();
    assert!(matches!(
        problem(config(folder.path())),
        StoreError::NoKey { .. }
    ));
    assert!(!key.exists(), "a key was made up");
    assert_eq!(fs::read(&store).unwrap(), whole);
    fs::write(&key, own).unwrap();
    set_private(&key);
    start(config(folder.path()));
}

fn set_private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let _ = path;
}

/// Every byte of the file, and every length: what is damaged is an error, and what is not can be read.
#[test]
fn damage_is_an_error_and_loses_nothing_else() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let secrets = [&b"the first secret"[..], b"", b"the third"];
    let ids = secrets.map(|secret| add(&mut session, manager, secret));
    drop(session);
    let path = folder.path().join("secrets");
    let whole = fs::read(&path).unwrap();
    let (mut of_one, mut of_all) = (0, 0);
    for at in 0..whole.len() {
        let mut bad = whole.clone();
        bad[at] ^= 0x10;
        fs::write(&path, &bad).unwrap();
        match Shared::new(config(folder.path())) {
            Ok(_) => {
                of_one += 1;
                let (mut session, manager) = start(config(folder.path()));
                let read = ids
                    .each_ref()
                    .map(|id| read(&mut session, manager, id, version::LATEST));
                let lost = read
                    .iter()
                    .filter(|read| **read == Err(Errno::InternalError))
                    .count();
                assert_eq!(lost, 1, "{at}");
                let kept = read
                    .iter()
                    .zip(secrets)
                    .filter(|(read, secret)| read.as_deref() == Ok(secret))
                    .count();
                assert_eq!(kept, 2, "{at}");
            }
            Err(ConfigError::Store(_)) => {
                of_all += 1;
                assert_eq!(fs::read(&path).unwrap(), bad, "{at}: the file was changed");
            }
            Err(error) => panic!("{at}: {error}"),
        }
    }
    assert_eq!(of_one + of_all, whole.len());
    // Ciphertexts alone: two bytes and the secret itself, without tags.
    assert_eq!(
        of_one,
        secrets.iter().map(|secret| 2 + secret.len()).sum::<usize>()
    );
    for len in 0..whole.len() {
        fs::write(&path, &whole[..len]).unwrap();
        let error = problem(config(folder.path()));
        assert!(
            matches!(
                error,
                StoreError::Damaged { .. } | StoreError::NotAStore { .. }
            ),
            "{len}: {error}"
        );
    }
    fs::write(&path, [&whole[..], b"more"].concat()).unwrap();
    assert!(matches!(
        problem(config(folder.path())),
        StoreError::Damaged { .. }
    ));
    fs::write(&path, whole).unwrap();
    start(config(folder.path()));
}

/// Who can write the file cannot take a secret out of it, bring back one version alone, or swap two.
#[test]
fn parts_of_a_former_file_are_no_parts_of_the_present_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("secrets");
    let (mut session, manager) = start(config(folder.path()));
    let id = add(&mut session, manager, b"12345678");
    add(&mut session, manager, b"abcdefgh");
    let former = fs::read(&path).unwrap();
    session
        .external_secret_invalidate(manager, &id, version::ALL)
        .unwrap();
    add(&mut session, manager, b"ABCDEFGH");
    drop(session);
    let present = fs::read(&path).unwrap();
    assert_eq!(former.len(), present.len());
    let header = 56;
    let record = (present.len() - header) / 2;
    let (first, second) = (header..header + record, header + record..present.len());
    let tries = [
        [&present[..header], &present[first.clone()]].concat(),
        [
            &present[..header],
            &present[second.clone()],
            &present[first.clone()],
        ]
        .concat(),
        [
            &present[..header],
            &present[first.clone()],
            &present[first.clone()],
        ]
        .concat(),
        [
            &present[..header],
            &former[first.clone()],
            &present[second.clone()],
        ]
        .concat(),
        [
            &present[..header],
            &present[first.clone()],
            &present[second],
            &former[first],
        ]
        .concat(),
        [&former[..header], &present[header..]].concat(),
        [&present[..header], &former[header..]].concat(),
    ];
    for bad in tries {
        fs::write(&path, bad).unwrap();
        assert!(matches!(
            problem(config(folder.path())),
            StoreError::Damaged { .. }
        ));
    }
}

#[test]
fn a_running_host_notices_a_former_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("secrets");
    let (mut session, manager) = start(config(folder.path()));
    let id = add(&mut session, manager, b"secret");
    let former = fs::read(&path).unwrap();
    session
        .external_secret_invalidate(manager, &id, version::ALL)
        .unwrap();
    let present = fs::read(&path).unwrap();
    fs::write(&path, &former).unwrap();
    assert_eq!(
        session.external_secret_from_id(manager, &id, version::LATEST),
        Err(Errno::InternalError)
    );
    assert_eq!(
        session.external_secret_store(manager, b"x", 1, &mut [0; 16]),
        Err(Errno::InternalError)
    );
    assert_eq!(fs::read(&path).unwrap(), former, "it was changed");
    fs::write(&path, present).unwrap();
    assert_eq!(
        session.external_secret_from_id(manager, &id, version::LATEST),
        Err(Errno::NotFound)
    );
    fs::remove_file(&path).unwrap();
    assert_eq!(
        session.external_secret_from_id(manager, &id, version::LATEST),
        Err(Errno::InternalError)
    );
    assert_eq!(
        session.external_secret_store(manager, b"x", 1, &mut [0; 16]),
        Err(Errno::InternalError)
    );
}

#[test]
fn what_a_crash_left_is_nobody_s() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let id = add(&mut session, manager, b"secret");
    drop(session);
    let whole = fs::read(folder.path().join("secrets")).unwrap();
    let left = folder.path().join("secrets.new");
    for len in [0, 10, whole.len() / 2, whole.len()] {
        fs::write(&left, &whole[..len]).unwrap();
        let (mut session, manager) = start(config(folder.path()));
        assert_eq!(
            read(&mut session, manager, &id, version::LATEST).unwrap(),
            b"secret"
        );
        add(&mut session, manager, b"another");
        assert!(!left.exists());
    }
}

/// Not a test of its own: what the other processes do.
#[test]
fn another_process() {
    let Ok(folder) = std::env::var("C12_TEST_STORE") else {
        return;
    };
    let (mut session, manager) = start(config(folder.as_ref()));
    let count: usize = std::env::var("C12_TEST_COUNT").unwrap().parse().unwrap();
    for number in 0..count {
        let id = add(&mut session, manager, format!("secret {number}").as_bytes());
        fs::write(
            Path::new(&folder).join(format!("id-{}-{number}", std::process::id())),
            id,
        )
        .unwrap();
    }
}

fn another(folder: &Path, count: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store_files::another_process"])
        .env("C12_TEST_STORE", folder)
        .env("C12_TEST_COUNT", count.to_string())
        .spawn()
        .unwrap()
}

fn written(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let ids = entries.filter(|entry| entry.file_name().to_str().unwrap().starts_with("id-"));
    ids.map(|entry| {
        let number = entry
            .file_name()
            .to_str()
            .unwrap()
            .rsplit_once('-')
            .unwrap()
            .1
            .to_owned();
        (format!("secret {number}"), fs::read(entry.path()).unwrap())
    })
    .filter(|(_, id)| id.len() == 16)
    .collect()
}

#[test]
fn several_hosts_take_turns() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let children: Vec<_> = (0..3).map(|_| another(folder.path(), 20)).collect();
    let own: Vec<_> = (0..20)
        .map(|number: u8| add(&mut session, manager, &[number]))
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let written = written(folder.path());
    assert_eq!(written.len(), 60);
    for (secret, id) in written {
        assert_eq!(
            read(&mut session, manager, &id, version::LATEST).unwrap(),
            secret.as_bytes()
        );
    }
    for (number, id) in own.iter().enumerate() {
        assert_eq!(read(&mut session, manager, id, 1).unwrap(), [number as u8]);
    }
}

/// Wherever a host is killed, the store is whole, and what it had confirmed is there.
#[test]
fn a_host_that_is_killed_loses_nothing() {
    let folder = TempDir::new().unwrap();
    start(config(folder.path()));
    for round in 0..8 {
        let before = written(folder.path()).len();
        let mut child = another(folder.path(), 1_000_000);
        let begun = Instant::now();
        while written(folder.path()).len() < before + 3 {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "nothing is written"
            );
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_micros(700 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let (mut session, manager) = start(config(folder.path()));
        for (secret, id) in written(folder.path()) {
            assert_eq!(
                read(&mut session, manager, &id, version::LATEST).unwrap(),
                secret.as_bytes()
            );
        }
    }
}
