//! Options and model specifications, from command lines and guests.
#![no_main]

use c12_nn_core::{ModelSpec, Options};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let options = [
        Options::from_query(text),
        Options::from_json(text.as_bytes()),
    ];
    for options in options.into_iter().flatten() {
        let keys: Vec<String> = options.keys().map(str::to_owned).collect();
        for key in keys {
            let _ = options.text(&key);
            let _ = options.flag(&key);
            let _ = options.parsed::<u32>(&key);
            let _ = options.parsed::<f32>(&key);
        }
        let _ = options.check_keys(&[]);
    }
    for spec in [text.parse::<ModelSpec>(), ModelSpec::from_preload(text)]
        .into_iter()
        .flatten()
    {
        assert!(!spec.name.is_empty() && !spec.backend.is_empty());
        assert!(spec.files.iter().any(|file| !file.as_os_str().is_empty()));
        assert!(spec.options.value("device").is_none());
    }
});
