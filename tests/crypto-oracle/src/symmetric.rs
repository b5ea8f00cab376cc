//! Random calls of symmetric algorithms.

use c12_crypto_core::AlgorithmType;

use crate::damage::Source;
use crate::sides::Side;
use crate::symmetric_choices::{ALGORITHMS, ODD_NAMES, OPTIONS, operation, recipe};
use crate::symmetric_state::{Operation, Recipe, Setting, State, Value};
use crate::world::{Call, Handles, Step, Which, World};

/// A message that was encrypted, and how to get to the state that decrypts it.
struct Sealed {
    recipe: Recipe,
    log: Vec<Operation>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

/// What is open, and what was closed.
#[derive(Default)]
pub(crate) struct Symmetric {
    keys: Vec<(&'static str, Handles)>,
    states: Vec<State>,
    sealed: Vec<Sealed>,
    stale_keys: Vec<Handles>,
    stale_states: Vec<Handles>,
}

/// More of a kind are not kept open.
const MOST: usize = 6;

impl Symmetric {
    /// Makes a random call.
    pub(crate) fn step(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        match source.number(0, 29) {
            0 | 1 => self.import_key(world, source),
            2 => self.generate_key(world, source),
            3 => self.export_key(world, source),
            4 => self.close_key(world, source),
            5..=9 => self.open_state(world, source),
            10 => self.close_state(world, source),
            11 => self.clone_state(world, source),
            12 => self.use_stale(world, source),
            13 => options(world, source),
            14 => random_nonce(world, source),
            15..=17 => self.decrypt(world, source),
            _ => self.use_state(world, source),
        }
    }

    fn import_key(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let algorithm = &ALGORITHMS[source.number(0, ALGORITHMS.len() - 1)];
        let len = if source.one_in(4) {
            source.number(0, 200)
        } else {
            algorithm.key
        };
        let raw = source.bytes(len);
        let name = if source.one_in(20) {
            source.pick(&ODD_NAMES)
        } else {
            algorithm.name
        };
        let call = Call {
            function: "symmetric_key_import",
            algorithm: name,
        };
        let verdict = world.both(call, |side, _| side.symmetric_key_import(name, &raw))?;
        if let Some(handles) = verdict {
            keep(&mut self.keys, (name, handles));
        }
        Ok(())
    }

    /// Each side generates, and the other takes what it has generated.
    fn generate_key(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let algorithm = &ALGORITHMS[source.number(0, ALGORITHMS.len() - 1)];
        let call = Call {
            function: "symmetric_key_generate",
            algorithm: algorithm.name,
        };
        let made = world.both(call, |side, _| {
            let key = side.symmetric_key_generate(algorithm.name, None)?;
            let exported = side.symmetric_key_export(key)?;
            side.symmetric_key_close(key)?;
            side.read(exported)
        })?;
        let Some(made) = made else {
            return Ok(());
        };
        for raw in [made.ours, made.theirs] {
            if raw.len() != algorithm.key {
                return Err(world.difference(call, format!("a key of {} bytes", raw.len())));
            }
            let call = Call {
                function: "symmetric_key_import",
                ..call
            };
            let import = |side: &mut dyn Side, _| side.symmetric_key_import(algorithm.name, &raw);
            if let Some(handles) = world.both(call, import)? {
                keep(&mut self.keys, (algorithm.name, handles));
            }
        }
        Ok(())
    }

    fn export_key(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let Some(place) = source.place(&self.keys) else {
            return Ok(());
        };
        let (algorithm, handles) = self.keys[place];
        let call = Call {
            function: "symmetric_key_export",
            algorithm,
        };
        world.same(call, |side, which| {
            let exported = side.symmetric_key_export(handles.of(which))?;
            side.read(exported)
        })?;
        Ok(())
    }

    fn close_key(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let Some(place) = source.place(&self.keys) else {
            return Ok(());
        };
        let (algorithm, handles) = self.keys.swap_remove(place);
        let call = Call {
            function: "symmetric_key_close",
            algorithm,
        };
        world.same(call, |side, which| {
            side.symmetric_key_close(handles.of(which))
        })?;
        keep(&mut self.stale_keys, handles);
        Ok(())
    }

    fn open_state(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let recipe = recipe(source);
        if let Some(state) = State::open(world, recipe)? {
            keep(&mut self.states, state);
        }
        Ok(())
    }

    fn close_state(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let Some(place) = source.place(&self.states) else {
            return Ok(());
        };
        let state = self.states.swap_remove(place);
        let call = Call {
            function: "symmetric_state_close",
            algorithm: state.recipe.algorithm,
        };
        world.same(call, |side, which| {
            side.symmetric_state_close(state.handles.of(which))
        })?;
        keep(&mut self.stale_states, state.handles);
        Ok(())
    }

    /// What the oracle calls a clone is the same state under another handle, so ours is compared with a state that has had
    /// the same calls.
    fn clone_state(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let Some(place) = source.place(&self.states) else {
            return Ok(());
        };
        let state = &mut self.states[place];
        let call = Call {
            function: "symmetric_state_clone",
            algorithm: state.recipe.algorithm,
        };
        let original = state.handles.ours;
        let ours = world.must(call, Which::Ours, |side| {
            side.symmetric_state_clone(original)
        })?;
        let theirs = state.replay(world)?;
        state.cloned = true;
        let clone = State {
            handles: Handles { ours, theirs },
            recipe: state.recipe.clone(),
            log: state.log.clone(),
            cloned: true,
        };
        keep(&mut self.states, clone);
        Ok(())
    }

    fn use_stale(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let call = |function| Call {
            function,
            algorithm: "",
        };
        if let Some(place) = source.place(&self.stale_keys) {
            let key = self.stale_keys[place];
            world.same(
                call("symmetric_key_export of a closed key"),
                |side, which| {
                    let exported = side.symmetric_key_export(key.of(which))?;
                    side.read(exported)
                },
            )?;
            world.same(call("symmetric_key_close again"), |side, which| {
                side.symmetric_key_close(key.of(which))
            })?;
        }
        if let Some(place) = source.place(&self.stale_states) {
            let state = self.stale_states[place];
            world.same(
                call("symmetric_state_absorb in a closed state"),
                |side, which| side.symmetric_state_absorb(state.of(which), b"data"),
            )?;
            world.same(call("symmetric_state_close again"), |side, which| {
                side.symmetric_state_close(state.of(which))
            })?;
            world.same(call("symmetric_key_export of a state"), |side, which| {
                side.symmetric_key_export(state.of(which)).map(drop)
            })?;
        }
        Ok(())
    }

    fn use_state(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let Some(place) = source.place(&self.states) else {
            return self.open_state(world, source);
        };
        let state = &mut self.states[place];
        let operation = operation(source, state.recipe.algorithm);
        let log = state.log.clone();
        if let Some(Value::Sealed { ciphertext, tag }) = state.apply(world, operation)? {
            let recipe = state.recipe.clone();
            let sealed = Sealed {
                recipe,
                log,
                ciphertext,
                tag,
            };
            keep(&mut self.sealed, sealed);
        }
        Ok(())
    }

    /// Decrypts what was encrypted, whole or damaged, in a new state.
    fn decrypt(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let Some(place) = source.place(&self.sealed) else {
            return self.use_state(world, source);
        };
        let sealed = &self.sealed[place];
        let Some(mut state) = State::open(world, sealed.recipe.clone())? else {
            return Ok(());
        };
        for operation in &sealed.log {
            state.apply(world, operation.clone())?;
        }
        let (mut ciphertext, mut tag) = (sealed.ciphertext.clone(), sealed.tag.clone());
        match source.number(0, 5) {
            0 => ciphertext = source.damaged(&ciphertext),
            1 => tag = source.damaged(&tag),
            2 => {
                let more = source.message();
                state.apply(world, Operation::Absorb(more))?;
            }
            _ => {}
        }
        let misfit = source.misfit();
        let operation = if source.one_in(2) {
            Operation::DecryptDetached(ciphertext, tag, misfit)
        } else {
            ciphertext.extend_from_slice(&tag);
            Operation::Decrypt(ciphertext, misfit)
        };
        state.apply(world, operation)?;
        keep(&mut self.states, state);
        Ok(())
    }
}

fn keep<T>(list: &mut Vec<T>, new: T) {
    if list.len() == MOST {
        list.remove(0);
    }
    list.push(new);
}

/// Sets options, whether there are such or not.
fn options(world: &mut World, source: &mut Source<'_>) -> Step<()> {
    let (name, value) = (source.pick(&OPTIONS), source.message());
    let algorithm_type = source.pick(&[
        AlgorithmType::Symmetric,
        AlgorithmType::Symmetric,
        AlgorithmType::Signatures,
        AlgorithmType::KeyExchange,
    ]);
    let call = |function| Call {
        function,
        algorithm: name,
    };
    let open = |side: &mut dyn Side, _| side.options_open(algorithm_type);
    let Some(options) = world.both(call("options_open"), open)? else {
        return Ok(());
    };
    world.same(call("options_set"), |side, which| {
        side.options_set(options.of(which), name, &value)
    })?;
    world.same(call("options_set_u64"), |side, which| {
        side.options_set_u64(options.of(which), name, 7)
    })?;
    let key = source.bytes(32);
    world.both(call("symmetric_state_open with options"), |side, which| {
        let key = side.symmetric_key_import("CHACHA20-POLY1305", &key)?;
        let state =
            side.symmetric_state_open("CHACHA20-POLY1305", Some(key), Some(options.of(which)));
        side.symmetric_key_close(key)?;
        side.symmetric_state_close(state?)
    })?;
    world.same(call("options_close"), |side, which| {
        side.options_close(options.of(which))
    })?;
    world.same(call("options_close again"), |side, which| {
        side.options_close(options.of(which))
    })?;
    Ok(())
}

/// Lets one side make a nonce and encrypt with it; the other decrypts.
fn random_nonce(world: &mut World, source: &mut Source<'_>) -> Step<()> {
    let algorithm = "XCHACHA20-POLY1305";
    let which = source.pick(&[Which::Ours, Which::Theirs]);
    let call = Call {
        function: "symmetric_state_open without a nonce",
        algorithm,
    };
    let (key, message) = ((algorithm, source.bytes(32)), source.message());
    let mut recipe = Recipe {
        algorithm,
        key: Some(key),
        options: Some(Vec::new()),
    };
    let read = Operation::Option("nonce", 24);
    let (nonce, sealed) = world.must(call, which, |side| {
        let state = recipe.open(side)?;
        let nonce = read.apply(side, state)?;
        let sealed = Operation::Encrypt(message.clone(), 0).apply(side, state)?;
        side.symmetric_state_close(state)?;
        Ok((nonce, sealed))
    })?;
    let (
        Value::Bytes(nonce),
        Value::Sealed {
            mut ciphertext,
            tag,
        },
    ) = (nonce, sealed)
    else {
        return Err(world.difference(call, "neither a nonce nor a ciphertext".to_owned()));
    };
    recipe.options = Some(vec![("nonce", Setting::Bytes(nonce))]);
    ciphertext.extend_from_slice(&tag);
    let opened = world.must(call, which.other(), |side| {
        let state = recipe.open(side)?;
        let opened = Operation::Decrypt(ciphertext, 0).apply(side, state)?;
        side.symmetric_state_close(state)?;
        Ok(opened)
    })?;
    if opened != Value::Bytes(message) {
        return Err(world.difference(call, "another message".to_owned()));
    }
    Ok(())
}
