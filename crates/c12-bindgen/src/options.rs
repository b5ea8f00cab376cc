use crate::{Error, Function, Interface, World};

/// What the WIT does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The functions that wait or compute for long.
    pub blocking: Blocking,
}

/// Which functions of a world run on a thread where they may block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Blocking {
    /// None.
    #[default]
    Nothing,
    /// All.
    Everything,
    /// Those named, as `example:db/sql@1.0.0#query`, `example:db/sql@1.0.0#[method]table.insert`, the name alone for
    /// functions of the world itself, or an interface for all that is in it.
    These(Vec<String>),
}

impl Blocking {
    /// Whether a function of a world is among them.
    pub fn has(&self, interface: &Interface, function: &Function) -> bool {
        match self {
            Blocking::Nothing => false,
            Blocking::Everything => true,
            Blocking::These(names) => names.iter().any(|name| {
                Some(name.as_str()) == interface.name.as_deref()
                    || *name == path(interface, function)
            }),
        }
    }

    /// Finds names that are nowhere in the world: most likely they are misspelt.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`] with the first such name.
    pub fn check(&self, world: &World) -> Result<(), Error> {
        let Blocking::These(names) = self else {
            return Ok(());
        };
        let known = || {
            world.interfaces().iter().flat_map(|interface| {
                interface
                    .functions
                    .iter()
                    .map(|function| path(interface, function))
                    .chain(interface.name.clone())
            })
        };
        match names.iter().find(|name| !known().any(|k| k == **name)) {
            Some(name) => Err(Error::NotThere {
                name: name.clone(),
                known: known().collect(),
            }),
            None => Ok(()),
        }
    }
}

/// `interface#function`, or the function's name alone if it is the world's.
fn path(interface: &Interface, function: &Function) -> String {
    match &interface.name {
        Some(name) => format!("{name}#{}", function.name),
        None => function.name.clone(),
    }
}
