//! Precompiled artifacts: ELF files that the engine wrote. Only sizes are read here; nothing is trusted or loaded.

use super::error::InspectError;
use super::report::{DebugInfo, DwarfSection, Section};

/// What the headers of an artifact tell.
pub(super) struct Artifact {
    pub(super) sections: Vec<Section>,
    pub(super) debug_info: DebugInfo,
    /// The machine that it was compiled for, as far as ELF tells.
    pub(super) machine: String,
}

/// Reads the section headers of a 64-bit little-endian ELF file, the only kind that the engine writes.
pub(super) fn read(bytes: &[u8], max_list: usize) -> Result<Artifact, InspectError> {
    let damaged = |message: &str| InspectError::Precompiled {
        message: message.to_owned(),
    };
    let ident = bytes
        .first_chunk::<64>()
        .ok_or_else(|| damaged("the file is shorter than an ELF header"))?;
    if ident.get(4) != Some(&2) || ident.get(5) != Some(&1) {
        return Err(damaged("it is not a 64-bit little-endian ELF file"));
    }
    let machine = match u16_at(bytes, 18).unwrap_or_default() {
        0 => "an interpreter (Pulley)".to_owned(),
        22 => "s390x".to_owned(),
        62 => "x86-64".to_owned(),
        183 => "AArch64".to_owned(),
        243 => "RISC-V".to_owned(),
        other => format!("ELF machine {other}"),
    };
    let table = u64_at(bytes, 0x28).ok_or_else(|| damaged("it has no section table"))?;
    let (size, count, names) = (
        u16_at(bytes, 0x3a),
        u16_at(bytes, 0x3c),
        u16_at(bytes, 0x3e),
    );
    let (Some(64), Some(count), Some(names)) = (size, count, names) else {
        return Err(damaged("its section table has entries of an unknown size"));
    };
    let header = |index: u16| -> Option<Header> {
        let at = usize::try_from(table)
            .ok()?
            .checked_add(usize::from(index) * 64)?;
        let entry = bytes.get(at..at.checked_add(64)?)?;
        Some(Header {
            name: u32_at(entry, 0)?,
            no_bits: u32_at(entry, 4)? == 8,
            offset: u64_at(entry, 0x18)?,
            size: u64_at(entry, 0x20)?,
        })
    };
    let strings = header(names).ok_or_else(|| damaged("its section table is cut off"))?;
    let mut artifact = Artifact {
        sections: Vec::new(),
        debug_info: DebugInfo::default(),
        machine,
    };
    let mut end = table.saturating_add(u64::from(count) * 64);
    for index in 1..count {
        let Some(header) = header(index) else {
            return Err(damaged("its section table is cut off"));
        };
        if header.no_bits {
            continue;
        }
        let last = header
            .offset
            .checked_add(header.size)
            .filter(|last| *last <= bytes.len() as u64);
        end = end.max(last.ok_or_else(|| damaged("a section reaches beyond the end of the file"))?);
        let name = string(bytes, strings.offset, header.name);
        if name.starts_with(".debug_") {
            artifact.debug_info.dwarf.push(DwarfSection {
                name: name.clone(),
                size: header.size,
            });
        }
        if artifact.sections.len() < max_list {
            artifact.sections.push(Section {
                path: name,
                depth: 0,
                size: header.size,
                offset: header.offset,
                count: 1,
            });
        }
    }
    let trailer = (bytes.len() as u64).saturating_sub(end);
    if trailer > 0 {
        artifact.sections.push(Section {
            path: "trailer".to_owned(),
            depth: 0,
            size: trailer,
            offset: end,
            count: 1,
        });
    }
    Ok(artifact)
}

struct Header {
    name: u32,
    /// The section takes no bytes of the file.
    no_bits: bool,
    offset: u64,
    size: u64,
}

/// A name from the table of strings, cut to a length that section names have.
fn string(bytes: &[u8], table: u64, at: u32) -> String {
    let start = usize::try_from(table.saturating_add(u64::from(at))).unwrap_or(usize::MAX);
    let rest = bytes.get(start..).unwrap_or_default();
    let name = rest
        .iter()
        .take(64)
        .take_while(|byte| **byte != 0)
        .copied()
        .collect::<Vec<_>>();
    crate::printable::shown(&String::from_utf8_lossy(&name)).into_owned()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|chunk| u16::from_le_bytes(*chunk))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|chunk| u32::from_le_bytes(*chunk))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|chunk| u64::from_le_bytes(*chunk))
}
