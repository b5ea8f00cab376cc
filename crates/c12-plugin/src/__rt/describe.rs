//! The description of a plugin, made at compile time: what the host reads is part of the library.

// Positions in arrays of a size that was computed just before; a wrong one is an error of the compiler.
#![allow(clippy::indexing_slicing)]

use std::ffi::{CStr, c_char};
use std::ptr::null;

use super::{Native, abi};
use crate::Key;

/// What `generate!` makes of a world, for an instance that has all its traits.
pub trait Exports {
    /// That instance.
    type Instance;
    /// The text of the world.
    const WIT: &'static CStr;
    /// Its name.
    const WORLD: &'static CStr;
    /// Its functions.
    const TABLE: &'static [abi::Export];
}

/// An entry of the table.
pub const fn export(
    interface: Option<&'static CStr>,
    name: &'static CStr,
    function: abi::Function,
    blocking: bool,
) -> abi::Export {
    abi::Export {
        size: size_of::<abi::Export>(),
        interface_name: match interface {
            Some(name) => name.as_ptr(),
            None => null(),
        },
        name: name.as_ptr(),
        function: Some(function),
        flags: if blocking { abi::BLOCKING } else { 0 },
        reserved: 0,
    }
}

/// Checks at compile time that the generator and this crate lay a type out alike.
pub const fn check_layout<T: Native>(size: usize, align: usize) {
    assert!(T::SIZE == size && T::ALIGN == align);
}

/// Something with pointers to what is part of the library and never changes.
#[derive(Debug)]
#[repr(transparent)]
pub struct Shared<T>(pub T);

// SAFETY: what it points to never changes.
unsafe impl<T> Sync for Shared<T> {}

/// What a plugin says of itself.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// One line for people.
    pub description: &'static str,
}

impl About {
    /// With the package's name and version, unless the plugin has its own.
    pub const fn new(
        name: Option<&'static str>,
        version: Option<&'static str>,
        description: &'static str,
        package: &'static str,
        package_version: &'static str,
    ) -> Self {
        About {
            name: match name {
                Some(name) => name,
                None => package,
            },
            version: match version {
                Some(version) => version,
                None => package_version,
            },
            description,
        }
    }

    const fn texts(&self) -> [&'static str; 3] {
        [self.name, self.version, self.description]
    }

    /// Where each text starts in what [`pack`] makes: name, version, description.
    pub const fn places(&self) -> [usize; 3] {
        let version = self.name.len() + 1;
        [0, version, version + self.version.len() + 1]
    }

    const fn size(&self) -> usize {
        self.name.len() + self.version.len() + self.description.len() + 3
    }
}

/// A key's texts; a missing fallback takes no place.
const fn texts(key: &Key) -> ([&'static str; 3], usize) {
    match key.fallback {
        Some(fallback) => ([key.name, key.description, fallback], 3),
        None => ([key.name, key.description, ""], 2),
    }
}

/// The bytes of all texts, each with a terminating zero.
pub const fn packed_size(about: &About, keys: &[Key]) -> usize {
    let mut size = about.size();
    let mut key = 0;
    while key < keys.len() {
        let (texts, count) = texts(&keys[key]);
        let mut text = 0;
        while text < count {
            size += texts[text].len() + 1;
            text += 1;
        }
        key += 1;
    }
    size
}

/// All texts, each with a terminating zero.
pub const fn pack<const N: usize>(about: &About, keys: &[Key]) -> [u8; N] {
    check_name(about.name);
    let mut packed = [0; N];
    let mut at = 0;
    let mut text = 0;
    while text < 3 {
        at = put(&mut packed, at, about.texts()[text], text == 0);
        text += 1;
    }
    let mut key = 0;
    while key < keys.len() {
        let (texts, count) = texts(&keys[key]);
        let mut text = 0;
        while text < count {
            at = put(&mut packed, at, texts[text], false);
            text += 1;
        }
        key += 1;
    }
    assert!(at == N);
    packed
}

/// Puts a text and its zero, and gives the place behind it. Names of packages may have `_`, names of plugins not.
const fn put(packed: &mut [u8], at: usize, text: &str, is_name: bool) -> usize {
    let text = text.as_bytes();
    let mut place = 0;
    while place < text.len() {
        let byte = text[place];
        assert!(byte != 0, "a text of the plugin has a zero in it");
        packed[at + place] = if is_name && byte == b'_' { b'-' } else { byte };
        place += 1;
    }
    at + text.len() + 1
}

const fn check_name(name: &str) {
    let name = name.as_bytes();
    assert!(!name.is_empty(), "a plugin needs a name");
    let mut place = 0;
    while place < name.len() {
        assert!(
            name[place].is_ascii_alphanumeric() || matches!(name[place], b'-' | b'_'),
            "the name of a plugin is made of letters, digits and `-`"
        );
        place += 1;
    }
}

/// The keys, whose texts are in what [`pack`] made.
///
/// # Safety
///
/// `packed` is that, of the same texts.
pub const unsafe fn keys<const K: usize>(
    about: &About,
    keys: &[Key],
    packed: *const u8,
) -> [abi::Key; K] {
    const NONE: abi::Key = abi::Key {
        size: size_of::<abi::Key>(),
        name: null(),
        description: null(),
        fallback: null(),
        kind: 0,
        required: 0,
    };
    let mut made = [NONE; K];
    let mut at = about.size();
    let mut key = 0;
    while key < K {
        let (texts, count) = texts(&keys[key]);
        // SAFETY: the texts lie one after another.
        unsafe {
            made[key].name = packed.add(at) as *const c_char;
            at += texts[0].len() + 1;
            made[key].description = packed.add(at) as *const c_char;
            at += texts[1].len() + 1;
            if count == 3 {
                made[key].fallback = packed.add(at) as *const c_char;
                at += texts[2].len() + 1;
            }
        }
        made[key].kind = keys[key].kind;
        made[key].required = keys[key].required as u32;
        key += 1;
    }
    made
}

/// Makes a type that implements [`Plugin`](crate::Plugin) what the library is.
///
/// The type of its instance must have all traits that `generate!` made of the world. If that was called in another
/// module, say which: `export!(Text with crate::bindings)`.
///
/// It defines the function `c12_plugin`, the only symbol of a plugin; the harness opens plugins by it.
#[macro_export]
macro_rules! export {
    ($plugin:ident) => {
        $crate::export!($plugin with self);
    };
    ($plugin:ident with $($bindings:tt)+) => {
        // A panic must end in the call that it happened in.
        #[cfg(panic = "abort")]
        ::core::compile_error!("a plugin cannot be built with `panic = \"abort\"`: a panic would end the host");

        #[doc(hidden)]
        #[allow(missing_docs, unsafe_code, unreachable_pub)]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn c12_plugin(
            host: *const $crate::abi::Host,
        ) -> *const $crate::abi::Description {
            use $crate::__rt;

            type Exports =
                $($bindings)+::__c12_world::Exports<<$plugin as $crate::Plugin>::Instance>;
            const ABOUT: __rt::About = __rt::About::new(
                <$plugin as $crate::Plugin>::NAME,
                <$plugin as $crate::Plugin>::VERSION,
                <$plugin as $crate::Plugin>::DESCRIPTION,
                ::core::env!("CARGO_PKG_NAME"),
                ::core::env!("CARGO_PKG_VERSION"),
            );
            const KEYS: &[$crate::Key] = <$plugin as $crate::Plugin>::KEYS;
            const TABLE: &[$crate::abi::Export] = <Exports as __rt::Exports>::TABLE;
            static TEXTS: [u8; __rt::packed_size(&ABOUT, KEYS)] = __rt::pack(&ABOUT, KEYS);
            static KEY_TABLE: __rt::Shared<[$crate::abi::Key; KEYS.len()]> =
                // SAFETY: the texts are those.
                __rt::Shared(unsafe { __rt::keys(&ABOUT, KEYS, TEXTS.as_ptr()) });
            static DESCRIPTION: __rt::Shared<$crate::abi::Description> =
                __rt::Shared($crate::abi::Description {
                    size: ::core::mem::size_of::<$crate::abi::Description>(),
                    abi: $crate::abi::ABI,
                    reserved: 0,
                    // SAFETY: the places are within the texts.
                    name: unsafe { TEXTS.as_ptr().add(ABOUT.places()[0]) }.cast(),
                    version: unsafe { TEXTS.as_ptr().add(ABOUT.places()[1]) }.cast(),
                    description: unsafe { TEXTS.as_ptr().add(ABOUT.places()[2]) }.cast(),
                    wit: <Exports as __rt::Exports>::WIT.as_ptr(),
                    world: <Exports as __rt::Exports>::WORLD.as_ptr(),
                    exports: TABLE.as_ptr(),
                    export_count: TABLE.len(),
                    keys: KEY_TABLE.0.as_ptr(),
                    key_count: KEYS.len(),
                    open: ::core::option::Option::Some(__rt::open::<$plugin>),
                    close: ::core::option::Option::Some(__rt::close::<$plugin>),
                    instantiate: ::core::option::Option::Some(__rt::instantiate::<$plugin>),
                    drop_instance: ::core::option::Option::Some(__rt::drop_instance::<$plugin>),
                });

            // SAFETY: the host calls this first, with its functions.
            if unsafe { __rt::connect(host, &TEXTS) } {
                &DESCRIPTION.0
            } else {
                ::core::ptr::null()
            }
        }
    };
}
