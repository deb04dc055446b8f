//! A batch of meta-analyses, cut into blocks.

use std::collections::VecDeque;
use std::ops::Range;

use crate::studies::Studies;

use super::workers::Workers;

/// Analyses in a block at the most; a block writes to its own slots, so results do not depend on
/// threads.
const BLOCK: usize = 256;
/// A block that has this many studies takes no more analyses: its scratch stays in the cache.
const BLOCK_STUDIES: usize = 2560;

/// A batch of so many blocks is over before threads have woken: about 0.2 ms.
const SHORT: usize = 8;

/// Room for the results of a batch.
pub trait Out: Send + Default {
    /// The room of the next `analyses`, which have `rows` studies, and the rest.
    fn cut(self, analyses: usize, rows: usize) -> (Self, Self);
}

/// What is done with every block of a batch.
pub trait Task: Sync {
    /// What a thread reuses between blocks.
    type Scratch: Default;
    /// Where the results of a block go.
    type Out<'o>: Out;

    /// Does meta-analyses `first..first + n`.
    fn block(
        &self,
        studies: &Studies<'_>,
        first: usize,
        n: usize,
        scratch: &mut Self::Scratch,
        out: Self::Out<'_>,
    );
}

/// Work that is done part by part, so that a caller can look up in between.
pub trait Steps {
    /// Does the next part, about so many studies; false at the end.
    fn step(&mut self, studies: usize, workers: &Workers) -> bool;

    /// Whether so little is left that waking threads would take longer than it saves.
    fn is_short(&self) -> bool;

    /// Does everything.
    fn finish(mut self, workers: &Workers)
    where
        Self: Sized,
    {
        while self.step(usize::MAX, workers) {}
    }
}

/// A batch on its way.
#[derive(Debug)]
pub struct Batch<'a, T: Task> {
    task: T,
    studies: &'a Studies<'a>,
    shares: Vec<Share<T::Out<'a>>>,
}

/// What one thread does of a batch: its neighbouring analyses and the room for their results. Threads
/// that write far from each other do not fetch the same pages, and find in their caches what they wrote
/// in a call before.
#[derive(Debug)]
struct Share<O> {
    analyses: Range<usize>,
    rest: O,
}

/// A block: its first analysis, how many, where their results go.
type Block<O> = (usize, usize, O);

impl<O: Out> Share<O> {
    /// Cuts off the analyses before `end`.
    fn cut(&mut self, studies: &Studies<'_>, end: usize) -> Self {
        let analyses = self.analyses.start..end;
        let rows = studies.rows(analyses.start, analyses.len()).len();
        let (own, rest) = std::mem::take(&mut self.rest).cut(analyses.len(), rows);
        (self.analyses.start, self.rest) = (end, rest);
        Self { analyses, rest: own }
    }

    /// The next blocks, of about `most` studies in all.
    fn blocks(&mut self, studies: &Studies<'_>, most: usize) -> VecDeque<Block<O>> {
        let mut blocks = VecDeque::new();
        let mut taken = 0;
        while taken < most && !self.analyses.is_empty() {
            let first = self.analyses.start;
            let n = studies.analyses_within(first, BLOCK.min(self.analyses.len()), BLOCK_STUDIES);
            taken += studies.rows(first, n).len().max(n);
            blocks.push_back((first, n, self.cut(studies, first + n).rest));
        }
        blocks
    }
}

impl<'a, T: Task> Batch<'a, T> {
    pub(super) fn new(task: T, studies: &'a Studies<'a>, rest: T::Out<'a>) -> Self {
        Self { task, studies, shares: vec![Share { analyses: 0..studies.n_analyses(), rest }] }
    }

    /// Makes as many shares as there are threads, once, of about the same number of studies.
    fn divide(&mut self, threads: usize) {
        if self.shares.len() > 1 {
            return;
        }
        for left in (2..=threads).rev() {
            let Some(mut rest) = self.shares.pop() else { return };
            let Range { start, end } = rest.analyses;
            let rows = self.studies.rows(start, end - start).len() / left;
            let n = self.studies.analyses_within(start, end - start, rows);
            self.shares.push(rest.cut(self.studies, start + n));
            self.shares.push(rest);
        }
    }
}

impl<T: Task> Steps for Batch<'_, T> {
    fn step(&mut self, studies: usize, workers: &Workers) -> bool {
        self.divide(workers.threads());
        let most = studies.div_ceil(self.shares.len());
        let blocks = self.shares.iter_mut().map(|share| share.blocks(self.studies, most));
        let blocks: Vec<_> = blocks.collect();
        let (task, studies) = (&self.task, self.studies);
        workers.run(blocks, |space, (first, n, out)| task.block(studies, first, n, space, out));
        self.shares.iter().any(|share| !share.analyses.is_empty())
    }

    fn is_short(&self) -> bool {
        let left = self.shares.iter().map(|share| share.analyses.clone());
        let (analyses, studies) = left.fold((0, 0), |(analyses, studies), left| {
            let rows = self.studies.rows(left.start, left.len());
            (analyses + left.len(), studies + rows.len())
        });
        analyses <= SHORT * BLOCK && studies <= SHORT * BLOCK_STUDIES
    }
}
