//! Four lanes of an array: the twin of AVX2, and what machines without it use.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use super::{ArraySingles, Bytes, Lanes, Mask, Register, fours_of_register, operator};

/// Four numbers in an array.
#[derive(Debug, Clone, Copy)]
pub struct Array([f64; 4]);

/// Four truth values in an array.
#[derive(Debug, Clone, Copy)]
pub struct ArrayMask([bool; 4]);

/// An array from an expression of the lane's number.
macro_rules! each {
    ($i:ident, $lane:expr) => {
        std::array::from_fn(|$i| $lane)
    };
}

impl BitAnd for ArrayMask {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(each!(i, self.0[i] & other.0[i]))
    }
}

impl BitOr for ArrayMask {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(each!(i, self.0[i] | other.0[i]))
    }
}

impl Not for ArrayMask {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(each!(i, !self.0[i]))
    }
}

impl Mask for ArrayMask {
    #[inline(always)]
    fn any(self) -> bool {
        self.0.contains(&true)
    }
}

operator!([] Array, Add add (a, b) Self(each!(i, a.0[i] + b.0[i])));
operator!([] Array, Sub sub (a, b) Self(each!(i, a.0[i] - b.0[i])));
operator!([] Array, Mul mul (a, b) Self(each!(i, a.0[i] * b.0[i])));
operator!([] Array, Div div (a, b) Self(each!(i, a.0[i] / b.0[i])));

impl Neg for Array {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(each!(i, -self.0[i]))
    }
}

impl Lanes for Array {
    const LANES: usize = 4;
    type Mask = ArrayMask;
    type Singles = ArraySingles;

    #[inline(always)]
    fn splat(x: f64) -> Self {
        Self([x; 4])
    }
    #[inline(always)]
    fn load(from: &[f64], i: usize) -> Self {
        let from = &from[i..i + 4];
        Self(each!(i, from[i]))
    }
    #[inline(always)]
    fn store(self, to: &mut [f64], i: usize) {
        to[i..i + 4].copy_from_slice(&self.0);
    }
    #[inline(always)]
    fn store_whole(self, to: &mut [i64], i: usize) {
        to[i..i + 4].copy_from_slice(&self.0.map(|x| x as i64));
    }
    fours_of_register!();
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(each!(i, self.0[i].sqrt()))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self(each!(i, self.0[i].abs()))
    }
    #[inline(always)]
    fn lt(self, other: Self) -> ArrayMask {
        ArrayMask(each!(i, self.0[i] < other.0[i]))
    }
    #[inline(always)]
    fn le(self, other: Self) -> ArrayMask {
        ArrayMask(each!(i, self.0[i] <= other.0[i]))
    }
    #[inline(always)]
    fn eq(self, other: Self) -> ArrayMask {
        ArrayMask(each!(i, self.0[i] == other.0[i]))
    }
    #[inline(always)]
    fn select(mask: ArrayMask, yes: Self, no: Self) -> Self {
        Self(each!(i, if mask.0[i] { yes.0[i] } else { no.0[i] }))
    }
    #[inline(always)]
    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self(each!(i, f(self.0[i])))
    }
    #[inline(always)]
    fn exponent(self) -> Self {
        Self(each!(i, self.0[i].exponent()))
    }
    #[inline(always)]
    fn significand(self) -> Self {
        Self(each!(i, self.0[i].significand()))
    }
    #[inline(always)]
    fn scaled_to(self, other: Self) -> (Self, Self) {
        let both: [(f64, f64); 4] = each!(i, self.0[i].scaled_to(other.0[i]));
        (Self(each!(i, both[i].0)), Self(each!(i, both[i].1)))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(each!(i, Lanes::min(self.0[i], other.0[i])))
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(each!(i, Lanes::max(self.0[i], other.0[i])))
    }
    #[inline(always)]
    fn exp2_whole(self) -> Self {
        Self(each!(i, self.0[i].exp2_whole()))
    }
    #[inline(always)]
    fn within_unit(words: &[u64], i: usize) -> Self {
        let words = &words[i..i + 4];
        Self(each!(j, f64::within_unit(words, j)))
    }
}

impl Bytes for Array {}

impl Register for Array {
    type Words = [[u64; 2]; 2];

    #[inline(always)]
    fn transpose(rows: [Self; 4]) -> [Self; 4] {
        each!(j, Self(each!(i, rows[i].0[j])))
    }
}
