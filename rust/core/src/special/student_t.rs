//! Student's t distribution.

use std::f64::consts::{FRAC_2_PI, PI};

use super::arctangent::atan_of_quotient;
use super::double_double::DoubleDouble;
use super::{NORMAL_LIMIT, TINY, converged, gamma_half_ratio, normal, patch};
use crate::simd::{Lanes, Mask};

/// Two-sided P of a t statistic: P(|T| > |t|) with `df` degrees of freedom.
///
/// # Formula
/// Whole df up to 100 where P > 0.05: one less a finite trigonometric sum (Abramowitz & Stegun
/// 26.7.3-4). Else I_x(df/2, ½) with x = df/(df + t²), the regularised incomplete beta function by
/// the continued fraction of DiDonato & Morris (1992, eq. 15), whose terms depend on x only through
/// (df/2 + ½)(1 - x) - ½ and so keep their digits for many degrees of freedom; for |t| < 1 its
/// complement. x^(df/2) of whole df is a power to twice the precision.
///
/// # Example
/// ```
/// let p = metapool_core::special::student_t::two_sided(1.0, 1.0); // Cauchy
/// assert!((p - 0.5).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn two_sided<V: Lanes>(t: V, df: V) -> V {
    let whole = V::splat(1.0).le(df) & df.le(V::splat(CLOSED_FORM_DF)) & df.round().eq(df);
    let short = whole & t.abs().le(V::splat(CLOSED_FORM_T));
    let p = V::splat(1.0) - finite_sum(t.abs().or_zero(short), V::select(short, df, V::splat(2.0)));
    let exact = short & V::splat(CLOSED_FORM_P).lt(p);
    patch(p, !exact, t, df, incomplete_beta)
}

/// Up to here the finite sum is shorter than the continued fraction.
const CLOSED_FORM_DF: f64 = 100.0;
/// Up to here t² is far from overflow.
const CLOSED_FORM_T: f64 = 1e9;
/// Below, one less the sum has lost more than a digit.
const CLOSED_FORM_P: f64 = 0.05;

/// P(|T| <= t) of whole df, t >= 0, with θ = atan(t/√df): even df sin θ (1 + ½cos²θ + …), odd df
/// 2/π (θ + sin θ cos θ (1 + ⅔cos²θ + …)), the last power cos^(df-2)θ or cos^(df-3)θ more.
#[inline(always)]
fn finite_sum<V: Lanes>(t: V, df: V) -> V {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let whole = df + t * t;
    let (sine, cosine2) = (t / whole.sqrt(), df / whole);
    let half = df * 0.5;
    let even = half.round().eq(half);
    let (mut term, mut sum, mut j) = (sine, sine, one);
    let odd = (!even).any();
    if odd {
        term = V::select(even, sine, sine * cosine2.sqrt());
        sum = V::select(even, sine, term.or_zero(one.lt(df)));
        j = V::select(even, one, one + one);
    }
    let last = df - 3.0;
    let mut more = j.le(last);
    while more.any() {
        term = (term * (cosine2 * (j / (j + 1.0)))).or_zero(more);
        sum = sum + term;
        j = j + 2.0;
        more = j.le(last);
    }
    if odd {
        let angle = atan_of_quotient(t, df.sqrt());
        sum = V::select(even, sum, (sum + angle) * FRAC_2_PI);
    }
    sum.max(zero)
}

/// Any t and df, by continued fraction.
fn incomplete_beta(t: f64, df: f64) -> f64 {
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
