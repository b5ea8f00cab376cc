//! A core module that passes on what it is told to: each function that it imports it exports again.

use c12::{Instance, Linked, RawInstance};
use wasmtime::Val;

use crate::setup::Setup;

/// The functions of each module, and how many numbers they take.
const MODULES: [(&str, &[(&str, usize)]); 2] = [
    (
        "wasi_ephemeral_nn",
        &[
            ("load", 5),
            ("load_by_name", 3),
            ("load_by_name_with_config", 5),
            ("init_execution_context", 2),
            ("set_input", 3),
            ("compute", 1),
            ("compute_single", 1),
            ("get_output", 5),
            ("get_output_single", 5),
            ("fini_single", 1),
            ("unload", 1),
            ("finalize_execution_context", 1),
        ],
    ),
    (
        "c12_nn",
        &[
            ("last_error", 3),
            ("names", 3),
            ("describe", 4),
            ("compute_all", 2),
            ("describe_outputs", 4),
            ("generate", 4),
            ("generation_next", 4),
            ("generation_usage", 4),
            ("generation_drop", 1),
            ("apply_chat_template", 6),
            ("count_tokens", 4),
            ("embed", 6),
        ],
    ),
];

/// Its memory, in bytes: four mebibytes for the test's tensors, and more for what it asks for.
pub(crate) const MEMORY: usize = 256 << 20;

fn text(memory: &str) -> String {
    let mut imports = String::new();
    let mut functions = String::new();
    for (module, all) in MODULES {
        for (name, count) in all {
            let types = "i32 ".repeat(*count);
            let arguments: String = (0..*count)
                .map(|index| format!("(local.get {index})"))
                .collect();
            imports += &format!(
                "(import \"{module}\" \"{name}\" (func ${name} (param {types}) (result i32)))\n"
            );
            functions += &format!(
                "(func (export \"{name}\") (param {types}) (result i32) (call ${name} {arguments}))\n"
            );
        }
    }
    format!("(module\n{imports}{memory}\n{functions})")
}

/// An instance of the guest.
pub(crate) struct Guest {
    instance: Instance,
    next: u32,
}

impl Guest {
    pub(crate) async fn new(setup: &Setup) -> Self {
        let pages = MEMORY / 65536;
        Self::with_memory(setup, &format!("(memory (export \"memory\") {pages})")).await
    }

    /// A guest with a memory of its own kind, or none.
    pub(crate) async fn with_memory(setup: &Setup, memory: &str) -> Self {
        Self::of(&Self::link(setup, memory)).await
    }

    /// The guest, linked; its instances share models.
    pub(crate) fn link(setup: &Setup, memory: &str) -> Linked {
        setup.link(text(memory).as_bytes()).unwrap()
    }

    pub(crate) async fn of(linked: &Linked) -> Self {
        Guest {
            instance: linked.instantiate().await.unwrap(),
            next: 1024,
        }
    }

    /// Calls a function; the result is its error number.
    pub(crate) async fn call(&mut self, function: &str, arguments: &[u32]) -> u32 {
        let (RawInstance::Module(instance), store) = self.instance.parts() else {
            panic!("it is a module");
        };
        let function = instance.get_func(&mut *store, function).unwrap();
        let arguments: Vec<Val> = arguments
            .iter()
            .map(|number| Val::I32(number.cast_signed()))
            .collect();
        let mut results = [Val::I32(-1)];
        function
            .call_async(store, &arguments, &mut results)
            .await
            .unwrap();
        results[0].unwrap_i32().cast_unsigned()
    }

    fn memory(&mut self) -> &mut [u8] {
        let (RawInstance::Module(instance), store) = self.instance.parts() else {
            panic!("it is a module");
        };
        let memory = instance.get_memory(&mut *store, "memory").unwrap();
        memory.data_mut(store)
    }

    /// Puts bytes into the guest's memory.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> u32 {
        let place = self.next.next_multiple_of(8);
        self.next = place + bytes.len() as u32;
        self.memory()[place as usize..][..bytes.len()].copy_from_slice(bytes);
        place
    }

    pub(crate) fn read(&mut self, place: u32, length: u32) -> Vec<u8> {
        self.memory()[place as usize..][..length as usize].to_vec()
    }

    pub(crate) fn number(&mut self, place: u32) -> u32 {
        u32::from_le_bytes(self.read(place, 4).try_into().unwrap())
    }

    /// Where a result goes.
    pub(crate) fn place(&mut self) -> u32 {
        self.put(&[0xff; 4])
    }

    /// Calls a function whose last argument is where its result goes.
    pub(crate) async fn get(&mut self, function: &str, arguments: &[u32]) -> Result<u32, u32> {
        let place = self.place();
        match self.call(function, &[arguments, &[place]].concat()).await {
            0 => Ok(self.number(place)),
            errno => Err(errno),
        }
    }

    pub(crate) async fn load_by_name(&mut self, name: &str) -> Result<u32, u32> {
        let place = self.put(name.as_bytes());
        self.get("load_by_name", &[place, name.len() as u32]).await
    }

    pub(crate) async fn load_with_config(&mut self, name: &str, config: &str) -> Result<u32, u32> {
        let (place, length) = (self.put(name.as_bytes()), name.len() as u32);
        let (config, size) = (self.put(config.as_bytes()), config.len() as u32);
        self.get("load_by_name_with_config", &[place, length, config, size])
            .await
    }

    pub(crate) async fn load(&mut self, parts: &[&[u8]], encoding: u32) -> Result<u32, u32> {
        let mut pairs = Vec::new();
        for part in parts {
            pairs.extend(self.put(part).to_le_bytes());
            pairs.extend((part.len() as u32).to_le_bytes());
        }
        let place = self.put(&pairs);
        self.get("load", &[place, parts.len() as u32, encoding, 0])
            .await
    }

    pub(crate) async fn context(&mut self, graph: u32) -> Result<u32, u32> {
        self.get("init_execution_context", &[graph]).await
    }

    /// A context for a model that is there.
    pub(crate) async fn context_of(&mut self, name: &str) -> u32 {
        let graph = self.load_by_name(name).await.unwrap();
        self.context(graph).await.unwrap()
    }

    pub(crate) fn tensor(&mut self, ty: u8, dimensions: &[u32], data: &[u8]) -> u32 {
        let sizes: Vec<u8> = dimensions
            .iter()
            .flat_map(|size| size.to_le_bytes())
            .collect();
        let (sizes, rank) = (self.put(&sizes), dimensions.len() as u32);
        let (data, length) = (self.put(data), data.len() as u32);
        // Only the first byte of the type is defined.
        let ty = u32::from_le_bytes([ty, 0xaa, 0xbb, 0xcc]);
        let fields = [sizes, rank, ty, data, length].map(u32::to_le_bytes);
        self.put(&fields.concat())
    }

    pub(crate) async fn set_input(
        &mut self,
        context: u32,
        index: u32,
        (ty, dimensions, data): (u8, &[u32], &[u8]),
    ) -> u32 {
        let tensor = self.tensor(ty, dimensions, data);
        self.call("set_input", &[context, index, tensor]).await
    }

    pub(crate) async fn output(
        &mut self,
        context: u32,
        index: u32,
        size: u32,
    ) -> Result<Vec<u8>, u32> {
        let buffer = self.put(&vec![0; size as usize]);
        let written = self
            .get("get_output", &[context, index, buffer, size])
            .await?;
        Ok(self.read(buffer, written))
    }
}

pub(crate) fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

pub(crate) fn numbers(bytes: &[u8]) -> Vec<f32> {
    let (chunks, rest) = bytes.as_chunks::<4>();
    assert!(rest.is_empty());
    chunks
        .iter()
        .map(|chunk| f32::from_le_bytes(*chunk))
        .collect()
}
