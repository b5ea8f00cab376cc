//! Uses all example plugins at once: as a component on wasip2, as a core module on wasip1.
//!
//! `use_all LATITUDE,LONGITUDE=NOTE…` keeps notes about places. `text-tools` digests them, `geo` says where that is, `sqlite`
//! keeps them, and `redis-cache` counts how often each cell was noted and remembers the last note of each. The core module has
//! each note turned around by a plugin for WasmEdge, too.
// The generated bindings call foreign functions.
#![allow(unsafe_code)]

#[cfg(target_os = "wasi")]
mod guest {
    wit_bindgen::generate!({
        path: [
            "../../plugins/examples/text-tools-rust/wit",
            "../../plugins/examples/geo-rust/wit",
            "../../plugins/examples/sqlite/wit",
            "../../plugins/examples/redis-cache/wit",
        ],
        inline: "
            package example:use-all;
            world use-all {
                import example:text/tools@1.0.0;
                import c12-example:geo/geo@1.0.0;
                import c12:sqlite/database@0.1.0;
                import wasi:keyvalue/store@0.2.0-draft;
                import wasi:keyvalue/store@0.2.0-draft2;
                import wasi:keyvalue/atomics@0.2.0-draft2;
            }
        ",
        generate_all,
    });

    use std::fmt;

    use c12::sqlite::database::{self, Connection, Transaction, Value};
    use c12_example::geo::geo::{self, Fence, Point};
    use example::text::tools::{self, Builder, Order};
    use wasi::keyvalue0_2_0_draft as draft;
    use wasi::keyvalue0_2_0_draft2::{atomics, store};

    /// What any of the plugins may say.
    pub(crate) struct Error(String);

    impl fmt::Display for Error {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0)
        }
    }

    macro_rules! errors {
        ($($error:ty),*) => {$(
            impl From<$error> for Error {
                fn from(error: $error) -> Self {
                    Error(format!("{error:?}"))
                }
            }
        )*};
    }
    errors!(
        database::Error,
        store::Error,
        draft::store::Error,
        geo::GeohashError,
        tools::Problem
    );

    /// A note and the place that it is about.
    struct Note<'a> {
        place: Point,
        text: &'a str,
    }

    impl<'a> Note<'a> {
        fn parse(argument: &'a str) -> Option<Self> {
            let (place, text) = argument.split_once('=')?;
            let (latitude, longitude) = place.split_once(',')?;
            let place = Point {
                latitude: latitude.parse().ok()?,
                longitude: longitude.parse().ok()?,
            };
            Some(Note { place, text })
        }
    }

    pub(crate) fn run(arguments: &[String]) -> Result<(), Error> {
        let notes: Option<Vec<Note<'_>>> = arguments.iter().map(|text| Note::parse(text)).collect();
        let notes = notes.ok_or_else(|| Error("a note is LATITUDE,LONGITUDE=NOTE".to_owned()))?;
        // Handles of four plugins live side by side.
        let connection = Connection::open("main")?;
        let bucket = store::open("default")?;
        let builder = Builder::new("notes:");
        connection.execute(
            "CREATE TABLE IF NOT EXISTS notes (cell TEXT, note TEXT, md5 BLOB)",
            &[],
        )?;
        let transaction = connection.begin()?;
        let insert = connection.prepare("INSERT INTO notes VALUES (?1, ?2, ?3)")?;
        for note in &notes {
            let cell = geo::geohash_encode(note.place, 5)?;
            let digest = tools::md5(note.text.as_bytes());
            insert.bind(&[
                Value::Text(cell.clone()),
                Value::Text(note.text.to_owned()),
                Value::Blob(digest.clone()),
            ])?;
            insert.execute()?;
            let count = atomics::increment(&bucket, &format!("count:{cell}"), 1)?;
            bucket.set(&format!("last:{cell}"), note.text.as_bytes())?;
            builder.append(" ");
            builder.append(note.text);
            println!("{cell} {count} {}", hexadecimal(&digest));
            println!("  {}", tools::reverse(note.text));
            reverse_elsewhere(note.text);
        }
        Transaction::commit(transaction)?;
        tell(&notes, &connection)?;
        println!("{}", Builder::finish(builder));
        remember(&notes)
    }

    /// What the database has, and where all that is.
    fn tell(notes: &[Note<'_>], connection: &Connection) -> Result<(), Error> {
        let cells = connection.query(
            "SELECT cell, group_concat(note, ' ') FROM notes GROUP BY cell ORDER BY cell",
            &[],
        )?;
        for row in &cells.rows {
            if let [Value::Text(cell), Value::Text(notes)] = &row.values[..] {
                let center = geo::geohash_decode(cell)?.center;
                let words = tools::count(notes, Order::Count, Some(2))?;
                let words: Vec<String> = words
                    .iter()
                    .map(|count| format!("{} {}", count.word, count.count))
                    .collect();
                println!(
                    "{cell} {:.2} {:.2}: {}",
                    center.latitude,
                    center.longitude,
                    words.join(", ")
                );
            }
        }
        let places: Vec<Point> = notes.iter().map(|note| note.place).collect();
        println!("way: {:.0} km", geo::path_length(&places) / 1e3);
        if places.len() >= 3 {
            println!("area: {:.0} km2", Fence::new(&places).area() / 1e6);
        }
        Ok(())
    }

    /// The same bucket through the interface's first draft: one plugin, two versions.
    fn remember(notes: &[Note<'_>]) -> Result<(), Error> {
        let bucket = draft::store::open("default")?;
        for note in notes {
            let cell = geo::geohash_encode(note.place, 5)?;
            let last = bucket.get(&format!("last:{cell}"))?.unwrap_or_default();
            println!("last of {cell}: {}", String::from_utf8_lossy(&last));
        }
        Ok(())
    }

    /// A plugin for WasmEdge serves core modules.
    #[cfg(target_env = "p1")]
    fn reverse_elsewhere(text: &str) {
        #[link(wasm_import_module = "text_tools")]
        unsafe extern "C" {
            fn reverse(text: *mut u8, length: usize);
            fn md5(text: *const u8, length: usize, digits: *mut u8);
        }
        let mut bytes = text.as_bytes().to_vec();
        let mut digits = [0; 33];
        // SAFETY: both are told the length of what they get; 32 digits and a zero are written.
        unsafe {
            md5(bytes.as_ptr(), bytes.len(), digits.as_mut_ptr());
            reverse(bytes.as_mut_ptr(), bytes.len());
        }
        println!(
            "  {} {}",
            String::from_utf8_lossy(&bytes),
            String::from_utf8_lossy(&digits[..32])
        );
    }

    #[cfg(not(target_env = "p1"))]
    fn reverse_elsewhere(_: &str) {}

    fn hexadecimal(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(target_os = "wasi")]
fn main() -> std::process::ExitCode {
    match guest::run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
