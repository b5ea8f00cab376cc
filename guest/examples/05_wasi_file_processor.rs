//! Text files in, text files out: a WASI 0.1 command that works in the directories it was granted.
//!
//! ```text
//! c12 run --dir in::/in:ro --dir out::/out 05_wasi_file_processor.wasm -- --number --report /out/report.txt /in /out
//! ```
//!
//! Every file of the input directory is transformed line by line and written under its own name to the output
//! directory. One file that cannot be processed does not stop the others, but it makes the program fail in the end.
//! What it writes appears complete or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use c12_wasm::cli::{self, Failure};

const PROGRAM: &str = "05_wasi_file_processor";

const HELP: &str = "\
Transforms every text file of a directory.

Usage: 05_wasi_file_processor [OPTIONS] INPUT_DIR OUTPUT_DIR

Options, applied in this order:
  --filter TEXT   keep only the lines that contain TEXT
  --upper         turn letters into capitals
  --number        put the line's number in the input file in front
  --force         replace files that exist in OUTPUT_DIR
  --report FILE   append a line for each file to FILE
  --help

Exit codes: 0 every file is done, 1 at least one is not, 2 wrong usage.
";

fn main() -> ExitCode {
    cli::finish(PROGRAM, run())
}

#[derive(Default)]
struct Options {
    filter: Option<String>,
    upper: bool,
    number: bool,
    force: bool,
    report: Option<PathBuf>,
    directories: Vec<PathBuf>,
    help: bool,
}

fn parse(arguments: impl Iterator<Item = String>) -> Result<Options, Failure> {
    let mut options = Options::default();
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| Failure::usage(format!("{argument} needs a value")))
        };
        match argument.as_str() {
            "--filter" => options.filter = Some(value()?),
            "--report" => options.report = Some(value()?.into()),
            "--upper" => options.upper = true,
            "--number" => options.number = true,
            "--force" => options.force = true,
            "--help" | "-h" => options.help = true,
            option if option.starts_with('-') => {
                return Err(Failure::usage(format!("unknown option {option}")));
            }
            _ => options.directories.push(argument.into()),
        }
    }
    Ok(options)
}

fn run() -> Result<(), Failure> {
    let arguments = std::env::args_os()
        .skip(1)
        .map(|argument| {
            argument.into_string().map_err(|argument| {
                Failure::usage(format!("the argument {argument:?} is not valid Unicode"))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let options = parse(arguments.into_iter())?;
    if options.help {
        return print(HELP);
    }
    let [input, output] = options.directories.as_slice() else {
        return Err(Failure::usage(format!(
            "expected INPUT_DIR and OUTPUT_DIR, got {} paths",
            options.directories.len()
        )));
    };

    let names = file_names(input)?;
    let mut lines = String::new();
    let mut failures = 0;
    for name in &names {
        let (from, to) = (input.join(name), output.join(name));
        let line = match process(&from, &to, &options) {
            Ok(done) => format!(
                "{}: {} of {} lines, {} bytes",
                from.display(),
                done.lines_written,
                done.lines_read,
                done.bytes_written
            ),
            Err(failure) => {
                failures += 1;
                format!("{}: failed: {failure}", from.display())
            }
        };
        lines += &line;
        lines.push('\n');
    }

    print(&lines)?;
    if let Some(report) = &options.report {
        append(report, &lines)?;
    }
    match failures {
        0 => Ok(()),
        _ => Err(Failure::failed(format!(
            "{failures} of {} files are not done",
            names.len()
        ))),
    }
}

/// The names of the regular files in `directory`, sorted: the order on disk is nobody's business.
fn file_names(directory: &Path) -> Result<Vec<std::ffi::OsString>, Failure> {
    let failed = |cause| Failure::path("cannot list", directory, &cause);
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_file() {
            names.push(entry.file_name());
        }
    }
    names.sort();
    Ok(names)
}

struct Done {
    lines_read: u64,
    lines_written: u64,
    bytes_written: u64,
}

fn process(from: &Path, to: &Path, options: &Options) -> Result<Done, Failure> {
    let input = File::open(from).map_err(|cause| Failure::path("cannot open", from, &cause))?;
    if !options.force && to.try_exists().unwrap_or(false) {
        return Err(Failure::failed(format!(
            "{} exists; --force replaces it",
            to.display()
        )));
    }
    // Beside the target, so that the final rename stays within one file system; then it replaces the old file in one
    // step, and whoever looks sees either the old content or the new one.
    let mut partial = to.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);

    let done = transform(input, from, &partial, options).and_then(|done| {
        fs::rename(&partial, to).map_err(|cause| Failure::path("cannot create", to, &cause))?;
        Ok(done)
    });
    if done.is_err() {
        // The error that led here is the one to report.
        let _ = fs::remove_file(&partial);
    }
    done
}

fn transform(input: File, from: &Path, to: &Path, options: &Options) -> Result<Done, Failure> {
    let cannot_write = |cause: io::Error| Failure::path("cannot write", to, &cause);
    let mut output = BufWriter::new(File::create(to).map_err(cannot_write)?);
    let mut input = BufReader::new(input);
    let mut done = Done {
        lines_read: 0,
        lines_written: 0,
        bytes_written: 0,
    };
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let length = input
            .read_until(b'\n', &mut bytes)
            .map_err(|cause| Failure::path("cannot read", from, &cause))?;
        if length == 0 {
            break;
        }
        done.lines_read += 1;
        let line = std::str::from_utf8(&bytes)
            .map_err(|_| Failure::failed(format!("line {} is not UTF-8 text", done.lines_read)))?;
        if let Some(line) = transform_line(line, done.lines_read, options) {
            output.write_all(line.as_bytes()).map_err(cannot_write)?;
            done.lines_written += 1;
            done.bytes_written += line.len() as u64;
        }
    }
    // Dropping a `BufWriter` flushes as well, but swallows the error of a full disk.
    output.flush().map_err(cannot_write)?;
    output.get_ref().sync_all().map_err(cannot_write)?;
    Ok(done)
}

/// The line as it is written, or `None` if it is filtered out.
fn transform_line(line: &str, number: u64, options: &Options) -> Option<String> {
    if let Some(text) = &options.filter {
        if !line.contains(text.as_str()) {
            return None;
        }
    }
    let line = if options.upper {
        line.to_uppercase()
    } else {
        line.to_owned()
    };
    Some(if options.number {
        format!("{number:>6}\t{line}")
    } else {
        line
    })
}

/// Adds to the end of the report and keeps what earlier runs wrote.
fn append(report: &Path, lines: &str) -> Result<(), Failure> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(report)
        .and_then(|mut file| file.write_all(lines.as_bytes()))
        .map_err(|cause| Failure::path("cannot append to", report, &cause))
}

fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|cause| Failure::output(&cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_the_line_s_in_the_input() {
        let options = Options {
            filter: Some("b".into()),
            upper: true,
            number: true,
            ..Options::default()
        };
        assert_eq!(
            transform_line("abc\n", 7, &options).unwrap(),
            "     7\tABC\n"
        );
        assert_eq!(transform_line("xyz\n", 8, &options), None);
    }

    #[test]
    fn an_option_without_its_value_is_named() {
        let arguments = ["--filter".to_owned()].into_iter();
        let Err(failure) = parse(arguments) else {
            panic!("parsed");
        };
        assert_eq!(failure, Failure::usage("--filter needs a value"));
    }
}
