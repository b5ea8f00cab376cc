//! What one instance does with models: the ground on which both faces stand.

mod context;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use c12::Limits;
use c12_nn_core::{Cancel, Error, Registry, Result, Tensor};
use tokio::task::JoinSet;

use crate::allowance::Share;
use crate::computation;
use crate::policy::{self, Policy};
use crate::quota::GuestQuota;
use crate::trouble::Reporter;

#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub use context::ExecutionContext;

/// More than any name has. Messages repeat names, and must stay short.
const LONGEST_NAME: usize = 1024;

/// More dimensions than any model has. Messages repeat them.
const HIGHEST_RANK: usize = 64;

/// Inferences of one call that are under way at once: enough to fill a batch and to keep every processor busy.
const AT_ONCE: usize = 64;

/// One for each instance; clones are one.
#[derive(Clone)]
pub(crate) struct Session(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    /// What its workload is called.
    pub(crate) guest: String,
    pub(crate) registry: Registry,
    pub(crate) policy: Arc<Policy>,
    /// What it shares with the guest's other instances.
    pub(crate) quota: Arc<GuestQuota>,
    reporter: Reporter,
    limits: Limits,
}

/// A tensor with what it takes out of the guest's allowance.
#[derive(Clone)]
pub(crate) struct CountedTensor {
    pub(crate) tensor: Tensor,
    pub(crate) share: Arc<Share>,
}

impl Session {
    pub(crate) fn new(
        guest: &str,
        registry: Registry,
        policy: &Arc<Policy>,
        quota: Arc<GuestQuota>,
        limits: &Limits,
        reporter: Reporter,
    ) -> Self {
        Session(Arc::new(Inner {
            guest: guest.to_owned(),
            registry,
            policy: Arc::clone(policy),
            quota,
            reporter,
            limits: limits.clone(),
        }))
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.0.policy
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn reporter(&self) -> &Reporter {
        &self.0.reporter
    }

    /// The names of the models that were named for guests.
    pub(crate) fn names(&self) -> Vec<String> {
        let models = self.0.registry.models();
        models.map(|spec| spec.name.clone()).collect()
    }

    /// Whether a model of that name was named for the guest.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.0.registry.models().any(|spec| spec.name == name)
    }

    /// Whether a model of that name was named as one of llama.cpp's.
    pub(crate) fn is_named_ggml(&self, name: &str) -> bool {
        self.0
            .registry
            .models()
            .any(|spec| spec.name == name && policy::reads_ggml(&spec.backend))
    }

    /// Does work that takes time, away from the executor, and no longer than one computation may take.
    ///
    /// # Errors
    ///
    /// Those of the work, and `runtime-error` if too much work that was given up has not ended yet.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Cancel) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.work_for(self.0.policy.timeout, work).await
    }

    /// As [`Session::work`], for as long as this, or as long as it takes. The wait for others comes on top, and is no
    /// longer than that either.
    pub(crate) async fn work_for<T: Send + 'static>(
        &self,
        most: Option<Duration>,
        work: impl FnOnce(&Cancel) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = self.0.quota.computations.take(most).await;
        let place = place.ok_or_else(too_many_under_way)?;
        computation::run(most, move |cancel| {
            let _until_it_ends = place;
            work(cancel)
        })
        .await
    }

    /// Does something for each of these, several at once; the results have their order. What is still under way when
    /// one fails, or when nobody waits any more, is cancelled: tasks that are dropped drop what cancels their
    /// computations.
    ///
    /// Each begins with what `room` gives. If that fails, the next one waits until another has ended.
    ///
    /// # Errors
    ///
    /// The first; also that of `room`, if none is under way.
    pub(crate) async fn side_by_side<Item, Room, Done, Failed, Work>(
        items: impl IntoIterator<Item = Item>,
        mut room: impl FnMut() -> Result<Room>,
        begin: impl Fn(Item, Room) -> Work,
    ) -> Result<Vec<Done>, Failed>
    where
        Done: Send + 'static,
        Failed: From<Error> + Send + 'static,
        Work: Future<Output = Result<Done, Failed>> + Send + 'static,
    {
        let mut waiting = items.into_iter().enumerate().peekable();
        let mut running = JoinSet::new();
        let mut done = BTreeMap::new();
        loop {
            while running.len() < AT_ONCE && waiting.peek().is_some() {
                let room = match room() {
                    Ok(room) => room,
                    Err(_) if !running.is_empty() => break,
                    Err(error) => return Err(error.into()),
                };
                if let Some((position, item)) = waiting.next() {
                    let work = begin(item, room);
                    running.spawn(async move { (position, work.await) });
                }
            }
            let Some(ended) = running.join_next().await else {
                return Ok(done.into_values().collect());
            };
            let (position, outcome) = ended.map_err(|error| Error::runtime(error.to_string()))?;
            done.insert(position, outcome?);
        }
    }

    /// Counts bytes that the host is about to hold for tensors.
    ///
    /// # Errors
    ///
    /// `too-large` if the guest holds as much as it may.
    pub(crate) fn hold(&self, bytes: usize) -> Result<Share> {
        let allowance = &self.0.quota.tensors;
        allowance.take(bytes as u64).ok_or_else(|| {
            Error::too_large(format!(
                "the tensors would take more than {} bytes together",
                allowance.most()
            ))
            .with_help("`nn.tensors` is the limit")
        })
    }

    /// A tensor that the host is going to hold.
    ///
    /// # Errors
    ///
    /// As [`Session::hold`].
    pub(crate) fn count(&self, tensor: Tensor) -> Result<CountedTensor> {
        let share = Arc::new(self.hold(size(&tensor))?);
        Ok(CountedTensor { tensor, share })
    }

    /// Counts a text that a language model is about to continue or to embed.
    ///
    /// # Errors
    ///
    /// `runtime-error` if the guest has as many under way as it may.
    pub(crate) fn begin_text(&self) -> Result<Share> {
        let allowance = &self.0.quota.texts;
        allowance.take(1).ok_or_else(|| {
            Error::runtime(format!(
                "language models have {} texts of the guest under way already",
                allowance.most()
            ))
            .with_help("`nn.generations` is the limit")
        })
    }
}

fn too_many_under_way() -> Error {
    Error::runtime("too many computations are under way, among them some that were given up")
}

/// What a tensor takes, in bytes.
fn size(tensor: &Tensor) -> usize {
    let dimensions = tensor.dimensions.len().saturating_mul(size_of::<u32>());
    tensor.data.len().saturating_add(dimensions)
}

pub(crate) fn check_name(name: &str) -> Result<()> {
    if name.len() <= LONGEST_NAME {
        return Ok(());
    }
    Err(Error::invalid_argument(format!(
        "a name has {} bytes; {LONGEST_NAME} are allowed",
        name.len()
    )))
}

pub(crate) fn check_rank(rank: usize) -> Result<()> {
    if rank <= HIGHEST_RANK {
        return Ok(());
    }
    Err(Error::invalid_argument(format!(
        "a tensor has {rank} dimensions; {HIGHEST_RANK} are allowed"
    )))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::allowance::Allowance;
    use crate::quota::{GUEST_COMPUTATIONS, HostQuota};

    fn session() -> Session {
        let policy = Policy::for_tests();
        let quota = HostQuota::new(&policy).of("guest", &policy);
        let registry = Registry::builder().build().unwrap();
        Session::new(
            "guest",
            registry,
            &Arc::new(policy),
            quota,
            &Limits::default(),
            Reporter::new(None),
        )
    }

    /// What cannot be interrupted goes on when it is given up, and must not pile up.
    #[tokio::test]
    async fn what_was_given_up_counts_until_it_ends() {
        let session = session();
        let mut held = Vec::new();
        let mut given_up = JoinSet::new();
        for _ in 0..GUEST_COMPUTATIONS {
            let (hold, until) = mpsc::channel::<()>();
            held.push(hold);
            let session = session.clone();
            given_up.spawn(async move {
                let deaf = session.work(move |_| {
                    let _ = until.recv();
                    Ok(())
                });
                deaf.await
            });
        }
        while let Some(ended) = given_up.join_next().await {
            let error = ended.unwrap().unwrap_err();
            assert_eq!(error.code().name(), "timeout");
        }
        let refused = session.work(|_| Ok(())).await.unwrap_err();
        let words = refused.message();
        assert!(words.contains("are under way"), "{words}");
        // When one ends, another may begin.
        held.pop();
        let mut tries = 0;
        while session.work(|_| Ok(())).await.is_err() {
            tries += 1;
            assert!(tries < 1000);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn as_many_are_side_by_side_as_have_room() {
        let allowance = Allowance::new(2);
        let room = || {
            let share = allowance.take(1);
            share.ok_or_else(|| Error::too_large("full"))
        };
        let doubled = |number: u64, share: Share| async move {
            tokio::time::sleep(Duration::from_millis(20 - number)).await;
            drop(share);
            Ok::<_, Error>(2 * number)
        };
        let done = Session::side_by_side(0..10, room, doubled).await.unwrap();
        assert_eq!(done, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
        // It fails only if none can begin.
        let share = allowance.take(1);
        assert!(Session::side_by_side(0..3, room, doubled).await.is_ok());
        let other = allowance.take(1);
        assert!(Session::side_by_side(0..3, room, doubled).await.is_err());
        assert!(Session::side_by_side(0..0, room, doubled).await.is_ok());
        drop((share, other));
    }

    #[test]
    fn a_guest_has_so_many_texts_under_way() {
        let session = session();
        let texts = [session.begin_text().unwrap(), session.begin_text().unwrap()];
        let refused = session.begin_text().unwrap_err();
        assert_eq!(refused.help(), Some("`nn.generations` is the limit"));
        drop(texts);
        assert!(session.begin_text().is_ok());
    }
}
