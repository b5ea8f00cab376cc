//! The command line, parsed by hand: the whole grammar fits on one screen, and the component stays small.

use c12_wasm::cli::Failure;
use c12_wasm::log::{LevelFilter, parse_level};

use crate::transform::Transformation;

pub(crate) const HELP: &str = "\
Reads, writes, counts and transforms text files.

Usage: 09_wasi_02_component_example [--log LEVEL] COMMAND

Commands:
  stats PATH…                count lines, words and bytes as `wc` does; directories are searched
  read FILE                  print a file
  write FILE [TEXT…]         write TEXT, or standard input, to a file that does not exist yet
      --force                replace the file if it exists
      --append               add to the end of the file
  list DIR                   print the entries of a directory, sorted
  stat PATH                  print what is known about a file or directory
  transform HOW FILE         print a file in another form; HOW is upper, lower, reverse or number
      -o, --output OUT       write to OUT instead of standard output
  analyse FILE…              count words, find the most frequent ones and the longest line
      --top N                how many words to print [default: 10]
  env [NAME…]                print environment variables

Options:
  --log LEVEL                JSON logs on standard error: error, warn, info, debug, trace
                             [default: the variable C12_LOG_JSON, else off]
  --help, --version

Exit codes: 0 done, 1 failed, 2 wrong usage (a WASI 0.2 host may report 2 as 1).
";

/// Everything the command line says.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) log: LevelFilter,
    pub(crate) command: Command,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Version,
    Stats {
        paths: Vec<String>,
    },
    Read {
        path: String,
    },
    Write(Write),
    List {
        path: String,
    },
    Stat {
        path: String,
    },
    Transform {
        how: Transformation,
        path: String,
        output: Option<String>,
    },
    Analyse {
        paths: Vec<String>,
        top: usize,
    },
    Env {
        names: Vec<String>,
    },
}

/// What `write` writes, and what happens to a file that is there already.
#[derive(Debug, PartialEq)]
pub(crate) struct Write {
    pub(crate) path: String,
    /// `None` means standard input.
    pub(crate) text: Option<String>,
    pub(crate) existing: Existing,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Existing {
    Refuse,
    Replace,
    Append,
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::Version => "version",
            Self::Stats { .. } => "stats",
            Self::Read { .. } => "read",
            Self::Write(_) => "write",
            Self::List { .. } => "list",
            Self::Stat { .. } => "stat",
            Self::Transform { .. } => "transform",
            Self::Analyse { .. } => "analyse",
            Self::Env { .. } => "env",
        }
    }
}

impl Options {
    /// Parses the arguments after the program's name. `log_variable` is the value of `C12_LOG_JSON`, if it is set.
    pub(crate) fn parse(
        arguments: Vec<String>,
        log_variable: Option<&str>,
    ) -> Result<Self, Failure> {
        let mut split = Split::new(arguments)?;
        let level = split.value("--log").or(log_variable.map(str::to_owned));
        let log = match level {
            Some(level) => {
                parse_level(&level).map_err(|error| Failure::usage(error.to_string()))?
            }
            None => LevelFilter::Off,
        };
        let command = if split.flag("--help") {
            Command::Help
        } else if split.flag("--version") {
            Command::Version
        } else {
            split.command()?
        };
        split.refuse_the_rest(command.name())?;
        Ok(Self { log, command })
    }
}

/// The arguments, sorted into options and the others.
struct Split {
    options: Vec<(String, Option<String>)>,
    others: std::vec::IntoIter<String>,
}

impl Split {
    fn new(arguments: Vec<String>) -> Result<Self, Failure> {
        let mut options = Vec::new();
        let mut others = Vec::new();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                // Everything after `--` is a name or a text, even when it starts with a dash.
                "--" => others.extend(arguments.by_ref()),
                "--log" | "--top" | "--output" | "-o" => {
                    let Some(value) = arguments.next() else {
                        return Err(Failure::usage(format!("{argument} needs a value")));
                    };
                    let name = if argument == "-o" {
                        "--output".to_owned()
                    } else {
                        argument
                    };
                    options.push((name, Some(value)));
                }
                "-h" => options.push(("--help".to_owned(), None)),
                "--help" | "--version" | "--force" | "--append" => options.push((argument, None)),
                // `--name=value`, and `-` alone, which is a file name.
                option if option.len() > 1 && option.starts_with('-') => {
                    match option.split_once('=') {
                        Some((name @ ("--log" | "--top" | "--output"), value)) => {
                            options.push((name.to_owned(), Some(value.to_owned())));
                        }
                        _ => return Err(Failure::usage(format!("unknown option {option}"))),
                    }
                }
                _ => others.push(argument),
            }
        }
        Ok(Self {
            options,
            others: others.into_iter(),
        })
    }

    /// Takes an option's value; of several, the last one counts.
    fn value(&mut self, name: &str) -> Option<String> {
        let mut value = None;
        self.options.retain_mut(|(option, given)| {
            let found = option == name;
            if found {
                value = given.take();
            }
            !found
        });
        value
    }

    fn flag(&mut self, name: &str) -> bool {
        let before = self.options.len();
        self.options.retain(|(option, _)| option != name);
        self.options.len() < before
    }

    fn required(&mut self, command: &str, what: &str) -> Result<String, Failure> {
        self.others
            .next()
            .ok_or_else(|| Failure::usage(format!("{command} needs {what}")))
    }

    fn at_least_one(&mut self, command: &str, what: &str) -> Result<Vec<String>, Failure> {
        let first = self.required(command, what)?;
        Ok(std::iter::once(first).chain(self.others.by_ref()).collect())
    }

    fn command(&mut self) -> Result<Command, Failure> {
        let Some(name) = self.others.next() else {
            return Err(Failure::usage("no command given"));
        };
        let command = match name.as_str() {
            "stats" => Command::Stats {
                paths: self.at_least_one(&name, "a PATH")?,
            },
            "read" => Command::Read {
                path: self.required(&name, "a FILE")?,
            },
            "write" => Command::Write(self.write(&name)?),
            "list" => Command::List {
                path: self.required(&name, "a DIR")?,
            },
            "stat" => Command::Stat {
                path: self.required(&name, "a PATH")?,
            },
            "transform" => Command::Transform {
                how: self
                    .required(&name, "one of upper, lower, reverse, number")?
                    .parse()?,
                path: self.required(&name, "a FILE")?,
                output: self.value("--output"),
            },
            "analyse" => Command::Analyse {
                top: self.top()?,
                paths: self.at_least_one(&name, "a FILE")?,
            },
            "env" => Command::Env {
                names: self.others.by_ref().collect(),
            },
            _ => return Err(Failure::usage(format!("unknown command {name}"))),
        };
        Ok(command)
    }

    fn write(&mut self, command: &str) -> Result<Write, Failure> {
        let path = self.required(command, "a FILE")?;
        let words: Vec<_> = self.others.by_ref().collect();
        let existing = match (self.flag("--force"), self.flag("--append")) {
            (false, false) => Existing::Refuse,
            (true, false) => Existing::Replace,
            (false, true) => Existing::Append,
            (true, true) => {
                return Err(Failure::usage("--force and --append exclude each other"));
            }
        };
        // A line, as `echo` would write it; standard input is taken as it is.
        let text = (!words.is_empty()).then(|| words.join(" ") + "\n");
        Ok(Write {
            path,
            text,
            existing,
        })
    }

    fn top(&mut self) -> Result<usize, Failure> {
        match self.value("--top") {
            Some(text) => text
                .parse()
                .map_err(|_| Failure::usage(format!("--top needs a whole number, not `{text}`"))),
            None => Ok(10),
        }
    }

    fn refuse_the_rest(&mut self, command: &str) -> Result<(), Failure> {
        // `--help` wins over whatever else is there.
        if command == "help" || command == "version" {
            return Ok(());
        }
        if let Some((option, _)) = self.options.first() {
            return Err(Failure::usage(format!(
                "{command} knows no option {option}"
            )));
        }
        match self.others.next() {
            Some(other) => Err(Failure::usage(format!("{command} does not take `{other}`"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, Failure> {
        Options::parse(line.split(' ').map(str::to_owned).collect(), None)
    }

    #[test]
    fn options_may_stand_anywhere() {
        let expected = Command::Analyse {
            paths: vec!["a".into(), "b".into()],
            top: 3,
        };
        for line in [
            "analyse a b --top 3",
            "--top=3 analyse a b",
            "analyse a --top 3 b",
        ] {
            assert_eq!(parse(line).unwrap().command, expected, "{line}");
        }
    }

    #[test]
    fn after_two_dashes_everything_is_text() {
        let Command::Write(write) = parse("write -- f --force").unwrap().command else {
            panic!("not a write");
        };
        assert_eq!(write.text.as_deref(), Some("--force\n"));
        assert_eq!(write.existing, Existing::Refuse);
    }

    #[test]
    fn mistakes_are_named() {
        for (line, message) in [
            ("", "unknown command "),
            ("stats", "stats needs a PATH"),
            ("read", "read needs a FILE"),
            ("read a b", "read does not take `b`"),
            ("read a --top 3", "read knows no option --top"),
            ("analyse a --top x", "--top needs a whole number, not `x`"),
            ("analyse a --top", "--top needs a value"),
            (
                "write f --force --append",
                "--force and --append exclude each other",
            ),
            (
                "transform sideways f",
                "unknown transformation sideways; one of upper, lower, reverse, number",
            ),
            ("stats --fast a", "unknown option --fast"),
        ] {
            assert_eq!(parse(line), Err(Failure::usage(message)), "{line}");
        }
    }

    #[test]
    fn the_option_wins_over_the_variable() {
        let arguments = vec!["env".to_owned(), "--log".to_owned(), "warn".to_owned()];
        let options = Options::parse(arguments, Some("trace")).unwrap();
        assert_eq!(options.log, LevelFilter::Warn);
    }
}
