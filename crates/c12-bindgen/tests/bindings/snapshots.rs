//! What authors read: the whole of it, compared with what it was. `SNAPSHOTS=overwrite` takes the new one.

use std::path::Path;

use c12_bindgen::{Blocking, Options, c, cpp, rust};
use snapbox::{Data, assert_data_eq};

use crate::case;

fn snapshot(name: &str) -> Data {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    Data::read_from(&folder.join(name), None)
}

fn options() -> Options {
    Options {
        blocking: Blocking::These(vec!["example:text/tools@1.0.0#md5".into()]),
    }
}

#[test]
fn text_tools_in_c() {
    let header = c::header(&case("text-tools"), &options()).unwrap();
    assert_data_eq!(header, snapshot("text-tools.h").raw());
}

#[test]
fn text_tools_in_cpp() {
    let header = cpp::header(&case("text-tools"), &options()).unwrap();
    assert_data_eq!(header, snapshot("text-tools.hpp").raw());
}

#[test]
fn text_tools_in_rust() {
    let bindings = rust::bindings(&case("text-tools"), &options()).unwrap();
    assert_data_eq!(bindings, snapshot("text-tools.rs").raw());
}

#[test]
fn hard_names_in_c() {
    let header = c::header(&case("names"), &Options::default()).unwrap();
    let types = header.split("/* From here on").next().unwrap();
    assert_data_eq!(types.to_owned(), snapshot("names.h").raw());
}

#[test]
fn hard_names_in_cpp() {
    let header = cpp::header(&case("names"), &Options::default()).unwrap();
    let types = header.split("/* From here on").next().unwrap();
    assert_data_eq!(types.to_owned(), snapshot("names.hpp").raw());
}

#[test]
fn resources_in_cpp() {
    let header = cpp::header(&case("resources"), &Options::default()).unwrap();
    let types = header.split("/* From here on").next().unwrap();
    assert_data_eq!(types.to_owned(), snapshot("resources.hpp").raw());
}
