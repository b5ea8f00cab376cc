//! Looks at a model of TensorFlow Lite before a framework does. The frameworks check that all of a file lies within
//! the file, but not that numbers of tensors, buffers, operators and subgraphs are those of some, nor that a tensor
//! has a value before it is read.

mod buffer;
mod field;
mod rank;

use std::cell::Cell;

use buffer::{Buffer, Table};
pub(crate) use rank::MOST;
use rank::{Operator, Subgraph, Tensor};

use crate::{Code, Error, Result};

/// What a model is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inspection {
    /// It can remember something from one run to the next.
    pub(crate) is_stateful: bool,
    /// How many dimensions tensors have can depend on what a run computes.
    pub(crate) has_free_ranks: bool,
    /// What the largest tensor that is computed takes at least, in bytes, as far as the file knows its dimensions.
    pub(crate) largest_tensor: u64,
}

/// Dimensions that the frameworks have room for.
const RANK: usize = 8;

/// What a single tensor may have.
const ELEMENTS: u64 = 1 << 31;

/// Subgraphs within subgraphs, as loops and branches have them. Frameworks call themselves for each.
const DEPTH: usize = 16;

/// Operators by which a model remembers.
const REMEMBERING: [i32; 12] = [
    16,  // LSTM
    24,  // RNN
    27,  // SVDF
    35,  // UNIDIRECTIONAL_SEQUENCE_RNN
    44,  // UNIDIRECTIONAL_SEQUENCE_LSTM
    46,  // BIDIRECTIONAL_SEQUENCE_RNN
    52,  // BIDIRECTIONAL_SEQUENCE_LSTM
    129, // CALL_ONCE
    136, // HASHTABLE
    142, // VAR_HANDLE
    143, // READ_VARIABLE
    144, // ASSIGN_VARIABLE
];

/// Operators that call subgraphs: where their options are, and which fields are the subgraphs' numbers.
const CALLING: [(i32, usize, &[usize]); 9] = [
    (31, field::operator::OPTIONS, &[0]),       // CALL
    (118, field::operator::OPTIONS, &[0, 1]),   // IF
    (119, field::operator::OPTIONS, &[0, 1]),   // WHILE
    (129, field::operator::OPTIONS, &[0]),      // CALL_ONCE
    (174, field::operator::OPTIONS_2, &[1]),    // STABLEHLO_REDUCE
    (190, field::operator::OPTIONS_2, &[6]),    // STABLEHLO_SCATTER
    (199, field::operator::OPTIONS_2, &[2]),    // STABLEHLO_SORT
    (200, field::operator::OPTIONS_2, &[0, 1]), // STABLEHLO_WHILE
    (206, field::operator::OPTIONS_2, &[1]),    // STABLEHLO_COMPOSITE
];

/// Operators that call subgraphs in ways that are not looked through here; no converter writes them.
const OTHER_CALLING: [i32; 2] = [
    198, // STABLEHLO_REDUCE_WINDOW
    209, // STABLEHLO_CASE
];

/// Looks through a model.
///
/// # Errors
///
/// `invalid-encoding` if it is no such model or contradicts itself, `too-large` if a tensor of it is, `security` if
/// it wants weights from other files.
pub(crate) fn inspect(model: &[u8]) -> Result<Inspection> {
    if model.get(4..8) != Some(b"TFL3") {
        return Err(broken());
    }
    let budget = buffer::budget(model);
    let root = Buffer::new(model, &budget).root().ok_or_else(broken)?;
    refuse_external(root)?;
    let model = Model::read(root).ok_or_else(broken)?;
    let subgraphs = model
        .subgraphs
        .iter()
        .map(|subgraph| model.subgraph(*subgraph))
        .collect::<Result<Vec<_>>>()?;
    let calls: Vec<Vec<usize>> = subgraphs.iter().map(Subgraph::calls).collect();
    check_calls(&calls)?;
    Ok(Inspection {
        // Most are numbers of 32 bits.
        largest_tensor: model.largest.get().saturating_mul(4),
        has_free_ranks: rank::check(&subgraphs)?,
        is_stateful: model
            .operators
            .iter()
            .any(|operator| REMEMBERING.contains(operator)),
    })
}

fn broken() -> Error {
    Error::invalid_encoding("the model is no file of TensorFlow Lite, or it is truncated")
}

fn wrong(what: &str) -> Error {
    Error::invalid_encoding(format!(
        "the model of TensorFlow Lite contradicts itself: {what}"
    ))
}

fn refuse_external(root: Table<'_>) -> Result<()> {
    for number in [
        field::model::EXTERNAL_BUFFER_GROUPS,
        field::model::EXTERNAL_BUFFERS,
    ] {
        if root.vector(number, 4).ok_or_else(broken)?.count > 0 {
            return Err(Error::new(
                Code::Security,
                "the model has weights in other files, which are not loaded",
            ));
        }
    }
    Ok(())
}

/// The parts of a model that others refer to by their numbers.
struct Model<'a> {
    operators: Vec<i32>,
    subgraphs: Vec<Table<'a>>,
    /// Whether each buffer has data.
    buffers: Vec<bool>,
    /// Elements of the largest tensor that is computed, of those that have been looked at.
    largest: Cell<u64>,
}

impl<'a> Model<'a> {
    fn read(root: Table<'a>) -> Option<Self> {
        let operators = root
            .vector(field::model::OPERATOR_CODES, 4)?
            .tables()?
            .iter()
            .map(|code| {
                // The field of a byte is what converters wrote before there were more than 127 operators.
                let old = code.i8(field::operator_code::DEPRECATED_BUILTIN_CODE)?;
                Some(i32::from(old).max(code.i32(field::operator_code::BUILTIN_CODE)?))
            })
            .collect::<Option<_>>()?;
        let buffers = root
            .vector(field::model::BUFFERS, 4)?
            .tables()?
            .iter()
            .map(|buffer| {
                let inside = buffer.vector(field::buffer::DATA, 1)?.count > 0;
                Some(inside || buffer.u64(field::buffer::OFFSET)? > 1)
            })
            .collect::<Option<_>>()?;
        let subgraphs = root.vector(field::model::SUBGRAPHS, 4)?.tables()?;
        for metadata in root.vector(field::model::METADATA, 4)?.tables()? {
            if !metadata.has(field::metadata::NAME)? {
                return None;
            }
        }
        (!subgraphs.is_empty() && root.has(field::model::BUFFERS)?).then_some(Self {
            operators,
            subgraphs,
            buffers,
            largest: Cell::new(0),
        })
    }

    /// Reads a subgraph and checks it.
    fn subgraph(&self, subgraph: Table<'_>) -> Result<Subgraph> {
        let tables = |number| {
            subgraph
                .vector(number, 4)
                .and_then(|vector| vector.tables())
                .ok_or_else(broken)
        };
        let tensors = tables(field::subgraph::TENSORS)?;
        let mut read = Subgraph {
            tensors: Vec::with_capacity(tensors.len()),
            inputs: numbers(subgraph, field::subgraph::INPUTS)?,
            outputs: numbers(subgraph, field::subgraph::OUTPUTS)?,
            operators: Vec::new(),
        };
        let mut values = Vec::with_capacity(tensors.len());
        for tensor in &tensors {
            let (tensor, value) = self.tensor(*tensor, tensors.len())?;
            read.tensors.push(tensor);
            values.push(value);
        }
        for input in &read.inputs {
            *value(&mut values, *input)? = Value::Given;
        }
        for operator in tables(field::subgraph::OPERATORS)? {
            read.operators.push(self.operator(operator, &mut values)?);
        }
        for output in &read.outputs {
            if *value(&mut values, *output)? == Value::None {
                return Err(wrong("an output is never computed"));
            }
        }
        Ok(read)
    }

    fn tensor(&self, tensor: Table<'_>, tensors: usize) -> Result<(Tensor, Value)> {
        let buffer = tensor.i32(field::tensor::BUFFER).ok_or_else(broken)?;
        let data = usize::try_from(buffer)
            .ok()
            .and_then(|buffer| self.buffers.get(buffer))
            .ok_or_else(|| wrong("a tensor is in a buffer that is not there"))?;
        let shape = numbers(tensor, field::tensor::SHAPE)?;
        let elements = check_dimensions(&shape)?;
        let signature = numbers(tensor, field::tensor::SHAPE_SIGNATURE)?;
        check_dimensions(&signature)?;
        self.check_quantization(tensor, tensors)?;
        let is_variable = tensor.i8(field::tensor::IS_VARIABLE).ok_or_else(broken)? != 0;
        let value = match (*data && buffer != 0, is_variable) {
            (true, _) => Value::Constant,
            (false, true) => Value::Given,
            (false, false) => Value::None,
        };
        if value != Value::Constant {
            self.largest.set(self.largest.get().max(elements));
        }
        let tensor = Tensor {
            rank: shape.len().max(signature.len()),
            constant: (value == Value::Constant).then_some(elements),
        };
        Ok((tensor, value))
    }

    /// Blocks of a tensor have their scales in other tensors.
    fn check_quantization(&self, tensor: Table<'_>, tensors: usize) -> Result<()> {
        let blocks = tensor
            .table(field::tensor::QUANTIZATION)
            .ok_or_else(broken)?
            .map(|quantization| {
                let kind = quantization.i8(field::quantization::DETAILS_TYPE)?;
                let details = quantization.table(field::quantization::DETAILS)?;
                Some(details.filter(|_| kind == field::quantization::BLOCKWISE))
            })
            .unwrap_or(Some(None))
            .ok_or_else(broken)?;
        let Some(blocks) = blocks else {
            return Ok(());
        };
        let scales = blocks.i32(0).ok_or_else(broken)?;
        let zero_points = blocks.i32(1).ok_or_else(broken)?;
        let is_tensor = |number: i32| usize::try_from(number).is_ok_and(|number| number < tensors);
        if is_tensor(scales) && (zero_points == -1 || is_tensor(zero_points)) {
            Ok(())
        } else {
            Err(wrong("the scales of a tensor are not there"))
        }
    }

    fn operator(&self, operator: Table<'_>, values: &mut [Value]) -> Result<Operator> {
        let code = operator
            .i32(field::operator::OPCODE_INDEX)
            .and_then(|index| usize::try_from(index).ok())
            .and_then(|index| self.operators.get(index))
            .ok_or_else(|| wrong("an operator is of a kind that is not there"))?;
        let inputs = numbers(operator, field::operator::INPUTS)?;
        for input in &inputs {
            // An optional input is left out by -1.
            if *input != -1 && *value(values, *input)? == Value::None {
                return Err(wrong("a tensor is read before it is computed"));
            }
        }
        let outputs = numbers(operator, field::operator::OUTPUTS)?;
        for output in &outputs {
            let output = value(values, *output)?;
            if *output == Value::Constant {
                return Err(wrong("a constant is computed"));
            }
            *output = Value::Given;
        }
        let options = operator
            .table(field::operator::OPTIONS)
            .ok_or_else(broken)?;
        let mut read = Operator {
            code: *code,
            inputs,
            outputs,
            calls: Vec::new(),
            listed: 0,
            shared: 0,
        };
        match (*code, options) {
            (rank::RESHAPE, Some(options)) => {
                let shape = options.vector(field::reshape_options::NEW_SHAPE, 4);
                read.listed = shape.ok_or_else(broken)?.count;
            }
            (rank::GATHER, Some(options)) => {
                let shared = options.i32(field::gather_options::BATCH_DIMS);
                read.shared = usize::try_from(shared.ok_or_else(broken)?).unwrap_or(0);
            }
            _ => {}
        }
        self.calls_of(*code, operator, &mut read.calls)?;
        Ok(read)
    }

    fn calls_of(&self, code: i32, operator: Table<'_>, calls: &mut Vec<usize>) -> Result<()> {
        if OTHER_CALLING.contains(&code) {
            return Err(Error::unsupported(format!(
                "the model has the operator {code}, which is not supported"
            )));
        }
        let Some((_, options, fields)) = CALLING.iter().find(|(calling, ..)| *calling == code)
        else {
            return Ok(());
        };
        let options = operator.table(*options).ok_or_else(broken)?;
        for number in *fields {
            let called = match options {
                Some(options) => options.i32(*number).ok_or_else(broken)?,
                None => 0,
            };
            let called = usize::try_from(called)
                .ok()
                .filter(|called| *called < self.subgraphs.len())
                .ok_or_else(|| wrong("an operator calls a subgraph that is not there"))?;
            calls.push(called);
        }
        Ok(())
    }
}

fn numbers(table: Table<'_>, field: usize) -> Result<Vec<i32>> {
    table
        .vector(field, 4)
        .and_then(|vector| vector.i32s())
        .ok_or_else(broken)
}

/// What a tensor has while its subgraph is looked through in the order of the operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// Nothing yet.
    None,
    /// What is in the file.
    Constant,
    /// What the caller or an operator gave.
    Given,
}

fn value(values: &mut [Value], number: i32) -> Result<&mut Value> {
    usize::try_from(number)
        .ok()
        .and_then(|number| values.get_mut(number))
        .ok_or_else(|| wrong("a tensor is meant that is not there"))
}

/// How many elements there are.
fn check_dimensions(dimensions: &[i32]) -> Result<u64> {
    if dimensions.len() > RANK {
        return Err(Error::unsupported(format!(
            "the model has a tensor of {} dimensions, but {RANK} are supported",
            dimensions.len()
        )));
    }
    // -1 is a size that is not known yet.
    if dimensions.iter().any(|size| *size < -1) {
        return Err(wrong("a tensor has a negative size"));
    }
    let elements = dimensions
        .iter()
        .try_fold(1_u64, |product, size| {
            product.checked_mul(u64::from(size.unsigned_abs()))
        })
        .filter(|elements| *elements <= ELEMENTS);
    elements.ok_or_else(|| {
        Error::too_large(format!(
            "the model has a tensor of the dimensions {dimensions:?}"
        ))
    })
}

/// Subgraphs must not call themselves, by whatever way.
fn check_calls(calls: &[Vec<usize>]) -> Result<()> {
    let mut depths = vec![0_usize; calls.len()];
    for _ in 0..=DEPTH {
        let next: Vec<usize> = calls
            .iter()
            .map(|called| {
                let depth = |called: &usize| depths.get(*called).map_or(0, |depth| depth + 1);
                called.iter().map(depth).max().unwrap_or(0)
            })
            .collect();
        if next == depths {
            return Ok(());
        }
        depths = next;
    }
    Err(wrong("subgraphs call each other too deeply, or for ever"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subgraphs_that_call_themselves_are_refused() {
        assert!(check_calls(&[vec![1, 2], vec![2], vec![]]).is_ok());
        assert!(check_calls(&[vec![0]]).is_err());
        assert!(check_calls(&[vec![1], vec![2], vec![1]]).is_err());
        let chain = |length: usize| -> Vec<Vec<usize>> {
            (1..=length)
                .map(|next| {
                    if next < length {
                        vec![next; 100]
                    } else {
                        vec![]
                    }
                })
                .collect()
        };
        assert!(check_calls(&chain(DEPTH)).is_ok());
        assert!(check_calls(&chain(2 * DEPTH)).is_err());
    }

    #[test]
    fn dimensions_that_overflow_are_refused() {
        assert!(check_dimensions(&[1, -1, 224, 3]).is_ok());
        assert!(check_dimensions(&[]).is_ok());
        let too_large = check_dimensions(&[i32::MAX, i32::MAX, i32::MAX]).unwrap_err();
        assert_eq!(too_large.code(), Code::TooLarge);
        assert!(check_dimensions(&[-2]).is_err());
        assert!(check_dimensions(&[1; RANK + 1]).is_err());
    }

    #[test]
    fn what_is_no_model_is_refused() {
        for bytes in [
            &b""[..],
            b"TFL3",
            b"\x10\0\0\0TFL3",
            b"\xff\xff\xff\xffTFL3\0\0\0\0",
        ] {
            assert_eq!(
                inspect(bytes).unwrap_err().code(),
                Code::InvalidEncoding,
                "{bytes:?}"
            );
        }
    }
}
