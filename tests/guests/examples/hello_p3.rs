//! A WASI 0.3 command: its `run` is asynchronous, and standard output is a stream.
// The generated export functions need `no_mangle`, which is an unsafe attribute.
#![allow(unsafe_code)]

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod command {
    use wasip3::cli::{environment, stdout};
    use wasip3::clocks::monotonic_clock;
    use wasip3::wit_stream;

    wasip3::cli::command::export!(Hello);

    struct Hello;

    impl wasip3::exports::cli::run::Guest for Hello {
        async fn run() -> Result<(), ()> {
            let arguments = environment::get_arguments();
            let name = arguments.get(1).map_or("world", String::as_str).to_owned();

            // Waits without blocking: the host runs other tasks meanwhile.
            let before = monotonic_clock::now();
            monotonic_clock::wait_for(10_000_000).await;
            let waited = monotonic_clock::now().saturating_sub(before);

            let (mut writer, reader) = wit_stream::new();
            let written = stdout::write_via_stream(reader);
            let text = format!(
                "hello {name} from WASI 0.3\nwaited at least 10 ms: {}\n",
                waited >= 10_000_000
            );
            let unwritten = writer.write_all(text.into_bytes()).await;
            drop(writer);
            written.await.map_err(|_| ())?;
            if name == "fail" || !unwritten.is_empty() {
                return Err(());
            }
            Ok(())
        }
    }
}
