//! The chi-square distribution.

use std::f64::consts::{FRAC_2_SQRT_PI, PI};

use super::double_double::DoubleDouble;
use super::{CONVERGED, NORMAL_LIMIT, TINY, converged, normal};

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
#[must_use]
pub fn sf(x: f64, df: f64) -> f64 {
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
    if df <= CLOSED_FORM_DF && df.fract() == 0.0 && h <= CLOSED_FORM_H {
        return finite_sum(h, df as u32);
    }
    let front = poisson_term(a, h);
    match (front > 0.0, h < a + 1.0) {
        (false, below) => f64::from(below),
        (true, true) => (1.0 - front * lower_series(a, h)).max(0.0),
        (true, false) => front * a / upper_fraction(a, h),
    }
}

/// Up to here the finite sum loses fewer digits than it has.
const CLOSED_FORM_DF: f64 = 200.0;
/// Up to here e^-h is a normal number.
const CLOSED_FORM_H: f64 = 700.0;

/// Whole df: e^-h Σ h^i/i! for i < df/2, or erfc √h + e^-h Σ h^(i+½)/Γ(i + 3/2) for i < (df-1)/2
/// (Abramowitz & Stegun 26.4.4-5); all terms are positive.
fn finite_sum(h: f64, df: u32) -> f64 {
    let decay = libm::exp(-h);
    let (mut term, mut sum, mut i) = if df.is_multiple_of(2) {
        (decay, decay, 1.0)
    } else {
        let root = h.sqrt();
        (decay * root * FRAC_2_SQRT_PI, erfc_of_root(h, root, decay), 1.5)
    };
    if df % 2 == 1 && df > 1 {
        sum += term;
    }
    let a = 0.5 * f64::from(df);
    while i < a {
        term *= h / i;
        sum += term;
        i += 1.0;
    }
    sum.min(1.0)
}

/// erfc √h, with what the rounding of the root lost put back by the first derivative.
fn erfc_of_root(h: f64, root: f64, decay: f64) -> f64 {
    let square = DoubleDouble::product(root, root);
    let lost = ((h - square.high) - square.low) / (2.0 * root);
    libm::erfc(root) - lost * FRAC_2_SQRT_PI * decay
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

/// δ(a) = ln Γ(a+1) - (a+½) ln a + a - ½ ln 2π: Stirling's series, by recurrence below 16.
fn stirling_error(a: f64) -> f64 {
    let (mut shift, mut a) = (0.0, a);
    while a < 16.0 {
        shift += (a + 0.5) * libm::log1p(1.0 / a) - 1.0;
        a += 1.0;
    }
    let r = 1.0 / a;
    let r2 = r * r;
    shift
        + r * (1.0 / 12.0
            - r2 * (1.0 / 360.0
                - r2 * (1.0 / 1260.0
                    - r2 * (1.0 / 1680.0 - r2 * (1.0 / 1188.0 - r2 * (691.0 / 360_360.0))))))
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
