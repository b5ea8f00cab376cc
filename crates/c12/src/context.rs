//! What the host keeps for one instance.

use std::any::Any;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::limits::Account;
use crate::plugin::{Place, State};
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
    /// What each plugin of the workload keeps, by its place.
    plugins: Vec<Option<State>>,
    /// A core module makes room for what a plugin returned.
    pub(crate) taking_result: bool,
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
            plugins: Vec::new(),
            taking_result: false,
        }
    }

    pub(crate) fn attach(&mut self, plugins: Vec<Option<State>>) {
        self.plugins = plugins;
    }

    /// The state of type `T` that some plugin made for this instance in
    /// [`Provider::instantiate`](crate::plugin::Provider::instantiate).
    pub fn plugin<T: Any + Send>(&mut self) -> Option<&mut T> {
        self.plugins
            .iter_mut()
            .flatten()
            .find_map(|state| state.downcast_mut())
    }

    /// The state of type `T` that the plugin at that place made for this instance.
    pub fn state<T: Any + Send>(&mut self, place: Place) -> Option<&mut T> {
        self.plugins.get_mut(place.0)?.as_mut()?.downcast_mut()
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
