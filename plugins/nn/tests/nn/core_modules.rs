//! `wasi_ephemeral_nn`.

use std::time::{Duration, Instant};

use crate::core_guest::{Guest, bytes, numbers};
use crate::onnx::{self, Type};
use crate::setup::Setup;

const F32: u8 = 1;
const INVALID_ARGUMENT: u32 = 1;
const INVALID_ENCODING: u32 = 2;
const BUSY: u32 = 4;
const RUNTIME_ERROR: u32 = 5;
const UNSUPPORTED_OPERATION: u32 = 6;
const TOO_LARGE: u32 = 7;
const NOT_FOUND: u32 = 8;

#[tokio::test]
async fn a_named_model_runs() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("affine").await;
    let input = bytes(&[1.0, 2.0, 3.0, -1.0, 0.5, 0.0]);
    assert_eq!(guest.set_input(context, 0, (F32, &[2, 3], &input)).await, 0);
    assert_eq!(guest.call("compute", &[context]).await, 0);
    let output = guest.output(context, 0, 24).await.unwrap();
    assert_eq!(numbers(&output), [3.0, 5.0, 7.0, -1.0, 2.0, 1.0]);
    // The input stays, and another one takes its place.
    assert_eq!(guest.call("compute", &[context]).await, 0);
    let input = bytes(&[0.0; 3]);
    assert_eq!(guest.set_input(context, 0, (F32, &[1, 3], &input)).await, 0);
    assert_eq!(guest.call("compute", &[context]).await, 0);
    let output = guest.output(context, 0, 100).await.unwrap();
    assert_eq!(numbers(&output), [1.0; 3]);
    assert!(setup.troubles().is_empty(), "{:?}", setup.troubles());
}

#[tokio::test]
async fn inputs_and_outputs_go_by_position() {
    let setup = Setup::new().model("two", &onnx::two_by_two());
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("two").await;
    for (index, input) in [(1, [3.0, 4.0]), (0, [1.0, 2.0])] {
        let input = bytes(&input);
        assert_eq!(
            guest.set_input(context, index, (F32, &[2], &input)).await,
            0
        );
    }
    assert_eq!(guest.call("compute", &[context]).await, 0);
    let product = guest.output(context, 1, 8).await.unwrap();
    let sum = guest.output(context, 0, 8).await.unwrap();
    assert_eq!(
        (numbers(&sum), numbers(&product)),
        (vec![4.0, 6.0], vec![3.0, 8.0])
    );
    assert_eq!(guest.output(context, 2, 8).await, Err(INVALID_ARGUMENT));
    assert_eq!(
        guest.set_input(context, 2, (F32, &[2], &[0; 8])).await,
        INVALID_ARGUMENT
    );
}

/// `x + x` of the types that the engine in Rust computes with.
#[tokio::test]
async fn types_have_the_numbers_of_the_specification() {
    let setup = Setup::new()
        .model("f32", &onnx::doubled(Type::F32))
        .model("i32", &onnx::doubled(Type::I32))
        .model("i64", &onnx::doubled(Type::I64));
    let mut guest = Guest::new(&setup).await;
    let cases: [(&str, u8, Vec<u8>, Vec<u8>); 3] = [
        ("f32", 1, bytes(&[1.5; 4]), bytes(&[3.0; 4])),
        (
            "i32",
            4,
            [-7_i32; 4].map(i32::to_le_bytes).concat(),
            [-14_i32; 4].map(i32::to_le_bytes).concat(),
        ),
        (
            "i64",
            5,
            [1_i64 << 20; 4].map(i64::to_le_bytes).concat(),
            [1_i64 << 21; 4].map(i64::to_le_bytes).concat(),
        ),
    ];
    for (name, number, input, expected) in cases {
        let context = guest.context_of(name).await;
        assert_eq!(
            guest.set_input(context, 0, (number, &[4], &input)).await,
            0,
            "{name}"
        );
        assert_eq!(guest.call("compute", &[context]).await, 0, "{name}");
        assert_eq!(
            guest.output(context, 0, 32).await.unwrap(),
            expected,
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_numbers_of_wasmedge_0_14_are_an_option() {
    let integers = [5_i32; 4].map(i32::to_le_bytes).concat();
    let setup = Setup::new()
        .model("i32", &onnx::doubled(Type::I32))
        .set("numbering", "wasmedge-0.14");
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("i32").await;
    assert_eq!(guest.set_input(context, 0, (3, &[4], &integers)).await, 0);
    assert_eq!(guest.call("compute", &[context]).await, 0);
    let expected = [10_i32; 4].map(i32::to_le_bytes).concat();
    assert_eq!(guest.output(context, 0, 16).await.unwrap(), expected);

    // Whoever forgets the option is told of it.
    let setup = Setup::new().model("i32", &onnx::doubled(Type::I32));
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("i32").await;
    let errno = guest.set_input(context, 0, (3, &[4], &integers)).await;
    assert_eq!(errno, INVALID_ARGUMENT);
    let trouble = setup.troubles().remove(0);
    assert_eq!(trouble.message, "`set_input` failed");
    assert_eq!(
        trouble.cause,
        "a tensor u8[4] has 4 bytes, but 16 were given"
    );
    assert_eq!(
        trouble.help.unwrap(),
        "it fits the numbering of another interface, where 3 is i32: try `--plugin-config nn.numbering=wasmedge-0.14`"
    );
}

#[tokio::test]
async fn what_was_not_named_is_not_there() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    for name in ["", "affin", "affine ", "../affine", "\0"] {
        assert_eq!(guest.load_by_name(name).await, Err(NOT_FOUND), "{name:?}");
    }
    let path = setup.folder().join("affine.onnx").display().to_string();
    assert_eq!(guest.load_by_name(&path).await, Err(NOT_FOUND));
    let place = guest.put(b"\xff\xfe");
    assert_eq!(
        guest.get("load_by_name", &[place, 2]).await,
        Err(INVALID_ARGUMENT)
    );
    let trouble = setup.troubles().remove(0);
    assert_eq!(trouble.cause, "there is no model ``");
    assert!(trouble.help.unwrap().contains("--nn-model"));
}

#[tokio::test]
async fn guests_hand_over_models_only_where_that_is_allowed() {
    const ONNX: u32 = 1;
    const AUTODETECT: u32 = 5;
    let model = onnx::affine();
    let setup = Setup::new();
    let mut guest = Guest::new(&setup).await;
    for encoding in [ONNX, AUTODETECT] {
        assert_eq!(
            guest.load(&[&model], encoding).await,
            Err(UNSUPPORTED_OPERATION)
        );
    }
    let help = setup.troubles().remove(0).help.unwrap();
    assert_eq!(
        help,
        "`--plugin-config nn.guest-models=onnx` would allow it"
    );

    let setup = Setup::new().set("guest-models", "tensorflowlite");
    let mut guest = Guest::new(&setup).await;
    for encoding in [ONNX, AUTODETECT] {
        assert_eq!(
            guest.load(&[&model], encoding).await,
            Err(UNSUPPORTED_OPERATION)
        );
    }

    let setup = Setup::new().set("guest-models", "onnx");
    let mut guest = Guest::new(&setup).await;
    for encoding in [ONNX, AUTODETECT] {
        let graph = guest.load(&[&model], encoding).await.unwrap();
        let context = guest.context(graph).await.unwrap();
        let input = bytes(&[1.0; 3]);
        assert_eq!(guest.set_input(context, 0, (F32, &[1, 3], &input)).await, 0);
        assert_eq!(guest.call("compute", &[context]).await, 0);
        let output = guest.output(context, 0, 12).await.unwrap();
        assert_eq!(numbers(&output), [3.0; 3]);
    }
    for (encoding, errno) in [(7, INVALID_ENCODING), (u32::MAX, INVALID_ENCODING)] {
        assert_eq!(guest.load(&[&model], encoding).await, Err(errno));
    }
    let small = Setup::new()
        .set("guest-models", "onnx")
        .set("guest-model-size", model.len() - 1);
    let mut guest = Guest::new(&small).await;
    assert_eq!(guest.load(&[&model], ONNX).await, Err(TOO_LARGE));
}

#[tokio::test]
async fn configurations_are_json() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    assert!(guest.load_with_config("affine", "{}").await.is_ok());
    for config in ["", "[]", "{", "\"x\"", "\u{0}"] {
        let loaded = guest.load_with_config("affine", config).await;
        assert_eq!(loaded, Err(INVALID_ARGUMENT), "{config:?}");
    }
}

#[tokio::test]
async fn a_graph_that_was_unloaded_computes_no_more() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    let again = guest.load_by_name("affine").await.unwrap();
    let context = guest.context(graph).await.unwrap();
    let input = bytes(&[1.0; 3]);
    assert_eq!(guest.set_input(context, 0, (F32, &[1, 3], &input)).await, 0);
    assert_eq!(guest.call("compute", &[context]).await, 0);
    assert_eq!(guest.call("unload", &[graph]).await, 0);
    // What is there can still be taken.
    assert_eq!(
        numbers(&guest.output(context, 0, 12).await.unwrap()),
        [3.0; 3]
    );
    for (function, arguments) in [
        ("compute", &[context][..]),
        ("compute_single", &[context]),
        ("unload", &[graph]),
    ] {
        assert_eq!(
            guest.call(function, arguments).await,
            INVALID_ARGUMENT,
            "{function}"
        );
    }
    assert_eq!(
        guest.set_input(context, 0, (F32, &[1, 3], &input)).await,
        INVALID_ARGUMENT
    );
    assert_eq!(guest.context(graph).await, Err(INVALID_ARGUMENT));
    assert!(guest.context(again).await.is_ok());
    assert_eq!(
        guest.call("finalize_execution_context", &[context]).await,
        0
    );
    for (function, arguments) in [
        ("finalize_execution_context", &[context][..]),
        ("compute", &[context]),
        ("fini_single", &[context]),
    ] {
        assert_eq!(
            guest.call(function, arguments).await,
            INVALID_ARGUMENT,
            "{function}"
        );
    }
    assert_eq!(guest.output(context, 0, 12).await, Err(INVALID_ARGUMENT));
}

#[tokio::test]
async fn models_of_tensors_have_no_steps() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("affine").await;
    assert_eq!(
        guest.call("compute_single", &[context]).await,
        UNSUPPORTED_OPERATION
    );
    assert_eq!(
        guest.call("fini_single", &[context]).await,
        UNSUPPORTED_OPERATION
    );
    let buffer = guest.put(&[0; 12]);
    assert_eq!(
        guest
            .get("get_output_single", &[context, 0, buffer, 12])
            .await,
        Err(UNSUPPORTED_OPERATION)
    );
}

#[tokio::test]
async fn an_output_that_has_no_room_says_its_size() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("affine").await;
    assert_eq!(guest.output(context, 0, 12).await, Err(RUNTIME_ERROR));
    let input = bytes(&[1.0; 3]);
    assert_eq!(guest.set_input(context, 0, (F32, &[1, 3], &input)).await, 0);
    assert_eq!(guest.call("compute", &[context]).await, 0);
    let (buffer, written) = (guest.put(&[7; 12]), guest.place());
    let errno = guest
        .call("get_output", &[context, 0, buffer, 11, written])
        .await;
    assert_eq!((errno, guest.number(written)), (TOO_LARGE, 12));
    assert_eq!(guest.read(buffer, 12), [7; 12]);
}

/// A guest whose time is up while it computes ends at once, and another one goes on.
#[tokio::test]
async fn a_computation_can_take_too_long() {
    let setup = Setup::new()
        .model("slow", &onnx::slow())
        .model("affine", &onnx::affine())
        .set("timeout", "200ms");
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("slow").await;
    let input = vec![0; 512 * 512 * 4];
    assert_eq!(
        guest
            .set_input(context, 0, (F32, &[512, 512], &input))
            .await,
        0
    );
    let started = Instant::now();
    assert_eq!(guest.call("compute", &[context]).await, BUSY);
    assert!(started.elapsed() < Duration::from_secs(20));
    // The context is lost if the framework cannot be interrupted, and only that one.
    let context = guest.context_of("affine").await;
    let input = bytes(&[1.0; 3]);
    assert_eq!(guest.set_input(context, 0, (F32, &[1, 3], &input)).await, 0);
    assert_eq!(guest.call("compute", &[context]).await, 0);
}

#[tokio::test]
async fn the_executor_is_free_while_a_guest_computes() {
    let setup = Setup::new().model("slow", &onnx::slow());
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("slow").await;
    let input = vec![0; 512 * 512 * 4];
    assert_eq!(
        guest
            .set_input(context, 0, (F32, &[512, 512], &input))
            .await,
        0
    );
    let mut ticks = 0;
    let ticking = async {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            ticks += 1;
        }
    };
    let arguments = [context];
    let computing = guest.call("compute", &arguments);
    let both = async {
        tokio::select! {
            _ = computing => {}
            () = ticking => {}
        }
    };
    // Dropping the guest's future is what gives the computation up.
    let _ = tokio::time::timeout(Duration::from_millis(500), both).await;
    assert!(ticks > 10, "{ticks}");
}
