//! What the host keeps for one instance.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::limits::Account;
use crate::plugin::{InstanceRequest, Plugin, PluginError};
use crate::wasi::http::HttpPolicy;

/// The host's side of one instance: its WASI state, its resources, its account of limits, and
/// whatever its plugins keep. It is the `T` of Wasmtime's `Store<T>`.
pub struct Context {
    pub(crate) wasi: WasiCtx,
    pub(crate) preview1: Option<Box<WasiP1Ctx>>,
    pub(crate) http: WasiHttpCtx,
    pub(crate) http_policy: HttpPolicy,
    pub(crate) account: Account,
    table: ResourceTable,
    plugins: HashMap<(TypeId, String), Box<dyn Any + Send>>,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl Context {
    pub(crate) fn new(
        wasi: WasiCtx,
        preview1: Option<WasiP1Ctx>,
        http_policy: HttpPolicy,
        account: Account,
    ) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(account.limits().handles);
        Context {
            wasi,
            preview1: preview1.map(Box::new),
            http: WasiHttpCtx::new(),
            http_policy,
            account,
            table,
            plugins: HashMap::new(),
        }
    }

    pub(crate) fn attach(
        &mut self,
        plugins: &[Arc<dyn Plugin>],
        instance: InstanceRequest<'_>,
    ) -> Result<(), (String, PluginError)> {
        for plugin in plugins {
            let name = plugin.name().to_owned();
            match plugin.instance_state(&instance) {
                Ok(None) => {}
                Ok(Some(state)) => {
                    self.plugins.insert(((*state).type_id(), name), state);
                }
                Err(error) => return Err((name, error)),
            }
        }
        Ok(())
    }

    /// The state of type `T` that the plugin called `name` made for this instance in [`Plugin::instance_state`].
    pub fn plugin<T: Any + Send>(&mut self, name: &str) -> Option<&mut T> {
        let key = (TypeId::of::<T>(), name.to_owned());
        self.plugins.get_mut(&key)?.downcast_mut()
    }

    /// The table of the resources that the guest holds handles to.
    pub fn resources(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiView for Context {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Context {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.http_policy,
        }
    }
}
