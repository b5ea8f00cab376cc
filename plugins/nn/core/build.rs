//! Nothing is built; `log` is named so that it has one set of features in build scripts.
fn main() {}
