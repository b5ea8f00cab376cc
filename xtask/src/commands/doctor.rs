use anyhow::Result;

use crate::guests::js_project;
use crate::layout::Layout;
use crate::process::find_program;
use crate::tools::{
    boolector, boringssl, c_compiler, componentize_js, debian, mdbook, nn_models, node, redis,
    rust_for_guests, system, wac, wasmedge, wasmtime,
};

/// One line of the report.
struct Finding {
    what: &'static str,
    /// What is there, or how to get it.
    state: Result<String, String>,
}

/// Says what is installed, what is missing, and how to get it.
pub(crate) fn execute(layout: &Layout) -> Result<()> {
    println!("tools folder: {}", layout.tools.display());
    println!("build output: {}", layout.target.display());
    for finding in findings(layout)? {
        println!("{}", line(&finding));
    }
    system::require()
}

fn findings(layout: &Layout) -> Result<Vec<Finding>> {
    let mut findings: Vec<_> = system::PROGRAMS
        .iter()
        .map(|program| Finding {
            what: program.name,
            state: match find_program(program.name) {
                Some(path) => Ok(path.display().to_string()),
                None => Err(format!("`{}`", program.line())),
            },
        })
        .collect();
    findings.push(Finding {
        what: "Debian packages",
        state: debian::obstacle().map_or(Ok("usable".to_owned()), Err),
    });
    findings.extend(
        ["cmake", "libclang"]
            .into_iter()
            .zip(boringssl::parts())
            .map(|(what, part)| Finding {
                what,
                state: part
                    .map(|path| path.display().to_string())
                    .map_err(|program| {
                        format!("`{}` (tests of the plugin `crypto`)", program.line())
                    }),
            }),
    );
    let by_command = |what, state: Option<&str>, command: &str| Finding {
        what,
        state: state
            .map(str::to_owned)
            .ok_or_else(|| format!("`cargo xtask {command}` installs it")),
    };
    let there = |installed: bool| installed.then_some("installed");
    let rust = match (rust_for_guests::state(layout)?, debian::obstacle()) {
        (None, Some(_)) => Finding {
            what: "Rust for guests",
            state: Err(format!("`{}`", rust_for_guests::rustup_line())),
        },
        (state, _) => by_command("Rust for guests", state, "guests"),
    };
    findings.extend([
        rust,
        by_command("C for guests", c_compiler::state(layout), "guests"),
        by_command("Node.js", node::state(layout).as_deref(), "guests"),
        by_command(
            "ComponentizeJS",
            there(componentize_js::is_installed(layout, &js_project(layout))),
            "guests",
        ),
        by_command(
            "boolector",
            there(boolector::is_installed(layout)),
            "guests",
        ),
        by_command("mdBook", mdbook::state(layout), "test"),
        by_command("Wasmtime", there(wasmtime::is_installed(layout)), "test"),
        by_command("WasmEdge", there(wasmedge::is_installed(layout)), "test"),
        by_command("Redis", there(redis::is_installed(layout)), "test"),
        by_command("models", there(nn_models::is_installed(layout)), "test"),
        by_command("wac", there(wac::is_installed(layout)), "bench"),
        Finding {
            what: "cargo-deny",
            state: match find_program("cargo-deny") {
                Some(path) => Ok(path.display().to_string()),
                None => Err("`cargo install --locked cargo-deny` (optional)".to_owned()),
            },
        },
    ]);
    Ok(findings)
}

fn line(finding: &Finding) -> String {
    match &finding.state {
        Ok(state) => format!("  ok       {:<16} {state}", finding.what),
        Err(remedy) => format!("  missing  {:<16} {remedy}", finding.what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_is_there_or_how_to_get_it() {
        let there = Finding {
            what: "mdBook",
            state: Ok("installed".to_owned()),
        };
        let missing = Finding {
            what: "mdBook",
            state: Err("`cargo xtask test` installs it".to_owned()),
        };
        assert_eq!(line(&there), "  ok       mdBook           installed");
        assert_eq!(
            line(&missing),
            "  missing  mdBook           `cargo xtask test` installs it"
        );
    }

    #[test]
    fn the_report_covers_every_tool() {
        let folder = tempfile::tempdir().unwrap();
        let mut layout = Layout::find().unwrap();
        layout.tools = folder.path().into();
        let findings = findings(&layout).unwrap();
        for tool in [
            "c++",
            "cmake",
            "libclang",
            "Rust for guests",
            "C for guests",
            "Node.js",
            "ComponentizeJS",
            "boolector",
            "Wasmtime",
            "WasmEdge",
            "Redis",
            "models",
            "wac",
            "mdBook",
        ] {
            assert!(
                findings.iter().any(|finding| finding.what == tool),
                "{tool}"
            );
        }
    }
}
