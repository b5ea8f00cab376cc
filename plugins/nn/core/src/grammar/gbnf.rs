//! Reads GBNF.

use std::collections::HashMap;
use std::sync::Arc;

use super::recursion::not_left_recursive;
use super::{Position, RuleId, Rules, Step};
use crate::{Error, Result};

/// The longest grammar, in bytes.
const LENGTH: usize = 256 * 1024;
/// The most steps, after repetitions are written out.
const STEPS: usize = 1 << 16;
/// Groups within groups.
const DEPTH: usize = 64;
/// How often something repeats at most, if the grammar counts.
const REPETITIONS: u32 = 2000;

const LAST: u32 = char::MAX as u32;

pub(super) fn parsed(text: &str) -> Result<Rules> {
    if text.len() > LENGTH {
        return Err(Error::too_large(format!(
            "a grammar of {} bytes is longer than {LENGTH}",
            text.len()
        )));
    }
    let mut parser = Parser {
        text,
        at: 0,
        names: HashMap::new(),
        rules: Vec::new(),
        count: 0,
    };
    parser.grammar()?;
    parser.finish()
}

/// What an alternative consists of before it is laid out.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// Ranges, which repetitions share.
    Characters(Arc<[(u32, u32)]>),
    Rule(RuleId),
}

pub(super) type Alternative = Vec<Item>;

struct Parser<'a> {
    text: &'a str,
    at: usize,
    names: HashMap<String, RuleId>,
    /// `None` where a rule is named, but has not been written yet.
    rules: Vec<Option<Vec<Alternative>>>,
    /// Steps so far.
    count: usize,
}

impl Parser<'_> {
    fn grammar(&mut self) -> Result<()> {
        self.space(true);
        while self.peek().is_some() {
            let name = self.name()?;
            self.space(false);
            if !self.rest().starts_with("::=") {
                return Err(self.wrong("`::=`"));
            }
            self.at += 3;
            self.space(true);
            let rule = self.rule_named(&name);
            let alternatives = self.alternatives(0)?;
            if !matches!(self.peek(), None | Some('\n' | '\r')) {
                return Err(self.wrong("the end of the line"));
            }
            self.space(true);
            self.define(rule, alternatives);
        }
        Ok(())
    }

    fn alternatives(&mut self, depth: usize) -> Result<Vec<Alternative>> {
        let mut alternatives = vec![self.sequence(depth)?];
        while self.peek() == Some('|') {
            self.at += 1;
            self.space(true);
            alternatives.push(self.sequence(depth)?);
        }
        Ok(alternatives)
    }

    fn sequence(&mut self, depth: usize) -> Result<Alternative> {
        let nested = depth > 0;
        let mut sequence = Alternative::new();
        while let Some(letter) = self.peek() {
            // What a repetition repeats: one item, or a whole literal.
            let mut items = match letter {
                '"' => self.literal()?,
                '[' => vec![Item::Characters(self.class()?.into())],
                '.' => {
                    self.at += 1;
                    vec![Item::Characters([(0, LAST)].into())]
                }
                '(' => vec![self.group(depth)?],
                letter if is_name(letter) => {
                    let name = self.name()?;
                    vec![Item::Rule(self.rule_named(&name))]
                }
                _ => break,
            };
            self.space(nested);
            while let Some((least, most)) = self.repetition()? {
                items = vec![self.repeated(items, least, most)?];
                self.space(nested);
            }
            self.take(&mut sequence, items)?;
        }
        Ok(sequence)
    }

    fn group(&mut self, depth: usize) -> Result<Item> {
        if depth >= DEPTH {
            return Err(Error::too_large(format!(
                "the grammar's groups lie in each other more than {DEPTH} deep"
            )));
        }
        self.at += 1;
        self.space(true);
        let alternatives = self.alternatives(depth + 1)?;
        if self.peek() != Some(')') {
            return Err(self.wrong("`)`"));
        }
        self.at += 1;
        Ok(Item::Rule(self.new_rule(alternatives)))
    }

    fn repetition(&mut self) -> Result<Option<(u32, Option<u32>)>> {
        let bounds = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.counted().map(Some),
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(bounds))
    }

    fn counted(&mut self) -> Result<(u32, Option<u32>)> {
        self.at += 1;
        let least = self.number()?;
        let most = if self.peek() == Some(',') {
            self.at += 1;
            match self.peek() {
                Some(digit) if digit.is_ascii_digit() => Some(self.number()?),
                _ => None,
            }
        } else {
            Some(least)
        };
        if self.peek() != Some('}') {
            return Err(self.wrong("`}`"));
        }
        self.at += 1;
        if most.is_some_and(|most| most < least) {
            return Err(self.wrong("a repetition that is possible"));
        }
        Ok((least, most))
    }

    fn number(&mut self) -> Result<u32> {
        let rest = self.rest();
        let digits = rest
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(rest.len());
        let number = rest
            .get(..digits)
            .and_then(|digits| digits.parse::<u32>().ok());
        let number = number
            .filter(|number| *number <= REPETITIONS)
            .ok_or_else(|| self.wrong(&format!("a number up to {REPETITIONS}")))?;
        self.at += digits;
        Ok(number)
    }

    /// A rule for `least` to `most` of these, written out.
    fn repeated(&mut self, items: Vec<Item>, least: u32, most: Option<u32>) -> Result<Item> {
        let rest = match most {
            // What is left is optional, and each further one needs the one before.
            Some(most) => {
                let mut rest: Option<RuleId> = None;
                for _ in least..most {
                    self.spend(items.len() + 1)?;
                    let mut sequence = items.clone();
                    sequence.extend(rest.map(Item::Rule));
                    rest = Some(self.new_rule(vec![sequence, Alternative::new()]));
                }
                rest.map(Item::Rule)
            }
            None => {
                self.spend(items.len() + 1)?;
                let rule = self.new_rule(Vec::new());
                let mut sequence = items.clone();
                sequence.push(Item::Rule(rule));
                self.define(rule, vec![sequence, Alternative::new()]);
                Some(Item::Rule(rule))
            }
        };
        let mut sequence = Alternative::new();
        for _ in 0..least {
            self.take(&mut sequence, items.clone())?;
        }
        sequence.extend(rest);
        Ok(Item::Rule(self.new_rule(vec![sequence])))
    }

    fn take(&mut self, sequence: &mut Alternative, items: Vec<Item>) -> Result<()> {
        self.spend(items.len())?;
        sequence.extend(items);
        Ok(())
    }

    fn spend(&mut self, steps: usize) -> Result<()> {
        self.count += steps;
        if self.count > STEPS {
            return Err(Error::too_large(format!(
                "the grammar has more than {STEPS} steps"
            )));
        }
        Ok(())
    }

    fn literal(&mut self) -> Result<Vec<Item>> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            match self.peek() {
                Some('"') => break,
                Some(_) => {
                    let letter = self.character()?;
                    items.push(Item::Characters([(letter, letter)].into()));
                }
                None => return Err(self.wrong("`\"`")),
            }
        }
        self.at += 1;
        Ok(items)
    }

    fn class(&mut self) -> Result<Vec<(u32, u32)>> {
        self.at += 1;
        let negated = self.peek() == Some('^');
        if negated {
            self.at += 1;
        }
        let mut ranges = Vec::new();
        loop {
            match self.peek() {
                Some(']') => break,
                Some(_) => {
                    let first = self.character()?;
                    let mut last = first;
                    let mut ahead = self.rest().chars();
                    if ahead.next() == Some('-') && ahead.next() != Some(']') {
                        self.at += 1;
                        last = self.character()?;
                    }
                    if last < first {
                        return Err(self.wrong("a range that goes up"));
                    }
                    ranges.push((first, last));
                }
                None => return Err(self.wrong("`]`")),
            }
        }
        self.at += 1;
        let ranges = merged(ranges);
        Ok(if negated { complement(&ranges) } else { ranges })
    }

    /// A character, or what an escape stands for.
    fn character(&mut self) -> Result<u32> {
        let letter = self.peek().ok_or_else(|| self.wrong("a character"))?;
        self.at += letter.len_utf8();
        if letter != '\\' {
            return Ok(letter as u32);
        }
        let escape = self.peek().ok_or_else(|| self.wrong("an escape"))?;
        self.at += escape.len_utf8();
        Ok(match escape {
            'x' => self.hexadecimal(2)?,
            'u' => self.hexadecimal(4)?,
            'U' => self.hexadecimal(8)?,
            't' => '\t' as u32,
            'r' => '\r' as u32,
            'n' => '\n' as u32,
            '\\' | '"' | '[' | ']' | '-' | '^' => escape as u32,
            _ => return Err(self.wrong("a known escape")),
        })
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u32> {
        let number = self
            .rest()
            .get(..digits)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .filter(|number| *number <= LAST)
            .ok_or_else(|| self.wrong(&format!("{digits} hexadecimal digits")))?;
        self.at += digits;
        Ok(number)
    }

    fn name(&mut self) -> Result<String> {
        let rest = self.rest();
        let length = rest
            .find(|letter: char| !is_name(letter))
            .unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default().to_owned();
        if name.is_empty() {
            return Err(self.wrong("the name of a rule"));
        }
        self.at += length;
        Ok(name)
    }

    /// Skips spaces and comments, and ends of lines where they mean nothing.
    fn space(&mut self, newlines: bool) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => self.at += 1,
                Some('\r' | '\n') if newlines => self.at += 1,
                Some('#') => {
                    let rest = self.rest();
                    self.at += rest.find(['\r', '\n']).unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn rule_named(&mut self, name: &str) -> RuleId {
        if let Some(rule) = self.names.get(name) {
            return *rule;
        }
        self.rules.push(None);
        let rule = self.rules.len() - 1;
        self.names.insert(name.to_owned(), rule);
        rule
    }

    fn new_rule(&mut self, alternatives: Vec<Alternative>) -> RuleId {
        self.rules.push(Some(alternatives));
        self.rules.len() - 1
    }

    fn define(&mut self, rule: RuleId, alternatives: Vec<Alternative>) {
        if let Some(slot) = self.rules.get_mut(rule) {
            *slot = Some(alternatives);
        }
    }

    fn wrong(&self, expected: &str) -> Error {
        let line = self
            .text
            .get(..self.at)
            .map_or(0, |before| before.matches('\n').count());
        let found: String = self.rest().chars().take(12).collect();
        let found = if found.is_empty() {
            "the end".to_owned()
        } else {
            format!("`{}`", found.escape_debug())
        };
        Error::invalid_argument(format!(
            "line {} of the grammar has {found} where {expected} is expected",
            line + 1
        ))
    }

    /// Lays the rules out one after the other.
    fn finish(self) -> Result<Rules> {
        let root = *self
            .names
            .get("root")
            .ok_or_else(|| Error::invalid_argument("the grammar has no rule `root`"))?;
        for (name, rule) in &self.names {
            if self.rules.get(*rule).is_none_or(Option::is_none) {
                return Err(Error::invalid_argument(format!(
                    "the grammar has no rule `{}`",
                    name.escape_debug()
                )));
            }
        }
        let rules: Vec<Vec<Alternative>> = self
            .rules
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect();
        not_left_recursive(&rules)?;
        let mut laid = Rules {
            root,
            ..Rules::default()
        };
        for alternatives in rules {
            let mut starts = Vec::with_capacity(alternatives.len());
            for alternative in alternatives {
                starts.push(Position::try_from(laid.steps.len()).unwrap_or(Position::MAX));
                laid.steps
                    .extend(alternative.into_iter().map(|item| match item {
                        Item::Characters(ranges) => Step::Characters(ranges),
                        Item::Rule(rule) => Step::Rule(rule),
                    }));
                laid.steps.push(Step::End);
            }
            laid.alternatives.push(starts);
        }
        Ok(laid)
    }
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match merged.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => merged.push((first, last)),
        }
    }
    merged
}

fn complement(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut others = Vec::with_capacity(ranges.len() + 1);
    let mut next = 0;
    for (first, last) in ranges {
        if next < *first {
            others.push((next, first - 1));
        }
        next = last + 1;
    }
    if next <= LAST {
        others.push((next, LAST));
    }
    others
}
