//! Student's t distribution.

use std::f64::consts::PI;

use super::double_double::DoubleDouble;
use super::{NORMAL_LIMIT, TINY, converged, gamma_half_ratio, normal};

/// Two-sided P of a t statistic: P(|T| > |t|) with `df` degrees of freedom.
///
/// # Formula
/// I_x(df/2, ½) with x = df/(df + t²), the regularised incomplete beta function by the continued
/// fraction of DiDonato & Morris (1992, eq. 15), whose terms depend on x only through
/// (df/2 + ½)(1 - x) - ½ and so keep their digits for many degrees of freedom; for |t| < 1 its
/// complement. x^(df/2) of whole df is a power to twice the precision.
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
    if df > NORMAL_LIMIT {
        return normal::two_sided(t);
    }
    let a = 0.5 * df;
    let (x, y, log_x) = beta_arguments(t.abs() / df.sqrt());
    let power = whole_power(t, df).unwrap_or_else(|| libm::exp(a * log_x));
    // x^a y^½ / B(a, ½)
    let front = power * y.sqrt() * gamma_half_ratio(a) / PI.sqrt();
    if t.abs() >= 1.0 {
        front * beta_fraction(a, 0.5, x, y, (a + 0.5) * y - 0.5)
    } else {
        1.0 - front * beta_fraction(0.5, a, y, x, 0.5 - (a + 0.5) * y)
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

/// x^(df/2) = (1 + t²/df)^(-df/2) to full precision; `None` if df is not whole or t is huge.
fn whole_power(t: f64, df: f64) -> Option<f64> {
    if df.fract() != 0.0 || t.abs() > 1e100 {
        return None;
    }
    let r = DoubleDouble::quotient(DoubleDouble::product(t, t), df);
    let one = DoubleDouble::sum(1.0, r.high);
    let inverse = DoubleDouble::sum(one.high, one.low + r.low);
    let power = inverse.half_power(df as u64);
    Some(1.0 / power.high).filter(|p| p.is_normal())
}

/// The continued fraction of I_x(a, b) over x^a y^b / B(a, b), with lambda = a - (a + b) x >= 0, by
/// Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64, y: f64, lambda: f64) -> f64 {
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let term = |n: f64| {
        let own = if n > 0.0 { n + n * (b - n) * x / (a + 2.0 * n - 1.0) } else { 0.0 };
        own + (a + n) / (a + 2.0 * n + 1.0) * (lambda + 1.0 + n * (1.0 + y))
    };
    let mut c = guard(term(0.0));
    let mut fraction = c;
    let (mut d, mut n) = (0.0, 0.0);
    loop {
        n += 1.0;
        let scale = x / (a + 2.0 * n - 1.0);
        let numerator = (a + n - 1.0) * scale * (a + b + n - 1.0) * scale * n * (b - n);
        let b_n = term(n);
        d = 1.0 / guard(b_n + numerator * d);
        c = guard(b_n + numerator / c);
        let change = c * d;
        fraction *= change;
        if converged(change) {
            return 1.0 / fraction;
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
            assert!((two_sided(t, 1.0) - cauchy).abs() < 1e-14 * cauchy, "df 1, t {t}");
            let s = (2.0 + t * t).sqrt(); // df = 2: 1 - t/s = 2/(s(s+t))
            let two = 2.0 / (s * (s + t));
            assert!((two_sided(t, 2.0) - two).abs() < 1e-14 * two, "df 2, t {t}");
        }
    }
}
