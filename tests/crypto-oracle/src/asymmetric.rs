//! Keys with a public half: what signatures and key exchange have in common.

use c12_crypto_core::{AlgorithmType, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding};

use crate::damage::Source;
use crate::outcome::Answer;
use crate::sides::{Raw, Side};
use crate::world::{Call, Handles, Step, Which, World};

pub(crate) const KEYPAIR_ENCODINGS: [KeypairEncoding; 4] = [
    KeypairEncoding::Raw,
    KeypairEncoding::Pkcs8,
    KeypairEncoding::Pem,
    KeypairEncoding::Local,
];

pub(crate) const PUBLICKEY_ENCODINGS: [PublickeyEncoding; 5] = [
    PublickeyEncoding::Raw,
    PublickeyEncoding::Pkcs8,
    PublickeyEncoding::Pem,
    PublickeyEncoding::Sec,
    PublickeyEncoding::Local,
];

pub(crate) const SECRETKEY_ENCODINGS: [SecretkeyEncoding; 5] = [
    SecretkeyEncoding::Raw,
    SecretkeyEncoding::Pkcs8,
    SecretkeyEncoding::Pem,
    SecretkeyEncoding::Sec,
    SecretkeyEncoding::Local,
];

/// A key pair that both sides have.
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) algorithm: &'static str,
    pub(crate) pair: Handles,
    pub(crate) public: Handles,
}

/// The name of exporting a pair, by encoding: the oracle has not all.
fn export_pair_name(encoding: KeypairEncoding) -> &'static str {
    match encoding {
        KeypairEncoding::Raw => "keypair_export raw",
        KeypairEncoding::Pkcs8 => "keypair_export pkcs8",
        KeypairEncoding::Pem => "keypair_export pem",
        KeypairEncoding::Local => "keypair_export local",
    }
}

fn import_pair_name(encoding: KeypairEncoding) -> &'static str {
    match encoding {
        KeypairEncoding::Raw => "keypair_import raw",
        KeypairEncoding::Pkcs8 => "keypair_import pkcs8",
        KeypairEncoding::Pem => "keypair_import pem",
        KeypairEncoding::Local => "keypair_import local",
    }
}

fn export_public_name(encoding: PublickeyEncoding) -> &'static str {
    match encoding {
        PublickeyEncoding::Raw => "publickey_export raw",
        PublickeyEncoding::Pkcs8 => "publickey_export pkcs8",
        PublickeyEncoding::Pem => "publickey_export pem",
        PublickeyEncoding::Sec => "publickey_export sec",
        PublickeyEncoding::Local => "publickey_export local",
    }
}

fn import_public_name(encoding: PublickeyEncoding) -> &'static str {
    match encoding {
        PublickeyEncoding::Raw => "publickey_import raw",
        PublickeyEncoding::Pkcs8 => "publickey_import pkcs8",
        PublickeyEncoding::Pem => "publickey_import pem",
        PublickeyEncoding::Sec => "publickey_import sec",
        PublickeyEncoding::Local => "publickey_import local",
    }
}

impl Pair {
    /// The same bytes, imported by both.
    pub(crate) fn import(
        world: &mut World,
        algorithm_type: AlgorithmType,
        algorithm: &'static str,
        encoded: &[u8],
        encoding: KeypairEncoding,
    ) -> Step<Option<Self>> {
        let call = Call {
            function: import_pair_name(encoding),
            algorithm,
        };
        let pair = world.both(call, |side, _| {
            side.keypair_import(algorithm_type, algorithm, encoded, encoding)
        })?;
        match pair {
            Some(pair) => Self::new(world, algorithm, pair).map(Some),
            None => Ok(None),
        }
    }

    /// A pair, whose public halves must be the same.
    pub(crate) fn new(world: &mut World, algorithm: &'static str, pair: Handles) -> Step<Self> {
        let call = Call {
            function: "keypair_publickey",
            algorithm,
        };
        let public = world.both(call, |side, which| side.keypair_publickey(pair.of(which)))?;
        let Some(public) = public else {
            return Err(world.difference(call, "a pair without a public half".to_owned()));
        };
        compare_public(world, algorithm, public)?;
        Ok(Self {
            algorithm,
            pair,
            public,
        })
    }

    /// Exports the pair in some encoding.
    pub(crate) fn export(&self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let encoding = source.pick(&KEYPAIR_ENCODINGS);
        let call = Call {
            function: export_pair_name(encoding),
            algorithm: self.algorithm,
        };
        world.same(call, |side, which| {
            let output = side.keypair_export(self.pair.of(which), encoding)?;
            side.read(output)
        })?;
        Ok(())
    }

    /// Exports the public half in some encoding.
    pub(crate) fn export_public(&self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let encoding = source.pick(&PUBLICKEY_ENCODINGS);
        export_public(world, self.algorithm, self.public, encoding)
    }

    pub(crate) fn close(self, world: &mut World) -> Step<()> {
        let call = |function| Call {
            function,
            algorithm: self.algorithm,
        };
        world.same(call("keypair_close"), |side, which| {
            side.keypair_close(self.pair.of(which))
        })?;
        world.same(call("publickey_close"), |side, which| {
            side.publickey_close(self.public.of(which))
        })?;
        world.same(call("keypair_close again"), |side, which| {
            side.keypair_close(self.pair.of(which))
        })?;
        world.same(call("keypair_publickey of a closed pair"), |side, which| {
            side.keypair_publickey(self.pair.of(which)).map(drop)
        })?;
        world.same(call("publickey_export of a pair"), |side, which| {
            let closed = self.pair.of(which);
            side.publickey_export(closed, PublickeyEncoding::Raw)
                .map(drop)
        })?;
        Ok(())
    }
}

fn export_public(
    world: &mut World,
    algorithm: &'static str,
    public: Handles,
    encoding: PublickeyEncoding,
) -> Step<()> {
    let call = Call {
        function: export_public_name(encoding),
        algorithm,
    };
    world.same(call, |side, which| {
        let output = side.publickey_export(public.of(which), encoding)?;
        side.read(output)
    })?;
    Ok(())
}

/// Compares public keys in the form that both sides write.
pub(crate) fn compare_public(
    world: &mut World,
    algorithm: &'static str,
    public: Handles,
) -> Step<()> {
    let encoding = if algorithm.starts_with("RSA") {
        PublickeyEncoding::Pkcs8
    } else {
        PublickeyEncoding::Raw
    };
    export_public(world, algorithm, public, encoding)
}

/// The same bytes, imported by both as a public key, which must be the same key then.
pub(crate) fn import_public(
    world: &mut World,
    algorithm_type: AlgorithmType,
    algorithm: &'static str,
    encoded: &[u8],
    encoding: PublickeyEncoding,
) -> Step<Option<Handles>> {
    let call = Call {
        function: import_public_name(encoding),
        algorithm,
    };
    let public = world.both(call, |side, _| {
        side.publickey_import(algorithm_type, algorithm, encoded, encoding)
    })?;
    let Some(public) = public else {
        return Ok(None);
    };
    compare_public(world, algorithm, public)?;
    Ok(Some(public))
}

/// An export of one side, if it has that encoding.
pub(crate) fn exported(
    world: &mut World,
    which: Which,
    export: impl FnOnce(&mut dyn Side) -> Answer<Raw>,
) -> Option<Vec<u8>> {
    world
        .one(which, |side| {
            let output = export(side)?;
            side.read(output)
        })
        .ok()
}
