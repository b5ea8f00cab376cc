//! Runs a component inside a program of one's own: `embed FILE [DIRECTORY]`.

use std::time::Duration;

use c12::{Capture, Directory, Engine, Error, Host, Limits, Output};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let Some(file) = arguments.next() else {
        eprintln!("usage: embed FILE [DIRECTORY]");
        std::process::exit(2);
    };

    let mut limits = Limits::default();
    limits.timeout = Some(Duration::from_secs(5));
    limits.memory = 64 << 20;
    let output = Capture::default();
    let mut host = Host::builder()
        .limits(limits)
        .stdout(Output::Capture(output.clone()));
    if let Some(directory) = arguments.next() {
        // The guest may read it, and knows it as `/data`.
        host = host
            .directory(Directory::new(directory, "/data", false))
            .arguments(["stats", "/data"]);
    }

    let engine = Engine::new()?;
    let workload = engine.load_file(&file)?;
    let exit_code = host.build().run(&workload).await?;
    println!(
        "exit code {exit_code}, {} bytes of output",
        output.contents().len()
    );
    Ok(())
}
