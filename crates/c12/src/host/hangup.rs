use std::io::Read as _;
use std::os::unix::net::UnixStream;

use signal_hook::SigId;
use signal_hook::consts::SIGHUP;
use signal_hook::low_level::{pipe, unregister};

use super::Host;

/// Reloads the plugins of a host on SIGHUP while it lives: see [`Host::reload_on_hangup`]. Afterwards the signal is
/// ignored, unless somebody else waits for it.
#[derive(Debug)]
pub struct ReloadOnHangup(SigId);

impl ReloadOnHangup {
    pub(super) fn new(host: Host) -> std::io::Result<Self> {
        let (mut received, send) = UnixStream::pair()?;
        let registered = pipe::register(SIGHUP, send)?;
        let waiting = std::thread::Builder::new()
            .name("c12-reload".into())
            .spawn(move || {
                // Signals that come while plugins are loaded are one.
                let mut signals = [0; 64];
                loop {
                    match received.read(&mut signals) {
                        Ok(1..) => {
                            tracing::info!(target: "c12::plugin", "a hangup: looking for new versions of plugins");
                            host.reload();
                        }
                        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                        // The stream ends with the registration.
                        Ok(0) => return,
                        Err(error) => {
                            tracing::error!(target: "c12::plugin", %error, "hangups are no longer noticed");
                            return;
                        }
                    }
                }
            });
        // Dropped, and so given up, if there is no thread.
        let registered = ReloadOnHangup(registered);
        waiting.map(|_| registered)
    }
}

impl Drop for ReloadOnHangup {
    fn drop(&mut self) {
        unregister(self.0);
    }
}
