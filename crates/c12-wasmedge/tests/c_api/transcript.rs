//! The same plugin and the same guest see the same in WasmEdge and in C12.

use super::{Needs, Tests};
use super::{compile, run};

const GUEST: &str = include_str!("../plugins/transcript.wat");

pub(crate) fn list(tests: &mut Tests) {
    tests.add("the_api_behaves_as_in_wasmedge", Needs::WasmEdge, || {
        let plugin = compile::plugin(&compile::source("transcript.c"), "transcript", &[]);
        let (expected, code) = run::in_wasmedge(&plugin, GUEST, &[]);
        assert_eq!(code, 0, "{expected}");
        assert!(expected.lines().count() > 200, "{expected}");
        let (found, outcome) = run::output(run::host(&plugin), GUEST);
        for (number, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
            assert_eq!(found, expected, "in line {}", number + 1);
        }
        assert_eq!(outcome.unwrap(), 0);
        assert_eq!(found, expected);
    });
    tests.add("the_api_can_be_used_from_end_to_end", Needs::Header, || {
        let plugin = compile::plugin(&compile::source("transcript.c"), "transcript_alone", &[]);
        let (found, outcome) = run::output(run::host(&plugin), GUEST);
        assert_eq!(outcome.unwrap(), 0, "{found}");
        for line in [
            "made: 5 hello",
            "first is twice: yes",
            "result: 40",
            "bound: 7 8, 2 to 1",
        ] {
            assert!(
                found.lines().any(|found| found == line),
                "no `{line}` in\n{found}"
            );
        }
    });
    tests.add("a_plugin_need_not_name_the_library", Needs::Header, || {
        let plugin =
            compile::unlinked(&compile::source("transcript.c"), "transcript_unlinked", &[]);
        let (_, outcome) = run::output(run::host(&plugin), GUEST);
        assert_eq!(outcome.unwrap(), 0);
    });
}
