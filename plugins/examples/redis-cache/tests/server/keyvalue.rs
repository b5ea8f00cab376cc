//! What can be done with buckets, and what the server then has.

use std::collections::BTreeSet;

use c12_plugin::harness::{Outcome, Value};

use crate::guest::{DRAFT, DRAFT2, Guest, bytes, open, other};
use crate::redis_server::Server;
use crate::{Test, tests};

pub(crate) const TESTS: &[Test] = tests![
    values_are_the_servers,
    buckets_are_apart,
    keys_come_in_pages,
    increments_are_one_step,
    batches_keep_their_order,
    swaps_happen_if_nothing_happened,
    limits_hold_on_both_ways,
    what_is_no_value_is_an_error,
    every_function_survives_anything,
];

fn values_are_the_servers() {
    let server = Server::start(&[]);
    let plugin = open(&server.url(), &[("prefix", "app:")]);
    for version in [DRAFT, DRAFT2] {
        let mut guest = Guest::new(&plugin, version);
        assert_eq!(guest.get("k"), Ok(Value::none()));
        assert_eq!(guest.exists("k"), Ok(false));
        guest.delete("k").unwrap();
        guest.set("k", "Grüße".as_bytes()).unwrap();
        assert_eq!(server.cli(&["GET", "app:default:k"]), "Grüße");
        let binary = [0, 10, 255, 13, 0];
        guest.set("k", &binary).unwrap();
        assert_eq!(guest.get("k"), Ok(Value::some(bytes(&binary))));
        assert_eq!(server.cli(&["STRLEN", "app:default:k"]), "5");
        guest.set("empty", &[]).unwrap();
        assert_eq!(guest.get("empty"), Ok(Value::some(bytes(&[]))));
        assert_eq!(guest.exists("empty"), Ok(true));
        server.cli(&["SET", "app:default:k", "from elsewhere"]);
        assert_eq!(guest.get("k"), Ok(Value::some(bytes(b"from elsewhere"))));
        guest.delete("k").unwrap();
        guest.delete("empty").unwrap();
        assert_eq!(server.cli(&["DBSIZE"]), "0");
        // A key is not a command, whatever is in it.
        guest.set("a b\r\nDEL x\r\n\0", b"1").unwrap();
        assert_eq!(guest.keys().0, ["a b\r\nDEL x\r\n\0"]);
        guest.delete("a b\r\nDEL x\r\n\0").unwrap();
    }
}

fn buckets_are_apart() {
    let server = Server::start(&[]);
    let settings = [("buckets", "a, a.b, kept:ro"), ("prefix", "p:")];
    let plugin = open(&server.url(), &settings);
    for version in [DRAFT, DRAFT2] {
        for name in ["", "default", "b", "kept:ro", "a:x", "*", "A"] {
            let error = Guest::of(&plugin, version, name).err().unwrap();
            assert_eq!(error, Value::case("no-such-store"), "{name}");
        }
        let mut a = Guest::of(&plugin, version, "a").unwrap();
        let mut b = Guest::of(&plugin, version, "a.b").unwrap();
        a.set("k", b"1").unwrap();
        b.set("k", b"2").unwrap();
        assert_eq!(a.get("k"), Ok(Value::some(bytes(b"1"))));
        assert_eq!(b.keys().0, ["k"]);
        assert_eq!(server.cli(&["GET", "p:a.b:k"]), "2");

        server.cli(&["SET", "p:kept:k", "old"]);
        let mut kept = Guest::of(&plugin, version, "kept").unwrap();
        assert_eq!(kept.get("k"), Ok(Value::some(bytes(b"old"))));
        let denied = Value::case("access-denied");
        assert_eq!(kept.set("k", b"new"), Err(denied.clone()));
        assert_eq!(kept.set_many(&[("k", b"new")]), Err(denied.clone()));
        assert_eq!(kept.delete("k"), Err(denied.clone()));
        let one: Value = if version == DRAFT {
            1_u64.into()
        } else {
            1_i64.into()
        };
        assert_eq!(kept.increment("k", one), Err(denied));
        assert_eq!(server.cli(&["GET", "p:kept:k"]), "old");
    }
}

fn keys_come_in_pages() {
    let server = Server::start(&[]);
    // Letters that mean something in patterns.
    let plugin = open(
        &server.url(),
        &[("prefix", "[a]*?\\"), ("buckets", "default,other")],
    );
    let mut other = Guest::of(&plugin, DRAFT, "other").unwrap();
    for hundred in 0..30 {
        let keys: Vec<String> = (0..100).map(|n| format!("other {hundred} {n}")).collect();
        let pairs: Vec<(&str, &[u8])> = keys.iter().map(|key| (key.as_str(), &b""[..])).collect();
        other.set_many(&pairs).unwrap();
    }
    for version in [DRAFT, DRAFT2] {
        let mut guest = Guest::new(&plugin, version);
        assert_eq!(guest.keys().0, [""; 0]);
        let keys: BTreeSet<String> = (0..2_000).map(|n| format!("key {n}")).collect();
        for some in keys.iter().collect::<Vec<_>>().chunks(500) {
            let pairs: Vec<(&str, &[u8])> =
                some.iter().map(|key| (key.as_str(), &b"1"[..])).collect();
            guest.set_many(&pairs).unwrap();
        }
        let (found, pages) = guest.keys();
        assert_eq!(found, keys.iter().cloned().collect::<Vec<_>>());
        assert!(pages > 2, "{pages}");
        for some in keys.iter().collect::<Vec<_>>().chunks(500) {
            let some = Value::list(some.iter().map(|key| key.as_str()));
            guest.call("batch", "delete-many", &[some]).unwrap();
        }
    }
    // A cursor that nobody gave: any number is one, any text is not.
    let mut guest = Guest::new(&plugin, DRAFT);
    guest
        .call(
            "store",
            "[method]bucket.list-keys",
            &[Value::some(u64::MAX)],
        )
        .unwrap();
    let mut guest = Guest::new(&plugin, DRAFT2);
    let error = guest
        .call("store", "[method]bucket.list-keys", &[Value::some("x")])
        .unwrap_err();
    assert!(crate::guest::other(&error).contains("cursor"), "{error}");
}

fn increments_are_one_step() {
    let server = Server::start(&[]);
    let plugin = open(&server.url(), &[]);
    let mut old = Guest::new(&plugin, DRAFT);
    assert_eq!(old.increment("n", 5_u64), Ok(5_u64.into()));
    let mut new = Guest::new(&plugin, DRAFT2);
    assert_eq!(new.increment("n", -7_i64), Ok((-2_i64).into()));
    assert_eq!(server.cli(&["GET", "default:n"]), "-2");
    assert_eq!(new.get("n"), Ok(Value::some(bytes(b"-2"))));
    assert!(other(&old.increment("n", 1_u64).unwrap_err()).contains("not an integer"));

    new.set("text", b"one").unwrap();
    new.set("most", i64::MAX.to_string().as_bytes()).unwrap();
    for key in ["text", "most"] {
        let error = new.increment(key, 1_i64).unwrap_err();
        assert!(
            other(&error).contains("not an integer of 64 bits"),
            "{error}"
        );
    }
    assert_eq!(server.cli(&["GET", "default:text"]), "one");
    assert!(other(&old.increment("n", u64::MAX).unwrap_err()).contains("64 bits"));

    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut guest = Guest::new(&plugin, DRAFT2);
                for _ in 0..50 {
                    guest.increment("many", 2_i64).unwrap();
                }
            });
        }
    });
    assert_eq!(server.cli(&["GET", "default:many"]), "800");
}

fn batches_keep_their_order() {
    let server = Server::start(&[]);
    let plugin = open(&server.url(), &[]);
    for version in [DRAFT, DRAFT2] {
        let mut guest = Guest::new(&plugin, version);
        guest.set_many(&[]).unwrap();
        assert_eq!(guest.get_many(&[]), Ok(Value::List(Vec::new())));
        guest
            .set_many(&[("a", b"1"), ("b", b""), ("a", b"3")])
            .unwrap();
        let pair = |key: &str, value: &[u8]| Value::some(Value::tuple([key.into(), bytes(value)]));
        assert_eq!(
            guest.get_many(&["b", "none", "a", "b"]),
            Ok(Value::list([
                pair("b", b""),
                Value::none(),
                pair("a", b"3"),
                pair("b", b"")
            ]))
        );
        let keys = Value::list(["a", "none"]);
        guest.call("batch", "delete-many", &[keys]).unwrap();
        assert_eq!(server.cli(&["KEYS", "*"]), "default:b");
    }
}

fn swaps_happen_if_nothing_happened() {
    let server = Server::start(&[]);
    let plugin = open(&server.url(), &[]);
    let mut guest = Guest::new(&plugin, DRAFT2);
    let take = |guest: &mut Guest<'_>| {
        let cas = guest.call("atomics", "[static]cas.new", &["k".into()]);
        cas.unwrap().unwrap()
    };
    let swap = |guest: &mut Guest<'_>, cas: Value, value: &[u8]| {
        guest.bare("atomics", "swap", &[cas, bytes(value)])
    };
    let current = |guest: &mut Guest<'_>, cas: &Value| {
        let current = guest.bare("atomics", "[method]cas.current", std::slice::from_ref(cas));
        current.unwrap().unwrap()
    };
    // From nothing to something, once.
    let (first, second) = (take(&mut guest), take(&mut guest));
    assert_eq!(current(&mut guest, &first), Value::none());
    assert_eq!(swap(&mut guest, first, b"1"), Ok(None));
    let failed = swap(&mut guest, second, b"2").unwrap_err();
    assert_eq!(server.cli(&["GET", "default:k"]), "1");
    // What comes back is a handle for what is there now.
    assert!(
        matches!(&failed, Value::Variant(case, _) if case == "cas-failed"),
        "{failed}"
    );
    let newer = failed.payload().unwrap().clone();
    assert_eq!(current(&mut guest, &newer), Value::some(bytes(b"1")));
    assert_eq!(swap(&mut guest, newer, b"3"), Ok(None));
    assert_eq!(server.cli(&["GET", "default:k"]), "3");
    // A key that went away is another value too.
    let cas = take(&mut guest);
    server.cli(&["DEL", "default:k"]);
    assert!(swap(&mut guest, cas, b"4").is_err());
    assert_eq!(server.cli(&["EXISTS", "default:k"]), "0");

    // So is one that is longer, and of one that is very long no more is read than shows it.
    guest.set("k", b"12").unwrap();
    let cas = take(&mut guest);
    server.cli(&["SET", "default:k", "123"]);
    assert!(swap(&mut guest, cas, b"4").is_err());
    guest.set("k", b"").unwrap();
    let (empty, cas) = (take(&mut guest), take(&mut guest));
    assert_eq!(swap(&mut guest, empty, b"5"), Ok(None));
    server.cli(&["SETRANGE", "default:k", "100000000", "x"]);
    let before = sent(&server);
    let failed = swap(&mut guest, cas, b"6").unwrap_err();
    assert!(failed.to_string().contains("at most"), "{failed}");
    let bytes = sent(&server) - before;
    assert!(bytes < 10_000_000, "{bytes}");

    // Adding by swapping loses nothing.
    guest.set("k", b"0").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut guest = Guest::new(&plugin, DRAFT2);
                for _ in 0..10 {
                    let mut cas = take(&mut guest);
                    loop {
                        let seen = current(&mut guest, &cas);
                        let Some(Value::List(digits)) = seen.payload() else {
                            panic!("{seen}");
                        };
                        let number = digits.iter().fold(0, |sum, digit| match digit {
                            Value::U8(digit) => sum * 10 + u32::from(digit - b'0'),
                            other => panic!("{other}"),
                        });
                        match swap(&mut guest, cas, (number + 1).to_string().as_bytes()) {
                            Ok(_) => break,
                            Err(error) => cas = error.payload().unwrap().clone(),
                        }
                    }
                }
            });
        }
    });
    assert_eq!(server.cli(&["GET", "default:k"]), "40");

    // Handles keep values, so there are not any number of them.
    let mut guest = Guest::new(&plugin, DRAFT2);
    let made: Vec<_> = (0..150)
        .map(|_| guest.call("atomics", "[static]cas.new", &["k".into()]))
        .collect();
    let refused = made.iter().filter(|made| made.is_err()).count();
    assert_eq!(refused, 50);
}

/// How many bytes the server has sent to anybody.
fn sent(server: &Server) -> u64 {
    let stats = server.cli(&["INFO", "stats"]);
    let line = stats
        .lines()
        .find_map(|line| line.strip_prefix("total_net_output_bytes:"));
    line.unwrap().trim().parse().unwrap()
}

fn limits_hold_on_both_ways() {
    let server = Server::start(&[]);
    let settings = [("max-value-bytes", "100"), ("max-batch-bytes", "250")];
    let plugin = open(&server.url(), &settings);
    for version in [DRAFT, DRAFT2] {
        let mut guest = Guest::new(&plugin, version);
        guest.set("k", &[1; 100]).unwrap();
        assert_eq!(guest.get("k"), Ok(Value::some(bytes(&[1; 100]))));
        for error in [
            guest.set("k", &[1; 101]).unwrap_err(),
            guest.set_many(&[("k", &[1; 101])]).unwrap_err(),
        ] {
            assert_eq!(other(&error), "a value has at most 100 bytes");
        }
        server.cli(&["SETRANGE", "default:large", "10000000", "x"]);
        for error in [
            guest.get("large").unwrap_err(),
            guest.get_many(&["large"]).unwrap_err(),
        ] {
            assert_eq!(other(&error), "a value has at most 100 bytes");
        }
        guest.get_many(&["k", "k"]).unwrap();
        let value: &[u8] = &[1; 100];
        for error in [
            guest.get_many(&["k", "k", "k"]).unwrap_err(),
            guest
                .set_many(&[("a", value), ("b", value), ("c", value)])
                .unwrap_err(),
        ] {
            assert!(other(&error).contains("at most 250 bytes"), "{error}");
        }
        assert!(other(&guest.get_many(&["k"; 1_001]).unwrap_err()).contains("1000 keys"));
        assert!(other(&guest.get(&"k".repeat(1_025)).unwrap_err()).contains("1024 bytes"));
        guest.set(&"k".repeat(1_024), b"").unwrap();
        server.cli(&["FLUSHALL"]);
    }
}

fn what_is_no_value_is_an_error() {
    let server = Server::start(&[]);
    let plugin = open(&server.url(), &[]);
    server.cli(&["RPUSH", "default:list", "a", "b"]);
    let mut guest = Guest::new(&plugin, DRAFT2);
    for error in [
        guest.get("list").unwrap_err(),
        guest.increment("list", 1_i64).unwrap_err(),
        guest.get_many(&["list"]).unwrap_err(),
        guest
            .call("atomics", "[static]cas.new", &["list".into()])
            .unwrap_err(),
    ] {
        assert!(other(&error).contains("wrong kind of value"), "{error}");
    }
    // The key is there all the same, and can be replaced.
    assert_eq!(guest.exists("list"), Ok(true));
    guest.set("list", b"1").unwrap();
    assert_eq!(guest.increment("list", 1_i64), Ok(2_i64.into()));
}

fn every_function_survives_anything() {
    let server = Server::start(&[]);
    let plugin = open(&server.url(), &[]);
    assert_eq!(plugin.functions().len(), 26);
    assert!(plugin.functions().iter().all(|entry| entry.blocking));
    let mut instance = plugin.instantiate().unwrap();
    for exercise in instance.exercise(20) {
        let fine = matches!(exercise.outcome, Outcome::Returned(_) | Outcome::Skipped);
        assert!(fine, "{}: {:?}", exercise.function, exercise.outcome);
    }
}
