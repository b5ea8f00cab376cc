#![allow(unsafe_code)]

use super::library::Library;
use super::raw::{OK, RawCompiled, RawDimension, RawPartialShape, RawPort, Status, type_of};
use super::request::Request;
use crate::foreign::{self, Owned};
use crate::native_type::NativeType;
use crate::{Dimension, Error, Result};

/// A model that can be run.
pub(crate) struct Compiled {
    pub(super) library: &'static Library,
    pub(super) raw: Owned<RawCompiled>,
}

// SAFETY: `ov::CompiledModel` may be used by several threads.
unsafe impl Send for Compiled {}
// SAFETY: as above.
unsafe impl Sync for Compiled {}

/// What is known of an input or an output.
pub(crate) struct Port {
    pub(crate) name: String,
    /// `None` for types that guests cannot have.
    pub(crate) ty: Option<NativeType>,
    /// `None` where not even the number of dimensions is known.
    pub(crate) dimensions: Option<Vec<Dimension>>,
}

type PortByIndex = unsafe extern "C" fn(*const RawCompiled, usize, *mut *mut RawPort) -> Status;

impl Compiled {
    pub(crate) fn inputs(&self) -> Result<Vec<Port>> {
        let functions = &self.library.functions;
        self.ports(
            functions.ov_compiled_model_inputs_size,
            functions.ov_compiled_model_input_by_index,
        )
    }

    pub(crate) fn outputs(&self) -> Result<Vec<Port>> {
        let functions = &self.library.functions;
        self.ports(
            functions.ov_compiled_model_outputs_size,
            functions.ov_compiled_model_output_by_index,
        )
    }

    fn ports(
        &self,
        count: unsafe extern "C" fn(*const RawCompiled, *mut usize) -> Status,
        by_index: PortByIndex,
    ) -> Result<Vec<Port>> {
        let mut number = 0;
        // SAFETY: the model is valid, and `number` can be written to.
        let status = unsafe { count(self.raw.as_ptr(), &raw mut number) };
        self.library.checked(status)?;
        (0..number)
            .map(|index| self.port(by_index, index))
            .collect()
    }

    fn port(&self, by_index: PortByIndex, index: usize) -> Result<Port> {
        let functions = &self.library.functions;
        let mut raw = std::ptr::null_mut();
        // SAFETY: the model is valid, and `raw` can be written to.
        let status = unsafe { by_index(self.raw.as_ptr(), index, &raw mut raw) };
        self.library.checked(status)?;
        // SAFETY: what the function gives is freed once.
        let port = unsafe { Owned::new(raw, functions.ov_output_const_port_free) }
            .ok_or_else(|| Error::runtime("OpenVINO gave nothing"))?;
        let mut number = 0;
        // SAFETY: the port is valid, and `number` can be written to.
        let status =
            unsafe { (functions.ov_port_get_element_type)(port.as_ptr(), &raw mut number) };
        self.library.checked(status)?;
        Ok(Port {
            name: self.port_name(&port),
            ty: type_of(number),
            dimensions: self.port_dimensions(&port)?,
        })
    }

    /// Empty if it has none.
    fn port_name(&self, port: &Owned<RawPort>) -> String {
        let functions = &self.library.functions;
        let mut raw = std::ptr::null_mut();
        // SAFETY: the port is valid, and `raw` can be written to; the text is copied before it is freed, once.
        unsafe {
            if (functions.ov_port_get_any_name)(port.as_ptr(), &raw mut raw) != OK {
                return String::new();
            }
            let name = foreign::text(raw);
            (functions.ov_free)(raw);
            name
        }
    }

    fn port_dimensions(&self, port: &Owned<RawPort>) -> Result<Option<Vec<Dimension>>> {
        let functions = &self.library.functions;
        let mut raw = RawPartialShape {
            rank: RawDimension { min: 0, max: 0 },
            dimensions: std::ptr::null_mut(),
        };
        // SAFETY: the port is valid, and `raw` can be written to.
        let status = unsafe { (functions.ov_port_get_partial_shape)(port.as_ptr(), &raw mut raw) };
        self.library.checked(status)?;
        let known = raw.rank.min == raw.rank.max;
        let rank = usize::try_from(raw.rank.min).unwrap_or(0);
        let dimensions = if rank == 0 || raw.dimensions.is_null() {
            Vec::new()
        } else {
            // SAFETY: the library gives as many dimensions as the rank says.
            unsafe { std::slice::from_raw_parts(raw.dimensions, rank) }
                .iter()
                .map(|dimension| dimension_of(*dimension))
                .collect()
        };
        // SAFETY: it is not used any more, and freed once.
        unsafe { (functions.ov_partial_shape_free)(&raw mut raw) };
        Ok(known.then_some(dimensions))
    }

    /// A request of its own.
    pub(crate) fn request(&self) -> Result<Request> {
        let functions = &self.library.functions;
        let mut raw = std::ptr::null_mut();
        // SAFETY: the model is valid, and `raw` can be written to.
        let status = unsafe {
            (functions.ov_compiled_model_create_infer_request)(self.raw.as_ptr(), &raw mut raw)
        };
        self.library.checked(status)?;
        // SAFETY: what the function gives is freed once.
        let raw = unsafe { Owned::new(raw, functions.ov_infer_request_free) }
            .ok_or_else(|| Error::runtime("OpenVINO gave nothing"))?;
        Ok(Request::new(self.library, raw))
    }
}

fn dimension_of(raw: RawDimension) -> Dimension {
    match u32::try_from(raw.min) {
        Ok(size) if raw.min == raw.max => Dimension::Fixed(size),
        _ => Dimension::Free(None),
    }
}
