//! `--net`: a text is a rule or an error, and a rule is shown as a text that means the same.
#![no_main]

use c12::NetworkRule;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let rule = match text.parse::<NetworkRule>() {
        Ok(rule) => rule,
        Err(error) => {
            assert!(error.to_string().contains("is not a network rule: "));
            return;
        }
    };
    let shown = rule.to_string();
    assert!(
        shown.bytes().all(|byte| byte.is_ascii_graphic()),
        "{shown:?}"
    );
    // Hosts that are called as a keyword is (`ALL`, `[listen]:80`) have no text of their own.
    let listens = |text: &str| text.starts_with("listen:");
    let like_a_keyword =
        text.bytes().any(|byte| byte.is_ascii_uppercase()) || listens(text) != listens(&shown);
    if !like_a_keyword {
        assert_eq!(shown.parse::<NetworkRule>(), Ok(rule), "{shown:?}");
    }
});
