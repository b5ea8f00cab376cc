//! Example 10, as a core module and as a component.

use std::os::unix::fs::symlink;

use super::{LABELS, PHOTOGRAPHS, classifier, llm, model, patient};
use crate::guests::{guest, with_guests, with_language_models, with_models};
use crate::harness::{Home, Outcome};

const TARGETS: [&str; 2] = ["wasip1", "wasip2"];

/// A home with photographs, and the names of what may be on them.
fn home() -> Home {
    let home = Home::new();
    let folder = home.work().join("p");
    std::fs::create_dir(&folder).unwrap();
    for name in ["coffee.png", "chelsea.png", "rocket.jpg"] {
        let photograph = model(PHOTOGRAPHS).join(name);
        std::fs::copy(photograph, folder.join(name)).unwrap();
    }
    std::fs::copy(model(LABELS), folder.join("labels.json")).unwrap();
    home
}

fn run(home: &Home, target: &str, options: &[&str], words: &[&str]) -> Outcome {
    let app = guest(&format!("{target}/10_ai_inference_wasinn"));
    let all = [&["run", "--dir", "p::/p:ro"], options, &[&app, "--"], words].concat();
    patient(home.c12(all)).run()
}

fn with_classifier(home: &Home, target: &str, words: &[&str]) -> Outcome {
    run(home, target, &["--nn-model", &classifier()], words)
}

fn with_llm(home: &Home, target: &str, words: &[&str]) -> Outcome {
    run(home, target, &["--nn-model", &llm()], words)
}

/// Lines such as ` 95.1 %  espresso`.
fn best(printed: &str) -> Vec<(f64, &str)> {
    let line = |line: &'_ str| -> Option<(f64, usize)> {
        let at = line.find(" %  ")?;
        Some((line[..at].trim().parse().ok()?, at + " %  ".len()))
    };
    let lines = printed.lines().map(|text| {
        let (percent, at) = line(text).unwrap_or_else(|| panic!("{printed}"));
        (percent, &text[at..])
    });
    lines.collect()
}

with_models! {
    /// The probabilities are those that ONNX Runtime's Python package gives for the images as Pillow prepares them.
    fn e10_says_what_photographs_show() {
        let home = home();
        for (photograph, label, percent) in [
            ("/p/coffee.png", "espresso", 95.1),
            ("/p/chelsea.png", "Egyptian Mau", 36.3),
            ("/p/rocket.jpg", "space shuttle", 5.6),
        ] {
            let mut printed = Vec::new();
            for target in TARGETS {
                let words = ["classify", "--labels", "/p/labels.json", photograph];
                printed.push(with_classifier(&home, target, &words).success());
            }
            let best = best(&printed[0]);
            assert_eq!(best.len(), 5, "{best:?}");
            let found = best.iter().find(|(_, name)| *name == label);
            let (found, _) = found.unwrap_or_else(|| panic!("{photograph}: {best:?}"));
            // Another decoder and another scaler make numbers that differ a little.
            assert!((found - percent).abs() < 2.0, "{photograph}: {best:?}");
            assert_eq!(printed[0], printed[1]);
        }
        let chelsea = with_classifier(&home, "wasip2", &["classify", "--labels", "/p/labels.json", "--top", "2", "/p/chelsea.png"]).success();
        assert!(chelsea.contains("a cat having a striped coat"), "{chelsea}");
        let numbers = with_classifier(&home, "wasip1", &["classify", "--top", "1", "/p/coffee.png"]).success();
        assert!(numbers.ends_with("class 967\n"), "{numbers}");
    }

    fn e10_classifies_a_folder_in_batches() {
        let home = home();
        home.write("p/broken.png", "no image at all");
        // What is called as a photograph and cannot be read does not stop the others, either.
        std::fs::create_dir(home.work().join("p/folder.png")).unwrap();
        for target in TARGETS {
            let words = ["folder", "--batch", "2", "--labels", "/p/labels.json", "/p"];
            let outcome = with_classifier(&home, target, &words);
            let lines: Vec<&str> = outcome.stdout.lines().collect();
            assert_eq!(lines.len(), 5, "{outcome:?}");
            assert_eq!(lines[0], "/p/broken.png: it is no JPEG or PNG");
            // It is told before its batch is computed.
            assert!(lines[2].starts_with("/p/folder.png: "), "{outcome:?}");
            assert!(lines[1].starts_with("/p/chelsea.png: a cat having a striped coat ("), "{outcome:?}");
            assert!(lines[3].starts_with("/p/coffee.png: espresso (9"), "{outcome:?}");
            assert!(lines[4].starts_with("/p/rocket.jpg: missile ("), "{outcome:?}");
            assert_eq!(
                (outcome.code, outcome.stderr.as_str()),
                (1, "10_ai_inference_wasinn: error: 2 of 5 photographs cannot be used\n")
            );
        }
        let error = with_classifier(&home, "wasip2", &["folder", "/p/none"]).failure(1);
        assert!(error.contains("cannot list /p/none"), "{error}");
    }

    fn e10_says_what_is_not_there() {
        let home = home();
        let prefix = "10_ai_inference_wasinn: error:";
        for target in TARGETS {
            let error = with_classifier(&home, target, &["classify", "/p/none.png"]).failure(1);
            assert!(error.starts_with(&format!("{prefix} cannot read /p/none.png: ")), "{error}");
            let error = with_classifier(&home, target, &["classify", "/q/coffee.png"]).failure(1);
            assert!(error.contains("--dir HOST::GUEST"), "{error}");
            let error = with_classifier(&home, target, &["classify", "/p/labels.json"]).failure(1);
            assert_eq!(error, format!("{prefix} cannot use /p/labels.json: it is no JPEG or PNG\n"));
            let error = with_classifier(&home, target, &["classify", "--model", "other", "/p/coffee.png"]).failure(1);
            assert!(error.ends_with(&format!("{prefix} cannot load the model `other`: there is no model `other`\n  name one with `--nn-model other=BACKEND:FILE`\n")), "{error}");
            let named = format!("classifier=openvino:{}", model(super::CLASSIFIER).display());
            let missing = ["--nn-model", &named, "--plugin-config", "nn.openvino=/c12/has/no/such/folder"];
            let error = run(&home, target, &missing, &["classify", "/p/coffee.png"]).failure(1);
            assert!(error.contains(&format!("{prefix} cannot load the model `classifier`: ")), "{error}");
            assert!(error.contains("`c12 plugin info nn` says which backends are ready"), "{error}");
            // What the user can do is told to the user, and not to the guest.
            assert!(error.contains("warning: plugin `nn`: ") && error.contains("help: "), "{error}");
            let error = run(&home, target, &[], &["models"]).failure(1);
            assert!(error.contains("there are no models"), "{error}");
        }
    }

    fn e10_lists_models() {
        let home = home();
        for target in TARGETS {
            let printed = with_classifier(&home, target, &["models"]).success();
            assert_eq!(
                printed,
                "classifier\n  takes image: f32[batch, 3, 224, 224]\n  gives logits: f32[batch, 1000]\n"
            );
        }
    }

    fn e10_measures_an_image_model() {
        let home = home();
        for target in TARGETS {
            let words = ["bench-image", "--rounds", "4", "--batch", "2", "/p/coffee.png"];
            let printed = with_classifier(&home, target, &words).success();
            assert_eq!(printed.matches(" images/s\n").count(), 2, "{printed}");
            assert_eq!(printed.matches("p99 ").count(), 3, "{printed}");
        }
    }
}

with_guests! {
    fn e10_refuses_wrong_usage() {
        let home = Home::new();
        std::fs::create_dir(home.work().join("p")).unwrap();
        for (target, code) in [("wasip1", 2), ("wasip2", 1)] {
            let error = run(&home, target, &[], &["frobnicate"]).failure(code);
            assert!(error.contains("there is no command `frobnicate`") && error.contains("--help"), "{error}");
        }
        let help = run(&home, "wasip2", &[], &["--help"]).success();
        assert!(help.starts_with("Shows what a host with WASI-NN can do.\n"), "{help}");
    }
}

/// What llama.cpp's own binding gives for this question with temperature 0, as the tests of `c12-nn-core` find it too.
const QUESTION: &str = "What is the capital of France?";
const ANSWER: &str = "The capital of France is Paris.";

with_language_models! {
    fn e10_gives_the_answer_that_llama_cpp_gives() {
        let home = home();
        let words = ["generate", "--temperature", "0", "--seed", "1", "--max-tokens", "48", QUESTION];
        for target in TARGETS {
            assert_eq!(with_llm(&home, target, &words).success(), format!("{ANSWER}\n"), "{target}");
        }
    }

    fn e10_makes_the_same_text_of_the_same_seed() {
        let home = home();
        let make = |target: &str, seed: &str| {
            let words = ["generate", "--temperature", "1.5", "--seed", seed, "--max-tokens", "24", "Tell me a story about a dragon."];
            with_llm(&home, target, &words).success()
        };
        let first = make("wasip1", "7");
        assert_eq!(make("wasip2", "7"), first);
        assert_ne!(make("wasip2", "8"), first);
    }

    fn e10_follows_what_it_is_told() {
        let home = home();
        home.write("p/answer.gbnf", "root ::= \"yes\" | \"no\"");
        home.write(
            "p/city.json",
            r#"{"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}}, "required": ["city"], "additionalProperties": false}"#,
        );
        for target in TARGETS {
            let ask = |words: &[&str]| {
                let words = [&["generate", "--temperature", "0"], words].concat();
                with_llm(&home, target, &words).success()
            };
            let answer = ask(&["--grammar", "/p/answer.gbnf", "Is water wet?"]);
            assert!(["yes\n", "no\n"].contains(&answer.as_str()), "{answer}");
            let city = ask(&["--json-schema", "/p/city.json", "Name a city in France, as JSON."]);
            let city: serde_json::Value = serde_json::from_str(&city).unwrap();
            assert!(city["city"].is_string(), "{city}");
            assert_eq!(ask(&["--stop", " France", QUESTION]), "The capital of\n");
            let counted = ask(&["--max-tokens", "3", "--usage", QUESTION]);
            assert!(counted.contains(" tokens in (") && counted.contains(" 3 out; "), "{counted}");
        }
        let long = "word ".repeat(2000);
        let error = with_llm(&home, "wasip1", &["generate", &long]).failure(1);
        assert!(error.contains("10_ai_inference_wasinn: error: "), "{error}");
        assert_eq!(with_llm(&home, "wasip2", &["generate", &long]).failure(1), error);
    }

    fn e10_compares_what_texts_mean() {
        let home = home();
        let compare = |target: &str| {
            with_llm(&home, target, &["embed", "A cat sits on the mat.", "A cat sits on the mat.", "The stock market fell today."]).success()
        };
        let printed = compare("wasip1");
        assert_eq!(compare("wasip2"), printed);
        let near: Vec<f64> = printed.lines().map(|line| line[..5].parse().unwrap()).collect();
        assert!(near.len() == 2 && near[0] > 0.99 && near[1] < near[0], "{printed}");
    }

    fn e10_measures_a_language_model() {
        let home = home();
        for target in TARGETS {
            let words = ["bench-text", "--rounds", "2", "--max-tokens", "8", "Tell", "me", "a", "story", "about", "the", "sea."];
            let printed = with_llm(&home, target, &words).success();
            assert!(printed.starts_with("2 answers, 16 tokens\n") && printed.ends_with(" tokens/s\n"), "{printed}");
        }
    }

    fn e10_needs_a_model_of_the_right_kind() {
        let home = home();
        for target in TARGETS {
            let error = with_classifier(&home, target, &["generate", "--model", "classifier", "Hello"]).failure(1);
            assert!(error.contains("the model is no language model"), "{error}");
            let error = with_llm(&home, target, &["classify", "--model", "llm", "/p/coffee.png"]).failure(1);
            assert!(error.contains("which is no image") || error.contains("does not say"), "{error}");
        }
    }
}

/// A home as the guide has it: a folder of models and one of photographs.
pub(crate) fn furnish(home: &Home) {
    let links = [
        (super::CLASSIFIER, "models/efficientnet-lite0.onnx"),
        (super::LANGUAGE_MODEL, "models/smollm2.gguf"),
        (LABELS, "models/labels.json"),
        (
            "scikit-image-0.26.0/skimage/data/coffee.png",
            "photographs/coffee.png",
        ),
        (
            "scikit-image-0.26.0/skimage/data/chelsea.png",
            "photographs/cat.png",
        ),
        (
            "scikit-image-0.26.0/skimage/data/rocket.jpg",
            "photographs/rocket.jpg",
        ),
    ];
    for (from, to) in links {
        let to = home.work().join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        // Links out of a granted folder lead nowhere for a guest.
        if to
            .extension()
            .is_some_and(|kind| kind == "onnx" || kind == "gguf")
        {
            symlink(model(from), to).unwrap();
        } else {
            std::fs::copy(model(from), to).unwrap();
        }
    }
}
