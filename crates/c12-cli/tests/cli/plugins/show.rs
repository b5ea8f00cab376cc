//! `c12 plugin list` and `c12 plugin info`.

use snapbox::{assert_data_eq, str};

use super::{UNCHANGED, build};
use crate::harness::Home;

#[test]
fn the_list_has_official_ones() {
    assert_data_eq!(
        Home::new().c12(["plugin", "list"]).run().success(),
        str![[r#"
wasi: WASI 0.1, 0.2 and 0.3: [..]
  built in
  provides wasi_snapshot_preview1, wasi_unstable, wasi:io, wasi:cli, [..]
crypto 0.3.0: hashes, ciphers, signatures, key exchange and stored secrets: WASI-Crypto
  built in
  provides wasi:crypto, wasi_ephemeral_crypto_common, [..]
process 0.3.0: runs programs of the host that an allow-list names
  built in
  provides c12:process/process@0.1.0, wasmedge_process
logging 0.3.0: passes on what guests log
  built in
  provides wasi:logging/logging@0.1.0-draft, wasi:logging/logging
nn 0.3.0: runs models that the user names for guests
  built in
  provides wasi:nn, c12:nn, wasi_ephemeral_nn, c12_nn

"#]]
    );
}

/// A home with a plugin that is named, and in its folder the same, another one that offers the same, and broken files.
fn crowded() -> Home {
    let home = Home::new();
    build(&home.work().join("every.so"), UNCHANGED);
    build(&home.plugins().join("a.so"), UNCHANGED);
    build(
        &home.plugins().join("b.so"),
        "description.name=\"rival\";description.version=0;description.description=0",
    );
    build(&home.plugins().join("c.so"), "description.abi=7");
    std::fs::write(home.plugins().join("d.wasm"), "hello\n").unwrap();
    home
}

#[test]
fn the_list_has_conflicts_and_what_was_not_loaded() {
    let home = crowded();
    let list = home.c12(["plugin", "list", "--plugin", "every.so"]).run();
    assert_data_eq!(
        list.success(),
        str![[r#"
wasi: [..]
  built in
  provides wasi_snapshot_preview1, [..]
every 1.2.3: Every kind of value
  shared library every.so
  provides test:every/things@1.2.0, greeting
crypto 0.3.0: [..]
  built in
  provides [..]
process 0.3.0: [..]
  built in
  provides [..]
logging 0.3.0: [..]
  built in
  provides [..]
nn 0.3.0: [..]
  built in
  provides [..]
rival
  shared library [..]/.local/share/c12/plugins/b.so
  provides test:every/things@1.2.0, greeting

Conflicts
  `test:every/things@1.2.0` is offered by `every` and `rival`; `every` serves it, because it comes first
  `greeting` is offered by `every` and `rival`; `every` serves it, because it comes first

Not loaded
  [..]/.local/share/c12/plugins/a.so
    a plugin that comes earlier is called `every`, too
  [..]/.local/share/c12/plugins/c.so
    it speaks version 7 of the plugin ABI; this c12 speaks version 1
    help: build it against the `c12_plugin.h` of this c12
  [..]/.local/share/c12/plugins/d.wasm
    it is neither a shared library nor a component: it is text that starts with `hello`
    help: a plugin is a shared library for this machine [..], or a component

"#]]
    );
}

#[test]
fn the_list_is_there_for_machines() {
    let home = crowded();
    let outcome = home
        .c12(["plugin", "list", "--json", "--plugin", "every.so"])
        .run();
    assert_eq!(outcome.stderr, "");
    let list: serde_json::Value = serde_json::from_str(&outcome.success()).unwrap();
    let names: Vec<&str> = list["plugins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plugin| plugin["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "wasi", "every", "crypto", "process", "logging", "nn", "rival"
        ]
    );
    assert_eq!(list["conflicts"][0]["ignored"], "rival");
    assert_eq!(list["skipped"][0]["name"], "every");
    assert_eq!(list["failed"].as_array().unwrap().len(), 2);
}

#[test]
fn the_list_has_what_a_file_names() {
    let home = Home::new();
    build(&home.work().join("every.so"), UNCHANGED);
    home.write("c12.toml", "[plugins.every]\npath = \"every.so\"\n");
    let list = home.c12(["plugin", "list"]).env("C12_CONFIG", "c12.toml");
    assert!(list.run().success().contains("shared library every.so"));
    home.write("c12.toml", "[plugins.every]\npath = \"gone.so\"\n");
    let list = home.c12(["plugin", "list", "--config", "c12.toml"]).run();
    let error = list.failure(1);
    assert!(error.contains("cannot load the plugin gone.so"), "{error}");
}

#[test]
fn what_a_library_says_of_itself() {
    let home = Home::new();
    build(&home.work().join("every.so"), UNCHANGED);
    let info = home.c12(["plugin", "info", "every.so"]).run().success();
    assert_data_eq!(
        info.clone(),
        str![[r#"
every 1.2.3
Every kind of value

origin: shared library every.so
sha256: [..]
ABI: 1

Provides
  test:every/things@1.2.0
    [constructor]counter: func(start: u32) -> counter
    [method]counter.next: func(self: borrow<counter>) -> u32
    add: func(a: u32, b: u32) -> u32
    calls: func() -> u64
    echo: func(text: string) -> string
    reverse: func(text: string) -> string
    fill: func(count: u32) -> list<u8>
    mirror: func(of: point) -> point
    birthday: func(people: list<person>) -> list<person>
    twice: func(number: option<u32>) -> result<u64, string>
    sum: func([..]) -> u64
    crowd: func(nameless: u32) -> tuple<counter, string, list<counter>>
    live: func() -> u64
    wait: func(time: u32, bytes: list<u8>) -> list<u8>
    refuse: func()
    garbage: func(what: u32) -> string
    bad-bool: func(what: u32) -> bool
  greeting: func(name: string) -> string

Settings
  greeting (text, default `hello`): How to greet
  refuse (boolean, default `false`): Whether to refuse to open

"#]]
    );
    // By name it is found in the folder.
    std::fs::create_dir_all(home.plugins()).unwrap();
    std::fs::copy(home.work().join("every.so"), home.plugins().join("x.so")).unwrap();
    let found = home.c12(["plugin", "info", "every"]).run().success();
    let path = home.plugins().join("x.so").display().to_string();
    assert_eq!(
        found,
        info.replace("library every.so", &format!("library {path}"))
    );

    let json = home.c12(["plugin", "info", "--json", "every.so"]).run();
    let json: serde_json::Value = serde_json::from_str(&json.success()).unwrap();
    assert_eq!((&json["abi"], &json["name"]), (&1.into(), &"every".into()));
    assert_eq!(json["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(
        json["interfaces"][0]["functions"][2],
        serde_json::json!({ "name": "add", "type": "func(a: u32, b: u32) -> u32" })
    );
    assert_eq!(json["settings"][1]["kind"], "boolean");

    let wit = home.c12(["plugin", "info", "--wit", "every.so"]).run();
    let wit = wit.success();
    assert!(
        wit.starts_with("package test:every@1.2.0;\n") && wit.contains("resource counter {"),
        "{wit}"
    );
}

#[test]
fn official_plugins_say_the_same() {
    let home = Home::new();
    assert_data_eq!(
        home.c12(["plugin", "info", "logging"]).run().success(),
        str![[r#"
logging 0.3.0
passes on what guests log

origin: built in

Provides
  wasi:logging/logging@0.1.0-draft
    log: func(level: level, context: string, message: string)
  wasi:logging/logging
    log: func(level: level, context: string, message: string)

Settings
  level (text, default `trace`): the least level that is passed on: [..]
  length (bytes, default `16KiB`): what is passed on of a message, and of its context

"#]]
    );
    let process = home.c12(["plugin", "info", "process"]).run().success();
    for line in [
        "    spawn: func(command: command, pipes: pipes) -> result<child, error>\n",
        "  wasmedge_process (for core modules)\n",
        "  allow (text): the programs that guests may run",
    ] {
        assert!(process.contains(line), "{process}");
    }
    let wit = home.c12(["plugin", "info", "--wit", "process"]).run();
    assert!(wit.success().starts_with("package c12:process@0.1.0;\n"));
    let wasi = home.c12(["plugin", "info", "wasi"]).run().success();
    assert!(
        wasi.contains("  wasi:cli/run@") || wasi.contains("  wasi:cli/stdout@"),
        "{wasi}"
    );
    let error = home.c12(["plugin", "info", "sqlite"]).run().failure(1);
    assert!(
        error.starts_with("error: there is no plugin `sqlite`\n"),
        "{error}"
    );
}

/// The rows of a table of a plugin.
fn table(details: &serde_json::Value, title: &str) -> Vec<serde_json::Value> {
    let tables = details.as_array().unwrap();
    let table = tables.iter().find(|table| table["title"] == title);
    table.unwrap()["rows"].as_array().unwrap().clone()
}

#[test]
fn crypto_shows_its_algorithms_and_functions() {
    let home = Home::new();
    let text = home.c12(["plugin", "info", "crypto"]).run().success();
    assert_data_eq!(
        text.clone(),
        str![[r#"
crypto 0.3.0
hashes, ciphers, signatures, key exchange and stored secrets: WASI-Crypto

origin: built in

Provides
  wasi:crypto/wasi-ephemeral-crypto-common@0.11.0
    options-open: func(algorithm-type: algorithm-type) -> result<options, crypto-errno>
...
  wasi:crypto/wasi-ephemeral-crypto-symmetric-batch@0.11.0
...
  wasi_ephemeral_crypto_common (for core modules)
  wasi_ephemeral_crypto_asymmetric_common (for core modules)
  wasi_ephemeral_crypto_signatures (for core modules)
  wasi_ephemeral_crypto_symmetric (for core modules)
  wasi_ephemeral_crypto_kx (for core modules)
  wasi_ephemeral_crypto_external_secrets (for core modules)
  wasi_ephemeral_crypto_signatures_batch (for core modules)
  wasi_ephemeral_crypto_symmetric_batch (for core modules)

Settings
  store (path): the file in which keys and secrets are stored, encrypted; without one, guests have no secrets manager
  key-file (path): the file with the key of the store; by default the store's name with `.key` behind it. It is made together with the store
  export-stored (boolean, default `false`): whether guests may export stored keys
  handles (integer, default `65536`): objects that a guest may have open at once; `--max-handles` holds as well
  bytes (bytes, default `64MiB`): what a guest's open objects may hold
  batch (integer, default `65536`): operations that a guest may do with one call
  password-memory (bytes, default `256MiB`): memory that Argon2id or scrypt may take; `--max-host-bytes` holds as well
  password-work (integer, default `8388608`): work of one password function: [..]
  stored (integer, default `10000`): keys and secrets in the store, each version counted
  stored-bytes (bytes, default `64KiB`): the size of one stored secret
  stored-total (bytes, default `8MiB`): the size of the store, all of which every change writes
  threads (integer, default `0`): computations that take long, of all guests, that run at once; 0 means one for each processor

Algorithms
  name [..]
...
Functions for core modules
  module                                   function
  wasi_ephemeral_crypto_common             options_open
...
Secrets store
  file
  none: guests have no secrets manager; `crypto.store` gives them one

"#]]
    );
    for algorithm in ["AES-256-GCM", "Ed25519", "X-WING", "HKDF-EXPAND/SHA-512"] {
        let line = format!("\n  {algorithm} ");
        assert!(text.contains(&line), "{text}");
    }

    home.write(
        "c12.toml",
        "[plugins.crypto]\nconfig = { store = \"secrets\" }\n",
    );
    let info = ["plugin", "info", "--json", "--config", "c12.toml", "crypto"];
    let json: serde_json::Value = serde_json::from_str(&home.c12(info).run().success()).unwrap();
    let functions = table(&json["details"], "Functions for core modules");
    assert_eq!(functions.len(), 86);
    assert_eq!(
        functions[0],
        serde_json::json!({ "module": "wasi_ephemeral_crypto_common", "function": "options_open" })
    );
    let algorithms = table(&json["details"], "Algorithms");
    let gcm = algorithms.iter().find(|row| row["name"] == "AES-256-GCM");
    assert_eq!(gcm.unwrap()["key bytes"], "32");
    let store = table(&json["details"], "Secrets store");
    assert_eq!(store, [serde_json::json!({ "file": "secrets" })]);

    home.write("c12.toml", "[plugins.crypto]\nconfig = { stroe = \"x\" }\n");
    let error = home.c12(info).run().failure(2);
    assert!(
        error.contains("plugin `crypto` has no setting `stroe`"),
        "{error}"
    );
}
