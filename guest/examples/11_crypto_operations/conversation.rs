//! A conversation of two: Alice and Bob have each other's public signing keys and nothing else, and between them is somebody
//! who reads everything, and changes, repeats, holds back and makes up what they send.

mod channel;
mod handshake;

use c12_wasm::cli::Failure;
use c12_wasm::crypto::{Error, Result, SigningKey};

use channel::{Channel, Refusal};
use handshake::{Identity, Offer, answer};

use crate::checks::Checks;
use crate::files::print;

/// Alice and Bob; Carol, to whom Alice does not talk here; and Mallory, whom nobody knows.
struct People {
    alice: Identity,
    bob: Identity,
    carol: Identity,
    mallory: Identity,
}

impl People {
    fn new() -> Result<Self> {
        let (alice, bob) = (SigningKey::generate()?, SigningKey::generate()?);
        let (for_bob, for_carol) = (alice.verifying_key()?, alice.verifying_key()?);
        Ok(Self {
            // Mallory knows Bob, and would like to be taken for Alice.
            mallory: Identity::new(SigningKey::generate()?, bob.verifying_key()?)?,
            carol: Identity::new(SigningKey::generate()?, for_carol)?,
            alice: Identity::new(alice, bob.verifying_key()?)?,
            bob: Identity::new(bob, for_bob)?,
        })
    }

    // ANCHOR: connect
    /// The handshake: two messages, and each side has a channel to the other.
    fn connect(&self) -> Result<(Channel, Channel)> {
        let (offer, hello) = Offer::make(&self.alice)?;
        let (bobs_end, reply) = answer(&self.bob, &hello)?;
        let alices_end = offer.accept(&self.alice, &reply).map_err(refusal)?;
        Ok((alices_end, bobs_end))
    }
    // ANCHOR_END: connect
}

/// The conversation with what goes over the wire.
pub(crate) fn show() -> std::result::Result<(), Failure> {
    let people = People::new()?;
    let (offer, hello) = Offer::make(&people.alice)?;
    print(&format!(
        "Alice -> Bob    hello   {} bytes: a new public key, signed\n",
        hello.len()
    ))?;
    let (mut bob, reply) = answer(&people.bob, &hello)?;
    print(&format!(
        "Bob   -> Alice  reply   {} bytes: a secret for that key, signed\n",
        reply.len()
    ))?;
    let mut alice = offer.accept(&people.alice, &reply).map_err(refusal)?;

    for (number, text) in ["Are you there?", "Always.", "Nine o'clock, the old mill."]
        .into_iter()
        .enumerate()
    {
        let (from, to, names) = if number % 2 == 0 {
            (&mut alice, &mut bob, "Alice -> Bob  ")
        } else {
            (&mut bob, &mut alice, "Bob   -> Alice")
        };
        let sent = from.send(text.as_bytes())?;
        print(&format!("{names}  message {} bytes\n", sent.len()))?;
        let mut changed = sent.clone();
        if let Some(byte) = changed.last_mut() {
            *byte ^= 1;
        }
        let interfered = to
            .receive(&changed)
            .err()
            .map_or_else(String::new, |error| error.to_string());
        print(&format!("Mallory changes a bit: {interfered}\n"))?;
        let received = to.receive(&sent)?;
        print(&format!(
            "received: {}\n",
            String::from_utf8_lossy(&received)
        ))?;
        let repeated = to
            .receive(&sent)
            .err()
            .map_or_else(String::new, |error| error.to_string());
        print(&format!("Mallory sends it again: {repeated}\n"))?;
    }
    Ok(())
}

pub(crate) fn demonstrate(checks: &mut Checks) -> std::result::Result<(), Failure> {
    checks.title("a conversation of two")?;
    let people = People::new()?;
    talking(&people, checks)?;
    interfering(&people, checks)?;
    impersonating(&people, checks)
}

fn talking(people: &People, checks: &mut Checks) -> std::result::Result<(), Failure> {
    let (mut alice, mut bob) = people.connect()?;
    for number in 0..3 {
        let text = format!("message {number} of Alice");
        let received = bob.receive(&alice.send(text.as_bytes())?)?;
        checks.equal(
            &format!("Bob reads message {number}"),
            received.as_slice(),
            text.as_bytes(),
        )?;
        let text = format!("answer {number} of Bob");
        let received = alice.receive(&bob.send(text.as_bytes())?)?;
        checks.equal(
            &format!("Alice reads answer {number}"),
            received.as_slice(),
            text.as_bytes(),
        )?;
    }
    let (mut another, _) = people.connect()?;
    let (mut first, mut second) = people.connect()?;
    let of_another = another.send(b"the same")?;
    let differ = of_another != first.send(b"the same")?;
    checks.equal("two conversations have different keys", &differ, &true)?;
    let crossed = second.receive(&of_another);
    refused(
        checks,
        "a message of another conversation",
        crossed,
        not_authentic,
    )
}

fn interfering(people: &People, checks: &mut Checks) -> std::result::Result<(), Failure> {
    let (mut alice, mut bob) = people.connect()?;
    let sent = [
        alice.send(b"one")?,
        alice.send(b"two")?,
        alice.send(b"three")?,
    ];
    let [one, two, three] = &sent;

    checks.succeeds(
        "the first message arrives",
        bob.receive(one).map_err(Refusal::error),
    )?;
    refused(checks, "the first again", bob.receive(one), |refusal| {
        matches!(
            refusal,
            Refusal::Replayed {
                number: 0,
                expected: 1
            }
        )
    })?;
    refused(
        checks,
        "the third before the second",
        bob.receive(three),
        |refusal| {
            matches!(
                refusal,
                Refusal::OutOfOrder {
                    number: 2,
                    expected: 1
                }
            )
        },
    )?;
    for (position, _) in two.iter().enumerate() {
        let mut changed = two.clone();
        if let Some(byte) = changed.get_mut(position) {
            *byte ^= 0x80;
        }
        if bob.receive(&changed).is_ok() {
            return Err(Failure::failed(format!(
                "byte {position} was changed and not missed"
            )));
        }
    }
    checks.passed("the second with a bit changed, at any place")?;
    let (cut, _) = two.split_at(two.len() - 1);
    refused(
        checks,
        "the second without its end",
        bob.receive(cut),
        not_authentic,
    )?;
    let mut renumbered = one.clone();
    if let Some(byte) = renumbered.get_mut(7) {
        *byte = 1;
    }
    refused(
        checks,
        "the first with the second's number",
        bob.receive(&renumbered),
        not_authentic,
    )?;
    refused(
        checks,
        "Alice's own message, sent back to her",
        alice.receive(one),
        not_authentic,
    )?;
    // After all of this, what is authentic still arrives.
    checks.succeeds(
        "the second itself arrives",
        bob.receive(two).map_err(Refusal::error),
    )?;
    checks.succeeds("and the third", bob.receive(three).map_err(Refusal::error))?;
    Ok(())
}

fn impersonating(people: &People, checks: &mut Checks) -> std::result::Result<(), Failure> {
    let (_, hello) = Offer::make(&people.mallory)?;
    let answered = answer(&people.bob, &hello).map(|_| ());
    checks.refused(
        "a hello that Mallory signed",
        answered,
        Error::VerificationFailed,
    )?;

    let (offer, hello) = Offer::make(&people.alice)?;
    for position in [0, hello.len() / 2, hello.len() - 1] {
        let mut changed = hello.clone();
        if let Some(byte) = changed.get_mut(position) {
            *byte ^= 1;
        }
        if answer(&people.bob, &changed).is_ok() {
            return Err(Failure::failed(format!(
                "byte {position} of a hello was changed and not missed"
            )));
        }
    }
    checks.passed("a hello with a bit changed")?;
    let elsewhere = answer(&people.carol, &hello).map(|_| ());
    checks.refused(
        "a hello to Bob, taken to Carol",
        elsewhere,
        Error::VerificationFailed,
    )?;

    let (_, reply) = answer(&people.bob, &hello)?;
    let mut changed = reply.clone();
    if let Some(byte) = changed.first_mut() {
        *byte ^= 1;
    }
    let Err((offer, error)) = offer.accept(&people.alice, &changed) else {
        return Err(Failure::failed("a changed reply was accepted"));
    };
    checks.refused::<()>(
        "a reply with a bit changed",
        Err(error),
        Error::VerificationFailed,
    )?;
    // What Mallory made up has not used up the offer. Bob's reply does, and then there is nothing to accept it with again:
    // whatever comes now is taken for a message.
    let accepted = offer.accept(&people.alice, &reply).map_err(refusal);
    let mut alice = checks.succeeds("Bob's reply after it", accepted)?;
    if alice.receive(&reply).is_ok() {
        return Err(Failure::failed("a reply was taken for a message"));
    }
    checks.passed("Bob's reply, which Mallory sends again, opens nothing")?;

    // Whoever repeats a hello gets an answer, and can do nothing with it.
    let (mut bob, _) = answer(&people.bob, &hello)?;
    let repeated = bob.receive(&alice.send(b"the same once more")?);
    refused(
        checks,
        "what follows a repeated hello",
        repeated,
        not_authentic,
    )?;

    // Bob's reply to one hello is none to another.
    let (other, _) = Offer::make(&people.alice)?;
    let accepted = other.accept(&people.alice, &reply);
    checks.refused(
        "a reply to another hello",
        accepted.map_err(refusal),
        Error::VerificationFailed,
    )
}

/// Why an offer was not accepted; with it, the offer is given up.
fn refusal((_, error): (Offer, Error)) -> Error {
    error
}

fn not_authentic(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::NotAuthentic(Error::InvalidTag))
}

/// A message was refused, and for this reason.
fn refused(
    checks: &mut Checks,
    what: &str,
    result: std::result::Result<Vec<u8>, Refusal>,
    expected: fn(&Refusal) -> bool,
) -> std::result::Result<(), Failure> {
    match result {
        Err(refusal) if expected(&refusal) => {
            checks.passed(&format!("{what} is refused: {refusal}"))
        }
        Err(refusal) => Err(Failure::failed(format!("{what}: {refusal}"))),
        Ok(_) => Err(Failure::failed(format!("{what}: it was accepted"))),
    }
}
