//! Sums over a block of replicates.

use crate::analysis::Fits;
use crate::pool::critical::Criticals;
use crate::simd::{self, Kernel, Lanes, MOST_LANES, Pair, Register};
use crate::small_study::regression::Lines;
use crate::status::Status;

use super::performance::{Moments, Tally, Truth};

impl Tally {
    /// Of pooled analyses; an interval without 0 rejects, as P below 1 - level does.
    #[must_use]
    pub fn of_fits(fits: &Fits, truth: Truth) -> Self {
        let [error, squared_error, variance, width, tau2_error, squared_tau2_error] =
            simd::run(TakeMoments(Fitted { fits, truth }));
        let limits = || fits.ci_low.iter().zip(&fits.ci_high);
        let intervals = limits().filter(|(low, high)| low <= high).count() as f64;
        let holding =
            |x: f64| limits().filter(|(low, high)| **low <= x && x <= **high).count() as f64;
        Self {
            n: fits.estimate.len() as f64,
            error,
            squared_error,
            variance,
            width,
            tau2_error,
            squared_tau2_error,
            covers: [intervals, holding(truth.effect)],
            rejects: [intervals, intervals - holding(0.0)],
            statuses: statuses(&fits.status),
        }
    }

    /// Of tests; t beyond its critical value rejects, as P below 1 - level does.
    #[must_use]
    pub(crate) fn of_tests(lines: &Lines, criticals: &Criticals) -> Self {
        let [error, _, variance, ..] = simd::run(TakeMoments(Tested(lines)));
        let tested = || lines.statistic.iter().zip(&lines.df).filter(|(t, _)| !t.is_nan());
        let rejects = tested().filter(|(t, df)| t.abs() > criticals.t::<f64>(**df as f64)).count();
        Self {
            n: lines.bias.len() as f64,
            error,
            variance,
            rejects: [tested().count() as f64, rejects as f64],
            statuses: statuses(&lines.status),
            ..Self::default()
        }
    }
}

fn statuses(codes: &[i64]) -> [f64; Status::ALL.len()] {
    let mut found = [0.0; Status::ALL.len()];
    for code in codes {
        if let Some(found) = found.get_mut(*code as usize) {
            *found += 1.0;
        }
    }
    found
}

/// Numbers of each replicate that a tally has moments of, NaN if undefined.
trait Replicates {
    fn len(&self) -> usize;

    /// Error, its square, variance, width, error of tau² and its square, of the replicates from `i` on.
    fn numbers<V: Lanes>(&self, i: usize) -> [V; NUMBERS];
}

const NUMBERS: usize = 6;

struct Fitted<'a> {
    fits: &'a Fits,
    truth: Truth,
}

impl Replicates for Fitted<'_> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.fits.estimate.len()
    }

    #[inline(always)]
    fn numbers<V: Lanes>(&self, i: usize) -> [V; NUMBERS] {
        let Self { fits, truth } = self;
        let (estimate, se) = (V::load(&fits.estimate, i), V::load(&fits.se, i));
        let (error, tau2_error) = (estimate - truth.effect, V::load(&fits.tau2, i) - truth.tau2);
        // without a truth the spread of the estimates is still known
        let about = if truth.effect.is_nan() { estimate } else { error };
        let width = V::load(&fits.ci_high, i) - V::load(&fits.ci_low, i);
        [about, error * error, se * se, width, tau2_error, tau2_error * tau2_error]
    }
}

struct Tested<'a>(&'a Lines);

impl Replicates for Tested<'_> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.0.bias.len()
    }

    #[inline(always)]
    fn numbers<V: Lanes>(&self, i: usize) -> [V; NUMBERS] {
        let (se, none) = (V::load(&self.0.se, i), V::splat(f64::NAN));
        [V::load(&self.0.bias, i), none, se * se, none, none, none]
    }
}

/// Moments of each number over the replicates that have it: a pass for the means, one for the squares about them.
struct TakeMoments<R>(R);

impl<R: Replicates> Kernel for TakeMoments<R> {
    type Output = [Moments; NUMBERS];

    #[inline(always)]
    fn run<V: Register>(self) -> [Moments; NUMBERS] {
        let Sums { n, sums } = Sums::over::<V>(&self.0, &[0.0; NUMBERS], false);
        let means: [f64; NUMBERS] =
            std::array::from_fn(|j| if n[j] > 0.0 { sums[j] / n[j] } else { 0.0 });
        let squares = Sums::over::<V>(&self.0, &means, true).sums;
        std::array::from_fn(|j| Moments { n: n[j], mean: means[j], squares: squares[j] })
    }
}

/// How many replicates have each number, and sums of its distance from a point.
struct Sums<V> {
    n: [V; NUMBERS],
    sums: [V; NUMBERS],
}

impl<V: Lanes> Sums<V> {
    #[inline(always)]
    fn none() -> Self {
        Self { n: [V::splat(0.0); NUMBERS], sums: [V::splat(0.0); NUMBERS] }
    }

    /// Adds the distances, or their squares, of the replicates from `i` on.
    #[inline(always)]
    fn add(&mut self, numbers: [V; NUMBERS], points: &[f64; NUMBERS], squared: bool) {
        for (((number, point), n), sum) in
            numbers.into_iter().zip(points).zip(&mut self.n).zip(&mut self.sums)
        {
            let defined = number.eq(number);
            let distance = (number - *point).or_zero(defined);
            *n = *n + V::splat(1.0).or_zero(defined);
            *sum = *sum + if squared { distance * distance } else { distance };
        }
    }
}

impl Sums<f64> {
    #[inline(always)]
    fn over<V: Register>(
        replicates: &impl Replicates,
        points: &[f64; NUMBERS],
        squared: bool,
    ) -> Self {
        let (mut lanes, mut rest) = (Sums::<Pair<V>>::none(), Self::none());
        let mut i = 0;
        while i + Pair::<V>::LANES <= replicates.len() {
            lanes.add(replicates.numbers(i), points, squared);
            i += Pair::<V>::LANES;
        }
        while i < replicates.len() {
            rest.add(replicates.numbers(i), points, squared);
            i += 1;
        }
        for j in 0..NUMBERS {
            let [mut n, mut sum] = [[0.0; MOST_LANES]; 2];
            lanes.n[j].store(&mut n, 0);
            lanes.sums[j].store(&mut sum, 0);
            rest.n[j] += n.iter().sum::<f64>();
            rest.sums[j] += sum.iter().sum::<f64>();
        }
        rest
    }
}
