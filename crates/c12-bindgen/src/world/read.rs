//! From WIT to a world that is known to be fit.

// Ids are asked of the arenas that gave them.
#![allow(clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use wit_parser::{
    FunctionKind, InterfaceId, PackageId, Resolve, Type, TypeDefKind, TypeId, WorldId, WorldItem,
    WorldKey,
};

use super::{Function, Interface, Kind, World};
use crate::layout::{Layouts, parts};
use crate::{Error, print};

pub(super) fn from_path(path: &Path, world: Option<&str>) -> Result<World, Error> {
    let mut resolve = Resolve::default();
    let (package, sources) = resolve
        .push_path(path)
        .map_err(|error| Error::wit(resolve.render_error(&error)))?;
    let mut files: Vec<_> = sources.paths().map(Path::to_owned).collect();
    files.sort();
    let mut world = read(resolve, package, world)?;
    world.files = files;
    Ok(world)
}

pub(super) fn from_text(origin: &str, text: &str, world: Option<&str>) -> Result<World, Error> {
    let mut resolve = Resolve::default();
    let package = resolve
        .push_source(origin, text)
        .map_err(|error| Error::wit(resolve.render_error(&error)))?;
    read(resolve, package, world)
}

fn read(mut resolve: Resolve, package: PackageId, world: Option<&str>) -> Result<World, Error> {
    let id = resolve
        .select_world(&[package], world)
        .map_err(|error| Error::wit(format!("{error:#}")))?;
    check_imports(&resolve, id)?;
    // The text has the names as they were written; only then are interfaces that occur twice told apart.
    let wit = print::print(&resolve, id)?;
    resolve.generate_nominal_type_ids(id);

    let declared = &resolve.worlds[id];
    let name = declared.name.clone();
    let docs = declared.docs.contents.clone();
    let package = declared
        .package
        .map_or_else(String::new, |id| resolve.packages[id].name.to_string());
    let mut interfaces = interfaces(&resolve, id)?;
    if interfaces.iter().all(|i| i.functions.is_empty()) {
        return Err(Error::Empty { world: name });
    }
    let mut layouts = Layouts::default();
    for interface in &interfaces {
        for ty in &interface.types {
            layouts.add(&resolve, &Type::Id(*ty))?;
        }
        for function in &interface.functions {
            for ty in function
                .params
                .iter()
                .map(|(_, ty)| ty)
                .chain(&function.result)
            {
                layouts.add(&resolve, ty)?;
            }
        }
    }
    for interface in &mut interfaces {
        interface.types = declared_first(&resolve, &interface.types);
    }
    let resources = resources(&resolve, &interfaces);
    Ok(World {
        resolve,
        name,
        package,
        docs,
        wit,
        interfaces,
        resources,
        layouts,
        files: Vec::new(),
    })
}

fn check_imports(resolve: &Resolve, id: WorldId) -> Result<(), Error> {
    let world = &resolve.worlds[id];
    let refuse = |what: String| {
        Err(Error::Import {
            world: world.name.clone(),
            what,
        })
    };
    for (key, item) in &world.imports {
        let name = resolve.name_world_key(key);
        match item {
            WorldItem::Function(_) => return refuse(format!("the function `{name}`")),
            WorldItem::Interface { id, .. } => {
                let interface = &resolve.interfaces[*id];
                let resource = |id: &TypeId| resolve.types[*id].kind == TypeDefKind::Resource;
                if !interface.functions.is_empty() || interface.types.values().any(resource) {
                    return refuse(format!("`{name}`, which has functions or resources"));
                }
            }
            WorldItem::Type { id, .. } if resolve.types[*id].kind == TypeDefKind::Resource => {
                return refuse(format!("the resource `{name}`"));
            }
            WorldItem::Type { .. } => {}
        }
    }
    Ok(())
}

fn interfaces(resolve: &Resolve, id: WorldId) -> Result<Vec<Interface>, Error> {
    let world = &resolve.worlds[id];
    let versions = Versions::of(resolve, world.imports.keys().chain(world.exports.keys()));
    let mut root = Interface {
        name: None,
        exported: true,
        path: Vec::new(),
        docs: world.docs.contents.clone(),
        types: Vec::new(),
        functions: Vec::new(),
        id: None,
    };
    let mut imported = Vec::new();
    let mut exported = Vec::new();
    for (items, is_export) in [(&world.imports, false), (&world.exports, true)] {
        for (key, item) in items {
            match item {
                WorldItem::Interface { id, .. } => {
                    let interface = interface(resolve, key, *id, is_export, &versions)?;
                    if is_export {
                        exported.push(interface);
                    } else {
                        imported.push(interface);
                    }
                }
                WorldItem::Function(f) => root.functions.push(function(resolve, f)?),
                WorldItem::Type { id, .. } => root.types.push(*id),
            }
        }
    }
    // The world's own functions may use what is imported; exported interfaces cannot use the world's own types.
    let mut all = sorted(resolve, imported);
    all.push(root);
    all.extend(sorted(resolve, exported));
    Ok(all)
}

/// Interfaces after those whose types they use, and otherwise in the order of the WIT.
fn sorted(resolve: &Resolve, mut open: Vec<Interface>) -> Vec<Interface> {
    let mut done = Vec::with_capacity(open.len());
    while !open.is_empty() {
        let ready = open.iter().position(|interface| {
            interface.id.is_none_or(|id| {
                resolve
                    .interface_direct_deps(id)
                    .all(|dep| open.iter().all(|other| other.id != Some(dep)))
            })
        });
        // WIT has no cycles, so one is always ready.
        done.push(open.remove(ready.unwrap_or(0)));
    }
    done
}

fn interface(
    resolve: &Resolve,
    key: &WorldKey,
    id: InterfaceId,
    exported: bool,
    versions: &Versions,
) -> Result<Interface, Error> {
    let def = &resolve.interfaces[id];
    let path = match key {
        WorldKey::Name(name) => vec![name.clone()],
        WorldKey::Interface(id) => versions.path(resolve, *id),
    };
    let mut functions = Vec::new();
    for f in def.functions.values() {
        functions.push(function(resolve, f)?);
    }
    for (name, id) in &def.types {
        if resolve.types[*id].kind == TypeDefKind::Resource {
            functions.push(Function {
                name: format!("[resource-drop]{name}"),
                item: "drop".into(),
                kind: Kind::Drop(*id),
                params: Vec::new(),
                result: None,
                docs: None,
            });
        }
    }
    Ok(Interface {
        name: Some(resolve.name_world_key(key)),
        exported,
        path,
        docs: def.docs.contents.clone(),
        types: def.types.values().copied().collect(),
        functions,
        id: Some(id),
    })
}

fn function(resolve: &Resolve, function: &wit_parser::Function) -> Result<Function, Error> {
    let dealias = |mut id: TypeId| {
        while let TypeDefKind::Type(Type::Id(target)) = resolve.types[id].kind {
            id = target;
        }
        id
    };
    let kind = match function.kind {
        FunctionKind::Freestanding => Kind::Free,
        FunctionKind::Method(id) => Kind::Method(dealias(id)),
        FunctionKind::Static(id) => Kind::Static(dealias(id)),
        FunctionKind::Constructor(id) => Kind::Constructor(dealias(id)),
        FunctionKind::AsyncFreestanding
        | FunctionKind::AsyncMethod(_)
        | FunctionKind::AsyncStatic(_) => {
            return Err(Error::unsupported(
                &function.name,
                "ABI 1 has no async functions; make it blocking",
            ));
        }
    };
    Ok(Function {
        name: function.name.clone(),
        item: function.item_name().to_owned(),
        kind,
        params: function
            .params
            .iter()
            .map(|param| (param.name.clone(), param.ty))
            .collect(),
        result: function.result,
        docs: function.docs.contents.clone(),
    })
}

/// The types, each after those of them that it is made of.
fn declared_first(resolve: &Resolve, types: &[TypeId]) -> Vec<TypeId> {
    fn visit(resolve: &Resolve, id: TypeId, seen: &mut HashSet<TypeId>, order: &mut Vec<TypeId>) {
        if !seen.insert(id) {
            return;
        }
        // What ABI 1 has no form for was refused before.
        for part in parts(resolve, id).unwrap_or_default() {
            if let Type::Id(part) = part {
                visit(resolve, part, seen, order);
            }
        }
        order.push(id);
    }
    let mut order = Vec::new();
    let mut seen = HashSet::new();
    for id in types {
        visit(resolve, *id, &mut seen, &mut order);
    }
    order.retain(|id| types.contains(id));
    order
}

fn resources(resolve: &Resolve, interfaces: &[Interface]) -> HashMap<TypeId, usize> {
    let mut found = HashMap::new();
    for (place, interface) in interfaces.iter().enumerate() {
        for ty in &interface.types {
            if resolve.types[*ty].kind == TypeDefKind::Resource {
                found.insert(*ty, place);
            }
        }
    }
    found
}

/// The packages that a world uses in more than one version: their names need it.
struct Versions {
    several: BTreeSet<String>,
}

impl Versions {
    fn of<'a>(resolve: &Resolve, keys: impl Iterator<Item = &'a WorldKey>) -> Self {
        let mut packages: BTreeMap<String, BTreeSet<PackageId>> = BTreeMap::new();
        for key in keys {
            if let WorldKey::Interface(id) = key
                && let Some(package) = resolve.interfaces[*id].package
            {
                let name = &resolve.packages[package].name;
                packages
                    .entry(format!("{}:{}", name.namespace, name.name))
                    .or_default()
                    .insert(package);
            }
        }
        Versions {
            several: packages
                .into_iter()
                .filter(|(_, ids)| ids.len() > 1)
                .map(|(name, _)| name)
                .collect(),
        }
    }

    fn path(&self, resolve: &Resolve, id: InterfaceId) -> Vec<String> {
        let interface = &resolve.interfaces[id];
        let mut path = Vec::new();
        if let Some(package) = interface.package {
            let name = &resolve.packages[package].name;
            path.push(name.namespace.clone());
            let several = self
                .several
                .contains(&format!("{}:{}", name.namespace, name.name));
            path.push(match &name.version {
                Some(version) if several => format!("{}{version}", name.name),
                _ => name.name.clone(),
            });
        }
        path.extend(interface.name.clone());
        path
    }
}
