use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::guests;
use crate::layout::Layout;
use crate::process::{cargo, run, shown};
use crate::tools::system;

const EXAMPLE: &str = "09_wasi_02_component_example";

/// Runs a real component on the documentation's files, with the folder granted and without.
pub(crate) fn execute(layout: &Layout) -> Result<()> {
    system::install_missing()?;
    println!("building c12 and the component {EXAMPLE}; the first time takes some minutes");
    // The example makes cargo choose the features that the tests are built with: building either after the other
    // then leaves the engine alone.
    run(cargo(layout).args([
        "build",
        "--workspace",
        "--exclude",
        "c12-test-guests",
        "--bin",
        "c12",
        "--example",
        "embed",
    ]))?;
    let guest = guests::build_example(layout, EXAMPLE, guests::WASIP2)?;
    let c12 = layout.target.join("debug/c12");

    println!("\nWith the folder `docs` granted, read-only, as `/docs`:");
    run(announced(&mut c12_run(
        layout,
        &c12,
        &["--dir", "docs::/docs:ro"],
        &guest,
    )))?;

    println!("\nWithout that grant the same program gets nothing:");
    let mut refused = c12_run(layout, &c12, &[], &guest);
    let status = announced(&mut refused).status()?;
    if status.success() {
        bail!(
            "`{}` should have been refused, but it succeeded",
            shown(&refused)
        );
    }
    println!("\nIt was refused, as it should be ({status}).");
    Ok(())
}

fn c12_run(layout: &Layout, c12: &Path, options: &[&str], guest: &Path) -> Command {
    let mut command = Command::new(c12);
    command
        .current_dir(&layout.root)
        .arg("run")
        .args(options)
        .arg(guest)
        .args(["--", "stats", "/docs"]);
    command
}

fn announced(command: &mut Command) -> &mut Command {
    println!("$ {}", shown(command));
    command
}
