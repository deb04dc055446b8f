//! The studies that a formula sums over, each counted once or, in a resample, so many times.

use std::iter::Zip;
use std::marker::PhantomData;
use std::slice::{ChunksExact, Iter};

use crate::simd::Lanes;

/// How often a study counts.
pub trait Multiplicity<V>: Copy {
    /// x of each of its copies, summed.
    fn times(self, x: V) -> V;
    /// Products of x of its copies, of every two of them and of each with `before`, summed.
    fn pairs(self, x: V, before: V) -> V;
}

/// Once.
#[derive(Debug, Clone, Copy)]
pub struct Once;

impl<V: Lanes> Multiplicity<V> for Once {
    #[inline(always)]
    fn times(self, x: V) -> V {
        x
    }

    #[inline(always)]
    fn pairs(self, x: V, before: V) -> V {
        x * before
    }
}

/// A number of times, its own in every lane.
#[derive(Debug, Clone, Copy)]
pub struct Times<V>(pub V);

impl<V: Lanes> Multiplicity<V> for Times<V> {
    #[inline(always)]
    fn times(self, x: V) -> V {
        self.0 * x
    }

    #[inline(always)]
    fn pairs(self, x: V, before: V) -> V {
        let all = self.0 * x;
        all * (before + (all - x) * 0.5)
    }
}

/// Studies side by side in lanes, two numbers each: effect and precision, or the coordinates of a point;
/// (0, 0) is a study that is out.
pub trait Sample: Copy {
    /// How often a study counts.
    type Multiplicity<V: Lanes>: Multiplicity<V>;
    /// The studies, one of each lane at a time.
    type Studies<V: Lanes>: Iterator<Item = (V, V, Self::Multiplicity<V>)>;

    /// The studies.
    fn studies<V: Lanes>(self) -> Self::Studies<V>;

    /// How many count, copies and all, if that is known beforehand.
    #[inline(always)]
    fn size(self) -> Option<f64> {
        None
    }
}

/// The studies of one analysis in all lanes, each as often as the lane's resample drew it.
#[derive(Debug, Clone, Copy)]
pub struct Resample<'a> {
    first: &'a [f64],
    second: &'a [f64],
    times: &'a [f64],
    size: Option<f64>,
}

impl<'a> Resample<'a> {
    /// Element `j * LANES + l` of `times` is how often study j counts in lane l.
    #[must_use]
    pub fn new(first: &'a [f64], second: &'a [f64], times: &'a [f64]) -> Self {
        Self { first, second, times, size: None }
    }

    /// The same, of which so many count in every lane.
    #[inline(always)]
    #[must_use]
    pub(crate) fn of_size(self, size: Option<f64>) -> Self {
        Self { size, ..self }
    }
}

impl<'a> Sample for Resample<'a> {
    type Multiplicity<V: Lanes> = Times<V>;
    type Studies<V: Lanes> = Drawn<'a, V>;

    #[inline(always)]
    fn studies<V: Lanes>(self) -> Drawn<'a, V> {
        let studies = self.first.iter().zip(self.second);
        Drawn { studies: studies.zip(self.times.chunks_exact(V::LANES)), lanes: PhantomData }
    }

    #[inline(always)]
    fn size(self) -> Option<f64> {
        self.size
    }
}

/// Iterates over the studies of a [`Resample`].
#[derive(Debug, Clone)]
pub struct Drawn<'a, V> {
    studies: Zip<Zip<Iter<'a, f64>, Iter<'a, f64>>, ChunksExact<'a, f64>>,
    lanes: PhantomData<V>,
}

impl<V: Lanes> Iterator for Drawn<'_, V> {
    type Item = (V, V, Times<V>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let ((&first, &second), times) = self.studies.next()?;
        Some((V::splat(first), V::splat(second), Times(V::load(times, 0))))
    }
}
