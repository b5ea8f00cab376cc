use std::collections::BTreeMap;

use c12_nn_core::{Error, Result};

/// What a guest knows by number. Numbers are not used again: one that is stale leads nowhere.
#[derive(Debug)]
pub(super) struct Handles<T> {
    what: &'static str,
    most: usize,
    next: u32,
    entries: BTreeMap<u32, T>,
}

impl<T> Handles<T> {
    pub(super) fn new(what: &'static str, most: usize) -> Self {
        Handles {
            what,
            most,
            next: 0,
            entries: BTreeMap::new(),
        }
    }

    /// Whether another one has room.
    ///
    /// # Errors
    ///
    /// `too-large` if it has not.
    pub(super) fn check_room(&self) -> Result<()> {
        if self.entries.len() < self.most && self.next < u32::MAX {
            return Ok(());
        }
        Err(Error::too_large(format!(
            "{} {}s are there already",
            self.entries.len(),
            self.what
        ))
        .with_help("`--max-handles` is the limit"))
    }

    /// # Errors
    ///
    /// As [`Handles::check_room`].
    pub(super) fn insert(&mut self, value: T) -> Result<u32> {
        self.check_room()?;
        let number = self.next;
        self.next += 1;
        self.entries.insert(number, value);
        Ok(number)
    }

    /// # Errors
    ///
    /// `invalid-argument` if there is none of that number.
    pub(super) fn get(&self, number: u32) -> Result<&T> {
        self.entries
            .get(&number)
            .ok_or_else(|| self.missing(number))
    }

    /// # Errors
    ///
    /// As [`Handles::get`].
    pub(super) fn get_mut(&mut self, number: u32) -> Result<&mut T> {
        let (what, was) = (self.what, number < self.next);
        self.entries
            .get_mut(&number)
            .ok_or_else(|| missing(what, number, was))
    }

    /// # Errors
    ///
    /// As [`Handles::get`].
    pub(super) fn remove(&mut self, number: u32) -> Result<T> {
        self.entries
            .remove(&number)
            .ok_or_else(|| self.missing(number))
    }

    fn missing(&self, number: u32) -> Error {
        missing(self.what, number, number < self.next)
    }
}

fn missing(what: &str, number: u32, was: bool) -> Error {
    let any_more = if was { " any more" } else { "" };
    Error::invalid_argument(format!("there is no {what} {number}{any_more}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_number_leads_nowhere() {
        let mut handles = Handles::new("graph", 2);
        let first = handles.insert("a").unwrap();
        let second = handles.insert("b").unwrap();
        assert!(handles.insert("c").is_err());
        handles.remove(first).unwrap();
        let third = handles.insert("c").unwrap();
        assert_ne!(first, third);
        assert_eq!(
            handles.get(first).unwrap_err().message(),
            "there is no graph 0 any more"
        );
        assert_eq!(
            handles.remove(9).unwrap_err().message(),
            "there is no graph 9"
        );
        assert_eq!(*handles.get(second).unwrap(), "b");
    }
}
