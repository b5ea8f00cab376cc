//! Shapes of types that a component has, as the engine knows them.

use wasmtime::component::__internal::wasmtime_environ::component::{ComponentTypes, InterfaceType};

use super::shape::{Number, Resource, Shape, Sort};

/// The shape of a type of a component. Resources are numbered by the component's tables.
pub(crate) fn shape(types: &ComponentTypes, ty: &InterfaceType) -> Result<Shape, String> {
    let optional = |ty: &Option<InterfaceType>| ty.as_ref().map(|ty| shape(types, ty)).transpose();
    Ok(match ty {
        InterfaceType::Bool => Shape::bool(),
        InterfaceType::U8 => Shape::number(Number::U8),
        InterfaceType::S8 => Shape::number(Number::S8),
        InterfaceType::U16 => Shape::number(Number::U16),
        InterfaceType::S16 => Shape::number(Number::S16),
        InterfaceType::U32 => Shape::number(Number::U32),
        InterfaceType::S32 => Shape::number(Number::S32),
        InterfaceType::U64 => Shape::number(Number::U64),
        InterfaceType::S64 => Shape::number(Number::S64),
        InterfaceType::Float32 => Shape::number(Number::F32),
        InterfaceType::Float64 => Shape::number(Number::F64),
        InterfaceType::Char => Shape::char(),
        InterfaceType::String => Shape::string(),
        InterfaceType::List(index) => Shape::list(shape(types, &types[*index].element)?),
        InterfaceType::Record(index) => {
            let mut fields = Vec::new();
            for field in &types[*index].fields {
                fields.push((field.name.as_str().into(), shape(types, &field.ty)?));
            }
            Shape::record(fields)
        }
        InterfaceType::Tuple(index) => {
            let mut elements = Vec::new();
            for ty in &types[*index].types {
                elements.push(shape(types, ty)?);
            }
            Shape::tuple(elements)
        }
        InterfaceType::Variant(index) => {
            let mut cases: Vec<(Box<str>, Option<Shape>)> = Vec::new();
            for (name, payload) in &types[*index].cases {
                cases.push((name.as_str().into(), optional(payload)?));
            }
            Shape::variant(Sort::Variant, cases)
        }
        InterfaceType::Enum(index) => Shape::variant(
            Sort::Enum,
            types[*index]
                .names
                .iter()
                .map(|name| (name.as_str().into(), None)),
        ),
        InterfaceType::Option(index) => Shape::option(shape(types, &types[*index].ty)?),
        InterfaceType::Result(index) => {
            let result = &types[*index];
            Shape::result(optional(&result.ok)?, optional(&result.err)?)
        }
        InterfaceType::Flags(index) if types[*index].names.len() <= 32 => {
            let names = types[*index].names.iter();
            Shape::flags(names.map(|name| name.as_str().into()).collect())
        }
        InterfaceType::Own(table) => Shape::own(Resource(table.as_u32())),
        InterfaceType::Borrow(table) => Shape::borrow(Resource(table.as_u32())),
        _ => return Err("a type that plugins cannot pass".into()),
    })
}

/// The type of an element of a list, a field, or the payload of a case.
pub(crate) fn child(
    types: &ComponentTypes,
    ty: InterfaceType,
    position: usize,
) -> Option<InterfaceType> {
    match ty {
        InterfaceType::List(index) => Some(types[index].element),
        InterfaceType::Record(index) => Some(types[index].fields.get(position)?.ty),
        InterfaceType::Tuple(index) => types[index].types.get(position).copied(),
        InterfaceType::Variant(index) => *types[index].cases.get_index(position)?.1,
        InterfaceType::Option(index) => (position == 1).then(|| types[index].ty),
        InterfaceType::Result(index) => match position {
            0 => types[index].ok,
            _ => types[index].err,
        },
        _ => None,
    }
}
