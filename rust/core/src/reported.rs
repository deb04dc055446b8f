//! Are a printed estimate, its interval and its P consistent?

use crate::pool::critical::normal_critical;
use crate::special::{normal, student_t};

/// Relative size of what rounding can do to sums of printed numbers.
const SLACK: f64 = 1e-12;

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

    /// Whether the ranges meet; printed numbers often lie half a digit apart, so rounding may not
    /// decide.
    fn overlaps(self, low: f64, high: f64) -> bool {
        let size = |x: f64| if x.is_finite() { x.abs() } else { 0.0 };
        let slack = SLACK * (size(low) + size(high));
        self.low <= high + slack && low - slack <= self.high
    }
}

/// Whether a printed t and the two-sided P printed beside it fit `df` degrees of freedom.
///
/// # Example
/// ```
/// use metapool_core::reported::{Printed, t_fits};
/// assert!(t_fits(Printed::new(0.37, 0.005), (0.7445, 0.7455), 2.0));
/// assert!(!t_fits(Printed::new(0.37, 0.005), (0.7445, 0.7455), 9.0));
/// ```
#[must_use]
pub fn t_fits(t: Printed, p: (f64, f64), df: f64) -> bool {
    let least = if t.overlaps(0.0, 0.0) { 0.0 } else { t.low.abs().min(t.high.abs()) };
    let greatest = t.low.abs().max(t.high.abs());
    p.0 <= student_t::two_sided(least, df) && student_t::two_sided(greatest, df) <= p.1
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

/// Checks a Wald interval at `level`, every printed number standing for all that round to it.
///
/// # Formula
/// SE = (upper - lower)/(2 z), z statistic = estimate/SE (Altman & Bland 2011). The range of P is
/// taken over all limits that round to the printed ones and whose middle rounds to the printed
/// estimate; over all limits that round to the printed ones if there are none.
///
/// # Example
/// ```
/// use metapool_core::reported::{Printed, check};
/// let [estimate, low, high] = [-5.78, -8.00, -3.55].map(|x| Printed::new(x, 0.005));
/// let found = check(estimate, low, high, (0.0, 0.00001), 0.95);
/// assert!(found.estimate_consistent && found.p_consistent);
/// ```
#[must_use]
pub fn check(estimate: Printed, low: Printed, high: Printed, p: (f64, f64), level: f64) -> Check {
    let critical = normal_critical(level);
    let se = (high.value - low.value) / (2.0 * critical);
    let statistic = estimate.value / se;
    let centre = (0.5 * (low.low + high.low), 0.5 * (low.high + high.high));
    let estimate_consistent = estimate.overlaps(centre.0, centre.1);
    let anywhere = Printed::new(0.0, f64::INFINITY);
    let middle = if estimate_consistent { estimate } else { anywhere };
    let (p_low, p_high) = p_range(middle, low, high, critical);
    Check {
        se,
        statistic,
        p_value: normal::two_sided(statistic),
        p_low,
        p_high,
        estimate_consistent,
        p_consistent: p.0 <= p_high && p_low <= p.1,
    }
}

/// Extremes of P over the limits (l, u) in their ranges with their middle in the estimate's.
///
/// z = critical (l + u)/(u - l) is linear-fractional, so |z| is greatest at a corner of that polygon,
/// and least there too or 0 where the middle can be 0.
fn p_range(middle: Printed, low: Printed, high: Printed, critical: f64) -> (f64, f64) {
    let inside = |l: f64, u: f64| {
        if l == f64::NEG_INFINITY {
            return middle.low == l; // a printed ratio of 0
        }
        let (slack, m) = (SLACK * (l.abs() + u.abs()), 0.5 * (l + u));
        let fits = |x: f64, range: Printed| range.low - slack <= x && x <= range.high + slack;
        l < u && fits(m, middle) && fits(l, low) && fits(u, high)
    };
    let (mut least, mut greatest) = (f64::INFINITY, 0.0_f64);
    let mut signs = (false, false);
    for (l, u) in corners(middle, low, high) {
        if inside(l, u) {
            let z = if l.is_infinite() { -critical } else { critical * (l + u) / (u - l) };
            least = least.min(z.abs());
            greatest = greatest.max(z.abs());
            signs = (signs.0 || z <= 0.0, signs.1 || z >= 0.0);
        }
    }
    if signs == (true, true) {
        least = 0.0;
    }
    if high.low <= low.high && middle.overlaps(high.low, low.high) {
        greatest = f64::INFINITY; // limits that may coincide
    }
    (normal::two_sided(greatest), normal::two_sided(least))
}

/// Where the corners of the box of limits, or its edges with the strip of middles, can meet.
fn corners(middle: Printed, low: Printed, high: Printed) -> Vec<(f64, f64)> {
    let mut corners = Vec::with_capacity(12);
    for l in [low.low, low.high] {
        for u in [high.low, high.high] {
            corners.push((l, u));
        }
    }
    for m in [middle.low, middle.high].into_iter().filter(|m| m.is_finite()) {
        corners.extend([low.low, low.high].map(|l| (l, 2.0 * m - l)));
        corners.extend([high.low, high.high].map(|u| (2.0 * m - u, u)));
    }
    corners
}
