//! The type of a function in WIT, on one line.

use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId};

/// How many bytes of a function's type are kept.
const MAX: usize = 1000;

/// The type of `function`, for example `func(path: string) -> result<list<u8>, error-code>`.
pub(super) fn of(resolve: &Resolve, function: &Function) -> String {
    let mut writer = Writer {
        resolve,
        text: String::new(),
    };
    writer.function(function);
    if writer.full() {
        writer.text.push('…');
    }
    writer.text
}

/// Writes a type, and stops soon after it has become too long: types without a name may be very large.
struct Writer<'a> {
    resolve: &'a Resolve,
    text: String,
}

impl Writer<'_> {
    fn full(&self) -> bool {
        self.text.len() >= MAX
    }

    fn function(&mut self, function: &Function) {
        self.text.push_str(if function.kind.is_async() {
            "async func("
        } else {
            "func("
        });
        for (index, param) in function.params.iter().enumerate() {
            if self.full() {
                return;
            }
            self.separate(index);
            self.text.push_str(&param.name);
            self.text.push_str(": ");
            self.ty(&param.ty);
        }
        self.text.push(')');
        if let Some(result) = &function.result {
            self.text.push_str(" -> ");
            self.ty(result);
        }
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.text.push_str(", ");
        }
    }

    fn ty(&mut self, ty: &Type) {
        if self.full() {
            return;
        }
        self.text.push_str(match ty {
            Type::Bool => "bool",
            Type::U8 => "u8",
            Type::U16 => "u16",
            Type::U32 => "u32",
            Type::U64 => "u64",
            Type::S8 => "s8",
            Type::S16 => "s16",
            Type::S32 => "s32",
            Type::S64 => "s64",
            Type::F32 => "f32",
            Type::F64 => "f64",
            Type::Char => "char",
            Type::String => "string",
            Type::ErrorContext => "error-context",
            Type::Id(id) => return self.defined(*id),
        });
    }

    fn defined(&mut self, id: TypeId) {
        let Some(ty) = self.resolve.types.get(id) else {
            return;
        };
        if let Some(name) = &ty.name {
            self.text.push_str(name);
            return;
        }
        match &ty.kind {
            TypeDefKind::Handle(Handle::Own(resource)) => self.defined(*resource),
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                self.text.push_str("borrow<");
                self.defined(*resource);
                self.text.push('>');
            }
            TypeDefKind::Tuple(tuple) => self.generic("tuple", tuple.types.iter()),
            TypeDefKind::Option(ty) => self.generic("option", [ty]),
            TypeDefKind::List(ty) => self.generic("list", [ty]),
            TypeDefKind::Map(key, value) => self.generic("map", [key, value]),
            TypeDefKind::FixedLengthList(ty, length) => {
                self.text.push_str("list<");
                self.ty(ty);
                self.text.push_str(&format!(", {length}>"));
            }
            TypeDefKind::Future(ty) => self.generic("future", ty),
            TypeDefKind::Stream(ty) => self.generic("stream", ty),
            TypeDefKind::Result(result) => match (&result.ok, &result.err) {
                (None, Some(err)) => {
                    self.text.push_str("result<_, ");
                    self.ty(err);
                    self.text.push('>');
                }
                (ok, err) => self.generic("result", ok.iter().chain(err)),
            },
            TypeDefKind::Type(ty) => self.ty(ty),
            // These have a name in every WIT that can be printed.
            TypeDefKind::Record(_) => self.text.push_str("record"),
            TypeDefKind::Variant(_) => self.text.push_str("variant"),
            TypeDefKind::Enum(_) => self.text.push_str("enum"),
            TypeDefKind::Flags(_) => self.text.push_str("flags"),
            TypeDefKind::Resource => self.text.push_str("resource"),
            TypeDefKind::Unknown => self.text.push('?'),
        }
    }

    fn generic<'t>(&mut self, name: &str, types: impl IntoIterator<Item = &'t Type>) {
        self.text.push_str(name);
        let mut any = false;
        for (index, ty) in types.into_iter().enumerate() {
            if self.full() {
                return;
            }
            if index == 0 {
                self.text.push('<');
                any = true;
            }
            self.separate(index);
            self.ty(ty);
        }
        if any {
            self.text.push('>');
        }
    }
}
