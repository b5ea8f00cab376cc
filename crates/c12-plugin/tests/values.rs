//! A plugin in Rust that gives every value back, run without a guest.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use c12_plugin::harness::{Generator, Harness, HarnessError, Value};
use c12_plugin::{Error, Key, Plugin, Result, Settings};

c12_plugin::generate!({
    path: "../c12-bindgen/tests/cases/values.wit",
    blocking: ["test:values/echo@1.2.0#nothing"],
});

use exports::test::values::echo::{
    Amount, Gaps, Guest, Hue, Nine, Person, Point, Rights, Segment, Seventeen, Shape, Switches,
    ThirtyTwo,
};

const ECHO: &str = "test:values/echo@1.2.0";

struct Values {
    greeting: String,
}

struct Instance {
    greeting: String,
    calls: u32,
}

impl Plugin for Values {
    const NAME: Option<&'static str> = Some("values");
    const DESCRIPTION: &'static str = "Gives every value back";
    const KEYS: &'static [Key] = &[
        Key::text("greeting")
            .fallback("hi")
            .description("What it says"),
        Key::integer("limit"),
        Key::boolean("strict"),
        Key::path("file"),
        Key::secret("password"),
    ];
    type Instance = Instance;

    fn open(settings: &Settings<'_>) -> Result<Self> {
        if let Some(limit) = settings.get("limit")
            && settings.integer("limit")? < 0
        {
            return Err(Error::new(format_args!("{limit} is too little")));
        }
        if settings.get("password") == Some("panic") {
            panic!("the password");
        }
        Ok(Values {
            greeting: settings.text("greeting")?.to_owned(),
        })
    }

    fn instantiate(&self) -> Result<Instance> {
        if self.greeting == "refuse" {
            return Err(Error::new("no more instances"));
        }
        Ok(Instance {
            greeting: self.greeting.clone(),
            calls: 0,
        })
    }
}

macro_rules! echo {
    ($($name:ident: $param:ty => $result:ty, |$x:ident| $body:expr;)*) => {
        $(fn $name(&mut self, $x: $param) -> Result<$result> {
            Ok($body)
        })*
    };
}

impl Guest for Instance {
    echo! {
        echo_bool: bool => bool, |x| x;
        echo_u8: u8 => u8, |x| x;
        echo_u16: u16 => u16, |x| x;
        echo_u32: u32 => u32, |x| x;
        echo_u64: u64 => u64, |x| x;
        echo_s8: i8 => i8, |x| x;
        echo_s16: i16 => i16, |x| x;
        echo_s32: i32 => i32, |x| x;
        echo_s64: i64 => i64, |x| x;
        echo_f32: f32 => f32, |x| x;
        echo_f64: f64 => f64, |x| x;
        echo_char: char => char, |x| x;
        echo_string: &str => String, |x| x.to_owned();
        echo_name: &str => String, |x| x.to_owned();
        echo_bytes: &[u8] => Vec<u8>, |x| x.to_vec();
        echo_floats: &[f64] => Vec<f64>, |x| x.to_vec();
        echo_bools: Vec<bool> => Vec<bool>, |x| x;
        echo_chars: Vec<char> => Vec<char>, |x| x;
        echo_strings: Vec<&str> => Vec<String>, |x| x.into_iter().map(Into::into).collect();
        echo_lists: Vec<&[u8]> => Vec<Vec<u8>>, |x| x.into_iter().map(Into::into).collect();
        echo_deep_lists: Vec<Vec<Vec<&str>>> => Vec<Vec<Vec<String>>>, |x| x
            .into_iter()
            .map(|x| x.into_iter().map(|x| x.into_iter().map(Into::into).collect()).collect())
            .collect();
        echo_point: Point => Point, |x| x;
        echo_points: &[Point] => Vec<Point>, |x| x.to_vec();
        echo_gaps: &[Gaps] => Vec<Gaps>, |x| x.to_vec();
        echo_segment: Segment => Segment, |x| x;
        echo_person: Person => Person, |x| x;
        echo_people: Vec<Person> => Vec<Person>, |x| x;
        echo_switches: Vec<Switches> => Vec<Switches>, |x| x;
        echo_hue: Hue => Hue, |x| x;
        echo_hues: Vec<Hue> => Vec<Hue>, |x| x;
        echo_rights: Rights => Rights, |x| x;
        echo_rights_list: Vec<Rights> => Vec<Rights>, |x| x;
        echo_nine: Nine => Nine, |x| x;
        echo_seventeen: Seventeen => Seventeen, |x| x;
        echo_thirty_two: ThirtyTwo => ThirtyTwo, |x| x;
        echo_shape: Shape => Shape, |x| x;
        echo_shapes: Vec<Shape> => Vec<Shape>, |x| x;
        echo_amount: Amount => Amount, |x| x;
        echo_pair: (&str, u64) => (String, u64), |x| (x.0.to_owned(), x.1);
        echo_tuple: (u8, u64, u8, &str, Option<u16>) => (u8, u64, u8, String, Option<u16>),
            |x| (x.0, x.1, x.2, x.3.to_owned(), x.4);
        echo_single: (&str,) => (String,), |x| (x.0.to_owned(),);
        echo_pairs: Vec<(&str, &[u8])> => Vec<(String, Vec<u8>)>,
            |x| x.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
        echo_option: Option<u64> => Option<u64>, |x| x;
        echo_option_string: Option<&str> => Option<String>, |x| x.map(Into::into);
        echo_option_option: Option<Option<u32>> => Option<Option<u32>>, |x| x;
        echo_option_points: Option<&[Point]> => Option<Vec<Point>>, |x| x.map(Into::into);
        echo_option_person: Option<Person> => Option<Person>, |x| x;
        echo_result: Result<u32, &str> => Result<u32, String>, |x| x.map_err(Into::into);
        echo_result_ok: Result<&str, ()> => Result<String, ()>, |x| x.map(Into::into);
        echo_result_err: Result<(), u64> => Result<(), u64>, |x| x;
        echo_result_empty: Result<(), ()> => Result<(), ()>, |x| x;
        echo_result_nested: Result<Result<u8, u64>, Vec<&str>> => Result<Result<u8, u64>, Vec<String>>,
            |x| x.map_err(|x| x.into_iter().map(Into::into).collect());
    }

    #[allow(clippy::type_complexity)]
    fn echo_many(
        &mut self,
        a: u8,
        b: &str,
        c: u64,
        d: &[u16],
        e: Option<&str>,
        f: bool,
        g: f32,
        h: Vec<&str>,
        i: Point,
        j: i8,
        k: Shape,
        l: u16,
        m: (u8, u32),
        n: Rights,
        o: char,
        p: Hue,
        q: Result<u8, &str>,
    ) -> Result<(
        u8,
        String,
        u64,
        Vec<u16>,
        Option<String>,
        bool,
        f32,
        Vec<String>,
        Point,
        i8,
        Shape,
        u16,
    )> {
        assert_eq!((m, n, o), ((7, 8), Rights::READ | Rights::EXECUTE, '水'));
        assert_eq!((p, q), (Hue::Blue, Err("no")));
        Ok((
            a,
            b.to_owned(),
            c,
            d.to_vec(),
            e.map(Into::into),
            f,
            g,
            h.into_iter().map(Into::into).collect(),
            i,
            j,
            k,
            l,
        ))
    }

    fn nothing(&mut self) -> Result<()> {
        self.calls += 1;
        Ok(())
    }

    fn only_in(&mut self, x: &str) -> Result<()> {
        match x {
            "error" => drop("no".parse::<u8>()?),
            "panic" => panic!("told to panic"),
            "panic with a number" => std::panic::panic_any(7),
            "log" => {
                c12_plugin::log::info("a line");
                c12_plugin::log::warn!("{} + {} = {}", 1, 1, 2);
            }
            _ => {}
        }
        Ok(())
    }

    fn only_out(&mut self) -> Result<String> {
        Ok(format!("{} {}", self.greeting, self.calls))
    }
}

c12_plugin::export!(Values);

fn open(settings: &[(&str, &str)]) -> std::result::Result<Harness, HarnessError> {
    Harness::open(c12_plugin, settings)
}

#[test]
fn the_description() {
    let plugin = open(&[]).unwrap();
    assert_eq!(plugin.name(), "values");
    assert_eq!(plugin.version(), env!("CARGO_PKG_VERSION"));
    assert_eq!(plugin.description(), "Gives every value back");
    assert_eq!(plugin.world().name(), "values");
    assert_eq!(plugin.world().package(), "test:values@1.2.0");
    let keys: Vec<_> = plugin
        .keys()
        .iter()
        .map(|key| (key.name.as_str(), key.kind, key.fallback.as_deref()))
        .collect();
    assert_eq!(
        keys,
        [
            ("greeting", 0, Some("hi")),
            ("limit", 1, None),
            ("strict", 2, None),
            ("file", 3, None),
            ("password", 4, None),
        ]
    );
    assert_eq!(plugin.keys()[0].description, "What it says");
    let blocking: Vec<_> = plugin
        .functions()
        .iter()
        .filter(|entry| entry.blocking)
        .map(|entry| entry.path())
        .collect();
    assert_eq!(blocking, ["test:values/echo@1.2.0#nothing"]);
}

#[test]
fn every_value_comes_back() {
    let plugin = open(&[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    let mut calls = 0;
    for seed in 0..200 {
        let mut generator = Generator::new(seed);
        for entry in plugin.functions() {
            let [(_, ty)] = entry.function.params.as_slice() else {
                continue;
            };
            if entry.function.result.is_none() {
                continue;
            }
            let value = generator
                .value(plugin.world(), ty, &mut |_, _| None)
                .unwrap();
            let back = instance
                .call(ECHO, &entry.function.name, std::slice::from_ref(&value))
                .unwrap();
            assert_eq!(back, Some(value), "{} in round {seed}", entry.function.name);
            calls += 1;
        }
    }
    assert_eq!(calls, 200 * 52);
}

#[test]
fn many_arguments() {
    let plugin = open(&[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    let point = Value::record([("x", 1.5_f64.into()), ("y", (-2.5_f64).into())]);
    let shape = Value::variant("label", "round");
    let back: Vec<Value> = vec![
        1_u8.into(),
        "two".into(),
        3_u64.into(),
        vec![4_u16, 5].into(),
        Some("six").into(),
        true.into(),
        7.5_f32.into(),
        vec!["a", "", "ü"].into(),
        point,
        (-8_i8).into(),
        shape,
        9_u16.into(),
    ];
    let mut arguments = back.clone();
    arguments.extend([
        Value::tuple([7_u8.into(), 8_u32.into()]),
        Value::flags(["read", "execute"]),
        '水'.into(),
        Value::enumeration("blue"),
        Value::err("no"),
    ]);
    assert_eq!(
        instance.call(ECHO, "echo-many", &arguments).unwrap(),
        Some(Value::Tuple(back))
    );
}

#[test]
fn what_fails_traps_and_the_rest_goes_on() {
    let plugin = open(&[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    let mut trap = |word: &str| match instance.call(ECHO, "only-in", &[word.into()]) {
        Err(HarnessError::Trap { function, message }) => {
            assert_eq!(function, "test:values/echo@1.2.0#only-in");
            message
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(trap("error"), "invalid digit found in string");
    let message = trap("panic");
    assert!(
        message.starts_with("panicked at ") && message.contains("tests/values.rs:"),
        "{message}"
    );
    assert!(message.ends_with(": told to panic"), "{message}");
    assert!(trap("panic with a number").ends_with("with something that is no text"));

    instance.call(ECHO, "nothing", &[]).unwrap();
    assert_eq!(
        instance.call(ECHO, "only-out", &[]).unwrap(),
        Some("hi 1".into())
    );
}

#[test]
fn instances_are_apart() {
    let plugin = open(&[("greeting", "hello")]).unwrap();
    let mut one = plugin.instantiate().unwrap();
    let mut other = plugin.instantiate().unwrap();
    one.call(ECHO, "nothing", &[]).unwrap();
    one.call(ECHO, "nothing", &[]).unwrap();
    let out = |instance: &mut c12_plugin::harness::Instance<'_>| {
        instance.call(ECHO, "only-out", &[]).unwrap()
    };
    assert_eq!(out(&mut one), Some("hello 2".into()));
    assert_eq!(out(&mut other), Some("hello 0".into()));
    std::thread::scope(|scope| {
        for mut instance in [one, other] {
            scope.spawn(move || instance.call(ECHO, "nothing", &[]).unwrap());
        }
    });
}

#[test]
fn lines_are_logged_under_the_name() {
    let plugin = open(&[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    instance.call(ECHO, "only-in", &["log".into()]).unwrap();
    let lines: Vec<_> = plugin
        .logs()
        .into_iter()
        .map(|line| (line.level, line.message))
        .collect();
    assert!(
        lines.contains(&(c12_plugin::abi::LOG_INFO, "a line".into())),
        "{lines:?}"
    );
    assert!(
        lines.contains(&(c12_plugin::abi::LOG_WARN, "1 + 1 = 2".into())),
        "{lines:?}"
    );
}

#[test]
fn settings_are_checked() {
    let refused = |settings: &[(&str, &str)]| open(settings).unwrap_err().to_string();
    assert_eq!(
        refused(&[("greting", "x")]),
        "there is no setting `greting`; there is: greeting, limit, strict, file, password"
    );
    assert_eq!(
        refused(&[("limit", "many")]),
        "the setting `limit` must be an integer"
    );
    assert_eq!(
        refused(&[("strict", "1")]),
        "the setting `strict` must be `true` or `false`"
    );
    assert_eq!(
        refused(&[("limit", "-3")]),
        "the plugin cannot be opened: -3 is too little"
    );
    let message = refused(&[("password", "panic")]);
    assert!(message.ends_with(": the password"), "{message}");
    let plugin = open(&[("greeting", "refuse")]).unwrap();
    assert_eq!(
        plugin.instantiate().unwrap_err().to_string(),
        "the plugin cannot be instantiated: no more instances"
    );
}

#[test]
fn wrong_arguments_are_refused_before_the_call() {
    let plugin = open(&[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    let mut refused = |name: &str, arguments: &[Value]| {
        instance
            .call(ECHO, name, arguments)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused("echo-u8", &[]),
        "`test:values/echo@1.2.0#echo-u8`: it takes 1 arguments, not 0"
    );
    assert_eq!(
        refused("echo-u8", &["x".into()]),
        "`test:values/echo@1.2.0#echo-u8`: argument `x`: a u8 is expected, not \"x\""
    );
    assert_eq!(
        refused(
            "echo-point",
            &[Value::record([
                ("x", 1.0_f64.into()),
                ("z", 1.0_f64.into())
            ])]
        ),
        "`test:values/echo@1.2.0#echo-point`: argument `x`: field `y` is expected, not `z`"
    );
    assert!(refused("echo", &[]).starts_with("there is no function"));
}

#[test]
fn an_author_can_test_without_the_harness() {
    let settings = Settings::of([("greeting", "hello")]);
    let mut instance = Values::open(&settings).unwrap().instantiate().unwrap();
    assert_eq!(instance.echo_string("x").unwrap(), "x");
    instance.nothing().unwrap();
    assert_eq!(instance.only_out().unwrap(), "hello 1");
}

#[test]
fn types_have_what_authors_expect() {
    let rights = Rights::READ | Rights::WRITE;
    assert_eq!(format!("{rights:?}"), "{READ, WRITE}");
    assert!(rights.contains(Rights::READ) && !rights.contains(Rights::EXECUTE));
    assert_eq!(!rights, Rights::EXECUTE);
    assert_eq!((rights - Rights::READ).bits(), 2);
    assert_eq!(ThirtyTwo::all().bits(), u32::MAX);
    let point = Point { x: 1.0, y: 2.0 };
    let copy = point;
    assert_eq!(point, copy);
    assert_eq!(format!("{:?}", Shape::Circle(1.0).clone()), "Circle(1.0)");
}
