//! Where outputs are made before the guest has its copy.
//!
//! The Canonical ABI asks the guest for room when a result is lowered, after the work, so an output is made elsewhere and copied
//! once. Where it is made stays from call to call: new memory would have to be cleared, or the input copied into it, before the
//! cipher writes there, and given back afterwards.

use std::sync::Arc;

use zeroize::Zeroize;

/// An output on its way to the guest.
pub(crate) type Output = Arc<Vec<u8>>;

/// A buffer for outputs, which is wiped at its end.
#[derive(Debug, Default)]
pub(crate) struct OutputBuffer(Option<Output>);

impl OutputBuffer {
    /// The longest that is kept when it is not used: a MiB, with a tag.
    const KEPT: usize = (1 << 20) + (1 << 10);

    /// So many bytes, of which nobody knows what is in them.
    pub(super) fn room(&mut self, length: usize) -> &mut Vec<u8> {
        let free = self
            .0
            .take()
            .filter(|output| Arc::strong_count(output) == 1);
        let output = self.0.insert(free.unwrap_or_default());
        // Nobody else has it, so this copies nothing.
        let bytes = Arc::make_mut(output);
        if bytes.capacity() < length {
            // What is in it need not move along.
            bytes.zeroize();
        }
        bytes.resize(length, 0);
        bytes
    }

    /// What is in it. As long as that is there, the next output is made elsewhere.
    pub(super) fn output(&mut self) -> Output {
        match self.0.take_if(|output| output.capacity() > Self::KEPT) {
            Some(output) => output,
            None => self.0.clone().unwrap_or_default(),
        }
    }
}

impl Drop for OutputBuffer {
    fn drop(&mut self) {
        if let Some(bytes) = self.0.as_mut().and_then(Arc::get_mut) {
            bytes.zeroize();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_memory_is_used_once_an_output_is_gone() {
        let mut buffer = OutputBuffer::default();
        buffer.room(1000).fill(7);
        let first = buffer.output();
        let place = first.as_ptr();
        buffer.room(10).fill(8);
        let second = buffer.output();
        assert_ne!(second.as_ptr(), place);
        assert_eq!((&first[..], &second[..]), (&[7; 1000][..], &[8; 10][..]));
        let place = second.as_ptr();
        drop((first, second));
        buffer.room(5).fill(9);
        let third = buffer.output();
        assert_eq!((third.as_ptr(), &third[..]), (place, &[9; 5][..]));
    }

    #[test]
    fn what_is_very_long_is_not_kept() {
        let mut buffer = OutputBuffer::default();
        buffer.room(2 << 20).fill(1);
        drop(buffer.output());
        assert!(buffer.0.is_none());
        assert!(buffer.output().is_empty());
        buffer.room(1 << 20).fill(1);
        drop(buffer.output());
        assert!(buffer.0.is_some());
    }
}
