//! What a handle can stand for.

use std::fmt;

use super::array_output::ArrayOutput;
use super::signatures::HeldSignature;
use crate::Options;
use crate::asymmetric::{KeyPair, PublicKey, SecretKey, SigningState, VerificationState};
use crate::secrets::SecretsManager;
use crate::symmetric::{SymmetricKey, SymmetricState, SymmetricTag};

/// A type of object that the table keeps.
pub(crate) trait Stored: Sized {
    /// The bytes that the object holds, counted against the session's limit.
    fn bytes(&self) -> usize;
    /// The object, as the table keeps it.
    fn into_object(self) -> Object;
    /// The object, if it is of this type.
    fn of(object: &Object) -> Option<&Self>;
    /// The object, if it is of this type, to change it.
    fn of_mut(object: &mut Object) -> Option<&mut Self>;
}

/// Makes the enumeration of all kinds. A type needs a method `bytes(&self) -> usize`.
macro_rules! objects {
    ($($kind:ident($type:ty)),+ $(,)?) => {
        /// An object; the case is its kind.
        pub(crate) enum Object {
            $($kind(Box<$type>)),+
        }

        // Objects are secret: their kind is all that is ever printed.
        impl fmt::Debug for Object {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$kind(_) => stringify!($kind)),+
                })
            }
        }

        $(impl Stored for $type {
            fn bytes(&self) -> usize {
                Self::bytes(self)
            }

            fn into_object(self) -> Object {
                Object::$kind(Box::new(self))
            }

            fn of(object: &Object) -> Option<&Self> {
                #[allow(unreachable_patterns, reason = "with one kind alone")]
                match object {
                    Object::$kind(object) => Some(object),
                    _ => None,
                }
            }

            fn of_mut(object: &mut Object) -> Option<&mut Self> {
                #[allow(unreachable_patterns, reason = "with one kind alone")]
                match object {
                    Object::$kind(object) => Some(object),
                    _ => None,
                }
            }
        })+
    };
}

objects! {
    ArrayOutput(ArrayOutput),
    Options(Options),
    SecretsManager(SecretsManager),
    KeyPair(KeyPair),
    PublicKey(PublicKey),
    SecretKey(SecretKey),
    Signature(HeldSignature),
    SigningState(SigningState),
    VerificationState(VerificationState),
    SymmetricKey(SymmetricKey),
    SymmetricState(SymmetricState),
    SymmetricTag(SymmetricTag),
}
