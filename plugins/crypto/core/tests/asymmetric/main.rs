//! Keys with a public half, used as a guest uses them: through the functions of a session.

mod guest;
mod wycheproof_kx;
mod wycheproof_signatures;
