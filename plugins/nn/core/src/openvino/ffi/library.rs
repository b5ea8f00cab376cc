#![allow(unsafe_code)]

use std::ffi::{CStr, CString};
use std::path::Path;

use super::compiled::Compiled;
use super::raw::{
    Functions, NOT_FOUND, OK, RawCore, RawDevices, RawModel, RawVersion, Status, TYPES,
};
use super::tensor::NativeTensor;
use crate::foreign::{self, Loaded, Owned};
use crate::native_type::NativeType;
use crate::{Error, Result};

/// OpenVINO, loaded. Its functions may be called from several threads, as its documentation says of `ov::Core`,
/// `ov::Model` and `ov::CompiledModel`.
pub(crate) struct Library {
    pub(super) functions: Functions,
    core: Owned<RawCore>,
    version: String,
}

// SAFETY: `ov::Core` may be used by several threads.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

static LOADED: Loaded<Library> = Loaded::new();

impl Library {
    /// The library at this path, once and for all.
    pub(crate) fn at(path: &Path) -> Result<&'static Self, String> {
        LOADED.get(path, Self::load)
    }

    fn load(path: &Path) -> Result<Self, String> {
        let library = foreign::open(path)?;
        // SAFETY: these are OpenVINO's functions, and their types are those of its headers.
        let functions = unsafe { Functions::find(library) }?;
        let mut core = std::ptr::null_mut();
        // SAFETY: it is called as the header says.
        let status = unsafe { (functions.ov_core_create)(&raw mut core) };
        // SAFETY: what the function gives is freed once.
        let core = unsafe { Owned::new(core, functions.ov_core_free) };
        let (OK, Some(core)) = (status, core) else {
            return Err(format!("it does not start: {}", functions.last_error()));
        };
        let library = Self {
            version: functions.version(),
            functions,
            core,
        };
        library.check_types()?;
        Ok(library)
    }

    /// The numbers of element types have changed between versions. A library that has others is noticed here.
    fn check_types(&self) -> Result<(), String> {
        for (_, ty) in TYPES {
            let fits = NativeTensor::new(self, ty, &[1])
                .and_then(|tensor| tensor.byte_size(self))
                .is_ok_and(|size| size == ty.size());
            if !fits {
                return Err(format!(
                    "OpenVINO {} numbers its types in another way; 2025.1 and later are supported",
                    self.version
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The names of the devices, such as `CPU` and `GPU.0`.
    pub(crate) fn devices(&self) -> Vec<String> {
        let mut raw = RawDevices {
            devices: std::ptr::null_mut(),
            count: 0,
        };
        // SAFETY: the core is valid, and `raw` can be written to.
        let status = unsafe {
            (self.functions.ov_core_get_available_devices)(self.core.as_ptr(), &raw mut raw)
        };
        if status != OK || raw.devices.is_null() {
            return Vec::new();
        }
        // SAFETY: the library gives as many texts as it says.
        let names = unsafe { std::slice::from_raw_parts(raw.devices, raw.count) };
        let names = names
            .iter()
            // SAFETY: each is a text that ends with a zero.
            .map(|name| unsafe { foreign::text(*name) })
            .collect();
        // SAFETY: they are not used any more, and freed once.
        unsafe { (self.functions.ov_available_devices_free)(&raw mut raw) };
        names
    }

    /// Reads a model from its files.
    pub(crate) fn read_files(&self, model: &Path, weights: Option<&Path>) -> Result<Model> {
        let model = path_text(model)?;
        let weights = weights.map(path_text).transpose()?;
        let weights = weights
            .as_ref()
            .map_or(std::ptr::null(), |path| path.as_ptr());
        let mut raw = std::ptr::null_mut();
        // SAFETY: the core is valid, the paths end with a zero, and `raw` can be written to.
        let status = unsafe {
            (self.functions.ov_core_read_model)(
                self.core.as_ptr(),
                model.as_ptr(),
                weights,
                &raw mut raw,
            )
        };
        self.read(status, raw)
    }

    /// Reads a model from memory, which is not used any more afterwards.
    pub(crate) fn read_bytes(&self, model: &[u8], weights: Option<&[u8]>) -> Result<Model> {
        let weights = weights.map(|bytes| self.weights(bytes)).transpose()?;
        let weights = weights
            .as_ref()
            .map_or(std::ptr::null_mut(), |tensor| tensor.0.as_ptr());
        let mut raw = std::ptr::null_mut();
        // SAFETY: the core is valid, the model has as many bytes, the weights are a tensor or null, whose memory the
        // model keeps a share of, and `raw` can be written to.
        let status = unsafe {
            (self.functions.ov_core_read_model_from_memory_buffer)(
                self.core.as_ptr(),
                model.as_ptr().cast(),
                model.len(),
                weights,
                &raw mut raw,
            )
        };
        self.read(status, raw)
    }

    fn read(&self, status: Status, raw: *mut RawModel) -> Result<Model> {
        // SAFETY: what the functions give is freed once.
        let model = unsafe { Owned::new(raw, self.functions.ov_model_free) };
        match (status, model) {
            (OK, Some(model)) => Ok(Model(model)),
            _ => Err(Error::invalid_encoding(format!(
                "OpenVINO cannot read the model: {}",
                self.functions.last_error()
            ))),
        }
    }

    fn weights(&self, bytes: &[u8]) -> Result<NativeTensor> {
        let size = i64::try_from(bytes.len())
            .map_err(|_| Error::too_large("the weights do not fit into memory"))?;
        let tensor = NativeTensor::with_shape(self, NativeType::U8, vec![size])?;
        tensor.write(self, bytes)?;
        Ok(tensor)
    }

    /// Compiles a model for a device. Of a property that is there twice, the last value counts.
    pub(crate) fn compile(
        &'static self,
        model: &Model,
        device: &CStr,
        properties: &[(&CStr, CString); 3],
    ) -> Result<Compiled> {
        let [(first, one), (second, two), (third, three)] = properties;
        let mut raw = std::ptr::null_mut();
        // SAFETY: core and model are valid, the texts end with a zero, there are six of them as is said, and `raw` can
        // be written to.
        let status = unsafe {
            (self.functions.ov_core_compile_model)(
                self.core.as_ptr(),
                model.0.as_ptr(),
                device.as_ptr(),
                6,
                &raw mut raw,
                first.as_ptr(),
                one.as_ptr(),
                second.as_ptr(),
                two.as_ptr(),
                third.as_ptr(),
                three.as_ptr(),
            )
        };
        // SAFETY: what the function gives is freed once.
        let compiled = unsafe { Owned::new(raw, self.functions.ov_compiled_model_free) };
        match (status, compiled) {
            (OK, Some(raw)) => Ok(Compiled { library: self, raw }),
            _ => Err(Error::invalid_encoding(format!(
                "OpenVINO cannot compile the model: {}",
                self.functions.last_error()
            ))),
        }
    }
}

impl Functions {
    fn version(&self) -> String {
        let mut raw = RawVersion {
            build: std::ptr::null(),
            description: std::ptr::null(),
        };
        // SAFETY: `raw` can be written to; the text is copied before it is freed, once.
        unsafe {
            if (self.ov_get_openvino_version)(&raw mut raw) != OK {
                return String::new();
            }
            let build = foreign::text(raw.build);
            (self.ov_version_free)(&raw mut raw);
            // Such as `2026.4.1-22982-e213a147257-releases/2026/4`.
            build.split('-').next().unwrap_or_default().to_owned()
        }
    }

    /// Why the last function failed, in one line. The library keeps one text for all threads.
    pub(super) fn last_error(&self) -> String {
        // SAFETY: the text is the library's and copied at once; it is freed by the one who asks.
        let text = unsafe {
            let pointer = (self.ov_get_last_err_msg)();
            let text = foreign::text(pointer);
            (self.ov_free)(pointer);
            text
        };
        crate::openvino::reason(&text)
    }
}

fn path_text(path: &Path) -> Result<CString> {
    path.to_str()
        .and_then(|path| CString::new(path).ok())
        .ok_or_else(|| Error::not_found("the model's file has a name that is not UTF-8"))
}

/// A model that has been read.
pub(crate) struct Model(Owned<RawModel>);

impl Library {
    pub(super) fn checked(&self, status: Status) -> Result<()> {
        match status {
            OK => Ok(()),
            NOT_FOUND => Err(Error::invalid_argument(self.functions.last_error())),
            _ => Err(Error::runtime(format!(
                "OpenVINO failed: {}",
                self.functions.last_error()
            ))),
        }
    }
}
