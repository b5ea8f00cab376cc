//! The module `common`.

use super::super::{AlgorithmType, Options, Result, SecretsManager, Version};
use super::{call, maybe_options};

pub(in crate::crypto::raw) fn options_open(algorithm_type: AlgorithmType) -> Result<Options> {
    call!(options_open(algorithm_type as u32) -> u32).map(Options::owning)
}

pub(in crate::crypto::raw) fn options_set(
    options: &Options,
    name: &str,
    value: &[u8],
) -> Result<()> {
    call!(options_set(
        options.handle(),
        name.as_ptr(),
        name.len(),
        value.as_ptr(),
        value.len()
    ))
}

pub(in crate::crypto::raw) fn options_set_u64(
    options: &Options,
    name: &str,
    value: u64,
) -> Result<()> {
    call!(options_set_u64(
        options.handle(),
        name.as_ptr(),
        name.len(),
        value
    ))
}

pub(in crate::crypto::raw) fn secrets_manager_open(
    options: Option<&Options>,
) -> Result<SecretsManager> {
    call!(secrets_manager_open(&maybe_options(options)) -> u32).map(SecretsManager::owning)
}

pub(in crate::crypto::raw) fn secrets_manager_invalidate(
    manager: &SecretsManager,
    id: &[u8],
    version: Version,
) -> Result<()> {
    call!(secrets_manager_invalidate(
        manager.handle(),
        id.as_ptr(),
        id.len(),
        version.to_u64()
    ))
}
