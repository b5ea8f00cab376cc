//! A class, as WIT has it: a *resource* with a constructor, methods, static functions and a destructor.
//!
//! ```text
//! c12 run --invoke 'demo()' 04_counter_class.wasm
//! ```
//!
//! The caller never sees the counter, only a handle to it. The component's own table says which handles are valid, so a
//! caller can neither invent one nor use one after it was dropped. An owned handle (`counter`) is given away by
//! passing it; a borrowed one (`borrow<counter>`) comes back when the call ends.

// The generated export functions need `no_mangle`, which is an unsafe attribute.
#![allow(unsafe_code)]

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod component {
    use std::cell::{Cell, RefCell};
    use std::collections::VecDeque;
    use std::ops::RangeInclusive;

    wit_bindgen::generate!({ path: "wit", world: "counter-class" });

    use exports::c12::examples::counters::{
        Counter, CounterBorrow, CounterError, Guest as Counters, GuestCounter,
    };

    /// As much as `history` keeps: a counter that runs for a year must not fill the memory.
    const HISTORY: usize = 100;

    thread_local! {
        static LIVE: Cell<u32> = const { Cell::new(0) };
    }

    /// What a handle stands for. Methods get `&self`, because several borrows may exist at once; so what changes is
    /// in a cell.
    struct State {
        start: i64,
        range: RangeInclusive<i64>,
        value: Cell<i64>,
        history: RefCell<VecDeque<i64>>,
    }

    impl State {
        fn create(start: i64, range: RangeInclusive<i64>) -> Self {
            LIVE.set(LIVE.get().saturating_add(1));
            Self {
                start,
                range,
                value: Cell::new(start),
                history: RefCell::new(VecDeque::from([start])),
            }
        }

        fn set(&self, value: i64) {
            self.value.set(value);
            let mut history = self.history.borrow_mut();
            if history.len() == HISTORY {
                history.pop_front();
            }
            history.push_back(value);
        }
    }

    /// Runs when the last handle is dropped, by the caller or by the end of the program.
    impl Drop for State {
        fn drop(&mut self) {
            LIVE.set(LIVE.get().saturating_sub(1));
        }
    }

    impl GuestCounter for State {
        fn new(start: i64) -> Self {
            Self::create(start, i64::MIN..=i64::MAX)
        }

        fn bounded(limit: u32) -> Counter {
            Counter::new(Self::create(0, 0..=i64::from(limit)))
        }

        fn increment(&self) -> Result<i64, CounterError> {
            self.add(1)
        }

        fn add(&self, step: i64) -> Result<i64, CounterError> {
            let value = self
                .value
                .get()
                .checked_add(step)
                .ok_or(CounterError::Overflow)?;
            if value > *self.range.end() {
                return Err(CounterError::LimitReached(*self.range.end()));
            }
            if value < *self.range.start() {
                return Err(CounterError::LimitReached(*self.range.start()));
            }
            self.set(value);
            Ok(value)
        }

        fn current(&self) -> i64 {
            self.value.get()
        }

        fn reset(&self) {
            self.set(self.start);
        }

        fn history(&self) -> Vec<i64> {
            self.history.borrow().iter().copied().collect()
        }
    }

    struct CounterClass;

    impl Counters for CounterClass {
        type Counter = State;

        fn merge(a: Counter, b: Counter) -> Result<Counter, CounterError> {
            // Both handles are ours now: when this function returns, whatever it returns, both counters are gone.
            let sum = current(&a)
                .checked_add(current(&b))
                .ok_or(CounterError::Overflow)?;
            Ok(Counter::new(State::new(sum)))
        }

        fn compare(a: CounterBorrow<'_>, b: CounterBorrow<'_>) -> i8 {
            let (a, b) = (a.get::<State>(), b.get::<State>());
            a.current().cmp(&b.current()) as i8
        }

        fn live() -> u32 {
            LIVE.get()
        }
    }

    fn current(counter: &Counter) -> i64 {
        counter.get::<State>().current()
    }

    impl Guest for CounterClass {
        fn demo() -> Vec<String> {
            let mut lines = Vec::new();
            let mut say = |line: String| lines.push(line);

            let a = Counter::new(State::new(40));
            say(format!("new counter: {}", current(&a)));
            for _ in 0..2 {
                say(format!("increment: {}", told(a.get::<State>().increment())));
            }

            let b = State::bounded(3);
            say(format!(
                "add 2 to a counter up to 3: {}",
                told(b.get::<State>().add(2))
            ));
            say(format!("add 2 again: {}", told(b.get::<State>().add(2))));
            say(format!("history: {:?}", b.get::<State>().history()));
            say(format!("live counters: {}", Self::live()));

            match Self::merge(a, b) {
                Ok(sum) => {
                    say(format!("merged: {}", current(&sum)));
                    say(format!("live counters: {}", Self::live()));
                }
                Err(error) => say(format!("merge failed: {error:?}")),
            }
            say(format!("live counters at the end: {}", Self::live()));
            lines
        }
    }

    fn told(result: Result<i64, CounterError>) -> String {
        match result {
            Ok(value) => value.to_string(),
            Err(CounterError::LimitReached(limit)) => format!("refused, the limit is {limit}"),
            Err(CounterError::Overflow) => "refused, 64 bits are not enough".to_owned(),
        }
    }

    export!(CounterClass);
}
