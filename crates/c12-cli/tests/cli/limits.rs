//! Each limit ends what passes it, by name.

use std::time::Duration;

use snapbox::{assert_data_eq, str};

use crate::harness::{Home, Outcome};

fn run(options: &[&str], text: &str) -> Outcome {
    let home = Home::new();
    home.write("app", text);
    home.c12([&["run"], options, &["app"]].concat()).run()
}

const LOOP: &str = "(module (func $spin (export \"_start\") (loop br 0)))";

#[test]
fn time_ends_a_guest_that_computes() {
    let outcome = run(&["--timeout", "300ms"], LOOP);
    assert!(outcome.took < Duration::from_secs(30), "{outcome:?}");
    assert_data_eq!(
        outcome.failure(124),
        str![[r#"
error: the time limit of 300ms was reached
help: give it more time with `--timeout`, or none by leaving the option out

"#]]
    );
}

/// `poll_oneoff` on a clock that is a day away.
#[test]
fn time_ends_a_guest_that_sleeps() {
    let sleeper = r#"(module
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")
            (i32.store (i32.const 16) (i32.const 1))                  ;; monotonic
            (i64.store (i32.const 24) (i64.const 86400000000000))    ;; nanoseconds, relative
            (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))"#;
    let outcome = run(&["--timeout", "300ms"], sleeper);
    assert!(outcome.took < Duration::from_secs(30), "{outcome:?}");
    assert_eq!(outcome.code, 124, "{outcome:?}");
}

#[test]
fn time_ends_a_guest_whose_output_nobody_reads() {
    let home = Home::new();
    home.write("app", crate::shell::CHATTERBOX);
    // The reader holds the pipe open and never reads.
    let outcome = home
        .shell("(c12 run --timeout 300ms app; echo $? >&2) | sleep 5")
        .run();
    assert!(outcome.stderr.ends_with("124\n"), "{outcome:?}");
}

#[test]
fn fuel_ends_a_guest() {
    assert_data_eq!(
        run(&["--fuel", "10000"], LOOP).failure(134),
        str![[r#"
error: the fuel limit of 10000 was reached
help: raise it with `--fuel`

"#]]
    );
}

#[test]
fn enough_time_and_fuel_change_nothing() {
    run(
        &["--fuel", "10000", "--timeout", "100s"],
        "(module (func (export \"_start\")))",
    )
    .success();
}

#[test]
fn a_module_that_wants_four_gigabytes() {
    assert_data_eq!(
        run(&[], "(module (memory 65536) (func (export \"_start\")))").failure(134),
        str![[r#"
error: the memory limit of 1 GiB was reached: the guest asked for 4 GiB
help: raise it with `--max-memory`

"#]]
    );
}

#[test]
fn memory_is_counted_over_all_memories() {
    let modest = "(module (memory 8) (memory 8) (func (export \"_start\")))";
    run(&["--max-memory", "1MiB"], modest).success();
    assert_data_eq!(
        run(&["--max-memory", "1000KiB"], modest).failure(134),
        str![[r#"
error: the memory limit of 1000 KiB was reached: the guest asked for 1 MiB
help: raise it with `--max-memory`

"#]]
    );
}

/// A guest that is denied memory may cope; the denial is mentioned if it does not.
#[test]
fn growing_without_end() {
    let grows = "(module (memory 1) (func $more (export \"_start\") (loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable))";
    let outcome = run(&["--max-memory", "64MiB"], grows);
    assert!(outcome.took < Duration::from_secs(30), "{outcome:?}");
    assert_data_eq!(
        outcome.failure(134),
        str![[r#"
error: app trapped: `unreachable` was executed
    in more (+ 0x34)
help: the memory limit of 64 MiB was reached: the guest asked for 64.1 MiB before that; raise it with `--max-memory`

"#]]
    );
}

#[test]
fn a_table_beyond_the_limit() {
    assert_data_eq!(
        run(
            &[],
            "(module (table 2000000 funcref) (func (export \"_start\")))"
        )
        .failure(134),
        str![[r#"
error: the table limit of 1000000 was reached: the guest asked for 2000000
help: raise it with `--max-table-elements`

"#]]
    );
}

#[test]
fn recursion_without_end() {
    let outcome = run(
        &["--max-stack", "64KiB"],
        "(module (func $again (export \"_start\") call $again))",
    );
    assert_data_eq!(
        outcome.failure(134),
        str![[r#"
error: app trapped: call stack exhausted: the stack limit of 64 KiB was reached
    in again
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
    in again (+ 0x23)
help: if the recursion is meant to end, raise it with `--max-stack`

"#]]
    );
}

#[test]
fn counts_of_memories_tables_and_instances() {
    let module = "(module (memory 1) (memory 1) (table 1 funcref) (table 1 funcref) (func (export \"_start\")))";
    assert_data_eq!(
        run(&["--max-memories", "1"], module).failure(134),
        str![[r#"
error: the limit on the number of memories of 1 was reached
help: raise it with `--max-memories`

"#]]
    );
    assert_data_eq!(
        run(&["--max-tables", "1"], module).failure(134),
        str![[r#"
error: the limit on the number of tables of 1 was reached
help: raise it with `--max-tables`

"#]]
    );
    let component = "(component (core module $m) (core instance (instantiate $m)) (core instance (instantiate $m)) (core module $f (func (export \"f\"))) (core instance $i (instantiate $f)) (func (export \"f\") (canon lift (core func $i \"f\"))))";
    assert_data_eq!(
        run(&["--max-instances", "1", "--invoke", "f()"], component).failure(134),
        str![[r#"
error: the instance limit of 1 was reached
help: raise it with `--max-instances`

"#]]
    );
}

#[test]
fn what_the_host_allocates_for_a_guest() {
    // random_get of 1 MiB.
    let greedy = r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (memory (export "memory") 17)
        (func (export "random") (result i32) (call $random (i32.const 0) (i32.const 1048576))))"#;
    assert_eq!(run(&["--invoke", "random()"], greedy).success(), "0\n");
    assert_data_eq!(
        run(
            &["--max-host-bytes", "64KiB", "--invoke", "random()"],
            greedy
        )
        .failure(134),
        str![[r#"
error: the limit on what one call may make the host allocate of 64 KiB was reached
help: raise it with `--max-host-bytes`

"#]]
    );
}

#[test]
fn limits_come_from_a_configuration_too() {
    let home = Home::new();
    home.write("app", LOOP);
    home.write("settings/c12.toml", "[limits]\ntimeout = \"200ms\"\n");
    assert_eq!(
        home.c12(["run", "--config", "settings/c12.toml", "app"])
            .run()
            .code,
        124
    );
}
