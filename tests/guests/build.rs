//! Turns the examples in the documentation of `c12_wasm::crypto` and `c12_wasm::nn` into functions that the guests
//! `crypto_examples` and `nn_examples` call.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What a fenced block has to begin with.
const FENCE: &str = "```no_run";

/// The modules with such examples.
const MODULES: [&str; 2] = ["crypto", "nn"];

fn main() {
    let source = Path::new("../../guest/src");
    println!("cargo::rerun-if-changed={}", source.display());
    for module in MODULES {
        let mut files = vec![source.join(module).with_extension("rs")];
        collect(&source.join(module), &mut files);
        files.sort();
        write(source, module, &files);
    }
}

fn write(source: &Path, module: &str, files: &[PathBuf]) {
    let mut functions = String::new();
    let mut table = String::new();
    for file in files {
        let text = fs::read_to_string(file).expect("the SDK's source can be read");
        for (line, example) in examples(&text) {
            let number = functions.matches("\nfn example_").count();
            let name = file.strip_prefix(source).expect("it was found there");
            writeln!(
                functions,
                "\nfn example_{number}() -> Result<(), c12_wasm::{module}::Error> {{\n{example}}}"
            )
            .expect("there is memory");
            writeln!(
                table,
                "    (\"{}:{line}\", example_{number}),",
                name.display()
            )
            .expect("there is memory");
        }
    }
    let code = format!(
        "{functions}\nconst EXAMPLES: &[(&str, fn() -> Result<(), c12_wasm::{module}::Error>)] = &[\n{table}];\n"
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where"));
    fs::write(out.join(format!("{module}_examples.rs")), code)
        .expect("the output's folder can be written to");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the SDK's source is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// The examples of a file, each with the number of its first line.
fn examples(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let comment = line
            .strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"));
        let Some(comment) = comment else { continue };
        let comment = comment.strip_prefix(' ').unwrap_or(comment);
        match &mut open {
            None if comment == FENCE => open = Some((index + 2, String::new())),
            None => assert!(
                !comment.starts_with("```"),
                "line {}: only {FENCE} is run",
                index + 1
            ),
            Some(_) if comment == "```" => found.extend(open.take()),
            Some((_, example)) => {
                // What is hidden from readers.
                let code = match comment {
                    "#" => "",
                    _ => comment.strip_prefix("# ").unwrap_or(comment),
                };
                example.push_str(code);
                example.push('\n');
            }
        }
    }
    assert!(open.is_none(), "an example is not closed");
    found
}
