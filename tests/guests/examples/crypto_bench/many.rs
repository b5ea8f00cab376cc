//! Many messages: a call of the SDK for each, or one for all.

use std::hint::black_box;

use c12_bench_crypto::{Algorithm, Call, Calls, Failure, KEY, MANY, Operation, Work, messages};
use c12_wasm::crypto::{
    Aes256Gcm, Key, Sha256, Signature, SignatureAlgorithm, SigningKey, batch, hash,
};

use crate::plugin::{ed25519, p256};

pub(crate) fn prepare(operation: Operation) -> Result<Call, Failure> {
    let at_once = operation.calls == Calls::Batch;
    let messages = messages(operation.bytes);
    match (operation.algorithm, operation.work) {
        (Algorithm::Aes256Gcm, Work::Seal) => sealing(messages, at_once),
        (Algorithm::Aes256Gcm, _) => opening(messages, at_once),
        (Algorithm::Sha256, _) => Ok(hashing(messages, at_once)),
        (Algorithm::Ed25519, work) => signatures(ed25519()?, work, messages, at_once),
        (Algorithm::EcdsaP256, work) => signatures(p256()?, work, messages, at_once),
        (algorithm, _) => Err(format!("{algorithm} is not measured in batches").into()),
    }
}

/// A timed call takes what is there and leaves how many results it had.
fn call(mut results: impl FnMut() -> Result<usize, Failure> + 'static) -> Call {
    Box::new(move |output| {
        let count = results()?;
        output.clear();
        output.extend_from_slice(&count.to_le_bytes());
        if count != MANY {
            return Err(format!("{count} results of {MANY} messages").into());
        }
        Ok(())
    })
}

type Pairs<'a> = Vec<(&'a [u8], &'a [u8])>;

fn with_nothing(messages: &[Vec<u8>]) -> Pairs<'_> {
    let messages = messages.iter();
    messages.map(|message| (&**message, &b""[..])).collect()
}

/// All of the results, or the first that failed.
fn all<T, E>(results: Vec<Result<T, E>>) -> Result<Vec<T>, E> {
    results.into_iter().collect()
}

fn sealing(messages: Vec<Vec<u8>>, at_once: bool) -> Result<Call, Failure> {
    let key = Key::<Aes256Gcm>::import(&KEY)?;
    let sealed = all(batch::seal(&key, &with_nothing(&messages))?)?;
    for (sealed, message) in sealed.iter().zip(&messages) {
        if key.open(sealed, b"")? != *message {
            return Err("what is sealed in a batch opens as something else".into());
        }
    }
    Ok(if at_once {
        call(move || {
            let messages = with_nothing(black_box(&messages));
            Ok(black_box(all(batch::seal(&key, &messages)?)?).len())
        })
    } else {
        call(move || {
            let messages = black_box(&messages).iter();
            let sealed = messages.map(|message| key.seal(message, b""));
            Ok(black_box(all(sealed.collect())?).len())
        })
    })
}

fn opening(messages: Vec<Vec<u8>>, at_once: bool) -> Result<Call, Failure> {
    let key = Key::<Aes256Gcm>::import(&KEY)?;
    let sealed = messages.iter().map(|message| key.seal(message, b""));
    let sealed: Vec<Vec<u8>> = all(sealed.collect())?;
    if all(batch::open(&key, &with_nothing(&sealed))?)? != messages {
        return Err("what is opened in a batch is something else".into());
    }
    Ok(if at_once {
        call(move || {
            let sealed = with_nothing(black_box(&sealed));
            Ok(black_box(all(batch::open(&key, &sealed)?)?).len())
        })
    } else {
        call(move || {
            let sealed = black_box(&sealed).iter();
            let opened = sealed.map(|sealed| key.open(sealed, b""));
            Ok(black_box(all(opened.collect())?).len())
        })
    })
}

fn hashing(messages: Vec<Vec<u8>>, at_once: bool) -> Call {
    // The digests themselves are what is left, so that both are seen to be the same.
    Box::new(move |output| {
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let messages = black_box(messages);
        let digests = if at_once {
            batch::hash::<Sha256>(&messages)?
        } else {
            messages
                .iter()
                .map(|message| hash::<Sha256>(message))
                .collect()
        };
        output.clear();
        for digest in digests {
            output.extend_from_slice(&digest?);
        }
        Ok(())
    })
}

fn signatures<A: SignatureAlgorithm + 'static>(
    key: SigningKey<A>,
    work: Work,
    messages: Vec<Vec<u8>>,
    at_once: bool,
) -> Result<Call, Failure> {
    let verifying = key.verifying_key()?;
    let borrowed: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    let signatures = all(batch::sign(&key, &borrowed)?)?;
    for (message, signature) in messages.iter().zip(&signatures) {
        verifying.verify(message, signature)?;
    }
    if work == Work::Sign {
        return Ok(if at_once {
            call(move || {
                let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
                Ok(black_box(all(batch::sign(&key, black_box(&messages))?)?).len())
            })
        } else {
            call(move || {
                let messages = black_box(&messages).iter();
                Ok(black_box(all(messages.map(|message| key.sign(message)).collect())?).len())
            })
        });
    }
    let pairs = messages.into_iter().zip(signatures);
    let signed: Vec<(Vec<u8>, Signature<A>)> = pairs.collect();
    Ok(if at_once {
        call(move || {
            let signed = black_box(&signed).iter();
            let signed: Vec<_> = signed
                .map(|(message, signature)| (&**message, signature))
                .collect();
            Ok(all(batch::verify(&verifying, &signed)?)?.len())
        })
    } else {
        call(move || {
            let signed = black_box(&signed).iter();
            let verified = signed.map(|(message, signature)| verifying.verify(message, signature));
            Ok(all(verified.collect())?.len())
        })
    })
}
