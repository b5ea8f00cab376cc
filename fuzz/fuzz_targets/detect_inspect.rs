//! Bytes that anyone may have written: detection and inspection end with a report or an error, and what they print holds
//! nothing that a terminal would act on.
#![no_main]

use c12_toolchain::detect::detect;
use c12_toolchain::{InspectOptions, check_nesting, inspect, text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let kind = detect(bytes);
    let nesting = check_nesting(bytes);
    match inspect(bytes, &InspectOptions::default()) {
        Ok(report) => {
            assert_eq!(kind.expect("a report is of something known"), report.kind);
            let shown = report.to_string();
            assert!(
                !shown.chars().any(|c| c.is_control() && c != '\n'),
                "{shown:?}"
            );
            serde_json::to_string(&report).expect("every report is JSON");
            if bytes.starts_with(b"\0asm") {
                nesting.expect("a valid binary is not nested too deep");
            }
        }
        Err(error) => {
            let shown = format!("{error}\n{}", error.help());
            assert!(
                !shown.chars().any(|c| c.is_control() && c != '\n'),
                "{shown:?}"
            );
            assert!(
                error
                    .offset()
                    .is_none_or(|at| at <= bytes.len() as u64 || text::encode(bytes).is_ok())
            );
        }
    }
});
