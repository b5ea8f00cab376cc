use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use c12_nn_core::{Cancel, Code, Reason};

#[test]
fn the_first_reason_stays_and_is_the_error() {
    let cancel = Cancel::new();
    cancel.check().unwrap();
    let clone = cancel.clone();
    clone.cancel(Reason::Timeout);
    cancel.cancel(Reason::Gone);
    assert_eq!(cancel.check().unwrap_err().code(), Code::Timeout);
}

#[test]
fn callbacks_run_once_and_not_after_they_are_taken_back() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = |cancel: &Cancel| {
        let count = Arc::clone(&count);
        cancel.on_cancel(move || {
            count.fetch_add(1, Ordering::SeqCst);
        })
    };
    let cancel = Cancel::new();
    let kept = counted(&cancel);
    drop(counted(&cancel));
    cancel.cancel(Reason::Gone);
    cancel.cancel(Reason::Gone);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    drop(kept);
    // One that is cancelled already calls at once.
    let _late = counted(&cancel);
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
