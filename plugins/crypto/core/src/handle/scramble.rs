//! A keyed bijection of 32 bits.

/// Rounds of the Feistel network.
const ROUNDS: usize = 4;

/// Hides the order in which handles were given. It is no encryption, and need not be: what it hides from a session is the
/// session's own, and no two sessions have the same keys.
#[derive(Debug)]
pub(super) struct Scramble {
    keys: [u64; ROUNDS],
}

impl Scramble {
    pub(super) fn new(seed: [u64; 2]) -> Self {
        let [first, second] = seed;
        // Odd, so that multiplying with them loses nothing.
        Self {
            keys: [
                first | 1,
                second | 1,
                first.rotate_left(32) | 1,
                second.rotate_left(32) | 1,
            ],
        }
    }

    pub(super) fn hide(&self, plain: u32) -> u32 {
        let (mut left, mut right) = (plain >> 16, plain & 0xffff);
        for key in self.keys {
            (left, right) = (right, left ^ round(key, right));
        }
        left << 16 | right
    }

    pub(super) fn reveal(&self, hidden: u32) -> u32 {
        let (mut left, mut right) = (hidden >> 16, hidden & 0xffff);
        for key in self.keys.into_iter().rev() {
            (left, right) = (right ^ round(key, left), left);
        }
        left << 16 | right
    }
}

/// The upper half of a product depends on all bits below it.
fn round(key: u64, half: u32) -> u32 {
    let product = (u64::from(half) ^ (key >> 40)).wrapping_mul(key);
    ((product ^ product >> 29) >> 24 & 0xffff) as u32
}

#[cfg(test)]
mod tests {
    use super::Scramble;

    #[test]
    fn what_was_hidden_is_revealed() {
        let scramble = Scramble::new([0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210]);
        for plain in (0..=u32::MAX).step_by(65_521) {
            assert_eq!(scramble.reveal(scramble.hide(plain)), plain);
        }
    }

    #[test]
    fn other_keys_hide_otherwise() {
        let one = Scramble::new([1 << 60 | 7, 3 << 50]);
        let other = Scramble::new([1 << 59 | 7, 3 << 51]);
        assert!(
            (0..1000)
                .filter(|plain| one.hide(*plain) == other.hide(*plain))
                .count()
                < 3
        );
    }
}
