use crate::{Key, Result, Settings};

/// A plugin: what all instances of all guests share.
///
/// `export!` makes it what the library is. The type of the instance implements the traits that `generate!` made
/// of the WIT.
pub trait Plugin: Sized + Send + Sync + 'static {
    /// What users call it: letters, digits and `-`. The name of the package, if it is `None`.
    const NAME: Option<&'static str> = None;
    /// As in semantic versioning. The version of the package, if it is `None`.
    const VERSION: Option<&'static str> = None;
    /// One line for people.
    const DESCRIPTION: &'static str = "";
    /// The settings that it knows. Others are errors before it is opened.
    const KEYS: &'static [Key] = &[];

    /// What one instance of a guest keeps. Its functions are called one after another, from any thread.
    type Instance: Send + 'static;

    /// Makes what all instances share. Called once, before anything else.
    ///
    /// # Errors
    ///
    /// Anything that prevents it: guests that need the plugin are not run.
    fn open(settings: &Settings<'_>) -> Result<Self>;

    /// Makes what one instance of a guest keeps. Called from any thread.
    ///
    /// # Errors
    ///
    /// Anything that prevents it: the guest is not instantiated.
    fn instantiate(&self) -> Result<Self::Instance>;
}
