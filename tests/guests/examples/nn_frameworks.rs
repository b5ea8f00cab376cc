//! Runs a model of any framework through the crate `wasmedge-wasi-nn`, as it is published, in the way of the examples that
//! WasmEdge's users have: ENCODING MODEL, then TYPE DIMENSIONS FILE for each input, as in `f32 1,3,224,224 image.raw`.
//! MODEL is a name, or, with a `/` in it, the model's files with commas between them, which the guest hands over itself.
//! The numbers of the first output are printed, one a line.

#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use wasmedge_wasi_nn::{ExecutionTarget, GraphBuilder, GraphEncoding, TensorType};

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [encoding, model, inputs @ ..] = arguments.as_slice() else {
        return Err("expected an encoding and a model".into());
    };
    let encoding = match encoding.as_str() {
        "onnx" => GraphEncoding::Onnx,
        "openvino" => GraphEncoding::Openvino,
        "pytorch" => GraphEncoding::Pytorch,
        "tensorflowlite" => GraphEncoding::TensorflowLite,
        other => return Err(format!("there is no encoding {other}").into()),
    };
    let builder = GraphBuilder::new(encoding, ExecutionTarget::CPU);
    let graph = if model.contains('/') {
        let files: Vec<&str> = model.split(',').collect();
        builder.build_from_files(files)?
    } else {
        builder.build_from_cache(model)?
    };
    let mut context = graph.init_execution_context()?;
    for (index, input) in inputs.chunks(3).enumerate() {
        let [ty, dimensions, file] = input else {
            return Err("an input is a type, its dimensions and a file".into());
        };
        let ty = match ty.as_str() {
            "f32" => TensorType::F32,
            "i64" => TensorType::I64,
            other => return Err(format!("there is no type {other}").into()),
        };
        let dimensions: Vec<usize> = dimensions
            .split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        context.set_input(index, ty, &dimensions, std::fs::read(file)?)?;
    }
    context.compute()?;
    let mut output = vec![0_f32; 1 << 20];
    let bytes = context.get_output(0, &mut output)?;
    output.truncate(bytes / size_of::<f32>());
    for number in output {
        println!("{number:e}");
    }
    Ok(())
}

#[cfg(not(all(target_os = "wasi", not(target_env = "p2"))))]
fn main() {}
