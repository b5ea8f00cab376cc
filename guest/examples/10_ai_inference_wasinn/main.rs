//! Models that the host runs: what a photograph shows, what a language model answers, how near two texts are, and how long
//! all of it takes.
//!
//! ```text
//! c12 run --nn-model classifier=onnx:efficientnet-lite0.onnx --dir photographs::/photographs:ro \
//!     10_ai_inference_wasinn.wasm -- classify --labels /photographs/labels.json /photographs/coffee.png
//! c12 run --nn-model llm=ggml:SmolLM2-135M-Instruct.Q4_1.gguf 10_ai_inference_wasinn.wasm -- generate What is the capital of France?
//! ```
//!
//! Whoever runs it names the models; the program asks for them by name. The same source is a core module
//! (`wasm32-wasip1`) and a component (`wasm32-wasip2`).

mod bench;
mod classify;
mod embed;
mod generate;
mod labels;
mod models;
mod options;
mod output;

use std::process::ExitCode;

use c12_wasm::cli::{self, Failure};

use options::{Command, Options};

const PROGRAM: &str = "10_ai_inference_wasinn";

fn main() -> ExitCode {
    cli::finish(PROGRAM, run())
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
    let (command, options) = Options::parse(&arguments)?;
    match command {
        Command::Help => output::print(options::HELP),
        Command::Models => models::list(),
        Command::Classify { image } => classify::photograph(&image, &options),
        Command::Folder { folder } => classify::folder(&folder, &options),
        Command::Generate { prompt } => generate::answer(&prompt, &options),
        Command::Embed { texts } => embed::compare(&texts, &options),
        Command::BenchImage { image } => bench::image(&image, &options),
        Command::BenchText { prompt } => bench::text(&prompt, &options),
    }
}
