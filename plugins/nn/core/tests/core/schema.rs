use c12_nn_core::{Code, Grammar};

fn check(schema: &str, fitting: &[&str], others: &[&str]) {
    let grammar = Grammar::from_json_schema(schema).unwrap();
    for text in fitting {
        assert!(grammar.matches(text).unwrap(), "{text} should fit {schema}");
    }
    for text in others {
        assert!(
            !grammar.matches(text).unwrap(),
            "{text} should not fit {schema}"
        );
    }
}

#[test]
fn simple_types() {
    check(
        r#"{"type": "boolean"}"#,
        &["true", "false"],
        &["null", "tru"],
    );
    check(r#"{"type": "null"}"#, &["null"], &["0"]);
    check(
        r#"{"type": "integer"}"#,
        &["0", "-12", "9007199254740993"],
        &["01", "1.5", "", "-"],
    );
    check(
        r#"{"type": "number"}"#,
        &["0.5", "-1e9", "12"],
        &[".5", "1."],
    );
    check(
        r#"{"type": "string", "minLength": 1, "maxLength": 3}"#,
        &[r#""a""#, r#""日本語""#, r#""\n\u00e9""#],
        &[r#""""#, r#""abcd""#, "\"\n\""],
    );
    check(
        r#"{"type": ["integer", "string"], "maxLength": 1}"#,
        &["1", r#""a""#],
        &[r#""ab""#, "null"],
    );
}

#[test]
fn values_that_are_listed() {
    check(
        r#"{"enum": ["red", "a\"b", 3, null, {"k": [true]}]}"#,
        &[r#""red""#, r#""a\"b""#, "3", "null", r#"{"k":[true]}"#],
        &["red", "4"],
    );
    check(
        r#"{"const": "x", "description": "that one"}"#,
        &[r#""x""#],
        &[r#""y""#],
    );
}

#[test]
fn objects_have_their_properties_in_order() {
    check(
        r#"{"type": "object", "properties": {"b": {"type": "integer"}, "a": {"type": "boolean"}, "c": {"type": "null"}}, "required": ["b"]}"#,
        &[
            r#"{"b":1}"#,
            r#"{"b": 1, "a": true}"#,
            r#"{ "b" : 1 , "c" : null }"#,
            "{\n  \"b\": 1,\n  \"a\": true,\n  \"c\": null\n}",
        ],
        &[
            "{}",
            r#"{"a":true,"b":1}"#,
            r#"{"b":1,"d":2}"#,
            r#"{"b":1,}"#,
        ],
    );
    check(
        r#"{"properties": {"a": {"const": 1}, "b": {"const": 2}}}"#,
        &["{}", r#"{"a":1}"#, r#"{"b":2}"#, r#"{"a":1,"b":2}"#],
        &[r#"{,"b":2}"#, r#"{"a":1 "b":2}"#],
    );
    check(
        r#"{"type": "object", "additionalProperties": {"type": "integer"}}"#,
        &["{}", r#"{"x":1}"#, r#"{"x":1,"y":2}"#],
        &[r#"{"x":"1"}"#],
    );
    check(
        r#"{"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"], "additionalProperties": {"type": "null"}}"#,
        &[r#"{"a":1}"#, r#"{"a":1,"b":null}"#],
        &[r#"{"b":null}"#],
    );
}

#[test]
fn arrays() {
    check(
        r#"{"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3}"#,
        &["[1]", "[1, 2,3]"],
        &["[]", "[1,2,3,4]", "[1,]", "[\"a\"]"],
    );
    check(
        r#"{"type": "array", "maxItems": 0}"#,
        &["[]", "[ ]"],
        &["[1]"],
    );
    check(
        r#"{"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": false}"#,
        &[r#"[1, "a"]"#],
        &["[1]", r#"["a", 1]"#],
    );
}

#[test]
fn schemas_refer_to_themselves() {
    check(
        r##"{"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "value": {"type": "integer"}}, "required": ["value"]}}}"##,
        &[
            r#"{"value":1}"#,
            r#"{"left":{"left":{"value":3},"value":2},"value":1}"#,
        ],
        &[r#"{"left":{}}"#],
    );
    check(
        r##"{"anyOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#"}}]}"##,
        &["1", "[1,[2,[]]]"],
        &["[true]"],
    );
}

#[test]
fn anything_is_any_json() {
    for schema in ["true", "{}"] {
        check(
            schema,
            &["1", r#"{"a":[1,{"b":null}]}"#, "[]", r#""x""#],
            &["{", "nul"],
        );
    }
}

#[test]
fn what_would_not_be_obeyed_is_refused() {
    for schema in [
        r#"{"type": "string", "pattern": "a+"}"#,
        r#"{"type": "integer", "minimum": 1}"#,
        r#"{"type": "object", "minProperties": 1}"#,
        r#"{"not": {"type": "null"}}"#,
        r#"{"allOf": [{"type": "integer"}, {"const": 1}]}"#,
        r#"{"type": "array", "uniqueItems": true}"#,
        r#"{"type": "thing"}"#,
        r#"{"enum": []}"#,
        r#"{"type": "object", "required": ["a"]}"#,
        r#"{"$ref": "https://example.org/schema"}"#,
        r##"{"$ref": "#/$defs/none"}"##,
        "false",
        "[1]",
        "{",
        "",
    ] {
        let error = Grammar::from_json_schema(schema).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{schema}");
    }
}

#[test]
fn schemas_of_malice_are_bounded() {
    let deep = r#"{"items":"#.repeat(100) + "true" + &"}".repeat(100);
    let error = Grammar::from_json_schema(&deep).unwrap_err();
    assert_eq!(error.code(), Code::TooLarge);
    let deeper = "[".repeat(100_000);
    assert!(Grammar::from_json_schema(&deeper).is_err());
    // Refers only to itself: nothing fits.
    if let Ok(grammar) = Grammar::from_json_schema(r##"{"$ref": "#"}"##) {
        assert!(!grammar.matches("1").unwrap());
    }
}
