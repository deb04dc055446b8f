//! Threads; the only file that names rayon.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Threads that share the blocks of a batch.
#[derive(Debug)]
pub struct Workers(Option<rayon::ThreadPool>);

impl Workers {
    /// The calling thread alone.
    pub const ALONE: Self = Self(None);

    /// `threads` of their own; the calling thread alone for 1, or if none can be started.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let pool = || rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok();
        Self((threads > 1).then(pool).flatten())
    }

    /// How many there are.
    pub(super) fn threads(&self) -> usize {
        self.0.as_ref().map_or(1, rayon::ThreadPool::current_num_threads)
    }

    /// As many of these jobs for each thread, neighbours together.
    pub(super) fn share<J>(&self, mut jobs: VecDeque<J>) -> Vec<VecDeque<J>> {
        let threads = self.threads();
        let each = jobs.len().div_ceil(threads);
        let mut shares = Vec::new();
        for _ in 1..threads {
            let rest = jobs.split_off(each.min(jobs.len()));
            shares.push(std::mem::replace(&mut jobs, rest));
        }
        shares.push(jobs);
        shares
    }

    /// Runs all jobs; each thread reuses its space, does its own share and then helps the others.
    pub(super) fn run<J: Send, S: Default>(
        &self,
        shares: Vec<VecDeque<J>>,
        work: impl Fn(&mut S, J) + Sync + Send,
    ) {
        let Some(pool) = &self.0 else {
            let mut space = S::default();
            shares.into_iter().flatten().for_each(|job| work(&mut space, job));
            return;
        };
        let shares: Vec<_> = shares.into_iter().map(Mutex::new).collect();
        pool.broadcast(|thread| {
            let mut space = S::default();
            let (before, own) = shares.split_at(thread.index().min(shares.len()));
            while let Some(job) = own.first().and_then(|own| pop(own, VecDeque::pop_front)) {
                work(&mut space, job);
            }
            for other in own.iter().skip(1).chain(before) {
                while let Some(job) = pop(other, VecDeque::pop_back) {
                    work(&mut space, job);
                }
            }
        });
    }
}

/// A job off a share.
fn pop<J>(share: &Mutex<VecDeque<J>>, end: impl Fn(&mut VecDeque<J>) -> Option<J>) -> Option<J> {
    end(&mut share.lock().unwrap_or_else(PoisonError::into_inner))
}
