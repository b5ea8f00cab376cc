//! The C structures of `c12_plugin.h`, which see for what each means. Names follow it.
#![allow(missing_docs)]

use std::ffi::{c_char, c_void};

/// The version of the contract.
pub const ABI: u32 = 1;
/// The symbol that the host looks for, with its terminating zero.
pub const SYMBOL: &[u8] = b"c12_plugin\0";

pub const OK: Status = 0;
pub const TRAP: Status = 1;

pub const LOG_ERROR: u32 = 1;
pub const LOG_WARN: u32 = 2;
pub const LOG_INFO: u32 = 3;
pub const LOG_DEBUG: u32 = 4;
pub const LOG_TRACE: u32 = 5;

pub const TEXT: u32 = 0;
pub const INTEGER: u32 = 1;
pub const BOOLEAN: u32 = 2;
pub const PATH: u32 = 3;
pub const SECRET: u32 = 4;

/// A flag of [`Export`].
pub const BLOCKING: u32 = 1;

pub type Status = i32;
pub type Resource = u64;

/// UTF-8 text.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Str {
    pub data: *const u8,
    pub len: usize,
}

/// Elements one after another.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct List {
    pub data: *const c_void,
    pub len: usize,
}

/// One call; its fields are the host's.
#[repr(C)]
#[derive(Debug)]
pub struct Call {
    _private: [u8; 0],
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Host {
    pub size: usize,
    pub abi: u32,
    pub reserved: u32,
    pub alloc: unsafe extern "C" fn(call: *mut Call, size: usize, align: usize) -> *mut c_void,
    pub defer: unsafe extern "C" fn(
        call: *mut Call,
        release: unsafe extern "C" fn(data: *mut c_void),
        data: *mut c_void,
    ),
    pub fail: unsafe extern "C" fn(call: *mut Call, message: *const u8, len: usize),
    pub log:
        unsafe extern "C" fn(plugin: *const c_char, level: u32, message: *const u8, len: usize),
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub key: Str,
    pub value: Str,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub size: usize,
    pub settings: *const Setting,
    pub count: usize,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub size: usize,
    pub name: *const c_char,
    pub description: *const c_char,
    pub fallback: *const c_char,
    pub kind: u32,
    pub required: u32,
}

pub type Function = unsafe extern "C" fn(
    call: *mut Call,
    instance: *mut c_void,
    arguments: *const c_void,
    results: *mut c_void,
) -> Status;

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Export {
    pub size: usize,
    pub interface_name: *const c_char,
    pub name: *const c_char,
    pub function: Option<Function>,
    pub flags: u32,
    pub reserved: u32,
}

pub type Open = unsafe extern "C" fn(
    call: *mut Call,
    settings: *const Settings,
    plugin: *mut *mut c_void,
) -> Status;
pub type Instantiate = unsafe extern "C" fn(
    call: *mut Call,
    plugin: *mut c_void,
    instance: *mut *mut c_void,
) -> Status;
pub type Drop = unsafe extern "C" fn(data: *mut c_void);

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Description {
    pub size: usize,
    pub abi: u32,
    pub reserved: u32,
    pub name: *const c_char,
    pub version: *const c_char,
    pub description: *const c_char,
    pub wit: *const c_char,
    pub world: *const c_char,
    pub exports: *const Export,
    pub export_count: usize,
    pub keys: *const Key,
    pub key_count: usize,
    pub open: Option<Open>,
    pub close: Option<Drop>,
    pub instantiate: Option<Instantiate>,
    pub drop_instance: Option<Drop>,
}

/// The type of [`SYMBOL`].
pub type Describe = unsafe extern "C" fn(host: *const Host) -> *const Description;
