//! Sums over a block of replicates.

use crate::analysis::Fits;
use crate::pool::critical::Criticals;
use crate::simd::{self, Kernel, Lanes, MOST_LANES, Pair, Register};
use crate::small_study::regression::Lines;
use crate::status::Status;

use super::performance::{Moments, Quantity, Tally, Truth};

impl Tally {
    /// Of pooled analyses, and of what they differ from those of the first; an interval without 0 rejects, as P below
    /// 1 - level does.
    #[must_use]
    pub fn of_fits(fits: &Fits, truth: Truth, first: Option<(&Fits, Truth)>) -> Self {
        let own = Fitted { fits, truth };
        let mut tally = Self::new(&fits.status);
        tally.put(FITTED, own.moments());
        if let Some((fits, truth)) = first {
            let first = Fitted { fits, truth };
            tally.put(DIFFERENCES, Less { own, first }.moments());
        }
        tally
    }

    /// Of tests, and of what they differ from the first; t beyond its critical value rejects, as P below 1 - level
    /// does.
    #[must_use]
    pub(crate) fn of_tests(own: Tested<'_>, first: Option<Tested<'_>>) -> Self {
        let mut tally = Self::new(&own.lines.status);
        tally.put(TESTED, own.moments());
        if let Some(first) = first {
            tally.put([Quantity::RejectsDifference], Less { own, first }.moments());
        }
        tally
    }

    fn new(codes: &[i64]) -> Self {
        let count = |status| codes.iter().filter(|code| **code == status as i64).count() as f64;
        let mut statuses = [0.0; Status::ALL.len()];
        let mut left = codes.len() as f64;
        for (status, n) in statuses.iter_mut().enumerate() {
            if left > 0.0 {
                *n = count(status); // most are of the first
                left -= *n;
            }
        }
        Self { n: codes.len() as f64, statuses, ..Self::default() }
    }

    fn put<const N: usize>(&mut self, quantities: [Quantity; N], moments: [Moments; N]) {
        for (quantity, moments) in quantities.into_iter().zip(moments) {
            self.moments[quantity as usize] = moments;
        }
    }
}

/// `N` numbers of each replicate, NaN if undefined.
trait Replicates<const N: usize>: Copy {
    fn len(self) -> usize;

    /// Of the replicates from `i` on.
    fn numbers<V: Lanes>(self, i: usize) -> [V; N];

    /// Their moments over the replicates that have them.
    fn moments(self) -> [Moments; N] {
        simd::run(TakeMoments::<Self, N>(self))
    }
}

const FITTED: [Quantity; 8] = [
    Quantity::Error,
    Quantity::SquaredError,
    Quantity::Variance,
    Quantity::Width,
    Quantity::Tau2Error,
    Quantity::SquaredTau2Error,
    Quantity::Covers,
    Quantity::Rejects,
];

#[derive(Clone, Copy)]
struct Fitted<'a> {
    fits: &'a Fits,
    truth: Truth,
}

impl Replicates<8> for Fitted<'_> {
    #[inline(always)]
    fn len(self) -> usize {
        self.fits.estimate.len()
    }

    #[inline(always)]
    fn numbers<V: Lanes>(self, i: usize) -> [V; 8] {
        let Self { fits, truth } = self;
        let (estimate, se) = (V::load(&fits.estimate, i), V::load(&fits.se, i));
        let (low, high) = (V::load(&fits.ci_low, i), V::load(&fits.ci_high, i));
        let (error, tau2_error) = (estimate - truth.effect, V::load(&fits.tau2, i) - truth.tau2);
        // without a truth the spread of the estimates is still known
        let about = if truth.effect.is_nan() { estimate } else { error };
        let (one, zero, is_interval) = (V::splat(1.0), V::splat(0.0), low.le(high));
        let effect = V::splat(truth.effect);
        let covers = one.or_zero(low.le(effect) & effect.le(high));
        let rejects = one.or_zero(zero.lt(low) | high.lt(zero));
        [
            about,
            error * error,
            se * se,
            high - low,
            tau2_error,
            tau2_error * tau2_error,
            covers.or_nan(is_interval & effect.eq(effect)),
            rejects.or_nan(is_interval),
        ]
    }
}

const DIFFERENCES: [Quantity; 4] = [
    Quantity::ErrorDifference,
    Quantity::SquaredErrorDifference,
    Quantity::CoversDifference,
    Quantity::RejectsDifference,
];

/// What an analysis, or a test, differs from the first of its kind on the same replicates.
#[derive(Clone, Copy)]
struct Less<T> {
    own: T,
    first: T,
}

impl Replicates<4> for Less<Fitted<'_>> {
    #[inline(always)]
    fn len(self) -> usize {
        self.own.len()
    }

    #[inline(always)]
    fn numbers<V: Lanes>(self, i: usize) -> [V; 4] {
        let [error, squared, _, _, _, _, covers, rejects]: [V; 8] = self.own.numbers(i);
        let [first_error, first_squared, _, _, _, _, first_covers, first_rejects]: [V; 8] =
            self.first.numbers(i);
        // of estimates, which error is without a truth, no difference is one of errors
        let known = squared.eq(squared) & first_squared.eq(first_squared);
        [
            (error - first_error).or_nan(known),
            squared - first_squared,
            covers - first_covers,
            rejects - first_rejects,
        ]
    }
}

const TESTED: [Quantity; 3] = [Quantity::Error, Quantity::Variance, Quantity::Rejects];

/// Tests and the critical values of their level.
#[derive(Clone, Copy)]
pub(crate) struct Tested<'a> {
    pub(crate) lines: &'a Lines,
    pub(crate) criticals: &'a Criticals,
}

impl Replicates<3> for Tested<'_> {
    #[inline(always)]
    fn len(self) -> usize {
        self.lines.bias.len()
    }

    #[inline(always)]
    fn numbers<V: Lanes>(self, i: usize) -> [V; 3] {
        let Self { lines, criticals } = self;
        let (se, t) = (V::load(&lines.se, i), V::load(&lines.statistic, i));
        let mut df = [0.0; MOST_LANES];
        for (number, df) in df.iter_mut().zip(&lines.df[i..]) {
            *number = *df as f64;
        }
        let rejects = V::splat(1.0).or_zero(criticals.t(V::load(&df, 0)).lt(t.abs()));
        [V::load(&lines.bias, i), se * se, rejects.or_nan(t.eq(t))]
    }
}

impl Replicates<1> for Less<Tested<'_>> {
    #[inline(always)]
    fn len(self) -> usize {
        self.own.len()
    }

    #[inline(always)]
    fn numbers<V: Lanes>(self, i: usize) -> [V; 1] {
        let [.., own]: [V; 3] = self.own.numbers(i);
        let [.., first]: [V; 3] = self.first.numbers(i);
        [own - first]
    }
}

struct TakeMoments<R, const N: usize>(R);

impl<const N: usize, R: Replicates<N>> Kernel for TakeMoments<R, N> {
    type Output = [Moments; N];

    /// About the first value of each, which is one of the sample: so the squares about the mean lose no more digits
    /// than the replicates have.
    #[inline(always)]
    fn run<V: Register>(self) -> [Moments; N] {
        let Self(replicates) = self;
        let centres = first_values(replicates);
        let (mut lanes, mut rest) = (Sums::<Pair<V>, N>::none(), Sums::<f64, N>::none());
        let mut i = 0;
        while i + Pair::<V>::LANES <= replicates.len() {
            lanes.add(replicates.numbers(i), &centres);
            i += Pair::<V>::LANES;
        }
        while i < replicates.len() {
            rest.add(replicates.numbers(i), &centres);
            i += 1;
        }
        let mut moments = [Moments::default(); N];
        for j in 0..N {
            let n = rest.n[j] + total(lanes.n[j]);
            let (sum, squares) = (rest.sums[j] + total(lanes.sums[j]), total(lanes.squares[j]));
            if n > 0.0 {
                let distance = sum / n;
                let squares = rest.squares[j] + squares - sum * distance;
                moments[j] = Moments { n, mean: centres[j] + distance, squares: squares.max(0.0) };
            }
        }
        moments
    }
}

/// The first value of each number, 0 where there is none.
#[inline(always)]
fn first_values<const N: usize>(replicates: impl Replicates<N>) -> [f64; N] {
    let mut found = [f64::NAN; N];
    for i in 0..replicates.len() {
        for (found, number) in found.iter_mut().zip(replicates.numbers::<f64>(i)) {
            *found = if found.is_nan() { number } else { *found };
        }
        if found.iter().all(|found| !found.is_nan()) {
            break;
        }
    }
    found.map(|found| if found.is_nan() { 0.0 } else { found })
}

#[inline(always)]
fn total<V: Lanes>(sums: V) -> f64 {
    let mut lanes = [0.0; MOST_LANES];
    sums.store(&mut lanes, 0);
    lanes.iter().sum()
}

/// How many replicates have each number, sums of its distances from a centre and of their squares.
struct Sums<V, const N: usize> {
    n: [V; N],
    sums: [V; N],
    squares: [V; N],
}

impl<V: Lanes, const N: usize> Sums<V, N> {
    #[inline(always)]
    fn none() -> Self {
        let none = [V::splat(0.0); N];
        Self { n: none, sums: none, squares: none }
    }

    #[inline(always)]
    fn add(&mut self, numbers: [V; N], centres: &[f64; N]) {
        for j in 0..N {
            let defined = numbers[j].eq(numbers[j]);
            let distance = (numbers[j] - centres[j]).or_zero(defined);
            self.n[j] = self.n[j] + V::splat(1.0).or_zero(defined);
            self.sums[j] = self.sums[j] + distance;
            self.squares[j] = self.squares[j] + distance * distance;
        }
    }
}
