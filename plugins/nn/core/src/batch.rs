//! Gathers requests of several contexts into one run of the model.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use crate::session_pool::SessionPool;
use crate::{Cancel, Dimension, Error, Key, Options, Result, Signature, Tensor};

pub(crate) const KEYS: [Key; 2] = [
    Key {
        name: "batch",
        help: "rows that are gathered from several contexts for one run; 1, the default, gathers none",
    },
    Key {
        name: "batch-delay",
        help: "how long a run waits for others to join it, in milliseconds; 2 by default",
    },
];

/// The longest delay: longer ones are mistakes.
const MAX_DELAY_MS: f64 = 10_000.0;

/// Gathers requests for a model.
pub(crate) struct Batcher {
    rows: u32,
    delay: Duration,
    /// Those that still take members, by what else must be equal.
    forming: Mutex<HashMap<Shapes, Arc<Batch>>>,
}

/// The dimensions of each input but the first, with which requests can be put together.
type Shapes = Vec<Vec<u32>>;

/// What a batch came to: the outputs of each member, or nothing if it failed and each must go alone.
type Outcome = Option<Vec<Vec<Tensor>>>;

#[derive(Default)]
struct Batch {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    members: Vec<Vec<Tensor>>,
    rows: u32,
    closed: bool,
    outcome: Option<Outcome>,
}

impl Batch {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What options ask for: rows of a batch, and how long it waits for them.
///
/// # Errors
///
/// A value is wrong for every model.
pub(crate) fn rows_and_delay(options: &Options) -> Result<(u32, Duration)> {
    let rows = options.parsed("batch")?.unwrap_or(1);
    let delay: f64 = options.parsed("batch-delay")?.unwrap_or(2.0);
    if !(0.0..=MAX_DELAY_MS).contains(&delay) {
        return Err(Error::invalid_argument(format!(
            "`batch-delay` must be 0 to {MAX_DELAY_MS} milliseconds, not {delay}"
        )));
    }
    Ok((rows, Duration::from_secs_f64(delay / 1000.0)))
}

impl Batcher {
    /// A batcher, if the options ask for one.
    pub(crate) fn new(options: &Options, signature: &Signature) -> Result<Option<Self>> {
        let (rows, delay) = rows_and_delay(options)?;
        if rows <= 1 {
            return Ok(None);
        }
        if !has_batches(signature) {
            return Err(Error::invalid_argument(
                "`batch` is given, but the first dimension of the model's tensors is not free",
            ));
        }
        Ok(Some(Self {
            rows,
            delay,
            forming: Mutex::default(),
        }))
    }

    /// Runs the model for these inputs, together with others that come soon.
    pub(crate) fn run(
        &self,
        pool: &SessionPool,
        inputs: &[Tensor],
        cancel: &Cancel,
    ) -> Result<Vec<Tensor>> {
        let Some((rows, shapes)) = rows_and_shapes(inputs).filter(|(rows, _)| *rows < self.rows)
        else {
            return pool.run(inputs, cancel);
        };
        let (batch, position) = self.join(&shapes, rows, inputs);
        let outcome = if position == 0 {
            self.lead(pool, &batch, &shapes, cancel)?
        } else {
            follow(&batch, cancel)?
        };
        cancel.check()?;
        match outcome.and_then(|outputs| outputs.into_iter().nth(position)) {
            Some(outputs) => Ok(outputs),
            // What failed may have been another's fault.
            None => pool.run(inputs, cancel),
        }
    }

    /// Enters a batch that has room, or a new one.
    fn join(&self, shapes: &Shapes, rows: u32, inputs: &[Tensor]) -> (Arc<Batch>, usize) {
        let mut forming = self.forming.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(batch) = forming.get(shapes) {
            let mut state = batch.lock();
            if !state.closed && state.rows + rows <= self.rows {
                state.rows += rows;
                state.members.push(inputs.to_vec());
                let position = state.members.len() - 1;
                drop(state);
                batch.changed.notify_all();
                return (Arc::clone(batch), position);
            }
        }
        let batch = Arc::new(Batch::default());
        {
            let mut state = batch.lock();
            state.rows = rows;
            state.members.push(inputs.to_vec());
        }
        forming.insert(shapes.clone(), Arc::clone(&batch));
        (batch, 0)
    }

    /// Waits for members, runs them, and tells them.
    fn lead(
        &self,
        pool: &SessionPool,
        batch: &Arc<Batch>,
        shapes: &Shapes,
        cancel: &Cancel,
    ) -> Result<Outcome> {
        // Whatever happens here, the others must not wait for ever.
        let told = Told(batch);
        let members = self.gather(batch, cancel);
        let mut forming = self.forming.lock().unwrap_or_else(PoisonError::into_inner);
        if forming
            .get(shapes)
            .is_some_and(|other| Arc::ptr_eq(other, batch))
        {
            forming.remove(shapes);
        }
        drop(forming);
        let outcome = if let [alone] = members.as_slice() {
            Some(vec![pool.run(alone, cancel)?])
        } else {
            // One of them going away is no reason to stop for the others.
            match run_together(pool, &members) {
                Ok(outputs) => Some(outputs),
                Err(error) => {
                    tracing::debug!("a batch failed, its members run alone: {error}");
                    None
                }
            }
        };
        batch.lock().outcome = Some(outcome.clone());
        drop(told);
        Ok(outcome)
    }

    fn gather(&self, batch: &Arc<Batch>, cancel: &Cancel) -> Vec<Vec<Tensor>> {
        let deadline = Instant::now() + self.delay;
        let woken = Arc::clone(batch);
        let _wake = cancel.on_cancel(move || woken.changed.notify_all());
        let mut state = batch.lock();
        while state.rows < self.rows && !cancel.is_cancelled() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            (state, _) = batch
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.closed = true;
        std::mem::take(&mut state.members)
    }
}

/// Sees to it that a batch has an outcome.
struct Told<'a>(&'a Batch);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.closed = true;
        state.outcome.get_or_insert(None);
        drop(state);
        self.0.changed.notify_all();
    }
}

fn follow(batch: &Arc<Batch>, cancel: &Cancel) -> Result<Outcome> {
    let woken = Arc::clone(batch);
    let _wake = cancel.on_cancel(move || woken.changed.notify_all());
    let mut state = batch.lock();
    loop {
        cancel.check()?;
        if let Some(outcome) = &state.outcome {
            return Ok(outcome.clone());
        }
        (state, _) = batch
            .changed
            .wait_timeout(state, Duration::from_millis(50))
            .unwrap_or_else(PoisonError::into_inner);
    }
}

/// Whether every tensor's first dimension is free, as that of models with batches is.
fn has_batches(signature: &Signature) -> bool {
    let sides = [&signature.inputs, &signature.outputs];
    sides.iter().all(|side| {
        !side.open
            && !side.tensors.is_empty()
            && side.tensors.iter().all(|tensor| {
                let first = tensor.dimensions.as_ref().and_then(|all| all.first());
                matches!(first, Some(Dimension::Free(_)))
            })
    })
}

/// The rows that all inputs have, and what else they must have in common with others.
fn rows_and_shapes(inputs: &[Tensor]) -> Option<(u32, Shapes)> {
    let mut shapes = Vec::with_capacity(inputs.len());
    let mut rows = None;
    for input in inputs {
        let (first, rest) = input.dimensions.split_first()?;
        if *first == 0 || rows.is_some_and(|rows| rows != *first) {
            return None;
        }
        rows = Some(*first);
        shapes.push(rest.to_vec());
    }
    rows.map(|rows| (rows, shapes))
}

fn run_together(pool: &SessionPool, members: &[Vec<Tensor>]) -> Result<Vec<Vec<Tensor>>> {
    let rows: Vec<u32> = members
        .iter()
        .filter_map(|inputs| Some(*inputs.first()?.dimensions.first()?))
        .collect();
    let count = members.first().map_or(0, Vec::len);
    let inputs = (0..count)
        .map(|index| joined(members.iter().filter_map(|inputs| inputs.get(index))))
        .collect::<Result<Vec<_>>>()?;
    let outputs = pool.run(&inputs, &Cancel::new())?;
    let mut parts: Vec<Vec<Tensor>> = members.iter().map(|_| Vec::new()).collect();
    for output in &outputs {
        for (part, piece) in parts.iter_mut().zip(split(output, &rows)?) {
            part.push(piece);
        }
    }
    Ok(parts)
}

/// One tensor of the rows of many.
fn joined<'a>(tensors: impl Iterator<Item = &'a Tensor> + Clone) -> Result<Tensor> {
    let first = tensors
        .clone()
        .next()
        .ok_or_else(|| Error::runtime("a batch has no members"))?;
    let mut dimensions = first.dimensions.clone();
    if let Some(rows) = dimensions.first_mut() {
        *rows = tensors
            .clone()
            .filter_map(|tensor| tensor.dimensions.first())
            .sum();
    }
    let mut data = BytesMut::with_capacity(tensors.clone().map(|tensor| tensor.data.len()).sum());
    for tensor in tensors {
        data.extend_from_slice(&tensor.data);
    }
    Tensor::new(first.ty, dimensions, data.freeze())
}

/// The rows of each member.
fn split(output: &Tensor, rows: &[u32]) -> Result<Vec<Tensor>> {
    let total: u32 = rows.iter().sum();
    if output.dimensions.first() != Some(&total) {
        return Err(Error::runtime(
            "the model's outputs have other rows than its inputs",
        ));
    }
    let row = output.data.len() / usize::try_from(total.max(1)).unwrap_or(usize::MAX);
    let mut rest: Bytes = output.data.clone();
    rows.iter()
        .map(|count| {
            let bytes = row * usize::try_from(*count).unwrap_or(0);
            let mut dimensions = output.dimensions.clone();
            if let Some(rows) = dimensions.first_mut() {
                *rows = *count;
            }
            let part = rest.split_to(bytes.min(rest.len()));
            // A small part would keep all of the output in memory as long as its guest does.
            let data = if part.len() * 2 < output.data.len() {
                Bytes::copy_from_slice(&part)
            } else {
                part
            };
            Tensor::new(output.ty, dimensions, data)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_part_does_not_keep_the_whole_batch() {
        let output = Tensor::from_slice(&[10], &[0_f32; 10]).unwrap();
        let parts = split(&output, &[1, 9]).unwrap();
        let within = |part: &Tensor| output.data.as_ptr_range().contains(&part.data.as_ptr());
        assert_eq!((parts[0].data.len(), parts[1].data.len()), (4, 36));
        assert!(!within(&parts[0]) && within(&parts[1]));
    }
}
