//! `c12 new`: what it makes, and what it refuses. That the projects work is tested in `projects`.

mod projects;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use snapbox::{assert_data_eq, str};

use crate::guests::root;
use crate::harness::{Home, Outcome};

fn new(home: &Home, arguments: &[&str]) -> Outcome {
    home.c12([&["new"], arguments].concat()).run()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn it_says_what_to_type() {
    let home = Home::new();
    assert_data_eq!(
        new(&home, &["text-tools", "--template", "plugin-cpp"]).success(),
        str![[r#"
made text-tools; now type
  cd text-tools
  make
  c12 run --plugin ./text-tools.so guest/guest.wat

"#]]
    );
    assert_eq!(names(&home.work()), ["text-tools"]);
    assert_eq!(
        names(&home.work().join("text-tools")),
        [".gitignore", "Makefile", "README.md", "guest", "src", "wit"]
    );
    let told = new(&home, &["new folder/greet", "-t", "cli"]).success();
    assert!(
        told.contains("\n  cd 'new folder/greet'\n  cargo build\n"),
        "{told}"
    );
}

#[test]
fn machines_get_an_object() {
    let home = Home::new();
    let told = new(&home, &["x/greet", "--template", "cli", "--json"]).success();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&told["name"], &told["template"], &told["path"]),
        (&"greet".into(), &"cli".into(), &"x/greet".into())
    );
    for file in told["files"].as_array().unwrap() {
        let path = home.work().join("x/greet").join(file.as_str().unwrap());
        assert!(path.is_file(), "{path:?}");
    }
    assert_eq!(told["next"][0], "cd x/greet");
    let error = new(&home, &["x/greet", "--template", "cli", "--json"]).failure(1);
    let error: serde_json::Value = serde_json::from_str(&error).unwrap();
    assert_eq!(error["error"]["message"], "x/greet is there already");
}

#[test]
fn names_that_do_not_do_are_refused() {
    let home = Home::new();
    for (name, cause, help) in [
        ("TextTools", "it contains `T`", "`text-tools` would do"),
        ("text_tools", "it contains `_`", "`text-tools` would do"),
        ("a/b c", "it contains ` `", "`b-c` would do"),
        ("1a", "a word starts with `1`", "use words of lower-case"),
        (
            "a--b",
            "a `-` does not stand between two words",
            "`a-b` would do",
        ),
        ("class", "it is reserved in", "`my-class` would do"),
        ("interface", "it is reserved in", "`my-interface` would do"),
        ("grüße", "it contains `ü`", "`gr-e` would do"),
        (&"a".repeat(65), "it has more than 64 letters", "use words"),
    ] {
        let error = new(&home, &[name, "--template", "cli"]).failure(2);
        assert!(
            error.contains("cannot be the name of a project\n")
                && error.contains(&format!("\n  {cause}"))
                && error.contains(&format!("\nhelp: {help}")),
            "{name}: {error}"
        );
    }
    for path in [".", "..", "/", "a/.."] {
        let error = new(&home, &[path, "--template", "cli"]).failure(2);
        assert!(
            error.contains("does not end with a name"),
            "{path}: {error}"
        );
    }
    new(&home, &["", "--template", "cli"]).failure(2);
    assert_eq!(names(&home.work()), [""; 0]);
}

#[test]
fn an_unknown_template_is_compared_with_the_known() {
    let home = Home::new();
    let error = new(&home, &["greet", "--template", "plugin-cxx"]).failure(2);
    assert!(
        error.contains("'plugin-cxx'")
            && error.contains("plugin-rust, plugin-c, plugin-cpp, plugin-wasm, cli")
            && error.contains("a similar value exists: 'plugin-c"),
        "{error}"
    );
    let error = new(&home, &["greet"]).failure(2);
    assert!(error.contains("--template <TEMPLATE>"), "{error}");
}

#[test]
fn nothing_is_overwritten() {
    let home = Home::new();
    home.write("full/file", "mine");
    home.write("file", "mine");
    std::fs::create_dir(home.work().join("empty")).unwrap();
    symlink("empty", home.work().join("link")).unwrap();
    symlink("nowhere", home.work().join("dangling")).unwrap();
    for (name, cause) in [
        ("full", "the folder is not empty"),
        ("file", "it is no folder"),
        ("link", "it is no folder"),
        ("dangling", "it is no folder"),
    ] {
        let error = new(&home, &[name, "--template", "plugin-c"]).failure(1);
        assert_eq!(
            error,
            format!(
                "error: {name} is there already\n  {cause}\nhelp: choose another name; c12 overwrites nothing\n"
            )
        );
    }
    assert_eq!(names(&home.work().join("full")), ["file"]);
    // As of cargo and git, an empty folder may be the one that is meant.
    new(&home, &["empty", "--template", "plugin-c"]).success();
    assert!(home.work().join("empty/Makefile").is_file());
    let error = new(&home, &["file/greet", "--template", "cli"]).failure(1);
    assert!(error.contains("file/greet"), "{error}");
    assert_eq!(
        names(&home.work()),
        ["dangling", "empty", "file", "full", "link"]
    );
}

#[test]
fn nothing_is_left_where_nothing_can_be_written() {
    let home = Home::new();
    let parent = home.work().join("parent");
    std::fs::create_dir(&parent).unwrap();
    let set = |mode| {
        std::fs::set_permissions(&parent, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o555);
    // Root may write anywhere; a process file system says no to everybody.
    let refused = std::fs::write(parent.join("probe"), "").is_err();
    let path = if refused {
        "parent/greet"
    } else {
        "/proc/greet"
    };
    let error = new(&home, &[path, "--template", "plugin-c"]).failure(1);
    set(0o755);
    assert!(
        error.starts_with(&format!("error: cannot make the project {path}\n  ")),
        "{error}"
    );
    assert!(!parent.join("greet").exists());
}

#[test]
fn half_a_project_is_never_seen() {
    let home = Home::new();
    // Too little for the files, so writing fails in the middle.
    let script = "(ulimit -f 1; trap '' XFSZ; c12 new greet --template plugin-c 2>&1) | cat; ls -A";
    let told = home.shell(script).run().success();
    assert!(
        told.starts_with("error: cannot make the project greet\n  File too large"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 2, "{told}");
}

#[test]
fn a_checkout_takes_the_place_of_the_repository() {
    let home = Home::new();
    let manifest =
        |name: &str| std::fs::read_to_string(home.work().join(name).join("Cargo.toml")).unwrap();
    new(&home, &["published", "--template", "plugin-rust"]).success();
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        manifest("published").contains(&format!(
            "c12-plugin = {{ git = \"https://github.com/c12-wasm/c12\", tag = \"v{version}\" }}\n"
        )),
        "{}",
        manifest("published")
    );
    symlink(root(), home.work().join("a \"clone\"")).unwrap();
    let options = ["--template", "plugin-rust", "--sdk", "a \"clone\""];
    new(&home, &[&["local"][..], &options].concat()).success();
    let crates = root().canonicalize().unwrap().join("crates/c12-plugin");
    assert!(
        manifest("local").contains(&format!("c12-plugin = {{ path = {crates:?} }}\n")),
        "{}",
        manifest("local")
    );
    for folder in [".", "none"] {
        let options = ["greet", "--template", "plugin-rust", "--sdk", folder];
        let error = new(&home, &options).failure(1);
        assert!(
            error.starts_with(&format!(
                "error: cannot use {folder} as a checkout of C12\n"
            )),
            "{error}"
        );
    }
    let error = new(&home, &["greet", "--template", "cli", "--sdk", "."]).failure(2);
    assert!(error.contains("uses none of C12's crates"), "{error}");
}
