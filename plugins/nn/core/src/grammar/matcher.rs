//! Follows a grammar, character by character.

use std::collections::{HashMap, HashSet};

use super::{Grammar, Position, RuleId, Rules, Step};
use crate::{Cancel, Error, Result};

/// The most ways at once in which a text can be meant. More are a mistake, or malice.
const WAYS: usize = 4096;
/// Cells looked at to take a token, at most.
const WORK: u64 = 1 << 20;
/// The same to learn which tokens may come, for each token that there is: several times what a grammar takes that allows
/// most of them. Whoever shares the model waits meanwhile.
const WORK_PER_TOKEN: u64 = 64;
/// How much is done between two looks at whether it is still wanted.
const UNINTERRUPTED: u64 = 1 << 16;
/// The most stack cells at once.
const CELLS: usize = 1 << 18;

/// A cell of a stack: where to go on once what is above is done. Stacks share their lower parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Cell {
    position: Position,
    below: CellId,
}

type CellId = u32;

/// The bottom of every stack: the text may end here.
const BOTTOM: CellId = 0;

/// Where a text stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct State {
    /// The tops of the stacks: each waits for a character, or is the bottom.
    tops: Vec<CellId>,
    /// The first bytes of a character whose last bytes are still to come.
    partial: Vec<u8>,
}

/// A text that follows a grammar.
pub(crate) struct Matcher {
    grammar: Grammar,
    cells: Vec<Cell>,
    known: HashMap<Cell, CellId>,
    state: State,
    /// How much may still be done for what is being done.
    work: u64,
    cancel: Cancel,
}

/// What a step has come to: no cell, and no rule in the same place, is followed twice.
#[derive(Default)]
struct Settled {
    tops: HashSet<CellId>,
    seen: HashSet<Cell>,
    entered: HashSet<(RuleId, CellId)>,
}

/// The tokens' bytes, sorted, so that those with a common beginning are looked at together.
pub(crate) struct Vocabulary {
    /// Bytes and the token's number. Tokens without bytes, which control, are not among them.
    tokens: Vec<(Vec<u8>, u32)>,
    size: usize,
}

impl Vocabulary {
    pub(crate) fn new(tokens: impl Iterator<Item = (u32, Vec<u8>)>, size: usize) -> Self {
        let mut tokens: Vec<(Vec<u8>, u32)> = tokens
            .filter(|(_, bytes)| !bytes.is_empty())
            .map(|(token, bytes)| (bytes, token))
            .collect();
        tokens.sort_unstable();
        Self { tokens, size }
    }
}

impl Matcher {
    /// Follows the grammar until that is cancelled.
    ///
    /// # Errors
    ///
    /// `too-large` if the grammar is too ambiguous.
    pub(crate) fn new(grammar: &Grammar, cancel: &Cancel) -> Result<Self> {
        let mut matcher = Self {
            grammar: grammar.clone(),
            cells: Vec::new(),
            known: HashMap::new(),
            state: State::default(),
            work: WORK,
            cancel: cancel.clone(),
        };
        matcher.clear();
        let mut settled = Settled::default();
        let starts = matcher
            .rules()
            .alternatives
            .get(matcher.rules().root)
            .cloned();
        for start in starts.unwrap_or_default() {
            matcher.settle(start, BOTTOM, &mut settled)?;
        }
        matcher.state.tops = sorted(settled.tops);
        Ok(matcher)
    }

    /// Counts what is done.
    fn spend(&mut self, work: usize) -> Result<()> {
        let left = self.work.checked_sub(work as u64).ok_or_else(|| {
            Error::too_large("the grammar can be meant in too many ways to be followed in time")
        })?;
        if left / UNINTERRUPTED != self.work / UNINTERRUPTED {
            self.cancel.check()?;
        }
        self.work = left;
        Ok(())
    }

    fn rules(&self) -> &Rules {
        &self.grammar.rules
    }

    /// Forgets all stacks.
    fn clear(&mut self) {
        self.known.clear();
        self.cells.clear();
        self.cells.push(Cell {
            position: Position::MAX,
            below: BOTTOM,
        });
    }

    /// Goes on with these bytes. False, and nothing happens, if the grammar does not allow them.
    pub(crate) fn accept(&mut self, bytes: &[u8]) -> Result<bool> {
        self.work = WORK;
        let mut state = self.state.clone();
        for byte in bytes {
            match self.stepped(&state, *byte)? {
                Some(next) => state = next,
                None => return Ok(false),
            }
            if self.cells.len() > CELLS / 2 {
                state = self.compacted(&state);
            }
        }
        self.state = self.compacted(&state);
        Ok(true)
    }

    /// Whether the text may end here.
    pub(crate) fn may_end(&self) -> bool {
        self.state.partial.is_empty() && self.state.tops.contains(&BOTTOM)
    }

    /// Which tokens may come next, by number.
    pub(crate) fn allowed(&mut self, vocabulary: &Vocabulary) -> Result<Vec<bool>> {
        self.work = WORK_PER_TOKEN
            .saturating_mul(vocabulary.size as u64)
            .max(WORK);
        let mut allowed = vec![false; vocabulary.size];
        // The states after each byte of the token before.
        let mut path: Vec<State> = vec![self.state.clone()];
        let mut before: &[u8] = &[];
        let mut index = 0;
        while let Some((bytes, token)) = vocabulary.tokens.get(index) {
            let common = before
                .iter()
                .zip(bytes)
                .take_while(|(one, other)| one == other)
                .count();
            path.truncate(common + 1);
            let mut failed_at = None;
            for at in path.len() - 1..bytes.len() {
                let (Some(state), Some(byte)) = (path.last(), bytes.get(at)) else {
                    break;
                };
                match self.stepped(&state.clone(), *byte)? {
                    Some(next) => path.push(next),
                    None => {
                        failed_at = Some(at);
                        break;
                    }
                }
            }
            before = bytes;
            index += 1;
            match failed_at {
                None => {
                    if let Some(slot) = usize::try_from(*token)
                        .ok()
                        .and_then(|token| allowed.get_mut(token))
                    {
                        *slot = true;
                    }
                }
                // All others that begin like this fail as well.
                Some(at) => {
                    let prefix = bytes.get(..=at).unwrap_or_default();
                    let rest = vocabulary.tokens.get(index..).unwrap_or_default();
                    index += rest.partition_point(|(other, _)| other.starts_with(prefix));
                    before = prefix.get(..at).unwrap_or_default();
                }
            }
        }
        let state = self.state.clone();
        self.state = self.compacted(&state);
        Ok(allowed)
    }

    /// The state after another byte, if the grammar allows it.
    fn stepped(&mut self, state: &State, byte: u8) -> Result<Option<State>> {
        let mut bytes = state.partial.clone();
        bytes.push(byte);
        let Some((first, last, complete)) = characters(&bytes) else {
            return Ok(None);
        };
        self.spend(state.tops.len() + 1)?;
        let mut waiting = Vec::new();
        for top in &state.tops {
            let Some(cell) = self.cell(*top) else {
                continue;
            };
            if let Some(Step::Characters(ranges)) = self.step(cell.position)
                && overlap(ranges, first, last)
            {
                waiting.push(cell);
            }
        }
        if waiting.is_empty() {
            return Ok(None);
        }
        if !complete {
            return Ok(Some(State {
                tops: state.tops.clone(),
                partial: bytes,
            }));
        }
        let mut settled = Settled::default();
        for cell in waiting {
            self.settle(cell.position + 1, cell.below, &mut settled)?;
        }
        Ok(Some(State {
            tops: sorted(settled.tops),
            partial: Vec::new(),
        }))
    }

    /// Goes into rules and out of them until characters are waited for.
    fn settle(&mut self, position: Position, below: CellId, settled: &mut Settled) -> Result<()> {
        let mut pending = vec![Cell { position, below }];
        while let Some(cell) = pending.pop() {
            self.spend(1)?;
            if !settled.seen.insert(cell) {
                continue;
            }
            if settled.tops.len() > WAYS {
                return Err(too_ambiguous());
            }
            match self.step(cell.position) {
                Some(Step::Characters(_)) => {
                    let top = self.intern(cell)?;
                    settled.tops.insert(top);
                }
                Some(Step::Rule(rule)) => {
                    let rule = *rule;
                    let below = self.below(cell)?;
                    if !settled.entered.insert((rule, below)) {
                        continue;
                    }
                    let starts = self.rules().alternatives.get(rule).into_iter().flatten();
                    pending.extend(starts.map(|position| Cell {
                        position: *position,
                        below,
                    }));
                }
                Some(Step::End) | None if cell.below == BOTTOM => {
                    settled.tops.insert(BOTTOM);
                }
                Some(Step::End) | None => pending.extend(self.cell(cell.below)),
            }
        }
        Ok(())
    }

    /// Where to go on after the rule that this cell is at. What ends right after needs no cell of its own: endless
    /// repetition would pile them up.
    fn below(&mut self, cell: Cell) -> Result<CellId> {
        let next = cell.position + 1;
        match self.step(next) {
            Some(Step::End) | None => Ok(cell.below),
            Some(_) => self.intern(Cell {
                position: next,
                below: cell.below,
            }),
        }
    }

    fn step(&self, position: Position) -> Option<&Step> {
        self.rules().steps.get(usize::try_from(position).ok()?)
    }

    /// A cell other than the bottom.
    fn cell(&self, id: CellId) -> Option<Cell> {
        if id == BOTTOM {
            return None;
        }
        self.cells.get(usize::try_from(id).ok()?).copied()
    }

    fn intern(&mut self, cell: Cell) -> Result<CellId> {
        if let Some(id) = self.known.get(&cell) {
            return Ok(*id);
        }
        if self.cells.len() >= CELLS {
            return Err(too_ambiguous());
        }
        let id = CellId::try_from(self.cells.len()).map_err(|_| too_ambiguous())?;
        self.cells.push(cell);
        self.known.insert(cell, id);
        Ok(id)
    }

    /// The same state with no other cells than its own.
    fn compacted(&mut self, state: &State) -> State {
        let old = std::mem::take(&mut self.cells);
        self.clear();
        let mut moved: HashMap<CellId, CellId> = HashMap::from([(BOTTOM, BOTTOM)]);
        let mut tops = Vec::with_capacity(state.tops.len());
        for top in &state.tops {
            // Cells only refer to earlier ones, so walking down ends.
            let mut chain = Vec::new();
            let mut id = *top;
            while !moved.contains_key(&id) {
                let Some(cell) = usize::try_from(id).ok().and_then(|at| old.get(at)) else {
                    break;
                };
                chain.push((id, *cell));
                id = cell.below;
            }
            for (id, cell) in chain.into_iter().rev() {
                let below = moved.get(&cell.below).copied().unwrap_or(BOTTOM);
                let new = CellId::try_from(self.cells.len()).unwrap_or(BOTTOM);
                let cell = Cell { below, ..cell };
                self.cells.push(cell);
                self.known.insert(cell, new);
                moved.insert(id, new);
            }
            tops.extend(moved.get(top));
        }
        State {
            tops,
            partial: state.partial.clone(),
        }
    }
}

fn sorted(tops: HashSet<CellId>) -> Vec<CellId> {
    let mut tops: Vec<CellId> = tops.into_iter().collect();
    tops.sort_unstable();
    tops
}

fn too_ambiguous() -> Error {
    Error::too_large("the grammar is too ambiguous or too deep to be followed")
}

fn overlap(ranges: &[(u32, u32)], first: u32, last: u32) -> bool {
    let after = ranges.partition_point(|(_, end)| *end < first);
    ranges.get(after).is_some_and(|(start, _)| *start <= last)
}

/// The characters that these bytes are the beginning of, first and last, and whether they are one already. `None` if
/// they are no UTF-8.
fn characters(bytes: &[u8]) -> Option<(u32, u32, bool)> {
    let (lead, rest) = bytes.split_first()?;
    let (length, bits) = match lead {
        0x00..=0x7f => (1, u32::from(*lead)),
        0xc2..=0xdf => (2, u32::from(lead & 0x1f)),
        0xe0..=0xef => (3, u32::from(lead & 0x0f)),
        0xf0..=0xf4 => (4, u32::from(lead & 0x07)),
        _ => return None,
    };
    if bytes.len() > length {
        return None;
    }
    let mut bits = bits;
    for byte in rest {
        if byte & 0xc0 != 0x80 {
            return None;
        }
        bits = bits << 6 | u32::from(byte & 0x3f);
    }
    let missing = 6 * u32::try_from(length - bytes.len()).ok()?;
    let (mut first, mut last) = (bits << missing, (bits << missing) | ((1 << missing) - 1));
    // Longer forms of shorter characters, and what lies past the last, are no characters.
    first = first.max([0, 0, 0x80, 0x800, 0x1_0000].get(length).copied()?);
    last = last.min(char::MAX as u32);
    (first <= last).then_some((first, last, missing == 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;

    /// All words of three letters, and no others.
    fn vocabulary() -> Vocabulary {
        let letters = || b'a'..=b'z';
        let words = letters().flat_map(|one| {
            letters().flat_map(move |two| letters().map(move |three| vec![one, two, three]))
        });
        let words: Vec<Vec<u8>> = words.collect();
        let size = words.len();
        Vocabulary::new((0..).zip(words), size)
    }

    fn ambiguous() -> Grammar {
        let alternatives = vec!["[a-z] root"; 4000].join(" | ");
        Grammar::from_gbnf(&format!("root ::= {alternatives}")).unwrap()
    }

    #[test]
    fn a_token_is_allowed_if_the_grammar_has_it() {
        let grammar = Grammar::from_gbnf("root ::= [ab]* \"c\"").unwrap();
        let mut matcher = Matcher::new(&grammar, &Cancel::new()).unwrap();
        let allowed = matcher.allowed(&vocabulary()).unwrap();
        assert_eq!(allowed.iter().filter(|allowed| **allowed).count(), 12);
    }

    #[test]
    fn work_has_an_end() {
        let mut matcher = Matcher::new(&ambiguous(), &Cancel::new()).unwrap();
        let error = matcher.allowed(&vocabulary()).unwrap_err();
        assert_eq!(error.code(), crate::Code::TooLarge);
    }

    #[test]
    fn what_is_cancelled_ends() {
        let cancel = Cancel::new();
        let mut matcher = Matcher::new(&ambiguous(), &cancel).unwrap();
        cancel.cancel(Reason::Timeout);
        let error = matcher.allowed(&vocabulary()).unwrap_err();
        assert_eq!(error.code(), crate::Code::Timeout);
    }
}
