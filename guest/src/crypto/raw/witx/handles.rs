//! Handles that close what they stand for.

macro_rules! owned {
    ($($name:ident: $close:ident;)*) => {$(
        #[derive(Debug)]
        pub(in crate::crypto::raw) struct $name(u32);

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: the function takes a number. What it says about it has no use any more.
                let _ = unsafe { super::imports::$close(self.0) };
            }
        }

        impl super::super::$name {
            pub(super) fn handle(&self) -> u32 {
                self.0.0
            }

            pub(super) fn owning(handle: u32) -> Self {
                Self($name(handle))
            }

            /// Forgets it: the host has closed it already.
            #[allow(dead_code)]
            pub(super) fn into_handle(self) -> u32 {
                let handle = self.0.0;
                std::mem::forget(self);
                handle
            }
        }
    )*};
}

owned! {
    Options: options_close;
    SecretsManager: secrets_manager_close;
    Keypair: keypair_close;
    Publickey: publickey_close;
    Secretkey: secretkey_close;
    SignatureState: signature_state_close;
    SignatureVerificationState: signature_verification_state_close;
    Signature: signature_close;
    SymmetricKey: symmetric_key_close;
    SymmetricState: symmetric_state_close;
    SymmetricTag: symmetric_tag_close;
}
