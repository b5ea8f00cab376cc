//! Comparing what came out with what has to come out.

use std::fmt::Debug;

use c12_wasm::cli::Failure;
use c12_wasm::crypto::{Error, Result};

use crate::files::print;

/// Counts what was checked, and says so.
#[derive(Default)]
pub(crate) struct Checks {
    done: usize,
}

impl Checks {
    pub(crate) fn title(&mut self, title: &str) -> std::result::Result<(), Failure> {
        print(&format!("{title}\n"))
    }

    /// Something came out as it has to.
    pub(crate) fn equal<T: PartialEq + Debug + ?Sized>(
        &mut self,
        what: &str,
        got: &T,
        expected: &T,
    ) -> std::result::Result<(), Failure> {
        if got != expected {
            return Err(Failure::failed(format!(
                "{what}: got {got:02x?}, expected {expected:02x?}"
            )));
        }
        self.passed(what)
    }

    /// Something succeeded.
    pub(crate) fn succeeds<T>(
        &mut self,
        what: &str,
        result: Result<T>,
    ) -> std::result::Result<T, Failure> {
        match result {
            Ok(value) => self.passed(what).map(|()| value),
            Err(error) => Err(Failure::failed(format!("{what}: {error}"))),
        }
    }

    /// Something was refused, and with this error.
    pub(crate) fn refused<T>(
        &mut self,
        what: &str,
        result: Result<T>,
        expected: Error,
    ) -> std::result::Result<(), Failure> {
        match result {
            Err(error) if error == expected => self.passed(&format!("{what}: {}", error.name())),
            Err(error) => Err(Failure::failed(format!(
                "{what}: got {error}, expected {expected}"
            ))),
            Ok(_) => Err(Failure::failed(format!("{what}: it was accepted"))),
        }
    }

    pub(crate) fn passed(&mut self, what: &str) -> std::result::Result<(), Failure> {
        self.done += 1;
        print(&format!("  ok  {what}\n"))
    }

    pub(crate) fn summary(&self) -> String {
        format!("{} checks, all ok\n", self.done)
    }
}
