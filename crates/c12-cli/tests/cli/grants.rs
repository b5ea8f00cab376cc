//! A guest gets what it was granted and nothing else.

use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};

use crate::guests::{guest, with_guests};
use crate::harness::{Home, Outcome};

const BOTH: [&str; 2] = ["wasip1", "wasip2"];

/// How many things the guest `file_ops` does.
const FILE_OPERATIONS: usize = 15;

/// What comes back from a server that sends everything back.
const ANSWERED: &str = "answer: ping\n";

/// The guest was told that it may not, and ended with a failure.
#[track_caller]
fn refused(outcome: &Outcome) {
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (1, "refused: PermissionDenied\n"),
        "{outcome:?}"
    );
}

/// Runs a guest of both targets and hands each outcome over.
fn each(name: &str, check: impl Fn(&dyn Fn(&Home, &[&str], &[&str]) -> Outcome)) {
    for target in BOTH {
        let app = guest(&format!("{target}/{name}"));
        check(&|home, options, arguments| {
            home.c12([&["run"], options, &[app.as_str(), "--"], arguments].concat())
                .run()
        });
    }
}

with_guests! {
    fn arguments_and_environment() {
        each("args_env", |run| {
            let text = run(&Home::new(), &["--env", "A=1", "-e", "B=two words"], &["x", "--y", "z z"]).success();
            assert_eq!(text, "arg 1: x\narg 2: --y\narg 3: z z\nenv A=1\nenv B=two words\n");
        });
    }

    fn exit_codes_are_the_guests() {
        let ends = |target: &str, code: i32| {
            let app = guest(&format!("{target}/exit_code"));
            Home::new().c12(["run", &app, "--", &code.to_string()]).run().code
        };
        for code in [0, 1, 2, 3, 42, 124, 125] {
            assert_eq!(ends("wasip1", code), code);
            // A WASI 0.2 command has only success and failure to return with; 0.1 has a number.
            assert_eq!(ends("wasip2", code), i32::from(code != 0), "{code}");
        }
        assert_eq!((ends("wasip1", 126), ends("wasip2", 126)), (126, 1));
        assert_eq!(ends("wasip1", 255), 255);
    }

    fn standard_input_and_output() {
        each("stdin_upper", |run| assert_eq!(run(&Home::new(), &[], &[]).success(), ""));
        for target in BOTH {
            let app = guest(&format!("{target}/stdin_upper"));
            let text = Home::new().c12(["run", &app]).stdin("drei\nGrüße\n").run().success();
            assert_eq!(text, "DREI\nGRÜSSE\n");
            let much = "line of text\n".repeat(50_000);
            assert_eq!(Home::new().c12(["run", &app]).stdin(much.clone()).run().success(), much.to_uppercase());
        }
    }

    fn a_pipe_may_close_early() {
        for target in BOTH {
            let app = guest(&format!("{target}/big_output"));
            let outcome = Home::new().shell(&format!("c12 {app} | head -1; echo ${{PIPESTATUS[0]}}")).run();
            assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("line 0\n141\n", ""), "{outcome:?}");
            let whole = Home::new().c12(["run", &app]).run().success();
            assert!(whole.lines().count() == 1_000_000 && whole.ends_with("line 999999\n"));
        }
    }

    fn all_file_operations_work_in_a_writable_directory() {
        each("file_ops", |run| {
            let home = Home::new();
            std::fs::create_dir(home.work().join("d")).unwrap();
            let text = run(&home, &["--dir", "d::/d"], &["/d"]).success();
            assert!(text.lines().count() == FILE_OPERATIONS && text.lines().all(|line| line.ends_with(": ok")), "{text}");
            assert_eq!(home.work().join("d").read_dir().unwrap().count(), 0);
        });
    }

    fn a_read_only_directory_is_not_changed() {
        each("file_ops", |run| {
            let home = Home::new();
            home.write("d/kept.txt", "kept");
            let outcome = run(&home, &["--dir", "d::/d:ro"], &["/d"]);
            let (read, write) = outcome.stdout.split_once('\n').unwrap();
            assert_eq!((outcome.code, read, write.lines().count()), (1, "list: ok", FILE_OPERATIONS - 1), "{outcome:?}");
            assert!(write.lines().all(|line| line.contains(": refused (")), "{outcome:?}");
            assert_eq!(std::fs::read(home.work().join("d/kept.txt")).unwrap(), b"kept");
            assert_eq!(home.work().join("d").read_dir().unwrap().count(), 1);
        });
    }

    fn nobody_leaves_the_directory() {
        each("escape", |run| {
            let home = Home::new();
            home.write("secret.txt", "secret");
            std::fs::create_dir(home.work().join("d")).unwrap();
            std::os::unix::fs::symlink("../secret.txt", home.work().join("d/link")).unwrap();
            let secret = home.work().join("secret.txt");
            let outcome = run(&home, &["--dir", "d::/d"], &["/d", secret.to_str().unwrap(), "/etc/passwd"]);
            assert!(outcome.code == 0 && outcome.stdout.lines().all(|line| line.ends_with(": refused")), "{outcome:?}");
            assert_eq!(std::fs::read(secret).unwrap(), b"secret");
        });
    }

    fn connections_need_a_rule() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut received = stream.try_clone().unwrap();
                // Until the guest has said all that it has to say.
                let _ = std::io::copy(&mut received, &mut stream);
            }
        });
        let run = |rules: &[&str]| {
            let options: Vec<&str> = rules.iter().flat_map(|rule| ["--net", rule]).collect();
            Home::new().c12([&["run"], &options[..], &[&guest("wasip2/tcp_connect"), "--", &address, "ping"]].concat()).run()
        };
        for rules in [&["loopback"][..], &[address.as_str()], &["192.0.2.1", "127.0.0.0/8"]] {
            assert_eq!(run(rules).success(), ANSWERED, "{rules:?}");
        }
        for rules in [&[][..], &["192.0.2.1"], &["127.0.0.1:1"], &["::1"]] {
            refused(&run(rules));
        }
    }

    fn listening_is_a_grant_of_its_own() {
        let app = guest("wasip2/tcp_echo");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        for rule in ["loopback", "all", "listen:127.0.0.1:1"] {
            let outcome = Home::new().c12(["run", "--net", rule, "--timeout", "20s", &app, "--", &address]).run();
            refused(&outcome);
        }
        let rule = format!("listen:{address}");
        let home = Home::new();
        let server = home.c12(["run", "--net", &rule, "--timeout", "60s", &app, "--", &address]).spawn();
        let mut client = loop {
            match std::net::TcpStream::connect(&address) {
                Ok(client) => break client,
                Err(_) => std::thread::sleep(std::time::Duration::from_millis(20)),
            }
        };
        client.write_all(b"abc").unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        let mut echoed = String::new();
        client.read_to_string(&mut echoed).unwrap();
        assert_eq!(echoed, "abc");
        assert_eq!(server.wait_with_output().unwrap().status.code(), Some(0));
    }

    fn datagrams_need_a_rule() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            let mut bytes = [0; 64];
            while let Ok((read, sender)) = socket.recv_from(&mut bytes) {
                let _ = socket.send_to(&bytes[..read], sender);
            }
        });
        let app = guest("wasip2/udp_send");
        assert_eq!(Home::new().c12(["run", "--net", "loopback", &app, "--", &address, "ping"]).run().success(), ANSWERED);
        refused(&Home::new().c12(["run", "--net", "192.0.2.1", "--timeout", "60s", &app, "--", &address, "ping"]).run());
    }

    fn names_are_looked_up_only_with_a_rule_for_names() {
        let app = guest("wasip2/dns_lookup");
        let looks_up = |options: &[&str]| Home::new().c12([&["run"], options, &[&app, "--", "localhost"]].concat()).run();
        for rule in ["loopback", "localhost:80", "all"] {
            let text = looks_up(&["--net", rule]).success();
            assert!(text.lines().any(|line| line == "localhost: 127.0.0.1"), "{rule}: {text}");
        }
        for options in [&["--net", "example.com"][..], &["--net", "127.0.0.0/8"], &["--net", "listen:all"], &[]] {
            let outcome = looks_up(options);
            assert!(outcome.code == 1 && outcome.stdout.starts_with("localhost: refused ("), "{options:?}: {outcome:?}");
        }
    }

    fn an_async_component_of_wasi_0_3_runs() {
        let text = Home::new().c12(["run", &guest("wasip2/hello_p3")]).run().success();
        assert_eq!(text, "hello world from WASI 0.3\nwaited at least 10 ms: true\n");
    }

    fn a_c_program_reads_and_writes() {
        let app = guest("c/word_count");
        assert_eq!(Home::new().c12(["run", &app]).stdin("a b\nc").run().success(), "1 3 5 -\n");
        let home = Home::new();
        home.write("w/a.txt", "one two\n");
        let outcome = home.c12(["run", "--dir", "w::/w", &app, "--", "-o", "/w/out", "/w/a.txt", "/w/missing"]).run();
        assert_eq!(
            (outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()),
            (1, "1 2 8 /w/a.txt\n", "word_count: /w/missing: No such file or directory\n")
        );
        assert_eq!(std::fs::read_to_string(home.work().join("w/out")).unwrap(), "1 2 8 /w/a.txt\n");
    }

    fn a_c_program_cannot_link_its_way_out() {
        let home = Home::new();
        std::fs::create_dir(home.work().join("w")).unwrap();
        let outcome = home.c12(["run", "--dir", "w::/w", &guest("c/symlink_escape"), "--", "/w"]).run();
        let told = "link to /etc/passwd: refused (Operation not permitted)\n\
            link to ../../../../../../../../etc/passwd: made, leads nowhere\n\
            link to ..: made, leads nowhere\n\
            link to .: made, leads nowhere\n";
        assert_eq!((outcome.code, outcome.stdout.as_str()), (0, told), "{outcome:?}");
        assert_eq!(home.work().join("w").read_dir().unwrap().count(), 0);
    }
}
