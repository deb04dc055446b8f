//! Binomial inversion in single precision, where rounding cannot change the result: a squeeze.

use std::f64::consts::{LN_2, LOG2_E};

use crate::simd::{Lanes, MOST_LANES, Mask, Singles};

/// Arms of [`Lanes`] that are walked together, so that their chains of operations do not wait for each other.
const ARMS: usize = 2;

/// The least k with u <= P(0) + … + P(k) of binomial distributions of n trials with probability r <= ½ and
/// nr < 100, if single precision is sure of all of them.
///
/// # Formula
/// The walk of [`super::binomial`]: log2 P(0) = -2 n artanh(r/(2 - r)) / ln 2, P(k) = P(k - 1) (n + 1 - k) odds/k.
/// With unit roundoff e = 2^-24 and z = |log2 P(0)|, z is right to 9ez, which makes 7ez of the relative error of P(0),
/// and a step adds 6e to that of a sum. After k <= 32 + 2z steps it is less than delta = (7z + 6 (32 + 2z) + 16) e: sums
/// within u (1 ± delta) are not sure, nor are more steps.
#[inline(always)]
pub(super) fn quantiles<V: Lanes>(n: [V; ARMS], r: [V; ARMS], u: [V; ARMS]) -> Option<[V; ARMS]> {
    if V::LANES != MOST_LANES || V::splat(MOST_TRIALS).lt(n[0].max(n[1])).any() {
        return None;
    }
    let mut walks = [
        Walk::<V::Singles>::new(narrow(n[0]), narrow(r[0]), narrow(u[0])),
        Walk::new(narrow(n[1]), narrow(r[1]), narrow(u[1])),
    ];
    for reciprocals in RECIPROCALS.chunks_exact(STRIDE) {
        for walk in &mut walks {
            for reciprocal in reciprocals {
                walk.step(*reciprocal);
            }
        }
        if !(walks[0].goes_on() || walks[1].goes_on()) {
            return sure(&walks, n, r);
        }
    }
    None
}

#[inline(always)]
fn narrow<V: Lanes>(numbers: V) -> V::Singles {
    let mut lanes = [0.0; MOST_LANES];
    numbers.store(&mut lanes, 0);
    V::Singles::narrow(&lanes)
}

/// The counts, if the last sum below the upper bound is below the lower one, within the steps reckoned with.
#[inline(always)]
fn sure<V: Lanes>(
    walks: &[Walk<V::Singles>; ARMS],
    n: [V; ARMS],
    r: [V; ARMS],
) -> Option<[V; ARMS]> {
    let mut found = n;
    for (arm, walk) in walks.iter().enumerate() {
        let count = V::load(&V::Singles::numbers(walk.count), 0);
        let most = n[arm] * r[arm] * (2.0 * LOG2_E) + STEPS;
        if V::Singles::any(walk.low.lt(walk.below)) || most.lt(count).any() {
            return None;
        }
        found[arm] = count;
    }
    Some(found)
}

/// Beyond, whole numbers are not numbers of single precision.
const MOST_TRIALS: f64 = 16_777_215.0;
/// Steps between two looks at whether a walk goes on.
const STRIDE: usize = 4;
/// Terms and sums are times 2^100, so that P(0) > 2^-200 is a normal number.
const SCALE: f32 = 100.0;
/// So many steps, and 2 |log2 P(0)|, are reckoned with.
const STEPS: f64 = 32.0;
const UNIT_ROUNDOFF: f32 = 0.5 * f32::EPSILON;

struct Walk<S: Singles> {
    /// n + 1 less the steps.
    left: S,
    odds: S,
    term: S,
    sum: S,
    /// u (1 - delta).
    low: S,
    /// u (1 + delta).
    high: S,
    /// The last sum below `high`, and how many are.
    below: S,
    count: S::Counts,
}

impl<S: Singles> Walk<S> {
    #[inline(always)]
    fn new(n: S, r: S, u: S) -> Self {
        let one = S::splat(1.0);
        let s = r / (S::splat(2.0) - r);
        let log2 = n * (s * polynomial(&ARTANH, s * s));
        let whole = log2.round();
        let term = polynomial(&EXP2, log2 - whole) * (whole + S::splat(SCALE)).exp2_whole();
        let steps = S::splat(STEPS as f32) - log2 * S::splat(2.0);
        let delta = steps * S::splat(6.0) - log2 * S::splat(7.0) + S::splat(16.0);
        let delta = delta * S::splat(UNIT_ROUNDOFF);
        let u = u * S::splat(2.0_f32.powi(SCALE as i32));
        Self {
            left: n + one,
            odds: r / (one - r),
            term,
            sum: term,
            low: u * (one - delta),
            high: u * (one + delta),
            below: S::splat(0.0),
            count: S::nothing(),
        }
    }

    #[inline(always)]
    fn step(&mut self, reciprocal: f32) {
        let Self { left, odds, term, sum, high, below, count, .. } = self;
        let is_below = sum.lt(*high);
        *count = S::count(is_below, *count);
        *below = S::select(is_below, *sum, *below);
        *left = *left - S::splat(1.0);
        *term = *term * (*left * (*odds * S::splat(reciprocal)));
        *sum = *sum + *term;
    }

    #[inline(always)]
    fn goes_on(&self) -> bool {
        S::any(self.sum.lt(self.high))
    }
}

/// Even and odd powers apart, so that neither waits for the other.
#[inline(always)]
fn polynomial<S: Singles, const N: usize>(coefficients: &[f32; N], x: S) -> S {
    let square = x * x;
    let mut sums = [S::splat(0.0); 2];
    for (power, c) in coefficients.iter().enumerate().rev() {
        sums[power % 2] = sums[power % 2] * square + S::splat(*c);
    }
    sums[0] + sums[1] * x
}

/// -2 artanh(s)/(s ln 2) by powers of s² <= 1/9; the next term is 1.5e-8 of the sum.
const ARTANH: [f32; 7] = {
    let mut coefficients = [0.0; 7];
    let mut i = 0;
    while i < 7 {
        coefficients[i] = (-2.0 / (LN_2 * (2 * i + 1) as f64)) as f32;
        i += 1;
    }
    coefficients
};

/// 2^f by powers of |f| <= ½; the next term is 5e-9.
const EXP2: [f32; 8] = {
    let (mut coefficients, mut coefficient) = ([1.0; 8], 1.0);
    let mut i = 1;
    while i < 8 {
        coefficient *= LN_2 / i as f64;
        coefficients[i] = coefficient as f32;
        i += 1;
    }
    coefficients
};

/// 1, 1/2, ...: a walk may take so many steps.
const RECIPROCALS: [f32; 256] = {
    let mut table = [0.0; 256];
    let mut i = 0;
    while i < table.len() {
        table[i] = (1.0 / (i + 1) as f64) as f32;
        i += 1;
    }
    table
};
