//! A framework with one kind of model: the row-wise sums of a matrix, times what the file says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use c12_nn_core::{
    Backend, Cancel, Device, Dimension, Encoding, Error, Graph, Key, Options, Result, Session,
    Side, Signature, Source, Status, Tensor, TensorDescription, TensorGraph, TensorModel,
    TensorType,
};

/// The framework, and what it was asked to do.
#[derive(Default, Clone)]
pub(crate) struct Sums {
    pub(crate) loads: Arc<AtomicUsize>,
    pub(crate) runs: Arc<AtomicUsize>,
    /// The rows of the largest run.
    pub(crate) most_rows: Arc<AtomicUsize>,
    pub(crate) stateful: bool,
    pub(crate) missing: bool,
    /// The user said where its library is.
    pub(crate) named: bool,
    /// It takes only models that the user named.
    pub(crate) trusted_only: bool,
    pub(crate) max_sessions: Option<usize>,
}

impl Backend for Sums {
    fn name(&self) -> &'static str {
        "sums"
    }

    fn encoding(&self) -> Encoding {
        Encoding::Tensorflow
    }

    fn status(&self) -> Status {
        if self.missing {
            Status {
                is_named: self.named,
                ..Status::missing("`install sums` would fetch it")
            }
        } else {
            Status::built_in("1.0")
        }
    }

    fn declines_guests(&self, _: Encoding) -> Option<&'static str> {
        self.trusted_only.then_some("`trust` would let it")
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![
            Key {
                name: "slow",
                help: "milliseconds that a run takes",
            },
            Key {
                name: "extra",
                help: "bytes that the framework would take besides",
            },
        ];
        keys.extend(TensorGraph::KEYS);
        keys
    }

    fn check_options(&self, options: &Options) -> Result<()> {
        options.parsed::<u64>("slow")?;
        TensorGraph::check_options(options)
    }

    fn estimate(&self, sources: &[Source], options: &Options) -> Result<u64> {
        let extra: u64 = options.parsed("extra")?.unwrap_or(0);
        Ok(sources[0].size()? + extra)
    }

    fn load(
        &self,
        sources: &[Source],
        _device: Device,
        options: &Options,
    ) -> Result<Arc<dyn Graph>> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        let bytes = sources[0].read()?;
        let text = String::from_utf8_lossy(&bytes);
        let factor = text
            .trim()
            .parse()
            .map_err(|_| Error::invalid_encoding("a number was expected"))?;
        let model = Model {
            factor,
            size: bytes.len() as u64,
            slow: Duration::from_millis(options.parsed("slow")?.unwrap_or(0)),
            signature: signature(),
            framework: self.clone(),
        };
        Ok(Arc::new(TensorGraph::new(model, options)?))
    }
}

fn signature() -> Signature {
    let free = |name: &str| Dimension::Free(Some(name.to_owned()));
    let side = |name: &str, dimensions| {
        Side::of(vec![TensorDescription {
            name: name.to_owned(),
            ty: Some(TensorType::F32),
            dimensions: Some(dimensions),
        }])
    };
    Signature {
        inputs: side("matrix", vec![free("rows"), free("columns")]),
        outputs: side("sums", vec![free("rows")]),
    }
}

struct Model {
    factor: f32,
    size: u64,
    slow: Duration,
    signature: Signature,
    framework: Sums,
}

impl TensorModel for Model {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn memory(&self) -> u64 {
        self.size
    }

    fn is_stateful(&self) -> bool {
        self.framework.stateful
    }

    fn max_sessions(&self) -> usize {
        self.framework.max_sessions.unwrap_or(64)
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        Ok(Box::new(Summing {
            factor: self.factor,
            slow: self.slow,
            framework: self.framework.clone(),
            before: 0.0,
        }))
    }
}

struct Summing {
    factor: f32,
    slow: Duration,
    framework: Sums,
    /// The last sum, which a stateful model adds to the next.
    before: f32,
}

impl Session for Summing {
    fn run(&mut self, inputs: &[Tensor], cancel: &Cancel) -> Result<Vec<Tensor>> {
        self.framework.runs.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(self.slow);
        cancel.check()?;
        let matrix = &inputs[0];
        let (rows, columns) = (matrix.dimensions[0], matrix.dimensions[1] as usize);
        self.framework
            .most_rows
            .fetch_max(rows as usize, Ordering::SeqCst);
        let numbers = matrix.to_slice::<f32>()?;
        if numbers.contains(&666.0) {
            return Err(Error::runtime("666 cannot be summed"));
        }
        let mut sums: Vec<f32> = numbers
            .chunks(columns.max(1))
            .map(|row| row.iter().sum::<f32>() * self.factor)
            .collect();
        sums.resize(rows as usize, 0.0);
        if self.framework.stateful {
            for sum in &mut sums {
                *sum += self.before;
                self.before = *sum;
            }
        }
        Ok(vec![Tensor::from_slice(&[rows], &sums)?])
    }
}

pub(crate) fn matrix(rows: &[&[f32]]) -> Tensor {
    let columns = rows.first().map_or(0, |row| row.len());
    let numbers: Vec<f32> = rows.concat();
    Tensor::from_slice(
        &[
            u32::try_from(rows.len()).unwrap(),
            u32::try_from(columns).unwrap(),
        ],
        &numbers,
    )
    .unwrap()
}
