//! How many instances a component makes of itself, before anything is made of it.
//!
//! Components instantiate components, so a short chain of them, each using the one before twice, stands for
//! any number of instances. An engine that lays them all out in advance runs out of memory over it.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Instance, Parser, Payload,
};

use crate::inspect::InspectError;

/// A component that is being read: what it instantiates, and the components that it knows by number.
#[derive(Default)]
struct Scope {
    instances: u64,
    components: Vec<Option<u64>>,
}

/// Counts the core instances that the component makes, those of components within it included.
///
/// Where a component is handed in from elsewhere its own count is not known; the largest of the file stands for it.
///
/// # Errors
///
/// [`InspectError::Malformed`] if the bytes cannot be parsed, [`InspectError::TooDeep`] if there are more than `limit`.
pub fn check_instances(bytes: &[u8], limit: usize) -> Result<(), InspectError> {
    let mut scopes: Vec<Scope> = vec![Scope::default()];
    let mut in_module = false;
    let mut largest = 1_u64;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| InspectError::malformed(&error))?;
        match payload {
            Payload::Version { encoding, .. } => {
                in_module = encoding == wasmparser::Encoding::Module;
            }
            Payload::ComponentSection { .. } => scopes.push(Scope::default()),
            Payload::End(_) if in_module => in_module = false,
            Payload::End(_) => {
                if let Some(done) = scopes.pop() {
                    largest = largest.max(done.instances);
                    match scopes.last_mut() {
                        Some(parent) => parent.components.push(Some(done.instances)),
                        None => return Ok(()),
                    }
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section {
                    let instance = instance.map_err(|error| InspectError::malformed(&error))?;
                    if matches!(instance, Instance::Instantiate { .. }) {
                        add(&mut scopes, 1);
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    let instance = instance.map_err(|error| InspectError::malformed(&error))?;
                    if let ComponentInstance::Instantiate {
                        component_index, ..
                    } = instance
                    {
                        let known = scopes
                            .last()
                            .and_then(|scope| scope.components.get(component_index as usize))
                            .copied()
                            .flatten();
                        // Every instance costs something, also one of an empty component.
                        add(&mut scopes, known.unwrap_or(largest).saturating_add(1));
                    }
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    let import = import.map_err(|error| InspectError::malformed(&error))?;
                    if matches!(import.ty, ComponentTypeRef::Component(_)) {
                        know(&mut scopes, None);
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    let export = export.map_err(|error| InspectError::malformed(&error))?;
                    if export.kind == ComponentExternalKind::Component {
                        let same = scopes
                            .last()
                            .and_then(|scope| scope.components.get(export.index as usize))
                            .copied()
                            .flatten();
                        know(&mut scopes, same);
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    match alias.map_err(|error| InspectError::malformed(&error))? {
                        ComponentAlias::InstanceExport {
                            kind: ComponentExternalKind::Component,
                            ..
                        } => know(&mut scopes, None),
                        ComponentAlias::Outer {
                            kind: ComponentOuterAliasKind::Component,
                            count,
                            index,
                        } => {
                            let outer = scopes.iter().rev().nth(count as usize);
                            let same = outer
                                .and_then(|scope| scope.components.get(index as usize))
                                .copied()
                                .flatten();
                            know(&mut scopes, same);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        if scopes.iter().any(|scope| scope.instances > limit as u64) {
            return Err(InspectError::TooDeep {
                what: "instances of instances",
                offset: 0,
                limit,
            });
        }
    }
    Ok(())
}

fn add(scopes: &mut [Scope], instances: u64) {
    if let Some(scope) = scopes.last_mut() {
        scope.instances = scope.instances.saturating_add(instances);
    }
}

fn know(scopes: &mut [Scope], count: Option<u64>) {
    if let Some(scope) = scopes.last_mut() {
        scope.components.push(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary(text: &str) -> Vec<u8> {
        crate::text::encode(text.as_bytes()).unwrap().into_owned()
    }

    /// `levels` components, each of which instantiates the one before it twice.
    fn doubling(levels: usize) -> Vec<u8> {
        let mut text = String::from(
            "(component (component $c0 (core module $m) (core instance (instantiate $m)))",
        );
        for level in 1..=levels {
            let before = level - 1;
            text += &format!(
                "(component $c{level} (alias outer 1 $c{before} (component $c)) (instance (instantiate $c)) (instance (instantiate $c)))"
            );
        }
        text += &format!("(instance (instantiate $c{levels})))");
        binary(&text)
    }

    #[test]
    fn a_few_are_nothing_to_speak_of() {
        check_instances(&doubling(5), 1000).unwrap();
        check_instances(&binary("(module)"), 1).unwrap();
        check_instances(&binary("(component (core module) (core module))"), 1).unwrap();
    }

    #[test]
    fn doubling_is_noticed_whatever_its_height() {
        for levels in [12, 25, 80] {
            assert!(
                check_instances(&doubling(levels), 1000).is_err(),
                "{levels}"
            );
        }
    }
}
