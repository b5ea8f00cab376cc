//! Starting commands and calling exports by name.

use wasmtime::component::wasm_wave;
use wasmtime::component::{self, Val as ComponentVal};
use wasmtime::{AsContextMut, Store, Val, ValType};

use crate::Error;
use crate::context::Context;
use crate::limits::{LimitExceeded, LimitKind, Limits};
use crate::workload::{Callable, Workload};

pub(crate) async fn start_module(
    pre: &wasmtime::InstancePre<Context>,
    store: &mut Store<Context>,
) -> wasmtime::Result<i32> {
    let instance = pre.instantiate_async(&mut *store).await?;
    let start = instance.get_typed_func::<(), ()>(&mut *store, "_start")?;
    start.call_async(&mut *store, ()).await?;
    Ok(0)
}

pub(crate) async fn run_command(
    pre: &component::InstancePre<Context>,
    store: &mut Store<Context>,
) -> wasmtime::Result<i32> {
    let command = wasmtime_wasi::p2::bindings::CommandPre::new(pre.clone())?
        .instantiate_async(&mut *store)
        .await?;
    let result = command.wasi_cli_run().call_run(&mut *store).await?;
    Ok(i32::from(result.is_err()))
}

pub(crate) async fn run_async_command(
    pre: &component::InstancePre<Context>,
    store: &mut Store<Context>,
) -> wasmtime::Result<i32> {
    let command = wasmtime_wasi::p3::bindings::CommandPre::new(pre.clone())?
        .instantiate_async(&mut *store)
        .await?;
    let result = store
        .run_concurrent(async move |accessor| command.wasi_cli_run().call_run(accessor).await)
        .await??;
    Ok(i32::from(result.is_err()))
}

/// A call as a user writes it.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    function: &'a str,
    /// With the parentheses.
    arguments: &'a str,
}

impl<'a> Call<'a> {
    /// `name(arguments)`; a name alone is a call without arguments.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Error> {
        let text = text.trim();
        let (function, arguments) = match text.find('(') {
            Some(at) => text.split_at(at),
            None => (text, "()"),
        };
        let error = |message: &str| Error::Invocation {
            function: text.to_owned(),
            message: message.to_owned(),
            signature: None,
        };
        if function.trim().is_empty() {
            return Err(error("it names no function: write it as `name(arguments)`"));
        }
        if !arguments.ends_with(')') {
            return Err(error(
                "the closing parenthesis is missing: write it as `name(arguments)`",
            ));
        }
        Ok(Call {
            function: function.trim(),
            arguments,
        })
    }

    /// The export that is meant: its full path, or its name alone if no other interface has it too.
    pub(crate) fn target(&self, workload: &Workload) -> Result<Callable, Error> {
        let callables = workload.callables();
        if let Some(exact) = callables
            .iter()
            .find(|callable| callable.path() == self.function)
        {
            return Ok(exact.clone());
        }
        let without_version = |callable: &Callable| {
            let interface = callable.interface.as_deref()?.split('@').next()?;
            Some(format!("{interface}#{}", callable.name))
        };
        let mut matching = callables.iter().filter(|callable| {
            callable.name == self.function
                || without_version(callable).as_deref() == Some(self.function)
        });
        match (matching.next(), matching.next()) {
            (Some(only), None) => Ok(only.clone()),
            (Some(one), Some(other)) => Err(Error::Invocation {
                function: self.function.to_owned(),
                message: format!(
                    "several interfaces have it: say which, as in `{}` or `{}`",
                    one.path(),
                    other.path()
                ),
                signature: None,
            }),
            (None, _) => Err(Error::NoSuchFunction {
                name: workload.name().to_owned(),
                function: self.function.to_owned(),
                callable: callables.iter().map(Callable::path).collect(),
            }),
        }
    }

    fn unfit(&self, message: String, signature: String) -> Error {
        Error::Invocation {
            function: self.function.to_owned(),
            message,
            signature: Some(signature),
        }
    }
}

/// The results as text, or what is wrong with the arguments; engine errors are kept apart.
type Called = wasmtime::Result<Result<Vec<String>, Error>>;

pub(crate) async fn call_component(
    pre: &component::InstancePre<Context>,
    store: &mut Store<Context>,
    call: &Call<'_>,
    target: &Callable,
) -> Called {
    let instance = pre.instantiate_async(&mut *store).await?;
    let interface = match &target.interface {
        Some(interface) => instance.get_export_index(&mut *store, None, interface),
        None => None,
    };
    let function = instance
        .get_export_index(&mut *store, interface.as_ref(), &target.name)
        .and_then(|index| instance.get_func(&mut *store, index))
        .ok_or_else(|| wasmtime::format_err!("the export `{}` is not a function", target.path()))?;
    let ty = function.ty(&*store);
    let signature = target.signature.clone();
    // WAVE's parser takes plain names only, so the call is given one.
    let text = format!("f{}", call.arguments);
    let types: Vec<component::Type> = ty.params().map(|(_, ty)| ty).collect();
    // WAVE has no form for handles, and its library panics on them.
    if let Some(handle) = types
        .iter()
        .chain(ty.results().collect::<Vec<_>>().iter())
        .find_map(without_text)
    {
        return Ok(Err(call.unfit(
            format!("a {handle} cannot be written as text, nor shown"),
            signature,
        )));
    }
    let arguments = match wasm_wave::untyped::UntypedFuncCall::parse(&text)
        .and_then(|parsed| parsed.to_wasm_params::<ComponentVal>(&types))
    {
        Ok(arguments) => arguments,
        Err(error) => return Ok(Err(call.unfit(error.to_string(), signature))),
    };
    let mut results = vec![ComponentVal::Bool(false); ty.results().len()];
    if ty.async_() {
        store
            .run_concurrent(async |accessor| {
                function
                    .call_concurrent(accessor, &arguments, &mut results)
                    .await
            })
            .await??;
    } else {
        function
            .call_async(store.as_context_mut(), &arguments, &mut results)
            .await?;
    }
    Ok(results
        .iter()
        .map(|value| {
            value.to_wave().map_err(|error| Error::Invocation {
                function: call.function.to_owned(),
                message: format!(
                    "its result cannot be shown as text: {}",
                    crate::error::chain(&error)
                ),
                signature: Some(signature.clone()),
            })
        })
        .collect())
}

/// The first type within a type that WAVE cannot express.
fn without_text(ty: &component::Type) -> Option<&'static str> {
    use component::Type;
    match ty {
        Type::Own(_) | Type::Borrow(_) => Some("resource handle"),
        Type::Future(_) => Some("future"),
        Type::Stream(_) => Some("stream"),
        Type::ErrorContext => Some("error context"),
        Type::List(list) => without_text(&list.ty()),
        Type::Record(record) => record.fields().find_map(|field| without_text(&field.ty)),
        Type::Tuple(tuple) => tuple.types().find_map(|ty| without_text(&ty)),
        Type::Variant(variant) => variant
            .cases()
            .filter_map(|case| case.ty)
            .find_map(|ty| without_text(&ty)),
        Type::Option(option) => without_text(&option.ty()),
        Type::Result(result) => [result.ok(), result.err()]
            .into_iter()
            .flatten()
            .find_map(|ty| without_text(&ty)),
        Type::Bool
        | Type::S8
        | Type::U8
        | Type::S16
        | Type::U16
        | Type::S32
        | Type::U32
        | Type::S64
        | Type::U64
        | Type::Float32
        | Type::Float64
        | Type::Char
        | Type::String
        | Type::Enum(_)
        | Type::Flags(_) => None,
        _ => Some("value of this type"),
    }
}

pub(crate) async fn call_module(
    pre: &wasmtime::InstancePre<Context>,
    store: &mut Store<Context>,
    call: &Call<'_>,
) -> Called {
    let instance = pre.instantiate_async(&mut *store).await?;
    // A WASI 0.1 reactor wants this before anything else.
    if call.function != "_initialize"
        && let Some(initialize) = instance.get_func(&mut *store, "_initialize")
    {
        initialize
            .typed::<(), ()>(&*store)?
            .call_async(&mut *store, ())
            .await?;
    }
    let function = instance
        .get_func(&mut *store, call.function)
        .ok_or_else(|| wasmtime::format_err!("the export `{}` is not a function", call.function))?;
    let ty = function.ty(&*store);
    let arguments = match numbers(call, ty.params()) {
        Ok(arguments) => arguments,
        Err(message) => {
            let types: Vec<String> = ty.params().map(|ty| ty.to_string()).collect();
            return Ok(Err(call.unfit(message, format!("({})", types.join(", ")))));
        }
    };
    let mut results = vec![Val::I32(0); ty.results().len()];
    function
        .call_async(&mut *store, &arguments, &mut results)
        .await?;
    Ok(Ok(results.iter().map(show).collect()))
}

fn numbers(
    call: &Call<'_>,
    types: impl ExactSizeIterator<Item = ValType>,
) -> Result<Vec<Val>, String> {
    let inner = call
        .arguments
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or_default()
        .trim();
    let given: Vec<&str> = if inner.is_empty() {
        Vec::new()
    } else {
        inner.split(',').map(str::trim).collect()
    };
    if given.len() != types.len() {
        return Err(format!(
            "it takes {} arguments, {} were given",
            types.len(),
            given.len()
        ));
    }
    given
        .into_iter()
        .zip(types)
        .map(|(text, ty)| number(text, &ty))
        .collect()
}

/// A plain value: decimal or 0x-hexadecimal integers, signed or unsigned; floats as Rust writes them.
fn number(text: &str, ty: &ValType) -> Result<Val, String> {
    let unfit = || format!("`{text}` is not a value of type {ty}");
    let integer = || {
        let (negative, digits) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let digits = digits.replace('_', "");
        if !digits.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let magnitude = match digits.strip_prefix("0x") {
            Some(hex) => i128::from_str_radix(hex, 16),
            None => digits.parse::<i128>(),
        };
        magnitude
            .ok()
            .map(|value| if negative { -value } else { value })
    };
    let within = |bits: u32| {
        integer()
            .filter(|value| (-(1i128 << (bits - 1))..1i128 << bits).contains(value))
            .ok_or_else(unfit)
    };
    Ok(match ty {
        // Unsigned values wrap to the signed type that carries the same bits.
        ValType::I32 => Val::I32(within(32)? as i32),
        ValType::I64 => Val::I64(within(64)? as i64),
        ValType::F32 => Val::F32(text.parse::<f32>().map_err(|_| unfit())?.to_bits()),
        ValType::F64 => Val::F64(text.parse::<f64>().map_err(|_| unfit())?.to_bits()),
        ValType::V128 => {
            let hex = text.strip_prefix("0x").ok_or_else(unfit)?;
            Val::V128(u128::from_str_radix(hex, 16).map_err(|_| unfit())?.into())
        }
        ValType::Ref(reference) if reference.is_nullable() && text == "null" => {
            Val::null_ref(reference.heap_type())
        }
        ValType::Ref(_) => {
            return Err(format!(
                "a value of type {ty} cannot be written; only `null` can"
            ));
        }
    })
}

fn show(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => f32::from_bits(*bits).to_string(),
        Val::F64(bits) => f64::from_bits(*bits).to_string(),
        Val::V128(value) => format!("{:#034x}", value.as_u128()),
        Val::FuncRef(None)
        | Val::ExternRef(None)
        | Val::AnyRef(None)
        | Val::ExnRef(None)
        | Val::ContRef(None) => "null".into(),
        Val::FuncRef(_) => "<funcref>".into(),
        Val::ExternRef(_) => "<externref>".into(),
        Val::AnyRef(_) => "<anyref>".into(),
        Val::ExnRef(_) => "<exnref>".into(),
        Val::ContRef(_) => "<contref>".into(),
    }
}

/// Wasmtime reports a passed count (instances, memories, tables) as text alone.
pub(crate) fn count_limit(error: &wasmtime::Error, limits: &Limits) -> Option<LimitExceeded> {
    let text = crate::error::chain(error);
    let (kind, limit) = if !text.contains("resource limit exceeded") {
        return None;
    } else if text.contains("instance count") {
        (LimitKind::Instances, limits.instances)
    } else if text.contains("memory count") {
        (LimitKind::Memories, limits.memories)
    } else if text.contains("table count") {
        (LimitKind::Tables, limits.tables)
    } else {
        return None;
    };
    Some(LimitExceeded {
        kind,
        limit: limit as u64,
        requested: None,
    })
}

/// What a call of the host was refused for, which Wasmtime says as text alone.
pub(crate) fn host_limit(error: &wasmtime::Error, limits: &Limits) -> Option<LimitExceeded> {
    let text = crate::error::chain(error);
    let (kind, limit) = if text.contains("allocated for hostcalls")
        || (text.contains("requested len") && text.contains("exceeds limit"))
    {
        (LimitKind::HostBytes, limits.host_bytes)
    } else if error.chain().any(|cause| {
        matches!(
            cause.downcast_ref::<component::ResourceTableError>(),
            Some(component::ResourceTableError::Full)
        )
    }) {
        (LimitKind::Handles, limits.handles)
    } else {
        return None;
    };
    Some(LimitExceeded {
        kind,
        limit: limit as u64,
        requested: None,
    })
}
