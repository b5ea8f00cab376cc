use std::sync::LazyLock;

use wasmtime::{
    Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmBacktraceDetails,
    WasmFeatures,
};

use super::{EngineBuilder, Flavour, Optimize};
use crate::Error;

/// Host frames (WASI, plugins) need stack of their own on top of the guest's.
const HOST_STACK: usize = 1 << 20;

/// Wasmtime's settings for a flavour. What compiles and what loads must agree in all of them, so both
/// come from here and differ in the compiler alone.
pub(crate) fn config(
    options: &EngineBuilder,
    flavour: Flavour,
    compiler: bool,
) -> Result<Config, Error> {
    let mut config = Config::new();
    config.enable_compiler(compiler);
    config.concurrency_support(flavour.concurrent);
    config.epoch_interruption(flavour.interruptible);
    config.consume_fuel(flavour.fuel);
    config.wasm_features(features(flavour.concurrent), true);
    config.relaxed_simd_deterministic(flavour.deterministic);
    config.max_wasm_stack(options.stack);
    config.async_stack_size(options.stack.saturating_add(HOST_STACK));
    // Backtraces walk frame pointers; unwind tables would serve native debuggers alone and cost time at every load.
    config.native_unwind_info(false);
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    if compiler {
        config.cranelift_opt_level(match options.optimize {
            Optimize::Speed => OptLevel::Speed,
            Optimize::SpeedAndSize => OptLevel::SpeedAndSize,
            Optimize::None => OptLevel::None,
        });
        if flavour.deterministic {
            config.cranelift_nan_canonicalization(true);
        }
        if let Some(target) = &options.target {
            config.target(target).map_err(|error| Error::Configuration {
                message: format!("cannot compile for `{target}`: {}", crate::error::chain(&error)),
                help: "name a target triple of x86_64, aarch64, riscv64gc or s390x, such as aarch64-unknown-linux-gnu".into(),
            })?;
        }
    }
    if let Some(instances) = options.pool {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(instances)));
    }
    Ok(config)
}

/// All of WebAssembly 3.0, and the component model, with its async part where the engine is made for it.
fn features(concurrent: bool) -> WasmFeatures {
    let mut features = WasmFeatures::WASM3 | WasmFeatures::COMPONENT_MODEL | WasmFeatures::THREADS;
    if concurrent {
        features |= WasmFeatures::CM_ASYNC;
    }
    features
}

fn pool(instances: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    // A component of several core modules takes several core instances, memories and tables.
    let parts = instances.saturating_mul(4);
    pool.total_component_instances(instances);
    pool.total_core_instances(parts);
    pool.total_memories(parts.min(instances.saturating_mul(2)));
    pool.total_tables(parts);
    pool.total_stacks(instances);
    pool.max_memory_size(4 << 30);
    pool.linear_memory_keep_resident(256 << 10);
    pool.table_keep_resident(64 << 10);
    pool
}

/// What the CPU can do, as far as compiled code depends on it: a cache folder may be shared by machines.
pub(crate) static CPU_IDENTITY: LazyLock<String> = LazyLock::new(|| {
    let mut features = vec![std::env::consts::ARCH, std::env::consts::OS];
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! feature {
            ($($name:tt)*) => { $(if std::arch::is_x86_feature_detected!($name) { features.push($name); })* };
        }
        feature!("sse3" "ssse3" "sse4.1" "sse4.2" "popcnt" "avx" "avx2" "fma" "bmi1" "bmi2" "lzcnt" "avx512bitalg" "avx512dq" "avx512f" "avx512vl" "avx512vbmi");
    }
    features.join(",")
});
