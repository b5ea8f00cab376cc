//! Which files load, and what a loaded plugin depends on.

use std::path::{Path, PathBuf};

use super::{Needs, Tests};
use super::{compile, run};
use c12::plugin::Plugin as _;
use c12_wasmedge::{Interface, LoadError, WasmEdgePlugin, interface};

/// A plugin whose only function returns a number, in a file that can be changed.
fn numbered(name: &str, folder: &Path, flags: &[&str]) -> PathBuf {
    let compiled = compile::plugin(&compile::source("numbered.c"), name, flags);
    let place = folder.join(format!("lib{name}.so"));
    std::fs::copy(compiled, &place).unwrap();
    place
}

const GUEST: &str = r#"(module
  (import "numbered" "number" (func $number (result i32)))
  (func (export "number") (result i32) (call $number)))"#;

fn number(plugin: WasmEdgePlugin) -> String {
    let host = c12::Host::builder().plugin(plugin);
    run::invoke(host, GUEST, "number()").unwrap().remove(0)
}

/// A library with these contents, which are no plugin.
fn library(name: &str, text: &str, flags: &[&str]) -> (PathBuf, LoadError) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join(format!("{name}.c"));
    std::fs::write(&source, text).unwrap();
    let library = compile::unlinked(&source, name, flags);
    let error = WasmEdgePlugin::load(&library).unwrap_err();
    (library, error)
}

pub(crate) fn list(tests: &mut Tests) {
    tests.add("each_file_is_a_plugin_of_its_own", Needs::Header, || {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<_> = (1..=4)
            .map(|n| {
                numbered(
                    &format!("number_{n}"),
                    folder.path(),
                    &[&format!("-DNUMBER={n}")],
                )
            })
            .collect();
        for round in 0..3 {
            for (place, file) in files.iter().enumerate() {
                let found = number(WasmEdgePlugin::load(file).unwrap());
                assert_eq!(found, (place + 1).to_string(), "in round {round}");
            }
        }
    });
    tests.add("a_file_may_be_overwritten", Needs::Header, || {
        let folder = tempfile::tempdir().unwrap();
        let file = numbered("overwritten", folder.path(), &["-DNUMBER=11"]);
        let plugin = WasmEdgePlugin::load(&file).unwrap();
        let garbage = vec![0xcc; std::fs::metadata(&file).unwrap().len() as usize];
        std::fs::write(&file, garbage).unwrap();
        assert_eq!(number(plugin), "11");
        assert!(matches!(
            WasmEdgePlugin::load(&file),
            Err(LoadError::NotALibrary { .. })
        ));
        std::fs::remove_file(&file).unwrap();
        assert!(matches!(
            WasmEdgePlugin::load(&file),
            Err(LoadError::Read { .. })
        ));
    });
    tests.add(
        "a_new_version_takes_the_place_of_the_old",
        Needs::Header,
        || {
            let folder = tempfile::tempdir().unwrap();
            let file = numbered("replaced", folder.path(), &["-DNUMBER=13"]);
            let plugin = WasmEdgePlugin::load(&file).unwrap();
            assert!(plugin.changed().is_none());
            let other = numbered("replacing", folder.path(), &["-DNUMBER=14"]);
            std::fs::rename(other, &file).unwrap();
            let host = c12::Host::builder().plugin(plugin).build();
            let engine = c12::Engine::builder().cache(false).build().unwrap();
            let guest = engine.load("guest", GUEST.as_bytes()).unwrap();
            let linked = host.link(&guest).unwrap();
            let number = || run::wait(linked.invoke("number()")).unwrap().remove(0);
            assert_eq!(number(), "13");
            let reloads = host.reload();
            assert!(reloads[0].outcome.is_ok(), "{reloads:?}");
            assert_eq!(number(), "14");
            std::fs::write(&file, "no library").unwrap();
            assert!(host.reload()[0].outcome.is_err());
            assert_eq!(number(), "14");
        },
    );
    tests.add("a_file_can_be_loaded_where_it_is", Needs::Header, || {
        let folder = tempfile::tempdir().unwrap();
        let file = numbered("in_place", folder.path(), &["-DNUMBER=12"]);
        assert_eq!(number(WasmEdgePlugin::load_in_place(file).unwrap()), "12");
    });
    tests.add("libraries_beside_the_file_are_found", Needs::Header, || {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("beside.c");
        std::fs::write(&source, "int beside(void) { return 77; }").unwrap();
        let beside = compile::unlinked(&source, "beside", &["-Wl,-soname,libbeside.so"]);
        let lib = folder.path().join("lib");
        std::fs::create_dir(&lib).unwrap();
        std::fs::copy(beside, lib.join("libbeside.so")).unwrap();
        let search = format!("-L{}", lib.display());
        let flags = [
            "-DCALL=beside",
            &search,
            "-lbeside",
            "-Wl,-rpath,$ORIGIN/lib",
        ];
        let file = numbered("with_beside", folder.path(), &flags);
        assert_eq!(number(WasmEdgePlugin::load(&file).unwrap()), "77");
    });
    tests.add("a_library_that_is_missing_is_named", Needs::Header, || {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("gone.c");
        std::fs::write(&source, "int gone(void) { return 1; }").unwrap();
        let gone = compile::unlinked(&source, "gone", &["-Wl,-soname,libgone-for-good.so"]);
        let gone = gone.display().to_string();
        let file = numbered("with_gone", folder.path(), &["-DCALL=gone", &gone]);
        let error = WasmEdgePlugin::load(&file).unwrap_err();
        let found = error.to_string();
        assert!(
            found.contains("libwith_gone.so: libgone-for-good.so: cannot open"),
            "{found}"
        );
        assert!(error.help().unwrap().contains("ldd"));
    });
    tests.add("the_interface_is_recognised", Needs::Header, || {
        let (library, error) = library(
            "cxx_new",
            "const void *GetDescriptor(void) { return 0; }",
            &[],
        );
        assert!(
            error
                .to_string()
                .contains("written against WasmEdge's C++ interface (it exports `GetDescriptor`)"),
            "{error}"
        );
        assert!(error.help().unwrap().contains("C API"));
        assert_eq!(
            interface(&std::fs::read(library).unwrap()),
            Some(Interface::WasmEdgeCxx)
        );
        let folder = tempfile::tempdir().unwrap();
        let file = numbered("recognised", folder.path(), &["-DNUMBER=15"]);
        assert_eq!(
            interface(&std::fs::read(file).unwrap()),
            Some(Interface::WasmEdge)
        );
    });
    tests.add(
        "old_plugins_of_the_cxx_interface_are_recognised",
        Needs::Header,
        || {
            let register = "_ZN8WasmEdge6Plugin14PluginRegisterC1EPKNS0_6Plugin16PluginDescriptorE";
            let text = format!(
                "void {register}(void *, void *);\nvoid start(void *p) {{ {register}(p, p); }}"
            );
            let (_, error) = library("cxx_old", &text, &[]);
            assert!(matches!(error, LoadError::CxxInterface { .. }), "{error}");
            assert!(error.to_string().contains("PluginRegister"), "{error}");
        },
    );
    tests.add(
        "what_exports_nothing_of_it_is_no_plugin",
        Needs::Header,
        || {
            let (library, error) = library("no_plugin", "int answer(void) { return 42; }", &[]);
            assert!(
                matches!(error, LoadError::NoDescriptorFunction { .. }),
                "{error}"
            );
            assert_eq!(interface(&std::fs::read(library).unwrap()), None);
        },
    );
    tests.add("plugins_for_other_versions_are_recognised_by_what_they_call", Needs::Header, || {
        let text = "void *WasmEdge_LimitCreate(int, int);\nvoid *WasmEdge_Plugin_GetDescriptor(void) { return WasmEdge_LimitCreate(1, 0); }";
        let (_, error) = library("for_later", text, &[]);
        let LoadError::UnknownFunctions { names, .. } = &error else { panic!("{error:?}") };
        assert_eq!(names, &["WasmEdge_LimitCreate"]);
        assert!(error.help().unwrap().contains("0.17"));
        let text = "void *WasmEdge_ValueGenNullRef(void);\nvoid *WasmEdge_Plugin_GetDescriptor(void) { return WasmEdge_ValueGenNullRef(); }";
        let (_, error) = library("for_earlier", text, &[]);
        assert!(error.help().unwrap().contains("0.13"), "{error}");
    });
    tests.add("a_plugin_that_contains_wasmedge_is_recognised", Needs::Header, || {
        let text = "void *WasmEdge_ModuleInstanceCreate(void) { return 0; }\nvoid *WasmEdge_Plugin_GetDescriptor(void) { return WasmEdge_ModuleInstanceCreate(); }";
        let (_, error) = library("own_runtime", text, &[]);
        assert!(matches!(error, LoadError::OwnRuntime { .. }), "{error}");
    });
    tests.add(
        "a_program_and_a_folder_are_no_plugins",
        Needs::Header,
        || {
            let folder = tempfile::tempdir().unwrap();
            assert!(matches!(
                WasmEdgePlugin::load(folder.path()),
                Err(LoadError::Read { .. })
            ));
            let empty = folder.path().join("empty.so");
            std::fs::write(&empty, "").unwrap();
            assert!(matches!(
                WasmEdgePlugin::load(&empty),
                Err(LoadError::NotALibrary { .. })
            ));
        },
    );
    tests.add(
        "truncated_and_damaged_files_are_refused",
        Needs::Header,
        || {
            let folder = tempfile::tempdir().unwrap();
            let whole =
                std::fs::read(numbered("damaged", folder.path(), &["-DNUMBER=16"])).unwrap();
            for length in (0..whole.len()).step_by(whole.len() / 200) {
                // What the inspection lets pass, the dynamic linker refuses; neither may crash.
                let content = whole[..length].to_vec();
                assert!(
                    WasmEdgePlugin::from_content("cut.so", content).is_err(),
                    "{length} bytes"
                );
            }
            // The header alone is damaged: behind it a damaged library is still one that can be loaded, with all rights.
            for place in 0..64 {
                let mut content = whole.clone();
                content[place] ^= 0xff;
                let _ = interface(&content);
            }
        },
    );
    tests.add("sections_are_not_needed", Needs::Header, || {
        let folder = tempfile::tempdir().unwrap();
        let file = numbered("without_sections", folder.path(), &["-DNUMBER=17"]);
        let mut content = std::fs::read(file).unwrap();
        // Where the table of sections is, and how many entries it has.
        content[40..48].fill(0);
        content[60..64].fill(0);
        let plugin = WasmEdgePlugin::from_content("bare.so", content.clone()).unwrap();
        assert_eq!(number(plugin), "17");
        for part in [2, 4, 8] {
            let content = content[..content.len() / part].to_vec();
            let error = WasmEdgePlugin::from_content("bare.so", content).unwrap_err();
            assert!(error.to_string().ends_with("its end is missing"), "{error}");
        }
    });
}
