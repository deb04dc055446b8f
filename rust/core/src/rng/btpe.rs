//! Binomial draws by rejection from a triangle, a parallelogram and two exponential tails.

use super::draw::Draws;
use crate::special::{ln, ln_ratio, stirling_error};

/// Up to this distance from the mode the recurrence is the faster.
const NEAR: f64 = 20.0;

/// BTPE (Kachitvichyanukul & Schmeiser 1988) of n trials of probability r <= ½, nr >= 10.
///
/// Places are relative to the mode, so that no digit is lost where n is near 2^53.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Btpe {
    n: f64,
    mode: f64,
    odds: f64,
    /// Half the width of the triangle, and its area.
    half: f64,
    /// By how much the parallelogram is higher than the triangle.
    excess: f64,
    /// Rates of the tails.
    left: f64,
    right: f64,
    /// Areas of the hat up to the parallelogram, the left and the right tail.
    areas: [f64; 3],
    stirling: f64,
}

impl Btpe {
    pub(super) fn new(n: f64, r: f64) -> Self {
        let q = 1.0 - r;
        let mean = n * r;
        let mode = (mean + r).floor();
        let half = (2.195 * (mean * q).sqrt() - 4.6 * q).floor() + 0.5;
        let excess = 0.134 + 20.5 / (15.3 + mode);
        let peak = mean + r - mode;
        let rate = |a: f64| a * (1.0 + 0.5 * a);
        let left_end = 0.5 - half;
        let right_end = 0.5 + half;
        let left = rate((peak - left_end) / (mean + r - (mode + left_end) * r));
        let right = rate((right_end - peak) / ((mode + right_end) * q));
        let body = half * (1.0 + 2.0 * excess);
        let with_left = body + excess / left;
        Self {
            n,
            mode,
            odds: r / q,
            half,
            excess,
            left,
            right,
            areas: [body, with_left, with_left + excess / right],
            stirling: stirling_error(mode + 1.0) + stirling_error(n - mode + 1.0),
        }
    }

    pub(super) fn draw(&self, draws: &mut Draws) -> f64 {
        let &Self { n, mode, half, excess, left, right, areas: [body, with_left, all], .. } = self;
        loop {
            let u = draws.uniform() * all;
            let v = draws.uniform();
            let (x, height) = if u <= half {
                // the triangle lies below the probabilities
                return mode + (0.5 - half * v + u).floor();
            } else if u <= body {
                let x = 0.5 - half + (u - half) / excess;
                (x, v * excess + 1.0 - (0.5 - x).abs() / half)
            } else if u <= with_left {
                (0.5 - half + ln(v) / left, v * (u - body) * left)
            } else {
                (0.5 + half - ln(v) / right, v * (u - with_left) * right)
            };
            let k = x.floor();
            if (-mode..=n - mode).contains(&k) && self.accepts(k, height) {
                return mode + k;
            }
        }
    }

    /// Whether `height` is at most P(mode + k)/P(mode).
    fn accepts(&self, k: f64, height: f64) -> bool {
        if k.abs() <= NEAR {
            height <= self.probability(k)
        } else {
            ln(height) <= self.ln_probability(k)
        }
    }

    /// P(mode + k)/P(mode), by recurrence.
    fn probability(&self, k: f64) -> f64 {
        let &Self { n, mode, odds, .. } = self;
        let (mut found, mut i) = (1.0, 0.0);
        while i < k {
            found *= odds * (n - mode - i) / (mode + i + 1.0);
            i += 1.0;
        }
        while i > k {
            found *= (mode + i) / (odds * (n - mode - i + 1.0));
            i -= 1.0;
        }
        found
    }

    /// ln of P(mode + k)/P(mode).
    ///
    /// # Formula
    /// Stirling's, with δ its error, m the mode, y = m + k, r/q the odds:
    ///   (m + ½) ln((m+1)/(y+1)) + (n - m + ½) ln((n-m+1)/(n-y+1)) + k ln((n-y+1)/(y+1) r/q)
    ///   + δ(m+1) + δ(n-m+1) - δ(y+1) - δ(n-y+1).
    ///
    /// Widely used codes add the last two instead, an error.
    fn ln_probability(&self, k: f64) -> f64 {
        let &Self { n, mode, odds, stirling, .. } = self;
        let y = mode + k;
        let (events, others) = (y + 1.0, n - y + 1.0);
        (mode + 0.5) * ln_ratio(mode + 1.0, events, -k)
            + (n - mode + 0.5) * ln_ratio(n - mode + 1.0, others, k)
            + k * ln(others / events * odds)
            + (stirling - stirling_error(events) - stirling_error(others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stirling_agrees_with_the_recurrence() {
        for (n, r) in [(20.0, 0.5), (33.0, 0.31), (101.0, 0.1), (1e4, 1e-3), (1e6, 0.4), (1e9, 0.5)]
        {
            let btpe = Btpe::new(n, r);
            for k in (-60..=60).map(f64::from).filter(|k| (-btpe.mode..=n - btpe.mode).contains(k))
            {
                let (exact, approximate) = (ln(btpe.probability(k)), btpe.ln_probability(k));
                assert!(
                    (exact - approximate).abs() < 1e-12 * (1.0 + k.abs()),
                    "n {n}, r {r}, k {k}"
                );
            }
        }
    }

    #[test]
    fn keeps_its_digits_at_the_most_trials() {
        let n = 2.0_f64.powi(53);
        let btpe = Btpe::new(n, 0.5);
        // P(mode + k) is proportional to e^(-2k²/n) within O(k⁴/n³)
        for k in [1e3, 1e6, 1e8, -1e8] {
            let expected = -2.0 * k * k / n;
            assert!((btpe.ln_probability(k) - expected).abs() < 1e-7, "k {k}");
        }
    }

    #[test]
    fn triangle_and_hat_enclose_the_probabilities() {
        for (n, r) in
            [(20.0, 0.5), (21.0, 0.49), (40.0, 0.25), (100.0, 0.1), (1e9, 1e-8), (1e4, 0.3)]
        {
            let b = Btpe::new(n, r);
            let reach = b.half + 60.0;
            let mut k = (-reach).floor().max(-b.mode);
            while k < reach.min(n - b.mode) {
                for x in [k, k + 0.5, k + 1.0] {
                    let (out, triangle) =
                        ((0.5 - x).abs() - b.half, 1.0 - (0.5 - x).abs() / b.half);
                    let hat = if out <= 0.0 {
                        triangle + b.excess
                    } else {
                        b.excess * libm::exp(-out * if x < 0.0 { b.left } else { b.right })
                    };
                    let p = b.probability(k);
                    assert!(triangle <= p + 1e-12 && p <= hat + 1e-12, "n {n}, r {r}, x {x}");
                }
                k += 1.0;
            }
        }
    }
}
