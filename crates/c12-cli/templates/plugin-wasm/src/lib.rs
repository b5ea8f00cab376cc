//! A plugin for C12 that is a component. What it provides is in `wit/plugin.wit`.

use std::cell::Cell;

// Types and traits from the WIT in the folder `wit`.
wit_bindgen::generate!();

/// Each instance of a guest has an instance of this component, with a memory of its own: what is kept in it is not
/// shared.
struct Greeter;

thread_local! {
    static GREETED: Cell<u64> = const { Cell::new(0) };
}

impl exports::example::{{snake}}::greeter::Guest for Greeter {
    /// A panic traps.
    fn greet(name: String) -> String {
        GREETED.set(GREETED.get() + 1);
        match GREETED.get() {
            1 => format!("Hello, {name}!"),
            again => format!("Hello for time {again}, {name}!"),
        }
    }
}

export!(Greeter);

// `cargo test` runs them in c12.
#[cfg(test)]
mod tests {
    use super::Greeter;
    use super::exports::example::{{snake}}::greeter::Guest;

    #[test]
    fn it_counts() {
        assert_eq!(Greeter::greet("Ada".into()), "Hello, Ada!");
        assert_eq!(Greeter::greet("Ada".into()), "Hello for time 2, Ada!");
    }
}
