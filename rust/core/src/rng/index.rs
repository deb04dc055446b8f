//! Studies drawn with replacement.

use super::philox::{Bundle, Stream};
use crate::simd::{COLUMNS, Register, Row, Words};

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
                    let (i, rest) = word.multiply(k);
                    take(i as usize);
                    word = rest;
                }
                left -= n;
            }
            b += 1;
        }
    }

    /// Adds to `drawn[i][l]` how often i is drawn from stream l, the same as [`Indices::draw`] draws: all
    /// streams a step at a time, since vectors have no product of whole words.
    #[inline(always)]
    pub(crate) fn count<const L: usize>(self, streams: &Bundle<L>, drawn: &mut [[i32; L]]) {
        let Self { k, per_word } = self;
        let drawn = drawn.as_flattened_mut();
        let (mut left, mut b) = (k as usize, 0);
        while left > 0 {
            let mut words = [[0; L]; 4];
            for lane in 0..L {
                for (words, word) in words.iter_mut().zip(streams.stream(lane).block(b)) {
                    words[lane] = word;
                }
            }
            for words in &mut words {
                let n = left.min(per_word);
                for _ in 0..n {
                    for place in split(words, k) {
                        if let Some(drawn) = drawn.get_mut(place as usize) {
                            *drawn += 1;
                        }
                    }
                }
                left -= n;
            }
            b += 1;
        }
    }

    /// The same in bytes, of k < 256: row r has the r-th index that is drawn from each stream.
    #[inline(always)]
    pub(crate) fn rows<V: Register>(self, streams: &Bundle<COLUMNS>, rows: &mut [Row]) {
        let Self { k, per_word } = self;
        for (b, rows) in (0..).zip(rows.chunks_mut(4 * per_word)) {
            let mut words = [[0; COLUMNS]; 4];
            streams.blocks::<[V::Words; 2]>(b, &mut words);
            for (words, rows) in words.iter().zip(rows.chunks_mut(per_word)) {
                V::digits(words, k as u8, rows);
            }
        }
    }
}

/// The places, in rows of `L`, of the whole parts of k < 2^32 times each fraction; the fractions become what
/// remains.
#[inline(always)]
fn split<const L: usize>(words: &mut [u64; L], k: u64) -> [u64; L] {
    const HALF: u64 = 0xffff_ffff;
    let mut places = [0; L];
    for (lane, (word, place)) in words.iter_mut().zip(&mut places).enumerate() {
        let low = (*word & HALF) * (k & HALF);
        let high = (*word >> 32) * (k & HALF) + (low >> 32);
        *place = (high >> 32) * L as u64 + lane as u64;
        *word = high << 32 | low & HALF;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::super::philox::{Purpose, Streams};
    use super::*;
    use crate::simd::{self, Kernel, Path};

    #[test]
    fn counts_are_of_what_is_drawn() {
        let streams = Streams::new(5, Purpose::Bootstrap);
        for k in [1, 2, 3, 10, 20, 255, 300, 65_535, 65_536, 65_537] {
            let replicates = std::array::from_fn(|lane| 100 + lane as u64);
            let eight = streams.bundle([0; 8], replicates, 3);
            let mut drawn = vec![[0; 8]; k];
            Indices::below(k).count(&eight, &mut drawn);
            for lane in 0..8 {
                let mut expected = vec![0; k];
                Indices::below(k).draw(&eight.stream(lane), |i| expected[i] += 1);
                assert!(drawn.iter().zip(expected).all(|(drawn, n)| drawn[lane] == n));
            }
        }
    }

    struct Rows<'a>(usize, &'a Bundle<COLUMNS>);

    impl Kernel for Rows<'_> {
        type Output = (Vec<Row>, Vec<Row>);

        #[inline(always)]
        fn run<V: Register>(self) -> (Vec<Row>, Vec<Row>) {
            let mut rows = vec![[0; COLUMNS]; self.0];
            Indices::below(self.0).rows::<V>(self.1, &mut rows);
            let fours = (0..self.0).step_by(4);
            let counts = fours.flat_map(|first| V::occurrences(&rows, first as u8)).collect();
            (rows, counts)
        }
    }

    #[test]
    fn rows_and_their_counts_are_of_what_is_drawn() {
        let streams = Streams::new(5, Purpose::Bootstrap);
        for k in [1, 2, 3, 4, 10, 20, 64, 127, 128, 255] {
            let replicates = std::array::from_fn(|column| 100 + column as u64);
            let all = streams.bundle([0; COLUMNS], replicates, 3);
            for path in [Path::Baseline, Path::Avx2] {
                simd::use_path(path);
                let (rows, counts) = simd::run(Rows(k, &all));
                for column in 0..COLUMNS {
                    let (mut drawn, mut expected) = (rows.iter(), vec![0; k.next_multiple_of(4)]);
                    Indices::below(k).draw(&all.stream(column), |i| {
                        assert_eq!(drawn.next().map(|row| usize::from(row[column])), Some(i));
                        expected[i] += 1;
                    });
                    assert!(counts.iter().zip(expected).all(|(counts, n)| counts[column] == n));
                }
            }
        }
    }
}
