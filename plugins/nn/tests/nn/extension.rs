//! `c12_nn`: what `wasi_ephemeral_nn` lacks.

use crate::core_guest::{Guest, bytes, numbers};
use crate::onnx;
use crate::setup::Setup;

const F32: u8 = 1;
const INVALID_ARGUMENT: u32 = 1;
const UNSUPPORTED_OPERATION: u32 = 6;
const TOO_LARGE: u32 = 7;

/// The text that a function gives.
async fn text(guest: &mut Guest, function: &str, arguments: &[u32]) -> Result<String, u32> {
    const SIZE: u32 = 4096;
    let buffer = guest.put(&[0; SIZE as usize]);
    let length = guest
        .get(function, &[arguments, &[buffer, SIZE]].concat())
        .await?;
    Ok(String::from_utf8(guest.read(buffer, length)).unwrap())
}

#[tokio::test]
async fn errors_have_words() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    assert_eq!(text(&mut guest, "last_error", &[]).await.unwrap(), "");
    let context = guest.context_of("affine").await;
    let errno = guest.set_input(context, 0, (F32, &[3], &[0; 12])).await;
    assert_eq!(errno, INVALID_ARGUMENT);
    let words = "the model takes `x`: f32[n, 3], but the tensor is f32[3]";
    assert_eq!(text(&mut guest, "last_error", &[]).await.unwrap(), words);
    // What has no room is cut off.
    let buffer = guest.put(&[0; 9]);
    assert_eq!(guest.get("last_error", &[buffer, 9]).await, Ok(9));
    assert_eq!(guest.read(buffer, 9), b"the model");
    // Paths of the host are not for guests.
    let gone = Setup::new().named("gone=onnx:/c12/has/no/such/model.onnx");
    let mut guest = Guest::new(&gone).await;
    guest.load_by_name("gone").await.unwrap_err();
    let words = text(&mut guest, "last_error", &[]).await.unwrap();
    assert_eq!(words, "the model's file cannot be read");
}

/// Asking for a size is no failure, and a guest that can ask for the words of an error tells them itself.
#[tokio::test]
async fn what_is_the_guests_own_business_is_not_told_to_the_user() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    let context = guest.context(graph).await.unwrap();
    for rows in 1..30_u32 {
        let data = vec![0; rows as usize * 12];
        let input = (F32, &[rows, 3][..], &data[..]);
        assert_eq!(guest.set_input(context, 0, input).await, 0);
        assert_eq!(guest.call("compute", &[context]).await, 0);
        assert_eq!(guest.output(context, 0, 4).await, Err(TOO_LARGE));
        let words = text(&mut guest, "last_error", &[]).await.unwrap();
        let expected = format!(
            "the output has {} bytes, but the guest has room for 4",
            rows * 12
        );
        assert_eq!(words, expected);
    }
    let errno = guest.set_input(context, 0, (F32, &[3], &[0; 12])).await;
    assert_eq!(errno, INVALID_ARGUMENT);
    assert!(setup.troubles().is_empty(), "{:?}", setup.troubles());
    // What only the user can mend still is.
    guest.load_by_name("other").await.unwrap_err();
    assert_eq!(setup.troubles().len(), 1);
}

/// Guests for other hosts have only numbers.
#[tokio::test]
async fn what_a_guest_cannot_say_is_told_to_the_user() {
    const TEXT: &str = r#"(module
        (import "wasi_ephemeral_nn" "compute" (func $compute (param i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "compute") (param i32) (result i32) (call $compute (local.get 0))))"#;
    let setup = Setup::new();
    let mut guest = Guest::of(&setup.link(TEXT.as_bytes()).unwrap()).await;
    assert_eq!(guest.call("compute", &[7]).await, INVALID_ARGUMENT);
    let trouble = setup.troubles().remove(0);
    assert_eq!(trouble.message, "`compute` failed");
    assert_eq!(trouble.cause, "there is no execution context 7");
}

#[tokio::test]
async fn a_model_says_what_it_takes() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    let described = text(&mut guest, "describe", &[graph]).await.unwrap();
    let described: serde_json::Value = serde_json::from_str(&described).unwrap();
    assert_eq!(described["backend"], "rten");
    assert_eq!(
        described["inputs"],
        serde_json::json!({
            "open": false,
            "tensors": [{ "name": "x", "type": "f32", "dimensions": ["n", 3] }],
        })
    );
    assert!(described["language"].is_null());
    let (buffer, written) = (guest.put(&[7; 4]), guest.place());
    let errno = guest.call("describe", &[graph, buffer, 4, written]).await;
    assert_eq!(errno, TOO_LARGE);
    assert!(guest.number(written) > 100);
    assert_eq!(guest.read(buffer, 4), [7; 4]);
}

#[tokio::test]
async fn the_models_that_there_are_have_names() {
    let setup = Setup::new()
        .model("affine", &onnx::affine())
        .model("other", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let names = text(&mut guest, "names", &[]).await.unwrap();
    assert_eq!(names, r#"["affine","other"]"#);
}

#[tokio::test]
async fn outputs_say_what_they_are() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let context = guest.context_of("affine").await;
    assert!(
        text(&mut guest, "describe_outputs", &[context])
            .await
            .is_err()
    );
    let input = (F32, &[2, 3][..], &[0; 24][..]);
    assert_eq!(guest.set_input(context, 0, input).await, 0);
    assert_eq!(guest.call("compute", &[context]).await, 0);
    let described = text(&mut guest, "describe_outputs", &[context])
        .await
        .unwrap();
    let described: serde_json::Value = serde_json::from_str(&described).unwrap();
    assert_eq!(
        described,
        serde_json::json!([{ "name": "y", "type": "f32", "dimensions": [2, 3], "bytes": 24 }])
    );
    let other = text(&mut guest, "describe_outputs", &[77]).await;
    assert_eq!(other, Err(INVALID_ARGUMENT));
}

#[tokio::test]
async fn several_contexts_compute_at_once() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    let mut contexts = Vec::new();
    for number in 0..100_u8 {
        let context = guest.context(graph).await.unwrap();
        let input = bytes(&[f32::from(number); 3]);
        assert_eq!(guest.set_input(context, 0, (F32, &[1, 3], &input)).await, 0);
        contexts.push(context);
    }
    let list: Vec<u8> = contexts
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    let place = guest.put(&list);
    assert_eq!(guest.call("compute_all", &[place, 100]).await, 0);
    for (number, context) in contexts.iter().enumerate() {
        let output = guest.output(*context, 0, 12).await.unwrap();
        assert_eq!(numbers(&output), [2.0 * number as f32 + 1.0; 3]);
    }
    assert_eq!(guest.call("compute_all", &[place, 0]).await, 0);
    for (start, count) in [(place, 1 << 20), (place, u32::MAX), (u32::MAX, 1)] {
        let errno = guest.call("compute_all", &[start, count]).await;
        assert_eq!(errno, INVALID_ARGUMENT, "{start} {count}");
    }
    let empty = guest.context(graph).await.unwrap();
    let place = guest.put(&empty.to_le_bytes());
    assert_eq!(
        guest.call("compute_all", &[place, 1]).await,
        INVALID_ARGUMENT
    );
}

#[tokio::test]
async fn requests_that_are_none_are_errors() {
    let setup = Setup::new().model("affine", &onnx::affine());
    let mut guest = Guest::new(&setup).await;
    let graph = guest.load_by_name("affine").await.unwrap();
    for (request, errno) in [
        ("", INVALID_ARGUMENT),
        ("[]", INVALID_ARGUMENT),
        ("{}", INVALID_ARGUMENT),
        (r#"{"prompt": 7}"#, INVALID_ARGUMENT),
        (r#"{"prompt": "a", "messages": []}"#, INVALID_ARGUMENT),
        (r#"{"prompt": "a", "speed": 11}"#, INVALID_ARGUMENT),
        (r#"{"prompt": "a", "options": []}"#, INVALID_ARGUMENT),
        (r#"{"messages": [{"role": "user"}]}"#, INVALID_ARGUMENT),
        (r#"{"prompt": "a"}"#, UNSUPPORTED_OPERATION),
        (
            r#"{"messages": [{"role": "user", "content": "a"}]}"#,
            UNSUPPORTED_OPERATION,
        ),
    ] {
        let place = guest.put(request.as_bytes());
        let begun = guest
            .get("generate", &[graph, place, request.len() as u32])
            .await;
        assert_eq!(begun, Err(errno), "{request}");
    }
    for (function, request, errno) in [
        ("embed", "{}", INVALID_ARGUMENT),
        ("embed", r#"{"texts": [1]}"#, INVALID_ARGUMENT),
        ("embed", r#"{"texts": ["a"]}"#, UNSUPPORTED_OPERATION),
        ("apply_chat_template", "{}", INVALID_ARGUMENT),
        ("apply_chat_template", "[]", UNSUPPORTED_OPERATION),
    ] {
        let place = guest.put(request.as_bytes());
        let given = text(&mut guest, function, &[graph, place, request.len() as u32]).await;
        assert_eq!(given, Err(errno), "{function} {request}");
    }
    let place = guest.put(b"\xff");
    let counted = guest.get("count_tokens", &[graph, place, 1]).await;
    assert_eq!(counted, Err(INVALID_ARGUMENT));
    for function in ["generation_next", "generation_usage"] {
        let given = text(&mut guest, function, &[7]).await;
        assert_eq!(given, Err(INVALID_ARGUMENT), "{function}");
    }
    assert_eq!(guest.call("generation_drop", &[7]).await, INVALID_ARGUMENT);
}
