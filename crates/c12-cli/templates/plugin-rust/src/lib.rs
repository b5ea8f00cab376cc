//! A plugin for C12. What it provides is in `wit/plugin.wit`.

use c12_plugin::{Key, Plugin, Result, Settings, log};

// Types and traits from the WIT in the folder `wit`.
c12_plugin::generate!();

/// What all instances share.
struct Greetings {
    greeting: String,
}

/// What one instance of a guest has.
struct Greeter {
    greeting: String,
    greeted: u64,
}

impl Plugin for Greetings {
    const DESCRIPTION: &'static str = "Greets";
    const KEYS: &'static [Key] = &[Key::text("greeting")
        .fallback("Hello")
        .description("What comes before the name")];
    type Instance = Greeter;

    /// Called once.
    fn open(settings: &Settings<'_>) -> Result<Self> {
        Ok(Greetings {
            greeting: settings.text("greeting")?.to_owned(),
        })
    }

    /// Called for every instance of a guest, from any thread.
    fn instantiate(&self) -> Result<Greeter> {
        Ok(Greeter {
            greeting: self.greeting.clone(),
            greeted: 0,
        })
    }
}

impl exports::example::{{snake}}::greeter::Guest for Greeter {
    /// The name is the guest's own memory. An error traps, with its message; so does a panic.
    fn greet(&mut self, name: &str) -> Result<String> {
        self.greeted += 1;
        Ok(format!("{}, {name}!", self.greeting))
    }
}

impl Drop for Greeter {
    fn drop(&mut self) {
        log::debug!("greeted {} times", self.greeted);
    }
}

c12_plugin::export!(Greetings);

#[cfg(test)]
mod tests {
    use c12_plugin::harness::{Harness, HarnessError, Outcome, Value};

    const GREETER: Option<&str> = Some("example:{{name}}/greeter@0.1.0");

    #[test]
    fn it_greets_as_set() -> std::result::Result<(), HarnessError> {
        for (settings, answer) in [
            (&[][..], "Hello, Ada!"),
            (&[("greeting", "Good morning")], "Good morning, Ada!"),
        ] {
            let plugin = Harness::open(super::c12_plugin, settings)?;
            let mut instance = plugin.instantiate()?;
            let given = instance.call(GREETER, "greet", &["Ada".into()])?;
            assert_eq!(given, Some(Value::from(answer)));
        }
        Ok(())
    }

    #[test]
    fn no_values_break_it() -> std::result::Result<(), HarnessError> {
        let plugin = Harness::open(super::c12_plugin, &[])?;
        let mut instance = plugin.instantiate()?;
        for call in instance.exercise(50) {
            assert!(!matches!(call.outcome, Outcome::Wrong(_)), "{call:?}");
        }
        Ok(())
    }
}
