//! Student's t distribution.

use std::f64::consts::PI;

use super::{TINY, converged, gamma_half_ratio, normal};

/// Two-sided P of a t statistic: P(|T| > |t|) with `df` degrees of freedom.
///
/// # Formula
/// I_x(df/2, ½) with x = df/(df + t²), the regularised incomplete beta function by its continued
/// fraction (DLMF 8.17.22), on the side on which that converges.
///
/// # Example
/// ```
/// let p = metapool_core::special::student_t::two_sided(1.0, 1.0); // Cauchy
/// assert!((p - 0.5).abs() < 1e-15);
/// ```
#[must_use]
pub fn two_sided(t: f64, df: f64) -> f64 {
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if t.is_infinite() {
        return 0.0;
    }
    let a = 0.5 * df;
    if df > super::NORMAL_LIMIT {
        return normal::two_sided(t);
    }
    let (x, y, log_x) = beta_arguments(t.abs() / df.sqrt());
    // x^a y^½ / B(a, ½)
    let front = libm::exp(a * log_x) * y.sqrt() * gamma_half_ratio(a) / PI.sqrt();
    if x < (a + 1.0) / (a + 2.5) {
        front * beta_fraction(a, 0.5, x) / a
    } else {
        1.0 - front * beta_fraction(0.5, a, y) / 0.5
    }
}

/// x = 1/(1 + s²), 1 - x and ln x, for s = |t|/√df, without overflow of s².
fn beta_arguments(s: f64) -> (f64, f64, f64) {
    if s < 1.0 {
        let r = s * s;
        (1.0 / (1.0 + r), r / (1.0 + r), -libm::log1p(r))
    } else {
        let r = (1.0 / s) * (1.0 / s);
        (r / (1.0 + r), 1.0 / (1.0 + r), -2.0 * libm::log(s) - libm::log1p(r))
    }
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    let mut m = 0.0;
    loop {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let change = d * c;
        fraction *= change;
        if converged(change) {
            return fraction;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_closed_forms() {
        for t in [1e-8_f64, 0.1, 0.5, 1.0, 2.0, 10.0, 1e4] {
            let cauchy = 2.0 / PI * libm::atan(1.0 / t); // df = 1
            assert!((two_sided(t, 1.0) - cauchy).abs() < 1e-13 * cauchy, "df 1, t {t}");
            let s = (2.0 + t * t).sqrt(); // df = 2: 1 - t/s = 2/(s(s+t))
            let two = 2.0 / (s * (s + t));
            assert!((two_sided(t, 2.0) - two).abs() < 1e-13 * two, "df 2, t {t}");
        }
    }
}
