use std::collections::BTreeSet;

use c12_bindgen::Kind;

use super::{Entry, Generator, HarnessError, Instance, Resource, Value};

/// A call with made-up arguments.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Exercise {
    /// The function, as [`Entry::path`](super::Entry::path).
    pub function: String,
    /// What it got.
    pub arguments: Vec<Value>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// It returned.
    Returned(Option<Value>),
    /// It trapped, with this message. That is its right.
    Trapped(String),
    /// It broke the contract.
    Wrong(HarnessError),
    /// It needs a resource, and no function has made one.
    Skipped,
}

/// So many resources are made at most; then some end.
const HELD: usize = 64;

impl Instance<'_> {
    /// Calls every function with values of its types, `rounds` times with different ones. Resources are those that
    /// the plugin itself made before.
    ///
    /// The functions do what they do: a plugin that writes files writes them here too.
    pub fn exercise(&mut self, rounds: u64) -> Vec<Exercise> {
        let mut done = Vec::new();
        let entries = self.harness.functions();
        for round in 0..rounds {
            let mut generator = Generator::new(round);
            for entry in entries {
                if !matches!(entry.function.kind, Kind::Drop(_)) {
                    done.push(self.exercise_one(entry, &mut generator));
                }
            }
            while self.resource_count() > HELD {
                let Some(resource) = self.resources.first() else {
                    break;
                };
                done.push(self.end(resource));
            }
        }
        while let Some(resource) = self.resources.first() {
            done.push(self.end(resource));
        }
        done
    }

    fn exercise_one(&mut self, entry: &Entry, generator: &mut Generator) -> Exercise {
        let world = self.harness.world();
        let resources = &self.resources;
        let mut used = BTreeSet::new();
        // Each resource is used once in a call, so that none is given away and lent at once.
        let mut resource = |of, _own| {
            let Resource(number) = resources.any(of, &used)?;
            used.insert(number);
            Some(Value::Resource(Resource(number)))
        };
        let arguments: Option<Vec<Value>> = entry
            .function
            .params
            .iter()
            .map(|(_, ty)| generator.value(world, ty, &mut resource))
            .collect();
        let Some(arguments) = arguments else {
            return Exercise {
                function: entry.path(),
                arguments: Vec::new(),
                outcome: Outcome::Skipped,
            };
        };
        let outcome = match self.call_entry(entry, &arguments) {
            Ok(value) => Outcome::Returned(value),
            Err(HarnessError::Trap { message, .. }) => Outcome::Trapped(message),
            Err(error) => Outcome::Wrong(error),
        };
        Exercise {
            function: entry.path(),
            arguments,
            outcome,
        }
    }

    fn end(&mut self, resource: Resource) -> Exercise {
        Exercise {
            function: "[resource-drop]".into(),
            arguments: vec![Value::Resource(resource)],
            outcome: match self.drop_resource(resource) {
                Ok(()) => Outcome::Returned(None),
                Err(HarnessError::Trap { message, .. }) => Outcome::Trapped(message),
                Err(error) => Outcome::Wrong(error),
            },
        }
    }
}
