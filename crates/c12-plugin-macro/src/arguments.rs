use std::iter::Peekable;

use c12_bindgen::Blocking;
use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// What the macro was given.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) source: Source,
    pub(crate) world: Option<String>,
    pub(crate) blocking: Blocking,
    /// Where errors of the WIT are shown.
    pub(crate) span: Span,
}

/// Where the WIT is.
#[derive(Debug)]
pub(crate) enum Source {
    Path(String),
    Text(String),
}

/// An error with its place.
#[derive(Debug)]
pub(crate) struct Complaint {
    span: Span,
    message: String,
}

impl Complaint {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Complaint {
            span,
            message: message.into(),
        }
    }

    /// `::core::compile_error! { "message" }` at the place.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let punct = |sign, spacing| {
            let mut punct = Punct::new(sign, spacing);
            punct.set_span(self.span);
            TokenTree::from(punct)
        };
        let mut message = Literal::string(&self.message);
        message.set_span(self.span);
        let mut body = Group::new(Delimiter::Brace, TokenTree::from(message).into());
        body.set_span(self.span);
        [
            punct(':', Spacing::Joint),
            punct(':', Spacing::Alone),
            Ident::new("core", self.span).into(),
            punct(':', Spacing::Joint),
            punct(':', Spacing::Alone),
            Ident::new("compile_error", self.span).into(),
            punct('!', Spacing::Alone),
            body.into(),
        ]
        .into_iter()
        .collect()
    }
}

type Tokens = Peekable<proc_macro::token_stream::IntoIter>;

impl Arguments {
    /// Reads `{ key: value, … }`; the braces may be left out.
    pub(crate) fn parse(input: TokenStream) -> Result<Self, Complaint> {
        let mut tokens = input.into_iter().peekable();
        if let Some(TokenTree::Group(group)) = tokens.peek()
            && group.delimiter() == Delimiter::Brace
        {
            let inner = group.stream();
            tokens.next();
            if let Some(rest) = tokens.next() {
                return Err(Complaint::new(rest.span(), "nothing is expected here"));
            }
            tokens = inner.into_iter().peekable();
        }
        let mut source = None;
        let mut arguments = Arguments {
            source: Source::Path("wit".into()),
            world: None,
            blocking: Blocking::Nothing,
            span: Span::call_site(),
        };
        while let Some(token) = tokens.next() {
            let TokenTree::Ident(key) = token else {
                return Err(Complaint::new(token.span(), "a key is expected here"));
            };
            expect(&mut tokens, ':', key.span())?;
            let span = key.span();
            match key.to_string().as_str() {
                "path" | "inline" if source.is_some() => {
                    return Err(Complaint::new(span, "the WIT is given twice"));
                }
                "path" => {
                    let (path, span) = string(tokens.next(), span)?;
                    source = Some(Source::Path(path));
                    arguments.span = span;
                }
                "inline" => {
                    let (text, span) = string(tokens.next(), span)?;
                    source = Some(Source::Text(text));
                    arguments.span = span;
                }
                "world" => arguments.world = Some(string(tokens.next(), span)?.0),
                "blocking" => arguments.blocking = blocking(tokens.next(), span)?,
                other => {
                    let message = format!(
                        "there is no `{other}` here: it may be `path`, `inline`, `world` or `blocking`"
                    );
                    return Err(Complaint::new(span, message));
                }
            }
            if tokens.peek().is_some() {
                expect(&mut tokens, ',', span)?;
            }
        }
        if let Some(source) = source {
            arguments.source = source;
        }
        Ok(arguments)
    }
}

fn expect(tokens: &mut Tokens, sign: char, before: Span) -> Result<(), Complaint> {
    match tokens.next() {
        Some(TokenTree::Punct(punct)) if punct.as_char() == sign => Ok(()),
        other => Err(Complaint::new(
            other.map_or(before, |token| token.span()),
            format!("`{sign}` is expected here"),
        )),
    }
}

fn blocking(token: Option<TokenTree>, before: Span) -> Result<Blocking, Complaint> {
    match token {
        Some(TokenTree::Ident(word)) if word.to_string() == "true" => Ok(Blocking::Everything),
        Some(TokenTree::Ident(word)) if word.to_string() == "false" => Ok(Blocking::Nothing),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            let mut names = Vec::new();
            let mut tokens = group.stream().into_iter().peekable();
            while let Some(token) = tokens.next() {
                names.push(string(Some(token), group.span())?.0);
                if tokens.peek().is_some() {
                    expect(&mut tokens, ',', group.span())?;
                }
            }
            Ok(Blocking::These(names))
        }
        other => Err(Complaint::new(
            other.map_or(before, |token| token.span()),
            "`true`, `false` or a list of functions is expected here",
        )),
    }
}

/// The text of a string literal, plain or raw.
fn string(token: Option<TokenTree>, before: Span) -> Result<(String, Span), Complaint> {
    let Some(token) = token else {
        return Err(Complaint::new(before, "a string is expected behind this"));
    };
    let span = token.span();
    match token {
        TokenTree::Literal(literal) => unquote(&literal.to_string())
            .map(|text| (text, span))
            .ok_or_else(|| Complaint::new(span, "a string is expected here")),
        // What another macro passes on may be wrapped.
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            string(group.stream().into_iter().next(), span)
        }
        _ => Err(Complaint::new(span, "a string is expected here")),
    }
}

fn unquote(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('r') {
        let raw = raw.trim_matches('#');
        return Some(raw.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    }
    let text = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut unquoted = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            unquoted.push(letter);
            continue;
        }
        match letters.next()? {
            'n' => unquoted.push('\n'),
            'r' => unquoted.push('\r'),
            't' => unquoted.push('\t'),
            '\\' => unquoted.push('\\'),
            '"' => unquoted.push('"'),
            '\'' => unquoted.push('\''),
            '0' => unquoted.push('\0'),
            // A line that goes on: the next one's indentation does not count.
            '\n' => while letters.next_if(|letter| letter.is_whitespace()).is_some() {},
            'u' => {
                letters.next_if_eq(&'{')?;
                let code: String = letters
                    .by_ref()
                    .take_while(|letter| *letter != '}')
                    .collect();
                unquoted.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
            }
            'x' => {
                let code: String = letters.by_ref().take(2).collect();
                unquoted.push(char::from(u8::from_str_radix(&code, 16).ok()?));
            }
            _ => return None,
        }
    }
    Some(unquoted)
}

#[cfg(test)]
mod tests {
    use super::unquote;

    #[test]
    fn string_literals() {
        assert_eq!(unquote(r#""a\n\"b\"""#).as_deref(), Some("a\n\"b\""));
        assert_eq!(
            unquote(r##"r#"a "b" \n"#"##).as_deref(),
            Some(r#"a "b" \n"#)
        );
        assert_eq!(
            unquote("\"a\\\n   b\\u{e4}\\x41\"").as_deref(),
            Some("abäA")
        );
        assert_eq!(unquote("12"), None);
        assert_eq!(unquote("b\"x\""), None);
    }
}
