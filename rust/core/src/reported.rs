//! Are a printed estimate, its interval and its P consistent?

use crate::pool::Estimate;
use crate::pool::interval::{normal_critical, wald};
use crate::special::normal;

/// A printed number: the true one lies within `half` of `value`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Printed {
    /// As printed (log scale for ratios: see [`Printed::log`]).
    pub low: f64,
    /// Upper end of what rounds to the printed number.
    pub high: f64,
    /// The printed number itself.
    pub value: f64,
}

impl Printed {
    /// A number printed with its last digit worth `2 * half`.
    #[must_use]
    pub fn new(value: f64, half: f64) -> Self {
        Self { low: value - half, high: value + half, value }
    }

    /// The same on the log scale.
    #[must_use]
    pub fn log(self) -> Self {
        Self {
            low: libm::log(self.low.max(0.0)),
            high: libm::log(self.high),
            value: libm::log(self.value),
        }
    }

    fn overlaps(self, low: f64, high: f64) -> bool {
        self.low <= high && low <= self.high
    }
}

/// What a printed estimate and interval imply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Check {
    /// Standard error, from the width of the interval.
    pub se: f64,
    /// z.
    pub statistic: f64,
    /// Two-sided P of z.
    pub p_value: f64,
    /// Least P that unrounded numbers behind the printed ones can have.
    pub p_low: f64,
    /// Greatest such P.
    pub p_high: f64,
    /// The estimate can be the centre of the interval.
    pub estimate_consistent: bool,
    /// The printed range of P meets `p_low..p_high`.
    pub p_consistent: bool,
}

/// Checks a Wald interval at `level` (Bland & Altman 2011: "How to obtain the P value from a
/// confidence interval"), every printed number standing for all that round to it.
///
/// # Formula
/// SE = (upper - lower)/(2 z), z statistic = estimate/SE; the range of P follows from the least and
/// greatest |estimate| and SE.
#[must_use]
pub fn check(estimate: Printed, low: Printed, high: Printed, p: (f64, f64), level: f64) -> Check {
    let critical = normal_critical(level);
    let se = (high.value - low.value) / (2.0 * critical);
    let se_low = ((high.low - low.high) / (2.0 * critical)).max(0.0);
    let se_high = (high.high - low.low) / (2.0 * critical);
    let (least, greatest) = if estimate.low <= 0.0 && estimate.high >= 0.0 {
        (0.0, estimate.high.max(-estimate.low))
    } else {
        let ends = (estimate.low.abs(), estimate.high.abs());
        (ends.0.min(ends.1), ends.0.max(ends.1))
    };
    let p_low = normal::two_sided(greatest / se_low);
    let p_high = normal::two_sided(least / se_high);
    let centre = ((low.low + high.low) / 2.0, (low.high + high.high) / 2.0);
    let implied = wald(Estimate { estimate: estimate.value, se }, critical);
    Check {
        se,
        statistic: implied.statistic,
        p_value: implied.p_value,
        p_low,
        p_high,
        estimate_consistent: estimate.overlaps(centre.0, centre.1),
        p_consistent: p.0 <= p_high && p_low <= p.1,
    }
}
