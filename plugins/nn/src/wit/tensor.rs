//! `wasi:nn/tensor`, by hand: the generated form of `data` would copy every tensor twice.

use bytes::Bytes;
use c12::Context;
use c12_nn_core::TensorType;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};

use super::bindings::wasi::nn::tensor as wit;
use super::{trap, view};
use crate::session::CountedTensor;

pub(crate) const INTERFACE: &str = "wasi:nn/tensor@0.2.0-rc-2024-10-28";

/// A tensor in a guest's hands.
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct Tensor(pub(super) CountedTensor);

pub(super) fn link(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    let mut instance = linker.instance(INTERFACE)?;
    instance.resource(
        "tensor",
        ResourceType::host::<Tensor>(),
        |mut store: StoreContextMut<'_, Context>, representation| {
            let tensor = Resource::<Tensor>::new_own(representation);
            store.data_mut().resources().delete(tensor)?;
            Ok(())
        },
    )?;
    instance.func_wrap(
        "[constructor]tensor",
        |mut store: StoreContextMut<'_, Context>,
         (dimensions, ty, data): (Vec<u32>, wit::TensorType, Bytes)|
         -> wasmtime::Result<(Resource<Tensor>,)> {
            let view = view(store.data_mut());
            let tensor = c12_nn_core::Tensor {
                ty: ty.into(),
                dimensions,
                data,
            };
            // The interface has no error here.
            let counted = view.session()?.count(tensor).map_err(|error| {
                let help = error.help().map(|help| format!("; {help}"));
                trap(format_args!("{error}{}", help.unwrap_or_default()))
            })?;
            Ok((view.table.push(Tensor(counted))?,))
        },
    )?;
    instance.func_wrap(
        "[method]tensor.dimensions",
        |mut store: StoreContextMut<'_, Context>,
         (tensor,): (Resource<Tensor>,)|
         -> wasmtime::Result<(Vec<u32>,)> {
            let tensor = &store.data_mut().resources().get(&tensor)?.0.tensor;
            Ok((tensor.dimensions.clone(),))
        },
    )?;
    instance.func_wrap(
        "[method]tensor.ty",
        |mut store: StoreContextMut<'_, Context>,
         (tensor,): (Resource<Tensor>,)|
         -> wasmtime::Result<(wit::TensorType,)> {
            let tensor = &store.data_mut().resources().get(&tensor)?.0.tensor;
            Ok((tensor.ty.into(),))
        },
    )?;
    instance.func_wrap(
        "[method]tensor.data",
        |mut store: StoreContextMut<'_, Context>,
         (tensor,): (Resource<Tensor>,)|
         -> wasmtime::Result<(Bytes,)> {
            let tensor = &store.data_mut().resources().get(&tensor)?.0.tensor;
            Ok((tensor.data.clone(),))
        },
    )
}

impl From<wit::TensorType> for TensorType {
    fn from(ty: wit::TensorType) -> Self {
        match ty {
            wit::TensorType::Fp16 => TensorType::F16,
            wit::TensorType::Fp32 => TensorType::F32,
            wit::TensorType::Fp64 => TensorType::F64,
            wit::TensorType::Bf16 => TensorType::Bf16,
            wit::TensorType::U8 => TensorType::U8,
            wit::TensorType::I32 => TensorType::I32,
            wit::TensorType::I64 => TensorType::I64,
        }
    }
}

impl From<TensorType> for wit::TensorType {
    fn from(ty: TensorType) -> Self {
        match ty {
            TensorType::F16 => wit::TensorType::Fp16,
            TensorType::F32 => wit::TensorType::Fp32,
            TensorType::F64 => wit::TensorType::Fp64,
            TensorType::Bf16 => wit::TensorType::Bf16,
            TensorType::U8 => wit::TensorType::U8,
            TensorType::I32 => wit::TensorType::I32,
            TensorType::I64 => wit::TensorType::I64,
        }
    }
}
