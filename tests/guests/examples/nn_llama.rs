//! Uses llama.cpp through the crate `wasmedge-wasi-nn`, as it is published, in the way of the examples that WasmEdge's users
//! have: `answer MODEL QUESTION` computes the whole answer and prints it with what the host says of it; `embed MODEL
//! TEXT` prints what the host gives as the text's embedding.

#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use wasmedge_wasi_nn::{ExecutionTarget, GraphBuilder, GraphEncoding, TensorType};

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, model, text] = arguments.as_slice() else {
        return Err("expected `answer` or `embed`, a model and a text".into());
    };
    let (options, prompt) = match what.as_str() {
        "answer" => (
            r#"{"temp": 0.0, "n-predict": 32, "enable-log": false}"#,
            format!("<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"),
        ),
        "embed" => (r#"{"embedding": true}"#, text.clone()),
        other => return Err(format!("what is {other}?").into()),
    };
    let graph = GraphBuilder::new(GraphEncoding::Ggml, ExecutionTarget::AUTO)
        .config(options.to_owned())
        .build_from_cache(model)?;
    let mut context = graph.init_execution_context()?;
    context.set_input(0, TensorType::U8, &[1], prompt.as_bytes())?;
    context.compute()?;
    let output = |index| -> Result<String, Box<dyn std::error::Error>> {
        let mut buffer = vec![0; 1 << 16];
        let length = context.get_output(index, &mut buffer)?;
        buffer.truncate(length);
        Ok(String::from_utf8(buffer)?)
    };
    println!("{}", output(0)?);
    println!("{}", output(1)?);
    Ok(())
}

#[cfg(not(all(target_os = "wasi", not(target_env = "p2"))))]
fn main() {}
