//! Text out of tokens: whole characters, and nothing of a stop word.

/// Puts the bytes of tokens together.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// Bytes of a character that is not complete, then text that may be the beginning of a stop word.
    bytes: Vec<u8>,
    held: String,
    stop_words: Vec<String>,
    stopped: bool,
}

impl Text {
    pub(crate) fn new(stop_words: Vec<String>) -> Self {
        Self {
            stop_words: stop_words
                .into_iter()
                .filter(|word| !word.is_empty())
                .collect(),
            ..Self::default()
        }
    }

    /// Whether a stop word came.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Takes a token's bytes, and gives what is certain by now.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        if self.stopped {
            return String::new();
        }
        self.bytes.extend_from_slice(bytes);
        self.take_characters();
        self.take_certain()
    }

    /// What was held back, once nothing more comes.
    pub(crate) fn finish(&mut self) -> String {
        if self.stopped {
            return String::new();
        }
        let rest = String::from_utf8_lossy(&self.bytes).into_owned();
        self.bytes.clear();
        std::mem::take(&mut self.held) + &rest
    }

    fn take_characters(&mut self) {
        let mut taken = 0;
        for chunk in self.bytes.utf8_chunks() {
            self.held.push_str(chunk.valid());
            taken += chunk.valid().len();
            let invalid = chunk.invalid();
            let at_end = taken + invalid.len() == self.bytes.len();
            if invalid.is_empty() || (at_end && may_be_continued(invalid)) {
                break;
            }
            self.held.push(char::REPLACEMENT_CHARACTER);
            taken += invalid.len();
        }
        self.bytes.drain(..taken);
    }

    fn take_certain(&mut self) -> String {
        let first = self
            .stop_words
            .iter()
            .filter_map(|word| self.held.find(word.as_str()))
            .min();
        if let Some(at) = first {
            self.held.truncate(at);
            self.stopped = true;
            return std::mem::take(&mut self.held);
        }
        let uncertain = self
            .stop_words
            .iter()
            .map(|word| common_end(&self.held, word))
            .max()
            .unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - uncertain);
        std::mem::replace(&mut self.held, rest)
    }
}

/// Whether more bytes could make a character of it.
fn may_be_continued(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => false,
        Err(error) => error.valid_up_to() == 0 && error.error_len().is_none(),
    }
}

/// How many bytes at the end of the text are the beginning of the word.
fn common_end(text: &str, word: &str) -> usize {
    word.char_indices()
        .map(|(at, _)| at)
        .filter(|length| *length > 0)
        .filter(|length| {
            word.get(..*length)
                .is_some_and(|begin| text.ends_with(begin))
        })
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Text;

    fn pieces(stop: &[&str], tokens: &[&[u8]]) -> (Vec<String>, bool) {
        let mut text = Text::new(stop.iter().map(|word| (*word).to_owned()).collect());
        let mut pieces: Vec<String> = tokens.iter().map(|token| text.push(token)).collect();
        pieces.push(text.finish());
        (pieces, text.is_stopped())
    }

    #[test]
    fn characters_stay_whole() {
        let (pieces, _) = pieces(&[], &[b"a\xe8", b"\xaa", b"\x9e\xf0\x9f", b"\x98\x80"]);
        assert_eq!(pieces, ["a", "", "語", "😀", ""]);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(
            pieces(&[], &[b"a\xff", b"b\x80c"]).0,
            ["a\u{fffd}", "b\u{fffd}c", ""]
        );
        assert_eq!(pieces(&[], &[b"a\xe8"]).0, ["a", "\u{fffd}"]);
    }

    #[test]
    fn nothing_of_a_stop_word_shows() {
        let (shown, stopped) = pieces(&["END"], &[b"one E", b"N", b"D two"]);
        assert_eq!(shown.concat(), "one ");
        assert!(stopped);
        let (shown, stopped) = pieces(&["END"], &[b"one E", b"N", b"d two"]);
        assert_eq!(shown, ["one ", "", "ENd two", ""]);
        assert!(!stopped);
        let (shown, stopped) = pieces(&["END"], &[b"one EN"]);
        assert_eq!(shown.concat(), "one EN");
        assert!(!stopped);
    }

    #[test]
    fn the_first_stop_word_counts() {
        let (shown, stopped) = pieces(&["three", "two", "語"], &[b"one two three"]);
        assert_eq!(shown.concat(), "one ");
        assert!(stopped);
        assert_eq!(pieces(&["語"], &[b"a\xe8", b"\xaa\x9e"]).0.concat(), "a");
    }
}
