//! Which plugin serves: options, configuration, plugin folders.

use snapbox::{assert_data_eq, str};

use super::{ADDS, UNCHANGED, build, build_nothing};
use crate::guests::{guest, with_guests};
use crate::harness::{Home, Outcome};

const NOTHING: &str = "(module (func (export \"_start\")))";

/// A home with the guest `app` and the plugin `every.so`, and the plugin's SHA-256.
fn home() -> (Home, String) {
    let home = Home::new();
    home.write("app", ADDS);
    let sha256 = build(&home.work().join("every.so"), UNCHANGED);
    (home, sha256)
}

/// Calls `run` of the guest.
fn call(home: &Home, options: &[&str]) -> Outcome {
    home.c12([&["run"], options, &["--invoke", "run", "app"]].concat())
        .run()
}

#[test]
fn a_plugin_is_named_by_its_path() {
    let (home, sha256) = home();
    for spec in [
        "every.so".to_owned(),
        "./every.so".to_owned(),
        home.work().join("every.so").display().to_string(),
        "every=every.so".to_owned(),
        format!("every.so@sha256:{sha256}"),
        format!("every=./every.so@sha256:{}", sha256.to_uppercase()),
    ] {
        let outcome = call(&home, &["--plugin", &spec]);
        assert_eq!(outcome.stderr, "", "{spec}");
        assert_eq!(outcome.success(), "3\n", "{spec}");
    }
}

#[test]
fn without_it_the_import_stays_open() {
    let (home, _) = home();
    assert_data_eq!(
        call(&home, &[]).failure(1),
        str![[r#"
error: app imports what nothing here provides
  nothing provides the module `test:every/things@1.2.0` (add)
help: name a plugin that provides it with `--plugin PATH`; `c12 plugin list` shows what there is

"#]]
    );
}

#[test]
fn a_plugin_that_ends_the_program_does_not_make_it_a_success() {
    let home = Home::new();
    home.write("app", ADDS);
    build(&home.work().join("every.so"), "exit(0)");
    assert_data_eq!(
        call(&home, &["--plugin", "every.so"]).failure(1),
        str![[r#"
error: native code ended the program
  a plugin, or a library that it uses, called `exit`

"#]]
    );
}

#[test]
fn a_pin_is_kept() {
    let (home, _) = home();
    let pin = format!("every.so@sha256:{}", "0".repeat(64));
    assert_data_eq!(
        call(&home, &["--plugin", &pin]).failure(1),
        str![[r#"
error: cannot load the plugin every.so
  its SHA-256 is [..], not 0000000000000000000000000000000000000000000000000000000000000000 as pinned
help: if the new file is the one that you want, change the pin; `sha256sum` shows it

"#]]
    );
    let error = call(&home, &["--plugin", "every.so@sha256:123"]).failure(2);
    assert!(
        error.contains("a SHA-256 has 64 hexadecimal digits"),
        "{error}"
    );
}

#[test]
fn a_name_must_be_the_plugins_own() {
    let (home, _) = home();
    assert_data_eq!(
        call(&home, &["--plugin", "sqlite=every.so"]).failure(1),
        str![[r#"
error: cannot load the plugin every.so
  its name is `every`, not `sqlite`
help: call it `every`, or leave the name out

"#]]
    );
}

#[test]
fn what_is_no_plugin_is_an_error() {
    let (home, _) = home();
    std::fs::create_dir(home.work().join("folder.so")).unwrap();
    build_nothing(&home.work().join("nothing.so"));
    home.write("text.so", "hello\n");
    home.write("module.so", NOTHING);
    home.write("page.so", "<html></html>");
    home.write("empty.so", "");
    let elf = std::fs::read(home.work().join("every.so")).unwrap();
    home.write("cut.so", &elf[..elf.len() / 2]);
    for (file, told) in [
        ("none.so", "it cannot be read: No such file or directory"),
        ("folder.so", "it cannot be read: is a directory"),
        ("text.so", "it is text that starts with `hello`"),
        ("module.so", "it is a core module (text format)"),
        (
            "page.so",
            "it is neither a shared library nor a component: this is an HTML page",
        ),
        ("empty.so", "the file is empty"),
        (
            "cut.so",
            "it is no shared library for this machine: it is cut off",
        ),
        ("nothing.so", "it has no function `c12_plugin`"),
    ] {
        let error = call(&home, &["--plugin", file]).failure(1);
        assert!(
            error.starts_with(&format!("error: cannot load the plugin {file}\n  ")),
            "{error}"
        );
        assert!(error.contains(told), "{file}: {error}");
    }
    for (spec, told) in [
        ("", "the path is missing"),
        ("every=", "the path is missing"),
    ] {
        let error = call(&home, &["--plugin", spec]).failure(2);
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn of_one_name_there_is_one() {
    let (home, _) = home();
    let error = call(&home, &["--plugin", "every.so", "--plugin", "./every.so"]).failure(2);
    assert_data_eq!(
        error,
        str![[r#"
error: two plugins are called `every`
  one is the shared library every.so
  one is the shared library ./every.so
help: settings could be meant for either; name one of them

"#]]
    );
}

#[test]
fn a_plugin_is_closed_at_the_end() {
    let home = Home::new();
    build(
        &home.work().join("every.so"),
        "void said(void *plugin) { (void)plugin; fputs(\"closed\\n\", stderr); } description.close = said",
    );
    home.write("adds.wat", ADDS);
    let outcome = home
        .c12(["run", "--plugin", "./every.so", "adds.wat"])
        .run();
    assert_eq!((outcome.code, &*outcome.stderr), (0, "closed\n"));
}

#[test]
fn the_plugin_named_first_serves() {
    let (home, _) = home();
    // Its functions all fail.
    build(
        &home.work().join("failing.so"),
        "description.name=\"failing\";static c12_export own[64];memcpy(own,exports,sizeof exports);own[0].function=refuse;description.exports=own",
    );
    let first = call(&home, &["--plugin", "every.so", "--plugin", "failing.so"]);
    assert_eq!(first.success(), "3\n");
    let error = call(&home, &["--plugin", "failing.so", "--plugin", "every.so"]).failure(134);
    assert!(
        error.contains("plugin `failing`") && error.contains("it was not in the mood"),
        "{error}"
    );
}

#[test]
fn settings_are_checked_before_the_guest_starts() {
    let (home, _) = home();
    let refused = |setting: &str, code: i32| {
        call(&home, &["--plugin", "every.so", "--plugin-config", setting]).failure(code)
    };
    assert_data_eq!(
        refused("every.colour=red", 2),
        str![[r#"
error: plugin `every` has no setting `colour`
help: its settings are greeting, refuse

"#]]
    );
    assert_data_eq!(
        refused("every.refuse=perhaps", 2),
        str![[r#"
error: the setting `every.refuse` must be `true` or `false`, not `perhaps`

"#]]
    );
    assert_data_eq!(
        refused("evry.refuse=true", 2),
        str![[r#"
error: there is no plugin `evry` that `evry.refuse` could be a setting of
help: the plugins are wasi, every, crypto, process, logging, nn

"#]]
    );
    assert_data_eq!(
        refused("every.refuse=true", 1),
        str![[r#"
error: plugin `every` failed while preparing `test:every/things@1.2.0`
  it was told to refuse

"#]]
    );
    let error = refused("refuse=true", 2);
    assert!(error.contains("write NAME.KEY=VALUE"), "{error}");
}

#[test]
fn a_plugin_that_nobody_imports_is_not_opened() {
    let (home, _) = home();
    home.write("app", NOTHING);
    let options = [
        "--plugin",
        "every.so",
        "--plugin-config",
        "every.refuse=true",
    ];
    home.c12([&["run"], &options[..], &["app"]].concat())
        .run()
        .success();
}

#[test]
fn a_file_names_plugins_and_their_settings() {
    let (home, sha256) = home();
    let with = |toml: &str, options: &[&str]| {
        home.write("settings/c12.toml", toml);
        call(
            &home,
            &[&["--config", "settings/c12.toml"], options].concat(),
        )
    };
    let pinned = format!("[plugins.every]\npath = \"../every.so\"\nsha256 = \"{sha256}\"\n");
    assert_eq!(with(&pinned, &[]).success(), "3\n");
    // An option takes the place of the file's single value.
    let refusing = format!("{pinned}config = {{ refuse = true }}\n");
    assert!(
        with(&refusing, &[])
            .failure(1)
            .contains("it was told to refuse")
    );
    assert_eq!(
        with(&refusing, &["--plugin-config", "every.refuse=false"]).success(),
        "3\n"
    );
    let gone = "[plugins.every]\npath = \"gone.so\"\n";
    assert_eq!(with(gone, &["--plugin", "every.so"]).success(), "3\n");
    for (toml, code, told) in [
        (gone, 1, "cannot load the plugin settings/gone.so"),
        (
            "[plugins.sqlite]\npath = \"../every.so\"\n",
            1,
            "its name is `every`, not `sqlite`",
        ),
        (
            "[plugins.every]\npath = \"../every.so\"\nsha256 = \"0\"\n",
            2,
            "a SHA-256 has 64 hexadecimal digits",
        ),
        (
            "[plugins.every]\npth = \"../every.so\"\n",
            2,
            "unknown field `pth`, expected one of `path`, `sha256`, `config`",
        ),
        (
            "[plugins.process]\nconfig = { alow = [\"ls\"] }\n",
            2,
            "plugin `process` has no setting `alow`",
        ),
        (
            "[plugins.process]\nconfig = { timeout = \"soon\" }\n",
            2,
            "the setting `process.timeout` must be a length of time such as 500ms, 5s or 2m, not `soon`",
        ),
        (
            "[plugins.process]\nconfig = { timeout = 0.5 }\n",
            2,
            "expected text, an integer, `true` or `false`, or a list of texts",
        ),
        (
            "[plugins.process]\nconfig = { allow = [\"a,b\"] }\n",
            2,
            "so `a,b` cannot be one",
        ),
        (
            "[plugins.sqlite]\nconfig = { url = \"x\" }\n",
            2,
            "there is no plugin `sqlite`",
        ),
    ] {
        let error = with(toml, &[]).failure(code);
        assert!(error.contains(told), "{toml}: {error}");
    }
}

#[test]
fn plugins_are_found_in_the_plugin_folders() {
    let (home, sha256) = home();
    let found = |folder: &std::path::Path, extra: &[(&str, String)]| {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::copy(home.work().join("every.so"), folder.join("libevery-1.so")).unwrap();
        let pinned = format!("every@sha256:{sha256}");
        for options in [&[][..], &["--plugin", "every"], &["--plugin", &pinned]] {
            let mut run = home.c12([&["run"], options, &["--invoke", "run", "app"]].concat());
            for (name, value) in extra {
                run = run.env(name, value);
            }
            let outcome = run.run();
            assert_eq!(outcome.stderr, "");
            assert_eq!(outcome.success(), "3\n");
        }
        std::fs::remove_dir_all(folder).unwrap();
    };
    found(&home.plugins(), &[]);
    let own = home.work().join("own");
    let path = format!("/nowhere:{}:", own.display());
    found(&own, &[("C12_PLUGIN_PATH", path)]);
    let data = home.work().join("data");
    found(
        &data.join("c12/plugins"),
        &[("XDG_DATA_HOME", data.display().to_string())],
    );
    let error = call(&home, &["--plugin", "every"]).failure(1);
    assert!(
        error.starts_with("error: there is no plugin `every`\n  the plugin folders are "),
        "{error}"
    );
}

#[test]
fn a_broken_file_in_a_folder_is_a_warning() {
    let (home, _) = home();
    std::fs::create_dir_all(home.plugins()).unwrap();
    std::fs::copy(home.work().join("every.so"), home.plugins().join("b.so")).unwrap();
    std::fs::write(home.plugins().join("a.so"), "hello\n").unwrap();
    std::fs::write(home.plugins().join("README.txt"), "hello\n").unwrap();
    let outcome = call(&home, &[]);
    assert_data_eq!(
        outcome.stderr.clone(),
        str![[r#"
warning: cannot load the plugin [..]/.local/share/c12/plugins/a.so
  it is neither a shared library nor a component: it is text that starts with `hello`
help: a plugin is a shared library for this machine [..], or a component

"#]]
    );
    assert_eq!(outcome.success(), "3\n");
    let outcome = call(&home, &["--json"]);
    let warning: serde_json::Value = serde_json::from_str(&outcome.stderr).unwrap();
    assert!(
        warning["warning"]["message"]
            .as_str()
            .is_some_and(|message| message.ends_with("a.so")),
        "{outcome:?}"
    );
    let logged = call(&home, &["--log", "warn"]);
    assert!(
        logged
            .stderr
            .contains("WARN c12::plugin: cannot load the plugin"),
        "{logged:?}"
    );
    assert_eq!(call(&home, &["--log", "error"]).stderr, "");
    // Nobody looks there for a guest that needs nothing.
    home.write("app", NOTHING);
    let outcome = home.c12(["run", "app"]).run();
    assert_eq!(outcome.stderr, "");
}

#[test]
fn a_plugin_whose_name_is_taken_is_skipped() {
    let (home, _) = home();
    // It is called as the official one, and has nothing of it.
    build(&home.plugins().join("a.so"), "description.name=\"process\"");
    build(&home.plugins().join("b.so"), UNCHANGED);
    build(&home.plugins().join("c.so"), UNCHANGED);
    let outcome = call(&home, &["--log", "debug"]);
    for skipped in ["a.so name=\"process\"", "c.so name=\"every\""] {
        assert!(
            outcome
                .stderr
                .lines()
                .any(|line| line.contains("skipped") && line.contains(skipped)),
            "{outcome:?}"
        );
    }
    assert_eq!(outcome.success(), "3\n");
    // Named, it takes the official one's place.
    let named = home.plugins().join("a.so").display().to_string();
    assert_eq!(call(&home, &["--plugin", &named]).success(), "3\n");
}

with_guests! {
    fn guests_of_both_kinds_use_a_plugin() {
        let (home, _) = home();
        for target in ["wasip1", "wasip2"] {
            let app = guest(&format!("{target}/use_every"));
            let text = home.c12(["run", "--plugin", "every.so", "--plugin-config", "every.greeting=good day", &app]).run().success();
            assert!(text.ends_with("false true\ngood day Ada\n"), "{text}");
            let error = home.c12(["run", "--plugin", "every.so", &app, "--", "refuse"]).run().failure(134);
            assert!(error.contains("plugin `every`, test:every/things@1.2.0#refuse"), "{error}");
        }
    }

    fn a_component_is_a_plugin() {
        let home = Home::new();
        std::fs::copy(guest("wasip2/every_plugin"), home.work().join("every.wasm")).unwrap();
        for target in ["wasip1", "wasip2"] {
            let app = guest(&format!("{target}/use_every"));
            for spec in ["every.wasm", "things=every.wasm"] {
                let text = home.c12(["run", "--plugin", spec, &app]).run().success();
                assert!(text.ends_with("hello Ada\n"), "{text}");
            }
            let error = home.c12(["run", "--plugin", "things=every.wasm", "--plugin-config", "things.colour=red", &app]).run().failure(2);
            assert!(error.starts_with("error: plugin `things` has no setting `colour`\n"), "{error}");
        }
        std::fs::create_dir_all(home.plugins()).unwrap();
        std::fs::rename(home.work().join("every.wasm"), home.plugins().join("every.wasm")).unwrap();
        home.c12(["run", &guest("wasip2/use_every")]).run().success();
    }

    fn inspect_says_which_plugin_serves() {
        let (home, _) = home();
        let app = guest("wasip2/use_every");
        let provided = "test:every/things@1.2.0   [provided by every]";
        let text = home.c12(["inspect", &app]).run().success();
        assert!(!text.contains(provided), "{text}");
        let text = home.c12(["inspect", "--plugin", "every.so", &app]).run().success();
        assert!(text.contains(provided), "{text}");
        home.write("c12.toml", "[plugins.every]\npath = \"every.so\"\n");
        let text = home.c12(["inspect", "--config", "c12.toml", &app]).run().success();
        assert!(text.contains(provided), "{text}");
        std::fs::create_dir_all(home.plugins()).unwrap();
        std::fs::copy(home.work().join("every.so"), home.plugins().join("every.so")).unwrap();
        let text = home.c12(["inspect", &app]).run().success();
        assert!(text.contains(provided) && text.contains("greeting: func(name: string) -> string   [provided by every]"), "{text}");
    }
}

/// What is found runs unasked, so only what others cannot write is taken, and a pipe is not waited for.
#[test]
fn what_others_could_have_put_there_is_not_taken() {
    use std::os::unix::fs::PermissionsExt;
    let (home, _) = home();
    let folder = home.work().join("plugins");
    std::fs::create_dir(&folder).unwrap();
    std::fs::rename(home.work().join("every.so"), folder.join("every.so")).unwrap();
    let found = || {
        home.c12(["run", "--invoke", "run", "app"])
            .env("C12_PLUGIN_PATH", &folder)
            .run()
    };
    let allow = |mode| {
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(0o777);
    let error = found().failure(1);
    assert!(error.contains("others can write"), "{error}");
    allow(0o755);
    assert_eq!(found().success(), "3\n");

    let pipe = std::process::Command::new("mkfifo")
        .arg(folder.join("a.so"))
        .status();
    assert!(pipe.unwrap().success());
    let outcome = found();
    assert!(
        outcome.stderr.contains("it is no regular file"),
        "{outcome:?}"
    );
    assert_eq!(outcome.stdout, "3\n");
}
