//! The test plugin `every` as a component.
// The generated export functions need `no_mangle`, which is an unsafe attribute.
#![allow(unsafe_code)]

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod component {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicU64, Ordering};

    wit_bindgen::generate!({
        inline: "
            package test:every@1.2.0;
            interface things {
                record point { x: f32, y: f64 }
                record person { name: string, age: u8, active: bool }
                resource counter { constructor(start: u32); next: func() -> u32; }
                add: func(a: u32, b: u32) -> u32;
                calls: func() -> u64;
                echo: func(text: string) -> string;
                reverse: func(text: string) -> string;
                fill: func(count: u32) -> list<u8>;
                mirror: func(of: point) -> point;
                birthday: func(people: list<person>) -> list<person>;
                twice: func(number: option<u32>) -> result<u64, string>;
                sum: func(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64, i: u64,
                          j: u64, k: u64, l: u64, m: u64, n: u64, o: u64, p: u64, q: u64) -> u64;
                live: func() -> u64;
                wait: func(time: u32, bytes: list<u8>) -> list<u8>;
                refuse: func();
                garbage: func(what: u32) -> string;
                bad-bool: func(what: u32) -> bool;
            }
            world every { export things; export greeting: func(name: string) -> string; }
        ",
    });

    use exports::test::every::things::{self, GuestCounter, Person, Point};

    static CALLS: AtomicU64 = AtomicU64::new(0);
    static LIVE: AtomicU64 = AtomicU64::new(0);

    struct Every;

    struct Counter(Cell<u32>);

    impl GuestCounter for Counter {
        fn new(start: u32) -> Self {
            assert!(start != 999, "999 is no start");
            LIVE.fetch_add(1, Ordering::Relaxed);
            Counter(Cell::new(start))
        }

        fn next(&self) -> u32 {
            self.0.set(self.0.get() + 1);
            self.0.get()
        }
    }

    impl Drop for Counter {
        fn drop(&mut self) {
            LIVE.fetch_sub(1, Ordering::Relaxed);
        }
    }

    impl things::Guest for Every {
        type Counter = Counter;

        fn add(a: u32, b: u32) -> u32 {
            CALLS.fetch_add(1, Ordering::Relaxed);
            a.wrapping_add(b)
        }
        fn calls() -> u64 {
            CALLS.load(Ordering::Relaxed)
        }
        fn echo(text: String) -> String {
            text
        }
        fn reverse(text: String) -> String {
            text.chars().rev().collect()
        }
        fn fill(count: u32) -> Vec<u8> {
            vec![7; count as usize]
        }
        fn mirror(of: Point) -> Point {
            Point { x: -of.x, y: -of.y }
        }
        fn birthday(people: Vec<Person>) -> Vec<Person> {
            let older = |person: Person| Person {
                age: person.age + u8::from(person.active),
                ..person
            };
            people.into_iter().map(older).collect()
        }
        fn twice(number: Option<u32>) -> Result<u64, String> {
            number
                .map(|number| 2 * u64::from(number))
                .ok_or_else(|| "there is no number".into())
        }
        fn sum(
            a: u64,
            b: u64,
            c: u64,
            d: u64,
            e: u64,
            f: u64,
            g: u64,
            h: u64,
            i: u64,
            j: u64,
            k: u64,
            l: u64,
            m: u64,
            n: u64,
            o: u64,
            p: u64,
            q: u64,
        ) -> u64 {
            [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q]
                .iter()
                .sum()
        }
        fn live() -> u64 {
            LIVE.load(Ordering::Relaxed)
        }
        fn wait(time: u32, bytes: Vec<u8>) -> Vec<u8> {
            std::thread::sleep(std::time::Duration::from_millis(time.into()));
            bytes
        }
        fn refuse() {
            panic!("it was not in the mood");
        }
        fn garbage(what: u32) -> String {
            match what {
                // Runs for ever.
                100 => loop {
                    std::hint::black_box(what);
                },
                // Asks for more memory than it may have.
                101 => "x".repeat(3 << 30),
                _ => match std::fs::read_to_string("/data/greeting") {
                    Ok(text) => text,
                    Err(_) => std::env::var("GREETING").unwrap_or_else(|_| "fine".into()),
                },
            }
        }
        fn bad_bool(what: u32) -> bool {
            what != 0
        }
    }

    impl Guest for Every {
        fn greeting(name: String) -> String {
            format!("hello {name}")
        }
    }

    export!(Every);
}
