//! Argon2id (RFC 9106).

use std::sync::Arc;

use argon2::{Algorithm, Argon2, AssociatedData, Block, Params, ParamsBuilder, Version};
use zeroize::Zeroize;

use super::super::key::Material;
use super::{buffer, check_limits, cost, encoded};
use crate::{Errno, Limits, Options, Result};

/// Argon2id with its parameters.
#[derive(Clone)]
pub(super) struct Argon2id {
    params: Params,
    secret: Option<Arc<Material>>,
}

impl Argon2id {
    pub(super) fn new(
        key: Option<&Arc<Material>>,
        options: &Options,
        limits: &Limits,
    ) -> Result<Self> {
        let given = buffer(options);
        let memory = options
            .get_u64("memory_limit")
            .ok()
            .or(given)
            .ok_or(Errno::ParametersMissing)?;
        if given.is_some_and(|given| memory > given) {
            return Err(Errno::Overflow);
        }
        let (blocks, passes) = (memory / Block::SIZE as u64, cost(options)?);
        check_limits(memory, blocks.saturating_mul(passes), limits)?;
        let number = |number: u64| u32::try_from(number).map_err(|_| Errno::Overflow);
        let mut builder = ParamsBuilder::new();
        builder.m_cost(number(blocks)?).t_cost(number(passes)?);
        builder.p_cost(number(options.get_u64("parallelism").unwrap_or(1))?);
        if let Ok(context) = options.get("context") {
            builder.data(AssociatedData::new(context).map_err(|_| Errno::InvalidLength)?);
        }
        let params = builder.build().map_err(|_| Errno::AlgorithmFailure)?;
        Ok(Self {
            params,
            secret: key.map(Arc::clone),
        })
    }

    pub(super) fn squeeze(&self, password: &[u8], salt: &[u8], out: &mut [u8]) -> Result<()> {
        if out.len() < Params::MIN_OUTPUT_LEN {
            return Err(Errno::InvalidLength);
        }
        let secret = self
            .secret
            .as_ref()
            .map(|secret| secret.raw())
            .unwrap_or_default();
        let argon2 = Argon2::new_with_secret(
            secret,
            Algorithm::Argon2id,
            Version::V0x13,
            self.params.clone(),
        )
        .map_err(|_| Errno::InvalidKey)?;
        let mut memory = Memory::new(self.params.block_count())?;
        argon2
            .hash_password_into_with_memory(password, salt, out, memory.0.as_mut_slice())
            .map_err(|_| Errno::AlgorithmFailure)
    }

    pub(super) fn held(&self) -> usize {
        self.secret.as_ref().map_or(0, |secret| secret.bytes())
    }

    pub(super) fn prefix(&self) -> String {
        let (memory, passes, lanes) = (
            self.params.m_cost(),
            self.params.t_cost(),
            self.params.p_cost(),
        );
        let mut prefix = format!("$argon2id$v=19$m={memory},t={passes},p={lanes}");
        if !self.params.data().is_empty() {
            prefix.push_str(",data=");
            prefix.push_str(&encoded::parameter(self.params.data()));
        }
        prefix
    }
}

/// Memory to be filled, taken when it is needed and wiped afterwards.
struct Memory(Vec<Block>);

impl Memory {
    fn new(blocks: usize) -> Result<Self> {
        let mut memory = Vec::new();
        memory
            .try_reserve_exact(blocks)
            .map_err(|_| Errno::AlgorithmFailure)?;
        memory.resize(blocks, Block::default());
        Ok(Self(memory))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}
