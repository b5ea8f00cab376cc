//! How many dimensions tensors get. The frameworks have room for eight in their interfaces, and write as many as there
//! are; what the file says of a tensor does not bind its operators.

use std::collections::HashMap;

use super::{RANK, wrong};
use crate::{Error, Result};

/// More dimensions than any tensor is allowed to get before it is given away. No real model comes near, even counted as
/// roughly as here.
pub(crate) const MOST: usize = 1 << 14;

/// How often a subgraph is looked at with inputs of other numbers of dimensions.
const VISITS: usize = 16;

pub(super) const RESHAPE: i32 = 22;
pub(super) const GATHER: i32 = 36;
const CONCATENATION: i32 = 2;
const STRIDED_SLICE: i32 = 45;
const SHAPE: i32 = 77;
const PACK: i32 = 83;
const GATHER_ND: i32 = 107;
const RANK_OF: i32 = 110;
const BITCAST: i32 = 159;
/// This one and those behind it are StableHLO's.
const STABLEHLO: i32 = 162;
const STABLEHLO_GATHER: i32 = 201;

/// Operators whose outputs have one dimension more than their inputs.
const GROWING: [i32; 4] = [
    70,   // EXPAND_DIMS
    PACK, // of many tensors one
    85,   // ONE_HOT
    113,  // MATRIX_DIAG
];

/// Operators that are told the shape of their output, and by which input.
const SHAPED: [(i32, usize); 9] = [
    (RESHAPE, 1),
    (67, 0),  // TRANSPOSE_CONV
    (68, 1),  // SPARSE_TO_DENSE
    (94, 0),  // FILL
    (122, 2), // SCATTER_ND
    (130, 1), // BROADCAST_TO
    (141, 0), // CONV_3D_TRANSPOSE
    (146, 0), // RANDOM_STANDARD_NORMAL
    (148, 0), // RANDOM_UNIFORM
];

/// Operators that repeat a subgraph. As long as nothing has run, what they give has the shapes of what they take.
const REPEATING: [i32; 2] = [
    119, // WHILE
    200, // STABLEHLO_WHILE
];

/// Operators whose outputs may have more elements than the product of what their inputs have.
const SWELLING: [i32; 26] = [
    23,  // RESIZE_BILINEAR
    32,  // CUSTOM
    33,  // EMBEDDING_LOOKUP_SPARSE
    34,  // PAD
    38,  // SPACE_TO_BATCH_ND
    60,  // PADV2
    67,  // TRANSPOSE_CONV
    68,  // SPARSE_TO_DENSE
    69,  // TILE
    85,  // ONE_HOT
    94,  // FILL
    96,  // RANGE
    97,  // RESIZE_NEAREST_NEIGHBOR
    100, // MIRROR_PAD
    113, // MATRIX_DIAG
    122, // SCATTER_ND
    124, // DENSIFY
    125, // SEGMENT_SUM
    130, // BROADCAST_TO
    131, // RFFT2D
    146, // RANDOM_STANDARD_NORMAL
    148, // RANDOM_UNIFORM
    149, // MULTINOMIAL
    153, // UNSORTED_SEGMENT_PROD
    154, // UNSORTED_SEGMENT_MAX
    155, // UNSORTED_SEGMENT_SUM
];

/// A subgraph that has been checked: all numbers are those of tensors.
pub(super) struct Subgraph {
    pub(super) tensors: Vec<Tensor>,
    pub(super) inputs: Vec<i32>,
    pub(super) outputs: Vec<i32>,
    pub(super) operators: Vec<Operator>,
}

/// A tensor as the file has it.
pub(super) struct Tensor {
    pub(super) rank: usize,
    /// The elements of a constant.
    pub(super) constant: Option<u64>,
}

pub(super) struct Operator {
    pub(super) code: i32,
    pub(super) inputs: Vec<i32>,
    pub(super) outputs: Vec<i32>,
    /// The subgraphs that it calls.
    pub(super) calls: Vec<usize>,
    /// Dimensions of a shape that is not an input.
    pub(super) listed: usize,
    /// Dimensions that a look-up has in common with its indices.
    pub(super) shared: usize,
}

impl Subgraph {
    /// The subgraphs that it calls.
    pub(super) fn calls(&self) -> Vec<usize> {
        let operators = self.operators.iter();
        operators
            .flat_map(|operator| operator.calls.iter().copied())
            .collect()
    }
}

/// What a tensor is at most.
#[derive(Clone, Copy, Default)]
struct Bound {
    rank: usize,
    /// How many elements it has, if they can be known before anything is run.
    known: Option<u64>,
}

/// Refuses models whose tensors get too many dimensions. Whether how many there are can depend on what is computed.
pub(super) fn check(subgraphs: &[Subgraph]) -> Result<bool> {
    let mut ranks = Ranks {
        subgraphs,
        outputs: HashMap::new(),
        visits: 0,
        are_free: false,
    };
    for subgraph in 0..subgraphs.len() {
        ranks.subgraph(subgraph, 0)?;
    }
    Ok(ranks.are_free)
}

struct Ranks<'a> {
    subgraphs: &'a [Subgraph],
    /// The rank of outputs by subgraph and the rank of its inputs.
    outputs: HashMap<(usize, usize), usize>,
    visits: usize,
    are_free: bool,
}

impl Ranks<'_> {
    /// The rank of its outputs if its inputs have this one, or the one in the file. Subgraphs do not call themselves.
    fn subgraph(&mut self, number: usize, given: usize) -> Result<usize> {
        if let Some(rank) = self.outputs.get(&(number, given)) {
            return Ok(*rank);
        }
        self.visits += 1;
        if self.visits > VISITS.saturating_mul(self.subgraphs.len()) {
            return Err(wrong("its subgraphs are called in too many ways"));
        }
        let Some(subgraph) = self.subgraphs.get(number) else {
            return Ok(0);
        };
        let mut bounds: Vec<Bound> = subgraph
            .tensors
            .iter()
            .map(|tensor| Bound {
                rank: tensor.rank,
                known: tensor.constant,
            })
            .collect();
        for input in &subgraph.inputs {
            if let Some(bound) = at_mut(&mut bounds, *input) {
                bound.rank = bound.rank.max(given);
                bound.known = None;
            }
        }
        for operator in &subgraph.operators {
            self.operator(operator, subgraph, &mut bounds)?;
        }
        let outputs = subgraph.outputs.iter();
        let rank = outputs.map(|output| at(&bounds, *output).rank).max();
        let rank = rank.unwrap_or(0);
        self.outputs.insert((number, given), rank);
        Ok(rank)
    }

    fn operator(
        &mut self,
        operator: &Operator,
        subgraph: &Subgraph,
        bounds: &mut [Bound],
    ) -> Result<()> {
        let inputs: Vec<Bound> = operator
            .inputs
            .iter()
            .map(|input| at(bounds, *input))
            .collect();
        let largest = inputs.iter().map(|bound| bound.rank).max().unwrap_or(0);
        let mut called = 0;
        for subgraph in &operator.calls {
            called = called.max(self.subgraph(*subgraph, largest)?);
        }
        let known = elements(operator, &inputs);
        let shaped = self.shaped(operator, subgraph, &inputs)?;
        for output in &operator.outputs {
            let in_file = usize::try_from(*output)
                .ok()
                .and_then(|output| subgraph.tensors.get(output))
                .map_or(0, |tensor| tensor.rank);
            let rank = match shaped {
                Some(Shaped::Of(rank)) => rank,
                Some(Shaped::Later) => in_file,
                None if !operator.calls.is_empty() => called.max(in_file),
                None => grown(operator, &inputs, largest).max(in_file),
            };
            if rank > MOST {
                return Err(too_many(rank));
            }
            if let Some(bound) = at_mut(bounds, *output) {
                *bound = Bound { rank, known };
            }
        }
        self.are_free |= REPEATING.contains(&operator.code);
        Ok(())
    }

    /// What an operator that is told the shape of its output makes of it.
    fn shaped(
        &mut self,
        operator: &Operator,
        subgraph: &Subgraph,
        inputs: &[Bound],
    ) -> Result<Option<Shaped>> {
        let Some((_, position)) = SHAPED.iter().find(|(code, _)| *code == operator.code) else {
            return Ok(None);
        };
        if operator.listed > RANK {
            return Err(too_many(operator.listed));
        }
        let Some((shape, number)) = inputs.get(*position).zip(operator.inputs.get(*position))
        else {
            return Ok(Some(Shaped::Of(operator.listed)));
        };
        let constant = usize::try_from(*number)
            .ok()
            .and_then(|number| subgraph.tensors.get(number))
            .and_then(|tensor| tensor.constant);
        let limit = if constant.is_some() { RANK } else { MOST };
        let Some(known) = shape.known else {
            self.are_free = true;
            return Ok(Some(Shaped::Later));
        };
        match usize::try_from(known) {
            Ok(rank) if rank <= limit => Ok(Some(Shaped::Of(rank.max(operator.listed)))),
            rank => Err(too_many(rank.unwrap_or(usize::MAX))),
        }
    }
}

/// What comes of a shape that an operator is told.
#[derive(Clone, Copy)]
enum Shaped {
    /// So many dimensions.
    Of(usize),
    /// As many as the file says, until a run says otherwise.
    Later,
}

/// The rank of what an operator gives that is not told a shape.
fn grown(operator: &Operator, inputs: &[Bound], largest: usize) -> usize {
    let sum = || {
        let ranks = inputs.iter().take(2).map(|bound| bound.rank);
        ranks.fold(0, usize::saturating_add)
    };
    match operator.code {
        GATHER => sum().saturating_sub(1 + operator.shared.min(largest)),
        GATHER_ND => sum().saturating_sub(2),
        STABLEHLO_GATHER | STRIDED_SLICE => sum().saturating_add(RANK),
        code if GROWING.contains(&code) => largest + 1,
        _ => largest,
    }
}

/// How many elements an operator gives at most, if they can be known before anything is run.
fn elements(operator: &Operator, inputs: &[Bound]) -> Option<u64> {
    let most = |rank: usize| u64::try_from(rank).unwrap_or(u64::MAX);
    match operator.code {
        SHAPE => return Some(inputs.first().map_or(1, |bound| most(bound.rank))),
        RANK_OF => return Some(1),
        _ if !operator.calls.is_empty() => return None,
        _ => {}
    }
    let given = operator.inputs.iter().zip(inputs);
    let given = given
        .filter(|(number, _)| **number != -1)
        .map(|(_, bound)| bound.known)
        .collect::<Option<Vec<u64>>>()?;
    Some(match operator.code {
        CONCATENATION | PACK => given.iter().fold(0, |sum, of| sum.saturating_add(*of)),
        code if SWELLING.contains(&code) || code >= STABLEHLO => u64::MAX,
        code => {
            let first = if code == BITCAST { 8 } else { 1 };
            let factors = given.iter().map(|of| (*of).max(1));
            factors.fold(first, u64::saturating_mul)
        }
    })
}

fn at(bounds: &[Bound], number: i32) -> Bound {
    let found = usize::try_from(number)
        .ok()
        .and_then(|number| bounds.get(number));
    found.copied().unwrap_or_default()
}

fn at_mut(bounds: &mut [Bound], number: i32) -> Option<&mut Bound> {
    usize::try_from(number)
        .ok()
        .and_then(|number| bounds.get_mut(number))
}

fn too_many(rank: usize) -> Error {
    Error::unsupported(format!(
        "the model makes a tensor of up to {rank} dimensions, but {RANK} are supported"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INPUT: i32 = 0;

    /// Tensors of two dimensions: an input, one that each operator makes, and constants of so many elements.
    fn model(operators: &[(i32, &[i32])], constants: &[u64]) -> Subgraph {
        let made = operators.len();
        let mut tensors: Vec<Tensor> = (0..=made)
            .map(|_| Tensor {
                rank: 2,
                constant: None,
            })
            .collect();
        tensors.extend(constants.iter().map(|elements| Tensor {
            rank: 1,
            constant: Some(*elements),
        }));
        let operators = operators.iter().zip(1..).map(|((code, inputs), output)| {
            let constant = i32::try_from(made).unwrap();
            Operator {
                code: *code,
                // Constants are -2, -3 and so on.
                inputs: inputs
                    .iter()
                    .map(|input| {
                        if *input < -1 {
                            constant - 1 - input
                        } else {
                            *input
                        }
                    })
                    .collect(),
                outputs: vec![output],
                calls: Vec::new(),
                listed: 0,
                shared: 0,
            }
        });
        Subgraph {
            operators: operators.collect(),
            tensors,
            inputs: vec![INPUT],
            outputs: vec![i32::try_from(made).unwrap()],
        }
    }

    fn is_free(operators: &[(i32, &[i32])], constants: &[u64]) -> Result<bool> {
        check(&[model(operators, constants)])
    }

    #[test]
    fn shapes_are_short() {
        assert!(!is_free(&[(RESHAPE, &[INPUT, -2])], &[8]).unwrap());
        assert!(is_free(&[(RESHAPE, &[INPUT, -2])], &[9]).is_err());
        assert!(is_free(&[(94, &[-2, -3])], &[2000, 1]).is_err());
        // What depends on the input is only known when it is run.
        assert!(is_free(&[(RESHAPE, &[INPUT, INPUT])], &[]).unwrap());
    }

    #[test]
    fn shapes_that_are_put_together_are_followed() {
        // The shape of the input, a slice of it, and a constant put together: as converters write it.
        let usual: [(i32, &[i32]); 4] = [
            (SHAPE, &[INPUT]),
            (STRIDED_SLICE, &[1, -2, -2, -2]),
            (PACK, &[2, -2, -2]),
            (RESHAPE, &[INPUT, 3]),
        ];
        assert!(!is_free(&usual, &[1]).unwrap());
        // Each is twice the one before.
        let mut doubled: Vec<(i32, Vec<i32>)> = vec![(CONCATENATION, vec![-2, -2])];
        doubled.extend((1..30).map(|at| (CONCATENATION, vec![at, at])));
        doubled.push((RESHAPE, vec![INPUT, 30]));
        let doubled: Vec<(i32, &[i32])> = doubled.iter().map(|it| (it.0, &it.1[..])).collect();
        assert!(is_free(&doubled, &[8]).is_err());
        assert!(is_free(&[(96, &[-2, -2, -2]), (RESHAPE, &[INPUT, 1])], &[1]).is_err());
    }

    #[test]
    fn look_ups_in_each_other_grow_and_are_refused() {
        let gathers = |count: i32| -> Vec<(i32, Vec<i32>)> {
            (0..count).map(|at| (GATHER, vec![at, at])).collect()
        };
        let check = |of: Vec<(i32, Vec<i32>)>| {
            let of: Vec<(i32, &[i32])> = of.iter().map(|it| (it.0, &it.1[..])).collect();
            is_free(&of, &[])
        };
        assert!(!check(gathers(5)).unwrap());
        assert!(check(gathers(20)).is_err());
        let expanded: Vec<_> = (0..20_000).map(|at| (70, vec![at])).collect();
        assert!(check(expanded).is_err());
    }

    #[test]
    fn what_subgraphs_are_given_counts() {
        let call = |to: usize, operators: &[(i32, &[i32])]| {
            let mut subgraph = model(operators, &[]);
            if let Some(last) = subgraph.operators.last_mut() {
                last.calls = vec![to];
            }
            subgraph
        };
        // Each level looks itself up a few times: sixteen of them would be too many.
        let doubling: [(i32, &[i32]); 3] = [(GATHER, &[0, 0]), (GATHER, &[1, 1]), (31, &[2])];
        let levels = |count: usize| -> Vec<Subgraph> {
            let mut levels: Vec<_> = (1..count).map(|next| call(next, &doubling)).collect();
            levels.push(model(&[(19, &[0])], &[]));
            levels
        };
        assert!(check(&levels(4)).is_ok());
        assert!(check(&levels(16)).is_err());
    }
}
