use crate::report::{self, Failure};

/// What was looked at, printed at once: the next step may be the last.
pub(super) struct Steps {
    json: bool,
    wrong: bool,
}

impl Steps {
    pub(super) fn new(json: bool) -> Self {
        Steps { json, wrong: false }
    }

    pub(super) fn all_fine(&self) -> bool {
        !self.wrong
    }

    pub(super) fn fine(&mut self, step: &str, detail: &str) -> Result<(), Failure> {
        self.print("ok", step, detail, None)
    }

    pub(super) fn skipped(&mut self, step: &str, detail: &str) -> Result<(), Failure> {
        self.print("skipped", step, detail, None)
    }

    pub(super) fn wrong(
        &mut self,
        step: &str,
        detail: &str,
        help: Option<&str>,
    ) -> Result<(), Failure> {
        self.wrong = true;
        self.print("wrong", step, detail, help)
    }

    fn print(
        &self,
        state: &str,
        step: &str,
        detail: &str,
        help: Option<&str>,
    ) -> Result<(), Failure> {
        let text = if self.json {
            let object = serde_json::json!({
                "state": state, "step": step, "detail": detail, "help": help
            });
            format!("{object}\n")
        } else {
            let words = format!("{step}: {detail}");
            let mut text = format!("{state:8} {}\n", c12_toolchain::escape(&words));
            for line in help.iter().flat_map(|help| help.lines()) {
                text += &format!("         {}\n", c12_toolchain::escape(line));
            }
            text
        };
        report::output(&text)
    }
}
