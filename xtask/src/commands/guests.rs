use anyhow::Result;

use crate::guests;
use crate::layout::Layout;
use crate::tools::system;

/// Builds every guest, the examples, the tests' own and the foreign ones, or those of one name.
pub(crate) fn execute(layout: &Layout, name: Option<&str>) -> Result<()> {
    system::install_missing()?;
    match name {
        Some(name) => guests::build_named(layout, name)?,
        None => guests::build_all(layout)?,
    }
    println!("guests are in {}", layout.guests().display());
    Ok(())
}
