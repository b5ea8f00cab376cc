use anyhow::Result;

use crate::layout::Layout;
use crate::plugins;
use crate::tools::system;

/// Builds the example plugins.
pub(crate) fn execute(layout: &Layout) -> Result<()> {
    system::install_missing()?;
    let folder = plugins::build_examples(layout)?;
    println!("plugins are in {}", folder.display());
    Ok(())
}
