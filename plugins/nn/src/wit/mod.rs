//! `wasi:nn` and `c12:nn` for components: see `wit/nn` for what they mean.

mod graphs;
mod inference;
mod language;
mod tensor;

use c12::Context;
use c12_nn_core as nn;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};

use crate::State;
use crate::session::Session;
use crate::trouble::shortened;

#[allow(missing_docs, unreachable_pub)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/nn",
        world: "imports",
        imports: {
            "wasi:nn/graph.load": async | trappable,
            "wasi:nn/graph.load-by-name": async | trappable,
            "wasi:nn/graph.[method]graph.init-execution-context": async | trappable,
            "wasi:nn/inference.[method]graph-execution-context.compute": async | trappable,
            "c12:nn/graphs.load-by-name-with-options": async | trappable,
            "c12:nn/graphs.compute-all": async | trappable,
            "c12:nn/language.[method]generation.next": async | trappable,
            "c12:nn/language.generate": async | trappable,
            "c12:nn/language.apply-chat-template": async | trappable,
            "c12:nn/language.count-tokens": async | trappable,
            "c12:nn/language.embed": async | trappable,
            default: trappable,
        },
        with: {
            "wasi:nn/graph.graph": crate::graph::Graph,
            "wasi:nn/inference.graph-execution-context": crate::session::ExecutionContext,
            "wasi:nn/tensor.tensor": super::tensor::Tensor,
            "wasi:nn/errors.error": super::Failure,
            "c12:nn/language.generation": crate::language::Generation,
        },
    });
}

use bindings::wasi::nn::errors as wit;

/// What components get, in WIT: the package that it uses, and its own.
pub const WIT: [&str; 2] = [
    include_str!("../../../../wit/nn/deps/wasi-nn.wit"),
    include_str!("../../../../wit/nn/nn.wit"),
];

/// The interfaces that guests import.
pub(crate) const INTERFACES: [&str; 6] = [
    tensor::INTERFACE,
    "wasi:nn/graph@0.2.0-rc-2024-10-28",
    "wasi:nn/inference@0.2.0-rc-2024-10-28",
    "wasi:nn/errors@0.2.0-rc-2024-10-28",
    "c12:nn/graphs@0.1.0",
    "c12:nn/language@0.1.0",
];

/// Defines one of them.
pub(crate) fn link(interface: &str, linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    use bindings::{c12, wasi};
    match interface {
        tensor::INTERFACE => tensor::link(linker),
        "wasi:nn/graph@0.2.0-rc-2024-10-28" => {
            wasi::nn::graph::add_to_linker::<Context, Models>(linker, view)
        }
        "wasi:nn/inference@0.2.0-rc-2024-10-28" => {
            wasi::nn::inference::add_to_linker::<Context, Models>(linker, view)
        }
        "wasi:nn/errors@0.2.0-rc-2024-10-28" => wit::add_to_linker::<Context, Models>(linker, view),
        "c12:nn/graphs@0.1.0" => c12::nn::graphs::add_to_linker::<Context, Models>(linker, view),
        "c12:nn/language@0.1.0" => {
            c12::nn::language::add_to_linker::<Context, Models>(linker, view)
        }
        _ => Err(trap(format_args!("there is no interface `{interface}`"))),
    }
}

/// The data of these interfaces.
struct Models;

impl HasData for Models {
    type Data<'a> = View<'a>;
}

struct View<'a> {
    session: Option<Session>,
    table: &'a mut ResourceTable,
}

fn view(context: &mut Context) -> View<'_> {
    let session = context.plugin::<State>().map(|state| state.session.clone());
    View {
        session,
        table: context.resources(),
    }
}

/// A result as interfaces give it: an error is a resource.
type Outcome<T> = wasmtime::Result<Result<T, Resource<Failure>>>;

impl View<'_> {
    fn session(&self) -> wasmtime::Result<Session> {
        self.session
            .clone()
            .ok_or_else(|| trap("the instance has no state"))
    }

    /// Makes a failure a resource. What only the user can mend, the user is told.
    fn outcome<T>(&mut self, what: &str, result: nn::Result<T>) -> Outcome<T> {
        let error = match result {
            Ok(value) => return Ok(Ok(value)),
            Err(error) => error,
        };
        if error.help().is_some() {
            self.session()?.reporter().tell(what, &error);
        }
        Ok(Err(self.table.push(Failure::from(&error))?))
    }

    /// As [`View::outcome`], for a value that becomes a resource.
    fn resource<T: Send + 'static>(
        &mut self,
        what: &str,
        result: nn::Result<T>,
    ) -> Outcome<Resource<T>> {
        match self.outcome(what, result)? {
            Ok(value) => Ok(Ok(self.table.push(value)?)),
            Err(failure) => Ok(Err(failure)),
        }
    }
}

/// An error in a guest's hands.
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct Failure {
    code: nn::Code,
    message: String,
}

impl From<&nn::Error> for Failure {
    fn from(error: &nn::Error) -> Self {
        Failure {
            code: error.code(),
            message: shortened(error.message()).to_owned(),
        }
    }
}

impl wit::Host for View<'_> {}

impl wit::HostError for View<'_> {
    fn code(&mut self, error: Resource<Failure>) -> wasmtime::Result<wit::ErrorCode> {
        use wit::ErrorCode;
        Ok(match self.table.get(&error)?.code {
            nn::Code::InvalidArgument => ErrorCode::InvalidArgument,
            nn::Code::InvalidEncoding => ErrorCode::InvalidEncoding,
            nn::Code::Timeout => ErrorCode::Timeout,
            nn::Code::RuntimeError => ErrorCode::RuntimeError,
            nn::Code::UnsupportedOperation => ErrorCode::UnsupportedOperation,
            nn::Code::TooLarge => ErrorCode::TooLarge,
            nn::Code::NotFound => ErrorCode::NotFound,
            nn::Code::Security => ErrorCode::Security,
            nn::Code::Unknown => ErrorCode::Unknown,
        })
    }

    fn data(&mut self, error: Resource<Failure>) -> wasmtime::Result<String> {
        Ok(self.table.get(&error)?.message.clone())
    }

    fn drop(&mut self, error: Resource<Failure>) -> wasmtime::Result<()> {
        self.table.delete(error)?;
        Ok(())
    }
}

fn trap(message: impl std::fmt::Display) -> wasmtime::Error {
    wasmtime::Error::msg(format!("plugin `nn`: {message}"))
}
