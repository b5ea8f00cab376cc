//! Runs a model through the crate `wasmedge-wasi-nn`, as it is published, with all that it adds to `wasi-nn`: MODEL
//! NUMBER… The numbers are the input, one row of `f32`; the first output is printed.

#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use wasmedge_wasi_nn::{
        BackendError, Error, ExecutionTarget, GraphBuilder, GraphEncoding, TensorType,
    };

    let mut arguments = std::env::args().skip(1);
    let model = arguments.next().ok_or("expected a model")?;
    let input: Vec<f32> = arguments
        .map(|text| text.parse())
        .collect::<Result<_, _>>()?;
    let graph = GraphBuilder::new(GraphEncoding::Onnx, ExecutionTarget::AUTO)
        .config("{}".to_owned())
        .build_from_cache(&model);
    let graph = match graph {
        Err(Error::BackendError(BackendError::NotFound)) => {
            println!("there is no such model");
            return Ok(());
        }
        Err(Error::BackendError(BackendError::ModelNotFound)) => {
            println!("there is no such file");
            return Ok(());
        }
        graph => graph?,
    };
    let mut context = graph.init_execution_context()?;
    context.set_input(0, TensorType::F32, &[1, input.len()], &input)?;
    context.compute()?;
    let mut output = vec![0_f32; 1024];
    let bytes = context.get_output(0, &mut output)?;
    output.truncate(bytes / size_of::<f32>());
    println!("{output:?}");
    // A model of tensors has no steps.
    assert!(context.compute_single().is_err() && context.fini_single().is_err());
    graph.unload()?;
    assert!(context.compute().is_err());
    Ok(())
}

#[cfg(not(all(target_os = "wasi", not(target_env = "p2"))))]
fn main() {}
