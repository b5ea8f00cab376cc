use c12_nn_core::{Key, Options};

#[test]
fn a_query_is_keys_and_values() {
    let options = Options::from_query("threads=2&name=a%26b%3D%25&fast&ratio=0.5").unwrap();
    assert_eq!(options.parsed::<usize>("threads").unwrap(), Some(2));
    assert_eq!(options.text("name").unwrap().as_deref(), Some("a&b=%"));
    assert_eq!(options.flag("fast").unwrap(), Some(true));
    assert_eq!(options.parsed::<f32>("ratio").unwrap(), Some(0.5));
    assert_eq!(options.text("other").unwrap(), None);
}

#[test]
fn a_query_that_makes_no_sense_is_refused() {
    for query in ["=1", "a=1&a=2", "a=%", "a=%zz", "a=%F", "a=%ff", "%"] {
        assert!(Options::from_query(query).is_err(), "{query}");
    }
    assert!(Options::from_query("").unwrap().is_empty());
}

#[test]
fn json_of_guests_is_understood_loosely() {
    let json = br#"{"n-predict": 100.0, "temp": 0.5, "enable-log": false, "seed": "7", "x": null}"#;
    let options = Options::from_json(json).unwrap();
    assert_eq!(options.parsed::<i64>("n-predict").unwrap(), Some(100));
    assert_eq!(options.parsed::<f32>("temp").unwrap(), Some(0.5));
    assert_eq!(options.flag("enable-log").unwrap(), Some(false));
    assert_eq!(options.parsed::<u32>("seed").unwrap(), Some(7));
    assert_eq!(options.parsed::<u32>("x").unwrap(), None);
    for wrong in [&b"[]"[..], b"", b"{", b"\xff"] {
        assert!(Options::from_json(wrong).is_err());
    }
    let error = options.parsed::<u32>("temp").unwrap_err();
    assert!(
        error
            .message()
            .starts_with("the option `temp` cannot be `0.5`")
    );
}

#[test]
fn unknown_options_are_refused_with_the_known() {
    let known = [Key {
        name: "threads",
        help: "",
    }];
    let options = Options::from_query("treads=2").unwrap();
    let error = options.check_keys(&known).unwrap_err();
    assert_eq!(error.message(), "there is no option `treads`");
    assert_eq!(error.help(), Some("the options are threads"));
}

#[test]
fn later_options_override_earlier_ones() {
    let one = Options::from_query("a=1&b=1").unwrap();
    let other = Options::from_query("b=2&c=2").unwrap();
    let both = one.overridden_by(&other);
    assert_eq!(both, Options::from_query("a=1&b=2&c=2").unwrap());
}

#[test]
fn a_null_overrides_nothing() {
    let given = Options::from_query("a=1&b=1").unwrap();
    let nulls = Options::from_json(br#"{"a": null, "c": null}"#).unwrap();
    assert_eq!(given.overridden_by(&nulls), given);
}

#[test]
fn the_last_who_is_named_owns_what_is_done() {
    let mut of_guest = Options::from_query("a=1").unwrap();
    of_guest.set_owner("guest");
    let json = Options::from_json(br#"{"owner": "another"}"#).unwrap();
    let both = of_guest.overridden_by(&json);
    assert_eq!(both.owner().map(|owner| &**owner), Some("guest"));
    assert_eq!(json.overridden_by(&of_guest).owner(), of_guest.owner());
    assert_eq!(Options::new().owner(), None);
}
