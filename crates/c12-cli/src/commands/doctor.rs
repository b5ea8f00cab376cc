use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use c12::Host;
use clap::Args;
use serde::Serialize;

use crate::options::LogOptions;
use crate::plugins::official;
use crate::report::{self, Failure};

/// Shows what is installed, what is missing, and how to get it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  c12 doctor")]
pub(crate) struct Doctor {
    #[command(flatten)]
    log: LogOptions,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    subject: String,
    state: State,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    /// Not there, and only needed for what the help says.
    Missing,
    /// There, and unusable.
    Broken,
}

impl Finding {
    fn new(subject: &str, state: State, detail: impl Into<String>) -> Self {
        Finding {
            subject: subject.to_owned(),
            state,
            detail: detail.into(),
            help: None,
        }
    }

    fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Doctor {
    pub(crate) fn json(&self) -> bool {
        self.log.json
    }

    pub(crate) fn execute(self) -> Result<u8, Failure> {
        self.log.start(None)?;
        let mut findings = vec![
            Finding::new(
                "c12",
                State::Ok,
                format!(
                    "{} on {}-{}",
                    env!("CARGO_PKG_VERSION"),
                    std::env::consts::ARCH,
                    std::env::consts::OS
                ),
            ),
            Finding::new(
                "WebAssembly",
                State::Ok,
                "3.0, components, WASI 0.1, 0.2 and 0.3",
            ),
            cache(),
            key(),
        ];
        let host = official(self.log.json)
            .iter()
            .fold(Host::builder(), |host, official| {
                host.shared_plugin(official.plugin())
            })
            .build();
        findings.extend(host.registry().plugins().map(|(plugin, provided)| {
            Finding::new(
                &format!("plugin {}", plugin.name()),
                State::Ok,
                format!("{} ({} imports)", plugin.description(), provided.len()),
            )
        }));
        #[cfg(feature = "nn")]
        findings.extend(backends());
        findings.extend(["wasm32-wasip1", "wasm32-wasip2"].map(target));
        let text = if self.log.json {
            let json = serde_json::to_string_pretty(&findings)
                .map_err(|error| Failure::own("cannot write the report").because(error))?;
            format!("{json}\n")
        } else {
            render(&findings)
        };
        report::output(&text)?;
        Ok(u8::from(
            findings
                .iter()
                .any(|finding| finding.state == State::Broken),
        ))
    }
}

fn render(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let state = match finding.state {
            State::Ok => "ok",
            State::Missing => "missing",
            State::Broken => "broken",
        };
        let _ = writeln!(text, "{state:8} {}: {}", finding.subject, finding.detail);
        if let Some(help) = &finding.help {
            let _ = writeln!(text, "         {help}");
        }
    }
    text
}

fn cache() -> Finding {
    const SUBJECT: &str = "compile cache";
    let Some(folder) = c12::cache_folder() else {
        return Finding::new(SUBJECT, State::Missing, "no folder: HOME is not set")
            .with_help("set HOME or C12_CACHE_DIR; without it everything is compiled every time");
    };
    let files = match folder.read_dir() {
        Ok(files) => files,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Finding::new(SUBJECT, State::Ok, format!("{} (empty)", folder.display()));
        }
        Err(error) => {
            return Finding::new(
                SUBJECT,
                State::Broken,
                format!("{}: {error}", folder.display()),
            )
            .with_help("make the folder yours, or name another in C12_CACHE_DIR");
        }
    };
    let sizes: Vec<u64> = files
        .flatten()
        .filter_map(|file| file.metadata().ok())
        .map(|metadata| metadata.len())
        .collect();
    let total = bytesize::ByteSize(sizes.iter().sum());
    Finding::new(
        SUBJECT,
        State::Ok,
        format!("{} ({} entries, {total})", folder.display(), sizes.len()),
    )
}

fn key() -> Finding {
    const SUBJECT: &str = "artifact key";
    let Some(folder) = c12::state_folder() else {
        return Finding::new(SUBJECT, State::Missing, "no folder: HOME is not set")
            .with_help("set HOME or C12_STATE_DIR");
    };
    let path = folder.join("artifact.key");
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Finding::new(
            SUBJECT,
            State::Ok,
            format!("{} (made with the first compilation)", path.display()),
        ),
        Err(error) => Finding::new(
            SUBJECT,
            State::Broken,
            format!("{}: {error}", path.display()),
        ),
        Ok(metadata)
            if !metadata.is_file() || metadata.mode() & 0o077 != 0 || metadata.len() != 32 =>
        {
            Finding::new(
                SUBJECT,
                State::Broken,
                format!("{}: not a private file of 32 bytes", path.display()),
            )
            .with_help(
                "remove it; a new one is made, and what was compiled before is compiled again",
            )
        }
        Ok(_) => Finding::new(SUBJECT, State::Ok, path.display().to_string()),
    }
}

/// Which frameworks run models.
#[cfg(feature = "nn")]
fn backends() -> impl Iterator<Item = Finding> {
    c12_nn::backends().into_iter().map(|backend| {
        let subject = format!("nn backend {}", backend.name);
        if backend.status.ready {
            let detail = format!("{}: {}", backend.encoding, c12_nn::summary(&backend.status));
            Finding::new(&subject, State::Ok, detail)
        } else {
            let detail = format!("not there; it would run models of `{}`", backend.encoding);
            Finding::new(&subject, State::Missing, detail)
                .with_help(c12_nn::summary(&backend.status))
        }
    })
}

/// Whether Rust can build guests for a target.
fn target(target: &str) -> Finding {
    let subject = format!("Rust target {target}");
    let library = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", target])
        .output();
    let folder = match library {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => {
            return Finding::new(&subject, State::Missing, "rustc was not found")
                .with_help("install Rust to build guests in it; running them does not need it");
        }
    };
    if Path::new(&folder).is_dir() {
        Finding::new(&subject, State::Ok, folder)
    } else {
        Finding::new(
            &subject,
            State::Missing,
            "not installed, needed only to build guests in Rust",
        )
        .with_help(format!("rustup target add {target}"))
    }
}
