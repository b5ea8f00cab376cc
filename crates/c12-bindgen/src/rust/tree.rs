use std::collections::BTreeMap;

use crate::writer::Writer;

/// Modules in modules.
#[derive(Debug, Default)]
pub(super) struct Tree {
    text: String,
    children: BTreeMap<String, Tree>,
}

/// What the lints of an author's crate need not say about generated code.
const ALLOW: &str = "#[allow(clippy::all, clippy::pedantic, clippy::restriction, dead_code, missing_docs, \
    rust_2018_idioms, unreachable_pub, unsafe_code, unused)]";

impl Tree {
    /// Adds items to the module at a path.
    pub(super) fn add(&mut self, path: &[String], text: String) {
        if text.is_empty() {
            return;
        }
        match path {
            [] => self.text.push_str(&text),
            [first, rest @ ..] => self
                .children
                .entry(first.clone())
                .or_default()
                .add(rest, text),
        }
    }

    /// All of it, for the module that is the root.
    pub(super) fn write(&self) -> String {
        let mut writer = Writer::default();
        if self.children.contains_key(super::ROOT) {
            writer.line("#[allow(unused_imports)]");
            writer.line(format!("pub use self::{}::*;", super::ROOT));
        }
        for (name, child) in &self.children {
            child.write_module(name, true, &mut writer);
        }
        writer.finish()
    }

    fn write_module(&self, name: &str, outermost: bool, writer: &mut Writer) {
        if outermost {
            writer.line(ALLOW);
        }
        if [super::GLUE, super::ROOT].contains(&name) {
            writer.line("#[doc(hidden)]");
        }
        writer.open(format!("pub mod {name} {{"));
        if !self.text.is_empty() {
            writer.line("use ::c12_plugin::__rt as __c12;");
        }
        for line in self.text.lines() {
            writer.line(line);
        }
        for (name, child) in &self.children {
            child.write_module(name, false, writer);
        }
        writer.close("}");
    }
}
