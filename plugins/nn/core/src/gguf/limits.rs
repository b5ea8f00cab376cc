//! What a file may say: numbers that are computed with safely, and nothing of what llama.cpp (0.1.161 as packaged for
//! Rust, `llama-model.cpp` and `llama-vocab.cpp`) is known to end the process over.

use super::{Gguf, broken};
use crate::Result;

/// As many layers and experts as llama.cpp has room for.
const LAYERS: u64 = 512;
const EXPERTS: u64 = 1024;

/// Tokenizers, and which of the tokens that they put around a text they know without being told: at the beginning, at the
/// end, and between.
const TOKENIZERS: [(&str, [bool; 3]); 9] = [
    ("llama", [true, true, false]),
    ("gpt2", [true, true, false]),
    ("gemma4", [false, false, false]),
    ("bert", [true, false, true]),
    ("plamo2", [true, true, false]),
    ("t5", [false, true, false]),
    ("rwkv", [false, false, false]),
    ("hybriddna", [false, false, false]),
    ("whitespace", [false, false, false]),
];

impl Gguf {
    /// Refuses what no model has and what ends the process.
    pub(super) fn plausible(&mut self) -> Result<()> {
        if self.text("general.architecture").is_none() {
            return Err(broken("it names no architecture"));
        }
        self.sizes()?;
        self.experts()?;
        self.positions()?;
        self.tokens()?;
        self.vocabulary.forget();
        Ok(())
    }

    fn sizes(&self) -> Result<()> {
        for (key, most) in [
            ("block_count", LAYERS),
            ("embedding_length", 1 << 20),
            ("feed_forward_length", 1 << 24),
            ("attention.head_count", 1 << 16),
            ("context_length", 1 << 28),
            ("vocab_size", 1 << 24),
        ] {
            if self.largest(key) > most {
                return Err(broken(&format!("its `{key}` is more than {most}")));
            }
        }
        for key in ["block_count", "embedding_length", "attention.head_count"] {
            if self.number(key) == Some(0) {
                return Err(broken(&format!("its `{key}` is 0")));
            }
        }
        let layers = self.largest("block_count");
        for key in [
            "nextn_predict_layers",
            "posnet.block_count",
            "convnext.block_count",
        ] {
            if self.largest(key) > layers {
                return Err(broken(&format!("its `{key}` is more than all layers")));
            }
        }
        Ok(())
    }

    fn experts(&self) -> Result<()> {
        let all = self.largest("expert_count");
        let used = self.largest("expert_used_count");
        let groups = self.largest("expert_group_count");
        let used_groups = self.largest("expert_group_used_count");
        let is_sound = if all == 0 {
            used == 0 && groups == 0
        } else {
            let of_groups = groups <= 1
                || (all.is_multiple_of(groups) && used_groups > 0 && used_groups < groups);
            all <= EXPERTS && used > 0 && used <= all && groups < all && of_groups
        };
        // Of these, one expert counts as none.
        let is_dense = all <= 1
            && self
                .text("general.architecture")
                .is_some_and(|name| name.starts_with("hunyuan"));
        if is_sound || (is_dense && groups == 0) {
            Ok(())
        } else {
            Err(broken("its numbers of experts are impossible"))
        }
    }

    fn positions(&self) -> Result<()> {
        let architecture = self.text("general.architecture").unwrap_or_default();
        let key = format!("{architecture}.rope.scaling.type");
        match self.text(&key) {
            None | Some("none" | "linear" | "yarn" | "longrope") => Ok(()),
            Some(_) => Err(broken("its positions are scaled in an unknown way")),
        }
    }

    fn tokens(&self) -> Result<()> {
        let Some(tokenizer) = self.text("tokenizer.ggml.model") else {
            // llama.cpp refuses it.
            return Ok(());
        };
        let Some((_, known)) = TOKENIZERS.iter().find(|(name, _)| *name == tokenizer) else {
            return Err(broken("its tokenizer is not known"));
        };
        let tokens = &self.vocabulary;
        let has_bytes = match tokenizer {
            "llama" | "t5" => tokens.has_bytes(true),
            "plamo2" => tokens.has_bytes(false),
            "rwkv" => [&b"\n"[..], b"\\n", b"\\x0a"]
                .iter()
                .any(|text| tokens.has(text)),
            _ => true,
        };
        if !has_bytes {
            return Err(broken("it has no tokens for all bytes"));
        }
        let around = [
            ("add_bos_token", "bos_token_id"),
            ("add_eos_token", "eos_token_id"),
            // So it is spelt.
            ("add_sep_token", "seperator_token_id"),
        ];
        for ((flag, id), is_known) in around.into_iter().zip(known) {
            let value = |key: &str| self.values.get(&format!("tokenizer.ggml.{key}"));
            let is_put = value(flag).and_then(serde_json::Value::as_bool) == Some(true)
                // Whatever the file says.
                || (tokenizer == "gemma4" && flag == "add_bos_token");
            let is_there = value(id)
                .and_then(serde_json::Value::as_u64)
                .is_some_and(|id| id < tokens.count());
            if is_put && !is_there && !is_known {
                return Err(broken("it puts a token around texts that it does not name"));
            }
        }
        Ok(())
    }

    /// A number, or the largest of a list of them.
    fn largest(&self, key: &str) -> u64 {
        match self.list(key) {
            Some(numbers) => numbers.largest,
            None => self.number(key).unwrap_or(0),
        }
    }
}
