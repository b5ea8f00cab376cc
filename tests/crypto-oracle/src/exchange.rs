//! Random calls of key exchange.
//!
//! The oracle cannot import keys for it, so it generates all, and this project's side imports them.

use c12_crypto_core::{AlgorithmType, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding};

use crate::asymmetric::{KEYPAIR_ENCODINGS, Pair, SECRETKEY_ENCODINGS, exported};
use crate::damage::Source;
use crate::outcome::Answer;
use crate::sides::{Raw, Side};
use crate::world::{Call, Handles, Step, Which, World};

const TYPE: AlgorithmType = AlgorithmType::KeyExchange;

const ALGORITHMS: [&str; 5] = [
    "X25519",
    "ML-KEM-512",
    "ML-KEM-768",
    "ML-KEM-1024",
    "X-WING",
];

/// More pairs are not kept open.
const MOST: usize = 4;

#[derive(Clone, Copy)]
struct Keys {
    pair: Pair,
    secret: Handles,
}

/// What is open.
#[derive(Default)]
pub(crate) struct Exchange {
    keys: Vec<Keys>,
}

impl Exchange {
    /// Makes a random call.
    pub(crate) fn step(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let choice = source.number(0, 13);
        let Some(place) = source.place(&self.keys) else {
            return self.new_pair(world, source);
        };
        let keys = self.keys[place];
        match choice {
            0..=2 => self.new_pair(world, source),
            3 => keys.pair.export(world, source),
            4 => keys.pair.export_public(world, source),
            5 => export_secret(world, source, &keys),
            6 => halves(world, &keys),
            7 => imports(world, source, &keys),
            8 => self.keys.swap_remove(place).close(world),
            9 | 10 => {
                let other = self.keys[source.number(0, self.keys.len() - 1)];
                agree(world, &keys, &other)
            }
            _ => encapsulate(world, source, &keys),
        }
    }

    fn new_pair(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let algorithm = source.pick(&ALGORITHMS);
        let call = |function| Call {
            function,
            algorithm,
        };
        let theirs = world.must(call("keypair_generate"), Which::Theirs, |side| {
            side.keypair_generate(TYPE, algorithm, None)
        })?;
        let raw = world.must(call("keypair_export raw"), Which::Theirs, |side| {
            let output = side.keypair_export(theirs, KeypairEncoding::Raw)?;
            side.read(output)
        })?;
        let ours = world.must(call("keypair_import of their key"), Which::Ours, |side| {
            side.keypair_import(TYPE, algorithm, &raw, KeypairEncoding::Raw)
        })?;
        let pair = Pair::new(world, algorithm, Handles { ours, theirs })?;
        let secret = world.both(call("keypair_secretkey"), |side, which| {
            side.keypair_secretkey(pair.pair.of(which))
        })?;
        let Some(secret) = secret else {
            return Err(world.difference(call("keypair_secretkey"), "none".to_owned()));
        };
        if self.keys.len() == MOST {
            self.keys.remove(0).close(world)?;
        }
        self.keys.push(Keys { pair, secret });
        generate(world, algorithm, raw.len())
    }
}

impl Keys {
    fn algorithm(&self) -> &'static str {
        self.pair.algorithm
    }

    fn close(self, world: &mut World) -> Step<()> {
        let call = Call {
            function: "secretkey_close",
            algorithm: self.algorithm(),
        };
        world.same(call, |side, which| {
            side.secretkey_close(self.secret.of(which))
        })?;
        let call = Call {
            function: "kx_decapsulate with a closed key",
            ..call
        };
        world.same(call, |side, which| {
            side.kx_decapsulate(self.secret.of(which), b"").map(drop)
        })?;
        self.pair.close(world)
    }
}

/// What our side generates is written as what theirs does.
fn generate(world: &mut World, algorithm: &'static str, len: usize) -> Step<()> {
    let call = Call {
        function: "keypair_generate",
        algorithm,
    };
    let ours = world.must(call, Which::Ours, |side| {
        let pair = side.keypair_generate(TYPE, algorithm, None)?;
        let output = side.keypair_export(pair, KeypairEncoding::Raw)?;
        side.keypair_close(pair)?;
        side.read(output)
    })?;
    if ours.len() == len {
        Ok(())
    } else {
        Err(world.difference(call, format!("we write {} bytes, they {len}", ours.len())))
    }
}

fn export_secret(world: &mut World, source: &mut Source<'_>, keys: &Keys) -> Step<()> {
    let encoding = source.pick(&SECRETKEY_ENCODINGS);
    let call = Call {
        function: match encoding {
            SecretkeyEncoding::Raw => "secretkey_export raw",
            SecretkeyEncoding::Pkcs8 => "secretkey_export pkcs8",
            SecretkeyEncoding::Pem => "secretkey_export pem",
            SecretkeyEncoding::Sec => "secretkey_export sec",
            SecretkeyEncoding::Local => "secretkey_export local",
        },
        algorithm: keys.algorithm(),
    };
    world.same(call, |side, which| {
        let output = side.secretkey_export(keys.secret.of(which), encoding)?;
        side.read(output)
    })?;
    Ok(())
}

/// The halves of a pair belong together.
fn halves(world: &mut World, keys: &Keys) -> Step<()> {
    let call = |function| Call {
        function,
        algorithm: keys.algorithm(),
    };
    world.same(call("publickey_from_secretkey"), |side, which| {
        let public = side.publickey_from_secretkey(keys.secret.of(which))?;
        let output = side.publickey_export(public, PublickeyEncoding::Raw)?;
        side.publickey_close(public)?;
        side.read(output)
    })?;
    world.same(call("publickey_verify"), |side, which| {
        side.publickey_verify(keys.pair.public.of(which))
    })?;
    world.both(call("keypair_from_pk_and_sk"), |side, which| {
        let (public, secret) = (keys.pair.public.of(which), keys.secret.of(which));
        let pair = side.keypair_from_pk_and_sk(public, secret)?;
        side.keypair_close(pair)
    })?;
    world.same(call("signature_state_open"), |side, which| {
        side.signature_state_open(keys.pair.pair.of(which))
            .map(drop)
    })?;
    world.same(call("signature_verification_state_open"), |side, which| {
        side.signature_verification_state_open(keys.pair.public.of(which))
            .map(drop)
    })?;
    Ok(())
}

/// The oracle refuses to import, whatever it is.
fn imports(world: &mut World, source: &mut Source<'_>, keys: &Keys) -> Step<()> {
    let algorithm = keys.algorithm();
    let call = |function| Call {
        function,
        algorithm,
    };
    let junk = source.message();
    let encoding = source.pick(&KEYPAIR_ENCODINGS);
    let written = source.one_in(2);
    let mut bytes = |export: &dyn Fn(&mut dyn Side) -> Answer<Raw>| {
        let exported = written.then(|| exported(world, Which::Ours, export));
        exported.flatten().unwrap_or_else(|| junk.clone())
    };
    let public =
        bytes(&|side| side.publickey_export(keys.pair.public.ours, PublickeyEncoding::Raw));
    let secret = bytes(&|side| side.secretkey_export(keys.secret.ours, SecretkeyEncoding::Raw));
    let pair = bytes(&|side| side.keypair_export(keys.pair.pair.ours, encoding));
    world.both(call("publickey_import raw"), |side, _| {
        side.publickey_import(TYPE, algorithm, &public, PublickeyEncoding::Raw)
    })?;
    world.both(call("secretkey_import"), |side, _| {
        side.secretkey_import(TYPE, algorithm, &secret, SecretkeyEncoding::Raw)
    })?;
    world.both(call("keypair_import"), |side, _| {
        side.keypair_import(TYPE, algorithm, &pair, encoding)
    })?;
    world.both(call("keypair_import as symmetric"), |side, _| {
        side.keypair_import(AlgorithmType::Symmetric, algorithm, &pair, encoding)
    })?;
    world.both(call("keypair_generate as a signature"), |side, _| {
        side.keypair_generate(AlgorithmType::Signatures, algorithm, None)
    })?;
    Ok(())
}

/// Both agree on the same secret, in both directions, or refuse.
fn agree(world: &mut World, keys: &Keys, other: &Keys) -> Step<()> {
    let mut secrets = Vec::new();
    for (mine, yours) in [(keys, other), (other, keys)] {
        let call = Call {
            function: if mine.algorithm() == yours.algorithm() {
                "kx_dh"
            } else {
                "kx_dh between algorithms"
            },
            algorithm: mine.algorithm(),
        };
        let agreed = world.same(call, |side, which| {
            let (public, secret) = (yours.pair.public.of(which), mine.secret.of(which));
            let output = side.kx_dh(public, secret)?;
            side.read(output)
        })?;
        secrets.extend(agreed.map(|secret| secret.ours));
    }
    match secrets.as_slice() {
        [] => Ok(()),
        [one, another] if one == another => Ok(()),
        _ => {
            let call = Call {
                function: "kx_dh",
                algorithm: keys.algorithm(),
            };
            Err(world.difference(call, "the two directions differ".to_owned()))
        }
    }
}

/// One side encapsulates, both decapsulate: what is whole, and what is not.
fn encapsulate(world: &mut World, source: &mut Source<'_>, keys: &Keys) -> Step<()> {
    let algorithm = keys.algorithm();
    let call = |function| Call {
        function,
        algorithm,
    };
    let made = world.both(call("kx_encapsulate"), |side, which| {
        let (secret, encapsulated) = side.kx_encapsulate(keys.pair.public.of(which))?;
        Ok((side.read(secret)?, side.read(encapsulated)?))
    })?;
    let (secret, encapsulated) = match (made, source.pick(&[Which::Ours, Which::Theirs])) {
        (Some(made), Which::Ours) => made.ours,
        (Some(made), Which::Theirs) => made.theirs,
        (None, _) => (Vec::new(), source.message()),
    };
    let shown = if source.one_in(2) {
        source.damaged(&encapsulated)
    } else {
        encapsulated.clone()
    };
    let opened = world.same(call("kx_decapsulate"), |side, which| {
        let output = side.kx_decapsulate(keys.secret.of(which), &shown)?;
        side.read(output)
    })?;
    let opened = opened.map(|opened| opened.ours);
    let right = opened.as_ref() == Some(&secret);
    if algorithm == "X25519" || right == (shown == encapsulated) {
        Ok(())
    } else {
        Err(world.difference(call("kx_decapsulate"), "the wrong secret".to_owned()))
    }
}
