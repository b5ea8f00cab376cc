//! The report for people.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter, Write};

use super::report::{
    DebugInfo, Export, Import, Item, Memory, Metadata, Module, Producer, Report, Section, Table,
};
use crate::printable::shown;

/// How many lines of one kind are printed. JSON has the rest.
const MAX_LINES: usize = 200;
/// How many modules nested in a component are described.
const MAX_MODULES: usize = 20;
/// Width of a bar that stands for the whole file.
const BAR: u64 = 24;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.summary(f)?;
        metadata(f, &self.metadata)?;
        imports(f, &self.imports)?;
        exports(f, &self.exports)?;
        self.features(f)?;
        modules(f, &self.modules)?;
        sections(f, &self.sections, self.binary_size)?;
        debug_info(f, &self.debug_info)?;
        producers(f, &self.producers)?;
        lines(f, "Notes", &self.notes, |f, note| {
            writeln!(f, "  {}", shown(note))
        })
    }
}

impl Report {
    fn summary(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        for role in &self.roles {
            write!(f, ", {}", shown(&role.to_string()))?;
        }
        write!(f, "\n{}", bytes(self.size))?;
        if self.binary_size != self.size {
            write!(f, " of text, {} as a binary", bytes(self.binary_size))?;
        }
        writeln!(f)
    }

    fn features(&self, f: &mut Formatter<'_>) -> fmt::Result {
        lines(f, "Features", &self.features, |f, feature| {
            let uses = if feature.uses == 1 { "use" } else { "uses" };
            let name = feature.feature.to_string();
            writeln!(
                f,
                "  {name:<32} {:<15} {:>8} {uses}, first at {:#x}",
                feature.since, feature.uses, feature.first_offset
            )
        })
    }
}

fn metadata(f: &mut Formatter<'_>, metadata: &Metadata) -> fmt::Result {
    let fields = [
        ("name", &metadata.name),
        ("version", &metadata.version),
        ("description", &metadata.description),
        ("authors", &metadata.authors),
        ("licences", &metadata.licenses),
        ("source", &metadata.source),
        ("homepage", &metadata.homepage),
        ("revision", &metadata.revision),
    ];
    let known: Vec<_> = fields
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_ref()?)))
        .collect();
    lines(f, "About", &known, |f, (name, value)| {
        writeln!(f, "  {name:<12} {}", shown(value))
    })
}

/// Imports of a core module come in runs of the same module; a component's each have functions of their own.
fn imports(f: &mut Formatter<'_>, imports: &[Import]) -> fmt::Result {
    let mut module = None;
    lines(f, "Imports", imports, |f, import| {
        let provider = provided(import);
        let Some(name) = &import.name else {
            return item(f, &import.module, &import.item, &provider);
        };
        if module != Some(&import.module) {
            module = Some(&import.module);
            writeln!(f, "  {}", shown(&import.module))?;
        }
        let ty = import.item.ty.as_deref().unwrap_or(import.item.kind);
        writeln!(f, "    {} {ty}{provider}", shown(name))
    })
}

fn exports(f: &mut Formatter<'_>, exports: &[Export]) -> fmt::Result {
    lines(f, "Exports", exports, |f, export| {
        item(f, &export.name, &export.item, "")
    })
}

fn provided(import: &Import) -> String {
    import.provider.as_ref().map_or(String::new(), |provider| {
        let serves = provider.serves.as_ref().map_or(String::new(), |serves| {
            format!(", which serves {}", shown(serves))
        });
        format!("   [provided by {}{serves}]", shown(&provider.name))
    })
}

fn item(f: &mut Formatter<'_>, name: &str, item: &Item, provider: &str) -> fmt::Result {
    let ty = match (&item.ty, item.kind) {
        (Some(ty), _) => format!(": {}", shown_type(ty)),
        (None, "instance") => String::new(),
        (None, kind) => format!(": {kind}"),
    };
    writeln!(f, "  {}{ty}{provider}", shown(name))?;
    for resource in item.resources.iter().take(MAX_LINES) {
        writeln!(f, "    resource {}", shown(resource))?;
    }
    for function in item.functions.iter().take(MAX_LINES) {
        let ty = function.ty.as_deref().unwrap_or("func");
        writeln!(f, "    {}: {}", shown(&function.name), shown_type(ty))?;
    }
    let left = item
        .resources
        .len()
        .max(item.functions.len())
        .saturating_sub(MAX_LINES);
    if left > 0 {
        writeln!(f, "    … and {left} more")
    } else {
        Ok(())
    }
}

/// Types consist of names that the parser checked, so only their length matters, which is limited already.
fn shown_type(ty: &str) -> &str {
    ty
}

fn modules(f: &mut Formatter<'_>, modules: &[Module]) -> fmt::Result {
    let Some(first) = modules.first() else {
        return Ok(());
    };
    let title = if first.path.is_empty() {
        "Module"
    } else {
        "Core modules"
    };
    heading(f, title)?;
    for module in modules.iter().take(MAX_MODULES) {
        if !module.path.is_empty() {
            let name = module
                .name
                .as_ref()
                .map_or(String::new(), |name| format!(" `{}`", shown(name)));
            writeln!(f, "  {}{name}, {}", module.path, bytes(module.size))?;
        }
        let pad = if module.path.is_empty() { "  " } else { "    " };
        writeln!(
            f,
            "{pad}{}, {} imported; {}; {}",
            count(module.functions, "function"),
            module.imported_functions,
            count(module.globals, "global"),
            count(module.exports, "export")
        )?;
        module
            .memories
            .iter()
            .take(MAX_LINES)
            .try_for_each(|ty| writeln!(f, "{pad}{}", memory(ty)))?;
        module
            .tables
            .iter()
            .take(MAX_LINES)
            .try_for_each(|ty| writeln!(f, "{pad}{}", table(ty)))?;
        if let Some(start) = &module.start {
            let name = start
                .name
                .as_ref()
                .map_or(String::new(), |name| format!(" `{}`", shown(name)));
            writeln!(f, "{pad}start function {}{name}", start.function)?;
        }
    }
    rest(f, modules.len().saturating_sub(MAX_MODULES))
}

fn memory(memory: &Memory) -> String {
    let size = |pages: u64| {
        pages
            .checked_mul(memory.page_size)
            .map_or("2^64 bytes".to_owned(), amount)
    };
    let mut text = format!(
        "memory: {} ({})",
        count(memory.minimum, "page"),
        size(memory.minimum)
    );
    match memory.maximum {
        Some(maximum) => {
            let _ = write!(text, ", at most {maximum} ({})", size(maximum));
        }
        None => text.push_str(", no maximum"),
    }
    let page = (memory.page_size != 65536)
        .then(|| format!(", pages of {}", count(memory.page_size, "byte")));
    text.push_str(&page.unwrap_or_default());
    let marks = [
        (memory.memory64, ", 64-bit"),
        (memory.shared, ", shared"),
        (memory.imported, ", imported"),
    ];
    text.extend(marks.iter().filter(|(set, _)| *set).map(|(_, mark)| *mark));
    text
}

fn table(table: &Table) -> String {
    let mut text = format!(
        "table: {} of {}",
        count(table.minimum, "element"),
        table.element
    );
    match table.maximum {
        Some(maximum) => {
            let _ = write!(text, ", at most {maximum}");
        }
        None => text.push_str(", no maximum"),
    }
    let marks = [(table.table64, ", 64-bit"), (table.imported, ", imported")];
    text.extend(marks.iter().filter(|(set, _)| *set).map(|(_, mark)| *mark));
    text
}

fn sections(f: &mut Formatter<'_>, sections: &[Section], whole: u64) -> fmt::Result {
    lines(f, "Sections", sections, |f, section| {
        let share = section
            .size
            .saturating_mul(1000)
            .checked_div(whole)
            .unwrap_or_default();
        let bar = "#".repeat(usize::try_from((share * BAR / 1000).min(BAR)).unwrap_or_default());
        let indent = "  ".repeat(section.depth as usize);
        // The levels above are in the indentation already; custom names may hold a slash.
        let name = section
            .path
            .splitn(section.depth as usize + 1, '/')
            .last()
            .unwrap_or_default();
        let times = if section.count > 1 {
            format!(" x{}", section.count)
        } else {
            String::new()
        };
        let label = format!("{indent}{}{times}", shown(name));
        let line = format!(
            "  {label:<40} {:>12} {:>3}.{}% {bar}",
            section.size,
            share / 10,
            share % 10
        );
        writeln!(f, "{}", line.trim_end())
    })
}

fn debug_info(f: &mut Formatter<'_>, info: &DebugInfo) -> fmt::Result {
    if *info == DebugInfo::default() {
        return Ok(());
    }
    heading(f, "Debug information")?;
    if !info.dwarf.is_empty() {
        let names: Vec<_> = info
            .dwarf
            .iter()
            .map(|section| format!("{} {}", shown(&section.name), section.size))
            .collect();
        writeln!(
            f,
            "  DWARF, {}: {}",
            bytes(info.dwarf_size()),
            names.join(", ")
        )?;
    }
    if info.name_section_size > 0 {
        let functions = count(info.named_functions, "function");
        writeln!(
            f,
            "  names, {}, with those of {functions}",
            bytes(info.name_section_size)
        )?;
    }
    let places = [
        ("source map", &info.source_maps),
        ("in another file", &info.external),
        ("build id", &info.build_ids),
    ];
    for (what, values) in places {
        values
            .iter()
            .take(MAX_LINES)
            .try_for_each(|value| writeln!(f, "  {what}: {}", shown(value)))?;
    }
    Ok(())
}

/// A tool that several nested modules name is printed once.
fn producers(f: &mut Formatter<'_>, producers: &[Producer]) -> fmt::Result {
    let mut known: Vec<(Cow<'_, str>, Cow<'_, str>, Cow<'_, str>)> = Vec::new();
    for producer in producers.iter().take(MAX_LINES * 10) {
        let entry = (
            shown(&producer.field),
            shown(&producer.name),
            shown(&producer.version),
        );
        if !known.contains(&entry) {
            known.push(entry);
        }
    }
    lines(f, "Producers", &known, |f, (field, name, version)| {
        writeln!(
            f,
            "{}",
            format!("  {field:<12} {name} {version}").trim_end()
        )
    })
}

/// A heading and a line each, up to a number that a reader can take in.
fn lines<'l, T>(
    f: &mut Formatter<'_>,
    title: &str,
    list: &'l [T],
    mut line: impl FnMut(&mut Formatter<'_>, &'l T) -> fmt::Result,
) -> fmt::Result {
    if list.is_empty() {
        return Ok(());
    }
    heading(f, title)?;
    list.iter()
        .take(MAX_LINES)
        .try_for_each(|entry| line(f, entry))?;
    rest(f, list.len().saturating_sub(MAX_LINES))
}

fn heading(f: &mut Formatter<'_>, title: &str) -> fmt::Result {
    writeln!(f, "\n{title}")
}

fn rest(f: &mut Formatter<'_>, left: usize) -> fmt::Result {
    if left > 0 {
        writeln!(f, "  … and {left} more")
    } else {
        Ok(())
    }
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A size in bytes, and rounded where that reads better.
fn bytes(size: u64) -> String {
    if size < 1024 {
        count(size, "byte")
    } else {
        format!("{} ({})", count(size, "byte"), amount(size))
    }
}

/// A size in the largest unit that leaves a digit before the point, with a digit behind it unless it is exact.
fn amount(size: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut unit = ("bytes", 1_u64);
    for next in UNITS {
        if size / unit.1 < 1024 {
            break;
        }
        unit = (next, unit.1 << 10);
    }
    let (name, scale) = unit;
    let (whole, part) = (size / scale, size % scale);
    let tenths = u128::from(part) * 10 / u128::from(scale);
    if part == 0 {
        format!("{whole} {name}")
    } else {
        format!("{whole}.{tenths} {name}")
    }
}
