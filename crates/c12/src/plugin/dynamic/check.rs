//! Whether what a guest asks for is what a plugin offers.

use wasmtime::component::ResourceType;
use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem, Type};

use super::shape::{Kind, Number, Resource, Shape, Sort, Variant};
use super::world::{Function, Interface, World};
use crate::plugin::{ImportName, Link, Provided};
use crate::wit;

/// Where they differ.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Mismatch {
    #[error("the plugin's `{interface}` has no `{function}`, which the guest imports")]
    Missing { interface: String, function: String },
    #[error("`{function}` takes {asked} parameters for the guest, and {offered} in the plugin")]
    Count {
        function: String,
        asked: usize,
        offered: usize,
    },
    #[error("the {part} of `{function}` is {asked} for the guest, and {offered} in the plugin")]
    Type {
        function: String,
        part: String,
        asked: String,
        offered: String,
    },
}

/// The resources of the guest's import by the plugin's numbers.
struct Resources(Vec<(Resource, ResourceType)>);

/// Checks what a guest imports under one name: an interface, or a function outside of any. Guests may ask for
/// several versions of it.
pub(crate) fn import(link: &Link<'_>, world: &World) -> Result<(), Mismatch> {
    let Some(component) = link.workload.component() else {
        return Ok(());
    };
    let engine = component.engine();
    for (name, item) in component.component_type().imports(engine) {
        if !Provided::interface(link.offered.as_str()).serves(&ImportName::component(name)) {
            continue;
        }
        match item.ty {
            ComponentItem::ComponentInstance(asked) => {
                if let Some(offered) = world.interface(link.offered.as_str()) {
                    instance(engine, &asked, offered)?;
                }
            }
            ComponentItem::ComponentFunc(asked) => {
                let own = world.interface("").map_or(&[][..], |own| &own.functions);
                if let Some(offered) = own.iter().find(|known| known.name == name) {
                    function(&asked, offered, &Resources::none())?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks a guest's import of an interface.
fn instance(
    engine: &wasmtime::Engine,
    asked: &ComponentInstance,
    offered: &Interface,
) -> Result<(), Mismatch> {
    let mut resources = Vec::new();
    for (name, item) in asked.exports(engine) {
        if let ComponentItem::Resource(ty) = item.ty
            && let Some((_, resource)) = offered.resources.iter().find(|(known, _)| known == name)
        {
            resources.push((*resource, ty));
        }
    }
    let resources = Resources(resources);
    for (name, item) in asked.exports(engine) {
        let ComponentItem::ComponentFunc(function) = item.ty else {
            continue;
        };
        let Some(known) = offered.functions.iter().find(|known| known.name == name) else {
            return Err(Mismatch::Missing {
                interface: offered.name.clone(),
                function: name.to_owned(),
            });
        };
        self::function(&function, known, &resources)?;
    }
    Ok(())
}

/// Checks one function; `resources` are those of its interface.
fn function(
    asked: &ComponentFunc,
    offered: &Function,
    resources: &Resources,
) -> Result<(), Mismatch> {
    let name = &offered.name;
    if asked.params().len() != offered.parameters().len() {
        return Err(Mismatch::Count {
            function: name.clone(),
            asked: asked.params().len(),
            offered: offered.parameters().len(),
        });
    }
    let different = |part: String, asked: Option<&Type>, offered: Option<&Shape>| Mismatch::Type {
        function: name.clone(),
        part,
        asked: asked.map_or("nothing".into(), wit::show),
        offered: offered.map_or("nothing".into(), ToString::to_string),
    };
    for ((parameter, ty), shape) in asked.params().zip(offered.parameters()) {
        if !resources.same(&ty, shape) {
            return Err(different(
                format!("parameter `{parameter}`"),
                Some(&ty),
                Some(shape),
            ));
        }
    }
    let mut results = asked.results();
    let result = results.next();
    match (&result, &offered.result) {
        (None, None) => Ok(()),
        (Some(ty), Some(shape)) if resources.same(ty, shape) => Ok(()),
        (ty, shape) => Err(different("result".into(), ty.as_ref(), shape.as_deref())),
    }
}

impl Resources {
    /// For functions outside of interfaces, where there are no resources.
    fn none() -> Self {
        Resources(Vec::new())
    }

    fn same(&self, asked: &Type, offered: &Shape) -> bool {
        match (asked, &offered.kind) {
            (Type::Bool, Kind::Bool)
            | (Type::Char, Kind::Char)
            | (Type::String, Kind::String)
            | (Type::U8, Kind::Number(Number::U8))
            | (Type::S8, Kind::Number(Number::S8))
            | (Type::U16, Kind::Number(Number::U16))
            | (Type::S16, Kind::Number(Number::S16))
            | (Type::U32, Kind::Number(Number::U32))
            | (Type::S32, Kind::Number(Number::S32))
            | (Type::U64, Kind::Number(Number::U64))
            | (Type::S64, Kind::Number(Number::S64))
            | (Type::Float32, Kind::Number(Number::F32))
            | (Type::Float64, Kind::Number(Number::F64)) => true,
            (Type::List(list), Kind::List(element)) => self.same(&list.ty(), element),
            (Type::Record(record), Kind::Record(fields)) => {
                record.fields().len() == fields.len()
                    && record.fields().zip(fields).all(|(asked, field)| {
                        asked.name == &*field.name && self.same(&asked.ty, &field.shape)
                    })
            }
            (Type::Tuple(tuple), Kind::Record(fields)) => {
                tuple.types().len() == fields.len()
                    && tuple
                        .types()
                        .zip(fields)
                        .all(|(ty, field)| field.name.is_empty() && self.same(&ty, &field.shape))
            }
            (_, Kind::Variant(variant)) => self.same_variant(asked, variant),
            (Type::Flags(flags), Kind::Flags(names)) => {
                flags.names().len() == names.len()
                    && flags
                        .names()
                        .zip(names)
                        .all(|(asked, name)| asked == &**name)
            }
            (Type::Own(ty), Kind::Own(resource)) | (Type::Borrow(ty), Kind::Borrow(resource)) => {
                self.0
                    .iter()
                    .any(|(known, known_ty)| known == resource && known_ty == ty)
            }
            _ => false,
        }
    }

    fn same_variant(&self, asked: &Type, offered: &Variant) -> bool {
        let payload = |position: usize| -> Option<&Shape> {
            offered
                .cases
                .get(position)
                .and_then(|case| case.payload.as_ref())
        };
        let optional = |asked: Option<Type>, offered: Option<&Shape>| match (asked, offered) {
            (None, None) => true,
            (Some(ty), Some(shape)) => self.same(&ty, shape),
            _ => false,
        };
        match (asked, offered.sort) {
            (Type::Option(option), Sort::Option) => optional(Some(option.ty()), payload(1)),
            (Type::Result(result), Sort::Result) => {
                optional(result.ok(), payload(0)) && optional(result.err(), payload(1))
            }
            (Type::Enum(cases), Sort::Enum) => {
                cases.names().len() == offered.cases.len()
                    && cases
                        .names()
                        .zip(&offered.cases)
                        .all(|(asked, case)| asked == &*case.name)
            }
            (Type::Variant(variant), Sort::Variant) => {
                variant.cases().len() == offered.cases.len()
                    && variant.cases().zip(&offered.cases).all(|(asked, case)| {
                        asked.name == &*case.name && optional(asked.ty, case.payload.as_ref())
                    })
            }
            _ => false,
        }
    }
}
