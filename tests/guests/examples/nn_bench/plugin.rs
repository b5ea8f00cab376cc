//! With the host's plugin, through the SDK.

use std::hint::black_box;
use std::time::Instant;

use c12_bench_nn::{
    ANSWER_TOKENS, Call, DIMENSIONS, Failure, INPUT, MODEL, Operation, Outcome, QUESTION, Way,
};
use c12_wasm::nn::{self, Chat, Graph, Sampling, TensorType, TensorView};

use crate::hand_over;

pub(crate) struct Plugin;

impl Way for Plugin {
    fn prepare(&self, operation: Operation, photograph: Vec<u8>) -> Result<Call, Failure> {
        match operation {
            Operation::HandOver => hand_over::prepare(photograph),
            Operation::Text => text(),
            Operation::ImageOnnxRuntime
            | Operation::ImageRten
            | Operation::TensorIn
            | Operation::TensorThrough => computation(photograph),
        }
    }
}

/// The tensor goes in as a view, and what comes out is there as bytes of this program.
fn computation(photograph: Vec<u8>) -> Result<Call, Failure> {
    let context = Graph::load_by_name(MODEL)?.context()?;
    Ok(Box::new(move |outcome| {
        let photograph = black_box(photograph.as_slice());
        let tensor = TensorView::from_bytes(TensorType::F32, &DIMENSIONS, photograph)?;
        let outputs = context.compute([(INPUT, tensor)])?;
        let (_, output) = outputs.into_iter().next().ok_or("nothing came out")?;
        outcome.output = output.into_bytes();
        Ok(())
    }))
}

/// Question and answer, which is streamed.
fn text() -> Result<Call, Failure> {
    let graph = Graph::load_by_name(MODEL)?;
    let mut round = 0_u32;
    Ok(Box::new(move |outcome| {
        round += 1;
        answer(&graph, round, outcome)?;
        Ok(())
    }))
}

fn answer(graph: &Graph, round: u32, outcome: &mut Outcome) -> nn::Result<()> {
    // What the host has read of the last round's question is not to help with this one.
    let sampling = Sampling::new()
        .temperature(0.0)
        .max_tokens(ANSWER_TOKENS)
        .option("cache-key", round);
    outcome.first = None;
    outcome.output.clear();
    let mut chat = Chat::new(graph).sampling(sampling);
    let mut answer = chat.stream(QUESTION)?;
    for piece in &mut answer {
        let piece = piece?;
        outcome.first.get_or_insert_with(Instant::now);
        outcome.output.extend_from_slice(piece.as_bytes());
    }
    outcome.tokens = answer.usage()?.output_tokens;
    Ok(())
}
