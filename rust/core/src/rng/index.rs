//! Studies drawn with replacement.

use super::philox::{Stream, multiply};

/// Draws whole numbers below k, several from each random word.
///
/// # Formula
/// A word is the fraction word/2^64; an index is the whole part of k times it, and what remains is the
/// fraction for the next. As many indices are taken from a word as leave k^n <= 2^32, so that no probability
/// is off by more than 2^-32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indices {
    k: u64,
    per_word: usize,
}

impl Indices {
    /// Of `k` > 0 studies.
    #[must_use]
    pub fn below(k: usize) -> Self {
        let k = k as u64;
        let mut per_word = 1;
        let mut product = k;
        while k > 1 && product.saturating_mul(k) <= 1 << 32 {
            product *= k;
            per_word += 1;
        }
        Self { k, per_word: if k > 1 { per_word } else { 32 } }
    }

    /// Draws k of them from a stream.
    ///
    /// # Example
    /// ```
    /// use metapool_core::rng::{index::Indices, philox::{Purpose, Streams}};
    /// let stream = Streams::new(1, Purpose::Bootstrap).stream(0, 0, 0);
    /// let mut drawn = [0; 5];
    /// Indices::below(5).draw(&stream, |i| drawn[i] += 1);
    /// assert_eq!(drawn.iter().sum::<usize>(), 5);
    /// ```
    #[inline(always)]
    pub fn draw(self, stream: &Stream, mut take: impl FnMut(usize)) {
        let Self { k, per_word } = self;
        let (mut left, mut b) = (k as usize, 0);
        while left > 0 {
            for mut word in stream.block(b) {
                let n = left.min(per_word);
                for _ in 0..n {
                    let (i, rest) = multiply(word, k);
                    take(i as usize);
                    word = rest;
                }
                left -= n;
            }
            b += 1;
        }
    }
}
