use super::Tests;

pub fn list(_: &mut Tests) {}
