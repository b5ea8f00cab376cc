//! Compute kernels on C12, its peers and the machine itself.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use c12_bench_kernels::{KERNELS, Kernel};

use crate::Effort;
use crate::contender::Contender;
use crate::samples::Samples;
use crate::tools::Tools;

/// All kernels' times.
#[derive(Debug)]
pub(crate) struct Kernels {
    pub(crate) rows: Vec<Row>,
    pub(crate) failures: Vec<String>,
}

/// One kernel's times; whoever failed is not among them.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) kernel: &'static Kernel,
    pub(crate) rounds: u32,
    times: Vec<(&'static str, Samples)>,
}

impl Row {
    pub(crate) fn of(&self, name: &str) -> Option<&Samples> {
        let mut times = self.times.iter();
        times
            .find(|(contender, _)| *contender == name)
            .map(|(_, samples)| samples)
    }
}

pub(crate) const NATIVE: &str = "native";

pub(crate) fn measure(tools: &Tools, folder: &Path, effort: Effort) -> Result<Kernels> {
    let guest = tools.guest("wasip1/kernels.wasm")?;
    let mut contenders = Vec::new();
    let mut failures = Vec::new();
    for contender in [
        Ok(Some(Contender::native(NATIVE, &tools.native_kernels, &[]))),
        Ok(Some(Contender::c12(tools, &guest, folder))),
        Contender::wasmtime(tools, &guest, folder),
        Contender::wasmedge(tools, &guest, folder),
    ] {
        match contender {
            Ok(contender) => contenders.extend(contender),
            Err(error) => failures.push(format!("kernels: {error:#}")),
        }
    }
    let mut rows = Vec::new();
    for kernel in KERNELS {
        eprintln!("kernel: {}", kernel.name);
        rows.push(row(kernel, &contenders, effort, &mut failures)?);
    }
    Ok(Kernels { rows, failures })
}

fn row(
    kernel: &'static Kernel,
    contenders: &[Contender],
    effort: Effort,
    failures: &mut Vec<String>,
) -> Result<Row> {
    let native = contenders.first().context("native code is measured")?;
    let rounds = calibrate(native, kernel, effort.kernel_milliseconds)?;
    let (checksum, _) = run(native, kernel, rounds)?;
    let mut row = Row {
        kernel,
        rounds,
        times: Vec::new(),
    };
    let mut alive: Vec<(&Contender, Samples)> = contenders
        .iter()
        .map(|contender| (contender, Samples::default()))
        .collect();
    for _ in 0..effort.kernel_runs {
        alive.retain_mut(|(contender, samples)| {
            let time =
                run(contender, kernel, rounds).and_then(|(got, time)| match got == checksum {
                    true => Ok(time),
                    false => bail!(
                        "{} has the checksum {got}, native code {checksum}",
                        contender.name
                    ),
                });
            match time {
                Ok(time) => {
                    samples.add(time);
                    true
                }
                Err(error) => {
                    failures.push(format!("{}: {error:#}", kernel.name));
                    false
                }
            }
        });
    }
    row.times.extend(
        alive
            .into_iter()
            .map(|(contender, samples)| (contender.name, samples)),
    );
    Ok(row)
}

/// How many rounds take native code this long.
fn calibrate(native: &Contender, kernel: &Kernel, milliseconds: u64) -> Result<u32> {
    let mut rounds = 1;
    loop {
        let (_, time) = run(native, kernel, rounds)?;
        if time >= Duration::from_millis(milliseconds) || rounds >= 1 << 20 {
            return Ok(rounds);
        }
        rounds *= 2;
    }
}

/// The checksum that a contender prints, and the time that it says the rounds took.
fn run(contender: &Contender, kernel: &Kernel, rounds: u32) -> Result<(String, Duration)> {
    let output = contender.output(&[kernel.name, &rounds.to_string()])?;
    let parsed = output
        .trim()
        .split_once(' ')
        .and_then(|(checksum, time)| Some((checksum.to_owned(), time.parse().ok()?)));
    let (checksum, nanoseconds) =
        parsed.with_context(|| format!("{} printed {output:?}", contender.name))?;
    Ok((checksum, Duration::from_nanos(nanoseconds)))
}
