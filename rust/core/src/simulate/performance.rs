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
        self.squares / (self.n - 1.0)
    }

    /// Standard error of the mean; NaN of one value.
    fn standard_error(self) -> f64 {
        (self.variance() / self.n).sqrt()
    }
}

/// What is summed of an analysis, or of a test.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Replicates.
    pub n: f64,
    /// Estimate (of a test: bias) less the truth.
    pub error: Moments,
    /// Its square.
    pub squared_error: Moments,
    /// Square of the standard error.
    pub variance: Moments,
    /// Length of the interval.
    pub width: Moments,
    /// Estimate of tau² less the truth.
    pub tau2_error: Moments,
    /// Its square.
    pub squared_tau2_error: Moments,
    /// Intervals, and how many hold the truth.
    pub covers: [f64; 2],
    /// Tests (of an analysis, of no effect), and how many reject.
    pub rejects: [f64; 2],
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
pub const NUMBERS: usize = 1 + 3 * 6 + 4 + Status::ALL.len();

impl Tally {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let sum = |a: [f64; 2], b: [f64; 2]| [a[0] + b[0], a[1] + b[1]];
        Self {
            n: self.n + other.n,
            error: self.error.and(other.error),
            squared_error: self.squared_error.and(other.squared_error),
            variance: self.variance.and(other.variance),
            width: self.width.and(other.width),
            tau2_error: self.tau2_error.and(other.tau2_error),
            squared_tau2_error: self.squared_tau2_error.and(other.squared_tau2_error),
            covers: sum(self.covers, other.covers),
            rejects: sum(self.rejects, other.rejects),
            statuses: std::array::from_fn(|i| self.statuses[i] + other.statuses[i]),
        }
    }

    /// All numbers in a row.
    #[must_use]
    pub fn numbers(&self) -> [f64; NUMBERS] {
        let moments = [
            self.error,
            self.squared_error,
            self.variance,
            self.width,
            self.tau2_error,
            self.squared_tau2_error,
        ];
        let mut row = vec![self.n];
        row.extend(moments.iter().flat_map(|m| [m.n, m.mean, m.squares]));
        row.extend(self.covers.iter().chain(&self.rejects).chain(&self.statuses));
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
            error: moments(0),
            squared_error: moments(1),
            variance: moments(2),
            width: moments(3),
            tau2_error: moments(4),
            squared_tau2_error: moments(5),
            covers: [row[19], row[20]],
            rejects: [row[21], row[22]],
            statuses: std::array::from_fn(|i| row[23 + i]),
        }
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
    /// Measures of an analysis.
    ///
    /// # Formula
    /// Morris, White & Crowther (2019, table 6), n replicates with an estimate, S its standard deviation. bias: S/√n;
    /// empirical_se S: S/√(2(n - 1)); mse: the standard error of a mean; model_se, the root of the mean SE²:
    /// √(Var(SE²)/(4 n model_se²)); shares: √(p (1 - p)/n), and where p is 0 or 1, half the length of Wilson's interval
    /// for one standard error, 1/(n + 1).
    #[must_use]
    pub fn measures(&self, truth: Truth) -> Vec<Measure> {
        let Self { error, squared_error, variance, width, tau2_error, squared_tau2_error, .. } =
            self;
        let known = |value: f64| if truth.effect.is_nan() { f64::NAN } else { value };
        let of = |name, value, mcse, n| Measure { name, value, mcse, n };
        let mean = |name, m: &Moments| {
            of(name, if m.n > 0.0 { m.mean } else { f64::NAN }, m.standard_error(), m.n)
        };
        let n = error.n;
        let bias = mean("bias", error);
        let size = if truth.effect == 0.0 { f64::NAN } else { truth.effect };
        let empirical_se = error.variance().sqrt();
        let model_se = variance.mean.sqrt();
        let ratio = model_se / empirical_se;
        let model_error = (variance.variance() / (4.0 * variance.n)).sqrt() / model_se;
        let empirical_error = empirical_se / (2.0 * (n - 1.0)).sqrt();
        let relative = (model_error / model_se).hypot(empirical_error / empirical_se);
        let failed = self.n - n;
        vec![
            of("bias", known(bias.value), known(bias.mcse), n),
            of("relative_bias", bias.value / size, bias.mcse / size.abs(), n),
            of("empirical_se", empirical_se, empirical_error, n),
            mean("mse", squared_error),
            of(
                "model_se",
                if variance.n > 0.0 { model_se } else { f64::NAN },
                model_error,
                variance.n,
            ),
            of("relative_error_of_model_se", ratio - 1.0, ratio * relative, n),
            share("coverage", known(self.covers[1]), self.covers[0]),
            share("power", self.rejects[1], self.rejects[0]),
            mean("interval_width", width),
            mean("tau2_bias", tau2_error),
            mean("tau2_mse", squared_tau2_error),
            share("failed", failed, self.n),
        ]
    }

    /// Measures of a test.
    ///
    /// # Formula
    /// As [`Tally::measures`].
    #[must_use]
    pub fn measures_of_test(&self) -> Vec<Measure> {
        let failed = self.n - self.rejects[0];
        vec![share("power", self.rejects[1], self.rejects[0]), share("failed", failed, self.n)]
    }
}

fn share(name: &'static str, count: f64, n: f64) -> Measure {
    let p = count / n;
    let mcse = if p == 0.0 || p == 1.0 { 1.0 / (n + 1.0) } else { (p * (1.0 - p) / n).sqrt() };
    Measure { name, value: p, mcse: if p.is_nan() { p } else { mcse }, n }
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
