//! `wasi:nn` and `c12:nn`.

use std::time::{Duration, Instant};

use crate::component_guest::{Guest, Refused};
use crate::core_guest::{bytes, numbers};
use crate::onnx::{self, Type};
use crate::setup::Setup;

const F32: u32 = 1;
const INVALID_ARGUMENT: u32 = 0;
const TIMEOUT: u32 = 2;
const UNSUPPORTED_OPERATION: u32 = 4;
const TOO_LARGE: u32 = 5;
const NOT_FOUND: u32 = 6;
const SECURITY: u32 = 7;

#[tokio::test]
async fn a_named_model_runs() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("affine").await;
    for input in [vec![1.0, 2.0, 3.0], vec![0.5; 6]] {
        let dimensions = [input.len() as u32 / 3, 3];
        let tensor = guest.tensor(F32, &dimensions, &bytes(&input)).await;
        let outputs = guest.compute(context, &[("x", tensor)]).await.unwrap();
        let [(name, output)] = outputs.as_slice() else {
            panic!("{outputs:?}");
        };
        assert_eq!(name, "y");
        let expected: Vec<f32> = input.iter().map(|x| 2.0 * x + 1.0).collect();
        assert_eq!(numbers(&guest.data(*output).await), expected);
        let (sizes,): (Vec<u32>,) = guest.call("dimensions", (*output,)).await.unwrap();
        let (ty,): (u32,) = guest.call("ty", (*output,)).await.unwrap();
        assert_eq!((sizes, ty), (dimensions.to_vec(), F32));
    }
}

#[tokio::test]
async fn tensors_go_by_name_or_position() {
    let setup = Setup::new().model("two", &onnx::two_by_two());
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("two").await;
    for names in [["a", "b"], ["0", "1"], ["b", "a"]] {
        let one = guest.tensor(F32, &[2], &bytes(&[1.0, 2.0])).await;
        let other = guest.tensor(F32, &[2], &bytes(&[3.0, 4.0])).await;
        let inputs = [(names[0], one), (names[1], other)];
        let outputs = guest.compute(context, &inputs).await.unwrap();
        let mut given = Vec::new();
        for (name, tensor) in outputs {
            given.push((name, numbers(&guest.data(tensor).await)));
        }
        assert_eq!(
            given,
            [
                ("sum".to_owned(), vec![4.0, 6.0]),
                ("product".to_owned(), vec![3.0, 8.0])
            ]
        );
    }
}

#[tokio::test]
async fn what_does_not_fit_is_an_error_with_words() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("affine").await;
    let cases: [(&str, u32, &[u32], usize, &str); 7] = [
        (
            "x",
            4,
            &[1, 3],
            3,
            "the model takes `x`: f32[n, 3], but the tensor is u8[1, 3]",
        ),
        (
            "x",
            F32,
            &[3],
            12,
            "the model takes `x`: f32[n, 3], but the tensor is f32[3]",
        ),
        (
            "x",
            F32,
            &[1, 4],
            16,
            "the model takes `x`: f32[n, 3], but the tensor is f32[1, 4]",
        ),
        (
            "x",
            F32,
            &[1, 3],
            11,
            "a tensor f32[1, 3] has 12 bytes, but 11 were given",
        ),
        (
            "z",
            F32,
            &[1, 3],
            12,
            "the model has no input `z`; it has `x`: f32[n, 3]",
        ),
        (
            "1",
            F32,
            &[1, 3],
            12,
            "the model has no input `1`; it has `x`: f32[n, 3]",
        ),
        (
            "x",
            F32,
            &[u32::MAX, u32::MAX, u32::MAX],
            12,
            "a tensor of the dimensions [4294967295, 4294967295, 4294967295] does not fit into memory",
        ),
    ];
    for (name, ty, dimensions, size, message) in cases {
        let tensor = guest.tensor(ty, dimensions, &vec![0; size]).await;
        let Refused(_, words) = guest.compute(context, &[(name, tensor)]).await.unwrap_err();
        assert_eq!(words, message);
    }
    let refused = guest.compute(context, &[]).await.unwrap_err();
    let words = "the input `x`: f32[n, 3] is missing";
    assert_eq!(refused, Refused(INVALID_ARGUMENT, words.into()));
}

#[tokio::test]
async fn what_was_not_named_is_not_there() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let refused = guest.load_by_name("\u{1b}[31m").await.unwrap_err();
    let words = r"there is no model `\u{1b}[31m`";
    assert_eq!(refused, Refused(NOT_FOUND, words.into()));
    let long = "x".repeat(100_000);
    let refused = guest.load_by_name(&long).await.unwrap_err();
    let words = "a name has 100000 bytes; 1024 are allowed";
    assert_eq!(refused, Refused(INVALID_ARGUMENT, words.into()));
    let (names,): (Vec<String>,) = guest.call("names", ()).await.unwrap();
    assert_eq!(names, ["affine"]);
}

#[tokio::test]
async fn guests_hand_over_models_only_where_that_is_allowed() {
    const ONNX: u32 = 1;
    let model = onnx::affine();
    let mut guest = Guest::new(&Setup::new().model("x", &model)).await;
    let refused = guest.get("load", (vec![model.clone()], ONNX, 0_u32)).await;
    let words = "guests may not hand over models in the encoding `onnx`";
    assert_eq!(refused, Err(Refused(SECURITY, words.into())));

    let setup = Setup::new().set("guest-models", "onnx");
    let mut guest = Guest::new(&setup).await;
    let graph = guest
        .get("load", (vec![model.clone()], ONNX, 0_u32))
        .await
        .unwrap();
    let context = guest.get("context", (graph,)).await.unwrap();
    // The context keeps the model.
    let () = guest.call("drop-graph", (graph,)).await.unwrap();
    let tensor = guest.tensor(F32, &[1, 3], &bytes(&[1.0; 3])).await;
    assert!(guest.compute(context, &[("x", tensor)]).await.is_ok());
    let none: Vec<Vec<u8>> = Vec::new();
    let refused = guest.get("load", (none, ONNX, 0_u32)).await.unwrap_err();
    assert_eq!(refused.0, INVALID_ARGUMENT, "{refused:?}");
}

#[tokio::test]
async fn many_inferences_keep_their_order() {
    let setup = Setup::new()
        .model("affine", &onnx::affine())
        .model("two", &onnx::two_by_two());
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    let mut inputs = Vec::new();
    for number in 0..200 {
        let tensor = guest
            .tensor(F32, &[1, 3], &bytes(&[number as f32; 3]))
            .await;
        inputs.push(vec![("x".to_owned(), tensor)]);
    }
    guest.get("compute-all", (graph, inputs)).await.unwrap();
    let (outputs,): (Vec<Vec<(String, u32)>>,) = guest.call("all-outputs", ()).await.unwrap();
    assert_eq!(outputs.len(), 200);
    for (number, outputs) in outputs.iter().enumerate() {
        let [(_, output)] = outputs.as_slice() else {
            panic!("{outputs:?}");
        };
        let expected = [2.0 * number as f32 + 1.0; 3];
        assert_eq!(numbers(&guest.data(*output).await), expected);
    }
    let good = guest.tensor(F32, &[1, 3], &[0; 12]).await;
    let bad = guest.tensor(F32, &[1, 3], &[0; 11]).await;
    let inputs = vec![vec![("x".to_owned(), good)], vec![("x".to_owned(), bad)]];
    let refused = guest.get("compute-all", (graph, inputs)).await;
    assert_eq!(refused.unwrap_err().0, INVALID_ARGUMENT);
    let none: Vec<Vec<(String, u32)>> = Vec::new();
    guest.get("compute-all", (graph, none)).await.unwrap();
    let (outputs,): (Vec<Vec<(String, u32)>>,) = guest.call("all-outputs", ()).await.unwrap();
    assert!(outputs.is_empty());
}

/// Requests that come at once run as one where the user asks for that, and give what each alone would.
#[tokio::test]
async fn inferences_are_gathered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("affine.onnx");
    std::fs::write(&path, onnx::affine()).unwrap();
    let named = format!("affine=rten:{}?batch=16&batch-delay=20", path.display());
    let mut guest = Guest::new(&Setup::new().named(&named)).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    let mut inputs = Vec::new();
    for number in 0..40_u8 {
        let rows = 1 + u32::from(number % 3);
        let data = bytes(&vec![f32::from(number); rows as usize * 3]);
        let tensor = guest.tensor(F32, &[rows, 3], &data).await;
        inputs.push(vec![("x".to_owned(), tensor)]);
    }
    guest.get("compute-all", (graph, inputs)).await.unwrap();
    let (outputs,): (Vec<Vec<(String, u32)>>,) = guest.call("all-outputs", ()).await.unwrap();
    for (number, outputs) in outputs.iter().enumerate() {
        let rows = 1 + number % 3;
        let data = guest.data(outputs[0].1).await;
        assert_eq!(numbers(&data), vec![2.0 * number as f32 + 1.0; rows * 3]);
    }
}

#[tokio::test]
async fn a_model_says_what_it_takes() {
    let setup = Setup::new().model("two", &onnx::two_by_two());
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("two").await.unwrap();
    let (sides,): (u32,) = guest.call("describe", (graph,)).await.unwrap();
    assert_eq!(sides, 202);
    let options = vec![("threads".to_owned(), "1".to_owned())];
    let loaded = guest
        .get("load-with-options", ("two".to_owned(), options))
        .await;
    assert!(loaded.is_ok(), "{loaded:?}");
}

#[tokio::test]
async fn models_of_tensors_are_no_language_models() {
    let setup = Setup::new().model("two", &onnx::two_by_two());
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("two").await.unwrap();
    let words = "the model is no language model";
    let refused = Err(Refused(UNSUPPORTED_OPERATION, words.into()));
    let described = guest.get("describe-language", (graph,)).await;
    assert_eq!(described, refused);
    let counted = guest.get("count-tokens", (graph, "x".to_owned())).await;
    assert_eq!(counted, refused);
}

#[tokio::test]
async fn types_are_those_of_the_interface() {
    let setup = Setup::new()
        .model("i32", &onnx::doubled(Type::I32))
        .model("i64", &onnx::doubled(Type::I64));
    let mut guest = Guest::new(&setup).await;
    for (name, ty, input, expected) in [
        (
            "i32",
            5,
            [-7_i32; 4].map(i32::to_le_bytes).concat(),
            [-14_i32; 4].map(i32::to_le_bytes).concat(),
        ),
        (
            "i64",
            6,
            [1_i64 << 20; 4].map(i64::to_le_bytes).concat(),
            [1_i64 << 21; 4].map(i64::to_le_bytes).concat(),
        ),
    ] {
        let context = guest.context_of(name).await;
        let tensor = guest.tensor(ty, &[4], &input).await;
        let outputs = guest.compute(context, &[("x", tensor)]).await.unwrap();
        assert_eq!(guest.data(outputs[0].1).await, expected, "{name}");
    }
}

#[tokio::test]
async fn what_the_engine_cannot_compute_with_is_unsupported() {
    let setup = Setup::new().model("f64", &onnx::doubled(Type::F64));
    let mut guest = Guest::new(&setup).await;
    let refused = guest.load_by_name("f64").await.unwrap_err();
    assert_eq!(refused.0, UNSUPPORTED_OPERATION, "{refused:?}");
    let help = setup.troubles().remove(0).help.unwrap();
    assert!(help.contains("`c12 plugin setup nn onnx`"), "{help}");
}

#[tokio::test]
async fn a_computation_can_take_too_long() {
    let setup = Setup::new()
        .model("slow", &onnx::slow())
        .set("timeout", "200ms");
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("slow").await;
    let tensor = guest
        .tensor(F32, &[512, 512], &vec![0; 512 * 512 * 4])
        .await;
    let started = Instant::now();
    let refused = guest.compute(context, &[("x0", tensor)]).await.unwrap_err();
    assert_eq!(refused.0, TIMEOUT, "{refused:?}");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn tensors_take_as_much_as_they_may() {
    let setup = Setup::new()
        .model("identity", &onnx::identity())
        .set("tensors", 1_000_000);
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("identity").await;
    let data = vec![0; 400_000];
    let first = guest.tensor(F32, &[100_000], &data).await;
    // The output has room, and the input and it fill what there is.
    let outputs = guest.compute(context, &[("x", first)]).await.unwrap();
    let trap = guest
        .call::<_, (u32,)>("tensor", (vec![100_000_u32], F32, data.clone()))
        .await
        .unwrap_err();
    let words = format!("{trap:#}");
    assert!(
        words.contains("would take more than 1000000 bytes together; `nn.tensors` is the limit"),
        "{words}"
    );

    // An output that has no room ends its context; the guest goes on.
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("identity").await;
    let tensor = guest.tensor(F32, &[150_000], &vec![0; 600_000]).await;
    let refused = guest.compute(context, &[("x", tensor)]).await.unwrap_err();
    assert_eq!(refused.0, TOO_LARGE, "{refused:?}");
    let context = guest.context_of("identity").await;
    let tensor = guest.tensor(F32, &[100_000], &data).await;
    assert!(guest.compute(context, &[("x", tensor)]).await.is_ok());
    drop(outputs);
}

#[tokio::test]
async fn contexts_and_handles_are_limited() {
    let setup = Setup::new()
        .model("affine", &onnx::affine())
        .set("contexts", 10);
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    let mut contexts = Vec::new();
    for _ in 0..10 {
        contexts.push(guest.get("context", (graph,)).await.unwrap());
    }
    let refused = guest.get("context", (graph,)).await;
    let words = "10 execution contexts are there already";
    assert_eq!(refused, Err(Refused(TOO_LARGE, words.into())));
    let () = guest.call("drop-context", (contexts[0],)).await.unwrap();
    assert!(guest.get("context", (graph,)).await.is_ok());

    let mut setup = Setup::new().model("affine", &onnx::affine());
    setup.limits.handles = 20;
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    let mut outcome = Ok((0_u64,));
    for _ in 0..20 {
        outcome = guest.call("context", (graph,)).await;
        if outcome.is_err() {
            break;
        }
    }
    assert!(outcome.is_err());
}

/// A guest that has contexts of its own computes with those that are left; with none, it is told so.
#[tokio::test]
async fn many_inferences_need_one_context_at_least() {
    let setup = Setup::new()
        .model("affine", &onnx::affine())
        .set("contexts", 4);
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    let mut contexts = Vec::new();
    for left in (0..4).rev() {
        contexts.push(guest.get("context", (graph,)).await.unwrap());
        let mut inputs = Vec::new();
        for number in 0..20 {
            let tensor = guest
                .tensor(F32, &[1, 3], &bytes(&[number as f32; 3]))
                .await;
            inputs.push(vec![("x".to_owned(), tensor)]);
        }
        let computed = guest.get("compute-all", (graph, inputs)).await;
        if left == 0 {
            let words = "4 execution contexts are there already";
            assert_eq!(computed, Err(Refused(TOO_LARGE, words.into())));
            continue;
        }
        computed.unwrap();
        let (outputs,): (Vec<Vec<(String, u32)>>,) = guest.call("all-outputs", ()).await.unwrap();
        assert_eq!(outputs.len(), 20);
        let data = guest.data(outputs[19][0].1).await;
        assert_eq!(numbers(&data), [39.0; 3]);
    }
}

#[tokio::test]
async fn options_do_not_fill_the_host() {
    let setup = Setup::new()
        .model("affine", &onnx::affine())
        .set("tensors", 1000);
    let mut guest = Guest::new(&setup).await;
    let options = |length: usize| vec![("a".to_owned(), "x".repeat(length))];
    for _ in 0..10 {
        let () = guest.call("forget", ()).await.unwrap();
        let loaded = guest
            .get("load-with-options", ("affine".to_owned(), options(60_000)))
            .await;
        assert!(loaded.is_ok(), "{loaded:?}");
    }
    let refused = guest
        .get("load-with-options", ("affine".to_owned(), options(70_000)))
        .await;
    let words = "the options have 70001 bytes; 65536 are allowed";
    assert_eq!(refused, Err(Refused(INVALID_ARGUMENT, words.into())));
    let name = "x".repeat(2000);
    let refused = guest
        .get("load-with-options", (name, options(70_000)))
        .await;
    assert!(refused.unwrap_err().1.starts_with("a name has 2000 bytes"));
}
