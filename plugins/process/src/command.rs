use std::ffi::OsString;
use std::time::Duration;

/// What to run. What is not here the program does not get: nothing is inherited.
#[derive(Debug, Clone, Default)]
pub struct Command {
    /// A name or an absolute path, exactly as an entry of the allow-list spells it.
    pub program: OsString,
    /// The arguments, without the program's name.
    pub arguments: Vec<OsString>,
    /// The whole environment, as names and values. Of a name that is there twice the last value counts.
    pub environment: Vec<(OsString, OsString)>,
    /// The time after which it is killed, if it is not to be the policy's.
    pub timeout: Option<Duration>,
}

/// Which standard streams are pipes. The others lead nowhere: reading gives the end at once, and what is
/// written is lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pipes {
    /// Standard input.
    pub stdin: bool,
    /// Standard output.
    pub stdout: bool,
    /// Standard error.
    pub stderr: bool,
}
