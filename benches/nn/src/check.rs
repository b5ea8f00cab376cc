//! Whether what came out is right.

use crate::{ANSWER_TOKENS, CLASS, DIMENSIONS, Failure, Operation, Outcome};

impl Operation {
    /// Looks at what a call left behind.
    pub(crate) fn check(self, photograph: &[u8], outcome: &Outcome) -> Result<(), Failure> {
        let output = &outcome.output;
        match self {
            Operation::ImageOnnxRuntime | Operation::ImageRten => {
                let class = greatest(output);
                if class != Some(CLASS) {
                    return Err(format!("the photograph shows {CLASS}, not {class:?}").into());
                }
            }
            Operation::HandOver => {}
            Operation::TensorIn => {
                let dimensions = DIMENSIONS.map(|size| i64::from(size).to_le_bytes());
                if *output != dimensions.concat() {
                    return Err("the dimensions are wrong".into());
                }
            }
            Operation::TensorThrough => {
                if output != photograph {
                    return Err("the tensor is another one".into());
                }
            }
            Operation::Text => {
                if outcome.tokens != ANSWER_TOKENS {
                    let tokens = outcome.tokens;
                    return Err(
                        format!("the answer has {tokens} tokens, not {ANSWER_TOKENS}").into(),
                    );
                }
            }
        }
        Ok(())
    }
}

/// Where the greatest of numbers is.
fn greatest(output: &[u8]) -> Option<usize> {
    let numbers = output.chunks_exact(size_of::<f32>()).map(|bytes| {
        let bytes: [u8; 4] = bytes.try_into().unwrap_or_default();
        f32::from_le_bytes(bytes)
    });
    let best = numbers.enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map(|(place, _)| place)
}

/// FNV-1a of 64 bits.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(output: Vec<u8>) -> Outcome {
        Outcome {
            output,
            ..Outcome::default()
        }
    }

    fn scores(best: usize) -> Outcome {
        let mut scores = [-1.5_f32; 1000];
        scores[best] = 0.25;
        outcome(scores.map(f32::to_le_bytes).concat())
    }

    #[test]
    fn the_photograph_must_be_recognised() {
        let image = Operation::ImageRten;
        assert!(image.check(&[], &scores(CLASS)).is_ok());
        assert!(image.check(&[], &scores(0)).is_err());
        assert!(image.check(&[], &outcome(Vec::new())).is_err());
    }

    #[test]
    fn a_tensor_must_come_back_as_it_is() {
        let through = Operation::TensorThrough;
        assert!(through.check(&[1, 2], &outcome(vec![1, 2])).is_ok());
        assert!(through.check(&[1, 2], &outcome(vec![1, 3])).is_err());
        let dimensions = DIMENSIONS.map(|size| u64::from(size).to_le_bytes());
        let dimensions = outcome(dimensions.concat());
        assert!(Operation::TensorIn.check(&[], &dimensions).is_ok());
        assert!(Operation::TensorIn.check(&[], &scores(0)).is_err());
    }

    #[test]
    fn an_answer_must_be_as_long_as_it_may() {
        let mut answer = outcome(b"Once upon a time".to_vec());
        answer.tokens = ANSWER_TOKENS;
        assert!(Operation::Text.check(&[], &answer).is_ok());
        answer.tokens -= 1;
        assert!(Operation::Text.check(&[], &answer).is_err());
    }

    #[test]
    fn the_checksum_is_the_published_one() {
        // The value that the description of FNV gives.
        assert_eq!(checksum(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
