use std::ffi::{CStr, CString};
use std::str::FromStr;

use super::ffi::{Compiled, Ended, Library, NativeTensor, Port, Request};
use super::read::Read;
use crate::native_type::NativeType;
use crate::{
    Cancel, Device, Error, Options, Result, Session, Side, Signature, Tensor, TensorDescription,
    TensorModel,
};

/// How a model is to be compiled.
pub(super) struct Settings {
    device: Device,
    threads: Option<u16>,
    precision: Option<Precision>,
}

/// What is computed with.
#[derive(Debug, Clone, Copy)]
enum Precision {
    F32,
    F16,
    Bf16,
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "f32" => Ok(Precision::F32),
            "f16" => Ok(Precision::F16),
            "bf16" => Ok(Precision::Bf16),
            _ => Err("`f32`, `f16` and `bf16` are known".to_owned()),
        }
    }
}

impl Settings {
    pub(super) fn new(device: Device, options: &Options) -> Result<Self> {
        Ok(Self {
            device,
            threads: options.threads()?,
            precision: options.parsed("precision")?,
        })
    }

    fn device(&self) -> &'static CStr {
        match self.device {
            Device::Cpu | Device::Auto => c"CPU",
            Device::Gpu => c"GPU",
            Device::Tpu => c"NPU",
        }
    }

    /// For the library. What is not set repeats the first.
    fn properties(&self) -> Result<[(&'static CStr, CString); 3]> {
        let text = |text: String| {
            CString::new(text).map_err(|_| Error::invalid_argument("a zero byte in an option"))
        };
        let latency = || (c"PERFORMANCE_HINT", c"LATENCY".to_owned());
        let threads = match self.threads {
            Some(threads) => (c"INFERENCE_NUM_THREADS", text(threads.to_string())?),
            None => latency(),
        };
        let precision = match self.precision {
            Some(Precision::F32) => (c"INFERENCE_PRECISION_HINT", c"f32".to_owned()),
            Some(Precision::F16) => (c"INFERENCE_PRECISION_HINT", c"f16".to_owned()),
            Some(Precision::Bf16) => (c"INFERENCE_PRECISION_HINT", c"bf16".to_owned()),
            None => latency(),
        };
        Ok([latency(), threads, precision])
    }
}

/// A compiled model.
pub(super) struct Model {
    library: &'static Library,
    compiled: Compiled,
    signature: Signature,
    inputs: Vec<NativeType>,
    size: u64,
    is_stateful: bool,
}

impl Model {
    pub(super) fn new(library: &'static Library, read: Read, settings: &Settings) -> Result<Self> {
        let compiled = library.compile(&read.model, settings.device(), &settings.properties()?)?;
        let (inputs, outputs) = (compiled.inputs()?, compiled.outputs()?);
        let types = inputs
            .iter()
            .map(|port| {
                port.ty.ok_or_else(|| {
                    Error::unsupported(format!(
                        "the model's input `{}` has a type that guests cannot give",
                        port.name.escape_debug()
                    ))
                })
            })
            .collect::<Result<_>>()?;
        let side = |ports: Vec<Port>| Side::of(ports.into_iter().map(description).collect());
        Ok(Self {
            library,
            compiled,
            signature: Signature {
                inputs: side(inputs),
                outputs: side(outputs),
            },
            inputs: types,
            size: read.size,
            is_stateful: read.is_stateful,
        })
    }
}

fn description(port: Port) -> TensorDescription {
    TensorDescription {
        name: port.name,
        ty: port.ty.map(NativeType::shown),
        dimensions: port.dimensions,
    }
}

impl TensorModel for Model {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn memory(&self) -> u64 {
        self.size
    }

    fn is_stateful(&self) -> bool {
        self.is_stateful
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        Ok(Box::new(Inference {
            library: self.library,
            request: self.compiled.request()?,
            inputs: self.inputs.iter().map(|ty| Input::new(*ty)).collect(),
            outputs: self.signature.outputs.tensors.len(),
        }))
    }
}

/// A request with the memory of its inputs.
struct Inference {
    library: &'static Library,
    request: Request,
    inputs: Vec<Input>,
    outputs: usize,
}

struct Input {
    ty: NativeType,
    /// The tensor that the request has, and its dimensions.
    set: Option<(Vec<u32>, NativeTensor)>,
}

impl Input {
    fn new(ty: NativeType) -> Self {
        Self { ty, set: None }
    }
}

impl Inference {
    fn set(&mut self, index: usize, tensor: &Tensor) -> Result<()> {
        let input = self
            .inputs
            .get_mut(index)
            .ok_or_else(|| Error::invalid_argument(format!("the model has no input {index}")))?;
        let bytes = input.ty.bytes_of(tensor)?;
        match &input.set {
            Some((dimensions, native)) if *dimensions == tensor.dimensions => {
                native.write(self.library, &bytes)
            }
            _ => {
                // Forgotten first: should a step fail, the next run begins anew.
                input.set = None;
                let native = NativeTensor::new(self.library, input.ty, &tensor.dimensions)?;
                native.write(self.library, &bytes)?;
                self.request.set_input(index, &native)?;
                input.set = Some((tensor.dimensions.clone(), native));
                Ok(())
            }
        }
    }
}

impl Session for Inference {
    fn run(&mut self, inputs: &[Tensor], cancel: &Cancel) -> Result<Vec<Tensor>> {
        for (index, tensor) in inputs.iter().enumerate() {
            self.set(index, tensor)?;
        }
        match self.request.run(cancel) {
            Ok(Ended::Done) => {}
            Ok(Ended::Cancelled) => {
                cancel.check()?;
                return Err(Error::runtime("the inference was cancelled"));
            }
            Err(error) => return Err(cancel.check().err().unwrap_or(error)),
        }
        (0..self.outputs)
            .map(|index| self.request.output(index))
            .collect()
    }
}
