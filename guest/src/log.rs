//! Structured logs: one JSON object a line on standard error.
//!
//! The API is the `log` crate's, so the messages of any library that uses it appear as well. Fields are values, not
//! text to be parsed again:
//!
//! ```
//! use c12_wasm::log::{self, LevelFilter};
//!
//! log::init(LevelFilter::Info);
//! log::info!(path = "/docs/a.md", bytes = 5120; "read file");
//! // {"ts":"2026-01-31T12:00:00.000Z","level":"info","target":"my_program","msg":"read file","path":"/docs/a.md","bytes":5120}
//! ```
//!
//! Standard output stays free for the program's results.

use std::fmt;
use std::io::{self, Write as _};
use std::time::SystemTime;

use ::log::kv::{self, VisitSource, VisitValue};
pub use ::log::{Level, LevelFilter, debug, error, info, trace, warn};
use ::log::{Log, Metadata, Record};

/// The keys every line has, in this order. A field of the same name is written as `field.NAME`.
pub const RESERVED_KEYS: [&str; 4] = ["ts", "level", "target", "msg"];

/// Sends every record of `level` and above to standard error from now on.
///
/// The first call decides where records go; later calls only change the level.
///
/// ```
/// c12_wasm::log::init(c12_wasm::log::LevelFilter::Debug);
/// c12_wasm::log::debug!("only seen at debug level");
/// ```
pub fn init(level: LevelFilter) {
    static LOGGER: JsonLines = JsonLines;
    // The only failure is "a logger was set before", which is what a second call means.
    let _ = ::log::set_logger(&LOGGER);
    ::log::set_max_level(level);
}

/// Reads a level as users write it: `off`, `error`, `warn`, `info`, `debug`, `trace`, in any case. `1`, `true` and
/// `on` mean `info`; `0`, `false` and the empty string mean `off`.
///
/// ```
/// use c12_wasm::log::{LevelFilter, parse_level};
///
/// assert_eq!(parse_level("WARN"), Ok(LevelFilter::Warn));
/// assert_eq!(parse_level("1"), Ok(LevelFilter::Info));
/// assert!(parse_level("loud").is_err());
/// ```
///
/// # Errors
///
/// [`UnknownLevel`] for any other text.
pub fn parse_level(text: &str) -> Result<LevelFilter, UnknownLevel> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "on" => Ok(LevelFilter::Info),
        "" | "0" | "false" => Ok(LevelFilter::Off),
        name => name.parse().map_err(|_| UnknownLevel {
            text: text.to_owned(),
        }),
    }
}

/// A text that names no log level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLevel {
    /// The text as it was given.
    pub text: String,
}

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown log level `{}`; one of off, error, warn, info, debug, trace",
            self.text
        )
    }
}

impl std::error::Error for UnknownLevel {}

struct JsonLines;

impl Log for JsonLines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= ::log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = json_line(record, SystemTime::now());
            // One write per line, so that lines of several threads or processes do not mix. A log that cannot be
            // written must not stop the program.
            let _ = io::stderr().lock().write_all(line.as_bytes());
        }
    }

    fn flush(&self) {}
}

fn json_line(record: &Record<'_>, now: SystemTime) -> String {
    let mut line = String::with_capacity(128);
    line.push('{');
    push_field(
        &mut line,
        "ts",
        &quoted(&humantime::format_rfc3339_millis(now).to_string()),
    );
    push_field(
        &mut line,
        "level",
        &quoted(&record.level().as_str().to_ascii_lowercase()),
    );
    push_field(&mut line, "target", &quoted(record.target()));
    push_field(&mut line, "msg", &quoted(&record.args().to_string()));
    // The visitor below never fails, so neither does the visit.
    let _ = record.key_values().visit(&mut Fields(&mut line));
    line.push_str("}\n");
    line
}

fn push_field(line: &mut String, key: &str, json: &str) {
    if !line.ends_with('{') {
        line.push(',');
    }
    line.push_str(&quoted(key));
    line.push(':');
    line.push_str(json);
}

/// `text` as a JSON string, quotes included.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

struct Fields<'a>(&'a mut String);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        let mut json = Json(String::new());
        value.visit(&mut json)?;
        let key = key.as_str();
        if RESERVED_KEYS.contains(&key) {
            push_field(self.0, &format!("field.{key}"), &json.0);
        } else {
            push_field(self.0, key, &json.0);
        }
        Ok(())
    }
}

/// A field's value as JSON: numbers and booleans stay what they are, everything else becomes a string.
struct Json(String);

impl<'v> VisitValue<'v> for Json {
    fn visit_any(&mut self, value: kv::Value<'_>) -> Result<(), kv::Error> {
        self.0 = quoted(&value.to_string());
        Ok(())
    }

    fn visit_null(&mut self) -> Result<(), kv::Error> {
        self.0 = "null".to_owned();
        Ok(())
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), kv::Error> {
        self.0 = value.to_string();
        Ok(())
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), kv::Error> {
        self.0 = value.to_string();
        Ok(())
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), kv::Error> {
        // JSON has no infinities and no NaN; `Value` turns them into null.
        self.0 = serde_json::Value::from(value).to_string();
        Ok(())
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), kv::Error> {
        self.0 = value.to_string();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: &str, fields: &[(&str, kv::Value<'_>)]) -> String {
        let record_fields = fields;
        json_line(
            &Record::builder()
                .args(format_args!("{message}"))
                .level(Level::Warn)
                .target("test")
                .key_values(&record_fields)
                .build(),
            SystemTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn a_record_is_one_json_object_on_one_line() {
        let text = line(
            "two\nlines \"quoted\"",
            &[
                ("path", "/a\u{7}b".into()),
                ("bytes", 7_u64.into()),
                ("ratio", 0.5_f64.into()),
                ("ok", true.into()),
            ],
        );
        assert_eq!(text.matches('\n').count(), 1);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["ts"], "1970-01-01T00:00:00.000Z");
        assert_eq!(json["level"], "warn");
        assert_eq!(json["msg"], "two\nlines \"quoted\"");
        assert_eq!(json["path"], "/a\u{7}b");
        assert_eq!(json["bytes"], 7);
        assert_eq!(json["ratio"], 0.5);
        assert_eq!(json["ok"], true);
    }

    #[test]
    fn what_json_cannot_say_becomes_null() {
        let text = line("m", &[("x", f64::NAN.into())]);
        assert!(text.ends_with("\"x\":null}\n"), "{text}");
    }

    #[test]
    fn a_field_cannot_pass_itself_off_as_the_level() {
        let text = line("m", &[("level", "error".into())]);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["level"], "warn");
        assert_eq!(json["field.level"], "error");
    }
}
