//! Guests that nobody here wrote.

use anyhow::Result;

use super::place;
use crate::layout::Layout;
use crate::tools::boolector::boolector;

pub(super) fn place_all(layout: &Layout) -> Result<()> {
    place(layout, &boolector(layout)?, "foreign", "boolector")
}
