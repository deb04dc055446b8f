//! Numbers of single precision, twice as many in a register: for bounds that decide most cases.

use std::array::from_fn;
use std::ops::{Add, Div, Mul, Sub};

use super::MOST_LANES;

/// [`MOST_LANES`] numbers of single precision.
pub trait Singles:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// A whole number in each lane.
    type Counts: Copy;
    /// Truth values of comparisons.
    type Mask: Copy;

    /// The same number in every lane.
    fn splat(x: f32) -> Self;
    /// The nearest numbers of single precision.
    fn narrow(from: &[f64; MOST_LANES]) -> Self;
    /// self < other, false for NaN.
    fn lt(self, other: Self) -> Self::Mask;
    /// Whether any lane is true.
    fn any(mask: Self::Mask) -> bool;
    /// `yes` where the mask is true, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// 2^n of whole n from -126 to 127.
    fn exp2_whole(self) -> Self;
    /// No counts.
    fn nothing() -> Self::Counts;
    /// The counts, one more where the mask is true.
    fn count(mask: Self::Mask, counts: Self::Counts) -> Self::Counts;
    /// The counts as numbers.
    fn numbers(counts: Self::Counts) -> [f64; MOST_LANES];

    /// The nearest whole number, ties to even, of |x| < 2^22.
    #[inline(always)]
    fn round(self) -> Self {
        let shift = Self::splat(12_582_912.0); // 1.5 · 2^23 leaves no bit for a fraction
        (self + shift) - shift
    }
}

/// The twin in an array.
#[derive(Debug, Clone, Copy)]
pub struct ArraySingles([f32; MOST_LANES]);

macro_rules! lanewise {
    ($trait:ident, $method:ident) => {
        impl $trait for ArraySingles {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(from_fn(|i| $trait::$method(self.0[i], other.0[i])))
            }
        }
    };
}
lanewise!(Add, add);
lanewise!(Sub, sub);
lanewise!(Mul, mul);
lanewise!(Div, div);

impl Singles for ArraySingles {
    type Counts = [i32; MOST_LANES];
    type Mask = [bool; MOST_LANES];

    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([x; MOST_LANES])
    }
    #[inline(always)]
    fn narrow(from: &[f64; MOST_LANES]) -> Self {
        Self(from.map(|x| x as f32))
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Self::Mask {
        from_fn(|i| self.0[i] < other.0[i])
    }
    #[inline(always)]
    fn any(mask: Self::Mask) -> bool {
        mask.contains(&true)
    }
    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Self(from_fn(|i| if mask[i] { yes.0[i] } else { no.0[i] }))
    }
    #[inline(always)]
    fn exp2_whole(self) -> Self {
        Self(self.0.map(|n| f32::from_bits((n + (TWO_23 + 127.0)).to_bits() << 23)))
    }
    #[inline(always)]
    fn nothing() -> Self::Counts {
        [0; MOST_LANES]
    }
    #[inline(always)]
    fn count(mask: Self::Mask, counts: Self::Counts) -> Self::Counts {
        from_fn(|i| counts[i] + i32::from(mask[i]))
    }
    #[inline(always)]
    fn numbers(counts: Self::Counts) -> [f64; MOST_LANES] {
        counts.map(f64::from)
    }
}

/// 2^23: the last bit of 2^23 + n is worth 1.
pub(super) const TWO_23: f32 = 8_388_608.0;
