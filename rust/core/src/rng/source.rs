//! Where samplers take random numbers from: one stream, or streams side by side.

use super::draw::{Draws, Rest, keep};
use super::philox::Bundle;
use crate::simd::{Lanes, MOST_LANES};

/// A stream in every lane. What a lane gets does not depend on the others.
pub trait Source<V: Lanes> {
    /// The number of the stream's study.
    fn study(&self) -> V;

    /// As [`Draws::uniform`].
    fn uniform(&mut self) -> V;

    /// As [`Draws::digit`], of a base up to 2^52.
    fn digit(&mut self, base: u64) -> V;

    /// What a sampler that takes it does not say how many words draws in each lane; it is given the lane.
    fn each(&mut self, sample: impl FnMut(usize, &mut Draws) -> f64) -> V;
}

impl Source<f64> for Draws {
    #[inline(always)]
    fn study(&self) -> f64 {
        self.stream().study() as f64
    }

    #[inline(always)]
    fn uniform(&mut self) -> f64 {
        Draws::uniform(self)
    }

    #[inline(always)]
    fn digit(&mut self, base: u64) -> f64 {
        Draws::digit(self, base) as f64
    }

    #[inline(always)]
    fn each(&mut self, mut sample: impl FnMut(usize, &mut Draws) -> f64) -> f64 {
        sample(0, self)
    }
}

/// Words of all lanes.
type Words = [u64; MOST_LANES];

/// [`MOST_LANES`] streams, read together as long as all take the same number of words.
#[derive(Debug, Clone)]
pub(crate) struct SideBySide {
    streams: Bundle<MOST_LANES>,
    block: Block,
    read: u64,
    rest: Option<Rest<Words>>,
    /// Each by itself, once they differ.
    apart: Option<[Draws; MOST_LANES]>,
}

/// A block of each of [`MOST_LANES`] streams: the first word of each, and so on.
pub(crate) type Block = [Words; 4];

impl SideBySide {
    /// At their first words, `first`: drawn some time before, as what was written one by one is not there at once to
    /// be read together.
    #[inline(always)]
    pub(crate) fn new(streams: Bundle<MOST_LANES>, first: Block) -> Self {
        Self { streams, block: first, read: 0, rest: None, apart: None }
    }

    #[inline(always)]
    fn words(&mut self) -> Words {
        if let Some(draws) = &mut self.apart {
            return draws.each_mut().map(Draws::word);
        }
        match self.rest.take() {
            Some(rest) => rest.words,
            None => self.fresh(),
        }
    }

    #[inline(always)]
    fn fresh(&mut self) -> Words {
        let within = (self.read % 4) as usize;
        if within == 0 && self.read > 0 {
            self.streams.blocks::<u64>(self.read / 4, &mut self.block);
        }
        self.read += 1;
        self.block[within]
    }

    /// Every stream by itself.
    #[inline(never)]
    fn part(&mut self) -> &mut [Draws; MOST_LANES] {
        let Self { streams, block, read, rest, apart } = self;
        apart.get_or_insert_with(|| {
            std::array::from_fn(|lane| {
                let rest = rest.map(|rest| Rest { words: rest.words[lane], taken: rest.taken });
                Draws::within(streams.stream(lane), block.map(|words| words[lane]), *read, rest)
            })
        })
    }
}

impl<V: Lanes> Source<V> for SideBySide {
    #[inline(always)]
    fn study(&self) -> V {
        V::load(&self.streams.studies().map(|study| study as f64), 0)
    }

    #[inline(always)]
    fn uniform(&mut self) -> V {
        V::within_unit(&self.words(), 0)
    }

    #[inline(always)]
    fn digit(&mut self, base: u64) -> V {
        if self.apart.is_some() || base >> 32 > 0 {
            return self.each(|_, draws| draws.digit(base) as f64);
        }
        let (mut words, before) = match self.rest.take() {
            Some(rest) => (rest.words, rest.taken),
            None => (self.fresh(), 1),
        };
        let mut digits = [0.0; MOST_LANES];
        for (word, digit) in words.iter_mut().zip(&mut digits) {
            // vectors have no product of whole words
            let low = (*word & HALF) * (base & HALF);
            let high = (*word >> 32) * (base & HALF) + (low >> 32);
            *digit = f64::from((high >> 32) as u32);
            *word = high << 32 | low & HALF;
        }
        self.rest = keep(words, before, base);
        V::load(&digits, 0)
    }

    #[inline(always)]
    fn each(&mut self, mut sample: impl FnMut(usize, &mut Draws) -> f64) -> V {
        let mut found = [0.0; MOST_LANES];
        for (lane, (draws, found)) in self.part().iter_mut().zip(&mut found).enumerate() {
            *found = sample(lane, draws);
        }
        V::load(&found, 0)
    }
}

/// The lower half of a word.
const HALF: u64 = 0xffff_ffff;
