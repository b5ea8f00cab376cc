//! The types that an interface declares, and how they come from and go to the host.

use wit_parser::{Case, Enum, Flags, Record, Type, TypeDefKind, TypeId, Variant};

use super::types::Author;
use super::{Context, docs};
use crate::facts::Facts;
use crate::layout::{flags_size, tag_size};
use crate::names::{Scope, rust_type, rust_value, upper};
use crate::writer::Writer;
use crate::{Error, Interface};

/// Tuples with more fields are refused: the SDK has no form for them.
const MAX_TUPLE: usize = 16;

pub(super) fn write(
    context: &Context<'_>,
    interface: &Interface,
    writer: &mut Writer,
) -> Result<(), Error> {
    for id in &interface.types {
        let def = context.world.def(*id);
        let declaration = Declaration::of(context, *id);
        if declaration.facts.long_tuple {
            check_tuples(context, &Type::Id(*id))?;
        }
        // The author gives resources a type; their traits have the documentation.
        let Some((_, kind)) = context.world.kind(&Type::Id(*id)) else {
            docs(writer, def.docs.contents.as_deref());
            declaration.alias(writer);
            continue;
        };
        if *kind == TypeDefKind::Resource {
            continue;
        }
        docs(writer, def.docs.contents.as_deref());
        match &def.kind {
            TypeDefKind::Record(record) => declaration.record(record, writer),
            TypeDefKind::Variant(variant) => declaration.variant(variant, writer),
            TypeDefKind::Enum(cases) => declaration.enumeration(cases, writer),
            TypeDefKind::Flags(flags) => declaration.flags(flags, writer),
            _ => declaration.alias(writer),
        }
    }
    for function in &interface.functions {
        for ty in function
            .params
            .iter()
            .map(|(_, ty)| ty)
            .chain(&function.result)
        {
            check_tuples(context, ty)?;
        }
    }
    Ok(())
}

/// Refuses tuples that are too long.
fn check_tuples(context: &Context<'_>, ty: &Type) -> Result<(), Error> {
    let parts: Vec<Type> = match context.world.kind(ty) {
        Some((_, TypeDefKind::Tuple(tuple))) => {
            if tuple.types.len() > MAX_TUPLE {
                return Err(Error::unsupported(
                    "tuple",
                    "the SDK for Rust has none with more than 16 fields; use a record",
                ));
            }
            tuple.types.clone()
        }
        Some((id, _)) => crate::layout::parts(context.world.resolve(), id)?,
        None => Vec::new(),
    };
    parts.iter().try_for_each(|ty| check_tuples(context, ty))
}

/// A type that is declared.
struct Declaration<'c, 'w> {
    context: &'c Context<'w>,
    id: TypeId,
    name: &'c str,
    facts: Facts,
    plain: bool,
}

/// The author's types in a declaration: `G` is the instance.
const GENERIC: Author<'static> = Author {
    instance: "G",
    this: None,
    lifetime: "'a",
};

impl<'c, 'w> Declaration<'c, 'w> {
    fn of(context: &'c Context<'w>, id: TypeId) -> Self {
        let ty = Type::Id(id);
        Declaration {
            context,
            id,
            name: context.names.ty(id),
            facts: context.world.facts(&ty),
            plain: context.world.plain(&ty),
        }
    }

    /// `<'a, G: a::Guest>` where it is declared.
    fn declared_generics(&self) -> String {
        self.generics(self.facts.borrows, true)
    }

    /// `<'a, G>` where it is used.
    fn used_generics(&self) -> String {
        self.generics(self.facts.borrows, false)
    }

    fn generics(&self, lifetime: bool, bounds: bool) -> String {
        let instance = (!self.facts.resources.is_empty()).then(|| {
            if bounds {
                format!("G: {}", self.context.bounds(&self.facts.resources))
            } else {
                "G".to_owned()
            }
        });
        let all: Vec<String> = lifetime
            .then(|| "'a".to_owned())
            .into_iter()
            .chain(instance)
            .collect();
        if all.is_empty() {
            String::new()
        } else {
            format!("<{}>", all.join(", "))
        }
    }

    fn derive(&self, copy: bool, writer: &mut Writer) {
        if !self.facts.resources.is_empty() || self.facts.long_tuple {
            return;
        }
        let mut traits = vec!["Debug", "Clone", "PartialEq"];
        if copy {
            traits.push("Copy");
        }
        if !self.facts.floats {
            traits.extend(["Eq", "Hash"]);
        }
        writer.line(format!("#[derive({})]", traits.join(", ")));
    }

    fn alias(&self, writer: &mut Writer) {
        let Type::Id(id) = self.context.world.dealias(&Type::Id(self.id)) else {
            let ty = self.context.owned(&Type::Id(self.id), GENERIC);
            writer.line(format!("pub type {} = {ty};", self.name));
            return;
        };
        let ty = self.context.owned(&Type::Id(id), GENERIC);
        writer.line(format!(
            "pub type {}{} = {ty};",
            self.name,
            self.used_generics()
        ));
    }

    fn record(&self, record: &Record, writer: &mut Writer) {
        let world = self.context.world;
        let offsets = world
            .fields(record.fields.iter().map(|field| &field.ty))
            .offsets;
        let mut scope = Scope::default();
        let names: Vec<String> = record
            .fields
            .iter()
            .map(|field| scope.take(rust_value(&field.name)))
            .collect();

        self.derive(!self.facts.points, writer);
        if self.plain {
            writer.line("#[repr(C)]");
        }
        writer.open(format!(
            "pub struct {}{} {{",
            self.name,
            self.declared_generics()
        ));
        for (field, name) in record.fields.iter().zip(&names) {
            docs(writer, field.docs.contents.as_deref());
            writer.line(format!(
                "pub {name}: {},",
                self.context.owned(&field.ty, GENERIC)
            ));
        }
        writer.close("}");

        let mut lift = vec!["__c12::Ok(Self {".to_owned()];
        let mut lower = Vec::new();
        for (name, offset) in names.iter().zip(&offsets) {
            lift.push(format!("  {name}: __c12::lift(from.add({offset}))?,"));
            lower.push(format!(
                "__c12::lower(&self.{name}, to.add({offset}), memory);"
            ));
        }
        lift.push("})".to_owned());
        self.codec(&lift, &lower, writer);
        if self.plain {
            writer.line(format!("__c12::plain!({});", self.name));
        }
    }

    fn variant(&self, variant: &Variant, writer: &mut Writer) {
        let world = self.context.world;
        let Some(union) = world.union(&Type::Id(self.id)) else {
            return;
        };
        let names = case_names(variant.cases.iter().map(|case| case.name.as_str()));
        self.derive(!self.facts.points, writer);
        writer.open(format!(
            "pub enum {}{} {{",
            self.name,
            self.declared_generics()
        ));
        for (case, name) in variant.cases.iter().zip(&names) {
            docs(writer, case.docs.contents.as_deref());
            match &case.ty {
                Some(ty) => writer.line(format!("{name}({}),", self.context.owned(ty, GENERIC))),
                None => writer.line(format!("{name},")),
            }
        }
        writer.close("}");

        let mut lift = vec![format!(
            "__c12::Ok(match __c12::tag(from, {}) {{",
            union.tag
        )];
        let mut lower = vec!["match self {".to_owned()];
        for (place, (case, name)) in variant.cases.iter().zip(&names).enumerate() {
            let put = format!("__c12::put_tag(to, {}, {place})", union.tag);
            if let Case { ty: Some(_), .. } = case {
                lift.push(format!(
                    "  {place} => Self::{name}(__c12::lift(from.add({}))?),",
                    union.payload
                ));
                lower.push(format!("  Self::{name}(payload) => {{"));
                lower.push(format!("    {put};"));
                lower.push(format!(
                    "    __c12::lower(payload, to.add({}), memory);",
                    union.payload
                ));
                lower.push("  }".into());
            } else {
                lift.push(format!("  {place} => Self::{name},"));
                lower.push(format!("  Self::{name} => {put},"));
            }
        }
        lift.push(self.no_case());
        lift.push("})".into());
        lower.push("}".into());
        self.codec(&lift, &lower, writer);
    }

    fn enumeration(&self, cases: &Enum, writer: &mut Writer) {
        let size = tag_size(cases.tag());
        let names = case_names(cases.cases.iter().map(|case| case.name.as_str()));
        self.derive(true, writer);
        writer.line(format!("#[repr(u{})]", size * 8));
        writer.open(format!("pub enum {} {{", self.name));
        for (case, name) in cases.cases.iter().zip(&names) {
            docs(writer, case.docs.contents.as_deref());
            writer.line(format!("{name},"));
        }
        writer.close("}");

        let mut lift = vec![format!("__c12::Ok(match __c12::tag(from, {size}) {{")];
        for (place, name) in names.iter().enumerate() {
            lift.push(format!("  {place} => Self::{name},"));
        }
        lift.push(self.no_case());
        lift.push("})".into());
        let lower = [format!("__c12::put_tag(to, {size}, *self as u32);")];
        self.codec(&lift, &lower, writer);
    }

    fn no_case(&self) -> String {
        let name = self.context.world.def(self.id).name.as_deref();
        let name = name.unwrap_or_default();
        format!("  other => return __c12::Err(__c12::no_case({name:?}, other)),")
    }

    fn flags(&self, flags: &Flags, writer: &mut Writer) {
        let bits = flags_size(flags.flags.len()) * 8;
        let mut scope = Scope::default();
        writer.open("__c12::flags! {");
        docs(
            writer,
            self.context.world.def(self.id).docs.contents.as_deref(),
        );
        writer.open(format!("{}: u{bits} {{", self.name));
        for (place, flag) in flags.flags.iter().enumerate() {
            docs(writer, flag.docs.contents.as_deref());
            writer.line(format!("{} = {place},", scope.take(upper(&flag.name))));
        }
        writer.close("}");
        writer.close("}");
    }

    /// How the host reads and writes it.
    fn codec(&self, lift: &[String], lower: &[String], writer: &mut Writer) {
        let layout = self.context.world.layout(&Type::Id(self.id));
        let (declared, used) = (self.declared_generics(), self.used_generics());
        let name = self.name;
        writer.line("// SAFETY: the layout is that of the WIT type.");
        writer.open(format!(
            "unsafe impl{declared} __c12::Native for {name}{used} {{"
        ));
        writer.line(format!("const SIZE: usize = {};", layout.size));
        writer.line(format!("const ALIGN: usize = {};", layout.align));
        writer.line(format!("const POINTS: bool = {};", self.facts.points));
        writer.close("}");

        let with_lifetime = self.generics(true, true);
        writer.open(format!(
            "impl{with_lifetime} __c12::Lift<'a> for {name}{used} {{"
        ));
        writer.open("unsafe fn lift(from: *const u8) -> __c12::Result<Self, __c12::Error> {");
        writer.line(
            "// SAFETY: the caller has a value of this type at `from`; the offsets are within it.",
        );
        writer.open("unsafe {");
        for line in lift {
            writer.line(line);
        }
        writer.close("}");
        writer.close("}");
        if self.plain {
            writer.line("__c12::plain_lists!(lift);");
        }
        writer.close("}");

        // Nothing that was lent goes back.
        if self.facts.borrows {
            return;
        }
        writer.open(format!("impl{declared} __c12::Lower for {name}{used} {{"));
        writer.open("unsafe fn lower(&self, to: *mut u8, memory: &mut __c12::Memory) {");
        writer.line("// SAFETY: the caller has room for a value of this type at `to`; the offsets are within it.");
        writer.open("unsafe {");
        for line in lower {
            writer.line(line);
        }
        writer.close("}");
        writer.close("}");
        if self.plain {
            writer.line("__c12::plain_lists!(lower);");
        }
        writer.close("}");
    }
}

fn case_names<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut scope = Scope::default();
    names.map(|name| scope.take(rust_type(name))).collect()
}
