//! Rules that would be followed for ever.

use super::RuleId;
use super::gbnf::{Alternative, Item};
use crate::order::has_cycle;
use crate::{Error, Result};

/// Refuses rules that begin with themselves, with nothing before: following them would never end.
pub(super) fn not_left_recursive(rules: &[Vec<Alternative>]) -> Result<()> {
    let empty = nullable(rules);
    let is_empty = |rule: RuleId| empty.get(rule).copied().unwrap_or_default();
    let edges: Vec<Vec<RuleId>> = rules
        .iter()
        .enumerate()
        .map(|(itself, alternatives)| {
            let mut first = Vec::new();
            for alternative in alternatives {
                for (index, item) in alternative.iter().enumerate() {
                    let Item::Rule(rule) = item else { break };
                    // At its end, a rule may go on with itself: that is how repetition is written.
                    if *rule != itself || index + 1 < alternative.len() {
                        first.push(*rule);
                    }
                    if !is_empty(*rule) {
                        break;
                    }
                }
            }
            first
        })
        .collect();
    if has_cycle(&edges) {
        return Err(Error::invalid_argument(
            "a rule of the grammar begins with itself",
        ));
    }
    Ok(())
}

/// Which rules can be nothing at all.
fn nullable(rules: &[Vec<Alternative>]) -> Vec<bool> {
    let mut empty = vec![false; rules.len()];
    // Who waits for a rule to be found empty.
    let mut users: Vec<Vec<RuleId>> = vec![Vec::new(); rules.len()];
    for (user, alternatives) in rules.iter().enumerate() {
        for item in alternatives.iter().flatten() {
            if let Item::Rule(rule) = item
                && let Some(users) = users.get_mut(*rule)
            {
                users.push(user);
            }
        }
    }
    let mut pending: Vec<RuleId> = (0..rules.len()).collect();
    while let Some(rule) = pending.pop() {
        if empty.get(rule).copied().unwrap_or(true) {
            continue;
        }
        let can_be = rules.get(rule).is_some_and(|alternatives| {
            alternatives.iter().any(|alternative| {
                alternative.iter().all(|item| match item {
                    Item::Rule(rule) => empty.get(*rule).copied().unwrap_or_default(),
                    Item::Characters(_) => false,
                })
            })
        });
        if can_be {
            if let Some(slot) = empty.get_mut(rule) {
                *slot = true;
            }
            pending.extend(users.get(rule).into_iter().flatten());
        }
    }
    empty
}
