//! What a guest may have of the host, with all of its instances.

use crate::core_guest::Guest;
use crate::onnx;
use crate::setup::Setup;

const F32: u8 = 1;
const INVALID_ARGUMENT: u32 = 1;
const BUSY: u32 = 4;
const UNSUPPORTED_OPERATION: u32 = 6;
const TOO_LARGE: u32 = 7;
const NOT_FOUND: u32 = 8;

/// The encoding.
const ONNX: u32 = 1;

#[tokio::test]
async fn models_keep_to_the_budget() {
    let model = onnx::affine();
    let setup = Setup::new()
        .model("a", &model)
        .model("b", &model)
        .set("memory", model.len() / 2);
    let mut guest = Guest::new(&setup).await;
    assert_eq!(guest.load_by_name("a").await, Err(TOO_LARGE));
    let trouble = setup.troubles().remove(0);
    let cause = trouble.cause;
    assert!(cause.contains("bytes, but models may take"), "{cause}");
    assert!(trouble.help.unwrap().contains("`nn.memory`"));
}

/// What one guest hands over does not fill the host.
#[tokio::test]
async fn models_of_one_guest_keep_to_its_budget() {
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
    // A guest on another host has a budget of its own.
    let mut other = Guest::new(&setup).await;
    assert!(other.load(&[&model], ONNX).await.is_ok());
}

/// Instances are cheap: what a guest may have is not multiplied by their number.
#[tokio::test]
async fn all_instances_of_a_guest_have_one_budget() {
    let model = onnx::affine();
    let setup = Setup::new()
        .model("affine", &model)
        .set("guest-models", "onnx")
        .set("guest-memory", 4 << 20)
        .set("contexts", 3)
        .set("tensors", 1000);
    let linked = Guest::link(&setup, "(memory (export \"memory\") 1)");
    let mut one = Guest::of(&linked).await;
    let mut other = Guest::of(&linked).await;
    let context = one.context_of("affine").await;
    let theirs = other.context_of("affine").await;
    let last = one.context_of("affine").await;
    let graph = other.load_by_name("affine").await.unwrap();
    assert_eq!(other.context(graph).await, Err(TOO_LARGE));
    let rows = |count: u32| (F32, [count, 3], vec![0; count as usize * 12]);
    let (ty, dimensions, data) = rows(60);
    assert_eq!(one.set_input(context, 0, (ty, &dimensions, &data)).await, 0);
    let errno = other.set_input(theirs, 0, (ty, &dimensions, &data)).await;
    assert_eq!(errno, TOO_LARGE);
    while one.load(&[&model], ONNX).await.is_ok() {}
    assert_eq!(other.load(&[&model], ONNX).await, Err(TOO_LARGE));
    // It is given back when an instance goes.
    drop(one);
    assert!(other.context(graph).await.is_ok());
    assert_eq!(
        other.set_input(theirs, 0, (ty, &dimensions, &data)).await,
        0
    );
    assert!(other.load(&[&model], ONNX).await.is_ok());
    let _ = last;
}

/// What guests hand over leaves room for what the user named.
#[tokio::test]
async fn models_of_guests_do_not_fill_the_memory() {
    let model = onnx::affine();
    let setup = Setup::new()
        .model("mine", &model)
        .set("guest-models", "onnx")
        .set("memory", 16 << 20);
    let mut guest = Guest::new(&setup).await;
    while guest.load(&[&model], ONNX).await.is_ok() {}
    let trouble = setup.troubles().remove(0);
    assert_eq!(trouble.help.unwrap(), "half of `nn.memory` is the limit");
    assert!(guest.load_by_name("mine").await.is_ok());
}

/// Options stay with a graph, so they are short, and where nobody looks at them they do not stay.
#[tokio::test]
async fn options_do_not_fill_the_host() {
    let setup = Setup::new()
        .model("affine", &onnx::affine())
        .set("tensors", 1000);
    let mut guest = Guest::new(&setup).await;
    let config = |length: usize| format!(r#"{{"a": "{}"}}"#, "x".repeat(length));
    let short = config(60_000);
    for _ in 0..100 {
        assert!(guest.load_with_config("affine", &short).await.is_ok());
    }
    let long = config(70_000);
    let refused = guest.load_with_config("affine", &long).await;
    assert_eq!(refused, Err(INVALID_ARGUMENT));
    // What is not there is not asked for its options.
    for config in [&long, "{"] {
        let refused = guest.load_with_config("other", config).await;
        assert_eq!(refused, Err(NOT_FOUND));
    }
}

#[tokio::test]
async fn requests_do_not_fill_the_host() {
    let mut setup = Setup::new().model("affine", &onnx::affine());
    setup.limits.host_bytes = 8 << 20;
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    for (length, errno) in [
        (10, UNSUPPORTED_OPERATION),
        // This one is read away from the executor.
        (1 << 20, UNSUPPORTED_OPERATION),
        (5 << 20, TOO_LARGE),
        (9 << 20, TOO_LARGE),
    ] {
        let text = "x".repeat(length);
        let request = format!(r#"{{"prompt": "{text}"}}"#);
        let place = guest.put(request.as_bytes());
        let begun = guest
            .get("generate", &[graph, place, request.len() as u32])
            .await;
        assert_eq!(begun, Err(errno), "{length}");
    }
    for (length, errno) in [(7 << 20, UNSUPPORTED_OPERATION), (9 << 20, TOO_LARGE)] {
        let place = guest.put(&vec![b'x'; length]);
        let counted = guest
            .get("count_tokens", &[graph, place, length as u32])
            .await;
        assert_eq!(counted, Err(errno), "{length}");
    }
}

/// A model that takes too long to load is given up.
#[tokio::test]
async fn loading_can_take_too_long() {
    let setup = Setup::new()
        .model("affine", &onnx::affine())
        .set("guest-models", "onnx")
        .set("guest-model-timeout", "1ms");
    let mut guest = Guest::new(&setup).await;
    let large = onnx::wide(20_000);
    assert_eq!(guest.load(&[&large], ONNX).await, Err(BUSY));
    // The next waits for it, and no longer than it may.
    let next = guest.load(&[&large], ONNX).await;
    assert_eq!(next, Err(BUSY));
    assert!(guest.load_by_name("affine").await.is_ok());
}
