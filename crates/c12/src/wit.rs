//! Types in WIT notation.

use wasmtime::component::Type;
use wasmtime::component::types::ComponentFunc;

/// A function, without its name.
pub(crate) fn signature(ty: &ComponentFunc) -> String {
    let params: Vec<String> = ty
        .params()
        .map(|(name, ty)| format!("{name}: {}", show(&ty)))
        .collect();
    let results: Vec<String> = ty.results().map(|ty| show(&ty)).collect();
    let prefix = if ty.async_() { "async " } else { "" };
    match results.as_slice() {
        [] => format!("{prefix}func({})", params.join(", ")),
        some => format!("{prefix}func({}) -> {}", params.join(", "), some.join(", ")),
    }
}

/// A type; resources without their names.
pub(crate) fn show(ty: &Type) -> String {
    let optional = |ty: Option<Type>| ty.map(|ty| show(&ty));
    match ty {
        Type::Bool => "bool".into(),
        Type::S8 => "s8".into(),
        Type::U8 => "u8".into(),
        Type::S16 => "s16".into(),
        Type::U16 => "u16".into(),
        Type::S32 => "s32".into(),
        Type::U32 => "u32".into(),
        Type::S64 => "s64".into(),
        Type::U64 => "u64".into(),
        Type::Float32 => "f32".into(),
        Type::Float64 => "f64".into(),
        Type::Char => "char".into(),
        Type::String => "string".into(),
        Type::List(list) => format!("list<{}>", show(&list.ty())),
        Type::Record(record) => {
            let fields: Vec<String> = record
                .fields()
                .map(|field| format!("{}: {}", field.name, show(&field.ty)))
                .collect();
            format!("record {{ {} }}", fields.join(", "))
        }
        Type::Tuple(tuple) => format!(
            "tuple<{}>",
            tuple
                .types()
                .map(|ty| show(&ty))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Type::Variant(variant) => {
            let cases: Vec<String> = variant
                .cases()
                .map(|case| match optional(case.ty) {
                    Some(payload) => format!("{}({payload})", case.name),
                    None => case.name.to_owned(),
                })
                .collect();
            format!("variant {{ {} }}", cases.join(", "))
        }
        Type::Enum(ty) => format!("enum {{ {} }}", ty.names().collect::<Vec<_>>().join(", ")),
        Type::Option(ty) => format!("option<{}>", show(&ty.ty())),
        Type::Result(ty) => result(optional(ty.ok()), optional(ty.err())),
        Type::Flags(flags) => format!(
            "flags {{ {} }}",
            flags.names().collect::<Vec<_>>().join(", ")
        ),
        Type::Own(_) => "own<resource>".into(),
        Type::Borrow(_) => "borrow<resource>".into(),
        Type::Future(_) => "future".into(),
        Type::Stream(_) => "stream".into(),
        Type::ErrorContext => "error-context".into(),
        _ => "type".into(),
    }
}

/// A `result` of types that are written already.
pub(crate) fn result(ok: Option<String>, err: Option<String>) -> String {
    match (ok, err) {
        (None, None) => "result".into(),
        (Some(ok), None) => format!("result<{ok}>"),
        (None, Some(err)) => format!("result<_, {err}>"),
        (Some(ok), Some(err)) => format!("result<{ok}, {err}>"),
    }
}
