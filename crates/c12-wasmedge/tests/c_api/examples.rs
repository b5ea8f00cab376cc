use super::Tests;

pub(crate) fn list(_: &mut Tests) {}
