//! The command line.

use std::str::FromStr;

use c12_wasm::cli::Failure;
use c12_wasm::nn::Sampling;

pub(crate) const HELP: &str = "\
Shows what a host with WASI-NN can do.

Usage: 10_ai_inference_wasinn COMMAND [OPTIONS]

Commands:
  models                   list the models that there are, with what they take and give
  classify IMAGE           say what a photograph shows
  folder FOLDER            the same for every photograph in a folder, many at once
  generate WORDS...        give a language model's answer, as it is made
  embed TEXT TEXT...       say how near texts are in meaning
  bench-image IMAGE        measure an image model: preparing, latency, throughput
  bench-text WORDS...      measure a language model: first token, tokens a second

Options:
  --model NAME             the model's name [default: classifier for images, llm for text]
  --rounds N               how often to measure [default: 50 for images, 3 for text]

Of images:
  --labels FILE            the names of the classes: a list in JSON, or one a line
  --top N                  print so many of the best [default: 5]
  --batch N                so many at once [default: 8]
  --normalise HOW          what the model was trained with: `lite`, `torchvision` or `unit` [default: lite]

Of text:
  --system TEXT            what the model is to be
  --max-tokens N           make so many tokens at most [default: 128]
  --temperature X          0 always takes the most probable token
  --top-k N, --top-p X     choose among so many tokens, or those that have this probability together
  --seed N                 the same seed makes the same text
  --stop TEXT              end before this text
  --grammar FILE           the answer has to follow this grammar (GBNF)
  --json-schema FILE       the answer is JSON that conforms to this schema
  --usage                  say afterwards how many tokens it took, and how long

Exit codes: 0 done, 1 failed, 2 wrong usage (a WASI 0.2 host may report 2 as 1).
";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Models,
    Classify { image: String },
    Folder { folder: String },
    Generate { prompt: String },
    Embed { texts: Vec<String> },
    BenchImage { image: String },
    BenchText { prompt: String },
}

/// How the numbers of an image are scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Normalise {
    Lite,
    Torchvision,
    Unit,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) model: Option<String>,
    pub(crate) rounds: Option<usize>,
    pub(crate) labels: Option<String>,
    pub(crate) top: usize,
    pub(crate) batch: usize,
    pub(crate) normalise: Normalise,
    pub(crate) system: Option<String>,
    pub(crate) sampling: Sampling,
    pub(crate) grammar: Option<String>,
    pub(crate) json_schema: Option<String>,
    pub(crate) usage: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            model: None,
            rounds: None,
            labels: None,
            top: 5,
            batch: 8,
            normalise: Normalise::Lite,
            system: None,
            sampling: Sampling::new().max_tokens(128),
            grammar: None,
            json_schema: None,
            usage: false,
        }
    }
}

impl Options {
    pub(crate) fn parse(arguments: &[String]) -> Result<(Command, Self), Failure> {
        let mut options = Self::default();
        let mut words = Vec::new();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--help" | "-h" => return Ok((Command::Help, options)),
                "--usage" => options.usage = true,
                name if name.starts_with("--") => {
                    let value = arguments
                        .next()
                        .ok_or_else(|| Failure::usage(format!("`{name}` needs a value")))?;
                    options.set(name, value)?;
                }
                word => words.push(word.to_owned()),
            }
        }
        Ok((command(words)?, options))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let sampling = std::mem::take(&mut self.sampling);
        self.sampling = match name {
            "--max-tokens" => sampling.max_tokens(number(name, value)?),
            "--temperature" => sampling.temperature(number(name, value)?),
            "--top-k" => sampling.top_k(number(name, value)?),
            "--top-p" => sampling.top_p(number(name, value)?),
            "--seed" => sampling.seed(number(name, value)?),
            "--stop" => sampling.stop(value),
            _ => sampling,
        };
        match name {
            "--max-tokens" | "--temperature" | "--top-k" | "--top-p" | "--seed" | "--stop" => {}
            "--model" => self.model = Some(value.to_owned()),
            "--rounds" => self.rounds = Some(at_least_one(name, value)?),
            "--labels" => self.labels = Some(value.to_owned()),
            "--top" => self.top = at_least_one(name, value)?,
            "--batch" => self.batch = at_least_one(name, value)?,
            "--normalise" => {
                self.normalise = match value {
                    "lite" => Normalise::Lite,
                    "torchvision" => Normalise::Torchvision,
                    "unit" => Normalise::Unit,
                    _ => {
                        return Err(Failure::usage(format!(
                            "`{name}` is `lite`, `torchvision` or `unit`, not `{value}`"
                        )));
                    }
                }
            }
            "--system" => self.system = Some(value.to_owned()),
            "--grammar" => self.grammar = Some(value.to_owned()),
            "--json-schema" => self.json_schema = Some(value.to_owned()),
            _ => return Err(Failure::usage(format!("there is no option `{name}`"))),
        }
        Ok(())
    }
}

fn command(words: Vec<String>) -> Result<Command, Failure> {
    let mut words = words.into_iter();
    let Some(name) = words.next() else {
        return Err(Failure::usage("expected a command"));
    };
    let rest: Vec<String> = words.collect();
    let one = || match rest.as_slice() {
        [path] => Ok(path.clone()),
        _ => Err(Failure::usage(format!("`{name}` takes one path"))),
    };
    let some = |least: usize| {
        if rest.len() < least {
            return Err(Failure::usage(format!(
                "`{name}` takes {least} words or more"
            )));
        }
        Ok(())
    };
    Ok(match name.as_str() {
        "models" => Command::Models,
        "classify" => Command::Classify { image: one()? },
        "folder" => Command::Folder { folder: one()? },
        "generate" | "bench-text" => {
            some(1)?;
            let prompt = rest.join(" ");
            if name == "generate" {
                Command::Generate { prompt }
            } else {
                Command::BenchText { prompt }
            }
        }
        "embed" => {
            some(2)?;
            Command::Embed { texts: rest }
        }
        "bench-image" => Command::BenchImage { image: one()? },
        _ => return Err(Failure::usage(format!("there is no command `{name}`"))),
    })
}

fn number<T: FromStr>(name: &str, value: &str) -> Result<T, Failure> {
    let wrong = |_| Failure::usage(format!("`{name}` cannot be `{value}`"));
    value.parse().map_err(wrong)
}

fn at_least_one(name: &str, value: &str) -> Result<usize, Failure> {
    match number(name, value)? {
        0 => Err(Failure::usage(format!("`{name}` must be at least 1"))),
        number => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<(Command, Options), Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn options_may_stand_anywhere() {
        let (command, options) =
            parse("generate --seed 7 Tell me --temperature 0 more --usage").unwrap();
        let prompt = "Tell me more".to_owned();
        assert_eq!(command, Command::Generate { prompt });
        let sampling = Sampling::new().max_tokens(128).seed(7).temperature(0.0);
        let expected = Options {
            sampling,
            usage: true,
            ..Options::default()
        };
        assert_eq!(options, expected);
    }

    #[test]
    fn what_is_not_understood_is_wrong_usage() {
        for line in [
            "",
            "frobnicate",
            "classify",
            "classify a b",
            "classify a --top 0",
            "classify a --top many",
            "classify a --normalise somehow",
            "generate",
            "generate a --speed 11",
            "generate a --seed",
            "embed one",
        ] {
            assert_eq!(parse(line).unwrap_err().code(), 2, "{line}");
        }
    }
}
