//! What a component exports, and so provides as a plugin.

use std::sync::Arc;

use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};
use wasmtime::component::{Component, ResourceType};

use super::shape::{Number, Resource, Shape, Sort};
use super::world::{self, Function, Interface, World, WorldError};

/// Reads the exports of a component.
pub(crate) fn of(component: &Component) -> Result<World, WorldError> {
    let engine = component.engine();
    let mut reader = Reader::default();
    let mut own = Interface {
        name: String::new(),
        functions: Vec::new(),
        resources: Vec::new(),
    };
    let mut interfaces = Vec::new();
    for (name, item) in component.component_type().exports(engine) {
        match item.ty {
            ComponentItem::ComponentFunc(function) => {
                own.functions.push(reader.function(name, &function)?);
            }
            ComponentItem::ComponentInstance(instance) => {
                let mut resources = Vec::new();
                for (type_name, item) in instance.exports(engine) {
                    if let ComponentItem::Resource(ty) = item.ty {
                        let resource = reader.define(name, type_name, ty);
                        resources.push((type_name.to_owned(), resource));
                    }
                }
                let mut functions = Vec::new();
                for (function_name, item) in instance.exports(engine) {
                    if let ComponentItem::ComponentFunc(function) = item.ty {
                        functions.push(reader.function(function_name, &function)?);
                    }
                }
                interfaces.push(Interface {
                    name: name.to_owned(),
                    functions,
                    resources,
                });
            }
            _ => {}
        }
    }
    if !own.functions.is_empty() {
        interfaces.push(own);
    }
    if interfaces
        .iter()
        .all(|interface| interface.functions.is_empty())
    {
        return Err(WorldError::Empty);
    }
    Ok(World {
        interfaces,
        resources: reader.resources,
    })
}

#[derive(Default)]
struct Reader {
    resources: Vec<world::ResourceType>,
    types: Vec<ResourceType>,
}

impl Reader {
    fn define(&mut self, interface: &str, name: &str, ty: ResourceType) -> Resource {
        if let Some(known) = self.types.iter().position(|known| *known == ty) {
            return Resource(known as u32);
        }
        self.types.push(ty);
        self.resources.push(world::ResourceType {
            interface: interface.to_owned(),
            name: name.to_owned(),
            identity: world::identity(),
        });
        Resource((self.types.len() - 1) as u32)
    }

    fn function(&self, name: &str, function: &ComponentFunc) -> Result<Function, WorldError> {
        let unsupported = |what: String| WorldError::Unsupported {
            function: name.to_owned(),
            what,
        };
        if function.async_() {
            return Err(unsupported("async".into()));
        }
        let mut parameters = Vec::new();
        for (parameter, ty) in function.params() {
            let shape = self.shape(&ty).map_err(unsupported)?;
            parameters.push((parameter.to_owned(), shape));
        }
        let result = match function.results().next() {
            Some(ty) => Some(Arc::new(self.shape(&ty).map_err(unsupported)?)),
            None => None,
        };
        let arguments = Shape::tuple(parameters.iter().map(|(_, shape)| shape.clone()));
        Ok(Function {
            name: name.to_owned(),
            parameters,
            arguments: Arc::new(arguments),
            result,
        })
    }

    fn shape(&self, ty: &Type) -> Result<Shape, String> {
        let optional = |ty: Option<Type>| ty.as_ref().map(|ty| self.shape(ty)).transpose();
        let resource = |ty: &ResourceType| {
            let known = self.types.iter().position(|known| known == ty);
            known
                .map(|position| Resource(position as u32))
                .ok_or_else(|| "a resource that it does not define".to_owned())
        };
        Ok(match ty {
            Type::Bool => Shape::bool(),
            Type::U8 => Shape::number(Number::U8),
            Type::S8 => Shape::number(Number::S8),
            Type::U16 => Shape::number(Number::U16),
            Type::S16 => Shape::number(Number::S16),
            Type::U32 => Shape::number(Number::U32),
            Type::S32 => Shape::number(Number::S32),
            Type::U64 => Shape::number(Number::U64),
            Type::S64 => Shape::number(Number::S64),
            Type::Float32 => Shape::number(Number::F32),
            Type::Float64 => Shape::number(Number::F64),
            Type::Char => Shape::char(),
            Type::String => Shape::string(),
            Type::List(list) => Shape::list(self.shape(&list.ty())?),
            Type::Record(record) => {
                let mut fields: Vec<(Box<str>, Shape)> = Vec::new();
                for field in record.fields() {
                    fields.push((field.name.into(), self.shape(&field.ty)?));
                }
                Shape::record(fields)
            }
            Type::Tuple(tuple) => {
                let elements = tuple.types().map(|ty| self.shape(&ty));
                Shape::tuple(elements.collect::<Result<Vec<_>, _>>()?)
            }
            Type::Variant(variant) => {
                let mut cases: Vec<(Box<str>, Option<Shape>)> = Vec::new();
                for case in variant.cases() {
                    cases.push((case.name.into(), optional(case.ty)?));
                }
                Shape::variant(Sort::Variant, cases)
            }
            Type::Enum(cases) => {
                Shape::variant(Sort::Enum, cases.names().map(|name| (name.into(), None)))
            }
            Type::Option(option) => Shape::option(self.shape(&option.ty())?),
            Type::Result(result) => Shape::result(optional(result.ok())?, optional(result.err())?),
            Type::Flags(flags) if flags.names().len() <= 32 => {
                Shape::flags(flags.names().map(Into::into).collect())
            }
            Type::Own(ty) => Shape::own(resource(ty)?),
            Type::Borrow(ty) => Shape::borrow(resource(ty)?),
            _ => return Err("a type that cannot cross".into()),
        })
    }
}
