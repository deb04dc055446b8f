//! The chi-square distribution.

use std::f64::consts::{FRAC_2_SQRT_PI, PI};

use super::double_double::DoubleDouble;
use super::{CONVERGED, NORMAL_LIMIT, TINY, converged, erfcx, exp, normal, patch, stirling_error};
use crate::simd::{Lanes, Mask};

/// Survival function P(X > x) with `df` degrees of freedom; 1 for df = 0.
///
/// # Formula
/// Q(a, h), the regularised upper incomplete gamma function with a = df/2, h = x/2. Whole df up to
/// 200: a finite sum. Else the power series of P below a + 1, Legendre's continued fraction of Q
/// above (DLMF 8.11.4, 8.9.2), both times h^a e^-h / Γ(a+1) in Loader's (2000) form, which keeps
/// its digits for large a. Whole df are right to 1e-13; others lose digits to the size of the
/// exponent.
///
/// # Example
/// ```
/// let p = metapool_core::special::chi_square::sf(3.841458820694124, 1.0);
/// assert!((p - 0.05).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn sf<V: Lanes>(x: V, df: V) -> V {
    let (zero, most) = (V::splat(0.0), V::splat(CLOSED_FORM_DF));
    let h = x * 0.5;
    let whole = df.le(most) & zero.le(df) & df.round().eq(df);
    let short = whole & zero.le(h) & h.le(V::splat(CLOSED_FORM_H));
    let sum = finite_sum(h.or_zero(short & zero.lt(df)), df.or_zero(short));
    if !(!short).any() {
        return sum;
    }
    patch(sum, !short, x, df, incomplete_gamma)
}

/// Up to here the finite sum loses fewer digits than it has.
const CLOSED_FORM_DF: f64 = 200.0;
/// Up to here e^-h is a normal number.
const CLOSED_FORM_H: f64 = 700.0;

/// Whole df: e^-h Σ h^i/i! for i < df/2, or erfc √h + e^-h Σ h^(i+½)/Γ(i + 3/2) for i < (df-1)/2
/// (Abramowitz & Stegun 26.4.4-5); all terms are positive.
#[inline(always)]
fn finite_sum<V: Lanes>(h: V, df: V) -> V {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    let half = df * 0.5;
    let even = half.round().eq(half);
    let (mut term, mut sum, mut i) = (one, one, one);
    if (!even).any() {
        let root = h.sqrt();
        term = V::select(even, one, root * FRAC_2_SQRT_PI);
        sum = V::select(even, one, erfcx(root) + term.or_zero(one.lt(df)));
        i = V::select(even, one, V::splat(1.5));
    }
    let mut more = i.lt(half);
    while more.any() {
        term = (term * (h / i)).or_zero(more);
        sum = sum + term;
        i = i + 1.0;
        more = i.lt(half);
    }
    (sum * exp(-h)).min(one).max(zero)
}

/// Any x and df, by series and continued fraction.
fn incomplete_gamma(x: f64, df: f64) -> f64 {
    if x.is_nan() || df.is_nan() || df < 0.0 {
        return f64::NAN;
    }
    if x <= 0.0 || df == 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    if df > NORMAL_LIMIT {
        return normal::sf((x - df) / (2.0 * df).sqrt());
    }
    let (a, h) = (0.5 * df, 0.5 * x);
    let front = poisson_term(a, h);
    match (front > 0.0, h < a + 1.0) {
        (false, below) => f64::from(below),
        (true, true) => (1.0 - front * lower_series(a, h)).max(0.0),
        (true, false) => front * a / upper_fraction(a, h),
    }
}

/// P(a, h) / (h^a e^-h / Γ(a+1)) = Σ h^n / ((a+1)…(a+n)).
fn lower_series(a: f64, h: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, a);
    while term > sum * CONVERGED {
        n += 1.0;
        term *= h / n;
        sum += term;
    }
    sum
}

/// The denominator of Q(a, h) = h^a e^-h / Γ(a) / fraction, by Lentz's method.
fn upper_fraction(a: f64, h: f64) -> f64 {
    let mut b = h + 1.0 - a;
    let mut fraction = b;
    let (mut c, mut d) = (b, 0.0);
    let mut n = 0.0;
    loop {
        n += 1.0;
        let numerator = n * (a - n);
        b += 2.0;
        d = b + numerator * d;
        d = 1.0 / if d.abs() < TINY { TINY } else { d };
        c = b + numerator / c;
        if c.abs() < TINY {
            c = TINY;
        }
        let change = c * d;
        fraction *= change;
        if converged(change) {
            return fraction;
        }
    }
}

/// h^a e^-h / Γ(a+1) = (q e^-u)^a e^-δ(a) / √(2πa) with q = h/a, u = q - 1 (Loader 2000), the power to
/// twice the precision; where e^-u could vanish, (h/a)^a e^-h e^a with a < 8.
fn poisson_term(a: f64, h: f64) -> f64 {
    let power = if 2.0 * a != (2.0 * a).trunc() {
        libm::exp(a * libm::log(h / a) - (h - a))
    } else if h > 100.0 * a {
        let q = DoubleDouble::quotient(DoubleDouble { high: h, low: 0.0 }, a);
        q.half_power((2.0 * a) as u64).high * libm::exp(-h) * libm::exp(a)
    } else {
        let q = DoubleDouble::quotient(DoubleDouble { high: h, low: 0.0 }, a);
        let u = DoubleDouble::quotient(DoubleDouble::sum(a, -h), a);
        q.times(u.exp()).half_power((2.0 * a) as u64).high
    };
    power * libm::exp(-stirling_error(a)) / (2.0 * PI * a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_closed_forms() {
        for x in [1e-9_f64, 0.1, 1.0, 3.0, 10.0, 100.0, 1000.0] {
            let two = libm::exp(-0.5 * x); // df = 2
            assert!((sf(x, 2.0) / two - 1.0).abs() < 1e-13, "df 2, x {x}");
            let one = libm::erfc((0.5 * x).sqrt()); // df = 1
            assert!((sf(x, 1.0) / one - 1.0).abs() < 2e-13, "df 1, x {x}");
        }
        assert_eq!(sf(0.0, 3.0), 1.0);
        assert_eq!(sf(5.0, 0.0), 1.0);
    }
}
