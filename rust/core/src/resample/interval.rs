//! Confidence intervals from a bootstrap distribution.

use crate::choice::choice;
use crate::simd::{self, Kernel, Lanes, MOST_LANES, Pair, Register};
use crate::special::normal;
use crate::status::Status;
use crate::table::struct_of_arrays;

use super::quantile::Distribution;

choice! {
    /// How an interval is taken from a bootstrap distribution.
    pub enum BootstrapInterval: "ci" {
        /// Its quantiles.
        Percentile = "percentile",
        /// Its quantiles, mirrored at the estimate.
        Basic = "basic",
        /// The estimate less its bias, ± z times its standard deviation.
        Normal = "normal",
        /// Quantiles whose levels are corrected for bias and acceleration (Efron 1987).
        BiasCorrectedAccelerated = "BCa",
    }
}

choice! {
    /// What becomes of resamples whose statistic is undefined.
    pub enum Degenerate: "degenerate" {
        /// They are left out.
        Drop = "drop",
        /// They count as -inf for a lower limit and as +inf for an upper one.
        Worst = "worst",
    }
}

struct_of_arrays! {
    /// What is said of bootstrap distributions. Undefined fields are NaN; `status` says why.
    pub struct Summaries / SummariesView {
        /// The statistic of the data.
        pub estimate: f64,
        /// Standard deviation of the distribution.
        pub se: f64,
        /// Its mean less the estimate.
        pub bias: f64,
        /// Lower limit.
        pub ci_low: f64,
        /// Upper limit.
        pub ci_high: f64,
        /// Monte Carlo standard error of the lower limit.
        pub ci_low_mcse: f64,
        /// The same of the upper limit.
        pub ci_high_mcse: f64,
        /// Two-sided P that the statistic is 0, of [`Scheme::Wild`](super::Scheme::Wild).
        pub p_value: f64,
        /// Resamples whose statistic is undefined.
        pub n_degenerate: i64,
        /// Code of [`Status`].
        pub status: i64,
    }
}

/// Which interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// How it is formed.
    pub ci: BootstrapInterval,
    /// Confidence level.
    pub level: f64,
    /// The rule for undefined statistics.
    pub degenerate: Degenerate,
}

/// A limit and its Monte Carlo standard error.
type Limit = (f64, f64);

impl Summary {
    /// Describes a distribution about the statistic of the data, in row `i`; `jackknife` are the statistics without
    /// each study, a list for each group from which studies are drawn.
    pub(crate) fn describe(
        &self,
        estimate: f64,
        values: &[f64],
        jackknife: &[&[f64]],
        out: &mut SummariesView<'_>,
        i: usize,
    ) {
        let moments = Moments::of(values);
        let n = values.len();
        out.n_degenerate[i] = (n - moments.n) as i64;
        let numbers = [&mut out.se, &mut out.bias, &mut out.ci_low, &mut out.ci_high];
        numbers.into_iter().for_each(|column| column[i] = f64::NAN);
        (out.ci_low_mcse[i], out.ci_high_mcse[i]) = (f64::NAN, f64::NAN);
        out.p_value[i] = f64::NAN;
        out.estimate[i] = estimate;
        out.status[i] = Status::NotEstimable as i64;
        if !estimate.is_finite() || moments.n == 0 {
            return;
        }
        out.se[i] = moments.sd();
        out.bias[i] = moments.mean - estimate;
        let limits = match self.ci {
            BootstrapInterval::Normal => Some(self.normal(estimate, moments)),
            BootstrapInterval::Percentile => Some(self.percentile(values, moments.n)),
            BootstrapInterval::Basic => {
                let (low, high) = self.percentile(values, moments.n);
                let mirror = |(limit, error): Limit| (2.0 * estimate - limit, error);
                Some((mirror(high), mirror(low)))
            }
            BootstrapInterval::BiasCorrectedAccelerated => {
                self.corrected(estimate, values, moments, jackknife)
            }
        };
        out.status[i] = Status::BcaUndefined as i64;
        if let Some((low, high)) = limits {
            (out.ci_low[i], out.ci_low_mcse[i]) = low;
            (out.ci_high[i], out.ci_high_mcse[i]) = high;
            out.status[i] = Status::Ok as i64;
        }
    }

    fn z(&self) -> f64 {
        normal::upper_quantile(self.tail())
    }

    /// Probability beyond each limit.
    fn tail(&self) -> f64 {
        (1.0 - self.level) / 2.0
    }

    /// What a limit is a quantile of.
    fn distribution<'a>(&self, values: &'a [f64], defined: usize, upper: bool) -> Distribution<'a> {
        let worst = if self.degenerate == Degenerate::Worst { values.len() - defined } else { 0 };
        let (below, above) = if upper { (0, worst) } else { (worst, 0) };
        Distribution { values, defined, below, above }
    }

    /// The quantiles of level α/2 and 1 - α/2 (Efron 1979).
    fn percentile(&self, values: &[f64], defined: usize) -> (Limit, Limit) {
        let at = |level: f64, upper| {
            let distribution = self.distribution(values, defined, upper);
            let deviation = (level * (1.0 - level) / distribution.len() as f64).sqrt();
            limit(&distribution, level, deviation)
        };
        (at(self.tail(), false), at(1.0 - self.tail(), true))
    }

    /// estimate - bias ± z SE.
    ///
    /// Its variance over repetitions, with the central moments m3 and m4: (s² + z² (m4/s² - s²)/4 ∓ z m3/s)/B.
    fn normal(&self, estimate: f64, moments: Moments) -> (Limit, Limit) {
        let (z, s) = (self.z(), moments.sd());
        let at = |z: f64| {
            let spread = z * z * (moments.m4 / (s * s) - s * s) / 4.0;
            let variance = s * s + spread - z * moments.m3 / s;
            let error = if s > 0.0 { (variance.max(0.0) / moments.n as f64).sqrt() } else { s };
            (2.0 * estimate - moments.mean + z * s, error)
        };
        (at(-z), at(z))
    }

    /// Efron (1987): the quantiles of level Φ(z0 + w/(1 - a w)), w = z0 ± z. z0 = Φ⁻¹ of the share of values below
    /// the estimate, half of those equal to it among them (but for [`TIE`]: rounding would decide which are); a from
    /// the jackknife. None where one is undefined.
    ///
    /// The Monte Carlo error has that of z0 in it: the level moves with slope c in the share p0, so the error, as one
    /// of probability, has the variance (a (1 - a) + c² p0 (1 - p0) - 2 c (min(a, p0) - a p0))/B.
    fn corrected(
        &self,
        estimate: f64,
        values: &[f64],
        moments: Moments,
        jackknife: &[&[f64]],
    ) -> Option<(Limit, Limit)> {
        let defined = moments.n;
        let tie = TIE * estimate.abs().max(moments.sd());
        let below = values.iter().filter(|&&x| x < estimate - tie).count() as f64;
        let equal = values.iter().filter(|&&x| (x - estimate).abs() <= tie).count() as f64;
        let share = (below + 0.5 * equal) / defined as f64;
        let z0 = -normal::upper_quantile(share);
        let acceleration = acceleration(jackknife)?;
        let at = |z: f64, upper| {
            let w = z0 + z;
            let stretch = 1.0 - acceleration * w;
            let moved = z0 + w / stretch;
            if !(moved.is_finite() && stretch > 0.0) {
                return None;
            }
            let level = normal::sf(-moved);
            let slope = density(moved) * (1.0 + 1.0 / (stretch * stretch)) / density(z0);
            let distribution = self.distribution(values, defined, upper);
            let variance = level * (1.0 - level) + slope * slope * share * (1.0 - share)
                - 2.0 * slope * (level.min(share) - level * share);
            let deviation = (variance.max(0.0) / distribution.len() as f64).sqrt();
            Some(limit(&distribution, level, deviation))
        };
        Some((at(-self.z(), false)?, at(self.z(), true)?))
    }
}

/// Values nearer than this share of their size (for P, of 1 if it is less; for z0, of their standard deviation if it
/// is more) count as equal.
const TIE: f64 = 1e-10;

/// Two-sided P of a statistic, from its distribution about itself: (1 + b)/(1 + n), where b of n values are as far from it
/// as 0 is, or undefined (Davison & Hinkley 1997, eq. 4.11).
pub(crate) fn p_value(estimate: f64, values: &[f64]) -> f64 {
    if estimate.is_nan() {
        return f64::NAN;
    }
    let far = estimate.abs() - TIE * estimate.abs().max(1.0);
    let near = values.iter().filter(|x| (*x - estimate).abs() < far).count();
    (1 + values.len() - near) as f64 / (1 + values.len()) as f64
}

/// A quantile, and half the distance between those a standard deviation of its level below and above.
fn limit(distribution: &Distribution<'_>, level: f64, deviation: f64) -> Limit {
    let [low, middle, high] = distribution.quantiles([level - deviation, level, level + deviation]);
    (middle, 0.5 * (high - low))
}

/// The standard normal density, up to a constant.
fn density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z)
}

/// Efron's acceleration from jackknife values, for several groups as in Efron & Tibshirani (1993, ch. 14): Σ ΣU³/n³ / (6 (Σ ΣU²/n²)^1.5),
/// U = (n - 1)(mean - value). None if all values of each group are equal or one is undefined.
fn acceleration(jackknife: &[&[f64]]) -> Option<f64> {
    let (mut cubes, mut squares) = (0.0, 0.0);
    for values in jackknife {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let spreads = values.iter().any(|&x| x != values[0]);
        for value in values.iter().filter(|_| spreads) {
            let u = (n - 1.0) / n * (mean - value);
            cubes += u * u * u;
            squares += u * u;
        }
    }
    let found = cubes / (6.0 * squares * squares.sqrt());
    found.is_finite().then_some(found)
}

/// Moments of the values that are defined.
#[derive(Debug, Clone, Copy)]
struct Moments {
    n: usize,
    mean: f64,
    /// Mean square, cube and fourth power of the distance from the mean.
    m2: f64,
    m3: f64,
    m4: f64,
}

impl Moments {
    fn of(values: &[f64]) -> Self {
        simd::run(TakeMoments(values))
    }

    /// With n - 1 in the denominator; NaN of one value.
    fn sd(&self) -> f64 {
        let n = self.n as f64;
        (self.m2 * n / (n - 1.0)).sqrt()
    }
}

struct TakeMoments<'a>(&'a [f64]);

impl Kernel for TakeMoments<'_> {
    type Output = Moments;

    #[inline(always)]
    fn run<V: Register>(self) -> Moments {
        let [n, sum, ..] = Sums::<Pair<V>>::of(self.0, 0.0);
        let mean = sum / n;
        let [_, off, m2, m3, m4] = Sums::<Pair<V>>::of(self.0, mean).map(|sum| sum / n);
        // what rounding left in the mean is small, but not in a mean of squares of smaller numbers
        Moments { n: n as usize, mean: mean + off, m2: (m2 - off * off).max(0.0), m3, m4 }
    }
}

/// Number of values that are not NaN, and sums of powers 1 to 4 of their distance from a point.
struct Sums<V> {
    from: f64,
    sums: [V; 5],
}

impl<V: Lanes> Sums<V> {
    #[inline(always)]
    fn of(values: &[f64], from: f64) -> [f64; 5] {
        let mut sums = Self { from, sums: [V::splat(0.0); 5] };
        let chunks = values.chunks_exact(V::LANES);
        let mut last = [f64::NAN; MOST_LANES];
        last.iter_mut().zip(chunks.remainder()).for_each(|(last, x)| *last = *x);
        for chunk in chunks {
            sums.add(V::load(chunk, 0));
        }
        sums.add(V::load(&last, 0));
        let mut found = [0.0; 5];
        for (found, sum) in found.iter_mut().zip(sums.sums) {
            let mut lanes = [0.0; MOST_LANES];
            sum.store(&mut lanes, 0);
            *found = lanes.iter().sum();
        }
        found
    }

    #[inline(always)]
    fn add(&mut self, x: V) {
        let defined = x.eq(x);
        let distance = (x - self.from).or_zero(defined);
        let square = distance * distance;
        let powers = [distance, square, square * distance, square * square];
        let [n, sums @ ..] = &mut self.sums;
        *n = *n + V::splat(1.0).or_zero(defined);
        for (sum, power) in sums.iter_mut().zip(powers) {
            *sum = *sum + power;
        }
    }
}
