use anyhow::Result;

use crate::guests;
use crate::layout::Layout;
use crate::tools::system;

/// Builds every guest: the examples, the tests' own and the foreign ones.
pub(crate) fn execute(layout: &Layout) -> Result<()> {
    system::install_missing()?;
    guests::build_all(layout)?;
    println!("guests are in {}", layout.guests().display());
    Ok(())
}
