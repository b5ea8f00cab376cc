#[allow(clippy::all, clippy::pedantic, clippy::restriction, dead_code, missing_docs, rust_2018_idioms, unreachable_pub, unsafe_code, unused)]
#[doc(hidden)]
pub mod __c12_world {
  use ::c12_plugin::__rt as __c12;
  /// All traits of the world.
  pub trait World: super::exports::example::text::tools::Guest {}
  impl<I: super::exports::example::text::tools::Guest> World for I {}

  unsafe extern "C" fn f0<I: World>(call: *mut __c12::abi::Call, instance: *mut ::core::ffi::c_void, arguments: *const ::core::ffi::c_void, results: *mut ::core::ffi::c_void) -> __c12::abi::Status {
    // SAFETY: the host calls with what the table says; the offsets are those of the parameters.
    unsafe {
      __c12::answer(call, results, || {
        let from = arguments.cast::<u8>();
        let instance = __c12::instance::<I>(instance);
        <I as super::exports::example::text::tools::Guest>::reverse(instance, __c12::lift(from.add(0))?)
      })
    }
  }
  unsafe extern "C" fn f1<I: World>(call: *mut __c12::abi::Call, instance: *mut ::core::ffi::c_void, arguments: *const ::core::ffi::c_void, results: *mut ::core::ffi::c_void) -> __c12::abi::Status {
    // SAFETY: the host calls with what the table says; the offsets are those of the parameters.
    unsafe {
      __c12::answer(call, results, || {
        let from = arguments.cast::<u8>();
        let instance = __c12::instance::<I>(instance);
        <I as super::exports::example::text::tools::Guest>::md5(instance, __c12::lift(from.add(0))?)
      })
    }
  }
  unsafe extern "C" fn f2<I: World>(call: *mut __c12::abi::Call, instance: *mut ::core::ffi::c_void, arguments: *const ::core::ffi::c_void, results: *mut ::core::ffi::c_void) -> __c12::abi::Status {
    // SAFETY: the host calls with what the table says; the offsets are those of the parameters.
    unsafe {
      __c12::answer(call, results, || {
        let from = arguments.cast::<u8>();
        let instance = __c12::instance::<I>(instance);
        <I as super::exports::example::text::tools::Guest>::count(instance, __c12::lift(from.add(0))?, __c12::lift(from.add(16))?, __c12::lift(from.add(20))?)
      })
    }
  }
  unsafe extern "C" fn f3<I: World>(call: *mut __c12::abi::Call, instance: *mut ::core::ffi::c_void, arguments: *const ::core::ffi::c_void, results: *mut ::core::ffi::c_void) -> __c12::abi::Status {
    // SAFETY: the host calls with what the table says; the offsets are those of the parameters.
    unsafe {
      __c12::answer(call, results, || {
        let from = arguments.cast::<u8>();
        let instance = __c12::instance::<I>(instance);
        <<I as super::exports::example::text::tools::Guest>::Builder as super::exports::example::text::tools::GuestBuilder>::new(instance, __c12::lift(from.add(0))?).map(__c12::Own::new)
      })
    }
  }
  unsafe extern "C" fn f4<I: World>(call: *mut __c12::abi::Call, instance: *mut ::core::ffi::c_void, arguments: *const ::core::ffi::c_void, results: *mut ::core::ffi::c_void) -> __c12::abi::Status {
    // SAFETY: the host calls with what the table says; the offsets are those of the parameters.
    unsafe {
      __c12::answer(call, results, || {
        let from = arguments.cast::<u8>();
        let instance = __c12::instance::<I>(instance);
        let this = __c12::borrowed::<<I as super::exports::example::text::tools::Guest>::Builder>(from);
        let mut this = __c12::exclusive(this)?;
        <<I as super::exports::example::text::tools::Guest>::Builder as super::exports::example::text::tools::GuestBuilder>::append(&mut this, instance, __c12::lift(from.add(8))?)
      })
    }
  }
  unsafe extern "C" fn f5<I: World>(call: *mut __c12::abi::Call, instance: *mut ::core::ffi::c_void, arguments: *const ::core::ffi::c_void, results: *mut ::core::ffi::c_void) -> __c12::abi::Status {
    // SAFETY: the host calls with what the table says; the offsets are those of the parameters.
    unsafe {
      __c12::answer(call, results, || {
        let from = arguments.cast::<u8>();
        let instance = __c12::instance::<I>(instance);
        <<I as super::exports::example::text::tools::Guest>::Builder as super::exports::example::text::tools::GuestBuilder>::finish(instance, __c12::lift(from.add(0))?)
      })
    }
  }
  unsafe extern "C" fn f6<I: World>(call: *mut __c12::abi::Call, instance: *mut ::core::ffi::c_void, arguments: *const ::core::ffi::c_void, results: *mut ::core::ffi::c_void) -> __c12::abi::Status {
    // SAFETY: the host calls with what the table says; the offsets are those of the parameters.
    unsafe {
      __c12::answer(call, results, || {
        let from = arguments.cast::<u8>();
        let instance = __c12::instance::<I>(instance);
        let this = __c12::owned::<<I as super::exports::example::text::tools::Guest>::Builder>(from);
        <<I as super::exports::example::text::tools::Guest>::Builder as super::exports::example::text::tools::GuestBuilder>::dropped(this.into_inner(), instance)
      })
    }
  }

  /// The table, and what it is the table of.
  pub struct Exports<I>(::core::marker::PhantomData<I>);
  impl<I: World> __c12::Exports for Exports<I> {
    type Instance = I;
    const WIT: &'static ::core::ffi::CStr = c"package example:text@1.0.0;\n\n/// What can be done to text.\ninterface tools {\n  /// A word and how often it is there.\n  record word-count {\n    word: string,\n    count: u32,\n  }\n\n  enum order {\n    alphabet,\n    count,\n  }\n\n  variant problem {\n    /// The text has no words.\n    no-words,\n    /// A word is longer than this.\n    too-long(u32),\n  }\n\n  /// A text that is put together piece by piece.\n  resource builder {\n    constructor(start: string);\n    append: func(text: string);\n    finish: static func(this: builder) -> string;\n  }\n\n  /// Turns a text around.\n  reverse: func(text: string) -> string;\n\n  /// The MD5 digest of some bytes.\n  md5: func(data: list<u8>) -> list<u8>;\n\n  /// Counts the words of a text.\n  count: func(text: string, by: order, most: option<u32>) -> result<list<word-count>, problem>;\n}\n\nworld text-tools {\n  export tools;\n}\n";
    const WORLD: &'static ::core::ffi::CStr = c"text-tools";
    const TABLE: &'static [__c12::abi::Export] = &[
      __c12::export(__c12::Some(c"example:text/tools@1.0.0"), c"reverse", f0::<I>, false),
      __c12::export(__c12::Some(c"example:text/tools@1.0.0"), c"md5", f1::<I>, true),
      __c12::export(__c12::Some(c"example:text/tools@1.0.0"), c"count", f2::<I>, false),
      __c12::export(__c12::Some(c"example:text/tools@1.0.0"), c"[constructor]builder", f3::<I>, false),
      __c12::export(__c12::Some(c"example:text/tools@1.0.0"), c"[method]builder.append", f4::<I>, false),
      __c12::export(__c12::Some(c"example:text/tools@1.0.0"), c"[static]builder.finish", f5::<I>, false),
      __c12::export(__c12::Some(c"example:text/tools@1.0.0"), c"[resource-drop]builder", f6::<I>, false),
    ];
  }

  // The generator and the SDK must agree on where things are.
  const _: () = {
    __c12::check_layout::<::core::option::Option<u32>>(8, 4);
    __c12::check_layout::<::core::result::Result<::std::vec::Vec<super::exports::example::text::tools::WordCount>, super::exports::example::text::tools::Problem>>(24, 8);
  };
}
#[allow(clippy::all, clippy::pedantic, clippy::restriction, dead_code, missing_docs, rust_2018_idioms, unreachable_pub, unsafe_code, unused)]
pub mod exports {
  pub mod example {
    pub mod text {
      pub mod tools {
        use ::c12_plugin::__rt as __c12;
        #[doc = " A word and how often it is there."]
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct WordCount {
          pub word: ::std::string::String,
          pub count: u32,
        }
        // SAFETY: the layout is that of the WIT type.
        unsafe impl __c12::Native for WordCount {
          const SIZE: usize = 24;
          const ALIGN: usize = 8;
          const POINTS: bool = true;
        }
        impl<'a> __c12::Lift<'a> for WordCount {
          unsafe fn lift(from: *const u8) -> __c12::Result<Self, __c12::Error> {
            // SAFETY: the caller has a value of this type at `from`; the offsets are within it.
            unsafe {
              __c12::Ok(Self {
                word: __c12::lift(from.add(0))?,
                count: __c12::lift(from.add(16))?,
              })
            }
          }
        }
        impl __c12::Lower for WordCount {
          unsafe fn lower(&self, to: *mut u8, memory: &mut __c12::Memory) {
            // SAFETY: the caller has room for a value of this type at `to`; the offsets are within it.
            unsafe {
              __c12::lower(&self.word, to.add(0), memory);
              __c12::lower(&self.count, to.add(16), memory);
            }
          }
        }
        #[derive(Debug, Clone, PartialEq, Copy, Eq, Hash)]
        #[repr(u8)]
        pub enum Order {
          Alphabet,
          Count,
        }
        // SAFETY: the layout is that of the WIT type.
        unsafe impl __c12::Native for Order {
          const SIZE: usize = 1;
          const ALIGN: usize = 1;
          const POINTS: bool = false;
        }
        impl<'a> __c12::Lift<'a> for Order {
          unsafe fn lift(from: *const u8) -> __c12::Result<Self, __c12::Error> {
            // SAFETY: the caller has a value of this type at `from`; the offsets are within it.
            unsafe {
              __c12::Ok(match __c12::tag(from, 1) {
                0 => Self::Alphabet,
                1 => Self::Count,
                other => return __c12::Err(__c12::no_case("order", other)),
              })
            }
          }
        }
        impl __c12::Lower for Order {
          unsafe fn lower(&self, to: *mut u8, memory: &mut __c12::Memory) {
            // SAFETY: the caller has room for a value of this type at `to`; the offsets are within it.
            unsafe {
              __c12::put_tag(to, 1, *self as u32);
            }
          }
        }
        #[derive(Debug, Clone, PartialEq, Copy, Eq, Hash)]
        pub enum Problem {
          #[doc = " The text has no words."]
          NoWords,
          #[doc = " A word is longer than this."]
          TooLong(u32),
        }
        // SAFETY: the layout is that of the WIT type.
        unsafe impl __c12::Native for Problem {
          const SIZE: usize = 8;
          const ALIGN: usize = 4;
          const POINTS: bool = false;
        }
        impl<'a> __c12::Lift<'a> for Problem {
          unsafe fn lift(from: *const u8) -> __c12::Result<Self, __c12::Error> {
            // SAFETY: the caller has a value of this type at `from`; the offsets are within it.
            unsafe {
              __c12::Ok(match __c12::tag(from, 1) {
                0 => Self::NoWords,
                1 => Self::TooLong(__c12::lift(from.add(4))?),
                other => return __c12::Err(__c12::no_case("problem", other)),
              })
            }
          }
        }
        impl __c12::Lower for Problem {
          unsafe fn lower(&self, to: *mut u8, memory: &mut __c12::Memory) {
            // SAFETY: the caller has room for a value of this type at `to`; the offsets are within it.
            unsafe {
              match self {
                Self::NoWords => __c12::put_tag(to, 1, 0),
                Self::TooLong(payload) => {
                  __c12::put_tag(to, 1, 1);
                  __c12::lower(payload, to.add(4), memory);
                }
              }
            }
          }
        }

        #[doc = " What can be done to text."]
        pub trait Guest: ::core::marker::Sized + ::core::marker::Send + 'static {
          #[doc = " A text that is put together piece by piece."]
          type Builder: GuestBuilder<Instance = Self>;
          #[doc = " Turns a text around."]
          fn reverse(&mut self, text: &str) -> ::c12_plugin::Result<::std::string::String>;
          #[doc = " The MD5 digest of some bytes."]
          fn md5(&mut self, data: &[u8]) -> ::c12_plugin::Result<::std::vec::Vec<u8>>;
          #[doc = " Counts the words of a text."]
          fn count(&mut self, text: &str, by: Order, most: ::core::option::Option<u32>) -> ::c12_plugin::Result<::core::result::Result<::std::vec::Vec<WordCount>, Problem>>;
        }

        #[doc = " A text that is put together piece by piece."]
        pub trait GuestBuilder: ::core::marker::Sized + ::core::marker::Send + 'static {
          /// The instance of the plugin that it is for.
          type Instance: Guest<Builder = Self>;
          fn new(instance: &mut Self::Instance, start: &str) -> ::c12_plugin::Result<Self>;
          fn append(&mut self, instance: &mut Self::Instance, text: &str) -> ::c12_plugin::Result<()>;
          fn finish(instance: &mut Self::Instance, this: ::c12_plugin::Own<Self>) -> ::c12_plugin::Result<::std::string::String>;
          /// The guest has no more use for it.
          fn dropped(self, instance: &mut Self::Instance) -> ::c12_plugin::Result<()> {
            let _ = instance;
            ::core::result::Result::Ok(())
          }
        }
      }
    }
  }
}
