//! Where choices and bytes come from, and how good bytes are made bad.

use arbitrary::Unstructured;

/// Choices, made from the bytes of a run. When those are used up, the first is always chosen.
pub(crate) struct Source<'a>(Unstructured<'a>);

impl<'a> Source<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(Unstructured::new(bytes))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number, both ends included.
    pub(crate) fn number(&mut self, from: usize, to: usize) -> usize {
        self.0.int_in_range(from..=to).unwrap_or(from)
    }

    /// True in one of so many cases.
    pub(crate) fn one_in(&mut self, cases: usize) -> bool {
        self.number(1, cases) == cases
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.number(0, choices.len() - 1)]
    }

    /// Where in a list something is taken, if it is not empty.
    pub(crate) fn place<T>(&mut self, list: &[T]) -> Option<usize> {
        (!list.is_empty()).then(|| self.number(0, list.len() - 1))
    }

    /// Bytes of that length.
    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        let (start, step) = (self.number(0, 255), self.number(0, 255));
        (0..len)
            .map(|place| (start + step * place + (place >> 8)) as u8)
            .collect()
    }

    /// A message, mostly short.
    pub(crate) fn message(&mut self) -> Vec<u8> {
        let most = match self.number(0, 9) {
            0 => 0,
            1..=6 => 80,
            7 | 8 => 400,
            _ => 5000,
        };
        let len = self.number(0, most);
        self.bytes(len)
    }

    /// By how much an output is too long, or too short: mostly it is not.
    pub(crate) fn misfit(&mut self) -> isize {
        match self.number(0, 19) {
            18 => -1,
            19 => 1,
            _ => 0,
        }
    }

    /// The bytes with one thing wrong; by chance it can be that nothing is.
    pub(crate) fn damaged(&mut self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        match self.number(0, 9) {
            0 => bytes.clear(),
            1 => bytes.push(self.number(0, 255) as u8),
            2 => bytes.truncate(self.number(0, good.len())),
            3 => bytes.fill(self.pick(&[0, 0xff])),
            4 => {
                // Numbers at the edge of their range begin, or end, with the same bytes.
                let from = self.number(0, good.len());
                let fill = self.pick(&[0, 0xff]);
                let len = self.number(0, good.len() - from);
                bytes[from..from + len].fill(fill);
            }
            _ => {
                if let Some(place) = self.place(good) {
                    bytes[place] ^= 1 << self.number(0, 7);
                }
            }
        }
        bytes
    }
}
