use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use c12_nn_core::{
    Cancel, Code, Device, Encoding, Limits, ModelSpec, Options, Reason, Registry, RegistryBuilder,
};

use crate::framework::{Sums, matrix};

fn spec(folder: &Path, name: &str, contents: &str, query: &str) -> ModelSpec {
    let path = folder.join(name);
    std::fs::write(&path, contents).unwrap();
    format!("{name}=sums:{}?{query}", path.display())
        .parse()
        .unwrap()
}

fn builder(sums: &Sums) -> RegistryBuilder {
    Registry::builder().backend(sums.clone())
}

#[test]
fn a_model_is_loaded_once_for_all_who_ask() {
    let folder = tempfile::tempdir().unwrap();
    let sums = Sums::default();
    let registry = builder(&sums)
        .model(spec(folder.path(), "m", "2", ""))
        .build()
        .unwrap();
    assert_eq!(sums.loads.load(Ordering::SeqCst), 0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let model = registry.model("m", &Cancel::new()).unwrap();
                let mut context = model.context(&Options::new()).unwrap();
                context
                    .set_input(&0.into(), matrix(&[&[1.0, 2.0]]))
                    .unwrap();
                context.compute(&Cancel::new()).unwrap();
                let output = context.get_output(&0.into()).unwrap();
                assert_eq!(&*output.to_slice::<f32>().unwrap(), &[6.0]);
            });
        }
    });
    assert_eq!(sums.loads.load(Ordering::SeqCst), 1);
}

#[test]
fn what_was_not_named_is_not_there() {
    let registry = builder(&Sums::default()).build().unwrap();
    let error = registry.model("m\n", &Cancel::new()).unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    assert_eq!(error.message(), r"there is no model `m\n`");
    assert!(registry.preload("m").is_err());
}

#[test]
fn a_missing_file_is_the_user_s_business() {
    let spec = "m=sums:/nowhere/at/all".parse().unwrap();
    let registry = builder(&Sums::default()).model(spec).build().unwrap();
    let error = registry.model("m", &Cancel::new()).unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    // The guest does not learn the path.
    assert_eq!(error.message(), "the model's file cannot be read");
    assert!(error.help().unwrap().starts_with("`/nowhere/at/all`"));
}

#[test]
fn a_failed_load_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let sums = Sums::default();
    let registry = builder(&sums)
        .model(spec(folder.path(), "m", "no number", ""))
        .build()
        .unwrap();
    let error = registry.model("m", &Cancel::new()).unwrap_err();
    assert_eq!(error.code(), Code::InvalidEncoding);
    assert_eq!(registry.memory(), 0);
    std::fs::write(folder.path().join("m"), "3").unwrap();
    registry.model("m", &Cancel::new()).unwrap();
}

#[test]
fn mistakes_show_before_anything_runs() {
    let build = |text: &str| {
        builder(&Sums::default())
            .model(text.parse().unwrap())
            .build()
    };
    let error = build("m=abacus:a").err().unwrap();
    assert_eq!(
        error.message(),
        "the model `m` is to be run by `abacus`, which is neither a backend nor an encoding"
    );
    assert_eq!(error.help(), Some("the backends are sums"));
    let error = build("m=sums:a?treads=1").err().unwrap();
    assert_eq!(
        error.message(),
        "the model `m`: there is no option `treads`"
    );
    assert!(error.help().unwrap().starts_with("the options are "));
    let error = build("m=sums:a?slow=very").err().unwrap();
    assert_eq!(
        error.message(),
        "the model `m`: the option `slow` cannot be `very`: invalid digit found in string"
    );
    let error = build("m=tensorflow:a?batch-delay=-1").err().unwrap();
    assert_eq!(
        error.message(),
        "the model `m`: `batch-delay` must be 0 to 10000 milliseconds, not -1"
    );
    let twice = builder(&Sums::default())
        .model("m=sums:a".parse().unwrap())
        .model("m=sums:b".parse().unwrap())
        .build();
    assert_eq!(
        twice.err().unwrap().message(),
        "two models have the name `m`"
    );
}

#[test]
fn another_backend_takes_the_place_of_one_that_nobody_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m"), "2").unwrap();
    let load = |named| {
        let missing = Sums {
            missing: true,
            named,
            ..Sums::default()
        };
        let spec = format!("m=tensorflow:{}", folder.path().join("m").display());
        let registry = builder(&missing)
            .backend(Sums::default())
            .model(spec.parse().unwrap())
            .build()
            .unwrap();
        registry.model("m", &Cancel::new())
    };
    load(false).unwrap();
    let error = load(true).err().unwrap();
    assert_eq!(error.code(), Code::UnsupportedOperation);
    assert_eq!(error.help(), Some("`install sums` would fetch it"));
}

#[test]
fn guests_models_go_where_they_are_taken() {
    let picky = Sums {
        trusted_only: true,
        ..Sums::default()
    };
    let load = |builder: RegistryBuilder| {
        let parts = [Bytes::from_static(b"2")];
        let registry = builder.build().unwrap();
        registry.load(&parts, Encoding::Tensorflow, Device::Cpu, &Options::new())
    };
    let error = load(builder(&picky)).err().unwrap();
    assert_eq!(error.code(), Code::UnsupportedOperation);
    assert_eq!(
        error.message(),
        "no backend is ready that takes models of guests for `tensorflow`"
    );
    assert_eq!(error.help(), Some("`trust` would let it"));
    let missing = Sums {
        missing: true,
        ..Sums::default()
    };
    let error = load(builder(&picky).backend(missing)).err().unwrap();
    assert_eq!(
        error.help(),
        Some("`install sums` would fetch it; `trust` would let it")
    );
    let other = Sums::default();
    load(builder(&picky).backend(other.clone())).unwrap();
    assert_eq!(picky.loads.load(Ordering::SeqCst), 0);
    assert_eq!(other.loads.load(Ordering::SeqCst), 1);
}

#[test]
fn idle_models_give_way_the_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let sums = Sums::default();
    // Each is 40 bytes, and 100 are there.
    let contents = format!("{:<40}", "2");
    let mut builder = builder(&sums).limits(Limits {
        memory: 100,
        ..Limits::default()
    });
    for name in ["a", "b", "c"] {
        builder = builder.model(spec(folder.path(), name, &contents, ""));
    }
    let registry = builder.build().unwrap();
    let load = |name: &str| registry.model(name, &Cancel::new());
    drop(load("a").unwrap());
    drop(load("b").unwrap());
    drop(load("a").unwrap());
    assert_eq!(registry.memory(), 80);
    drop(load("c").unwrap());
    assert_eq!(registry.memory(), 80);
    // `b` had to go, `a` is still there.
    drop(load("a").unwrap());
    assert_eq!(sums.loads.load(Ordering::SeqCst), 3);
    drop(load("b").unwrap());
    assert_eq!(sums.loads.load(Ordering::SeqCst), 4);
}

#[test]
fn models_in_use_do_not_give_way() {
    let folder = tempfile::tempdir().unwrap();
    let sums = Sums::default();
    let contents = format!("{:<60}", "2");
    let registry = builder(&sums)
        .limits(Limits {
            memory: 100,
            ..Limits::default()
        })
        .model(spec(folder.path(), "a", &contents, ""))
        .model(spec(folder.path(), "b", &contents, ""))
        .build()
        .unwrap();
    let a = registry.model("a", &Cancel::new()).unwrap();
    let context = a.context(&Options::new()).unwrap();
    drop(a);
    let error = registry.model("b", &Cancel::new()).unwrap_err();
    assert_eq!(error.code(), Code::TooLarge);
    drop(context);
    registry.model("b", &Cancel::new()).unwrap();
}

#[test]
fn memory_is_there_before_a_model_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let sums = Sums::default();
    let contents = format!("{:<60}", "2");
    // It says itself that it takes as much again.
    let registry = builder(&sums)
        .limits(Limits {
            memory: 100,
            ..Limits::default()
        })
        .model(spec(folder.path(), "m", &contents, "extra=60"))
        .build()
        .unwrap();
    let error = registry.model("m", &Cancel::new()).unwrap_err();
    assert_eq!(error.code(), Code::TooLarge);
    let parts = [Bytes::from(contents)];
    let more = Options::from_query("extra=30").unwrap();
    let prepared = registry.prepare(&parts, Encoding::Tensorflow, Device::Cpu, &more);
    assert_eq!(prepared.unwrap().memory(), 90);
    let too_much = Options::from_query("extra=60").unwrap();
    let error = registry.load(&parts, Encoding::Tensorflow, Device::Cpu, &too_much);
    assert_eq!(error.unwrap_err().code(), Code::TooLarge);
    assert_eq!(sums.loads.load(Ordering::SeqCst), 0);
    assert_eq!(registry.memory(), 0);
}

#[test]
fn models_of_guests_have_limits_and_are_counted() {
    let sums = Sums::default();
    let registry = builder(&sums)
        .limits(Limits {
            memory: 100,
            guest_model: 50,
        })
        .build()
        .unwrap();
    let load = |text: &str| {
        let bytes = Bytes::from(text.to_owned());
        registry.load(&[bytes], Encoding::Tensorflow, Device::Cpu, &Options::new())
    };
    let first = load(&format!("{:<50}", "1")).unwrap();
    let _second = load(&format!("{:<50}", "1")).unwrap();
    assert_eq!(registry.memory(), 100);
    assert_eq!(load("1").unwrap_err().code(), Code::TooLarge);
    drop(first);
    load("1").unwrap();
    let error = load(&format!("{:<51}", "1")).unwrap_err();
    assert_eq!(
        error.message(),
        "a model of 51 bytes is larger than the 50 bytes that guests may hand over"
    );
    let none = registry.load(&[], Encoding::Autodetect, Device::Cpu, &Options::new());
    assert_eq!(none.unwrap_err().code(), Code::InvalidArgument);
}

#[test]
fn a_backend_that_is_not_there_says_what_would_mend_it() {
    let sums = Sums {
        missing: true,
        ..Sums::default()
    };
    let registry = builder(&sums).build().unwrap();
    let error = registry
        .load(
            &[Bytes::from_static(b"1")],
            Encoding::Tensorflow,
            Device::Cpu,
            &Options::new(),
        )
        .unwrap_err();
    assert_eq!(error.code(), Code::UnsupportedOperation);
    assert_eq!(
        error.message(),
        "no backend is ready that takes models of guests for `tensorflow`"
    );
    assert_eq!(error.help(), Some("`install sums` would fetch it"));
}

#[test]
fn the_first_backend_that_is_ready_is_used() {
    let (missing, there) = (
        Sums {
            missing: true,
            ..Sums::default()
        },
        Sums::default(),
    );
    let registry = Registry::builder()
        .backend(missing)
        .backend(there.clone())
        .build()
        .unwrap();
    registry
        .load(
            &[Bytes::from_static(b"1")],
            Encoding::Tensorflow,
            Device::Cpu,
            &Options::new(),
        )
        .unwrap();
    assert_eq!(there.loads.load(Ordering::SeqCst), 1);
    let ready: Vec<bool> = registry
        .backends()
        .iter()
        .map(|backend| backend.status.ready)
        .collect();
    assert_eq!(ready, [false, true]);
}

#[test]
fn loading_goes_on_in_the_background_when_nobody_waits() {
    let folder = tempfile::tempdir().unwrap();
    let sums = Sums::default();
    let registry = builder(&sums)
        .model(spec(folder.path(), "m", "2", ""))
        .build()
        .unwrap();
    let cancel = Cancel::new();
    cancel.cancel(Reason::Gone);
    assert!(registry.model("m", &cancel).is_err());
    registry.preload("m").unwrap();
    registry.preload("m").unwrap();
    registry.model("m", &Cancel::new()).unwrap();
    assert_eq!(sums.loads.load(Ordering::SeqCst), 1);
}

#[test]
fn a_guest_sees_only_what_was_named_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let registry = builder(&Sums::default())
        .model(spec(folder.path(), "a", "1", ""))
        .model(spec(folder.path(), "b", "1", ""))
        .build()
        .unwrap();
    let guest = registry.restricted_to(["a", "c"]);
    assert_eq!(guest.models().count(), 1);
    guest.model("a", &Cancel::new()).unwrap();
    for name in ["b", "c"] {
        let error = guest.model(name, &Cancel::new()).unwrap_err();
        assert_eq!(error.code(), Code::NotFound);
    }
    // What is not seen cannot be given on.
    assert!(guest.restricted_to(["b"]).preload("b").is_err());
    registry.model("b", &Cancel::new()).unwrap();
}

#[test]
fn many_names_are_many_models() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = builder(&Sums::default());
    for index in 0..100 {
        builder = builder.model(spec(folder.path(), &format!("m{index}"), "1", ""));
    }
    let registry = builder.build().unwrap();
    let mut names = String::new();
    for model in registry.models() {
        write!(names, "{} ", model.name).unwrap();
    }
    assert!(names.starts_with("m0 m1 m10 m11"));
}
