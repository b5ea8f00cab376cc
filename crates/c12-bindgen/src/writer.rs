//! Text that grows line by line.

use std::fmt::Display;

/// Where lines of code are wrapped.
const WIDTH: usize = 110;

/// Lines with indentation.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    /// A line; an empty one without indentation.
    pub(crate) fn line(&mut self, line: impl Display) {
        let line = line.to_string();
        if !line.is_empty() {
            for _ in 0..self.depth {
                self.text.push_str("  ");
            }
            self.text.push_str(&line);
        }
        self.text.push('\n');
    }

    /// Text as it is.
    pub(crate) fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// An empty line, unless there is one already or nothing yet.
    pub(crate) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") && !self.text.ends_with("{\n") {
            self.text.push('\n');
        }
    }

    /// A line after which all is one step further in.
    pub(crate) fn open(&mut self, line: impl Display) {
        self.line(line);
        self.depth += 1;
    }

    /// A line before which all is one step further out.
    pub(crate) fn close(&mut self, line: impl Display) {
        self.depth = self.depth.saturating_sub(1);
        self.line(line);
    }

    /// Items with commas between them, on one line if they fit, else on a line each.
    pub(crate) fn wrapped(&mut self, before: &str, items: &[String], after: &str) {
        let line = format!("{before}{}{after}", items.join(", "));
        if items.is_empty() || line.len() + 2 * self.depth <= WIDTH {
            self.line(line);
            return;
        }
        self.line(before);
        let last = items.len() - 1;
        for (place, item) in items.iter().enumerate() {
            let end = if place == last { after } else { "," };
            self.line(format!("    {item}{end}"));
        }
    }

    /// Documentation as a C comment.
    pub(crate) fn c_docs(&mut self, docs: Option<&str>) {
        let Some(docs) = docs else {
            return;
        };
        // What ends the comment inside it would let the rest of the text be read as code.
        let docs = docs.replace("*/", "* /").replace("/*", "/ *");
        let lines: Vec<&str> = docs.trim().lines().map(str::trim_end).collect();
        match lines.as_slice() {
            [] => {}
            [line] => self.line(format!("/* {line} */")),
            [first, rest @ ..] => {
                self.line(format!("/* {first}"));
                for line in rest {
                    self.line(format!(" * {line}").trim_end());
                }
                self.line(" */");
            }
        }
    }

    /// A number that is larger with every line.
    pub(crate) fn count(&self) -> usize {
        self.text.lines().count()
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}
