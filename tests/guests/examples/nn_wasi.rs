//! Runs a model through the crate `wasi-nn`, as it is published: MODEL NUMBER… A model with a `/` in its name is a file,
//! which the guest hands over itself. The numbers are the input, one row of `f32`; the first output is printed.

#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use wasi_nn::{ExecutionTarget, GraphBuilder, GraphEncoding, TensorType};

    let mut arguments = std::env::args().skip(1);
    let model = arguments.next().ok_or("expected a model")?;
    let input: Vec<f32> = arguments
        .map(|text| text.parse())
        .collect::<Result<_, _>>()?;
    let builder = GraphBuilder::new(GraphEncoding::Onnx, ExecutionTarget::CPU);
    let graph = if model.contains('/') {
        builder.build_from_files([&model])?
    } else {
        builder.build_from_cache(&model)?
    };
    let mut context = graph.init_execution_context()?;
    context.set_input(0, TensorType::F32, &[1, input.len()], &input)?;
    context.compute()?;
    let mut output = vec![0_f32; 1024];
    let bytes = context.get_output(0, &mut output)?;
    output.truncate(bytes / size_of::<f32>());
    println!("{output:?}");
    Ok(())
}

#[cfg(not(all(target_os = "wasi", not(target_env = "p2"))))]
fn main() {}
