//! What photographs show.

use std::fs;
use std::path::Path;

use c12_wasm::cli::Failure;
use c12_wasm::nn::image::{Image, Preparation};
use c12_wasm::nn::{self, Graph, Outputs, Tensor, softmax, top_k};

use crate::labels::Labels;
use crate::options::{Normalise, Options};
use crate::output::{load, print};

/// The model, and what it is to be given.
pub(crate) struct Classifier {
    pub(crate) graph: Graph,
    /// The name of its input.
    pub(crate) input: String,
    preparation: Preparation,
}

impl Classifier {
    // ANCHOR: prepare
    pub(crate) fn load(options: &Options) -> Result<Self, Failure> {
        let graph = load(options.model.as_deref().unwrap_or("classifier"))?;
        // Size and layout are the model's; how it was trained, it does not say.
        let preparation = Preparation::for_model(&graph)?.crop(0.875);
        let preparation = match options.normalise {
            Normalise::Lite => preparation.normalise([127.0; 3], [128.0; 3]),
            Normalise::Torchvision => preparation.normalise_as_torchvision(),
            Normalise::Unit => preparation,
        };
        let first = graph.signature()?.inputs.first();
        let input = first.map_or_else(|| "0".to_owned(), |input| input.name.clone());
        Ok(Self {
            graph,
            input,
            preparation,
        })
    }

    pub(crate) fn prepare(&self, photograph: &[u8]) -> nn::Result<Tensor> {
        self.preparation.tensor(&Image::decode(photograph)?)
    }
    // ANCHOR_END: prepare

    /// The photograph in a file, or in words why there is none.
    fn prepare_file(&self, path: &str) -> Result<Tensor, String> {
        let bytes = fs::read(path).map_err(|cause| cause.to_string())?;
        self.prepare(&bytes).map_err(|error| error.to_string())
    }
}

pub(crate) fn read(path: &str) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|cause| Failure::path("cannot read", path, &cause))
}

fn refused(path: &str, error: &nn::Error) -> Failure {
    Failure::failed(format!("cannot use {path}: {error}"))
}

// ANCHOR: classify
pub(crate) fn photograph(path: &str, options: &Options) -> Result<(), Failure> {
    let labels = Labels::read(options.labels.as_deref())?;
    let bytes = read(path)?;
    let classifier = Classifier::load(options)?;
    let image = classifier
        .prepare(&bytes)
        .map_err(|error| refused(path, &error))?;
    let outputs = classifier.graph.compute([(&classifier.input, &image)])?;
    for (class, probability) in best(&outputs, options.top)? {
        let percent = probability * 100.0;
        print(&format!("{percent:5.1} %  {}\n", labels.name(class)))?;
    }
    Ok(())
}

fn best(outputs: &Outputs, count: usize) -> nn::Result<Vec<(usize, f32)>> {
    let scores = outputs.first()?.elements::<f32>()?;
    Ok(top_k(&softmax(&scores), count))
}
// ANCHOR_END: classify

/// Every photograph of a folder, so many at once. One that cannot be read is told, and does not stop the others.
pub(crate) fn folder(folder: &str, options: &Options) -> Result<(), Failure> {
    let labels = Labels::read(options.labels.as_deref())?;
    let paths = photographs(folder)?;
    let classifier = Classifier::load(options)?;
    let mut failed = 0;
    for paths in paths.chunks(options.batch) {
        let mut ready = Vec::new();
        for path in paths {
            match classifier.prepare_file(path) {
                Ok(image) => ready.push((path, image)),
                Err(error) => {
                    failed += 1;
                    print(&format!("{path}: {error}\n"))?;
                }
            }
        }
        // ANCHOR: batch
        let inputs = ready.iter().map(|(_, image)| [(&classifier.input, image)]);
        let all = classifier.graph.compute_all(inputs)?;
        for ((path, _), outputs) in ready.iter().zip(&all) {
            for (class, probability) in best(outputs, 1)? {
                let percent = probability * 100.0;
                print(&format!(
                    "{path}: {} ({percent:.1} %)\n",
                    labels.name(class)
                ))?;
            }
        }
        // ANCHOR_END: batch
    }
    match failed {
        0 => Ok(()),
        _ => Err(Failure::failed(format!(
            "{failed} of {} photographs cannot be used",
            paths.len()
        ))),
    }
}

/// The JPEGs and PNGs of a folder, by their names.
fn photographs(folder: &str) -> Result<Vec<String>, Failure> {
    let failed = |cause: std::io::Error| Failure::path("cannot list", folder, &cause);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if is_photograph(&path) {
            paths.push(path.display().to_string());
        }
    }
    if paths.is_empty() {
        return Err(Failure::failed(format!(
            "there is no JPEG or PNG in {folder}"
        )));
    }
    paths.sort();
    Ok(paths)
}

fn is_photograph(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["jpg", "jpeg", "png"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photographs_are_known_by_their_names() {
        assert!(is_photograph(Path::new("/p/cat.JPG")));
        assert!(is_photograph(Path::new("cat.png")));
        assert!(!is_photograph(Path::new("labels.json")));
        assert!(!is_photograph(Path::new("png")));
    }
}
