//! `c12 plugin check`.

use snapbox::{assert_data_eq, str};

use super::{UNCHANGED, build, build_nothing};
use crate::guests::{guest, with_guests};
use crate::harness::{Home, Outcome};

fn check(home: &Home, describe: &str, options: &[&str]) -> Outcome {
    build(&home.work().join("p.so"), describe);
    home.c12([&["plugin", "check"], options, &["p.so"]].concat())
        .run()
}

/// Three harmless functions.
const SMALL: &str = "description.export_count=3;description.wit=\"package test:every@1.2.0; interface things { add: func(a: u32, b: u32) -> u32; calls: func() -> u64; echo: func(text: string) -> string; } world w { export things; }\"";

#[test]
fn what_is_fine_is_said_line_by_line() {
    assert_data_eq!(
        check(&Home::new(), UNCHANGED, &[]).success(),
        str![[r#"
ok       file: [..] bytes
ok       ELF: shared library for this machine
ok       entry point: `c12_plugin`
ok       ABI: version 1
ok       description: every 1.2.3: Every kind of value
ok       WIT: exports test:every/things@1.2.0, greeting
ok       functions: 18, each with an entry in the table
ok       settings: greeting, refuse
ok       open: it opens, and a guest that imports all of it is linked
ok       instance: made, and ended
ok       close: closed

"#]]
    );
}

#[test]
fn functions_are_called_if_asked() {
    let home = Home::new();
    let outcome = check(&home, SMALL, &["--call"]);
    let text = outcome.success();
    for line in [
        "ok       test:every/things@1.2.0#add: 8 calls returned\n",
        "ok       test:every/things@1.2.0#echo: 8 calls returned\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    // What traps is within its rights, what returns garbage is not.
    let few = SMALL.replace(
        "add: func",
        "refuse: func(); garbage: func(what: u32) -> string; add: func",
    );
    let few = few.replace("description.export_count=3", "static c12_export own[5];memcpy(own,exports,3*sizeof*own);own[3]=exports[15];own[4]=exports[16];description.exports=own;description.export_count=5");
    let outcome = check(&home, &few, &["--call"]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    for line in [
        "ok       test:every/things@1.2.0#refuse: 8 calls trapped: it was not in the mood\n",
        "wrong    test:every/things@1.2.0#garbage: ",
    ] {
        assert!(outcome.stdout.contains(line), "{outcome:?}");
    }
}

#[test]
fn settings_open_it() {
    let home = Home::new();
    for setting in ["refuse=true", "every.refuse=true"] {
        let outcome = check(&home, UNCHANGED, &["--plugin-config", setting]);
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert!(
            outcome
                .stdout
                .ends_with("\nwrong    open: it was told to refuse\n"),
            "{outcome:?}"
        );
    }
    let outcome = check(&home, UNCHANGED, &["--plugin-config", "colour=red"]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(
        outcome.stdout.ends_with(
            "\nwrong    settings: plugin `every` has no setting `colour`\n         its settings are greeting, refuse\n"
        ),
        "{outcome:?}"
    );
    let required = "((c12_key*)keys)[0].required=1;((c12_key*)keys)[0].fallback=0";
    // The keys are constant, so they are given anew.
    let required = format!(
        "static c12_key own[2];own[0]=keys[0];own[1]=keys[1];description.keys=own;{}",
        required.replace("((c12_key*)keys)", "own")
    );
    let outcome = check(&home, &required, &[]);
    assert!(
        outcome.code == 1 && outcome.stdout.contains("wrong    open: plugin `every` needs the setting `greeting`\n         pass `--plugin-config every.greeting=VALUE`: How to greet\n"),
        "{outcome:?}"
    );
    check(&home, &required, &["--plugin-config", "greeting=hi"]).success();
    for wrong in ["other.greeting=hi", "greeting"] {
        let outcome = check(&home, UNCHANGED, &["--plugin-config", wrong]);
        assert_eq!(outcome.code, 2, "{outcome:?}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let home = Home::new();
    for (describe, fine, wrong) in [
        (
            "description.abi=7",
            3,
            "ABI: it speaks version 7 of the plugin ABI; this c12 speaks version 1",
        ),
        (
            "return 0",
            3,
            "ABI: it refused to work with this version of c12",
        ),
        (
            "description.export_count--",
            4,
            "description: its description is wrong: its WIT has `greeting`, its table of functions does not",
        ),
        (
            "description.wit=\"package a:b; world\"",
            4,
            "WIT: its WIT is not valid",
        ),
    ] {
        let outcome = check(&home, describe, &[]);
        assert_eq!(outcome.code, 1, "{outcome:?}");
        let lines: Vec<&str> = outcome.stdout.lines().collect();
        assert!(
            lines[..fine].iter().all(|line| line.starts_with("ok ")),
            "{outcome:?}"
        );
        assert!(
            lines[fine].starts_with(&format!("wrong    {wrong}")),
            "{outcome:?}"
        );
    }
    home.write("text", "hello\n");
    build_nothing(&home.work().join("nothing.so"));
    for (file, wrong) in [
        (
            "text",
            "wrong    kind: it is neither a shared library nor a component",
        ),
        (
            "nothing.so",
            "ELF: shared library for this machine\nwrong    entry point: it has no function `c12_plugin`",
        ),
        ("none", "wrong    file: it cannot be read"),
    ] {
        let outcome = home.c12(["plugin", "check", file]).run();
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert!(outcome.stdout.contains(wrong), "{outcome:?}");
    }
    assert_eq!(home.c12(["plugin", "check"]).run().code, 2);
}

#[test]
fn a_plugin_that_crashes_or_hangs_is_found_out() {
    let home = Home::new();
    for (describe, told) in [
        (
            "abort()",
            "wrong    process: ended by signal 6 (abort), in what follows the last line\n",
        ),
        (
            "*(volatile int*)8=1",
            "wrong    process: ended by signal 11 (segmentation fault)",
        ),
        ("_exit(0)", "wrong    process: ended with exit code 0"),
        (
            "description.instantiate=(void*)8",
            "wrong    process: ended by signal 11 (segmentation fault)",
        ),
    ] {
        let outcome = check(&home, describe, &[]);
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert!(outcome.stdout.contains(told), "{outcome:?}");
    }
    let outcome = check(&home, "for(;;)pause()", &["--timeout", "500ms"]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(
        outcome
            .stdout
            .contains("wrong    time: given up after 500ms"),
        "{outcome:?}"
    );
}

#[test]
fn machines_get_an_object_a_line() {
    let home = Home::new();
    let outcome = check(&home, "abort()", &["--json"]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    let outcomes: Vec<serde_json::Value> = outcome
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(outcomes.last().unwrap()["state"], "wrong");
    let fine = check(&home, UNCHANGED, &["--json"]).success();
    let first: serde_json::Value = serde_json::from_str(fine.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["state"], &first["step"]),
        (&"ok".into(), &"file".into())
    );
}

with_guests! {
    fn components_are_checked_too() {
        let outcome = Home::new().c12(["plugin", "check", &guest("wasip2/every_plugin")]).run();
        assert_data_eq!(outcome.success(), str![[r#"
ok       file: [..] bytes
ok       kind: component
ok       description: every_plugin: [..]
ok       WIT: exports test:every/things@1.2.0, greeting
ok       functions: 17
ok       settings: [..]
ok       open: it opens, and a guest that imports all of it is linked
ok       instance: made, and ended
ok       close: closed

"#]]);
        // It needs what no plugin is given.
        let outcome = Home::new().c12(["plugin", "check", &guest("wasip2/missing_import")]).run();
        assert!(outcome.code == 1 && outcome.stdout.contains("wrong    "), "{outcome:?}");
    }
}
