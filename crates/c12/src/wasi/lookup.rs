//! `wasi:sockets/ip-name-lookup`, name by name: a rule for one name must not open the others, or the
//! names themselves would carry data out.

use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;

use wasmtime::component::{Accessor, HasData, Resource};
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{self as lookup2, ResolveAddressStream};
use wasmtime_wasi::p2::bindings::sockets::network::{
    self as network2, ErrorCode, IpAddress, Network,
};
use wasmtime_wasi::p2::{DynPollable, SocketError};
use wasmtime_wasi::p3::bindings::sockets::ip_name_lookup as lookup3;
use wasmtime_wasi::p3::bindings::sockets::types::IpAddress as IpAddress3;
use wasmtime_wasi::sockets::{WasiSocketsCtxView, WasiSocketsView};

use super::NetworkRule;
use crate::Context;

/// The data of these interfaces.
pub(super) struct Lookup;

impl HasData for Lookup {
    type Data<'a> = Names<'a>;
}

/// WASI's own implementation, and the rules that say which names it may see.
pub(super) struct Names<'a> {
    sockets: WasiSocketsCtxView<'a>,
    rules: Arc<Vec<NetworkRule>>,
}

impl Names<'_> {
    fn allows(&self, name: &str) -> bool {
        let allowed = self.rules.iter().any(|rule| rule.allows_lookup(name));
        if !allowed {
            tracing::debug!(%name, "look-up refused: no network rule allows it");
        }
        allowed
    }
}

/// The names that an instance may look up.
pub(super) fn names(context: &mut Context) -> Names<'_> {
    let rules = context.http_policy.rules();
    Names {
        sockets: context.sockets(),
        rules,
    }
}

impl network2::Host for Names<'_> {
    fn convert_error_code(&mut self, error: SocketError) -> wasmtime::Result<ErrorCode> {
        self.sockets.convert_error_code(error)
    }

    fn network_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        self.sockets.network_error_code(error)
    }
}

impl network2::HostNetwork for Names<'_> {
    fn drop(&mut self, network: Resource<Network>) -> wasmtime::Result<()> {
        network2::HostNetwork::drop(&mut self.sockets, network)
    }
}

impl lookup2::Host for Names<'_> {
    fn resolve_addresses(
        &mut self,
        network: Resource<Network>,
        name: String,
    ) -> Result<Resource<ResolveAddressStream>, SocketError> {
        if !self.allows(&name) {
            return Err(ErrorCode::PermanentResolverFailure.into());
        }
        self.sockets.resolve_addresses(network, name)
    }
}

impl lookup2::HostResolveAddressStream for Names<'_> {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> Result<Option<IpAddress>, SocketError> {
        self.sockets.resolve_next_address(stream)
    }

    fn subscribe(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        self.sockets.subscribe(stream)
    }

    fn drop(&mut self, stream: Resource<ResolveAddressStream>) -> wasmtime::Result<()> {
        lookup2::HostResolveAddressStream::drop(&mut self.sockets, stream)
    }
}

impl lookup3::Host for Names<'_> {}

impl lookup3::HostWithStore<Context> for Lookup {
    async fn resolve_addresses(
        store: &Accessor<Context, Self>,
        name: String,
    ) -> wasmtime::Result<Result<Vec<IpAddress3>, lookup3::ErrorCode>> {
        if !store.with(|mut access| access.get().allows(&name)) {
            return Ok(Err(lookup3::ErrorCode::PermanentResolverFailure));
        }
        let resolved = tokio::task::spawn_blocking(move || {
            let found = (name.as_str(), 0).to_socket_addrs()?;
            Ok::<Vec<IpAddr>, std::io::Error>(found.map(|address| address.ip()).collect())
        });
        Ok(match resolved.await {
            Ok(Ok(addresses)) => Ok(addresses.into_iter().map(Into::into).collect()),
            _ => Err(lookup3::ErrorCode::NameUnresolvable),
        })
    }
}
