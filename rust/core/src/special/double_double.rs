//! Arithmetic to twice the precision of f64, for exponents of several hundred, whose rounding a plain
//! `exp` would multiply by as much.

/// An unevaluated sum `high + low`, |low| at most half a unit in the last place of `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DoubleDouble {
    pub(super) high: f64,
    pub(super) low: f64,
}

impl DoubleDouble {
    /// a + b exactly (Knuth 1969).
    pub(super) fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let b_part = high - a;
        Self { high, low: (a - (high - b_part)) + (b - b_part) }
    }

    /// a b exactly (Dekker 1971); |a|, |b| below 1e300.
    pub(super) fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        let ((a1, a2), (b1, b2)) = (split(a), split(b));
        Self { high, low: ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2 }
    }

    /// a / b to twice the precision.
    pub(super) fn quotient(a: Self, b: f64) -> Self {
        let high = a.high / b;
        let back = Self::product(high, b);
        Self::sum(high, ((a.high - back.high) - back.low + a.low) / b)
    }

    /// The product with another.
    pub(super) fn times(self, other: Self) -> Self {
        let Self { high, low } = Self::product(self.high, other.high);
        Self::sum(high, low + (self.high * other.low + self.low * other.high))
    }

    /// The whole power n >= 0, by squaring.
    pub(super) fn power(self, n: u64) -> Self {
        let (mut power, mut square, mut rest) = (Self { high: 1.0, low: 0.0 }, self, n);
        while rest > 0 {
            if rest & 1 == 1 {
                power = power.times(square);
            }
            square = square.times(square);
            rest >>= 1;
        }
        power
    }

    /// The power n/2 of a positive number, n >= 0.
    pub(super) fn half_power(self, n: u64) -> Self {
        let whole = self.power(n / 2);
        if n.is_multiple_of(2) { whole } else { whole.times(self.root()) }
    }

    fn root(self) -> Self {
        let high = self.high.sqrt();
        let back = Self::product(high, high);
        Self { high, low: ((self.high - back.high) - back.low + self.low) / (2.0 * high) }
    }

    /// e to this power, |power| below 700: the power less a multiple of ln 2, divided by 2^8, in
    /// Taylor's series, squared eight times.
    pub(super) fn exp(self) -> Self {
        const LN_2: DoubleDouble =
            DoubleDouble { high: std::f64::consts::LN_2, low: 2.319_046_813_846_299_6e-17 };
        let n = (self.high / LN_2.high).round();
        let multiple = LN_2.times(Self { high: -n, low: 0.0 });
        let rest = Self::sum(self.high, multiple.high);
        let scale = 1.0 / 256.0;
        let r = Self::sum(rest.high * scale, (rest.low + self.low + multiple.low) * scale);
        // 1 + r(1 + r/2(1 + r/3(…))); r < 0.0014, so the twelfth term is below 1e-42
        let one = Self { high: 1.0, low: 0.0 };
        let mut sum = one;
        for j in (1..=11_u8).rev() {
            let step = Self::quotient(r.times(sum), f64::from(j));
            let whole = Self::sum(1.0, step.high);
            sum = Self::sum(whole.high, whole.low + step.low);
        }
        let power = sum.power(256);
        let factor = libm::exp2(n);
        Self { high: power.high * factor, low: power.low * factor }
    }
}

/// The upper and the lower 26 bits (Veltkamp 1968).
fn split(a: f64) -> (f64, f64) {
    let c = 134_217_729.0 * a; // 2^27 + 1
    let upper = c - (c - a);
    (upper, a - upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_quotients_are_exact_to_twice_the_precision() {
        let (a, b) = (std::f64::consts::PI, std::f64::consts::E);
        let product = DoubleDouble::product(a, b);
        assert_eq!(product.low, libm::fma(a, b, -product.high));
        let quotient = DoubleDouble::quotient(product, b);
        assert_eq!(quotient.high, a);
        assert!(quotient.low.abs() < 1e-31);
    }

    #[test]
    fn exponentials_keep_their_digits() {
        let e = DoubleDouble { high: 1.0, low: 0.0 }.exp();
        assert_eq!(e.high, std::f64::consts::E);
        assert!((e.low - 1.445_646_891_729_250_2e-16).abs() < 1e-30);
        let (up, down) = (DoubleDouble { high: 300.3, low: 1e-15 }, -300.3);
        let product = up.exp().times(DoubleDouble { high: down, low: -1e-15 }.exp());
        assert!((product.high - 1.0).abs() + product.low.abs() < 1e-29);
    }

    #[test]
    fn powers_keep_their_digits() {
        // (1 + 2^-30)^(2^20) against e^(2^20 ln(1 + 2^-30)) by series
        let x = DoubleDouble { high: 1.0 + 2f64.powi(-30), low: 0.0 };
        let t = 2f64.powi(-30);
        let exponent = 2f64.powi(20) * (t - t * t / 2.0 + t * t * t / 3.0);
        let power = x.power(1 << 20);
        assert!((power.high - libm::exp(exponent)).abs() < 3e-16);
    }
}
