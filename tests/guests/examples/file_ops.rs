//! Does everything one can do with files in a directory and says how each ended: `file_ops DIR`.
//!
//! Prints `NAME: ok` or `NAME: refused (KIND)`. Ends with 1 if anything was refused, with everything it made removed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(directory) = std::env::args().nth(1) else {
        eprintln!("expected a directory");
        return ExitCode::from(2);
    };
    let directory = Path::new(&directory);
    let (file, moved, folder) = (
        directory.join("made.txt"),
        directory.join("moved.txt"),
        directory.join("made"),
    );

    let mut refused = false;
    let mut step = |name: &str, result: io::Result<()>| match result {
        Ok(()) => println!("{name}: ok"),
        Err(error) => {
            refused = true;
            println!("{name}: refused ({:?})", error.kind());
        }
    };
    step("list", fs::read_dir(directory).map(drop));
    step("create", fs::write(&file, "one\n"));
    step(
        "append",
        OpenOptions::new()
            .append(true)
            .open(&file)
            .and_then(|mut file| file.write_all(b"two\n")),
    );
    step("read", expect(&file, "one\ntwo\n"));
    step("seek", seek(&file));
    step(
        "truncate",
        OpenOptions::new()
            .write(true)
            .open(&file)
            .and_then(|file| file.set_len(3)),
    );
    step("read again", expect(&file, "one"));
    step("rename", fs::rename(&file, &moved));
    step("hard link", fs::hard_link(&moved, &file));
    step("remove link", fs::remove_file(&file));
    step("copy", fs::copy(&moved, &file).map(drop));
    step("remove copy", fs::remove_file(&file));
    step("remove", fs::remove_file(&moved));
    step("make directory", fs::create_dir(&folder));
    step("remove directory", fs::remove_dir(&folder));
    ExitCode::from(u8::from(refused))
}

fn expect(path: &Path, content: &str) -> io::Result<()> {
    if fs::read_to_string(path)? == content {
        Ok(())
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

fn seek(path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-4))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    if text == "two\n" {
        Ok(())
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}
