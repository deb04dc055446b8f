//! Several numbers at a time: [`Lanes`] over AVX2 registers, with an array twin of the same bits.
//!
//! A formula is written once, generic over [`Lanes`]: `f64` is one lane of it, and every lane does
//! the same IEEE operations in the same order, so the width never changes an answer. [`run`] picks
//! the widest registers of this machine at run time.

mod array;
#[cfg(target_arch = "x86_64")]
mod avx2;
mod bytes;
mod dispatch;
mod pair;
mod singles;
mod words;

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

pub use array::Array;
pub use bytes::{Bytes, COLUMNS, Row};
pub use dispatch::{Elementwise, Kernel, Path, each, elementwise, path, run, use_path};
pub use pair::Pair;
pub use singles::{ArraySingles, Singles};
pub use words::Words;

/// One truth value per lane.
pub trait Mask: Copy + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self> {
    /// Whether any lane is true.
    fn any(self) -> bool;
}

/// Real numbers side by side.
pub trait Lanes:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    /// How many.
    const LANES: usize;
    /// Truth values of comparisons.
    type Mask: Mask;
    /// Numbers of single precision in the same registers.
    type Singles: Singles;

    /// The same number in every lane.
    fn splat(x: f64) -> Self;
    /// The numbers of a slice from element `i` on.
    fn load(from: &[f64], i: usize) -> Self;
    /// Writes to a slice from element `i` on.
    fn store(self, to: &mut [f64], i: usize);
    /// Writes whole numbers from 0 to 2^52 - 1 to a slice from element `i` on.
    fn store_whole(self, to: &mut [i64], i: usize);
    /// Writes four columns side by side, from element `i` on: those of element e to `to[4 * e..]`.
    fn store_fours(columns: [Self; 4], to: &mut [f64], i: usize);
    /// Reads what [`Lanes::store_fours`] writes.
    fn load_fours(from: &[f64], i: usize) -> [Self; 4];
    /// As [`Lanes::store_fours`], lane l to element `at[l]`; lanes beyond `at` are not written.
    fn scatter_fours(columns: [Self; 4], to: &mut [f64], at: &[usize]);
    /// Reads what [`Lanes::scatter_fours`] writes; 0 in lanes beyond `at`.
    fn gather_fours(from: &[f64], at: &[usize]) -> [Self; 4];
    /// Square root.
    fn sqrt(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// self < other, false for NaN.
    fn lt(self, other: Self) -> Self::Mask;
    /// self <= other, false for NaN.
    fn le(self, other: Self) -> Self::Mask;
    /// self == other, false for NaN.
    fn eq(self, other: Self) -> Self::Mask;
    /// `yes` where the mask is true, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// A scalar function of every lane.
    fn map(self, f: impl Fn(f64) -> f64) -> Self;
    /// The exponent of positive normal numbers: whole e with 2^e <= x < 2^(e+1).
    fn exponent(self) -> Self;
    /// The significand of positive normal numbers, in [1, 2).
    fn significand(self) -> Self;
    /// The number times 2^-e, and the whole e that brings it nearest to `other` on the piecewise linear
    /// logarithm of Mitchell (1962): within 2^±0.587 of it. Both positive and normal.
    fn scaled_to(self, other: Self) -> (Self, Self);
    /// The lesser; `other` if self is NaN.
    fn min(self, other: Self) -> Self;
    /// The greater; `other` if self is NaN.
    fn max(self, other: Self) -> Self;
    /// 2^n of whole n from -1022 to 1023.
    fn exp2_whole(self) -> Self;
    /// Numbers in (0, 1) from words of a slice from element `i` on: (⌊word/2^12⌋ + ½) 2^-52.
    fn within_unit(words: &[u64], i: usize) -> Self;

    /// Writes to a slice from element `i` on as many lanes as it has room for.
    #[inline(always)]
    fn store_within(self, to: &mut [f64], i: usize) {
        if i + Self::LANES <= to.len() {
            return self.store(to, i);
        }
        let mut lanes = [0.0; MOST_LANES];
        self.store(&mut lanes, 0);
        for (to, lane) in to[i..].iter_mut().zip(lanes) {
            *to = lane;
        }
    }

    /// The number where the mask is true, 0 elsewhere.
    #[inline(always)]
    fn or_zero(self, mask: Self::Mask) -> Self {
        Self::select(mask, self, Self::splat(0.0))
    }

    /// The number where the mask is true, NaN elsewhere.
    #[inline(always)]
    fn or_nan(self, mask: Self::Mask) -> Self {
        Self::select(mask, self, Self::splat(f64::NAN))
    }

    /// Whether the number is neither infinite nor NaN.
    #[inline(always)]
    fn is_finite(self) -> Self::Mask {
        self.abs().lt(Self::splat(f64::INFINITY))
    }

    /// The nearest whole number, ties to even, of |x| < 2^51.
    #[inline(always)]
    fn round(self) -> Self {
        const SHIFT: f64 = 6_755_399_441_055_744.0; // 1.5 · 2^52 leaves no bit for a fraction
        (self + SHIFT) - SHIFT
    }
}

/// Four lanes: one register, or what stands for it.
pub trait Register: Lanes + Bytes {
    /// As many words as there are numbers.
    type Words: Words;

    /// The four numbers of a row from column `i` on.
    #[inline(always)]
    fn load_bytes(from: &Row, i: usize) -> Self {
        let from = &from[i..i + 4];
        Self::load(&[from[0], from[1], from[2], from[3]].map(f64::from), 0)
    }

    /// Rows and columns exchanged: lane i of number j becomes lane j of number i.
    fn transpose(rows: [Self; 4]) -> [Self; 4];

    /// Four neighbouring rows of 4 numbers.
    #[inline(always)]
    fn load_rows(from: &[f64]) -> [Self; 4] {
        let from = &from[..16];
        [Self::load(from, 0), Self::load(from, 4), Self::load(from, 8), Self::load(from, 12)]
    }

    /// Writes four neighbouring rows of 4 numbers.
    #[inline(always)]
    fn store_rows([a, b, c, d]: [Self; 4], to: &mut [f64]) {
        let to = &mut to[..16];
        a.store(to, 0);
        b.store(to, 4);
        c.store(to, 8);
        d.store(to, 12);
    }

    /// Rows of 4 numbers, row l at `4 * at[l]`.
    #[inline(always)]
    fn gather_rows(from: &[f64], at: &[usize]) -> [Self; 4] {
        let mut rows = [Self::splat(0.0); 4];
        for (row, &i) in rows.iter_mut().zip(at) {
            *row = Self::load(from, 4 * i);
        }
        rows
    }

    /// Writes row l to `4 * at[l]`.
    #[inline(always)]
    fn scatter_rows(rows: [Self; 4], to: &mut [f64], at: &[usize]) {
        for (row, &i) in rows.into_iter().zip(at) {
            row.store(to, 4 * i);
        }
    }
}

/// Lanes of a [`Pair`] of registers, the widest there are.
pub const MOST_LANES: usize = 8;

/// Implements an operator and its twin with a plain number.
macro_rules! operator {
    ([$($generic:tt)*] $type:ty, $trait:ident $method:ident ($a:ident, $b:ident) $body:expr) => {
        impl<$($generic)*> $trait for $type {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                $body
            }
        }
        impl<$($generic)*> $trait<f64> for $type {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                $trait::$method(self, Self::splat(other))
            }
        }
    };
}
pub(crate) use operator;

/// What [`Lanes`] does with fours, by transposing a [`Register`].
macro_rules! fours_of_register {
    () => {
        #[inline(always)]
        fn store_fours(columns: [Self; 4], to: &mut [f64], i: usize) {
            Self::store_rows(Self::transpose(columns), &mut to[4 * i..]);
        }
        #[inline(always)]
        fn load_fours(from: &[f64], i: usize) -> [Self; 4] {
            Self::transpose(Self::load_rows(&from[4 * i..]))
        }
        #[inline(always)]
        fn scatter_fours(columns: [Self; 4], to: &mut [f64], at: &[usize]) {
            Self::scatter_rows(Self::transpose(columns), to, at);
        }
        #[inline(always)]
        fn gather_fours(from: &[f64], at: &[usize]) -> [Self; 4] {
            Self::transpose(Self::gather_rows(from, at))
        }
    };
}
pub(crate) use fours_of_register;

impl Mask for bool {
    #[inline(always)]
    fn any(self) -> bool {
        self
    }
}

impl Lanes for f64 {
    const LANES: usize = 1;
    type Mask = bool;
    type Singles = ArraySingles;

    #[inline(always)]
    fn splat(x: f64) -> Self {
        x
    }
    #[inline(always)]
    fn load(from: &[f64], i: usize) -> Self {
        from[i]
    }
    #[inline(always)]
    fn store(self, to: &mut [f64], i: usize) {
        to[i] = self;
    }
    #[inline(always)]
    fn store_whole(self, to: &mut [i64], i: usize) {
        to[i] = self as i64;
    }
    #[inline(always)]
    fn store_fours(columns: [Self; 4], to: &mut [f64], i: usize) {
        to[4 * i..4 * i + 4].copy_from_slice(&columns);
    }
    #[inline(always)]
    fn load_fours(from: &[f64], i: usize) -> [Self; 4] {
        let from = &from[4 * i..4 * i + 4];
        [from[0], from[1], from[2], from[3]]
    }
    #[inline(always)]
    fn scatter_fours(columns: [Self; 4], to: &mut [f64], at: &[usize]) {
        at.first().into_iter().for_each(|&i| Self::store_fours(columns, to, i));
    }
    #[inline(always)]
    fn gather_fours(from: &[f64], at: &[usize]) -> [Self; 4] {
        at.first().map_or([0.0; 4], |&i| Self::load_fours(from, i))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.abs()
    }
    #[inline(always)]
    fn lt(self, other: Self) -> bool {
        self < other
    }
    #[inline(always)]
    fn le(self, other: Self) -> bool {
        self <= other
    }
    #[inline(always)]
    fn eq(self, other: Self) -> bool {
        self == other
    }
    #[inline(always)]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
    #[inline(always)]
    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        f(self)
    }
    #[inline(always)]
    fn exponent(self) -> Self {
        f64::from_bits(self.to_bits() >> 52 | TWO_52.to_bits()) - (TWO_52 + 1023.0)
    }
    #[inline(always)]
    fn significand(self) -> Self {
        f64::from_bits(self.to_bits() & FRACTION | 1_f64.to_bits())
    }
    #[inline(always)]
    fn scaled_to(self, other: Self) -> (Self, Self) {
        let (bits, other) = (self.to_bits(), other.to_bits());
        // halves are added so that cutting the fraction off rounds
        let e = bits.wrapping_sub(other).wrapping_add(1 << 51) & !FRACTION;
        let biased = f64::from_bits((e ^ 1 << 63) >> 52 | TWO_52.to_bits());
        (f64::from_bits(bits.wrapping_sub(e)), biased - (TWO_52 + 2048.0))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if self < other { self } else { other }
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
    #[inline(always)]
    fn exp2_whole(self) -> Self {
        f64::from_bits((self + (TWO_52 + 1023.0)).to_bits() << 52)
    }
    #[inline(always)]
    fn within_unit(words: &[u64], i: usize) -> Self {
        // 52 bits behind the point of a number in [1, 2)
        f64::from_bits(words[i] >> 12 | 1_f64.to_bits()) - (1.0 - 0.5 * f64::EPSILON)
    }
}

/// 2^52: the last bit of 2^52 + n is worth 1, so its low bits are the whole number n.
const TWO_52: f64 = 4_503_599_627_370_496.0;
/// The bits of the significand.
const FRACTION: u64 = (1 << 52) - 1;
