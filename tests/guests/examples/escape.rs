//! Tries to read and to write outside the directory it was granted: `escape DIR [PATH…]`.
//!
//! `DIR/link`, if the test made one, should point outside. Prints what each attempt gave and ends with 1 if any of them
//! got through.

use std::fs;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(directory) = arguments.next() else {
        eprintln!("expected a directory");
        return ExitCode::from(2);
    };
    let mut paths = vec![
        "/etc/passwd".to_owned(),
        "../etc/passwd".to_owned(),
        format!("{directory}/../etc/passwd"),
        format!("{directory}/../../../../../../etc/passwd"),
        format!("{directory}/./sub/../../outside.txt"),
        format!("{directory}/link"),
        format!("{directory}/link/passwd"),
        "/proc/self/environ".to_owned(),
        "C:\\Windows\\win.ini".to_owned(),
    ];
    paths.extend(arguments);

    let mut escaped = false;
    let mut attempt = |what: &str, path: &str, result: io::Result<()>| match result {
        Ok(()) => {
            escaped = true;
            println!("{what} {path}: ESCAPED");
        }
        Err(_) => println!("{what} {path}: refused"),
    };
    for path in &paths {
        attempt("read", path, fs::read(path).map(drop));
        attempt("list", path, fs::read_dir(path).map(drop));
    }
    for path in [
        "/tmp/c12-escaped".to_owned(),
        format!("{directory}/../c12-escaped"),
        format!("{directory}/link/c12-escaped"),
    ] {
        attempt("write", &path, fs::write(&path, "escaped"));
        attempt("mkdir", &path, fs::create_dir(&path));
    }
    ExitCode::from(u8::from(escaped))
}
