//! `redis-cache`: both drafts of `wasi:keyvalue`, on a real Redis server.

use std::io::{BufRead as _, BufReader, Write as _};
use std::time::{Duration, Instant};

use snapbox::{assert_data_eq, str};

use super::redis_server::Server;
use super::{KINDS, library};
use crate::guests::{guest, with_guests, with_redis};
use crate::harness::{C12, Home, Outcome};

/// The program with the plugin, settings `KEY=VALUE` and the guest.
fn c12(home: &Home, kind: &str, settings: &[&str], arguments: &[&str]) -> C12 {
    let mut words = vec!["run".to_owned(), "--plugin".to_owned()];
    words.push(library("redis-cache").display().to_string());
    for setting in settings {
        let setting = format!("redis-cache.{setting}");
        words.extend(["--plugin-config".to_owned(), setting]);
    }
    words.extend([guest(&format!("{kind}/use_keyvalue")), "--".to_owned()]);
    words.extend(arguments.iter().map(|word| (*word).to_owned()));
    home.c12(words)
}

fn run(kind: &str, url: &str, settings: &[&str], arguments: &[&str]) -> Outcome {
    let url = format!("url={url}");
    let settings = [&[url.as_str()], settings].concat();
    c12(&Home::new(), kind, &settings, arguments).run()
}

with_redis! {
    fn what_guests_keep_is_in_the_server() {
        for kind in KINDS {
            let server = Server::start(&[]);
            let url = server.url();
            let printed = run(kind, &url, &["prefix=app:"], &["visit", "Ada"]).success();
            assert_data_eq!(printed, str![[r#"
visit 1
names: Ada
(none)
keys: first:Ada last:Ada names visits
first is there: false

"#]]);
            for kind in KINDS {
                run(kind, &url, &["prefix=app:"], &["visit", "Grace"]).success();
            }
            assert_eq!(server.cli(&["GET", "app:default:visits"]), "3");
            assert_eq!(server.cli(&["GET", "app:default:names"]), "Ada Grace Grace");
            server.cli(&["SET", "app:default:k", "from elsewhere"]);
            assert_eq!(run(kind, &url, &["prefix=app:"], &["get", "k"]).success(), "from elsewhere\n");
            assert_eq!(run(kind, &url, &["prefix=b:"], &["get", "k"]).success(), "k has no value\n");
        }
    }

    fn the_first_draft_is_served_too() {
        for kind in KINDS {
            let server = Server::start(&[]);
            assert_data_eq!(run(kind, &server.url(), &[], &["draft"]).success(), str![[r#"
visit 1
Some(("name", 5))
None
2 keys

"#]]);
            assert_eq!(server.cli(&["KEYS", "*"]), "default:visits");
        }
    }

    fn buckets_must_be_allowed() {
        let server = Server::start(&[]);
        for kind in KINDS {
            let settings = ["buckets=default:ro,other"];
            let url = server.url();
            assert_eq!(run(kind, &url, &settings, &["open", "other"]).success(), "other is open\n");
            let error = run(kind, &url, &settings, &["open", "none"]).failure(1);
            assert!(error.contains("there is no such bucket"), "{error}");
            let error = run(kind, &url, &settings, &["set", "k", "v"]).failure(1);
            assert!(error.contains("that is not allowed"), "{error}");
        }
        assert_eq!(server.cli(&["DBSIZE"]), "0");
    }

    fn a_value_that_is_no_number_is_not_incremented() {
        let server = Server::start(&[]);
        server.cli(&["SET", "default:visits", "many"]);
        for kind in KINDS {
            let error = run(kind, &server.url(), &[], &["visit", "Ada"]).failure(1);
            assert!(error.contains("the value is not an integer of 64 bits"), "{error}");
        }
        assert_eq!(server.cli(&["GET", "default:visits"]), "many");
    }

    fn a_guest_goes_on_when_the_server_is_back() {
        for kind in KINDS {
            let mut server = Server::start(&[]);
            server.cli(&["SET", "default:k", "before"]);
            let url = format!("url={}", server.url());
            let mut child = c12(&Home::new(), kind, &[&url], &["wait", "k"])
                .spawn_asking();
            let mut input = child.stdin.take().unwrap();
            let mut output = BufReader::new(child.stdout.take().unwrap());
            let mut ask = |word: &str| {
                writeln!(input, "{word}").unwrap();
                let mut line = String::new();
                output.read_line(&mut line).unwrap();
                line
            };
            assert_eq!(ask("1"), "1: before\n");
            server.kill();
            let line = ask("2");
            assert!(line.starts_with("2: the Redis server cannot be reached: "), "{line}");
            server.run();
            assert_eq!(ask("3"), "3: k has no value\n");
            server.cli(&["SET", "default:k", "after"]);
            assert_eq!(ask("4"), "4: after\n");
            drop(input);
            assert!(child.wait().unwrap().success());
        }
    }

    fn two_guests_at_once_lose_no_visit() {
        let server = Server::start(&[]);
        let url = format!("url={}", server.url());
        let homes: Vec<Home> = (0..6).map(|_| Home::new()).collect();
        let children: Vec<_> = homes
            .iter()
            .zip(KINDS.iter().cycle())
            .map(|(home, kind)| c12(home, kind, &[&url], &["visit", "x"]).spawn())
            .collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
        assert_eq!(server.cli(&["GET", "default:visits"]), "6");
        // Compare and swap: nobody's word was overwritten.
        assert_eq!(server.cli(&["GET", "default:names"]), "x x x x x x");
    }
}

with_guests! {
    fn a_server_that_is_not_there_is_an_error_of_the_guest() {
        for kind in KINDS {
            let start = Instant::now();
            let error = run(kind, "redis+unix:///nowhere/redis.sock", &[], &["get", "k"]).failure(1);
            assert!(error.contains("the Redis server cannot be reached: "), "{error}");
            // One that takes connections and never answers.
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("redis://user:sesame@{}/", listener.local_addr().unwrap());
            let error = run(kind, &url, &["timeout-ms=300"], &["get", "k"]).failure(1);
            assert!(error.contains("did not answer within 300 ms"), "{error}");
            assert!(!error.contains("sesame"), "{error}");
            assert!(start.elapsed() < Duration::from_secs(60));
        }
    }

    fn the_redis_plugin_needs_a_url() {
        let home = Home::new();
        let outcome = c12(&home, "wasip2", &[], &["get", "k"]).run();
        assert!([1, 2].contains(&outcome.code) && outcome.stderr.contains("url"), "{outcome:?}");
        let error = run("wasip2", "http://user:sesame@localhost/", &[], &["get", "k"]).failure(1);
        assert!(error.contains("the setting `url`") && !error.contains("sesame"), "{error}");
    }
}
