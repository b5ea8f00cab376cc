//! `instantiation GUESTS BATCHES`: prints the time of one instantiation through the library, from a
//! state where everything is linked, and of dropping the instance: a line for each guest and way of
//! allocation, `GUEST WAY NANOSECONDS…`, with a number for each batch.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use c12::{Engine, Host, Linked};

/// How many instances a batch makes, one after the other.
const BATCH: u32 = 100;

struct Row {
    title: String,
    linked: Linked,
    each: Vec<Duration>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [guests, batches] = arguments.as_slice() else {
        bail!("usage: instantiation GUESTS BATCHES");
    };
    let batches: usize = batches.parse().context("BATCHES is a number")?;
    let mut rows = Vec::new();
    for (guest, path) in [
        ("component", "wasip2/hello.wasm"),
        ("module", "wasip1/hello.wasm"),
    ] {
        let path = Path::new(guests).join(path);
        let bytes =
            std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for (way, pooled) in [("pooled", true), ("on-demand", false)] {
            rows.push(Row {
                title: format!("{guest} {way}"),
                linked: link(&bytes, pooled)?,
                each: Vec::new(),
            });
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // One more than is kept: the first touches everything for the first time.
        for batch in 0..=batches {
            for row in &mut rows {
                let time = instantiate(&row.linked).await?;
                if batch > 0 {
                    row.each.push(time / BATCH);
                }
            }
        }
        anyhow::Ok(())
    })?;
    for row in rows {
        let times: Vec<String> = row
            .each
            .iter()
            .map(|time| time.as_nanos().to_string())
            .collect();
        println!("{} {}", row.title, times.join(" "));
    }
    Ok(())
}

fn link(bytes: &[u8], pooled: bool) -> Result<Linked> {
    let engine = Engine::builder().cache(false).interruptible(false);
    let engine = if pooled { engine.pool(16) } else { engine };
    let workload = engine
        .build()
        .and_then(|engine| engine.load("hello", bytes))
        .context("cannot load hello")?;
    Host::builder()
        .build()
        .link(&workload)
        .context("cannot link hello")
}

async fn instantiate(linked: &Linked) -> Result<Duration> {
    let start = Instant::now();
    for _ in 0..BATCH {
        linked
            .instantiate()
            .await
            .context("cannot instantiate hello")?;
    }
    Ok(start.elapsed())
}
