use c12_nn_core::{Code, Grammar};

/// Panics unless the grammar takes the first texts and not the others.
fn check(grammar: &str, fitting: &[&str], others: &[&str]) {
    let grammar = Grammar::from_gbnf(grammar).unwrap();
    for text in fitting {
        assert!(grammar.matches(text).unwrap(), "{text:?} should fit");
    }
    for text in others {
        assert!(!grammar.matches(text).unwrap(), "{text:?} should not fit");
    }
}

#[test]
fn literals_alternatives_and_groups() {
    check(
        r#"root ::= "yes" | "no" ("!" | "?")"#,
        &["yes", "no!", "no?"],
        &["", "no", "yes!", "ye", "yesno!"],
    );
}

#[test]
fn repetitions() {
    check("root ::= [0-9]*", &["", "1", "123456789"], &["a", "1a"]);
    check("root ::= [0-9]+", &["1", "12"], &[""]);
    check("root ::= \"ab\"? \"c\"", &["c", "abc"], &["bc", "ac"]);
    check("root ::= \"ab\"{2}", &["abab"], &["ab", "abb", "ababab"]);
    check("root ::= \"a\"{2,}", &["aa", "aaaa"], &["a"]);
    check("root ::= \"a\"{1,3}", &["a", "aa", "aaa"], &["", "aaaa"]);
    check("root ::= (\"a\"? \"b\"?)* \"c\"", &["c", "aabbac"], &["ab"]);
    check("root ::= \"a\"{0}", &[""], &["a"]);
}

#[test]
fn characters_of_all_lengths() {
    check("root ::= [а-я]+", &["привет"], &["hello", "Привет"]);
    check("root ::= [^a-z]", &["A", "é", "語", "😀"], &["b", "AB"]);
    check("root ::= . .", &["😀é", "ab"], &["a", "abc"]);
    check(
        r#"root ::= "\x41\u00e9\U0001F600\n\t\"""#,
        &["Aé😀\n\t\""],
        &[],
    );
    check(r"root ::= [\]\-\^\\-]+", &["]-^\\"], &["a"]);
    check("root ::= [a-]+", &["a-a"], &["b"]);
}

#[test]
fn rules_comments_and_lines() {
    check(
        "# arithmetic\nroot ::= term (\"+\" term)*\n\nterm ::= # a number, or\n  number |\n  \"(\" root \")\" # a sum\nnumber ::= [0-9]+\r\n",
        &["1", "1+2+3", "(1+(2+3))+4"],
        &["+1", "(1", "1+"],
    );
}

#[test]
fn deep_texts_are_followed() {
    let text = "(".repeat(2000) + "1" + &")".repeat(2000);
    check("root ::= \"(\" root \")\" | [0-9]", &[&text], &[]);
}

#[test]
fn what_is_no_grammar_is_refused() {
    for (text, expected) in [
        ("", "the grammar has no rule `root`"),
        ("root ::= a", "the grammar has no rule `a`"),
        (
            "root = \"a\"",
            "line 1 of the grammar has `= \\\"a\\\"` where `::=` is expected",
        ),
        (
            "\nroot ::= \"a",
            "line 2 of the grammar has the end where `\"` is expected",
        ),
        (
            "root ::= (\"a\"",
            "line 1 of the grammar has the end where `)` is expected",
        ),
        (
            "root ::= root \"a\" | \"a\"",
            "a rule of the grammar begins with itself",
        ),
        (
            "root ::= a\na ::= b? c\nb ::= \"x\"\nc ::= a \"y\"",
            "a rule of the grammar begins with itself",
        ),
    ] {
        let error = Grammar::from_gbnf(text).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert_eq!(error.message(), expected);
    }
    for text in [
        "root ::= [a",
        "root ::= [z-a]",
        "root ::= \"a\"{3,2}",
        "root ::= \"a\"{",
        "root ::= \"a\"{99999}",
        "root ::= \"\\q\"",
        "root ::= \"\\xZZ\"",
        "root ::= \"\\UFFFFFFFF\"",
        "root ::= \"a\")",
        "::= \"a\"",
        "root ::= *",
    ] {
        assert_eq!(
            Grammar::from_gbnf(text).unwrap_err().code(),
            Code::InvalidArgument,
            "{text}"
        );
    }
}

#[test]
fn grammars_of_malice_are_bounded() {
    let nested = format!(
        "root ::= {}\"a\"{}",
        "(".repeat(100_000),
        ")".repeat(100_000)
    );
    let repeated = format!("root ::= {}", "\"ab\"{2000} ".repeat(20));
    let long = format!("root ::= \"{}\"", "a".repeat(300_000));
    for text in [nested, repeated, long] {
        assert_eq!(
            Grammar::from_gbnf(&text).unwrap_err().code(),
            Code::TooLarge
        );
    }
    // A class is there once, however often it is repeated.
    let class: String = (0..20_000_u32)
        .map(|at| format!("\\U{:08x}", 2 * at + 0x2_0000))
        .collect();
    let repeated = format!("root ::= [{class}]{{2000}}");
    let grammar = Grammar::from_gbnf(&repeated).unwrap();
    assert!(!grammar.matches("a").unwrap());
    // Each character can be meant in ever more ways.
    let ambiguous =
        "root ::= a a a a a a a a\na ::= b*\nb ::= \"x\" | \"x\" b | b2\nb2 ::= \"x\" \"x\"*";
    let grammar = Grammar::from_gbnf(ambiguous).unwrap();
    match grammar.matches(&"x".repeat(500)) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.code(), Code::TooLarge),
    }
}

#[test]
fn many_alternatives_take_no_longer_than_they_are_long() {
    let alternatives = vec!["[a-z] root"; 2000].join(" | ");
    let grammar = Grammar::from_gbnf(&format!("root ::= {alternatives} | \"!\"")).unwrap();
    let begin = std::time::Instant::now();
    assert!(grammar.matches(&("a".repeat(50) + "!")).unwrap());
    assert!(begin.elapsed() < std::time::Duration::from_secs(10));
    // But a text can be too long for that.
    let error = grammar.matches(&"a".repeat(5000)).unwrap_err();
    assert_eq!(error.code(), Code::TooLarge);
}
