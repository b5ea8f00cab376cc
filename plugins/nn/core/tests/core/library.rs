use std::path::Path;

use c12_nn_core::Library;

fn library<'a>(option: Option<&'a Path>) -> Library<'a> {
    Library {
        option,
        environment: "C12_NN_TEST_LIBRARY_THAT_NOBODY_SETS",
        folder: "nothing-of-this-name",
        stem: "thinking",
        python: &[],
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_latest_version_in_a_folder_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("lib");
    std::fs::create_dir(&inner).unwrap();
    for name in [
        "libthinking.so.1.9.0",
        "libthinking.so.1.31.1",
        "libthinking.so",
        "libthinking_providers.so",
        "libthinking.so.debug",
        "thinking.so",
    ] {
        std::fs::write(inner.join(name), "").unwrap();
    }
    let found = library(Some(folder.path())).candidates();
    let names: Vec<_> = found
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "libthinking.so.1.31.1",
            "libthinking.so.1.9.0",
            "libthinking.so"
        ]
    );
}

#[test]
#[cfg(target_os = "linux")]
fn the_latest_version_among_folders_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    for version in ["2.9.1", "2.15.0", "2.15.0-abi2", "local", "2.15.0-abi10"] {
        let inner = folder.path().join(version);
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(inner.join("libthinking.so"), "").unwrap();
    }
    let found = library(Some(folder.path())).candidates();
    let versions: Vec<_> = found
        .iter()
        .map(|path| {
            path.parent()
                .unwrap()
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
        })
        .collect();
    assert_eq!(
        versions,
        ["local", "2.15.0-abi10", "2.15.0-abi2", "2.15.0", "2.9.1"]
    );
}

#[test]
fn what_the_user_named_is_all_there_is() {
    let named = Path::new("/nowhere/libthinking.so");
    assert_eq!(library(Some(named)).candidates(), [named]);
    assert!(library(None).candidates().is_empty());
    assert_eq!(library(None).named(), None);
}
