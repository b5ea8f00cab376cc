//! A shared library, written byte by byte: a name, and functions that jump to addresses of this process.
//!
//! It has what dynamic linkers ask for and no more: three segments (symbols to read, code, and the dynamic section,
//! which the linker writes to), no sections and no relocations. The stack is declared as not executable, or newer C
//! libraries refuse the file.

/// The processors for which there is an image. That for ARM64 was never run, only taken apart again by the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Machine {
    X86_64,
    Aarch64,
}

impl Machine {
    /// The one that this program runs on.
    pub(super) fn here() -> Option<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Machine::X86_64),
            "aarch64" => Some(Machine::Aarch64),
            _ => None,
        }
    }

    /// The machine's number in ELF.
    fn number(self) -> u16 {
        match self {
            Machine::X86_64 => 62,
            Machine::Aarch64 => 183,
        }
    }

    /// The largest page that its kernels use.
    fn page(self) -> usize {
        match self {
            Machine::X86_64 => 1 << 12,
            Machine::Aarch64 => 1 << 16,
        }
    }

    /// Jumps to an address with a register that calls may change.
    fn jump(self, address: usize) -> [u8; JUMP] {
        let [a, b, c, d, e, f, g, h] = (address as u64).to_le_bytes();
        match self {
            // movabs r11, address; jmp r11; int3 …
            Machine::X86_64 => [
                0x49, 0xBB, a, b, c, d, e, f, g, h, 0x41, 0xFF, 0xE3, 0xCC, 0xCC, 0xCC,
            ],
            // ldr x16, .+8; br x16; the address
            Machine::Aarch64 => [
                0x50, 0x00, 0x00, 0x58, 0x00, 0x02, 0x1F, 0xD6, a, b, c, d, e, f, g, h,
            ],
        }
    }
}

/// Bytes of a jump, on all machines.
const JUMP: usize = 16;
const FILE_HEADER: usize = 64;
const PROGRAM_HEADER: usize = 56;
const SYMBOL: usize = 24;
/// Read-only data, code, dynamic section as segment and as such, and the stack.
const PROGRAM_HEADERS: usize = 5;

/// Bytes in little-endian order.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn u16(&mut self, values: &[u16]) -> &mut Self {
        values.iter().for_each(|v| self.0.extend(v.to_le_bytes()));
        self
    }

    fn u32(&mut self, values: &[u32]) -> &mut Self {
        values.iter().for_each(|v| self.0.extend(v.to_le_bytes()));
        self
    }

    fn u64(&mut self, values: &[usize]) -> &mut Self {
        values
            .iter()
            .for_each(|v| self.0.extend((*v as u64).to_le_bytes()));
        self
    }

    fn pad_to(&mut self, offset: usize) {
        self.0.resize(offset, 0);
    }
}

/// Writes the library. Addresses within the file and in memory are the same.
pub(super) fn library(machine: Machine, soname: &str, functions: &[(&str, usize)]) -> Vec<u8> {
    let page = machine.page();
    let mut strings = vec![0];
    let mut string = |text: &str| {
        let offset = strings.len();
        strings.extend_from_slice(text.as_bytes());
        strings.push(0);
        offset
    };
    let soname = string(soname);
    let names: Vec<usize> = functions.iter().map(|(name, _)| string(name)).collect();

    let symbols_at = FILE_HEADER + PROGRAM_HEADER * PROGRAM_HEADERS;
    let symbol_count = functions.len() + 1;
    let hash_at = symbols_at + SYMBOL * symbol_count;
    let hash = hash_table(functions);
    let strings_at = hash_at + hash.len();
    let data_end = strings_at + strings.len();
    let code_at = data_end.next_multiple_of(page);
    let code_size = JUMP * functions.len();
    let dynamic_at = (code_at + code_size).next_multiple_of(page);

    let mut dynamic = Bytes::default();
    for (tag, value) in [
        (14, soname),        // DT_SONAME
        (4, hash_at),        // DT_HASH
        (5, strings_at),     // DT_STRTAB
        (6, symbols_at),     // DT_SYMTAB
        (10, strings.len()), // DT_STRSZ
        (11, SYMBOL),        // DT_SYMENT
        (0, 0),              // DT_NULL
    ] {
        dynamic.u64(&[tag, value]);
    }

    let mut file = Bytes(b"\x7fELF\x02\x01\x01".to_vec());
    file.pad_to(16);
    // A shared object; no entry point, no sections.
    file.u16(&[3, machine.number()])
        .u32(&[1])
        .u64(&[0, FILE_HEADER, 0])
        .u32(&[0]);
    file.u16(&[
        FILE_HEADER as u16,
        PROGRAM_HEADER as u16,
        PROGRAM_HEADERS as u16,
        64,
        0,
        0,
    ]);
    const LOAD: u32 = 1;
    const DYNAMIC: u32 = 2;
    const GNU_STACK: u32 = 0x6474_E551;
    let (read, write, execute) = (4, 2, 1);
    let dynamic_size = dynamic.0.len();
    for (kind, flags, at, size, alignment) in [
        (LOAD, read, 0, data_end, page),
        (LOAD, read | execute, code_at, code_size, page),
        (LOAD, read | write, dynamic_at, dynamic_size, page),
        (DYNAMIC, read | write, dynamic_at, dynamic_size, 8),
        (GNU_STACK, read | write, 0, 0, 16),
    ] {
        file.u32(&[kind, flags])
            .u64(&[at, at, at, size, size, alignment]);
    }

    file.0.extend([0; SYMBOL]);
    for (place, name) in names.iter().enumerate() {
        // Global function, default visibility, in some section.
        file.u32(&[*name as u32]);
        file.0.extend([0x12, 0]);
        file.u16(&[1]).u64(&[code_at + JUMP * place, JUMP]);
    }
    file.0.extend(hash);
    file.0.extend(strings);
    file.pad_to(code_at);
    for (_, address) in functions {
        file.0.extend(machine.jump(*address));
    }
    file.pad_to(dynamic_at);
    file.0.extend(dynamic.0);
    file.0
}

/// The table of System V's ABI by which the linker finds symbols: symbol 0 is none, the functions follow.
fn hash_table(functions: &[(&str, usize)]) -> Vec<u8> {
    let buckets = functions.len().max(1);
    let mut first = vec![0u32; buckets];
    let mut next = vec![0u32; functions.len() + 1];
    for (place, (name, _)) in functions.iter().enumerate() {
        let symbol = place as u32 + 1;
        let bucket = hash(name) as usize % buckets;
        if let (Some(first), Some(next)) = (first.get_mut(bucket), next.get_mut(place + 1)) {
            *next = std::mem::replace(first, symbol);
        }
    }
    let mut table = Bytes::default();
    table
        .u32(&[buckets as u32, next.len() as u32])
        .u32(&first)
        .u32(&next);
    table.0
}

fn hash(name: &str) -> u32 {
    name.bytes().fold(0, |hash: u32, byte| {
        let hash = (hash << 4).wrapping_add(byte.into());
        let high = hash & 0xF000_0000;
        (hash ^ (high >> 24)) & !high
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _};
    use object::{Endianness, elf};

    const FUNCTIONS: [(&str, usize); 3] =
        [("alpha", 0x1122_3344_5566_7788), ("beta", 2), ("gamma", 3)];

    #[test]
    fn names_are_hashed_as_the_abi_says() {
        assert_eq!(hash("printf"), 0x077905a6);
        assert_eq!(hash(""), 0);
    }

    /// Reads the image as a dynamic linker does: by its dynamic section.
    fn entries(image: &[u8]) -> Vec<(i64, usize)> {
        let header = elf::FileHeader64::<Endianness>::parse(image).unwrap();
        let endian = header.endian().unwrap();
        header
            .program_headers(endian, image)
            .unwrap()
            .iter()
            .find_map(|header| header.dynamic(endian, image).unwrap())
            .unwrap()
            .iter()
            .map(|entry| (entry.d_tag(endian), entry.d_val(endian) as usize))
            .collect()
    }

    #[test]
    fn every_function_is_found_and_is_a_jump_to_its_address() {
        for machine in [Machine::X86_64, Machine::Aarch64] {
            let image = library(machine, "libx.so.0", &FUNCTIONS);
            let entry = |tag| {
                let entries = entries(&image);
                entries.iter().find(|(known, _)| *known == tag).unwrap().1
            };
            let text = |at: usize| {
                let bytes = &image[entry(elf::DT_STRTAB) + at..];
                bytes.split(|byte| *byte == 0).next().unwrap()
            };
            assert_eq!(text(entry(elf::DT_SONAME)), b"libx.so.0");
            let word = |at: usize| u32::from_le_bytes(image[at..at + 4].try_into().unwrap());
            let table = entry(elf::DT_HASH);
            let (buckets, count) = (word(table), word(table + 4));
            assert_eq!(count as usize, FUNCTIONS.len() + 1);
            for (name, address) in FUNCTIONS {
                let first = table + 8;
                let chain = first + 4 * buckets as usize;
                let mut symbol = word(first + 4 * (hash(name) % buckets) as usize);
                let at = loop {
                    assert_ne!(symbol, 0, "{name} is not in the table");
                    let at = entry(elf::DT_SYMTAB) + SYMBOL * symbol as usize;
                    if text(word(at) as usize) == name.as_bytes() {
                        break word(at + 8) as usize;
                    }
                    symbol = word(chain + 4 * symbol as usize);
                };
                assert_eq!(image[at..at + JUMP], machine.jump(address));
            }
        }
    }

    /// What the manuals of the processors say, for the one that the tests do not run on.
    #[test]
    fn jumps_are_encoded_as_the_manuals_say() {
        let jump = Machine::Aarch64.jump(0x1122_3344_5566_7788);
        // LDR (literal), 64 bits: 0x58000000 | (distance / 4) << 5 | register; BR: 0xD61F0000 | register << 5.
        assert_eq!(
            u32::from_le_bytes(jump[..4].try_into().unwrap()),
            0x5800_0000 | 2 << 5 | 16
        );
        assert_eq!(
            u32::from_le_bytes(jump[4..8].try_into().unwrap()),
            0xD61F_0000 | 16 << 5
        );
        assert_eq!(jump[8..], 0x1122_3344_5566_7788u64.to_le_bytes());
    }

    #[test]
    fn no_segment_can_be_written_and_executed() {
        let image = library(Machine::Aarch64, "libx.so.0", &FUNCTIONS);
        let header = elf::FileHeader64::<Endianness>::parse(&*image).unwrap();
        assert_eq!(
            header.e_machine(Endianness::Little),
            Machine::Aarch64.number()
        );
        for header in header.program_headers(Endianness::Little, &*image).unwrap() {
            let flags = header.p_flags(Endianness::Little);
            assert_ne!(flags & (elf::PF_W | elf::PF_X), elf::PF_W | elf::PF_X);
            let aligned = header.p_offset(Endianness::Little) % header.p_align(Endianness::Little);
            assert_eq!(aligned, 0);
        }
    }
}
