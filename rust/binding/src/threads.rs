//! Threads that survive `os.fork`: a child starts its own and leaks its parent's, which it cannot use.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use metapool_core::engine::{Steps, Workers};
use pyo3::prelude::*;

/// Studies between two looks for Ctrl-C, at most and at first; in between as many as take about `LOOK`.
const PART: usize = 1 << 21;
const FIRST_PART: usize = 1 << 13;
const LOOK: Duration = Duration::from_millis(100);

/// Does work on `threads` threads without the GIL, looking for Ctrl-C between its parts.
pub(crate) fn finish(py: Python<'_>, work: impl Steps + Send, threads: usize) -> PyResult<()> {
    finish_watched(py, work, threads, |_| Ok(()))
}

/// As [`finish`]; what is done so far is shown after every part.
pub(crate) fn finish_watched<S: Steps + Send>(
    py: Python<'_>,
    mut work: S,
    threads: usize,
    show: impl Fn(&S) -> PyResult<()>,
) -> PyResult<()> {
    let workers = if work.is_short() { &Workers::ALONE } else { workers(threads) };
    let mut part = FIRST_PART;
    loop {
        let start = Instant::now();
        if !py.detach(|| work.step(part, workers)) {
            return Ok(());
        }
        show(&work)?;
        py.check_signals()?;
        let pace = LOOK.as_secs_f64() / start.elapsed().as_secs_f64();
        part = ((part as f64 * pace.min(64.0)) as usize).clamp(FIRST_PART / 16, PART);
    }
}

/// Process, number of threads, threads. They live as long as the process.
type Started = (u32, usize, &'static Workers);

static STARTED: Mutex<Vec<Started>> = Mutex::new(Vec::new());

/// `threads` threads of this process.
///
/// If the list is locked (by a thread that a fork left behind), the calling thread works alone: slower,
/// with the same results.
fn workers(threads: usize) -> &'static Workers {
    let process = std::process::id();
    let Ok(mut started) = STARTED.try_lock() else { return &Workers::ALONE };
    if let Some((.., workers)) = started.iter().find(|s| (s.0, s.1) == (process, threads)) {
        return workers;
    }
    let workers: &'static Workers = Box::leak(Box::new(Workers::new(threads)));
    started.push((process, threads, workers));
    workers
}
