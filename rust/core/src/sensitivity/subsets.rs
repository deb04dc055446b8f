//! Subsets of the studies of a meta-analysis (GOSH: Olkin, Dahabreh & Trikalinos 2012).

use crate::analysis::FitsView;
use crate::plan::Plan;
use crate::rng::draw::Draws;
use crate::rng::philox::Streams;
use crate::studies::Studies;

use super::parts::Refits;

/// Which subsets.
#[derive(Debug, Clone, Copy)]
pub enum Subsets {
    /// All but the empty one: subset i has study j if bit j of i + 1 is set.
    All,
    /// Drawn, each of the non-empty ones as likely, from the stream of the replicate that is its number.
    Drawn(Streams),
}

impl Subsets {
    /// Sets the bits of the studies of subset `i`, 64 to a word.
    pub fn write(self, i: usize, studies: usize, words: &mut [u64]) {
        match self {
            Self::All => {
                words.fill(0);
                words[0] = i as u64 + 1;
            }
            Self::Drawn(streams) => {
                let mut draws = Draws::new(streams.stream(0, i as u64, 0));
                let last = studies % 64;
                loop {
                    for word in words.iter_mut() {
                        *word = draws.word();
                    }
                    if let (Some(word), 1..) = (words.last_mut(), last) {
                        *word >>= 64 - last;
                    }
                    if words.iter().any(|word| *word != 0) {
                        return;
                    }
                }
            }
        }
    }
}

/// The words of a set of so many studies.
#[must_use]
pub fn words(studies: usize) -> usize {
    studies.div_ceil(64).max(1)
}

/// Space, reused.
#[derive(Debug, Default)]
pub struct Scratch {
    refits: Refits,
}

/// Fits the subsets `first..` of a meta-analysis, a row of `out` for each; their bits go to `bits`.
pub fn fit_subsets(
    subsets: Subsets,
    plan: &Plan,
    studies: &Studies<'_>,
    first: usize,
    scratch: &mut Scratch,
    bits: &mut [u64],
    out: FitsView<'_>,
) {
    let k = studies.columns().len();
    let sets = bits.chunks_exact_mut(words(k)).enumerate().map(|(i, words)| {
        subsets.write(first + i, k, words);
        let words: &[u64] = words;
        (0..k).filter(move |j| words[j / 64] >> (j % 64) & 1 == 1)
    });
    scratch.refits.fit(plan, studies.columns(), sets, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::philox::Purpose;

    #[test]
    fn drawn_subsets_are_evenly_likely() {
        let streams = Streams::new(3, Purpose::Subsets);
        let mut counts = [0; 8];
        for i in 0..70_000 {
            let mut word = [0];
            Subsets::Drawn(streams).write(i, 3, &mut word);
            counts[word[0] as usize] += 1;
        }
        assert_eq!(counts[0], 0);
        for count in &counts[1..] {
            assert!((9_600..10_400).contains(count), "{counts:?}"); // four standard deviations
        }
    }

    #[test]
    fn many_studies_take_several_words() {
        let mut set = [u64::MAX; 2];
        Subsets::Drawn(Streams::new(3, Purpose::Subsets)).write(7, 65, &mut set);
        assert!(set[1] <= 1);
        assert_eq!((words(0), words(64), words(65)), (1, 1, 2));
    }
}
