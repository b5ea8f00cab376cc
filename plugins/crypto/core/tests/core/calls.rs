//! Any sequence of calls: the bytes decide which, with what handles, names, sizes and contents.
//!
//! The fuzz target runs this file as well.

use arbitrary::{Arbitrary, Result, Unstructured};
use c12_crypto_core::{
    AlgorithmInfo, AlgorithmType, Config, Errno, Handle, KeypairEncoding, Limits,
    PublickeyEncoding, SecretkeyEncoding, Session, Shared, SignatureEncoding, algorithms, version,
};

/// Limits that are reached soon, and that keep every call short.
pub(crate) fn config() -> Config {
    let limits = Limits {
        handles: 64,
        bytes: 1 << 20,
        batch: 8,
        password_memory: 1 << 18,
        password_work: 1 << 10,
        stored: 16,
        stored_bytes: 1 << 10,
        stored_total: 8 << 10,
    };
    Config {
        limits,
        ..Config::default()
    }
}

/// A guest that calls anything.
struct Guest<'a, 'b> {
    session: Session,
    handles: Vec<Handle>,
    ids: Vec<Vec<u8>>,
    input: &'a mut Unstructured<'b>,
    algorithms: &'a [AlgorithmInfo],
    limits: Limits,
}

/// Runs the calls, and checks what must hold whatever they are.
pub(crate) fn run(shared: &std::sync::Arc<Shared>, algorithms: &[AlgorithmInfo], input: &[u8]) {
    let mut input = Unstructured::new(input);
    let limits = shared.config().limits.clone();
    let session = Session::new(shared);
    let mut guest = Guest {
        session,
        handles: Vec::new(),
        ids: Vec::new(),
        input: &mut input,
        algorithms,
        limits,
    };
    while !guest.input.is_empty() {
        if guest.call().is_err() {
            break;
        }
        assert!(guest.session.open_handles() <= guest.limits.handles);
        assert!(guest.session.held_bytes() <= guest.limits.bytes);
    }
    guest.close_all();
}

/// The names are needed at every call, and are many.
pub(crate) fn names() -> Vec<AlgorithmInfo> {
    algorithms()
}

impl Guest<'_, '_> {
    /// A handle that was given at some time, and may be closed or of any kind; rarely, one that was not.
    fn handle(&mut self) -> Result<Handle> {
        if self.handles.is_empty() || self.input.ratio(1, 64)? {
            return Ok(Handle::from_raw(self.input.arbitrary()?));
        }
        // Mostly a late one, as guests do.
        let last = self.handles.len() - 1;
        let back = if self.input.ratio(3, 4)? {
            self.input.int_in_range(0..=last.min(3))?
        } else {
            self.input.int_in_range(0..=last)?
        };
        Ok(self.handles[last - back])
    }

    fn maybe_handle(&mut self) -> Result<Option<Handle>> {
        if bool::arbitrary(self.input)? {
            self.handle().map(Some)
        } else {
            Ok(None)
        }
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        let len = match self.input.int_in_range(0..=9)? {
            0 => 0,
            1 => 12,
            2 => 16,
            3 => 24,
            4 => 32,
            5 => 64,
            6 => self.input.int_in_range(0..=5000)?,
            _ => self.input.int_in_range(0..=100)?,
        };
        let mut bytes = vec![0; len];
        // Input is not spent on contents alone.
        let real = len.min(8).min(self.input.len());
        self.input.fill_buffer(&mut bytes[..real])?;
        Ok(bytes)
    }

    fn algorithm(&mut self) -> Result<(AlgorithmType, &'static str)> {
        let info = self.input.choose(self.algorithms)?;
        let algorithm_type = match self.input.int_in_range(0..=63_u16)? {
            number @ 0..=2 => AlgorithmType::try_from(number).unwrap_or(AlgorithmType::Symmetric),
            _ => info.algorithm_type,
        };
        Ok((algorithm_type, info.name))
    }

    fn symmetric(&mut self) -> Result<&'static str> {
        let symmetric = self
            .algorithms
            .iter()
            .filter(|info| info.algorithm_type == AlgorithmType::Symmetric)
            .count();
        let at = self.input.int_in_range(0..=symmetric - 1)?;
        Ok(self.algorithms[at].name)
    }

    fn option(&mut self) -> Result<&'static str> {
        Ok(*self.input.choose(&[
            "nonce",
            "salt",
            "context",
            "memory_limit",
            "ops_limit",
            "parallelism",
            "block_size",
            "buffer",
            "expiration",
            "nonsense",
        ])?)
    }

    fn number(&mut self) -> Result<u64> {
        Ok(match self.input.int_in_range(0..=3)? {
            0 => self.input.arbitrary()?,
            1 => 1 << self.input.int_in_range(0..=63)?,
            2 => *self.input.choose(&[
                version::LATEST,
                version::ALL,
                version::UNSPECIFIED,
                4_000_000_000,
            ])?,
            _ => self.input.int_in_range(0..=20)?,
        })
    }

    fn id(&mut self) -> Result<Vec<u8>> {
        if self.ids.is_empty() || self.input.ratio(1, 8)? {
            return self.bytes();
        }
        Ok(self.input.choose(&self.ids)?.clone())
    }

    fn keep(&mut self, handle: core::result::Result<Handle, Errno>) {
        if let Ok(handle) = handle {
            self.handles.push(handle);
        }
    }

    fn call(&mut self) -> Result<()> {
        match self.input.int_in_range(0..=9)? {
            0 => self.common(),
            1 | 2 => self.keys(),
            3 => self.open(),
            4 | 5 => self.absorb_and_squeeze(),
            6 | 7 => self.crypt(),
            8 => self.asymmetric(),
            _ => self.secrets(),
        }
    }

    fn common(&mut self) -> Result<()> {
        let handle = self.handle()?;
        match self.input.int_in_range(0..=7)? {
            0 => {
                let algorithm_type = self.algorithm()?.0;
                let options = self.session.options_open(algorithm_type);
                self.keep(options);
            }
            1 => {
                let (name, value) = (self.option()?, self.bytes()?);
                let _ = self.session.options_set(handle, name, &value);
            }
            2 => {
                let (name, value) = (self.option()?, self.number()?);
                let _ = self.session.options_set_u64(handle, name, value);
            }
            3 => {
                let (name, len) = (self.option()?, self.number()?);
                let _ = self.session.options_set_guest_buffer(
                    handle,
                    name,
                    usize::try_from(len).unwrap_or_default(),
                );
            }
            4 => drop(self.session.options_close(handle)),
            5 => drop(self.session.array_output_len(handle)),
            6 => {
                let mut buf = self.bytes()?;
                let len = buf.len();
                let read = self.session.array_output_pull(handle, &mut buf);
                assert!(read.is_ok_and(|read| read <= len) || read.is_err());
            }
            _ => {
                let name = self.option()?;
                let mut value = self.bytes()?;
                let _ = self
                    .session
                    .symmetric_state_options_get(handle, name, &mut value);
                let _ = self.session.symmetric_state_options_get_u64(handle, name);
            }
        }
        Ok(())
    }

    fn keys(&mut self) -> Result<()> {
        let handle = self.handle()?;
        match self.input.int_in_range(0..=4)? {
            0 | 1 => {
                let (name, options) = (self.symmetric()?, self.maybe_handle()?);
                let options = options.filter(|_| handle.raw() % 4 == 0);
                let key = self.session.symmetric_key_generate(name, options);
                self.keep(key);
            }
            2 => {
                let (name, raw) = (self.symmetric()?, self.bytes()?);
                let key = self.session.symmetric_key_import(name, &raw);
                self.keep(key);
            }
            3 => {
                let output = self.session.symmetric_key_export(handle);
                self.keep(output);
            }
            _ => drop(self.session.symmetric_key_close(handle)),
        }
        Ok(())
    }

    fn open(&mut self) -> Result<()> {
        match self.input.int_in_range(0..=5)? {
            // A key and its state at once, which chance finds seldom.
            0..=3 => {
                let name = self.symmetric()?;
                let options = self.session.options_open(AlgorithmType::Symmetric);
                let key = self.session.symmetric_key_generate(name, None);
                if let Ok(options) = options
                    && bool::arbitrary(self.input)?
                {
                    let len = *self.input.choose(&[12, 16, 24])?;
                    let name = self.option()?;
                    let _ = self.session.options_set(options, name, &vec![7; len]);
                }
                let state = self
                    .session
                    .symmetric_state_open(name, key.ok(), options.ok());
                for handle in [options, key, state] {
                    self.keep(handle);
                }
            }
            4 => {
                let (name, key, options) = (
                    self.symmetric()?,
                    self.maybe_handle()?,
                    self.maybe_handle()?,
                );
                let state = self.session.symmetric_state_open(name, key, options);
                self.keep(state);
            }
            _ => {
                let handle = self.handle()?;
                let clone = self.session.symmetric_state_clone(handle);
                self.keep(clone);
            }
        }
        Ok(())
    }

    fn absorb_and_squeeze(&mut self) -> Result<()> {
        let handle = self.handle()?;
        match self.input.int_in_range(0..=11)? {
            0 | 1 => {
                let data = self.bytes()?;
                let _ = self.session.symmetric_state_absorb(handle, &data);
            }
            2 => {
                let mut out = self.bytes()?;
                let _ = self.session.symmetric_state_squeeze(handle, &mut out);
            }
            3 => {
                let tag = self.session.symmetric_state_squeeze_tag(handle);
                self.keep(tag);
            }
            4 => {
                let name = self.symmetric()?;
                let key = self.session.symmetric_state_squeeze_key(handle, name);
                self.keep(key);
            }
            5 => drop(self.session.symmetric_state_ratchet(handle)),
            6 => drop(self.session.symmetric_state_close(handle)),
            7 => drop(self.session.symmetric_tag_len(handle)),
            8 => {
                let mut buf = self.bytes()?;
                let _ = self.session.symmetric_tag_pull(handle, &mut buf);
            }
            9 => {
                let expected = self.bytes()?;
                let _ = self.session.symmetric_tag_verify(handle, &expected);
                let _ = self.session.symmetric_tag_close(handle);
            }
            10 => {
                let others = [handle, self.handle()?, self.handle()?];
                if self.session.batch_symmetric_state_check(&others).is_ok() {
                    for state in others {
                        let tag = self.session.symmetric_state_squeeze_tag(state);
                        self.keep(tag);
                    }
                }
            }
            _ => {
                let (other, mut one, mut two) = (self.handle()?, self.bytes()?, self.bytes()?);
                let session = &mut self.session;
                if session
                    .batch_symmetric_state_check(&[handle, other])
                    .is_ok()
                {
                    let _ = session.symmetric_state_squeeze(handle, &mut one);
                    let _ = session.symmetric_state_squeeze(other, &mut two);
                }
            }
        }
        Ok(())
    }

    fn crypt(&mut self) -> Result<()> {
        let (state, data) = (self.handle()?, self.bytes()?);
        let tag_len = match self.session.symmetric_state_max_tag_len(state) {
            Ok(len) if self.input.ratio(15, 16)? => len,
            _ => self.input.int_in_range(0..=20)?,
        };
        let plain_len = data.len().saturating_sub(tag_len);
        let mut out = vec![0xa5; data.len() + tag_len];
        match self.input.int_in_range(0..=8)? {
            0 => drop(self.session.symmetric_state_encrypt(state, &mut out, &data)),
            1 => drop(
                self.session
                    .symmetric_state_encrypt_in_place(state, &mut out, data.len()),
            ),
            2 => {
                let tag = self.session.symmetric_state_encrypt_detached(
                    state,
                    &mut out[..data.len()],
                    &data,
                );
                self.keep(tag);
            }
            3 => {
                let tag = self
                    .session
                    .symmetric_state_encrypt_detached_in_place(state, &mut out);
                self.keep(tag);
            }
            4 => {
                let mut out = vec![0xa5; plain_len];
                let result = self.session.symmetric_state_decrypt(state, &mut out, &data);
                assert!(
                    result.is_ok() || out.iter().all(|byte| *byte == 0 || *byte == 0xa5),
                    "released"
                );
            }
            5 => {
                let mut buf = data;
                if self
                    .session
                    .symmetric_state_decrypt_in_place(state, &mut buf)
                    == Err(Errno::InvalidTag)
                    && buf.len() >= 16
                {
                    assert!(
                        buf[..plain_len.min(buf.len() - 16)]
                            .iter()
                            .all(|byte| *byte == 0),
                        "released"
                    );
                }
            }
            6 => {
                let tag = self.bytes()?;
                let mut out = vec![0xa5; data.len()];
                let result = self
                    .session
                    .symmetric_state_decrypt_detached(state, &mut out, &data, &tag);
                assert!(
                    result.is_ok() || out.iter().all(|byte| *byte == 0 || *byte == 0xa5),
                    "released"
                );
            }
            7 => self.seal_and_open(state, &data)?,
            _ => {
                let states = [state, self.handle()?];
                if self.session.batch_symmetric_state_check(&states).is_ok() {
                    for state in states {
                        self.in_batch(state, &mut out, &data);
                    }
                }
            }
        }
        Ok(())
    }

    /// An item of batches of every kind.
    fn in_batch(&mut self, state: Handle, out: &mut [u8], data: &[u8]) {
        let _ = self.session.symmetric_state_decrypt(state, out, data);
        let _ = self.session.symmetric_state_encrypt(state, out, data);
        let tag = self
            .session
            .symmetric_state_encrypt_detached(state, out, data);
        self.keep(tag);
        let _ = self
            .session
            .symmetric_state_decrypt_detached(state, out, data, &[0; 16]);
    }

    /// What a state encrypts, a clone of it that was made before decrypts, unless its nonce is spent.
    fn seal_and_open(&mut self, state: Handle, data: &[u8]) -> Result<()> {
        let Ok(tag_len) = self.session.symmetric_state_max_tag_len(state) else {
            return Ok(());
        };
        let Ok(clone) = self.session.symmetric_state_clone(state) else {
            return Ok(());
        };
        self.handles.push(clone);
        let mut sealed = vec![0; data.len() + tag_len];
        if self
            .session
            .symmetric_state_encrypt(state, &mut sealed, data)
            .is_ok()
        {
            let mut out = vec![0; data.len()];
            match self
                .session
                .symmetric_state_decrypt(clone, &mut out, &sealed)
            {
                Ok(len) => assert_eq!((len, &out[..]), (data.len(), data)),
                Err(errno) => assert_eq!(errno, Errno::NonceRequired),
            }
        }
        Ok(())
    }

    fn asymmetric(&mut self) -> Result<()> {
        let (one, two) = (self.handle()?, self.handle()?);
        let ((algorithm_type, name), number) =
            (self.algorithm()?, self.input.int_in_range(0..=4_u16)?);
        let data = self.bytes()?;
        let session = &mut self.session;
        let handle = match self.input.int_in_range(0..=22)? {
            // Keys of RSA take their time.
            0..=2 if name.starts_with("RSA") => Err(Errno::InProgress),
            0..=2 => session.keypair_generate(algorithm_type, name, None),
            3 => KeypairEncoding::try_from(number)
                .and_then(|encoding| session.keypair_import(algorithm_type, name, &data, encoding)),
            4 => KeypairEncoding::try_from(number)
                .and_then(|encoding| session.keypair_export(one, encoding)),
            5 => session.keypair_publickey(one),
            6 => session.keypair_secretkey(one),
            7 => session.keypair_from_pk_and_sk(one, two),
            8 => PublickeyEncoding::try_from(number).and_then(|encoding| {
                session.publickey_import(algorithm_type, name, &data, encoding)
            }),
            9 => PublickeyEncoding::try_from(number)
                .and_then(|encoding| session.publickey_export(one, encoding)),
            10 => session.publickey_verify(one).map(|()| one),
            11 => session.publickey_from_secretkey(one),
            12 => SecretkeyEncoding::try_from(number).and_then(|encoding| {
                session.secretkey_import(algorithm_type, name, &data, encoding)
            }),
            13 => SecretkeyEncoding::try_from(number)
                .and_then(|encoding| session.secretkey_export(one, encoding)),
            14 => session.signature_state_open(one),
            15 => session
                .signature_state_update(one, &data)
                .and_then(|()| session.signature_state_sign(one)),
            16 => session.signature_verification_state_open(one),
            17 => {
                let _ = session.signature_verification_state_update(one, &data);
                session
                    .signature_verification_state_verify(one, two)
                    .map(|()| one)
            }
            18 => SignatureEncoding::try_from(number)
                .and_then(|encoding| session.signature_import(name, &data, encoding)),
            19 => SignatureEncoding::try_from(number)
                .and_then(|encoding| session.signature_export(one, encoding)),
            20 => session.kx_dh(one, two),
            21 => session.kx_decapsulate(one, &data),
            _ => session.kx_encapsulate(one).map(|(secret, encapsulated)| {
                self.handles.push(secret);
                encapsulated
            }),
        };
        self.keep(handle);
        if self.input.ratio(1, 8)? {
            if self
                .session
                .batch_signature_state_check(&[one, two])
                .is_ok()
            {
                for state in [one, two] {
                    let signature = self.session.signature_state_sign(state);
                    self.keep(signature);
                }
            }
            if self
                .session
                .batch_signature_verification_state_check(&[one])
                .is_ok()
            {
                let _ = self.session.signature_verification_state_verify(one, two);
            }
        }
        Ok(())
    }

    fn secrets(&mut self) -> Result<()> {
        let (manager, one, two) = (self.handle()?, self.handle()?, self.handle()?);
        let (id, number, secret) = (self.id()?, self.number()?, self.bytes()?);
        let (algorithm_type, name) = self.algorithm()?;
        let mut given = vec![0; 16 + usize::from(secret.len() > 50)];
        let session = &mut self.session;
        let (mut handle, mut stored) = (Err(Errno::InProgress), false);
        match self.input.int_in_range(0..=16)? {
            0..=2 => handle = session.secrets_manager_open(None),
            3 => drop(session.secrets_manager_close(manager)),
            4 => drop(session.secrets_manager_invalidate(manager, &id, number)),
            5 => handle = session.symmetric_key_generate_managed(manager, name, None),
            6 => {
                stored = session
                    .symmetric_key_store_managed(manager, one, &mut given)
                    .is_ok()
            }
            7 => drop(session.symmetric_key_replace_managed(manager, one, two)),
            8 => stored = session.symmetric_key_id(one, &mut given).is_ok(),
            9 => handle = session.symmetric_key_from_id(manager, &id, number),
            10 => {
                stored = session
                    .external_secret_store(manager, &secret, number, &mut given)
                    .is_ok()
            }
            11 => drop(session.external_secret_replace(manager, &secret, number, &id)),
            12 => handle = session.external_secret_from_id(manager, &id, number),
            13 => drop(session.external_secret_invalidate(manager, &id, number)),
            14 => handle = session.external_secret_encapsulate(manager, &secret, number),
            15 => handle = session.external_secret_decapsulate(manager, &secret),
            _ if name.starts_with("RSA") => stored = session.keypair_id(one, &mut given).is_ok(),
            _ => {
                handle = session.keypair_generate_managed(manager, algorithm_type, name, None);
                stored = session
                    .keypair_store_managed(manager, one, &mut given)
                    .is_ok();
                let _ = session.keypair_replace_managed(manager, one, two);
                let found = session.keypair_from_id(manager, &id, number);
                self.keep(found);
            }
        }
        self.keep(handle);
        if stored {
            self.ids.push(given);
        }
        Ok(())
    }

    /// Closes every handle in every way: afterwards nothing is left.
    fn close_all(&mut self) {
        let session = &mut self.session;
        let mut buf = vec![0; 1 << 20];
        for handle in self.handles.iter().copied() {
            let closed = session.options_close(handle).is_ok()
                || session.symmetric_key_close(handle).is_ok()
                || session.symmetric_state_close(handle).is_ok()
                || session.symmetric_tag_close(handle).is_ok()
                || session.keypair_close(handle).is_ok()
                || session.publickey_close(handle).is_ok()
                || session.secretkey_close(handle).is_ok()
                || session.signature_close(handle).is_ok()
                || session.signature_state_close(handle).is_ok()
                || session.signature_verification_state_close(handle).is_ok()
                || session.secrets_manager_close(handle).is_ok()
                || session.array_output_pull(handle, &mut buf).is_ok();
            if closed {
                assert!(session.symmetric_state_clone(handle).is_err());
            }
        }
        assert_eq!(
            (session.open_handles(), session.held_bytes()),
            (0, 0),
            "a handle was lost"
        );
    }
}
