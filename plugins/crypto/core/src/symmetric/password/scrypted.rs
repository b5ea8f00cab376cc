//! scrypt (RFC 7914).

use scrypt::{Params, scrypt};

use super::{buffer, check_limits, cost};
use crate::{Errno, Limits, Options, Result};

/// The block size that RFC 7914 recommends.
const BLOCK_SIZE: u64 = 8;

/// scrypt with its parameters.
#[derive(Clone)]
pub(super) struct Scrypt {
    params: Params,
    /// How many bytes it takes.
    memory: u64,
}

impl Scrypt {
    pub(super) fn new(options: &Options, limits: &Limits) -> Result<Self> {
        let n = cost(options)?;
        let r = options.get_u64("block_size").unwrap_or(BLOCK_SIZE);
        let p = options.get_u64("parallelism").unwrap_or(1);
        if n < 2 || !n.is_power_of_two() || r == 0 || p == 0 {
            return Err(Errno::AlgorithmFailure);
        }
        let block = r.saturating_mul(128);
        let memory = n.saturating_add(p).saturating_mul(block);
        let given = [options.get_u64("memory_limit").ok(), buffer(options)];
        if given.into_iter().flatten().any(|given| memory > given) {
            return Err(Errno::Overflow);
        }
        check_limits(
            memory,
            n.saturating_mul(p).saturating_mul(block) / 1024,
            limits,
        )?;
        let number = |number: u64| u32::try_from(number).map_err(|_| Errno::Overflow);
        let log_n = u8::try_from(n.ilog2()).map_err(|_| Errno::Overflow)?;
        let (r, p) = (number(r)?, number(p)?);
        // Both fit: their product is less than the memory.
        if r.checked_mul(p).is_none() {
            return Err(Errno::Overflow);
        }
        Params::new(log_n, r, p)
            .map(|params| Self { params, memory })
            .map_err(|_| Errno::AlgorithmFailure)
    }

    pub(super) fn squeeze(&self, password: &[u8], salt: &[u8], out: &mut [u8]) -> Result<()> {
        self.probe()?;
        scrypt(password, salt, &self.params, out).map_err(|_| Errno::InvalidLength)
    }

    /// The library ends the process where it gets no memory, so this asks for as much first.
    ///
    /// # Errors
    /// `algorithm_failure`.
    fn probe(&self) -> Result<()> {
        let mut memory = Vec::<u8>::new();
        let bytes = usize::try_from(self.memory).map_err(|_| Errno::AlgorithmFailure)?;
        memory
            .try_reserve_exact(bytes)
            .map_err(|_| Errno::AlgorithmFailure)?;
        // Otherwise the compiler may leave it out.
        std::hint::black_box(&memory);
        Ok(())
    }

    pub(super) fn prefix(&self) -> String {
        format!(
            "$scrypt$ln={},r={},p={}",
            self.params.log_n(),
            self.params.r(),
            self.params.p()
        )
    }
}
