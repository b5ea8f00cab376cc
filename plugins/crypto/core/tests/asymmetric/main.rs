//! Keys with a public half, used as a guest uses them: through the functions of a session.

mod damage;
mod encodings;
mod foreign;
mod guest;
mod known_answers;
mod openssl;
mod pairs;
mod sessions;
mod wycheproof_kx;
mod wycheproof_signatures;
