/// A type for flags: a set of names, a bit for each.
#[doc(hidden)]
#[macro_export]
macro_rules! __flags {
    ($(#[$docs:meta])* $name:ident: $bits:ident { $($(#[$flag_docs:meta])* $flag:ident = $place:literal,)+ }) => {
        $(#[$docs])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name {
            bits: $bits,
        }

        impl $name {
            $($(#[$flag_docs])* pub const $flag: Self = Self { bits: 1 << $place };)+

            /// None of them.
            pub const fn empty() -> Self {
                Self { bits: 0 }
            }

            /// All of them.
            pub const fn all() -> Self {
                Self { bits: 0 $(| (1 << $place))+ }
            }

            /// Those whose bits are set; others are ignored.
            pub const fn from_bits_truncate(bits: $bits) -> Self {
                Self { bits: bits & Self::all().bits }
            }

            /// The first flag is the lowest bit.
            pub const fn bits(self) -> $bits {
                self.bits
            }

            /// Whether there is none.
            pub const fn is_empty(self) -> bool {
                self.bits == 0
            }

            /// Whether all of the others are among these.
            pub const fn contains(self, others: Self) -> bool {
                self.bits & others.bits == others.bits
            }

            /// Adds others.
            pub fn insert(&mut self, others: Self) {
                self.bits |= others.bits;
            }

            /// Takes others away.
            pub fn remove(&mut self, others: Self) {
                self.bits &= !others.bits;
            }
        }

        impl ::core::default::Default for $name {
            fn default() -> Self {
                Self::empty()
            }
        }

        impl ::core::ops::BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self { bits: self.bits | other.bits }
            }
        }

        impl ::core::ops::BitOrAssign for $name {
            fn bitor_assign(&mut self, other: Self) {
                self.insert(other);
            }
        }

        impl ::core::ops::BitAnd for $name {
            type Output = Self;

            fn bitand(self, other: Self) -> Self {
                Self { bits: self.bits & other.bits }
            }
        }

        impl ::core::ops::Sub for $name {
            type Output = Self;

            fn sub(self, other: Self) -> Self {
                Self { bits: self.bits & !other.bits }
            }
        }

        impl ::core::ops::Not for $name {
            type Output = Self;

            fn not(self) -> Self {
                Self::from_bits_truncate(!self.bits)
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut set = f.debug_set();
                $(if self.contains(Self::$flag) {
                    set.entry(&::core::format_args!("{}", ::core::stringify!($flag)));
                })+
                set.finish()
            }
        }

        // SAFETY: the bits in an integer of the size that the names need.
        unsafe impl $crate::__rt::Native for $name {
            const SIZE: usize = ::core::mem::size_of::<$bits>();
            const ALIGN: usize = ::core::mem::size_of::<$bits>();
            const POINTS: bool = false;
        }

        impl<'a> $crate::__rt::Lift<'a> for $name {
            unsafe fn lift(from: *const u8) -> $crate::__rt::Result<Self, $crate::__rt::Error> {
                // SAFETY: as the caller promises.
                unsafe { $crate::__rt::lift::<$bits>(from) }.map(Self::from_bits_truncate)
            }
        }

        impl $crate::__rt::Lower for $name {
            unsafe fn lower(&self, to: *mut u8, memory: &mut $crate::__rt::Memory) {
                // SAFETY: as the caller promises.
                unsafe { $crate::__rt::lower(&self.bits, to, memory) }
            }
        }
    };
}
