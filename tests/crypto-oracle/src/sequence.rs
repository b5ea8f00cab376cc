//! Sequences of calls.

use crate::damage::Source;
use crate::exchange::Exchange;
use crate::signatures::Signatures;
use crate::symmetric::Symmetric;
use crate::world::{Difference, Report, World};

/// Makes calls of the bytes until they are used up.
///
/// # Errors
/// The first [`Difference`] that is not known.
pub fn run(bytes: &[u8]) -> Result<Report, Difference> {
    let (mut world, mut source) = (World::new(), Source::new(bytes));
    let (mut symmetric, mut signatures, mut exchange) = (
        Symmetric::default(),
        Signatures::default(),
        Exchange::default(),
    );
    while !source.is_empty() {
        match source.number(0, 15) {
            0..=11 => symmetric.step(&mut world, &mut source)?,
            12..=14 => signatures.step(&mut world, &mut source)?,
            _ => exchange.step(&mut world, &mut source)?,
        }
    }
    Ok(world.report)
}

/// The bytes of a seed, some hundreds.
#[must_use]
pub fn sequence_of(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0xd134_2543_de82_ef95);
    let mut next = || {
        // splitmix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    };
    let words = 16 + next() % 64;
    (0..words).flat_map(|_| next().to_le_bytes()).collect()
}
