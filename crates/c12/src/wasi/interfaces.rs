use std::sync::Arc;

use wasmtime::component::Linker;
use wasmtime_wasi::WasiView;
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView};
use wasmtime_wasi_http::{WasiHttp, WasiHttpView};

use super::lookup::{Lookup, names};
use crate::Context;
use crate::plugin::{Link, Plugin, PluginError, Provided, Provider, Settings};

/// WASI 0.1 for core modules, WASI 0.2 and 0.3 for components.
#[derive(Debug)]
pub(crate) struct Wasi;

type Definition = fn(&mut Linker<Context>) -> wasmtime::Result<()>;

const PREVIEW1: &str = "wasi_snapshot_preview1";
const PREVIEW0: &str = "wasi_unstable";

impl Plugin for Wasi {
    fn name(&self) -> &str {
        "wasi"
    }

    fn description(&self) -> &str {
        "WASI 0.1, 0.2 and 0.3: command line, files, clocks, random numbers, sockets, outgoing HTTP"
    }

    fn provides(&self) -> Vec<Provided> {
        let interfaces = INTERFACES
            .iter()
            .map(|(name, _)| Provided::interface(*name));
        [PREVIEW1, PREVIEW0]
            .into_iter()
            .map(Provided::module)
            .chain(interfaces)
            .collect()
    }

    fn open(&self, _: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
        Ok(Arc::new(Wasi))
    }
}

impl Provider for Wasi {
    fn link_component(
        &self,
        link: &Link<'_>,
        linker: &mut Linker<Context>,
    ) -> Result<(), PluginError> {
        let definition = INTERFACES
            .iter()
            .find(|(name, _)| *name == link.offered.as_str());
        match definition {
            Some((_, define)) => define(linker).map_err(Into::into),
            None => Err(format!("`{}` is not part of WASI", link.offered).into()),
        }
    }

    fn link_module(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        // A context for a core module always has its preview 1 part; the fallback makes this total.
        fn preview1(context: &mut Context) -> &mut wasmtime_wasi::p1::WasiP1Ctx {
            context
                .preview1
                .get_or_insert_with(|| Box::new(wasmtime_wasi::WasiCtxBuilder::new().build_p1()))
        }
        let module = link.offered.as_str();
        match module {
            PREVIEW1 => wasmtime_wasi::p1::add_to_linker_async(linker, preview1),
            _ => wasmtime_wasi::p0::add_to_linker_async(linker, preview1),
        }?;
        // Wasmtime's own traps on codes from 126 up, which programs use: a shell reports 127, a compiler 255.
        linker.func_wrap(module, "proc_exit", |code: i32| -> wasmtime::Result<()> {
            Err(wasmtime::Error::new(wasmtime_wasi::I32Exit(code)))
        })?;
        Ok(())
    }
}

/// Each interface with the function that links it alone, so that only what is imported is linked.
const INTERFACES: &[(&str, Definition)] = {
    use wasmtime_wasi::p2::bindings as p2;
    use wasmtime_wasi::p3::bindings as p3;
    use wasmtime_wasi_http::p2::bindings as http2;
    use wasmtime_wasi_http::p3::bindings as http3;
    &[
        ("wasi:io/error@0.2.12", |l| {
            p2::io::error::add_to_linker::<Context, Table>(l, |t| t.ctx().table)
        }),
        ("wasi:io/poll@0.2.12", |l| {
            p2::io::poll::add_to_linker::<Context, Table>(l, |t| t.ctx().table)
        }),
        ("wasi:io/streams@0.2.12", |l| {
            p2::io::streams::add_to_linker::<Context, Table>(l, |t| t.ctx().table)
        }),
        ("wasi:cli/environment@0.2.12", |l| {
            p2::cli::environment::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/exit@0.2.12", |l| {
            p2::cli::exit::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/stdin@0.2.12", |l| {
            p2::cli::stdin::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/stdout@0.2.12", |l| {
            p2::cli::stdout::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/stderr@0.2.12", |l| {
            p2::cli::stderr::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/terminal-input@0.2.12", |l| {
            p2::cli::terminal_input::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/terminal-output@0.2.12", |l| {
            p2::cli::terminal_output::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/terminal-stdin@0.2.12", |l| {
            p2::cli::terminal_stdin::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/terminal-stdout@0.2.12", |l| {
            p2::cli::terminal_stdout::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/terminal-stderr@0.2.12", |l| {
            p2::cli::terminal_stderr::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:clocks/wall-clock@0.2.12", |l| {
            p2::clocks::wall_clock::add_to_linker::<Context, WasiClocks>(l, Context::clocks)
        }),
        ("wasi:clocks/monotonic-clock@0.2.12", |l| {
            p2::clocks::monotonic_clock::add_to_linker::<Context, WasiClocks>(l, Context::clocks)
        }),
        ("wasi:random/random@0.2.12", |l| {
            p2::random::random::add_to_linker::<Context, WasiRandom>(l, |t| t.wasi.random())
        }),
        ("wasi:random/insecure@0.2.12", |l| {
            p2::random::insecure::add_to_linker::<Context, WasiRandom>(l, |t| t.wasi.random())
        }),
        ("wasi:random/insecure-seed@0.2.12", |l| {
            p2::random::insecure_seed::add_to_linker::<Context, WasiRandom>(l, |t| t.wasi.random())
        }),
        ("wasi:filesystem/types@0.2.12", |l| {
            p2::filesystem::types::add_to_linker::<Context, WasiFilesystem>(l, Context::filesystem)
        }),
        ("wasi:filesystem/preopens@0.2.12", |l| {
            p2::filesystem::preopens::add_to_linker::<Context, WasiFilesystem>(
                l,
                Context::filesystem,
            )
        }),
        ("wasi:sockets/network@0.2.12", |l| {
            p2::sockets::network::add_to_linker::<Context, WasiSockets>(
                l,
                &p2::LinkOptions::default().into(),
                Context::sockets,
            )
        }),
        ("wasi:sockets/instance-network@0.2.12", |l| {
            p2::sockets::instance_network::add_to_linker::<Context, WasiSockets>(
                l,
                Context::sockets,
            )
        }),
        ("wasi:sockets/ip-name-lookup@0.2.12", |l| {
            p2::sockets::ip_name_lookup::add_to_linker::<Context, Lookup>(l, names)
        }),
        ("wasi:sockets/tcp@0.2.12", |l| {
            p2::sockets::tcp::add_to_linker::<Context, WasiSockets>(l, Context::sockets)
        }),
        ("wasi:sockets/tcp-create-socket@0.2.12", |l| {
            p2::sockets::tcp_create_socket::add_to_linker::<Context, WasiSockets>(
                l,
                Context::sockets,
            )
        }),
        ("wasi:sockets/udp@0.2.12", |l| {
            p2::sockets::udp::add_to_linker::<Context, WasiSockets>(l, Context::sockets)
        }),
        ("wasi:sockets/udp-create-socket@0.2.12", |l| {
            p2::sockets::udp_create_socket::add_to_linker::<Context, WasiSockets>(
                l,
                Context::sockets,
            )
        }),
        ("wasi:http/types@0.2.12", |l| {
            http2::http::types::add_to_linker::<Context, WasiHttp>(
                l,
                &http2::LinkOptions::default().into(),
                Context::http,
            )
        }),
        ("wasi:http/outgoing-handler@0.2.12", |l| {
            http2::http::outgoing_handler::add_to_linker::<Context, WasiHttp>(l, Context::http)
        }),
        ("wasi:cli/environment@0.3.0", |l| {
            p3::cli::environment::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/exit@0.3.0", |l| {
            p3::cli::exit::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/stdin@0.3.0", |l| {
            p3::cli::stdin::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/stdout@0.3.0", |l| {
            p3::cli::stdout::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/stderr@0.3.0", |l| {
            p3::cli::stderr::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/terminal-input@0.3.0", |l| {
            p3::cli::terminal_input::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/terminal-output@0.3.0", |l| {
            p3::cli::terminal_output::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/terminal-stdin@0.3.0", |l| {
            p3::cli::terminal_stdin::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/terminal-stdout@0.3.0", |l| {
            p3::cli::terminal_stdout::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:cli/terminal-stderr@0.3.0", |l| {
            p3::cli::terminal_stderr::add_to_linker::<Context, WasiCli>(l, Context::cli)
        }),
        ("wasi:clocks/types@0.3.0", |l| {
            p3::clocks::types::add_to_linker::<Context, WasiClocks>(l, Context::clocks)
        }),
        ("wasi:clocks/monotonic-clock@0.3.0", |l| {
            p3::clocks::monotonic_clock::add_to_linker::<Context, WasiClocks>(l, Context::clocks)
        }),
        ("wasi:clocks/system-clock@0.3.0", |l| {
            p3::clocks::system_clock::add_to_linker::<Context, WasiClocks>(l, Context::clocks)
        }),
        ("wasi:random/random@0.3.0", |l| {
            p3::random::random::add_to_linker::<Context, WasiRandom>(l, |t| t.wasi.random())
        }),
        ("wasi:random/insecure@0.3.0", |l| {
            p3::random::insecure::add_to_linker::<Context, WasiRandom>(l, |t| t.wasi.random())
        }),
        ("wasi:random/insecure-seed@0.3.0", |l| {
            p3::random::insecure_seed::add_to_linker::<Context, WasiRandom>(l, |t| t.wasi.random())
        }),
        ("wasi:filesystem/types@0.3.0", |l| {
            p3::filesystem::types::add_to_linker::<Context, WasiFilesystem>(l, Context::filesystem)
        }),
        ("wasi:filesystem/preopens@0.3.0", |l| {
            p3::filesystem::preopens::add_to_linker::<Context, WasiFilesystem>(
                l,
                Context::filesystem,
            )
        }),
        ("wasi:sockets/types@0.3.0", |l| {
            p3::sockets::types::add_to_linker::<Context, WasiSockets>(l, Context::sockets)
        }),
        ("wasi:sockets/ip-name-lookup@0.3.0", |l| {
            p3::sockets::ip_name_lookup::add_to_linker::<Context, Lookup>(l, names)
        }),
        ("wasi:http/types@0.3.0", |l| {
            http3::http::types::add_to_linker::<Context, WasiHttp>(l, Context::http)
        }),
        ("wasi:http/client@0.3.0", |l| {
            http3::http::client::add_to_linker::<Context, WasiHttp>(l, Context::http)
        }),
    ]
};

/// The `wasi:io` interfaces need nothing but the table of resources.
struct Table;

impl wasmtime::component::HasData for Table {
    type Data<'a> = &'a mut wasmtime::component::ResourceTable;
}
