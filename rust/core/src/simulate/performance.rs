//! How well an analysis does: sums over replicates that merge, and the measures made of them.

use crate::status::Status;

/// Number, mean and sum of squared distances from it; of values that are defined.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    /// How many values.
    pub n: f64,
    /// Their mean.
    pub mean: f64,
    /// Sum of their squared distances from it.
    pub squares: f64,
}

impl Moments {
    /// Those of both samples together (Chan, Golub & LeVeque 1983).
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self.n == 0.0 || other.n == 0.0 {
            return if self.n == 0.0 { other } else { self };
        }
        let n = self.n + other.n;
        let distance = other.mean - self.mean;
        Self {
            n,
            mean: self.mean + distance * (other.n / n),
            squares: self.squares + other.squares + distance * distance * (self.n * other.n / n),
        }
    }

    fn variance(self) -> f64 {
        if self.n > 1.0 { self.squares / (self.n - 1.0) } else { f64::NAN }
    }

    /// Standard error of the mean; NaN of one value.
    fn standard_error(self) -> f64 {
        (self.variance() / self.n).sqrt()
    }
}

/// Numbers of a replicate that have moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Estimate (of a test: bias) less the truth; the estimate itself if that is not declared.
    Error,
    /// The square of its distance from the truth.
    SquaredError,
    /// Square of the standard error.
    Variance,
    /// Length of the interval.
    Width,
    /// Estimate of tau² less the truth.
    Tau2Error,
    /// Its square.
    SquaredTau2Error,
    /// 1 if the interval holds the truth, else 0.
    Covers,
    /// 1 if the test (of an analysis, of no effect) rejects, else 0.
    Rejects,
    /// Error less that of the first analysis.
    ErrorDifference,
    /// Squared error less that of the first analysis.
    SquaredErrorDifference,
    /// Covers less that of the first analysis.
    CoversDifference,
    /// Rejects less that of the first analysis, or of the first test.
    RejectsDifference,
}

/// How many there are.
pub const QUANTITIES: usize = Quantity::RejectsDifference as usize + 1;

/// What is summed of an analysis, or of a test.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Replicates.
    pub n: f64,
    /// Moments of every [`Quantity`].
    pub moments: [Moments; QUANTITIES],
    /// Replicates by the code of their status.
    pub statuses: [f64; Status::ALL.len()],
}

/// What an analysis should find.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truth {
    /// The effect; NaN if it is not declared.
    pub effect: f64,
    /// The variance of effects; NaN if it is not declared.
    pub tau2: f64,
}

/// Numbers of a [`Tally`].
pub const NUMBERS: usize = 1 + 3 * QUANTITIES + Status::ALL.len();

impl Tally {
    /// The moments of a quantity.
    #[must_use]
    pub fn of(&self, quantity: Quantity) -> Moments {
        self.moments[quantity as usize]
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            n: self.n + other.n,
            moments: std::array::from_fn(|i| self.moments[i].and(other.moments[i])),
            statuses: std::array::from_fn(|i| self.statuses[i] + other.statuses[i]),
        }
    }

    /// All numbers in a row.
    #[must_use]
    pub fn numbers(&self) -> [f64; NUMBERS] {
        let mut row = vec![self.n];
        row.extend(self.moments.iter().flat_map(|m| [m.n, m.mean, m.squares]));
        row.extend(self.statuses);
        std::array::from_fn(|i| row[i])
    }

    /// Back from a row.
    #[must_use]
    pub fn from_numbers(row: &[f64; NUMBERS]) -> Self {
        let moments = |i: usize| {
            let at = 1 + 3 * i;
            Moments { n: row[at], mean: row[at + 1], squares: row[at + 2] }
        };
        Self {
            n: row[0],
            moments: std::array::from_fn(moments),
            statuses: std::array::from_fn(|i| row[1 + 3 * QUANTITIES + i]),
        }
    }

    /// The mean of the estimates; NaN if there are none.
    #[must_use]
    pub fn mean_estimate(&self, truth: Truth) -> f64 {
        let error = self.of(Quantity::Error);
        let mean = if truth.effect.is_nan() { error.mean } else { truth.effect + error.mean };
        if error.n > 0.0 { mean } else { f64::NAN }
    }
}

/// A measure of performance and its Monte Carlo standard error; NaN where it is undefined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// What it is called.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// Its Monte Carlo standard error.
    pub mcse: f64,
    /// Replicates that it is of.
    pub n: f64,
}

impl Tally {
    /// Measures of an analysis; `about_mean` is its tally with the mean estimate for the truth, if there is one.
    ///
    /// # Formula
    /// Morris, White & Crowther (2019, table 6), n replicates with an estimate, S its standard deviation. bias: S/√n;
    /// empirical_se S: S/√(2(n - 1)); mse: the standard error of a mean; model_se, the root of the mean SE²:
    /// √(Var(SE²)/(4 n model_se²)); shares: √(p (1 - p)/n), and where p is 0 or 1, half the length of Wilson's interval
    /// for one standard error, 1/(n + 1). Differences, unless this is the first, are paired: this analysis less the first,
    /// with the standard error of their mean.
    #[must_use]
    pub fn measures(
        &self,
        truth: Truth,
        about_mean: Option<&Self>,
        is_first: bool,
    ) -> Vec<Measure> {
        let known = |found: Measure| {
            if truth.effect.is_nan() {
                return Measure { value: f64::NAN, mcse: f64::NAN, ..found };
            }
            found
        };
        let of = |name, value, mcse, n| Measure { name, value, mcse, n };
        let (error, variance) = (self.of(Quantity::Error), self.of(Quantity::Variance));
        let n = error.n;
        let bias = known(mean("bias", error));
        let size = if truth.effect == 0.0 { f64::NAN } else { truth.effect };
        let empirical_se = error.variance().sqrt();
        let model_se = if variance.n > 0.0 { variance.mean.sqrt() } else { f64::NAN };
        let ratio = model_se / empirical_se;
        let model_error = (variance.variance() / (4.0 * variance.n)).sqrt() / model_se;
        let empirical_error = empirical_se / (2.0 * (n - 1.0)).sqrt();
        let relative = (model_error / model_se).hypot(empirical_error / empirical_se);
        let mut measures = vec![
            of("mean_estimate", self.mean_estimate(truth), error.standard_error(), n),
            bias,
            of("relative_bias", bias.value / size, bias.mcse / size.abs(), n),
            of("empirical_se", empirical_se, empirical_error, n),
            mean("mse", self.of(Quantity::SquaredError)),
            of("model_se", model_se, model_error, variance.n),
            of("relative_error_of_model_se", ratio - 1.0, ratio * relative, n),
            known(share("coverage", self.of(Quantity::Covers))),
        ];
        measures.extend(
            about_mean.map(|tally| share("bias_eliminated_coverage", tally.of(Quantity::Covers))),
        );
        measures.extend([
            share("power", self.of(Quantity::Rejects)),
            mean("interval_width", self.of(Quantity::Width)),
            mean("tau2_bias", self.of(Quantity::Tau2Error)),
            mean("tau2_mse", self.of(Quantity::SquaredTau2Error)),
            failed(self.n, n),
        ]);
        if is_first {
            return measures;
        }
        measures.extend([
            mean("bias_difference", self.of(Quantity::ErrorDifference)),
            mean("mse_difference", self.of(Quantity::SquaredErrorDifference)),
            mean("coverage_difference", self.of(Quantity::CoversDifference)),
            mean("power_difference", self.of(Quantity::RejectsDifference)),
        ]);
        measures
    }

    /// Measures of a test.
    ///
    /// # Formula
    /// As [`Tally::measures`].
    #[must_use]
    pub fn measures_of_test(&self, is_first: bool) -> Vec<Measure> {
        let rejects = self.of(Quantity::Rejects);
        let mut measures = vec![share("power", rejects), failed(self.n, rejects.n)];
        if !is_first {
            measures.push(mean("power_difference", self.of(Quantity::RejectsDifference)));
        }
        measures
    }
}

fn mean(name: &'static str, of: Moments) -> Measure {
    let value = if of.n > 0.0 { of.mean } else { f64::NAN };
    Measure { name, value, mcse: of.standard_error(), n: of.n }
}

fn failed(n: f64, defined: f64) -> Measure {
    share("failed", Moments { n, mean: (n - defined) / n, squares: 0.0 })
}

/// Of moments of zeros and ones.
fn share(name: &'static str, Moments { n, mean, .. }: Moments) -> Measure {
    // the count is whole: a mean of blocks has rounding in its last digits
    let p = if n > 0.0 { (mean * n).round() / n } else { f64::NAN };
    let mcse = if p == 0.0 || p == 1.0 { 1.0 / (n + 1.0) } else { (p * (1.0 - p) / n).sqrt() };
    Measure { name, value: p, mcse, n }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * b.abs().max(1.0)
    }

    #[test]
    fn parts_merge_into_the_whole() {
        let values: Vec<f64> = (0..1000).map(|i| 100.0 + libm::sin(f64::from(i))).collect();
        let of = |part: &[f64]| {
            let n = part.len() as f64;
            let mean = part.iter().sum::<f64>() / n;
            Moments { n, mean, squares: part.iter().map(|x| (x - mean) * (x - mean)).sum() }
        };
        let whole = of(&values);
        let merged = values.chunks(77).map(of).fold(Moments::default(), Moments::and);
        assert!(near(merged.mean, whole.mean) && near(merged.squares, whole.squares));
        assert_eq!(merged.n, 1000.0);
    }

    #[test]
    fn rows_go_there_and_back() {
        let row: [f64; NUMBERS] = std::array::from_fn(|i| i as f64);
        assert_eq!(Tally::from_numbers(&row).numbers(), row);
    }
}
