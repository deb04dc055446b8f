//! Philox4x64-10 (Salmon, Moraes, Dror & Shaw 2011): four random words from a key and a counter.

use crate::simd::Words;

/// What random numbers are for: their streams never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Bootstrap.
    Bootstrap = 1,
    /// Permutation tests.
    Permutation = 2,
    /// Simulation studies.
    Simulation = 3,
    /// Subsets of the studies of a meta-analysis.
    Subsets = 4,
}

/// Changes whenever the numbers of a stream do.
pub const VERSION: u64 = 1;

/// The streams of one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    key: [u64; 2],
}

impl Streams {
    /// The streams that a seed gives a purpose.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose) -> Self {
        Self { key: [seed, purpose as u64 + (VERSION << 32)] }
    }

    /// The stream of a study (0: of the whole replicate) in a replicate of an analysis.
    #[inline(always)]
    #[must_use]
    pub fn stream(self, study: u64, replicate: u64, analysis: u64) -> Stream {
        Stream { key: self.key, counter: [study, replicate, analysis] }
    }

    /// The streams of studies and replicates of one analysis, side by side.
    #[inline(always)]
    pub(crate) fn bundle<const N: usize>(
        self,
        studies: [u64; N],
        replicates: [u64; N],
        analysis: u64,
    ) -> Bundle<N> {
        Bundle { streams: self, studies, replicates, analysis }
    }
}

/// Streams of one analysis side by side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bundle<const N: usize> {
    streams: Streams,
    studies: [u64; N],
    replicates: [u64; N],
    analysis: u64,
}

impl<const N: usize> Bundle<N> {
    /// The numbers of their studies.
    #[inline(always)]
    pub(super) fn studies(&self) -> &[u64; N] {
        &self.studies
    }

    /// One of them.
    #[inline(always)]
    pub(crate) fn stream(&self, lane: usize) -> Stream {
        self.streams.stream(self.studies[lane], self.replicates[lane], self.analysis)
    }

    /// [`Stream::block`] of all: the first word of each, and so on.
    #[inline(always)]
    pub(crate) fn blocks<W: Words>(&self, b: u64, to: &mut [[u64; N]; 4]) {
        let Self { streams, studies, replicates, analysis } = self;
        for i in (0..N).step_by(W::LANES) {
            let (study, replicate) = (W::load(studies, i), W::load(replicates, i));
            let counter = [W::splat(b + 1), study, replicate, W::splat(*analysis)];
            for (to, words) in to.iter_mut().zip(philox(counter, streams.key)) {
                words.store(to, i);
            }
        }
    }
}

/// A stream of random words, four in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: [u64; 2],
    counter: [u64; 3],
}

impl Stream {
    /// The number of its study.
    pub(super) fn study(&self) -> u64 {
        self.counter[0]
    }

    /// Block `b`: what `numpy.random.Philox(key=, counter=[b, study, replicate, analysis]).random_raw(4)` returns,
    /// which adds 1 to its counter first.
    ///
    /// # Example
    /// ```
    /// use metapool_core::rng::philox::{Purpose, Streams};
    /// let stream = Streams::new(7, Purpose::Bootstrap).stream(0, 4711, 0);
    /// assert_ne!(stream.block(0), stream.block(1));
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn block(&self, b: u64) -> [u64; 4] {
        let [study, replicate, analysis] = self.counter;
        philox([b + 1, study, replicate, analysis], self.key)
    }
}

/// Ten rounds on a counter.
#[inline(always)]
#[must_use]
pub fn philox<W: Words>(mut counter: [W; 4], [mut k0, mut k1]: [u64; 2]) -> [W; 4] {
    for _ in 0..10 {
        let [c0, c1, c2, c3] = counter;
        let (high0, low0) = c0.multiply(0xD2E7_470E_E14C_6C93);
        let (high1, low1) = c2.multiply(0xCA5A_8263_9512_1157);
        counter = [high1.xor(c1).xor(W::splat(k0)), low1, high0.xor(c3).xor(W::splat(k1)), low0];
        k0 = k0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        k1 = k1.wrapping_add(0xBB67_AE85_84CA_A73B);
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of Random123 1.14 (kat_vectors, philox4x64 10).
    #[test]
    fn known_answers() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b]
        );
        assert_eq!(
            philox([u64::MAX; 4], [u64::MAX; 2]),
            [0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0]
        );
        assert_eq!(
            philox(
                [0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89],
                [0x452821e638d01377, 0xbe5466cf34e90c6c]
            ),
            [0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6]
        );
    }
}
