//! Random values of random types go to a guest and come back, and hostile memory is read, without an engine.

use super::lift::{Encoding, take};
use super::lower::Lower;
use super::memory::Block;
use super::properties::{Choices, Guest, goes_there_and_back, is_read_or_refused};
use super::shape::{Number, Shape};

/// Marsaglia's xorshift: the same sequence on every machine.
struct Random(u64);

impl Choices for Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn what_goes_to_a_guest_comes_back() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3000 {
        goes_there_and_back(&mut random, false);
    }
}

#[test]
fn what_plugins_must_not_return_is_refused() {
    let mut random = Random(11);
    for _ in 0..3000 {
        goes_there_and_back(&mut random, true);
    }
}

#[test]
fn hostile_memory_is_an_error_and_nothing_else() {
    let mut random = Random(7);
    for _ in 0..3000 {
        let memory = (0..random.below(300))
            .map(|_| {
                // Small numbers make pointers that lead somewhere.
                let byte = random.next() as u8;
                if byte < 100 { 0 } else { byte }
            })
            .collect();
        is_read_or_refused(&mut random, memory);
    }
}

/// A plugin that returns what it was given hands the guest's own memory back, which moves meanwhile.
#[test]
fn the_guests_own_memory_comes_back_whole() {
    let shape = Shape::record([
        ("text".into(), Shape::string()),
        ("numbers".into(), Shape::list(Shape::number(Number::U16))),
    ]);
    let mut guest = Guest::new((0..=255).collect(), Encoding::Utf8);
    guest.memory[..16].copy_from_slice(&[b'h'; 16]);
    let mut value = Block::new(shape.native.size);
    let base = guest.memory.as_ptr() as u64;
    for (at, word) in [base, 16, base + 32, 50].into_iter().enumerate() {
        value.bytes_mut()[at * 8..][..8].copy_from_slice(&word.to_ne_bytes());
    }
    let expected: Vec<u8> = guest.memory[32..132].to_vec();
    let origin = super::foreign::range(&guest.memory);
    let offset = guest.place(4, 16);
    let mut lower = Lower {
        target: &mut guest,
        limit: 1 << 20,
        origin: Some(origin),
    };
    lower.store(&shape, (), value.bytes(), offset).unwrap();
    let start = |at| u32::from_le_bytes(take(&guest.memory, offset + at).unwrap()) as usize;
    assert_eq!(&guest.memory[start(0)..][..16], &[b'h'; 16]);
    assert_eq!(&guest.memory[start(8)..][..100], expected);
}
