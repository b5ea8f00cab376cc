//! ONNX models, with the options that the plugin gives the engines.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use bytemuck::Pod;
use c12_bench_nn::{Call, DIMENSIONS, Failure, Outcome, TENSOR_THREADS};
use ort::session::{Session, SessionInputValue};
use ort::value::{PrimitiveTensorElementType, TensorRef};
use rten::{Model, RunOptions, ThreadPool, ValueView};

/// ONNX Runtime sees the photograph where it lies. What comes out has numbers of this type.
pub(crate) fn with_onnx_runtime<T: PrimitiveTensorElementType + Pod>(
    library: &Path,
    model: &Path,
    photograph: &[u8],
) -> Result<Call, Failure> {
    let environment = ort::init_from(library)?
        .with_name("nn_native")
        .with_telemetry(false)
        .build()?;
    let builder = Session::builder(&environment)?;
    let mut builder = builder.with_intra_threads(TENSOR_THREADS as usize)?;
    let mut session = builder.commit_from_memory(&std::fs::read(model)?)?;
    let dimensions = DIMENSIONS.map(i64::from);
    let photograph = numbers(photograph);
    Ok(Box::new(move |outcome| {
        let tensor = TensorRef::from_array_view((dimensions, black_box(photograph.as_slice())))?;
        let outputs = session.run([SessionInputValue::from(tensor)])?;
        let output = outputs.values().next().ok_or("nothing came out")?;
        let (_, numbers) = output.try_extract_tensor::<T>()?;
        leave(numbers, outcome);
        Ok(())
    }))
}

/// rten sees the photograph where it lies.
pub(crate) fn with_rten(model: &Path, photograph: &[u8]) -> Result<Call, Failure> {
    let model = Model::load(std::fs::read(model)?)?;
    let threads = Arc::new(ThreadPool::with_num_threads(TENSOR_THREADS as usize));
    let dimensions = DIMENSIONS.map(|size| size as usize);
    let photograph = numbers(photograph);
    Ok(Box::new(move |outcome| {
        let tensor = ValueView::from_shape(dimensions, black_box(photograph.as_slice()))?;
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&threads)));
        let output = model.run_one(tensor.into(), Some(options))?;
        let (_, numbers) = output.into_shape_vec::<f32, 2>()?;
        leave(&numbers, outcome);
        Ok(())
    }))
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytemuck::pod_collect_to_vec(bytes)
}

fn leave<T: Pod>(numbers: &[T], outcome: &mut Outcome) {
    outcome.output.clear();
    outcome
        .output
        .extend_from_slice(bytemuck::cast_slice(numbers));
}
