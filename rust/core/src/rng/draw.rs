//! A stream read on word by word, by samplers that do not know how many words they will take.

use super::philox::Stream;
use crate::simd::{Lanes, Words};

/// Reads a stream from its beginning: word w is word w mod 4 of block ⌊w/4⌋.
///
/// # Example
/// ```
/// use metapool_core::rng::{draw::Draws, philox::{Purpose, Streams}};
/// let stream = Streams::new(7, Purpose::Bootstrap).stream(1, 0, 0);
/// let mut draws = Draws::new(stream);
/// let words: [u64; 5] = std::array::from_fn(|_| draws.word());
/// assert_eq!(words[..4], stream.block(0));
/// assert_eq!(words[4], stream.block(1)[0]);
/// ```
#[derive(Debug, Clone)]
pub struct Draws {
    stream: Stream,
    block: [u64; 4],
    read: u64,
    /// What digits left of a word.
    rest: Option<Rest<u64>>,
}

/// What remains of words after digits were taken from them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest<W> {
    pub(super) words: W,
    /// Product of the bases of the digits.
    pub(super) taken: u64,
}

/// So many bits of a word may go to digits, that 52 remain for a uniform number.
const MOST_TAKEN: u64 = 1 << 12;

/// What remains, if it still serves as a word.
pub(super) fn keep<W>(words: W, before: u64, base: u64) -> Option<Rest<W>> {
    let taken = before.saturating_mul(base);
    (taken <= MOST_TAKEN).then_some(Rest { words, taken })
}

impl Draws {
    /// At the first word of a stream.
    #[must_use]
    pub fn new(stream: Stream) -> Self {
        Self { stream, block: [0; 4], read: 0, rest: None }
    }

    /// As if `read` words were read already, the last of them from this block.
    pub(super) fn within(
        stream: Stream,
        block: [u64; 4],
        read: u64,
        rest: Option<Rest<u64>>,
    ) -> Self {
        Self { stream, block, read, rest }
    }

    /// What it reads.
    pub(super) fn stream(&self) -> Stream {
        self.stream
    }

    /// The next word, or what [`Draws::digit`] left of the last.
    #[inline]
    pub fn word(&mut self) -> u64 {
        match self.rest.take() {
            Some(rest) => rest.words,
            None => self.fresh(),
        }
    }

    #[inline]
    fn fresh(&mut self) -> u64 {
        let within = (self.read % 4) as usize;
        if within == 0 {
            self.block = self.stream.block(self.read / 4);
        }
        self.read += 1;
        self.block[within]
    }

    /// Uniform on (0, 1), from one word.
    ///
    /// # Formula
    /// (⌊word/2^12⌋ + ½) 2^-52: an odd multiple of 2^-53. 52 bits are the most for which both u and 1 - u
    /// are exact and neither is ever 0; of 53 bits the last uniform would round to 1.
    ///
    /// # Example
    /// ```
    /// use metapool_core::rng::{draw::Draws, philox::{Purpose, Streams}};
    /// let u = Draws::new(Streams::new(7, Purpose::Bootstrap).stream(1, 0, 0)).uniform();
    /// assert!(0.0 < u && u < 1.0);
    /// ```
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        f64::within_unit(&[self.word()], 0)
    }

    /// A whole number below `base` > 0, all equally likely but for 2^-52: the whole part of `base` times the
    /// fraction word/2^64. What remains of it is the fraction of the next word, as long as the product of the bases
    /// is 2^12 at most.
    ///
    /// # Example
    /// ```
    /// use metapool_core::rng::{draw::Draws, philox::{Purpose, Streams}};
    /// let stream = Streams::new(7, Purpose::Bootstrap).stream(1, 0, 0);
    /// let (mut one, mut other) = (Draws::new(stream), Draws::new(stream));
    /// assert_eq!(one.digit(10), (10.0 * other.uniform()).floor() as u64);
    /// assert!(one.uniform() < 1.0 && one.word() == other.word()); // both from the second word on
    /// ```
    #[inline]
    pub fn digit(&mut self, base: u64) -> u64 {
        let (word, before) = match self.rest.take() {
            Some(rest) => (rest.words, rest.taken),
            None => (self.fresh(), 1),
        };
        let (digit, rest) = word.multiply(base);
        self.rest = keep(rest, before, base);
        digit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_open_and_mirror_each_other() {
        assert_eq!(f64::within_unit(&[0], 0), 0.5 * f64::EPSILON);
        for word in [0, 1 << 12, u64::MAX / 3, u64::MAX >> 1, u64::MAX] {
            let (u, mirrored) = (f64::within_unit(&[word], 0), f64::within_unit(&[!word], 0));
            assert!(0.0 < u && u < 1.0);
            assert_eq!(mirrored, 1.0 - u);
            assert_eq!(u, 1.0 - mirrored);
        }
    }
}
