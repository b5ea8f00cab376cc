//! Memory as LiteRT wants it: at addresses that are multiples of 64, with room behind the end, since its kernels read a
//! few bytes further.

/// `LITERT_HOST_MEMORY_BUFFER_ALIGNMENT`.
const ALIGNMENT: usize = 64;

/// As much as there is.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; ALIGNMENT]);

const _: () = assert!(align_of::<Line>() == ALIGNMENT);

/// Bytes that stay where they are.
pub(super) struct Memory {
    lines: Box<[Line]>,
    size: usize,
}

impl Memory {
    /// Zeros, a line of them behind the end.
    pub(super) fn new(size: usize) -> Self {
        let lines = size.div_ceil(ALIGNMENT) + 1;
        Self {
            lines: vec![Line([0; ALIGNMENT]); lines].into_boxed_slice(),
            size,
        }
    }

    pub(super) fn copy_of(bytes: &[u8]) -> Self {
        let mut memory = Self::new(bytes.len());
        memory.fill(bytes);
        memory
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Copies as much as fits.
    pub(super) fn fill(&mut self, bytes: &[u8]) {
        let bytes = bytes.get(..self.size).unwrap_or(bytes);
        let (chunks, rest) = bytes.as_chunks::<ALIGNMENT>();
        let (whole, last) = self.lines.split_at_mut(chunks.len());
        for (line, chunk) in whole.iter_mut().zip(chunks) {
            line.0 = *chunk;
        }
        if let Some(line) = last.first_mut() {
            for (to, from) in line.0.iter_mut().zip(rest) {
                *to = *from;
            }
        }
    }

    pub(super) fn as_ptr(&self) -> *const u8 {
        self.lines.as_ptr().cast()
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut u8 {
        self.lines.as_mut_ptr().cast()
    }

    /// A copy of the bytes.
    pub(super) fn to_vec(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = Vec::with_capacity(self.lines.len() * ALIGNMENT);
        for line in &self.lines {
            bytes.extend_from_slice(&line.0);
        }
        bytes.truncate(self.size);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        for size in [0, 1, 63, 64, 65, 1000] {
            let bytes: Vec<u8> = (0..size).map(|number| number as u8).collect();
            let memory = Memory::copy_of(&bytes);
            assert_eq!(memory.to_vec(), bytes);
            assert!(memory.as_ptr().addr().is_multiple_of(64));
        }
        let mut memory = Memory::new(2);
        memory.fill(&[1, 2, 3]);
        assert_eq!(memory.to_vec(), [1, 2]);
    }
}
