//! A guard against types nested so deep that decoding them would overflow the native stack.
//!
//! Component and instance types may be declared within each other. `wasmparser` decodes them by calling itself, without
//! a limit, so a few hundred kilobytes of nested declarations end the whole process. Everything here that hands a
//! component to it asks this module first, and whoever hands a component to an engine should too.

use wasmparser::{
    BinaryReader, ComponentAlias, ComponentExternName, ComponentImport, ComponentType,
    ComponentTypeRef, CoreType, Parser, Payload,
};

use crate::InspectError;

/// How deep modules and components may be nested.
pub(crate) const MAX_COMPONENT_DEPTH: usize = 32;
/// How deep component and instance types may be nested: deeper than tools write, and shallow for any stack.
pub(crate) const MAX_TYPE_DEPTH: usize = 64;

const COMPONENT_TYPE: u8 = 0x41;
const INSTANCE_TYPE: u8 = 0x42;

/// Checks that nothing in a binary is nested so deep that decoding it could overflow the stack.
///
/// Runs in a time proportional to the size and in constant memory. Core modules pass without being read further than
/// their sections' headers.
///
/// # Errors
///
/// [`InspectError::TooDeep`] with the place, or [`InspectError::Malformed`] if the file ends early or is damaged where
/// this looks; it is no replacement for validation.
pub fn check_nesting(bytes: &[u8]) -> Result<(), InspectError> {
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| InspectError::malformed(&error))? {
            Payload::ModuleSection {
                unchecked_range, ..
            }
            | Payload::ComponentSection {
                unchecked_range, ..
            } => {
                depth += 1;
                components(depth, MAX_COMPONENT_DEPTH, unchecked_range.start)?;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentTypeSection(section) => type_section(bytes, section.range())?,
            _ => {}
        }
    }
    Ok(())
}

/// Checks the depth of modules and components against `limit`.
pub(crate) fn components(depth: usize, limit: usize, offset: usize) -> Result<(), InspectError> {
    if depth > limit {
        return Err(InspectError::TooDeep {
            what: "modules and components",
            offset: offset as u64,
            limit,
        });
    }
    Ok(())
}

/// Checks one type section of a component, which stands at `range` in `bytes`.
pub(crate) fn type_section(
    bytes: &[u8],
    range: std::ops::Range<usize>,
) -> Result<(), InspectError> {
    let start = range.start;
    let Some(content) = bytes.get(range) else {
        return Ok(());
    };
    let mut reader = BinaryReader::new(content, start);
    match walk(&mut reader) {
        Ok(None) => Ok(()),
        Ok(Some(offset)) => Err(InspectError::TooDeep {
            what: "types",
            offset: offset as u64,
            limit: MAX_TYPE_DEPTH,
        }),
        Err(error) => Err(InspectError::malformed(&error)),
    }
}

/// Reads a type section with a stack of its own: for each open declaration list, how many declarations are left.
/// Returns the offset at which the nesting is too deep.
fn walk(reader: &mut BinaryReader<'_>) -> wasmparser::Result<Option<usize>> {
    let types = reader.read_var_u32()?;
    for _ in 0..types {
        let mut open: Vec<u32> = Vec::new();
        open.extend(enter(reader)?);
        while let Some(left) = open.last_mut() {
            let Some(rest) = left.checked_sub(1) else {
                open.pop();
                continue;
            };
            *left = rest;
            if let Some(declarations) = declaration(reader)? {
                if open.len() >= MAX_TYPE_DEPTH {
                    return Ok(Some(reader.original_position()));
                }
                open.push(declarations);
            }
        }
    }
    Ok(None)
}

/// Reads one declaration of a component or instance type. If it opens another such type, the number of its declarations.
fn declaration(reader: &mut BinaryReader<'_>) -> wasmparser::Result<Option<u32>> {
    let mut ahead = reader.clone();
    match ahead.read_u8()? {
        0x00 => {
            *reader = ahead;
            reader.read::<CoreType<'_>>()?;
        }
        0x01 => {
            *reader = ahead;
            return enter(reader);
        }
        0x02 => {
            *reader = ahead;
            reader.read::<ComponentAlias<'_>>()?;
        }
        0x03 => {
            *reader = ahead;
            reader.read::<ComponentImport<'_>>()?;
        }
        0x04 => {
            *reader = ahead;
            reader.read::<ComponentExternName<'_>>()?;
            reader.read::<ComponentTypeRef>()?;
        }
        // The decoder words the error better; it fails on the same byte, before it could nest.
        _ => {
            reader.read::<wasmparser::InstanceTypeDeclaration<'_>>()?;
        }
    }
    Ok(None)
}

/// Reads one type. For a component or instance type only its head, and the number of its declarations.
fn enter(reader: &mut BinaryReader<'_>) -> wasmparser::Result<Option<u32>> {
    let mut ahead = reader.clone();
    if matches!(ahead.read_u8()?, COMPONENT_TYPE | INSTANCE_TYPE) {
        *reader = ahead;
        return reader.read_var_u32().map(Some);
    }
    reader.read::<ComponentType<'_>>()?;
    Ok(None)
}
