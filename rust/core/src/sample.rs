//! The studies that a formula sums over, each counted once or, in a resample, so many times.

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
        self.0 * x * (before + (self.0 - 1.0) * 0.5 * x)
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
}
