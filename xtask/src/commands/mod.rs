//! One file per subcommand.

pub(crate) mod bench;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod guests;
pub(crate) mod plugins;
pub(crate) mod test;
