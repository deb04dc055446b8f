//! A stream read on word by word, by samplers that do not know how many words they will take.

use super::philox::Stream;

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
}

impl Draws {
    /// At the first word of a stream.
    #[must_use]
    pub fn new(stream: Stream) -> Self {
        Self { stream, block: [0; 4], read: 0 }
    }

    /// The next word.
    #[inline]
    pub fn word(&mut self) -> u64 {
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
        within_unit(self.word())
    }
}

#[inline]
fn within_unit(word: u64) -> f64 {
    const STEP: f64 = f64::EPSILON; // 2^-52
    ((word >> 12) as f64 + 0.5) * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_open_and_mirror_each_other() {
        assert_eq!(within_unit(0), 0.5 * f64::EPSILON);
        for word in [0, 1 << 12, u64::MAX / 3, u64::MAX >> 1, u64::MAX] {
            let (u, mirrored) = (within_unit(word), within_unit(!word));
            assert!(0.0 < u && u < 1.0);
            assert_eq!(mirrored, 1.0 - u);
            assert_eq!(u, 1.0 - mirrored);
        }
    }
}
