//! What a component exports, and so provides as a plugin.

use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};
use wasmtime::component::{Component, ResourceType};

use super::shape::{Number, Resource, Shape, Sort};
use super::world::{self, Function, Interface, World, WorldError};

/// Reads the exports of a component.
pub(crate) fn of(component: &Component) -> Result<World, WorldError> {
    let engine = component.engine();
    let mut reader = Reader::default();
    let mut own = Interface::new("");
    let mut interfaces = Vec::new();
    for (name, item) in component.component_type().exports(engine) {
        match item.ty {
            ComponentItem::ComponentFunc(function) => {
                own.functions.push(reader.function(name, &function)?);
            }
            ComponentItem::ComponentInstance(instance) => {
                let mut interface = Interface::new(name);
                for (type_name, item) in instance.exports(engine) {
                    if let ComponentItem::Resource(ty) = item.ty {
                        let resource = reader.define(name, type_name, ty);
                        interface.resources.push((type_name.to_owned(), resource));
                    }
                }
                for (function_name, item) in instance.exports(engine) {
                    if let ComponentItem::ComponentFunc(function) = item.ty {
                        let function = reader.function(function_name, &function)?;
                        interface.functions.push(function);
                    }
                }
                interfaces.push(interface);
            }
            _ => {}
        }
    }
    World::new(interfaces, own, reader.resources)
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
        for (_, ty) in function.params() {
            parameters.push(self.shape(&ty).map_err(unsupported)?);
        }
        let result = function.results().next();
        let result = result.map(|ty| self.shape(&ty)).transpose();
        Ok(Function::new(
            name,
            parameters,
            result.map_err(unsupported)?,
        ))
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
