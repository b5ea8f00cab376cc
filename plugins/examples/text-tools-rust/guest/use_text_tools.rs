//! Prints what the plugin `text-tools` makes of each argument: as a component on wasip2, as a core module on wasip1.
// The generated bindings call foreign functions.
#![allow(unsafe_code)]

#[cfg(target_os = "wasi")]
mod guest {
    // ANCHOR: bindings
    wit_bindgen::generate!({
        // Relative to the package that builds this guest, which is `tests/guests`.
        path: "../../plugins/examples/text-tools-rust/wit",
        inline: "
            package example:use-text-tools;
            world use-text-tools { import example:text/tools@1.0.0; }
        ",
        generate_all,
    });
    // ANCHOR_END: bindings

    use example::text::tools::{self, Builder, Order, Problem, WordCount};

    pub(crate) fn run(texts: &[String]) {
        for text in texts {
            println!("reversed: {}", tools::reverse(text));
            println!("md5:      {}", hexadecimal(&tools::md5(text.as_bytes())));
            match tools::count(text, Order::Alphabet, None) {
                Ok(counts) => println!("words:    {}", list(&counts)),
                Err(Problem::NoWords) => println!("words:    none"),
                Err(Problem::TooLong(characters)) => {
                    println!("words:    one of {characters} characters is too long")
                }
            }
            if let Ok(counts) = tools::count(text, Order::Count, Some(1)) {
                println!("mostly:   {}", list(&counts));
            }
        }
        // The builder lives in the plugin; here is a handle.
        let builder = Builder::new("all:");
        for text in texts {
            builder.append(" ");
            builder.append(text);
        }
        println!("{}", Builder::finish(builder));
    }

    fn list(counts: &[WordCount]) -> String {
        let counts: Vec<String> = counts
            .iter()
            .map(|count| format!("{} {}", count.word, count.count))
            .collect();
        counts.join(", ")
    }

    fn hexadecimal(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(target_os = "wasi")]
fn main() {
    guest::run(&std::env::args().skip(1).collect::<Vec<_>>());
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
