//! Runs models as a component: `names`, `describe MODEL`, `run MODEL INPUT NUMBER…` for one row of `f32`, `file FILE
//! INPUT NUMBER…` for a model that the guest hands over, or `chat MODEL WORDS…`, which streams an answer.
#![cfg_attr(target_os = "wasi", allow(unsafe_code))]

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod guest {
    use std::io::Write as _;

    wit_bindgen::generate!({ path: "../../wit/nn", world: "imports", generate_all });

    use c12::nn::graphs::{self, Dimension};
    use c12::nn::language::{Message, Prompt, Sampling, generate};
    use wasi::nn::errors::Error;
    use wasi::nn::graph::{ExecutionTarget, Graph, GraphEncoding, load, load_by_name};
    use wasi::nn::tensor::{Tensor, TensorType};

    pub(crate) fn main(words: &[&str]) -> Result<(), String> {
        match words {
            ["names"] => println!("{}", graphs::names().join(" ")),
            ["describe", model] => describe(&load_by_name(model).map_err(told)?),
            ["run", model, input, numbers @ ..] => {
                run(&load_by_name(model).map_err(told)?, input, numbers)?;
            }
            ["file", file, input, numbers @ ..] => {
                let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
                let graph = load(&[bytes], GraphEncoding::Autodetect, ExecutionTarget::Cpu);
                run(&graph.map_err(told)?, input, numbers)?;
            }
            ["chat", model, words @ ..] => {
                chat(&load_by_name(model).map_err(told)?, &words.join(" "))?;
            }
            other => return Err(format!("what is {other:?}?")),
        }
        Ok(())
    }

    fn told(error: Error) -> String {
        format!("{:?}: {}", error.code(), error.data())
    }

    fn describe(graph: &Graph) {
        let signature = graphs::describe(graph);
        for (side, tensors) in [("in", &signature.inputs), ("out", &signature.outputs)] {
            for tensor in tensors {
                let dimensions = tensor.dimensions.iter().flatten();
                let sizes: Vec<String> = dimensions
                    .map(|dimension| match dimension {
                        Dimension::Fixed(size) => size.to_string(),
                        Dimension::Free(name) => name.clone().unwrap_or("?".into()),
                    })
                    .collect();
                println!("{side} {} {:?} {}", tensor.name, tensor.ty, sizes.join(" "));
            }
        }
    }

    fn run(graph: &Graph, input: &str, numbers: &[&str]) -> Result<(), String> {
        let mut data = Vec::new();
        for number in numbers {
            let number: f32 = number
                .parse()
                .map_err(|_| format!("{number} is no number"))?;
            data.extend(number.to_le_bytes());
        }
        let context = graph.init_execution_context().map_err(told)?;
        let tensor = Tensor::new(&[1, numbers.len() as u32], TensorType::Fp32, &data);
        let outputs = context
            .compute(vec![(input.to_owned(), tensor)])
            .map_err(told)?;
        for (name, output) in outputs {
            let numbers: Vec<f32> = output
                .data()
                .chunks_exact(4)
                .map(|bytes| f32::from_le_bytes(bytes.try_into().expect("four bytes")))
                .collect();
            println!("{name} {:?} {numbers:?}", output.dimensions());
        }
        Ok(())
    }

    fn chat(graph: &Graph, words: &str) -> Result<(), String> {
        let prompt = Prompt::Chat(vec![Message {
            role: "user".to_owned(),
            content: words.to_owned(),
        }]);
        let sampling = Sampling {
            max_tokens: Some(32),
            temperature: Some(0.0),
            top_k: None,
            top_p: None,
            min_p: None,
            repeat_penalty: None,
            seed: Some(1),
            stop: Vec::new(),
            grammar: None,
            others: Vec::new(),
        };
        let generation = generate(graph, &prompt, &sampling).map_err(told)?;
        while let Some(piece) = generation.next().map_err(told)? {
            print!("{piece}");
            std::io::stdout()
                .flush()
                .map_err(|error| error.to_string())?;
        }
        println!();
        Ok(())
    }
}

#[cfg(all(target_os = "wasi", target_env = "p2"))]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let Err(error) = guest::main(&words) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

#[cfg(not(all(target_os = "wasi", target_env = "p2")))]
fn main() {}
