//! Uses `wasi:keyvalue` in both of its drafts: as a component on wasip2, as a core module on wasip1.
//!
//! - `use_keyvalue visit NAME` counts a visit and keeps the name, and prints what is kept.
//! - `use_keyvalue get KEY` and `use_keyvalue set KEY VALUE` are what they say.
//! - `use_keyvalue draft` does the same with the first draft, which has no compare and swap.
//! - `use_keyvalue wait KEY` reads a key at each line of standard input.
// The generated bindings call foreign functions.
#![allow(unsafe_code)]

#[cfg(target_os = "wasi")]
mod guest {
    use std::io::BufRead as _;

    wit_bindgen::generate!({
        // Relative to the package that builds this guest, which is `tests/guests`.
        path: "../../plugins/examples/redis-cache/wit",
        inline: "
            package example:use-keyvalue;
            world use-keyvalue {
                import wasi:keyvalue/store@0.2.0-draft;
                import wasi:keyvalue/atomics@0.2.0-draft;
                import wasi:keyvalue/batch@0.2.0-draft;
                import wasi:keyvalue/store@0.2.0-draft2;
                import wasi:keyvalue/atomics@0.2.0-draft2;
                import wasi:keyvalue/batch@0.2.0-draft2;
            }
        ",
        generate_all,
    });

    use wasi::keyvalue0_2_0_draft as draft;
    use wasi::keyvalue0_2_0_draft2::atomics::{self, Cas, CasError};
    use wasi::keyvalue0_2_0_draft2::batch;
    use wasi::keyvalue0_2_0_draft2::store::{self, Bucket, Error};

    pub(crate) fn run(arguments: &[&str]) -> Result<(), Error> {
        match arguments {
            ["draft"] => return first_draft().map_err(older),
            ["open", name] => return store::open(name).map(|_| println!("{name} is open")),
            _ => {}
        }
        let bucket = store::open("default")?;
        match arguments {
            ["visit", name] => visit(&bucket, name),
            ["set", key, value] => bucket.set(key, value.as_bytes()),
            ["get", key] => get(&bucket, key),
            ["wait", key] => {
                for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                    print!("{line}: ");
                    if let Err(error) = get(&bucket, key) {
                        println!("{}", explain(&error));
                    }
                }
                Ok(())
            }
            _ => {
                let usage = "visit NAME, get KEY, set KEY VALUE, open BUCKET, wait KEY or draft";
                Err(Error::Other(usage.to_owned()))
            }
        }
    }

    fn get(bucket: &Bucket, key: &str) -> Result<(), Error> {
        match bucket.get(key)? {
            Some(value) => println!("{}", String::from_utf8_lossy(&value)),
            None => println!("{key} has no value"),
        }
        Ok(())
    }

    fn visit(bucket: &Bucket, name: &str) -> Result<(), Error> {
        println!("visit {}", atomics::increment(bucket, "visits", 1)?);
        add(bucket, "names", name)?;
        batch::set_many(
            bucket,
            &[
                (format!("last:{name}"), b"now".to_vec()),
                (format!("first:{name}"), b"then".to_vec()),
            ],
        )?;
        let keys = ["names", "nothing"].map(str::to_owned);
        for found in batch::get_many(bucket, &keys)? {
            match found {
                Some((key, value)) => println!("{key}: {}", String::from_utf8_lossy(&value)),
                None => println!("(none)"),
            }
        }
        println!("keys: {}", keys_of(bucket)?.join(" "));
        bucket.delete(&format!("first:{name}"))?;
        println!(
            "first is there: {}",
            bucket.exists(&format!("first:{name}"))?
        );
        Ok(())
    }

    // ANCHOR: add
    /// Adds a word to a list of words, whoever else does so at the same time.
    fn add(bucket: &Bucket, key: &str, word: &str) -> Result<(), Error> {
        let mut cas = Cas::new(bucket, key)?;
        loop {
            let mut words = cas.current()?.unwrap_or_default();
            if !words.is_empty() {
                words.push(b' ');
            }
            words.extend_from_slice(word.as_bytes());
            match atomics::swap(cas, &words) {
                Ok(()) => return Ok(()),
                // Somebody was faster: once more, with the words as they are now.
                Err(CasError::CasFailed(newer)) => cas = newer,
                Err(CasError::StoreError(error)) => return Err(error),
            }
        }
    }
    // ANCHOR_END: add

    fn keys_of(bucket: &Bucket) -> Result<Vec<String>, Error> {
        let (mut keys, mut cursor) = (Vec::new(), None);
        loop {
            let page = bucket.list_keys(cursor.as_deref())?;
            keys.extend(page.keys);
            cursor = page.cursor;
            if cursor.is_none() {
                keys.sort();
                // A key that moves in the server meanwhile may come twice.
                keys.dedup();
                return Ok(keys);
            }
        }
    }

    fn first_draft() -> Result<(), draft::store::Error> {
        let bucket = draft::store::open("default")?;
        println!("visit {}", draft::atomics::increment(&bucket, "visits", 1)?);
        bucket.set("name", b"draft")?;
        let keys = ["name", "nothing"].map(str::to_owned);
        for found in draft::batch::get_many(&bucket, &keys)? {
            println!("{:?}", found.map(|(key, value)| (key, value.len())));
        }
        let page = bucket.list_keys(None)?;
        println!("{} keys", page.keys.len());
        draft::batch::delete_many(&bucket, &keys)
    }

    fn older(error: draft::store::Error) -> Error {
        match error {
            draft::store::Error::NoSuchStore => Error::NoSuchStore,
            draft::store::Error::AccessDenied => Error::AccessDenied,
            draft::store::Error::Other(text) => Error::Other(text),
        }
    }

    pub(crate) fn explain(error: &Error) -> String {
        match error {
            Error::NoSuchStore => "there is no such bucket".to_owned(),
            Error::AccessDenied => "that is not allowed".to_owned(),
            Error::Other(text) => text.clone(),
        }
    }
}

#[cfg(target_os = "wasi")]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match guest::run(&arguments) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", guest::explain(&error));
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
