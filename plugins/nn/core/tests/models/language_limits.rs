//! A language model in hands that ask for too much, all at once, or for nonsense.

use std::time::{Duration, Instant};

use bytes::Bytes;
use c12_nn_core::{
    Cancel, Code, Device, Encoding, Finish, LlamaCpp, Message, Options, Prompt, Reason, Registry,
    Tensor, TensorType,
};
use serde_json::Value;

use crate::language::{MODEL, chat, generate, generate_with, model, options, registry};
use crate::packages::Models;
use crate::{Test, tests};

pub(crate) const TESTS: &[Test] = tests![
    a_prompt_must_fit_the_context,
    a_full_context_ends_the_text,
    a_context_is_no_larger_than_was_trained_for,
    nobody_waits_for_all_that_another_asked_for,
    embeddings_are_made_in_turn,
    who_goes_away_frees_the_model,
    options_of_a_context_do_not_pile_up,
    memory_is_there_before_a_guest_s_model_is_loaded,
    models_are_counted_as_long_as_their_texts,
    long_words_do_not_end_the_process,
    files_that_are_no_models_are_refused,
    odd_input_is_refused,
];

fn a_prompt_must_fit_the_context(models: &Models) {
    let model = model(models, "ctx-size=128");
    let long = Prompt::Text("word ".repeat(400));
    let error = generate(&model, &long, "").err().unwrap();
    assert_eq!(error.code(), Code::TooLarge);
    assert!(
        error
            .message()
            .ends_with("tokens, but the context has room for 128"),
        "{error}"
    );
    let error = generate(
        &model,
        &chat("What is the capital of France?"),
        "ctx-size=8",
    );
    assert_eq!(error.err().unwrap().code(), Code::TooLarge);
    // A guest cannot have more room than the user gave.
    let error = generate(&model, &long, "ctx-size=100000");
    assert_eq!(error.err().unwrap().code(), Code::TooLarge);
    let language = model.language_model().unwrap();
    let error = language.embed(&["word ".repeat(400)], &Options::new(), &Cancel::new());
    assert_eq!(error.unwrap_err().code(), Code::TooLarge);
}

fn a_full_context_ends_the_text(models: &Models) {
    let model = model(models, "ctx-size=64");
    let prompt = Prompt::Text("Once upon a time there was a".to_owned());
    let mut options = options("temp=0");
    // Nothing else ends it.
    options.set("grammar", "root ::= [a-z ]*  [0-9]{2000}");
    let made = generate_with(&model, &prompt, &options).unwrap();
    assert_eq!(made.finish, Finish::ContextFull);
    let tokens = made.usage.input_tokens + made.usage.output_tokens;
    assert!((64..=65).contains(&tokens), "{tokens}");
    let mut context = model.context(&options).unwrap();
    context
        .set_input(&0.into(), Tensor::from_text("Once upon a time there was a"))
        .unwrap();
    let error = context.compute(&Cancel::new()).unwrap_err();
    assert_eq!(error.code(), Code::TooLarge);
    assert!(!context.get_output(&0.into()).unwrap().data.is_empty());
}

fn a_context_is_no_larger_than_was_trained_for(models: &Models) {
    let trained = 8192;
    let error = registry(models, "ctx-size=8193&conversations=1")
        .model("llm", &Cancel::new())
        .unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert_eq!(
        error.message(),
        format!("the option `ctx-size` is 8193, but the model was trained for {trained} tokens")
    );
    let model = model(models, "ctx-size=8192&conversations=1");
    let info = model.language_model().unwrap().info();
    assert_eq!(info.context_tokens, trained);
}

/// Options, and for whom they are.
fn owned(query: &str, owner: &str) -> Options {
    let mut options = options(query);
    options.set_owner(owner);
    options
}

fn nobody_waits_for_all_that_another_asked_for(models: &Models) {
    let model = model(models, "conversations=1&ctx-size=256");
    let language = model.language_model().unwrap();
    let prompt = chat("Name a colour.");
    // Who it is for is said, or told by the first line of the cache key.
    let keyed = |key: &str| {
        let mut options = options("temp=0&n-predict=6");
        options.set("cache-key", key);
        options
    };
    let said = |owner: &str| owned("temp=0&n-predict=6&cache-key=all", owner);
    for (one, other) in [
        (said("one"), said("other")),
        (keyed("one\na"), keyed("other")),
    ] {
        let begin =
            |options: &Options| language.generate(&prompt, options, &Cancel::new()).unwrap();
        let many: Vec<_> = (0..8).map(|_| begin(&one)).collect();
        let mut single = begin(&other);
        while single.next_piece().unwrap().is_some() {}
        let before = many
            .iter()
            .filter(|generation| generation.usage().output_tokens > 0)
            .count();
        // One that was under way, one whose turn it was, and one that has begun meanwhile.
        assert!(before <= 3, "{before}");
    }
}

fn embeddings_are_made_in_turn(models: &Models) {
    let model = model(models, "ctx-size=256");
    let embed = |count: usize, owner: &str| {
        let texts = vec!["The sea is wide and deep and blue.".to_owned(); count];
        let language = model.language_model().unwrap();
        language
            .embed(&texts, &owned("", owner), &Cancel::new())
            .unwrap()
            .len()
    };
    std::thread::scope(|scope| {
        let many = scope.spawn(|| embed(100, "one"));
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(embed(1, "other"), 1);
        assert!(!many.is_finished());
        assert_eq!(many.join().unwrap(), 100);
    });
}

fn who_goes_away_frees_the_model(models: &Models) {
    let model = model(models, "conversations=1");
    let language = model.language_model().unwrap();
    let long = chat("Write a very long story about the sea.");
    let begin = |cancel: &Cancel| {
        let mut generation = language
            .generate(&long, &options("temp=0&n-predict=2000"), cancel)
            .unwrap();
        generation.next_piece().unwrap();
        generation
    };
    let short = || {
        let since = Instant::now();
        generate(&model, &chat("Name a colour."), "temp=0&n-predict=4").unwrap();
        assert!(since.elapsed() < Duration::from_secs(20));
    };
    // One is cancelled, another dropped, a third cancelled while it waits.
    let cancel = Cancel::new();
    let mut generation = begin(&cancel);
    cancel.cancel(Reason::Timeout);
    let error = loop {
        match generation.next_piece() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("it went on to the end"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), Code::Timeout);
    short();
    drop(begin(&Cancel::new()));
    short();
    let running = begin(&Cancel::new());
    let cancel = Cancel::new();
    let mut waiting = language.generate(&long, &Options::new(), &cancel).unwrap();
    cancel.cancel(Reason::Gone);
    assert!(waiting.next_piece().is_err());
    drop(running);
    short();
}

/// What this process has in memory, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() * 1024
}

fn options_of_a_context_do_not_pile_up(models: &Models) {
    let model = model(models, "temp=0&n-predict=9");
    let mut context = model.context(&Options::new()).unwrap();
    let mut computed = |json: &str| {
        let prompt = Tensor::from_text("Once upon a time there was a");
        context.set_input(&0.into(), prompt).unwrap();
        context
            .set_input(&1.into(), Tensor::from_text(json))
            .unwrap();
        context.compute(&Cancel::new()).unwrap();
        let metadata = context.get_output(&1.into()).unwrap();
        let metadata: Value = serde_json::from_slice(&metadata.data).unwrap();
        metadata["output_tokens"].as_u64().unwrap()
    };
    // The last ones hold, and those of the model where they say nothing.
    assert_eq!(computed(r#"{"n-predict": 3}"#), 3);
    assert_eq!(computed(r#"{"n-predict": null, "temp": 0}"#), 9);
    let before = resident();
    for number in 0..1000 {
        let json = format!(r#"{{"key{number}": "{}"}}"#, "x".repeat(100_000));
        context
            .set_input(&1.into(), Tensor::from_text(json))
            .unwrap();
    }
    let more = resident().saturating_sub(before);
    assert!(more < 50_000_000, "{more}");
}

/// The model's bytes, with one text in it exchanged for another of the same length.
fn patched(models: &Models, from: &[u8], to: &[u8]) -> Bytes {
    assert_eq!(from.len(), to.len());
    let mut bytes = std::fs::read(models.path(MODEL)).unwrap();
    let at = bytes
        .windows(from.len())
        .position(|window| window == from)
        .unwrap();
    bytes[at..at + to.len()].copy_from_slice(to);
    bytes.into()
}

fn memory_is_there_before_a_guest_s_model_is_loaded(models: &Models) {
    let registry = registry(models, "");
    // A key, its type and the number.
    let trained = |tokens: u32| {
        [
            &b"llama.context_length\x04\0\0\0"[..],
            &tokens.to_le_bytes(),
        ]
        .concat()
    };
    let bytes = patched(models, &trained(8192), &trained(1 << 28));
    let json =
        r#"{"ctx-size": 268435456, "conversations": 64, "threads": 512, "batch-size": 8192}"#;
    let parts = [bytes, Bytes::from_static(json.as_bytes())];
    let estimate = registry
        .prepare(&parts, Encoding::Ggml, Device::Auto, &Options::new())
        .unwrap()
        .memory();
    // Conversations are no more than they would be unasked.
    let kept = 30 * 3 * 64 * 2 * 2 * (1_u64 << 28) * 5;
    assert!(estimate > kept && estimate < 2 * kept, "{estimate}");
    let error = registry
        .load(&parts, Encoding::Ggml, Device::Auto, &Options::new())
        .unwrap_err();
    assert_eq!(error.code(), Code::TooLarge);
    assert!(error.message().starts_with("a model needs "), "{error}");
    assert_eq!(registry.memory(), 0);
}

fn models_are_counted_as_long_as_their_texts(models: &Models) {
    let registry = registry(models, "ctx-size=512&conversations=1");
    let bytes = Bytes::from(std::fs::read(models.path(MODEL)).unwrap());
    let model = registry
        .load(
            &[bytes],
            Encoding::Ggml,
            Device::Auto,
            &options("ctx-size=512"),
        )
        .unwrap();
    let counted = registry.memory();
    assert_eq!(counted, model.memory());
    let long = chat("Write a very long story about the sea.");
    let language = model.language_model().unwrap();
    let mut generation = language
        .generate(&long, &options("temp=0"), &Cancel::new())
        .unwrap();
    drop(model);
    assert_eq!(registry.memory(), counted);
    generation.next_piece().unwrap();
    drop(generation);
    let since = Instant::now();
    while registry.memory() > 0 {
        assert!(since.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn long_words_do_not_end_the_process(models: &Models) {
    // Of this kind of tokenizer, llama.cpp has no quicker way to find words than an expression.
    let bytes = patched(
        models,
        b"\x06\0\0\0\0\0\0\0smollm",
        b"\x06\0\0\0\0\0\0\0tekken",
    );
    let registry = registry(models, "");
    let model = registry
        .load(
            &[bytes],
            Encoding::Ggml,
            Device::Auto,
            &options("ctx-size=128"),
        )
        .unwrap();
    let language = model.language_model().unwrap();
    for letter in ["A", "a", " ", "!", "語"] {
        let tokens = language.count_tokens(&letter.repeat(32 << 10)).unwrap();
        assert!(tokens > 0);
        let error = language.count_tokens(&letter.repeat((32 << 10) + 1));
        assert_eq!(error.unwrap_err().code(), Code::TooLarge);
    }
    let words = language.count_tokens(&"word ".repeat(20_000)).unwrap();
    assert!(words >= 20_000);
}

fn files_that_are_no_models_are_refused(models: &Models) {
    let load = |path: &str, query: &str| {
        let spec = format!("m=ggml:{path}?{query}");
        Registry::builder()
            .backend(LlamaCpp::new())
            .model(spec.parse().unwrap())
            .build()
            .and_then(|registry| registry.model("m", &Cancel::new()))
            .map(|_| ())
            .map_err(|error| error.code())
    };
    let onnx = models.path("efficientnet-lite0.onnx");
    assert_eq!(load(onnx.to_str().unwrap(), ""), Err(Code::InvalidEncoding));
    assert_eq!(load("/nowhere/m.gguf", ""), Err(Code::NotFound));
    let model = models.path(MODEL);
    let model = model.to_str().unwrap();
    for query in [
        "device=gpu",
        "ctx-sise=1",
        "conversations=0",
        "conversations=1000",
        "batch-size=1",
        "conversations=64&batch-size=32",
        "temp=warm",
        "top-p=2",
        "grammar=root",
    ] {
        assert!(load(model, query).is_err(), "{query}");
    }
}

fn odd_input_is_refused(models: &Models) {
    let model = model(models, "");
    let mut context = model.context(&Options::new()).unwrap();
    let binary = Tensor {
        ty: TensorType::U8,
        dimensions: vec![2],
        data: Bytes::from_static(b"\xff\xfe"),
    };
    let error = context.set_input(&0.into(), binary).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    for json in [
        "",
        "[]",
        "{",
        r#"{"temp": "hot"}"#,
        r#"{"stop": [1]}"#,
        r#"{"grammar": "x"}"#,
        r#"{"embedding": [1]}"#,
        &format!(r#"{{"stop": "{}"}}"#, "x".repeat(1025)),
        &format!(r#"{{"x": "{}"}}"#, "x".repeat(1 << 20)),
    ] {
        assert!(
            context
                .set_input(&1.into(), Tensor::from_text(json))
                .is_err(),
            "{json}"
        );
    }
    assert!(
        context
            .set_input(&2.into(), Tensor::from_text("x"))
            .is_err()
    );
    let message = |content: &str| Message {
        role: "user".to_owned(),
        content: content.to_owned(),
    };
    for messages in [vec![], vec![message("a\0b")]] {
        let error = generate(&model, &Prompt::Chat(messages), "").err().unwrap();
        assert_eq!(error.code(), Code::InvalidArgument);
    }
    // Empty, and odd, but text.
    assert!(generate(&model, &Prompt::Text(String::new()), "n-predict=1").is_err());
    generate(
        &model,
        &Prompt::Text("\u{0}\u{fffd}😀".to_owned()),
        "n-predict=1",
    )
    .unwrap();
    for extreme in [
        "temp=1e30",
        "repeat-penalty=100&presence-penalty=-100",
        "top-k=1000000",
        "seed=-1",
        "seed=99999999999",
    ] {
        generate(&model, &chat("Hello"), &format!("{extreme}&n-predict=3")).unwrap();
    }
    assert!(generate(&model, &chat("Hello"), "temp=nan").is_err());
}
