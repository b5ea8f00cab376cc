//! Fields by their numbers in TensorFlow Lite's schema.

pub(super) mod model {
    pub(crate) const OPERATOR_CODES: usize = 1;
    pub(crate) const SUBGRAPHS: usize = 2;
    pub(crate) const BUFFERS: usize = 4;
    pub(crate) const METADATA: usize = 6;
    pub(crate) const EXTERNAL_BUFFER_GROUPS: usize = 8;
    pub(crate) const EXTERNAL_BUFFERS: usize = 9;
}
pub(super) mod operator_code {
    pub(crate) const DEPRECATED_BUILTIN_CODE: usize = 0;
    pub(crate) const BUILTIN_CODE: usize = 3;
}
pub(super) mod subgraph {
    pub(crate) const TENSORS: usize = 0;
    pub(crate) const INPUTS: usize = 1;
    pub(crate) const OUTPUTS: usize = 2;
    pub(crate) const OPERATORS: usize = 3;
}
pub(super) mod tensor {
    pub(crate) const SHAPE: usize = 0;
    pub(crate) const BUFFER: usize = 2;
    pub(crate) const QUANTIZATION: usize = 4;
    pub(crate) const IS_VARIABLE: usize = 5;
    pub(crate) const SHAPE_SIGNATURE: usize = 7;
}
pub(super) mod quantization {
    pub(crate) const DETAILS_TYPE: usize = 4;
    pub(crate) const DETAILS: usize = 5;
    pub(crate) const BLOCKWISE: i8 = 2;
}
pub(super) mod reshape_options {
    pub(crate) const NEW_SHAPE: usize = 0;
}
pub(super) mod gather_options {
    pub(crate) const BATCH_DIMS: usize = 1;
}
pub(super) mod operator {
    pub(crate) const OPCODE_INDEX: usize = 0;
    pub(crate) const INPUTS: usize = 1;
    pub(crate) const OUTPUTS: usize = 2;
    pub(crate) const OPTIONS: usize = 4;
    pub(crate) const OPTIONS_2: usize = 12;
}
pub(super) mod buffer {
    pub(crate) const DATA: usize = 0;
    pub(crate) const OFFSET: usize = 1;
}
pub(super) mod metadata {
    pub(crate) const NAME: usize = 0;
}
