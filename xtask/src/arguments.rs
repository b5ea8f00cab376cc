//! What the command line asks for.

use std::ffi::OsString;

use lexopt::{Arg, Error, Parser, ValueExt as _};

use crate::commands::test::Test;

/// The help text.
pub(crate) const USAGE: &str = "\
Usage: cargo xtask COMMAND

Commands:
  demo                         run a real component on the files in docs/, with the folder granted and without
  test [--no-guests] [FILTER]  check everything: format, lints, documentation, licences, guests, tests, book;
                               with FILTER only the tests whose name contains it
  guests [NAME]                build every guest: the examples, the tests' own and the foreign ones; with NAME those
                               in Rust that are called so, or else all that are not in Rust
  plugins                      build the example plugins that are packages of the workspace
  bench [ARGUMENTS]            measure C12 against its peers; the suite takes the arguments
  doctor                       say what is installed, what is missing, and how to get it

What a command needs is installed on first use, outside the clone:
  C12_TOOLS_DIR     where tools go       [default: ~/.cache/c12/tools]
  CARGO_TARGET_DIR  where output goes    [default: ~/.cache/c12/target]";

/// A command with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Xtask {
    Help,
    Demo,
    Test(Test),
    Guests(Option<String>),
    Plugins,
    Bench(Vec<OsString>),
    Doctor,
}

impl Xtask {
    /// Reads the command line.
    pub(crate) fn parse(mut parser: Parser) -> Result<Self, Error> {
        let command = match parser.next()? {
            None | Some(Arg::Short('h') | Arg::Long("help")) => return Ok(Self::Help),
            Some(Arg::Value(command)) => command.string()?,
            Some(argument) => return Err(argument.unexpected()),
        };
        if command == "bench" {
            let mut arguments: Vec<_> = parser.raw_args()?.collect();
            if arguments.first().is_some_and(|first| first == "--") {
                arguments.remove(0);
            }
            return Ok(Self::Bench(arguments));
        }
        let mut test = Test::default();
        let mut guest = None;
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Self::Help),
                Arg::Long("no-guests") if command == "test" => test.no_guests = true,
                Arg::Value(filter) if command == "test" && test.filter.is_none() => {
                    test.filter = Some(filter)
                }
                Arg::Value(name) if command == "guests" && guest.is_none() => {
                    guest = Some(name.string()?)
                }
                argument => return Err(argument.unexpected()),
            }
        }
        match command.as_str() {
            "demo" => Ok(Self::Demo),
            "test" => Ok(Self::Test(test)),
            "guests" => Ok(Self::Guests(guest)),
            "plugins" => Ok(Self::Plugins),
            "doctor" => Ok(Self::Doctor),
            "help" => Ok(Self::Help),
            _ => Err(format!("no command is called `{command}`").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Xtask, String> {
        Xtask::parse(Parser::from_args(arguments)).map_err(|error| error.to_string())
    }

    #[test]
    fn commands() {
        assert_eq!(parse(&[]), Ok(Xtask::Help));
        assert_eq!(parse(&["demo", "--help"]), Ok(Xtask::Help));
        assert_eq!(parse(&["demo"]), Ok(Xtask::Demo));
        assert_eq!(parse(&["guests"]), Ok(Xtask::Guests(None)));
        let one = Some("fib".to_owned());
        assert_eq!(parse(&["guests", "fib"]), Ok(Xtask::Guests(one)));
        assert_eq!(parse(&["plugins"]), Ok(Xtask::Plugins));
        assert_eq!(parse(&["doctor"]), Ok(Xtask::Doctor));
    }

    #[test]
    fn test_takes_an_option_and_a_filter() {
        let test = |no_guests, filter: Option<&str>| {
            Ok(Xtask::Test(Test {
                no_guests,
                filter: filter.map(Into::into),
            }))
        };
        assert_eq!(parse(&["test"]), test(false, None));
        assert_eq!(
            parse(&["test", "cache", "--no-guests"]),
            test(true, Some("cache"))
        );
    }

    #[test]
    fn the_benchmark_suite_gets_its_arguments_untouched() {
        let expected = ["--help", "-q", "fib"].map(OsString::from).to_vec();
        assert_eq!(
            parse(&["bench", "--help", "-q", "fib"]),
            Ok(Xtask::Bench(expected.clone()))
        );
        assert_eq!(
            parse(&["bench", "--", "--help", "-q", "fib"]),
            Ok(Xtask::Bench(expected))
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(
            parse(&["frobnicate"]),
            Err("no command is called `frobnicate`".to_owned())
        );
        for wrong in [
            &["demo", "--fast"][..],
            &["test", "a", "b"],
            &["guests", "x", "y"],
            &["--version"],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
