//! The subcommands, a file each.

pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod inspect;
pub(crate) mod new;
pub(crate) mod plugin;
pub(crate) mod run;

use std::path::Path;

/// What an input is called in messages: its file name.
pub(crate) fn name(path: &Path) -> String {
    c12_toolchain::escape(
        &path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy(),
    )
    .into_owned()
}
