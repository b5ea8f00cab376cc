//! From a guest's message to an event.

use std::fmt;
use std::sync::Arc;

use crate::Level;

/// Where the messages of one guest go.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    guest: Arc<str>,
    least: Level,
    longest: usize,
}

impl Sink {
    /// For the guest of that name: messages of at least that level, and of a message and of its context at most
    /// `longest` bytes.
    pub(crate) fn new(guest: &str, least: Level, longest: usize) -> Self {
        Sink {
            guest: guest.into(),
            least,
            longest,
        }
    }

    /// Whether it would be passed on, as far as the settings say.
    pub(crate) fn wants(&self, level: Level) -> bool {
        level >= self.least
    }

    /// Passes a message on. The target is `c12::guest`, so that the program's `--log LEVEL` is about guests too.
    pub(crate) fn log(&self, level: Level, context: &str, message: &str) {
        // Each event has its level in its static part, so each level needs an event of its own.
        macro_rules! event {
            ($level:ident $(, $field:ident = $value:expr)?) => {
                tracing::event!(
                    target: "c12::guest",
                    tracing::Level::$level,
                    guest = %self.shown(&self.guest),
                    context = (!context.is_empty()).then(|| display(self.shown(context))),
                    $($field = $value,)?
                    "{}",
                    self.shown(message),
                )
            };
        }
        if !self.wants(level) {
            return;
        }
        match level {
            Level::Trace => event!(TRACE),
            Level::Debug => event!(DEBUG),
            Level::Info => event!(INFO),
            Level::Warn => event!(WARN),
            Level::Error => event!(ERROR),
            Level::Critical => event!(ERROR, critical = true),
        }
    }

    fn shown<'a>(&self, text: &'a str) -> Shown<'a> {
        Shown {
            text,
            longest: self.longest,
        }
    }
}

/// Text of a guest: cut off where it is too long, with control characters escaped, so that it cannot pass for
/// lines of others. The work is done only if somebody listens.
struct Shown<'a> {
    text: &'a str,
    longest: usize,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.text.floor_char_boundary(self.longest);
        let (shown, rest) = self.text.split_at_checked(end).unwrap_or((self.text, ""));
        f.write_str(&c12_toolchain::escape(shown))?;
        if !rest.is_empty() {
            write!(f, "… ({} bytes more)", rest.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, longest: usize) -> String {
        Shown { text, longest }.to_string()
    }

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(shown("héllo", 5), "héll… (1 bytes more)");
        assert_eq!(shown("héllo", 2), "h… (5 bytes more)");
        assert_eq!(shown("héllo", 6), "héllo");
        assert_eq!(shown("", 1), "");
    }

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(shown("a\n\u{1b}[2Jb", 100), "a\\u{a}\\u{1b}[2Jb");
    }
}
