//! Asks a language model through the crate `wasmedge-wasi-nn`, as it is published, and prints the answer as it comes:
//! MODEL QUESTION. The prompt has the form that SmolLM2 was trained with.

#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
fn main() {
    use std::io::Write as _;

    use wasmedge_wasi_nn::{
        BackendError, Error, ExecutionTarget, GraphBuilder, GraphEncoding, TensorType,
    };

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, question] = arguments.as_slice() else {
        panic!("expected a model and a question");
    };
    let options = r#"{"temp": 0.0, "n-predict": 32, "enable-log": false, "stream-stdout": false}"#;
    let graph = GraphBuilder::new(GraphEncoding::Ggml, ExecutionTarget::AUTO)
        .config(options.to_owned())
        .build_from_cache(model)
        .expect("the model is there");
    let mut context = graph.init_execution_context().expect("there is a context");
    let prompt = format!("<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n");
    // Many guests say that their text has one byte.
    context
        .set_input(0, TensorType::U8, &[1], prompt.as_bytes())
        .expect("it is text");
    loop {
        match context.compute_single() {
            Ok(()) => {}
            Err(Error::BackendError(BackendError::EndOfSequence | BackendError::ContextFull)) => {
                break;
            }
            Err(error) => {
                eprintln!("{error}");
                std::process::exit(1);
            }
        }
        let mut piece = vec![0; 256];
        let length = context
            .get_output_single(0, &mut piece)
            .expect("there is a piece");
        std::io::stdout()
            .write_all(&piece[..length])
            .expect("standard output is there");
    }
    println!();
    context.fini_single().expect("it has ended");
}

#[cfg(not(all(target_os = "wasi", not(target_env = "p2"))))]
fn main() {}
