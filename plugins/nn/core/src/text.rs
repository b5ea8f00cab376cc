//! Text out of tokens: whole characters, and nothing of a stop word.

/// Puts the bytes of tokens together.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// Bytes of a character that is not complete, then text that may be the beginning of a stop word.
    bytes: Vec<u8>,
    held: String,
    stop_words: Vec<StopWord>,
    stopped: bool,
}

impl Text {
    pub(crate) fn new(stop_words: &[String]) -> Self {
        Self {
            stop_words: stop_words
                .iter()
                .filter(|word| !word.is_empty())
                .map(|word| StopWord::new(word))
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
        let characters = self.take_characters();
        self.take_certain(&characters)
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

    fn take_characters(&mut self) -> String {
        let mut characters = String::new();
        let mut taken = 0;
        for chunk in self.bytes.utf8_chunks() {
            characters.push_str(chunk.valid());
            taken += chunk.valid().len();
            let invalid = chunk.invalid();
            let at_end = taken + invalid.len() == self.bytes.len();
            if invalid.is_empty() || (at_end && may_be_continued(invalid)) {
                break;
            }
            characters.push(char::REPLACEMENT_CHARACTER);
            taken += invalid.len();
        }
        self.bytes.drain(..taken);
        characters
    }

    fn take_certain(&mut self, new: &str) -> String {
        let before = self.held.len();
        self.held.push_str(new);
        let first = self
            .stop_words
            .iter_mut()
            .filter_map(|word| {
                let end = before + word.look(new)?;
                end.checked_sub(word.word.len())
            })
            .min();
        if let Some(at) = first {
            self.held.truncate(at);
            self.stopped = true;
            return std::mem::take(&mut self.held);
        }
        let uncertain = self.stop_words.iter().map(|word| word.matched).max();
        let certain = self.held.len().saturating_sub(uncertain.unwrap_or(0));
        let rest = self.held.split_off(certain);
        std::mem::replace(&mut self.held, rest)
    }
}

/// A stop word, looked for in the way of Knuth, Morris and Pratt: each byte of the text is looked at once, however long
/// the word is and whatever is in it.
#[derive(Debug)]
struct StopWord {
    word: Vec<u8>,
    /// For each beginning of the word, by its last byte: how long the longest shorter beginning is that it ends with.
    shorter: Vec<usize>,
    /// How much of the text's end is the beginning of the word, in bytes.
    matched: usize,
}

impl StopWord {
    fn new(word: &str) -> Self {
        let mut this = Self {
            word: word.as_bytes().to_vec(),
            shorter: vec![0],
            matched: 0,
        };
        // The word is looked for in itself.
        for byte in word.bytes().skip(1) {
            this.matched = this.after(this.matched, byte);
            this.shorter.push(this.matched);
        }
        this.matched = 0;
        this
    }

    /// How much is matched after another byte.
    fn after(&self, mut matched: usize, byte: u8) -> usize {
        while self.word.get(matched) != Some(&byte) {
            let Some(last) = matched.checked_sub(1) else {
                return 0;
            };
            matched = self.shorter.get(last).copied().unwrap_or(0);
        }
        matched + 1
    }

    /// Looks at the next part of the text; gives where in it the word ends, if it does.
    fn look(&mut self, text: &str) -> Option<usize> {
        for (position, byte) in text.bytes().enumerate() {
            self.matched = self.after(self.matched, byte);
            if self.matched == self.word.len() {
                return Some(position + 1);
            }
        }
        None
    }
}

/// Whether more bytes could make a character of it.
fn may_be_continued(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => false,
        Err(error) => error.valid_up_to() == 0 && error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    fn pieces(stop: &[&str], tokens: &[&[u8]]) -> (Vec<String>, bool) {
        let mut text = Text::new(
            &stop
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>(),
        );
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

    #[test]
    fn words_that_repeat_themselves_are_found() {
        for (word, tokens, expected) in [
            ("aab", &[&b"aa"[..], b"a", b"b!"][..], "a"),
            ("abab", &[b"xab", b"a", b"abab"], "xaba"),
            ("\n\n", &[b"a\n", b"b\n", b"\n"], "a\nb"),
            ("ab", &[b"aaaa", b"c", b"ba", b"b"], "aaaacb"),
        ] {
            let (shown, stopped) = pieces(&[word], tokens);
            assert_eq!(shown.concat(), expected, "{word}");
            assert!(stopped, "{word}");
        }
    }

    /// Compares with the plain way to look for words, for all short texts of two letters.
    #[test]
    fn what_is_shown_ends_before_the_first_stop_word() {
        let word = |bits: u32, length: u32| -> String {
            (0..length)
                .map(|at| if bits >> at & 1 == 0 { 'a' } else { 'é' })
                .collect()
        };
        for bits in 0..1 << 8 {
            let text = word(bits, 8);
            for stop in 0..1 << 3 {
                let stops = [word(stop, 3), word(stop >> 1, 2) + "a"];
                let mut parts = Text::new(&stops);
                let mut shown: String = text.bytes().map(|byte| parts.push(&[byte])).collect();
                shown += &parts.finish();
                let end = stops
                    .iter()
                    .filter_map(|stop| Some(text.find(stop)? + stop.len()));
                // Byte by byte, the word that ends first is the one that is seen.
                let expected = match end.clone().min() {
                    Some(first) => stops
                        .iter()
                        .filter_map(|stop| text.find(stop).filter(|at| at + stop.len() == first))
                        .min()
                        .map_or(text.as_str(), |at| &text[..at]),
                    None => text.as_str(),
                };
                assert_eq!(shown, expected, "{text} {stops:?}");
                assert_eq!(parts.is_stopped(), end.count() > 0);
            }
        }
    }

    #[test]
    fn long_stop_words_take_no_time() {
        let stops: Vec<String> = (0..32)
            .map(|number| "a".repeat(1000 + number) + "b")
            .collect();
        let mut text = Text::new(&stops);
        let begin = std::time::Instant::now();
        for _ in 0..10_000 {
            text.push(b"aaaa");
        }
        // A thousand times as long if each token looked at all of each word.
        assert!(begin.elapsed() < std::time::Duration::from_secs(5));
        assert!(!text.is_stopped());
    }
}
