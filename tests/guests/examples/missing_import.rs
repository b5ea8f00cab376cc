//! A command that imports an interface nobody provides.

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod bindings {
    // The generated import functions are unsafe inside.
    #![allow(unsafe_code)]
    wit_bindgen::generate!({
        inline: r#"
            package acme:weather@1.2.0;

            interface forecast {
                tomorrow: func(place: string) -> result<f32, string>;
            }

            world planner {
                import forecast;
            }
        "#,
    });
}

#[cfg(all(target_os = "wasi", target_env = "p2"))]
fn main() {
    println!(
        "{:?}",
        bindings::acme::weather::forecast::tomorrow("Bremen")
    );
}

#[cfg(not(all(target_os = "wasi", target_env = "p2")))]
fn main() {}
