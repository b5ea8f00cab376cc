//! # Plugins of WasmEdge's C API
//!
//! Loads shared libraries that were written for WasmEdge against the plugin part of its C API
//! (`WasmEdge_Plugin_GetDescriptor`), unchanged, and serves core modules with them. The functions that such a library
//! calls are this crate's; WasmEdge itself is not needed.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let plugin = c12_wasmedge::WasmEdgePlugin::load("libtext_tools.so")?;
//! let host = c12::Host::builder()
//!     .plugin(plugin)
//!     .setting("text_tools", "greeting", "hi")
//!     .build();
//! # Ok(())
//! # }
//! ```
//!
//! ## What loads
//!
//! Libraries for Linux on x86-64 that were built for WasmEdge 0.14 to 0.16 (versions 3 and 4 of the plugin API). Those for
//! 0.17 (version 5) load if they call none of the functions that take other arguments there. The code for ARM64 was
//! never run. Libraries of the C++ interface, of earlier versions, and those that contain WasmEdge are recognised
//! and refused with the reason.
//!
//! ## How a plugin lives
//!
//! 1. Loading: the file is copied to memory, so that it may be replaced; the library's initialisers run, and then
//!    `Create` of each of its modules. The instances are looked at, for only they know the name that guests import from and
//!    the functions, and thrown away (their finalisers run). Options are not set at that time.
//! 2. Opening, when the first guest is linked: if there are settings, another copy of the library is loaded, its options
//!    are written, and its modules are looked at again. So hosts with different settings do not disturb each other.
//! 3. Each instance of a guest: `Create` of all modules, in order, one instance at a time. The module instances are that
//!    guest's own.
//! 4. The end of a guest: for each module instance, in the order of their making, the finaliser, then its functions, tables,
//!    memories and globals. The guest's memory is still there.
//! 5. The library stays loaded until the process ends, as it does in WasmEdge, because it may have started threads.
//!
//! ## What is different from WasmEdge
//!
//! - Guests can import a plugin's functions, not its memories, tables and globals. The plugin itself can use them.
//! - A memory of the guest is found by its index if the guest exports it. Of several memories only the first is found by
//!   index, if it is exported as `memory`; others are found by name, through the calling module.
//! - What belongs to a guest (its memories, tables, globals, functions) can be used during a call from that guest, on the
//!   thread of the call. Outside of it functions answer with code 4, NULL or zero.
//! - An external reference that a plugin did not make cannot be passed to a plugin. A plugin's function that a guest
//!   imports and passes back as a reference is another function instance than the one that the plugin made.
//! - A call of a guest's function blocks the thread until the function returns. `WasmEdge_ExecutorAsyncInvoke`
//!   returns when the call has ended.
//! - When a guest's function that a plugin calls ends the guest, or its time is up, the guest ends, whatever the
//!   plugin makes of it.
//! - `WasmEdge_ResultGetMessage` has a text for every code.
//! - Deleting twice, or what belongs to a module, is logged and ignored.
//! - A value of an option that does not fit is an error.
//! - Functions that run WebAssembly, load it, compile it or look for plugins say in the log that they are not provided,
//!   and fail. Messages go to `tracing`, target `c12::plugin::wasmedge`; a plugin's choice of a log level concerns only these.
//! - While a plugin is loaded, `libwasmedge.so.0` in this process is this crate's, for whoever asks the dynamic
//!   linker for it. If WasmEdge itself was loaded before, plugins are refused.
//!
//! - An exception that leaves a function of the plugin ends the guest, not the process.
//!
//! A plugin has all rights of the process, and a bad pointer of it is the process's. Its functions run on the guest's
//! stack, of which there is at least 1 MiB, and nothing can interrupt them.

#![warn(missing_docs)]

mod abi;
mod error;
mod frame;
mod instances;
mod load;
mod options;
mod plugin;
mod standin;
mod strings;
mod types;
mod values;

pub use error::{CallError, LoadError};
pub use load::{Interface, interface};
pub use plugin::WasmEdgePlugin;
