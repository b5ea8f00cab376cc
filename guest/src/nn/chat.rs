//! Conversations.

use super::{Finish, Generation, Graph, Message, Result, Sampling, Usage};

/// A conversation with a language model, which remembers what was said.
///
/// ```no_run
/// use c12_wasm::nn::{Chat, Graph, Sampling};
///
/// let graph = Graph::load_by_name("llm")?;
/// let mut chat = Chat::new(&graph)
///     .system("You answer in one short sentence.")
///     .sampling(Sampling::new().temperature(0.0).max_tokens(40));
/// for piece in chat.stream("What is the capital of France?")? {
///     print!("{}", piece?);
/// }
/// let answer = chat.ask("And of Italy?")?;
/// assert_eq!(chat.messages().last().map(|message| &message.content), Some(&answer));
/// assert_eq!(chat.messages().len(), 5);
/// # Ok::<(), c12_wasm::nn::Error>(())
/// ```
#[derive(Debug)]
pub struct Chat<'g> {
    graph: &'g Graph,
    messages: Vec<Message>,
    sampling: Sampling,
}

impl<'g> Chat<'g> {
    /// A conversation that has not begun.
    pub fn new(graph: &'g Graph) -> Self {
        Self {
            graph,
            messages: Vec::new(),
            sampling: Sampling::new(),
        }
    }

    /// What the model is to be. Without it, it is what its makers had in mind.
    #[must_use]
    pub fn system(mut self, content: impl Into<String>) -> Self {
        self.messages.retain(|message| message.role != "system");
        self.messages.insert(0, Message::system(content));
        self
    }

    /// How answers are made.
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// What was said before, in another conversation.
    #[must_use]
    pub fn history(mut self, messages: impl IntoIterator<Item = Message>) -> Self {
        self.messages.extend(messages);
        self
    }

    /// What was said so far.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Says something, and gives the answer piece by piece. When the answer is dropped, as much of it as was heard is part
    /// of the conversation; if nothing was, because it failed or was not waited for, what was said counts as not said.
    ///
    /// # Errors
    ///
    /// As [`Graph::generate`]: the conversation may have become longer than the context. What was to be said counts as
    /// not said then.
    pub fn stream(&mut self, content: impl Into<String>) -> Result<Answer<'_>> {
        self.messages.push(Message::user(content));
        match self.graph.generate(self.messages.clone(), &self.sampling) {
            Ok(generation) => Ok(Answer {
                generation,
                heard: String::new(),
                is_complete: false,
                messages: &mut self.messages,
            }),
            Err(error) => {
                self.messages.pop();
                Err(error)
            }
        }
    }

    /// Says something, and gives the whole answer.
    ///
    /// # Errors
    ///
    /// As [`Chat::stream`], or the answer ends with an error.
    pub fn ask(&mut self, content: impl Into<String>) -> Result<String> {
        let mut answer = self.stream(content)?;
        for piece in &mut answer {
            piece?;
        }
        Ok(answer.heard.clone())
    }
}

/// An answer that is being given, piece by piece: an iterator.
#[derive(Debug)]
pub struct Answer<'c> {
    generation: Generation,
    heard: String,
    is_complete: bool,
    messages: &'c mut Vec<Message>,
}

impl Answer<'_> {
    /// What came so far.
    pub fn heard(&self) -> &str {
        &self.heard
    }

    /// Why the answer ended, once it has.
    ///
    /// # Errors
    ///
    /// The host does not say.
    pub fn finish(&self) -> Result<Option<Finish>> {
        self.generation.finish()
    }

    /// What it took so far.
    ///
    /// # Errors
    ///
    /// The host does not say.
    pub fn usage(&self) -> Result<Usage> {
        self.generation.usage()
    }
}

impl Iterator for Answer<'_> {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        let piece = self.generation.next();
        match &piece {
            Some(Ok(piece)) => self.heard.push_str(piece),
            Some(Err(_)) => {}
            None => self.is_complete = true,
        }
        piece
    }
}

impl Drop for Answer<'_> {
    fn drop(&mut self) {
        let heard = std::mem::take(&mut self.heard);
        end(self.messages, heard, self.is_complete);
    }
}

/// Makes an answer part of the conversation, in which the question is the last that was said.
fn end(messages: &mut Vec<Message>, heard: String, is_complete: bool) {
    if heard.is_empty() && !is_complete {
        messages.pop();
    } else {
        messages.push(Message::assistant(heard));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Error;

    #[test]
    fn an_answer_that_was_not_heard_leaves_nothing_behind() {
        let ended = |heard: &str, is_complete: bool| {
            let mut messages = vec![Message::system("Be short."), Message::user("Why?")];
            end(&mut messages, heard.to_owned(), is_complete);
            let said = messages.into_iter().skip(1);
            said.map(|message| message.content).collect::<Vec<_>>()
        };
        assert_eq!(ended("Because.", true), ["Why?", "Because."]);
        assert_eq!(ended("Bec", false), ["Why?", "Bec"]);
        assert_eq!(ended("", false), Vec::<String>::new());
        // The model has nothing to say.
        assert_eq!(ended("", true), ["Why?", ""]);
    }

    #[test]
    fn without_a_host_there_is_no_model_to_talk_to() {
        let error = Graph::load_by_name("llm").unwrap_err();
        assert!(matches!(error, Error::UnsupportedOperation(_)), "{error}");
    }
}
