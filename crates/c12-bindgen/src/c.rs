//! C: a header with types, what the author implements, and the table.
//!
//! The header needs `c12_plugin_c.h` and `c12_plugin.h` beside it; see [`HEADERS`](crate::HEADERS).

mod checks;
mod functions;
mod names;
mod types;

use crate::names::{snake, upper};
use crate::writer::Writer;
use crate::{Error, Options, World};

pub use checks::layout_checks;
use names::Names;

/// Writes the header for plugins in C11.
///
/// # Errors
///
/// [`Error::NotThere`] for a wrong name in the options.
pub fn header(world: &World, options: &Options) -> Result<String, Error> {
    options.blocking.check(world)?;
    let names = Names::of(world);
    let mut writer = Writer::default();
    let guard = format!("C12_{}_{}_H", upper(&package(world)), upper(world.name()));
    writer.line("/*");
    writer.line(format!(
        " * The world `{}` of `{}`, for plugins in C.",
        world.name(),
        world.package()
    ));
    writer.line(
        " * Written by `c12 plugin bindgen`: changes here are lost when it is written again.",
    );
    writer.line(" *");
    writer.line(
        " * Implement the functions under \"To implement\", and define the plugin in one file:",
    );
    writer.line(" *");
    writer.line(format!(
        " *   C12_PLUGIN_DEFINE({}_WORLD,",
        upper(world.name())
    ));
    writer.line(format!(
        " *                     .name = \"{}\",",
        world.name()
    ));
    writer.line(" *                     .version = \"1.0.0\",");
    writer.line(" *                     .description = \"…\");");
    writer.line(" */");
    writer.line(format!("#ifndef {guard}"));
    writer.line(format!("#define {guard}"));
    writer.gap();
    writer.line("#include \"c12_plugin_c.h\"");
    writer.gap();
    writer.line(
        "/* The type of what `instantiate` makes: a type of yours, if you define this before. */",
    );
    writer.line("#ifndef C12_INSTANCE");
    writer.line("#define C12_INSTANCE void");
    writer.line("#endif");
    types::write(world, &names, &mut writer);
    functions::write(world, &names, options, &mut writer);
    writer.gap();
    writer.line("#endif");
    Ok(writer.finish())
}

/// The package's name without its version.
fn package(world: &World) -> String {
    let name = world.package();
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    snake(&name.replace(':', "-"))
}

/// A text as string literals, a line each.
fn literal(writer: &mut Writer, text: &str) {
    for line in text.split_inclusive('\n') {
        let mut escaped = String::with_capacity(line.len() + 8);
        for letter in line.chars() {
            match letter {
                '\n' => escaped.push_str("\\n"),
                '\t' => escaped.push_str("\\t"),
                '\r' => escaped.push_str("\\r"),
                '"' => escaped.push_str("\\\""),
                '\\' => escaped.push_str("\\\\"),
                // Would begin a trigraph.
                '?' => escaped.push_str("\\?"),
                // Other control characters are not in WIT.
                letter if letter.is_control() => escaped.push(' '),
                letter => escaped.push(letter),
            }
        }
        writer.line(format!("\"{escaped}\""));
    }
}
