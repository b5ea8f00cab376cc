//! The macro `generate!` of `c12-plugin`, which documents it.

mod arguments;

use std::path::{Path, PathBuf};

use c12_bindgen::{Options, World, rust};
use proc_macro::TokenStream;

use arguments::{Arguments, Complaint, Source};

/// Turns the WIT of a plugin into Rust: types, and traits to implement.
///
/// ```text
/// c12_plugin::generate!({
///     path: "wit",               // a file, or a folder with its dependencies in `deps`; `wit` if left out
///     inline: "package a:b; …",  // or the text itself
///     world: "text-tools",       // needed only if there are several
///     blocking: true,            // functions that wait or compute for long: all,
///     blocking: [                // or some, or all of an interface
///         "example:db/sql@1.0.0#query",
///         "example:db/sql@1.0.0#[method]connection.query",
///         "example:db/files@1.0.0",
///     ],
/// });
/// ```
///
/// Paths are relative to the package's folder. Interfaces that the world exports become modules
/// `exports::namespace::package::interface`, with the types, a trait `Guest` for the functions, and a trait `GuestTable`
/// for a resource `table`. Interfaces that give nothing but types become modules `namespace::package::interface`.
/// Functions of the world itself are in a trait `Guest` where the macro is called.
#[proc_macro]
pub fn generate(input: TokenStream) -> TokenStream {
    match Arguments::parse(input).and_then(|arguments| expand(&arguments)) {
        Ok(tokens) => tokens,
        Err(complaint) => complaint.into_tokens(),
    }
}

fn expand(arguments: &Arguments) -> Result<TokenStream, Complaint> {
    let complain = |error: c12_bindgen::Error| Complaint::new(arguments.span, explain(&error));
    let name = arguments.world.as_deref();
    let world = match &arguments.source {
        Source::Path(path) => {
            let path = package_folder()?.join(path);
            World::from_path(&path, name)
        }
        Source::Text(text) => World::from_text("inline", text, name),
    }
    .map_err(complain)?;
    let options = Options {
        blocking: arguments.blocking.clone(),
    };
    let mut text = rust::bindings(&world, &options).map_err(complain)?;
    for file in world.files() {
        // Makes the compiler look at the files again when they change.
        text.push_str(&format!(
            "const _: &[u8] = ::core::include_bytes!({:?});\n",
            absolute(file).display().to_string()
        ));
    }
    text.parse().map_err(|error| {
        Complaint::new(
            arguments.span,
            format!("the bindings for this world are no Rust: {error}"),
        )
    })
}

fn package_folder() -> Result<PathBuf, Complaint> {
    std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| {
            Complaint::new(
                proc_macro::Span::call_site(),
                "there is no CARGO_MANIFEST_DIR",
            )
        })
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The error with what could be done about it.
fn explain(error: &c12_bindgen::Error) -> String {
    match error {
        c12_bindgen::Error::NotThere { known, .. } => {
            format!("{error}; it has:\n  {}", known.join("\n  "))
        }
        _ => error.to_string(),
    }
}
