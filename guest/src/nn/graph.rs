//! Models, and computing with them.

use std::sync::OnceLock;

use super::host;
use super::{Error, Result, Signature, Tensor, TensorView};

/// Options by name, as in `temperature` and `0.7`. Which there are depends on what runs the model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options(Vec<(String, String)>);

impl Options {
    /// No options.
    pub fn new() -> Self {
        Self::default()
    }

    /// These options and one more. What was there under its name is replaced.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        let name = name.into();
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, value.to_string()));
        self
    }

    /// All of them, names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// How a model is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// OpenVINO's own: the network, and the weights.
    OpenVino,
    /// ONNX
    Onnx,
    /// TensorFlow
    TensorFlow,
    /// PyTorch's TorchScript
    PyTorch,
    /// TensorFlow Lite
    TensorFlowLite,
    /// GGUF, for llama.cpp
    Ggml,
    /// The host looks.
    #[default]
    Autodetect,
}

/// Where a model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Device {
    /// The processor
    #[default]
    Cpu,
    /// A graphics processor
    Gpu,
    /// A tensor processor
    Tpu,
}

/// A model that is loaded. The host shares it between all who ask for it by name.
///
/// ```no_run
/// use c12_wasm::nn::{Graph, Tensor};
///
/// let graph = Graph::load_by_name("classifier")?;
/// assert_eq!(graph.signature()?.inputs[0].to_string(), "image: f32[batch, 3, 224, 224]");
///
/// let image = Tensor::new(&[1, 3, 224, 224], &[0.0_f32; 3 * 224 * 224])?;
/// let outputs = graph.compute([("image", &image)])?;
/// let scores = outputs.get("logits")?.elements::<f32>()?;
/// assert_eq!(scores.len(), 1000);
/// # Ok::<(), c12_wasm::nn::Error>(())
/// ```
#[derive(Debug)]
pub struct Graph {
    pub(super) graph: host::Graph,
    signature: OnceLock<Signature>,
}

impl Graph {
    /// The model that whoever runs the host gave this name.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none, and what goes wrong while it is loaded.
    pub fn load_by_name(name: &str) -> Result<Self> {
        host::load_by_name(name, None).map(Self::new)
    }

    /// The same, with options for everything that is done with the graph.
    ///
    /// # Errors
    ///
    /// As [`Graph::load_by_name`].
    pub fn load_by_name_with(name: &str, options: &Options) -> Result<Self> {
        host::load_by_name(name, Some(options)).map(Self::new)
    }

    /// A model that the guest has itself: most encodings have one part. The host permits it for encodings that its user
    /// named, and up to a size.
    ///
    /// # Errors
    ///
    /// [`Error::Security`] if it is not permitted, [`Error::InvalidEncoding`] if the bytes are no such model.
    pub fn load(parts: &[&[u8]], encoding: Encoding, device: Device) -> Result<Self> {
        host::load(parts, encoding, device).map(Self::new)
    }

    fn new(graph: host::Graph) -> Self {
        Self {
            graph,
            signature: OnceLock::new(),
        }
    }

    /// What it takes and gives.
    ///
    /// # Errors
    ///
    /// The host does not say.
    pub fn signature(&self) -> Result<&Signature> {
        if let Some(known) = self.signature.get() {
            return Ok(known);
        }
        let described = host::describe(&self.graph)?;
        Ok(self.signature.get_or_init(|| described))
    }

    /// A context to compute in, for those who do it often.
    ///
    /// # Errors
    ///
    /// There are as many as the host allows.
    pub fn context(&self) -> Result<Context> {
        host::context(&self.graph).map(Context)
    }

    /// Computes once, in a context of its own. Inputs go by name, or by position in digits where the model has no names.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if an input does not fit the model or is missing, and what the framework says.
    pub fn compute<'a, N: AsRef<str>, T: Into<TensorView<'a>>>(
        &self,
        inputs: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Outputs> {
        self.context()?.compute(inputs)
    }

    /// Computes for many sets of inputs, several at once where the host can; the results have their order.
    ///
    /// # Errors
    ///
    /// As [`Graph::compute`]; the first that there is.
    ///
    /// ```no_run
    /// use c12_wasm::nn::{Graph, Tensor};
    ///
    /// let graph = Graph::load_by_name("classifier")?;
    /// let image = |grey: f32| Tensor::new(&[1, 3, 224, 224], &[grey; 3 * 224 * 224]);
    /// let images = [image(-1.0)?, image(0.0)?, image(1.0)?];
    /// let all = graph.compute_all(images.iter().map(|image| [("image", image)]))?;
    /// assert_eq!(all.len(), 3);
    /// # Ok::<(), c12_wasm::nn::Error>(())
    /// ```
    pub fn compute_all<'a, S, N, T>(
        &self,
        inputs: impl IntoIterator<Item = S>,
    ) -> Result<Vec<Outputs>>
    where
        S: IntoIterator<Item = (N, T)>,
        N: AsRef<str>,
        T: Into<TensorView<'a>>,
    {
        let sets: Vec<Vec<(N, TensorView<'a>)>> = inputs.into_iter().map(collected).collect();
        let sets: Vec<Vec<(&str, TensorView<'a>)>> = sets.iter().map(|set| named(set)).collect();
        let outputs = host::compute_all(&self.graph, &sets)?;
        Ok(outputs.into_iter().map(Outputs).collect())
    }
}

/// The names of the models that there are for this guest.
///
/// # Errors
///
/// There is no host.
pub fn models() -> Result<Vec<String>> {
    host::names()
}

/// Runs a model, one computation after the other. Models that remember what came before do so in a context.
#[derive(Debug)]
pub struct Context(host::Context);

impl Context {
    /// Takes all inputs and gives all outputs, as [`Graph::compute`].
    ///
    /// # Errors
    ///
    /// As [`Graph::compute`].
    pub fn compute<'a, N: AsRef<str>, T: Into<TensorView<'a>>>(
        &self,
        inputs: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Outputs> {
        let inputs: Vec<(N, TensorView<'a>)> = collected(inputs);
        host::compute(&self.0, &named(&inputs)).map(Outputs)
    }
}

fn collected<'a, N, T: Into<TensorView<'a>>>(
    inputs: impl IntoIterator<Item = (N, T)>,
) -> Vec<(N, TensorView<'a>)> {
    let inputs = inputs.into_iter();
    inputs.map(|(name, tensor)| (name, tensor.into())).collect()
}

fn named<'s, 'a, N: AsRef<str>>(
    inputs: &'s [(N, TensorView<'a>)],
) -> Vec<(&'s str, TensorView<'a>)> {
    inputs
        .iter()
        .map(|(name, tensor)| (name.as_ref(), *tensor))
        .collect()
}

/// What came out of a computation, in the model's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outputs(Vec<(String, Tensor)>);

impl Outputs {
    /// The output of that name.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none.
    pub fn get(&self, name: &str) -> Result<&Tensor> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, tensor)| tensor).ok_or_else(|| {
            let names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
            let there = names.join("`, `");
            Error::NotFound(format!("there is no output `{name}`; there is `{there}`"))
        })
    }

    /// The first output; many models have no other.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none.
    pub fn first(&self) -> Result<&Tensor> {
        let first = self.0.first().map(|(_, tensor)| tensor);
        first.ok_or_else(|| Error::NotFound("the model gave nothing".to_owned()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, each with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.0.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }
}

impl IntoIterator for Outputs {
    type Item = (String, Tensor);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_that_is_not_there_is_told_with_those_that_are() {
        let tensor = Tensor::new(&[1], &[1.0_f32]).unwrap();
        let outputs = Outputs(vec![("logits".to_owned(), tensor.clone())]);
        assert_eq!(outputs.get("logits").unwrap(), &tensor);
        assert_eq!(outputs.first().unwrap(), &tensor);
        let error = outputs.get("scores").unwrap_err();
        assert_eq!(
            error.message(),
            "there is no output `scores`; there is `logits`"
        );
        assert!(Outputs::default().first().is_err());
    }

    #[test]
    fn an_option_is_there_once() {
        let options = Options::new().with("a", 1).with("b", 2).with("a", 3.5);
        let all: Vec<(&str, &str)> = options.iter().collect();
        assert_eq!(all, [("b", "2"), ("a", "3.5")]);
    }
}
