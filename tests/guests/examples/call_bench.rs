//! Measures calls of functions that somebody else provides: `call_bench BATCHES OPERATION=CALLS...` makes the calls of
//! each operation in as many batches, and prints its name and how many nanoseconds a call takes in the best of them. As
//! a component on wasip2, as a core module on wasip1.
// The generated bindings call foreign functions.
#![allow(unsafe_code)]

#[cfg(target_os = "wasi")]
mod guest {
    use std::hint::black_box;
    use std::time::{Duration, Instant};

    wit_bindgen::generate!({
        path: "../../benches/plugins/calls.wit",
        world: "caller",
        additional_derives: [PartialEq],
    });

    use bench::calls::calls::{self, Fields, Row};

    const ROWS: u32 = 1_000;
    const BYTES: usize = 1 << 20;

    pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
        let (batches, operations) = arguments.split_first().ok_or("there are no arguments")?;
        let batches = number(batches)?;
        for operation in operations {
            let (name, calls) = operation
                .split_once('=')
                .ok_or_else(|| format!("{operation} is not OPERATION=CALLS"))?;
            let effort = Effort {
                batches,
                calls: number(calls)?,
            };
            let nanoseconds = match name {
                "add" => add(effort),
                "ten" => ten(effort),
                "text" => text(effort),
                "rows" => rows(effort),
                "copy" => copy(effort),
                _ => return Err(format!("no operation is called {name}")),
            };
            println!("{name} {nanoseconds:.2}");
        }
        Ok(())
    }

    fn number(text: &str) -> Result<u32, String> {
        match text.parse() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(format!("{text} is not a number above 0")),
        }
    }

    #[derive(Clone, Copy)]
    struct Effort {
        batches: u32,
        calls: u32,
    }

    impl Effort {
        /// Nanoseconds of a call in the best batch.
        fn best(self, mut call: impl FnMut()) -> f64 {
            let mut best = Duration::MAX;
            for _ in 0..self.batches {
                let start = Instant::now();
                for _ in 0..self.calls {
                    call();
                }
                best = best.min(start.elapsed());
            }
            best.as_secs_f64() * 1e9 / f64::from(self.calls)
        }
    }

    // Each makes sure that the provider does what it should before it measures.

    fn add(effort: Effort) -> f64 {
        assert_eq!(calls::add(u32::MAX, 3), 2);
        let mut sum = 0;
        let best = effort.best(|| sum = calls::add(sum, 1));
        let calls = effort.batches.wrapping_mul(effort.calls);
        assert_eq!(sum, calls);
        best
    }

    fn ten(effort: Effort) -> f64 {
        let ten = Fields {
            a: -1,
            b: 1 << 40,
            c: 0.5,
            d: -2.5,
            e: 254,
            f: true,
            g: -300,
            h: i64::MIN,
            i: u32::MAX - 1,
            j: 7,
        };
        let next = Fields {
            a: 0,
            b: (1 << 40) + 1,
            c: 1.5,
            d: -1.5,
            e: 255,
            f: false,
            g: -299,
            h: i64::MIN + 1,
            i: u32::MAX,
            j: 8,
        };
        assert_eq!(calls::ten(ten), next);
        effort.best(|| {
            black_box(calls::ten(black_box(ten)));
        })
    }

    fn text(effort: Effort) -> f64 {
        let text = "0123456789".repeat(10);
        assert_eq!(calls::text(&text), text);
        effort.best(|| drop(black_box(calls::text(black_box(&text)))))
    }

    fn rows(effort: Effort) -> f64 {
        let row = |id: u32, more: u64| Row {
            name: format!("row number {id}"),
            id,
            value: f64::from(id) / 3.0,
            count: u64::from(id) * 1_000_000_007 + more,
        };
        let rows: Vec<Row> = (0..ROWS).map(|id| row(id, 0)).collect();
        let next: Vec<Row> = (0..ROWS).map(|id| row(id, 1)).collect();
        assert_eq!(calls::rows(&rows), next);
        effort.best(|| drop(black_box(calls::rows(black_box(&rows)))))
    }

    fn copy(effort: Effort) -> f64 {
        let bytes: Vec<u8> = (0..BYTES).map(|at| (at % 251) as u8).collect();
        assert!(calls::copy(&bytes) == bytes);
        effort.best(|| drop(black_box(calls::copy(black_box(&bytes)))))
    }
}

#[cfg(target_os = "wasi")]
fn main() -> std::process::ExitCode {
    match guest::run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
