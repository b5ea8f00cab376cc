//! A server that is not there, goes away, comes back, or says nothing.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use c12_plugin::harness::{Harness, HarnessError, Value};

use crate::guest::{DRAFT, DRAFT2, Guest, bytes, open, other};
use crate::redis_server::Server;
use crate::{Test, tests};

pub(crate) const TESTS: &[Test] = tests![
    a_server_may_be_started_again,
    an_increment_happens_once_or_not_at_all,
    a_server_that_says_nothing_is_given_up,
    passwords_are_used_and_not_shown,
    guests_wait_for_a_connection,
];

pub(crate) const WITHOUT_SERVER: &[Test] = tests![
    a_server_that_is_not_there_is_an_error,
    what_says_nothing_is_given_up,
    many_slow_answers_are_given_up,
    what_is_no_redis_is_an_error,
    settings_that_make_no_sense_are_refused,
];

fn a_server_may_be_started_again() {
    let mut server = Server::start(&[]);
    let plugin = open(&server.url(), &[]);
    let (mut a, mut b) = (Guest::new(&plugin, DRAFT), Guest::new(&plugin, DRAFT2));
    a.set("k", b"1").unwrap();
    assert_eq!(b.get("k"), Ok(Value::some(bytes(b"1"))));
    for _ in 0..2 {
        server.kill();
        for error in [a.get("k").unwrap_err(), b.set("k", b"2").unwrap_err()] {
            assert!(other(&error).contains("cannot be reached"), "{error}");
        }
        server.run();
        // It kept nothing; the buckets are the ones from before.
        assert_eq!(a.get("k"), Ok(Value::none()));
        b.set("k", b"3").unwrap();
        assert_eq!(server.cli(&["GET", "default:k"]), "3");
        // Without a failed call in between.
        server.kill();
        server.run();
        a.set_many(&[("k", b"4")]).unwrap();
        assert_eq!(b.get("k"), Ok(Value::some(bytes(b"4"))));
    }
}

fn an_increment_happens_once_or_not_at_all() {
    let mut server = Server::start(&[]);
    let plugin = open(&server.url(), &[]);
    let mut guest = Guest::new(&plugin, DRAFT2);
    guest.increment("n", 1_i64).unwrap();
    server.kill();
    server.run();
    // The connection that is kept is an old one, which shows before anything is sent twice.
    assert_eq!(guest.increment("n", 10_i64), Ok(10_i64.into()));
    assert_eq!(server.cli(&["GET", "default:n"]), "10");
    server.kill();
    let error = guest.increment("n", 1_i64).unwrap_err();
    assert!(other(&error).contains("cannot be reached"), "{error}");
}

fn a_server_that_says_nothing_is_given_up() {
    let server = Server::start(&[]);
    let plugin = open(&server.url(), &[("timeout-ms", "300")]);
    let mut guest = Guest::new(&plugin, DRAFT);
    guest.set("k", b"1").unwrap();
    server.freeze();
    // With a connection that is kept, then with a new one.
    for _ in 0..2 {
        let start = Instant::now();
        let error = guest.get("k").unwrap_err();
        assert!(other(&error).contains("within 300 ms"), "{error}");
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{:?}",
            start.elapsed()
        );
        let error = guest.increment("n", 1_u64).unwrap_err();
        assert!(other(&error).contains("within 300 ms"), "{error}");
    }
    server.thaw();
    // An answer that came late is not taken for another's.
    assert_eq!(guest.get("k"), Ok(Value::some(bytes(b"1"))));
    guest.set("k", b"2").unwrap();
    assert_eq!(guest.get("k"), Ok(Value::some(bytes(b"2"))));
}

fn passwords_are_used_and_not_shown() {
    let server = Server::start(&["--requirepass", "sesame"]);
    let with = |password: &str| format!("{}?pass={password}", server.url());
    let plugin = open(&with("sesame"), &[]);
    Guest::new(&plugin, DRAFT2).set("k", b"1").unwrap();
    for url in [with("pumpkin"), server.url()] {
        let plugin = open(&url, &[]);
        let error = Guest::new(&plugin, DRAFT2).set("k", b"2").unwrap_err();
        let text = other(&error);
        assert!(
            !text.contains("pumpkin") && !text.contains(".sock"),
            "{text}"
        );
        assert!(
            text.contains("uthentication") || text.contains("NOAUTH"),
            "{text}"
        );
    }
}

fn guests_wait_for_a_connection() {
    let server = Server::start(&[]);
    let settings = [("connections", "1"), ("timeout-ms", "30000")];
    let plugin = open(&server.url(), &settings);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut guest = Guest::new(&plugin, DRAFT2);
                for _ in 0..20 {
                    guest.increment("n", 1_i64).unwrap();
                }
            });
        }
    });
    assert_eq!(server.cli(&["GET", "default:n"]), "160");
    let clients = server.cli(&["INFO", "clients"]);
    // One is `redis-cli` itself.
    assert!(clients.contains("connected_clients:2"), "{clients}");
}

/// A port where nobody listens.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn a_server_that_is_not_there_is_an_error() {
    for url in [
        format!("redis://127.0.0.1:{}/", closed_port()),
        "redis+unix:///nowhere/redis.sock".to_owned(),
        "redis://nowhere.invalid/".to_owned(),
    ] {
        let plugin = open(&url, &[]);
        for version in [DRAFT, DRAFT2] {
            let mut guest = Guest::new(&plugin, version);
            let error = guest.get("k").unwrap_err();
            assert!(
                other(&error).starts_with("the Redis server cannot be reached: "),
                "{error}"
            );
        }
    }
}

fn what_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("redis://127.0.0.1:{port}/");
    let plugin = open(&url, &[("timeout-ms", "200")]);
    let mut guest = Guest::new(&plugin, DRAFT2);
    let start = Instant::now();
    for error in [
        guest.get("k").unwrap_err(),
        guest.increment("k", 1_i64).unwrap_err(),
    ] {
        assert!(other(&error).contains("within 200 ms"), "{error}");
    }
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

/// A server that answers everything a little late: for a scan, that there is more.
fn slow_server(late: Duration) -> String {
    use std::io::{Read as _, Write as _};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut buffer = [0; 10_000];
                while let Ok(1..) = stream.read(&mut buffer) {
                    let asked = String::from_utf8_lossy(&buffer);
                    // What comes when one connects is more than one command, and not to be late.
                    let count = asked.matches("\r\nSETINFO\r\n").count();
                    let answer = if count > 0 {
                        "+OK\r\n".repeat(count)
                    } else {
                        std::thread::sleep(late);
                        "*2\r\n$1\r\n7\r\n*0\r\n".to_owned()
                    };
                    buffer = [0; 10_000];
                    if stream.write_all(answer.as_bytes()).is_err() {
                        break;
                    }
                }
            });
        }
    });
    format!("redis://127.0.0.1:{port}/")
}

fn many_slow_answers_are_given_up() {
    let url = slow_server(Duration::from_millis(100));
    let plugin = open(&url, &[("timeout-ms", "400")]);
    for version in [DRAFT, DRAFT2] {
        let mut guest = Guest::new(&plugin, version);
        let start = Instant::now();
        let listed = guest.call("store", "[method]bucket.list-keys", &[Value::none()]);
        let error = listed.unwrap_err();
        assert!(other(&error).contains("within 400 ms"), "{error}");
        // Each answer is in time; all of them together would take ten seconds.
        let elapsed = start.elapsed();
        assert!(elapsed >= Duration::from_millis(400), "{elapsed:?}");
        assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    }
}

fn what_is_no_redis_is_an_error() {
    use std::io::{Read as _, Write as _};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 100]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let plugin = open(&format!("redis://127.0.0.1:{port}/"), &[]);
    let mut guest = Guest::new(&plugin, DRAFT2);
    for error in [
        guest.get("k").unwrap_err(),
        guest.increment("k", 1_i64).unwrap_err(),
    ] {
        assert!(other(&error).contains("Redis server"), "{error}");
    }
}

fn settings_that_make_no_sense_are_refused() {
    for (key, value, told) in [
        ("url", "http://user:sesame@localhost/", "the setting `url`"),
        ("url", "not a URL", "the setting `url`"),
        ("timeout-ms", "0", "`timeout-ms` is 0"),
        ("connections", "-3", "`connections` is -3"),
        ("buckets", "a,,b", "the setting `buckets`"),
    ] {
        let mut settings = vec![("url", "redis://localhost/")];
        settings.retain(|(name, _)| *name != key);
        settings.push((key, value));
        match Harness::open(c12_example_redis_cache::c12_plugin, &settings) {
            Err(HarnessError::Open(message)) => {
                assert!(message.contains(told), "{message}");
                assert!(!message.contains("sesame"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
}
