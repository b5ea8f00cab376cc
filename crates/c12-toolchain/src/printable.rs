//! Strings of a hostile file, made safe to show on a terminal.

use std::borrow::Cow;
use std::iter;

/// How many characters of one string are shown.
const SHOWN: usize = 256;

/// The characters that stand for `c`: itself, or an escape if a terminal would act on it.
pub(crate) fn character(c: char) -> impl Iterator<Item = char> {
    let hidden = c.is_control() || is_direction_mark(c);
    let escaped = hidden.then(|| c.escape_unicode()).into_iter().flatten();
    let tab = c == '\t';
    let plain = if tab {
        Some(' ')
    } else {
        Some(c).filter(|_| !hidden)
    };
    iter::chain(plain, escaped.filter(move |_| !tab))
}

/// `text` without anything that a terminal would act on, cut to a length that a reader can take in.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    let plain = !text.chars().any(|c| c.is_control() || is_direction_mark(c));
    let short = text.len() <= SHOWN || text.chars().nth(SHOWN).is_none();
    if plain && short {
        return Cow::Borrowed(text);
    }
    let mut shown: String = text.chars().take(SHOWN).flat_map(character).collect();
    if !short {
        shown.push('…');
    }
    Cow::Owned(shown)
}

/// `text` with everything escaped that a terminal would act on, line ends included. Nothing is cut off.
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| c.is_control() || is_direction_mark(c)) {
        Cow::Owned(text.chars().flat_map(character).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Characters that change the direction of the text after them, and so can make it read as something else.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
