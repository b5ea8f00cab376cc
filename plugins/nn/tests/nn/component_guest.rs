//! A component that passes on what it is told to: see `component.wat`.

use c12::{Instance, RawInstance};
use wasmtime::component::{ComponentNamedList, Lift, Lower};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::setup::Setup;

/// What it imports and exports.
const WORLD: &str = r#"package test:guest;
world guest {
    include c12:nn/imports@0.1.0;
    export forget: func();
    export load: func(parts: list<list<u8>>, encoding: u32, target: u32) -> u64;
    export load-by-name: func(name: string) -> u64;
    export load-with-options: func(name: string, options: list<tuple<string, string>>) -> u64;
    export context: func(graph: u32) -> u64;
    export tensor: func(dimensions: list<u32>, ty: u32, data: list<u8>) -> u32;
    export compute: func(context: u32, inputs: list<tuple<string, u32>>) -> u64;
    export outputs: func() -> list<tuple<string, u32>>;
    export compute-all: func(graph: u32, inputs: list<list<tuple<string, u32>>>) -> u64;
    export all-outputs: func() -> list<list<tuple<string, u32>>>;
    export dimensions: func(tensor: u32) -> list<u32>;
    export ty: func(tensor: u32) -> u32;
    export data: func(tensor: u32) -> list<u8>;
    export code: func(error: u32) -> u32;
    export message: func(error: u32) -> string;
    export names: func() -> list<string>;
    export describe: func(graph: u32) -> u32;
    export describe-language: func(graph: u32) -> u64;
    export count-tokens: func(graph: u32, text: string) -> u64;
    export drop-graph: func(handle: u32);
    export drop-context: func(handle: u32);
    export drop-tensor: func(handle: u32);
}
"#;

fn component() -> Vec<u8> {
    let mut resolve = Resolve::default();
    for wit in c12_nn::WIT {
        resolve.push_source("nn.wit", wit).unwrap();
    }
    let package = resolve.push_source("guest.wit", WORLD).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wat::parse_str(include_str!("component.wat")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().validate(true);
    encoder.module(&module).unwrap().encode().unwrap()
}

/// An error as the guest sees it: its case, and its words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) u32, pub(crate) String);

/// An instance of the guest.
pub(crate) struct Guest(Instance);

impl Guest {
    pub(crate) async fn new(setup: &Setup) -> Self {
        let linked = setup.link(&component()).unwrap();
        Guest(linked.instantiate().await.unwrap())
    }

    /// Calls a function.
    ///
    /// # Errors
    ///
    /// A trap.
    pub(crate) async fn call<Arguments, Results>(
        &mut self,
        function: &str,
        arguments: Arguments,
    ) -> wasmtime::Result<Results>
    where
        Arguments: ComponentNamedList + Lower + Send + Sync + 'static,
        Results: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let (RawInstance::Component(instance), store) = self.0.parts() else {
            panic!("it is a component");
        };
        let function = instance.get_typed_func::<Arguments, Results>(&mut *store, function)?;
        function.call_async(store, arguments).await
    }

    /// Calls a function that gives a handle or an error.
    pub(crate) async fn get<Arguments>(
        &mut self,
        function: &str,
        arguments: Arguments,
    ) -> Result<u32, Refused>
    where
        Arguments: ComponentNamedList + Lower + Send + Sync + 'static,
    {
        let (outcome,): (u64,) = self.call(function, arguments).await.unwrap();
        let handle = outcome as u32;
        if outcome >> 32 == 0 {
            return Ok(handle);
        }
        let (code,) = self.call("code", (handle,)).await.unwrap();
        let (message,) = self.call("message", (handle,)).await.unwrap();
        Err(Refused(code, message))
    }

    pub(crate) async fn load_by_name(&mut self, name: &str) -> Result<u32, Refused> {
        self.get("load-by-name", (name.to_owned(),)).await
    }

    pub(crate) async fn context_of(&mut self, name: &str) -> u32 {
        let graph = self.load_by_name(name).await.unwrap();
        self.get("context", (graph,)).await.unwrap()
    }

    pub(crate) async fn tensor(&mut self, ty: u32, dimensions: &[u32], data: &[u8]) -> u32 {
        let (tensor,) = self
            .call("tensor", (dimensions.to_vec(), ty, data.to_vec()))
            .await
            .unwrap();
        tensor
    }

    pub(crate) async fn compute(
        &mut self,
        context: u32,
        inputs: &[(&str, u32)],
    ) -> Result<Vec<(String, u32)>, Refused> {
        let inputs: Vec<(String, u32)> = inputs
            .iter()
            .map(|(name, tensor)| ((*name).to_owned(), *tensor))
            .collect();
        self.get("compute", (context, inputs)).await?;
        let (outputs,) = self.call("outputs", ()).await.unwrap();
        Ok(outputs)
    }

    pub(crate) async fn data(&mut self, tensor: u32) -> Vec<u8> {
        let (data,) = self.call("data", (tensor,)).await.unwrap();
        data
    }
}
