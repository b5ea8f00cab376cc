//! Calls every function of the test plugin `every`; as a component on wasip2, as a core module on wasip1.
// The generated bindings call foreign functions.
#![allow(unsafe_code)]

#[cfg(target_os = "wasi")]
mod guest {
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
            world use-every { import things; import greeting: func(name: string) -> string; }
        ",
        generate_all,
    });

    use test::every::things::{self, Counter, Person, Point};

    pub(crate) fn run(arguments: &[String]) {
        let number = || {
            arguments
                .get(1)
                .and_then(|text| text.parse().ok())
                .unwrap_or(0)
        };
        match arguments.first().map(String::as_str) {
            Some("garbage") => println!("{}", things::garbage(number())),
            Some("bad-bool") => println!("{}", things::bad_bool(number())),
            Some("refuse") => things::refuse(),
            Some("wait") => println!("{:?}", things::wait(number(), &[1, 2, 3])),
            Some("counter") => println!("{}", Counter::new(number()).next()),
            Some("leak") => std::mem::forget((Counter::new(1), Counter::new(2))),
            Some("adds") => adds(number()),
            _ => everything(),
        }
    }

    /// Many calls, for measurements.
    fn adds(count: u32) {
        let sum = (0..count).fold(0_u32, |sum, step| things::add(sum, step & 1));
        println!("{sum}");
    }

    fn everything() {
        println!("{}", things::add(u32::MAX, 3));
        things::add(1, 1);
        println!("{} calls", things::calls());
        println!("{}", things::echo("Grüße, Welt"));
        println!("{}", things::echo(""));
        println!("{}", things::reverse("abc"));
        let filled = things::fill(100_000);
        println!("{} bytes of {:?}", filled.len(), filled.first());
        println!("{:?}", things::mirror(Point { x: 1.5, y: -2.5 }));
        let people: Vec<Person> = (0..3)
            .map(|age| Person {
                name: format!("p{age}"),
                age,
                active: age != 1,
            })
            .collect();
        println!("{:?}", things::birthday(&people));
        println!(
            "{:?} {:?}",
            things::twice(Some(u32::MAX)),
            things::twice(None)
        );
        println!(
            "{}",
            things::sum(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
        );
        {
            let (first, second) = (Counter::new(10), Counter::new(20));
            println!("{} {} {}", first.next(), first.next(), second.next());
            println!("{} live", things::live());
        }
        println!("{} live", things::live());
        println!("{:?}", things::wait(1, &[5; 3]));
        println!("{} {}", things::bad_bool(0), things::bad_bool(1));
        println!("{}", greeting("Ada"));
    }
}

#[cfg(target_os = "wasi")]
fn main() {
    guest::run(&std::env::args().skip(1).collect::<Vec<_>>());
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
