//! Whole processes: start, say hello, end.

use std::path::Path;

use anyhow::{Result, bail};

use crate::Effort;
use crate::contender::Contender;
use crate::samples::Samples;
use crate::tools::Tools;

/// The times of one guest on all that run it.
#[derive(Debug)]
pub(crate) struct Hello {
    pub(crate) guest: &'static str,
    pub(crate) times: Vec<(Contender, Samples)>,
    pub(crate) failures: Vec<String>,
}

impl Hello {
    pub(crate) fn of(&self, name: &str) -> Option<&Samples> {
        let mut times = self.times.iter();
        times
            .find(|(contender, _)| contender.name == name)
            .map(|(_, samples)| samples)
    }
}

/// What runs nothing at all: the price of a process.
pub(crate) const FLOOR: &str = "`true`";
/// The price of the script through which a peer may be started.
pub(crate) const SCRIPT: &str = "`sh -c 'exec true'`";

pub(crate) fn measure(tools: &Tools, folder: &Path, effort: Effort) -> Result<[Hello; 2]> {
    let mut hellos = Vec::new();
    for (kind, guest) in [("wasip2", "component"), ("wasip1", "module")] {
        eprintln!("whole process: hello {guest}");
        let folder = folder.join(kind);
        std::fs::create_dir_all(&folder)?;
        let file = tools.guest(&format!("{kind}/hello.wasm"))?;
        let mut contenders = vec![
            Ok(Some(Contender::native(FLOOR, Path::new("/bin/true"), &[]))),
            Ok(Some(Contender::native(
                SCRIPT,
                Path::new("/bin/sh"),
                &["-c", "exec /bin/true"],
            ))),
            Ok(Some(Contender::c12(tools, &file, &folder))),
            Contender::wasmtime(tools, &file, &folder),
        ];
        if kind == "wasip1" {
            contenders.push(Contender::wasmedge(tools, &file, &folder));
        }
        hellos.push(turns(guest, contenders, effort.starts));
    }
    match <[Hello; 2]>::try_from(hellos) {
        Ok(hellos) => Ok(hellos),
        Err(_) => bail!("two kinds of guests are measured"),
    }
}

fn turns(guest: &'static str, contenders: Vec<Result<Option<Contender>>>, starts: usize) -> Hello {
    let mut hello = Hello {
        guest,
        times: Vec::new(),
        failures: Vec::new(),
    };
    for contender in contenders {
        let checked = contender.and_then(|contender| {
            contender
                .map(|contender| check(&contender).map(|()| contender))
                .transpose()
        });
        match checked {
            Ok(Some(contender)) => hello.times.push((contender, Samples::default())),
            Ok(None) => {}
            Err(error) => hello.failures.push(format!("hello {guest}: {error:#}")),
        }
    }
    for _ in 0..starts {
        let failures = &mut hello.failures;
        hello
            .times
            .retain_mut(|(contender, samples)| match contender.time() {
                Ok(time) => {
                    samples.add(time);
                    true
                }
                Err(error) => {
                    failures.push(format!("hello {guest}: {error:#}"));
                    false
                }
            });
    }
    hello
}

/// Runs it once: the caches are warm then, and it is seen to do what is measured.
fn check(contender: &Contender) -> Result<()> {
    let output = contender.output(&[])?;
    let native = [FLOOR, SCRIPT].contains(&contender.name);
    if !native && output.trim_end() != "hello from wasm" {
        bail!("{} printed {output:?}", contender.name);
    }
    if contender.name == "C12" && !contender.cache_is_filled() {
        bail!("C12 did not fill its cache");
    }
    Ok(())
}
