//! Both implementations at once: every call is made on each, and the answers are compared.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use c12_crypto_core::{Config, Session, Shared};
use wasi_crypto::CryptoCtx;

use crate::known;
use crate::outcome::{Answer, Failure, Outcome, guarded};
use crate::sides::{Raw, Side};

/// Which implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// This project's.
    Ours,
    /// The oracle.
    Theirs,
}

impl Which {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Ours => Self::Theirs,
            Self::Theirs => Self::Ours,
        }
    }
}

/// What each side has for the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Both<T> {
    pub(crate) ours: T,
    pub(crate) theirs: T,
}

pub(crate) type Handles = Both<Raw>;

impl<T: Copy> Both<T> {
    pub(crate) fn of(self, which: Which) -> T {
        match which {
            Which::Ours => self.ours,
            Which::Theirs => self.theirs,
        }
    }
}

/// A call, as differences and the list of the known ones name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    /// The specification's function, or what is done with it.
    pub(crate) function: &'static str,
    pub(crate) algorithm: &'a str,
}

/// The implementations do not agree, and nobody knew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What was called.
    pub function: &'static str,
    /// With which algorithm.
    pub algorithm: String,
    /// How each side answered.
    pub answers: String,
    /// The calls before it.
    pub before: Vec<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} ({}): {}",
            self.function, self.algorithm, self.answers
        )?;
        self.before
            .iter()
            .try_for_each(|call| writeln!(f, "  after {call}"))
    }
}

impl std::error::Error for Difference {}

/// What was compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Calls that both sides were given.
    pub calls: u64,
    /// Those of them that both answered with success.
    pub successes: u64,
    /// How often each known difference was met, by its place in the list.
    pub known: BTreeMap<usize, u64>,
}

impl Report {
    /// Adds what another run has compared.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.successes += other.successes;
        for (place, count) in &other.known {
            *self.known.entry(*place).or_default() += count;
        }
    }
}

/// The result of a step.
pub(crate) type Step<T> = Result<T, Difference>;

/// Both implementations, and what was compared so far.
pub(crate) struct World {
    ours: Session,
    theirs: CryptoCtx,
    pub(crate) report: Report,
    before: Vec<String>,
}

impl World {
    pub(crate) fn new() -> Self {
        let shared = Shared::new(Config::default()).expect("the default configuration is valid");
        Self {
            ours: Session::new(&shared),
            theirs: CryptoCtx::new(),
            report: Report::default(),
            before: Vec::new(),
        }
    }

    /// Calls one side.
    pub(crate) fn one<T>(
        &mut self,
        which: Which,
        call: impl FnOnce(&mut dyn Side) -> Answer<T>,
    ) -> Answer<T> {
        let side: &mut dyn Side = match which {
            Which::Ours => &mut self.ours,
            Which::Theirs => &mut self.theirs,
        };
        guarded(|| call(side))
    }

    /// Calls one side, which must succeed.
    pub(crate) fn must<T>(
        &mut self,
        call: Call<'_>,
        which: Which,
        make: impl FnOnce(&mut dyn Side) -> Answer<T>,
    ) -> Step<T> {
        let answer = self.one(which, make);
        answer.map_err(|failure| {
            let outcome = Outcome::of::<()>(&Err(failure));
            self.difference(
                call,
                format!("{which:?} alone must succeed, and had {outcome}"),
            )
        })
    }

    /// Calls both sides. Errors must be equal; values are not compared. There are none where a side failed.
    pub(crate) fn both<T>(
        &mut self,
        call: Call<'_>,
        make: impl Fn(&mut dyn Side, Which) -> Answer<T>,
    ) -> Step<Option<Both<T>>> {
        let ours = self.one(Which::Ours, |side| make(side, Which::Ours));
        let theirs = self.one(Which::Theirs, |side| make(side, Which::Theirs));
        self.judge(call, ours, theirs, |_, _| None)
    }

    /// Calls both sides. Errors must be equal, and values too.
    pub(crate) fn same<T: PartialEq + Debug>(
        &mut self,
        call: Call<'_>,
        make: impl Fn(&mut dyn Side, Which) -> Answer<T>,
    ) -> Step<Option<Both<T>>> {
        let ours = self.one(Which::Ours, |side| make(side, Which::Ours));
        let theirs = self.one(Which::Theirs, |side| make(side, Which::Theirs));
        self.judge(call, ours, theirs, |ours, theirs| {
            (ours != theirs).then(|| format!("we returned {ours:02x?}, they {theirs:02x?}"))
        })
    }

    fn judge<T>(
        &mut self,
        call: Call<'_>,
        ours: Answer<T>,
        theirs: Answer<T>,
        unequal: impl FnOnce(&T, &T) -> Option<String>,
    ) -> Step<Option<Both<T>>> {
        let outcomes = (Outcome::of(&ours), Outcome::of(&theirs));
        self.report.calls += 1;
        let answers = match (&ours, &theirs) {
            (Ok(our), Ok(their)) => unequal(our, their),
            (Err(our), Err(their)) if our == their && *our != Failure::Panic => {
                self.note(call, outcomes.0);
                return Ok(None);
            }
            _ => Some(format!("we had {}, they {}", outcomes.0, outcomes.1)),
        };
        match (answers, ours, theirs) {
            (None, Ok(ours), Ok(theirs)) => {
                self.report.successes += 1;
                self.note(call, outcomes.0);
                Ok(Some(Both { ours, theirs }))
            }
            (answers, ..) => match known::find(call, outcomes) {
                Some(place) => {
                    *self.report.known.entry(place).or_default() += 1;
                    self.note(call, outcomes.0);
                    Ok(None)
                }
                None => Err(self.difference(call, answers.unwrap_or_default())),
            },
        }
    }

    /// Says that something is not as it must be.
    pub(crate) fn difference(&self, call: Call<'_>, answers: String) -> Difference {
        Difference {
            function: call.function,
            algorithm: call.algorithm.to_owned(),
            answers,
            before: self.before.clone(),
        }
    }

    fn note(&mut self, call: Call<'_>, outcome: Outcome) {
        self.before
            .push(format!("{} ({}): {outcome}", call.function, call.algorithm));
    }
}
