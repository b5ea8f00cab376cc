//! Calls the plugin and prints what it answers.

wit_bindgen::generate!({
    path: "../wit",
    inline: "
        package local:guest;
        world guest {
            import example:{{name}}/greeter@0.1.0;
        }
    ",
    generate_all,
});

use example::{{snake}}::greeter::greet;

fn main() {
    let name = std::env::args().nth(1);
    println!("{}", greet(name.as_deref().unwrap_or("World")));
}
