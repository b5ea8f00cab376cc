//! Prints every argument and, sorted, every environment variable.

fn main() {
    for (index, argument) in std::env::args_os().enumerate().skip(1) {
        println!("arg {index}: {}", argument.to_string_lossy());
    }
    let mut variables: Vec<_> = std::env::vars_os().collect();
    variables.sort();
    for (name, value) in variables {
        println!("env {}={}", name.to_string_lossy(), value.to_string_lossy());
    }
}
