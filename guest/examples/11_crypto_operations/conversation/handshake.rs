//! How the two get to keys that only they have.
//!
//! Alice makes a key pair for this conversation alone, signs its public half, and sends both: the hello. Bob makes a secret
//! for that key, signs what both have said so far, and sends both: the reply. The secret and everything that was said become
//! the keys of the channel, and the key pair is forgotten. So whoever steals a signing key later can pretend to be its owner
//! but read nothing that was said before; and whoever has changed a byte on the way gets two sides with different keys.

use c12_wasm::crypto::{
    Ed25519, Error, Hasher, KeyPair, PublicKey, PublickeyEncoding, Result, Secret, Sha256,
    Signature, SigningKey, VerifyingKey, XWing, extract,
};

use super::channel::{Channel, Direction};

/// X-Wing's public keys, and the encapsulated secrets, in bytes.
const KEY_BYTES: usize = 1216;
const ENCAPSULATED_BYTES: usize = 1120;

/// Who somebody is, and whom they want to talk to.
pub(super) struct Identity {
    key: SigningKey<Ed25519>,
    /// The bytes of both public keys, their own first.
    names: [Vec<u8>; 2],
    other: VerifyingKey<Ed25519>,
}

impl Identity {
    pub(super) fn new(key: SigningKey<Ed25519>, other: VerifyingKey<Ed25519>) -> Result<Self> {
        let own = key.verifying_key()?.export(PublickeyEncoding::Raw)?;
        let names = [own, other.export(PublickeyEncoding::Raw)?];
        Ok(Self { key, names, other })
    }

    /// The names of the one who begins and of the one who answers.
    fn roles(&self, begins: bool) -> [&[u8]; 2] {
        let [own, other] = &self.names;
        if begins { [own, other] } else { [other, own] }
    }
}

// ANCHOR: transcript
/// The digest of who talks to whom, and of what was said so far. Both sides sign it, so a signature under one message of one
/// conversation is good for nothing else.
fn transcript(step: &str, roles: [&[u8]; 2], said: &[&[u8]]) -> Result<Vec<u8>> {
    let mut hasher = Hasher::<Sha256>::new()?;
    let protocol = b"11_crypto_operations conversation 1".as_slice();
    let parts = [protocol, step.as_bytes()].into_iter().chain(roles);
    for part in parts.chain(said.iter().copied()) {
        // Each part with its length, so that none can be taken for the beginning of the next.
        hasher.update(&(part.len() as u64).to_le_bytes())?;
        hasher.update(part)?;
    }
    hasher.digest()
}
// ANCHOR_END: transcript

// ANCHOR: offer
/// What Alice keeps between hello and reply.
pub(super) struct Offer {
    ephemeral: KeyPair<XWing>,
    hello: Vec<u8>,
}

impl Offer {
    /// A key pair for this conversation, and the hello: its public half, and Alice's signature.
    pub(super) fn make(alice: &Identity) -> Result<(Self, Vec<u8>)> {
        let ephemeral = KeyPair::<XWing>::generate()?;
        let mut hello = ephemeral.public_key()?.export(PublickeyEncoding::Raw)?;
        let signed = transcript("hello", alice.roles(true), &[&hello])?;
        hello.extend(alice.key.sign(&signed)?.to_bytes()?);
        let offer = Self {
            ephemeral,
            hello: hello.clone(),
        };
        Ok((offer, hello))
    }

    /// The channel, if the reply is Bob's and to this hello. Then the offer is gone: a reply that came a second time would give
    /// the same keys again, with nonces from the first. A reply that is refused leaves it, so that Mallory cannot use it up.
    pub(super) fn accept(
        self,
        alice: &Identity,
        reply: &[u8],
    ) -> std::result::Result<Channel, (Self, Error)> {
        self.channel(alice, reply).map_err(|error| (self, error))
    }

    fn channel(&self, alice: &Identity, reply: &[u8]) -> Result<Channel> {
        let roles = alice.roles(true);
        let (encapsulated, signature) = split(reply, ENCAPSULATED_BYTES)?;
        let signed = transcript("reply", roles, &[&self.hello, encapsulated])?;
        alice
            .other
            .verify(&signed, &Signature::from_bytes(signature)?)?;
        let secret = self.ephemeral.decapsulate(encapsulated)?;
        let whole = transcript("keys", roles, &[&self.hello, reply])?;
        channel(&secret, &whole, Direction::FromAlice)
    }
}
// ANCHOR_END: offer

// ANCHOR: answer
/// Bob's side: the channel, and the reply to a hello that is Alice's.
pub(super) fn answer(bob: &Identity, hello: &[u8]) -> Result<(Channel, Vec<u8>)> {
    let roles = bob.roles(false);
    let (ephemeral, signature) = split(hello, KEY_BYTES)?;
    let signed = transcript("hello", roles, &[ephemeral])?;
    bob.other
        .verify(&signed, &Signature::from_bytes(signature)?)?;

    let ephemeral = PublicKey::<XWing>::import(ephemeral, PublickeyEncoding::Raw)?;
    let (secret, mut reply) = ephemeral.encapsulate()?;
    let signed = transcript("reply", roles, &[hello, &reply])?;
    reply.extend(bob.key.sign(&signed)?.to_bytes()?);
    let whole = transcript("keys", roles, &[hello, &reply])?;
    Ok((channel(&secret, &whole, Direction::FromBob)?, reply))
}
// ANCHOR_END: answer

// ANCHOR: keys
/// The two ends' keys: one for each direction, out of the secret and everything that was said.
fn channel(secret: &Secret, transcript: &[u8], own: Direction) -> Result<Channel> {
    let master = extract::<Sha256>(secret.expose(), transcript)?;
    Channel::new(&master, own)
}
// ANCHOR_END: keys

fn split(message: &[u8], first: usize) -> Result<(&[u8], &[u8])> {
    message
        .split_at_checked(first)
        .ok_or(Error::VerificationFailed)
}
