//! What must not hurt anybody but the guest that does it.

use std::fmt::Write as _;

use crate::core_guest::{Guest, MEMORY, bytes, numbers};
use crate::onnx;
use crate::setup::Setup;

const F32: u8 = 1;
const INVALID_ARGUMENT: u32 = 1;
const INVALID_ENCODING: u32 = 2;
const MISSING_MEMORY: u32 = 3;
const TOO_LARGE: u32 = 7;

/// Every function, with every argument out of bounds in turn.
#[tokio::test]
async fn pointers_outside_are_errors() {
    let setup = Setup::new()
        .model("affine", &onnx::affine())
        .set("guest-models", "onnx");
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("affine").await;
    let name = guest.put(b"affine");
    let json = guest.put(b"{}");
    let out = guest.place();
    let end = MEMORY as u32;
    let wrong = [end, end - 3, u32::MAX, u32::MAX - 3, 1 << 31];
    for place in wrong {
        for (function, arguments) in [
            ("load_by_name", vec![name, 6, place]),
            ("load_by_name", vec![place, 6, out]),
            ("load_by_name", vec![name, u32::MAX, out]),
            ("load_by_name_with_config", vec![name, 6, json, 2, place]),
            ("load_by_name_with_config", vec![name, 6, place, 4, out]),
            (
                "load_by_name_with_config",
                vec![name, 6, json, u32::MAX, out],
            ),
            ("load", vec![place, 1, 1, 0, out]),
            ("load", vec![name, 1, 1, 0, place]),
            ("load", vec![out, u32::MAX, 1, 0, out]),
            ("load", vec![out, 1 << 29, 1, 0, out]),
            ("init_execution_context", vec![0, place]),
            ("set_input", vec![context, 0, place]),
            ("get_output", vec![context, 0, place, 4, out]),
            ("get_output", vec![context, 0, name, u32::MAX, out]),
            ("get_output", vec![context, 0, name, 4, place]),
            ("get_output_single", vec![context, 0, place, 4, out]),
        ] {
            assert_eq!(
                guest.call(function, &arguments).await,
                INVALID_ARGUMENT,
                "{function} {arguments:?}"
            );
        }
    }
    // Pointers within what a pointer leads to.
    for fields in [
        [end, 1, 1, name, 4],
        [name, u32::MAX, 1, name, 4],
        [name, 1 << 30, 1, name, 4],
        [name, 1, 1, end, 4],
        [name, 1, 1, name, u32::MAX],
        [name, 65, 1, name, 4],
    ] {
        let tensor = guest.put(&fields.map(u32::to_le_bytes).concat());
        let errno = guest.call("set_input", &[context, 0, tensor]).await;
        assert_eq!(errno, INVALID_ARGUMENT, "{fields:?}");
    }
    for pair in [[end, 1], [name, u32::MAX], [u32::MAX, u32::MAX]] {
        let parts = guest.put(&pair.map(u32::to_le_bytes).concat());
        let loaded = guest.get("load", &[parts, 1, 1, 0]).await;
        assert_eq!(loaded, Err(INVALID_ARGUMENT), "{pair:?}");
    }
    // It is still well.
    let input = bytes(&[1.0; 3]);
    assert_eq!(guest.set_input(context, 0, (F32, &[1, 3], &input)).await, 0);
    assert_eq!(guest.call("compute", &[context]).await, 0);
}

#[tokio::test]
async fn a_guest_without_memory_is_told_so() {
    let setup = Setup::new().model("affine", &onnx::affine());
    for memory in [
        "",
        "(memory 1)",
        "(global (export \"memory\") i32 (i32.const 0))",
    ] {
        let mut guest = Guest::with_memory(&setup, memory).await;
        let errno = guest.call("load_by_name", &[0, 0, 0]).await;
        assert_eq!(errno, MISSING_MEMORY, "{memory}");
    }
}

#[tokio::test]
async fn handles_that_are_not_there_are_errors() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    for handle in [0, 1, 7, u32::MAX] {
        assert_eq!(guest.context(handle).await, Err(INVALID_ARGUMENT));
        assert_eq!(guest.output(handle, 0, 4).await, Err(INVALID_ARGUMENT));
        for function in [
            "compute",
            "compute_single",
            "fini_single",
            "unload",
            "finalize_execution_context",
        ] {
            assert_eq!(guest.call(function, &[handle]).await, INVALID_ARGUMENT);
        }
        let errno = guest.set_input(handle, 0, (F32, &[1], &[0; 4])).await;
        assert_eq!(errno, INVALID_ARGUMENT);
    }
}

#[tokio::test]
async fn tensors_that_do_not_fit_are_errors() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("affine").await;
    let data = [0; 48];
    for (ty, dimensions, size) in [
        (F32, &[][..], 4),
        (F32, &[3], 12),
        (F32, &[1, 4], 16),
        (F32, &[1, 3, 1], 12),
        (F32, &[1, 3], 11),
        (F32, &[1, 3], 0),
        (F32, &[2, 3], 12),
        (F32, &[0x4000_0000, 4], 0),
        (2, &[1, 3], 24),
        (3, &[1, 3], 3),
        (4, &[1, 3], 12),
        (6, &[1, 3], 12),
        (255, &[1, 3], 12),
    ] {
        let errno = guest
            .set_input(context, 0, (ty, dimensions, &data[..size]))
            .await;
        assert_eq!(errno, INVALID_ARGUMENT, "{ty} {dimensions:?} {size}");
    }
    for dimensions in [&[u32::MAX; 3][..], &[u32::MAX; 64]] {
        let errno = guest.set_input(context, 0, (F32, dimensions, &data)).await;
        assert_eq!(errno, TOO_LARGE);
    }
    // Input missing, output asked before anything was computed.
    assert_eq!(guest.call("compute", &[context]).await, INVALID_ARGUMENT);
    assert!(guest.output(context, 0, 12).await.is_err());
    // No rows are none.
    assert_eq!(guest.set_input(context, 0, (F32, &[0, 3], &[])).await, 0);
    let computed = guest.call("compute", &[context]).await;
    if computed == 0 {
        assert!(guest.output(context, 0, 12).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn numbers_that_are_none_go_through() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("affine").await;
    let input = bytes(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY]);
    assert_eq!(guest.set_input(context, 0, (F32, &[1, 3], &input)).await, 0);
    assert_eq!(guest.call("compute", &[context]).await, 0);
    let output = numbers(&guest.output(context, 0, 12).await.unwrap());
    assert!(output[0].is_nan(), "{output:?}");
    assert_eq!(output[1..], [f32::INFINITY, f32::NEG_INFINITY]);
}

/// What lies in a model's file does not matter to the host: it is an error for the guest, and the next model is well.
#[tokio::test]
async fn models_that_are_none_are_errors() {
    let good = onnx::affine();
    let mut zip = b"PK\x03\x04".to_vec();
    zip.extend(std::iter::repeat_n(0, 1000));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("truncated", good[..good.len() / 2].to_vec()),
        ("text", b"hello, world".to_vec()),
        (
            "noise",
            (0..4096_u32)
                .map(|x| (x.wrapping_mul(2_654_435_761) >> 13) as u8)
                .collect(),
        ),
        ("zip", zip),
        (
            "gguf",
            b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        ),
        ("cyclic", onnx::cyclic()),
        ("overflowing", onnx::overflowing()),
        (
            "passwords",
            onnx::reaching_out("../../../../../../../../etc/passwd"),
        ),
        ("absolute", onnx::reaching_out("/etc/passwd")),
        ("missing", onnx::reaching_out("not-there.bin")),
    ];
    let mut setup = Setup::new().set("guest-models", "onnx");
    for (name, bytes) in &cases {
        setup = setup.model(name, bytes);
    }
    let setup = setup.model("good", &good);
    let mut guest = Guest::new(&setup).await;
    let mut seen = String::new();
    for (name, bytes) in &cases {
        let by_name = guest.load_by_name(name).await;
        let errno = by_name.expect_err(name);
        let handed_over = guest.load(&[bytes], 1).await.expect_err(name);
        let _ = writeln!(seen, "{name}: {errno} {handed_over}");
        assert!(
            matches!(errno, 1..=8) && matches!(handed_over, 1..=8),
            "{seen}"
        );
    }
    assert!(
        seen.starts_with(&format!("empty: {INVALID_ENCODING} ")),
        "{seen}"
    );
    let context = guest.context_of("good").await;
    let input = crate::core_guest::bytes(&[1.0; 3]);
    assert_eq!(guest.set_input(context, 0, (F32, &[1, 3], &input)).await, 0);
    assert_eq!(guest.call("compute", &[context]).await, 0);
}

#[tokio::test]
async fn a_model_whose_file_is_gone_is_an_error() {
    let setup = Setup::new().named("gone=onnx:/c12/has/no/such/model.onnx");
    let mut guest = Guest::new(&setup).await;
    assert_eq!(guest.load_by_name("gone").await, Err(8));
    let trouble = setup.troubles().remove(0);
    assert_eq!(trouble.cause, "the model's file cannot be read");
    let help = trouble.help.unwrap();
    assert!(
        help.starts_with("`/c12/has/no/such/model.onnx`: "),
        "{help}"
    );
}

#[tokio::test]
async fn models_keep_to_the_budget() {
    let model = onnx::affine();
    let setup = Setup::new()
        .model("a", &model)
        .model("b", &model)
        .set("memory", model.len() / 2);
    let mut guest = Guest::new(&setup).await;
    assert_eq!(guest.load_by_name("a").await, Err(TOO_LARGE));
    let cause = setup.troubles().remove(0).cause;
    assert!(cause.contains("bytes, but models may take"), "{cause}");
}

/// What one guest hands over does not fill the host.
#[tokio::test]
async fn models_of_one_guest_keep_to_its_budget() {
    const ONNX: u32 = 1;
    let model = onnx::affine();
    let setup = Setup::new()
        .set("guest-models", "onnx")
        .set("guest-memory", 8 << 20);
    let mut guest = Guest::new(&setup).await;
    let mut graphs = Vec::new();
    let errno = loop {
        match guest.load(&[&model], ONNX).await {
            Ok(graph) => graphs.push(graph),
            Err(errno) => break errno,
        }
    };
    assert_eq!(errno, TOO_LARGE);
    assert!((1..=10).contains(&graphs.len()), "{graphs:?}");
    let trouble = setup.troubles().remove(0);
    assert_eq!(trouble.help.unwrap(), "`nn.guest-memory` is the limit");
    // A context keeps its model.
    let context = guest.context(graphs[0]).await.unwrap();
    assert_eq!(guest.call("unload", &[graphs[0]]).await, 0);
    assert_eq!(guest.load(&[&model], ONNX).await, Err(TOO_LARGE));
    assert_eq!(
        guest.call("finalize_execution_context", &[context]).await,
        0
    );
    assert!(guest.load(&[&model], ONNX).await.is_ok());
    // Another guest has a budget of its own.
    let mut other = Guest::new(&setup).await;
    assert!(other.load(&[&model], ONNX).await.is_ok());
}

/// A thousand contexts and a thousand graphs, and what they hold, go when the guest lets go of them.
#[tokio::test]
async fn a_thousand_contexts_are_the_limit() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    let mut contexts = Vec::new();
    let errno = loop {
        match guest.context(graph).await {
            Ok(context) => contexts.push(context),
            Err(errno) => break errno,
        }
    };
    assert_eq!((contexts.len(), errno), (1000, TOO_LARGE));
    let trouble = setup.troubles().remove(0);
    assert_eq!(trouble.cause, "1000 execution contexts are there already");
    assert_eq!(trouble.help.unwrap(), "`nn.contexts` is the limit");
    let input = bytes(&[1.0; 3]);
    for context in contexts {
        assert_eq!(guest.set_input(context, 0, (F32, &[1, 3], &input)).await, 0);
        assert_eq!(guest.call("compute", &[context]).await, 0);
        assert_eq!(
            guest.call("finalize_execution_context", &[context]).await,
            0
        );
    }
    assert!(guest.context(graph).await.is_ok());
}

#[tokio::test]
async fn handles_are_limited() {
    let mut setup = Setup::new().model("affine", &onnx::affine());
    setup.limits.handles = 100;
    let mut guest = Guest::new(&setup).await;
    for _ in 0..100 {
        guest.load_by_name("affine").await.unwrap();
    }
    assert_eq!(guest.load_by_name("affine").await, Err(TOO_LARGE));
    let help = setup.troubles().remove(0).help.unwrap();
    assert_eq!(help, "`--max-handles` is the limit");
    assert_eq!(guest.call("unload", &[7]).await, 0);
    assert!(guest.load_by_name("affine").await.is_ok());
}

#[tokio::test]
async fn what_a_guest_holds_in_tensors_is_limited() {
    let mut setup = Setup::new()
        .model("identity", &onnx::identity())
        .set("tensors", 1_000_000);
    setup.limits.host_bytes = 700_000;
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("identity").await;
    let set = async |guest: &mut Guest, context: u32, count: u32| {
        let data = vec![0; count as usize * 4];
        guest.set_input(context, 0, (F32, &[count], &data)).await
    };
    // One call, all inputs together, an input and its output.
    assert_eq!(set(&mut guest, context, 200_000).await, TOO_LARGE);
    assert_eq!(set(&mut guest, context, 120_000).await, 0);
    assert_eq!(guest.call("compute", &[context]).await, 0);
    let second = guest.context_of("identity").await;
    assert_eq!(set(&mut guest, second, 120_000).await, TOO_LARGE);
    assert_eq!(
        guest.call("finalize_execution_context", &[context]).await,
        0
    );
    assert_eq!(set(&mut guest, second, 140_000).await, 0);
    // The output has no room, and its context ends.
    assert_eq!(guest.call("compute", &[second]).await, TOO_LARGE);
    assert_ne!(guest.call("compute", &[second]).await, 0);
    let third = guest.context_of("identity").await;
    assert_eq!(set(&mut guest, third, 120_000).await, 0);
    assert_eq!(guest.call("compute", &[third]).await, 0);
}

#[tokio::test]
async fn a_guest_sees_only_what_was_named_for_it() {
    let model = onnx::affine();
    let mut setup = Setup::new().model("mine", &model).model("yours", &model);
    setup.sees = |guest, model| guest == "guest" && model == "mine";
    let mut guest = Guest::new(&setup).await;
    assert!(guest.load_by_name("mine").await.is_ok());
    assert_eq!(guest.load_by_name("yours").await, Err(8));
    setup.sees = |guest, _| guest == "another";
    let mut guest = Guest::new(&setup).await;
    assert_eq!(guest.load_by_name("mine").await, Err(8));
}

/// Other guests of the same host have the model, whatever one of them does.
#[tokio::test]
async fn guests_do_not_hurt_each_other() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let linked = Guest::link(&setup, "(memory (export \"memory\") 1)");
    let mut one = Guest::of(&linked).await;
    let mut other = Guest::of(&linked).await;
    let graph = one.load_by_name("affine").await.unwrap();
    let context = other.context_of("affine").await;
    assert_eq!(one.call("unload", &[graph]).await, 0);
    drop(one);
    let input = bytes(&[1.0; 3]);
    assert_eq!(other.set_input(context, 0, (F32, &[1, 3], &input)).await, 0);
    assert_eq!(other.call("compute", &[context]).await, 0);
}
