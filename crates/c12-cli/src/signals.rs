use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Ends the program on Ctrl-C and on a request to terminate, whatever the guest is doing. Files that are
/// being written have no name yet, so nothing is left behind.
pub(crate) fn install() {
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else {
        return;
    };
    let thread = std::thread::Builder::new()
        .name("c12-signals".into())
        .stack_size(64 << 10);
    let waiting = thread.spawn(move || {
        if let Some(signal) = signals.forever().next() {
            eprintln!(
                "error: {}",
                if signal == SIGINT {
                    "interrupted"
                } else {
                    "terminated"
                }
            );
            std::process::exit(128 + signal);
        }
    });
    // Without the thread the signals would be swallowed; the default action is better than that.
    if waiting.is_err() {
        for signal in [SIGINT, SIGTERM] {
            let _ = signal_hook::flag::register_conditional_default(
                signal,
                std::sync::Arc::new(true.into()),
            );
        }
    }
}
