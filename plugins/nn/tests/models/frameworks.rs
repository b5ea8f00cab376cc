//! Real models in the frameworks that they were made for, named for one host side by side. What guests get through
//! either face is what the frameworks' own Python packages compute.

use c12_nn::setup::Framework;

use crate::component_guest;
use crate::core_guest::{self, numbers};
use crate::reference::{Case, Input, folder, set_up};
use crate::setup::Setup;

const TOLERANCE: f64 = 1e-3;
const UNSUPPORTED_OPERATION: u32 = 6;

/// A model of a backend, and what it is compared with.
const MODELS: [(&str, &str, &str, &str); 6] = [
    ("rust", "rten", "efficientnet-coffee", "onnxruntime"),
    ("fast", "onnxruntime", "efficientnet-coffee", "onnxruntime"),
    ("intel", "openvino", "efficientnet-coffee", "openvino"),
    ("voice", "openvino", "silero-vad-ifless", "openvino"),
    ("hand", "litert", "hand_recrop", "litert"),
    ("palm", "litert", "palm_detection_lite", "litert"),
];

macro_rules! with_models {
    ($($(#[$attribute:meta])* async fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[tokio::test]
        #[cfg_attr(not(nn_models), ignore = "needs models: `cargo xtask test` makes the folder that C12_NN_MODELS names")]
        async fn $name() $body
    )*};
}

fn setup() -> Setup {
    let mut setup = Setup::new()
        .set("onnxruntime", set_up(Framework::Onnx))
        .set("openvino", set_up(Framework::OpenVino))
        .set("litert", set_up(Framework::Tflite))
        .set("threads", 1);
    for (name, backend, case, framework) in MODELS {
        let model = Case::read(case, framework).model;
        setup = setup.named(&format!("{name}={backend}:{model}"));
    }
    setup
}

/// The number that core modules have for a type.
fn number_for_modules(tensor: &Input) -> u8 {
    let types = ["f16", "f32", "f64", "u8", "i32", "i64"];
    let place = types.iter().position(|ty| *ty == tensor.ty);
    place.unwrap().try_into().unwrap()
}

/// The number that components have for a type.
fn number_for_components(tensor: &Input) -> u32 {
    let types = ["f16", "f32", "f64", "bf16", "u8", "i32", "i64"];
    let place = types.iter().position(|ty| *ty == tensor.ty);
    place.unwrap().try_into().unwrap()
}

/// A context of a model, and the names of its inputs and outputs in its order, which is the framework's.
struct Open {
    context: u32,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

impl Open {
    async fn of(guest: &mut core_guest::Guest, name: &str) -> Self {
        const SIZE: u32 = 4096;
        let graph = guest.load_by_name(name).await.unwrap();
        let buffer = guest.put(&[0; SIZE as usize]);
        let length = guest.get("describe", &[graph, buffer, SIZE]).await.unwrap();
        let described: serde_json::Value =
            serde_json::from_slice(&guest.read(buffer, length)).unwrap();
        let names = |side: &str| {
            let tensors = described[side]["tensors"].as_array().unwrap().iter();
            tensors
                .map(|tensor| tensor["name"].as_str().unwrap().to_owned())
                .collect()
        };
        Open {
            context: guest.context(graph).await.unwrap(),
            inputs: names("inputs"),
            outputs: names("outputs"),
        }
    }

    async fn set_inputs(&self, guest: &mut core_guest::Guest, inputs: &[Input]) {
        for input in inputs {
            let index = position(&self.inputs, &input.name);
            let tensor = (
                number_for_modules(input),
                &input.dimensions[..],
                &input.data[..],
            );
            assert_eq!(guest.set_input(self.context, index, tensor).await, 0);
        }
    }

    async fn check_outputs(
        &self,
        guest: &mut core_guest::Guest,
        case: &Case,
        tolerance: f64,
        what: &str,
    ) {
        for expected in &case.outputs {
            let index = position(&self.outputs, &expected.name);
            let size = expected.size();
            let output = guest.output(self.context, index, size).await.unwrap();
            expected.check(&numbers(&output), tolerance, what);
        }
    }
}

fn position(names: &[String], name: &str) -> u32 {
    let position = names.iter().position(|known| known == name);
    position.unwrap_or_else(|| panic!("{name} is not in {names:?}")) as u32
}

with_models! {
    async fn a_core_module_has_models_of_several_frameworks_at_once() {
        let setup = setup();
        let mut guest = core_guest::Guest::new(&setup).await;
        let mut open = Vec::new();
        for (name, _, case, framework) in MODELS {
            let case = Case::read(case, framework);
            let model = Open::of(&mut guest, name).await;
            model.set_inputs(&mut guest, &case.inputs).await;
            open.push((name, model, case));
        }
        for (name, model, case) in &open {
            assert_eq!(guest.call("compute", &[model.context]).await, 0, "{name}: {:?}", setup.troubles());
            model.check_outputs(&mut guest, case, TOLERANCE, name).await;
        }
    }

    async fn a_component_has_models_of_several_frameworks_at_once() {
        let setup = setup();
        let mut guest = component_guest::Guest::new(&setup).await;
        for (name, _, case, framework) in MODELS {
            let case = Case::read(case, framework);
            let context = guest.context_of(name).await;
            let mut inputs = Vec::new();
            for input in &case.inputs {
                let tensor = guest
                    .tensor(number_for_components(input), &input.dimensions, &input.data)
                    .await;
                inputs.push((input.name.as_str(), tensor));
            }
            let outputs = guest.compute(context, &inputs).await.unwrap();
            assert_eq!(outputs.len(), case.outputs.len(), "{name}");
            for ((output, tensor), expected) in outputs.iter().zip(&case.outputs) {
                assert_eq!(*output, expected.name, "{name}");
                let (dimensions,): (Vec<u32>,) = guest.call("dimensions", (*tensor,)).await.unwrap();
                assert_eq!(dimensions, expected.dimensions, "{name}");
                let data = guest.data(*tensor).await;
                expected.check(&numbers(&data), TOLERANCE, name);
            }
        }
    }

    /// Sentences of several contexts go through the model together, and each gets its own.
    async fn requests_for_a_real_model_are_gathered() {
        let case = Case::read("minilm-cat", "onnxruntime");
        let setup = Setup::new()
            .set("onnxruntime", set_up(Framework::Onnx))
            .named(&format!("sentences=onnxruntime:{}?batch=4&batch-delay=50&threads=1", case.model));
        let mut guest = core_guest::Guest::new(&setup).await;
        let mut open = Vec::new();
        for _ in 0..4 {
            for name in ["minilm-cat", "minilm-kitten"] {
                let case = Case::read(name, "onnxruntime");
                let model = Open::of(&mut guest, "sentences").await;
                model.set_inputs(&mut guest, &case.inputs).await;
                open.push((name, model, case));
            }
        }
        let contexts: Vec<u8> = open.iter().flat_map(|(_, model, _)| model.context.to_le_bytes()).collect();
        let place = guest.put(&contexts);
        let computed = guest.call("compute_all", &[place, 8]).await;
        assert_eq!(computed, 0, "{:?}", setup.troubles());
        for (name, model, case) in &open {
            // Eight bits a weight: how rows are put together shows in the last digits.
            model.check_outputs(&mut guest, case, 2e-2, name).await;
        }
    }

    /// TorchScript is a program: what a guest hands over could do anything on the host.
    async fn guests_hand_over_torchscript_only_where_that_is_said() {
        const PYTORCH: u32 = 3;
        let program = std::fs::read(folder().join("torchscript/scale.pt")).unwrap();
        let library = set_up(Framework::PyTorch);
        let setup = Setup::new()
            .set("pytorch", &library)
            .set("guest-models", "pytorch");
        let mut guest = core_guest::Guest::new(&setup).await;
        let loaded = guest.load(&[&program], PYTORCH).await;
        assert_eq!(loaded, Err(UNSUPPORTED_OPERATION));
        let help = setup.troubles().remove(0).help.unwrap();
        assert!(help.contains("nn.pytorch-guest-models=true"), "{help}");
        let trusting = Setup::new()
            .set("pytorch", &library)
            .set("guest-models", "pytorch")
            .set("pytorch-guest-models", true);
        let mut guest = core_guest::Guest::new(&trusting).await;
        let loaded = guest.load(&[&program], PYTORCH).await;
        assert!(loaded.is_ok(), "{:?}", trusting.troubles());
    }

    /// As a user names it: TorchScript of the user's own is not a guest's.
    async fn torchscript_runs_beside_the_others() {
        let case = Case::read("hand_recrop", "litert");
        let program = folder().join("silero-vad-6.2.3/silero_vad/data/silero_vad.jit");
        let setup = Setup::new()
            .set("pytorch", set_up(Framework::PyTorch))
            .set("litert", set_up(Framework::Tflite))
            .named(&format!("voice=pytorch:{}?threads=1", program.display()))
            .named(&format!("hand=tflite:{}", case.model));
        let mut guest = core_guest::Guest::new(&setup).await;
        let voice = guest.context_of("voice").await;
        let hand = Open::of(&mut guest, "hand").await;
        hand.set_inputs(&mut guest, &case.inputs).await;
        let (f32, i64) = (1, 5);
        let rate = 16_000_i64.to_le_bytes();
        let silence = vec![0; 512 * 4];
        assert_eq!(guest.set_input(voice, 0, (f32, &[1, 512], &silence)).await, 0, "{:?}", setup.troubles());
        assert_eq!(guest.set_input(voice, 1, (i64, &[1], &rate)).await, 0, "{:?}", setup.troubles());
        for context in [voice, hand.context] {
            assert_eq!(guest.call("compute", &[context]).await, 0, "{:?}", setup.troubles());
        }
        let probability = numbers(&guest.output(voice, 0, 4).await.unwrap())[0];
        assert!((0.0..0.2).contains(&probability), "{probability}");
        hand.check_outputs(&mut guest, &case, TOLERANCE, "hand").await;
    }
}
