//! Four lanes of an AVX2 register. The one file with unsafe code.
//!
//! Safe because no value of these types leaves [`run`], which is called only where the processor has
//! AVX2, and because every slice is checked before its pointer is used.

#![allow(unsafe_code)]

use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use super::dispatch::Kernel;
use super::{FRACTION, Lanes, Mask, Register, TWO_52, fours_of_register, operator};

/// Whether this processor has AVX2.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx2")
}

/// Runs a kernel in AVX2 registers, or gives it back where there are none.
pub(super) fn run<K: Kernel>(kernel: K) -> Result<K::Output, K> {
    if is_available() {
        // SAFETY: the processor has AVX2
        Ok(unsafe { with_avx2(kernel) })
    } else {
        Err(kernel)
    }
}

#[target_feature(enable = "avx2")]
fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2>()
}

/// Four numbers in a register.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(__m256d);

/// Four truth values in a register, all bits of a lane equal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2Mask(__m256d);

impl BitAnd for Avx2Mask {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(unsafe { _mm256_and_pd(self.0, other.0) })
    }
}

impl BitOr for Avx2Mask {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(unsafe { _mm256_or_pd(self.0, other.0) })
    }
}

impl Not for Avx2Mask {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(unsafe { _mm256_xor_pd(self.0, _mm256_castsi256_pd(_mm256_set1_epi64x(-1))) })
    }
}

impl Mask for Avx2Mask {
    #[inline(always)]
    fn any(self) -> bool {
        unsafe { _mm256_movemask_pd(self.0) != 0 }
    }
}

operator!([] Avx2, Add add (a, b) Self(unsafe { _mm256_add_pd(a.0, b.0) }));
operator!([] Avx2, Sub sub (a, b) Self(unsafe { _mm256_sub_pd(a.0, b.0) }));
operator!([] Avx2, Mul mul (a, b) Self(unsafe { _mm256_mul_pd(a.0, b.0) }));
operator!([] Avx2, Div div (a, b) Self(unsafe { _mm256_div_pd(a.0, b.0) }));

impl Neg for Avx2 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(unsafe { _mm256_xor_pd(self.0, _mm256_set1_pd(-0.0)) })
    }
}

impl Avx2 {
    #[inline(always)]
    fn bits(self) -> __m256i {
        unsafe { _mm256_castpd_si256(self.0) }
    }

    #[inline(always)]
    fn from_bits(bits: __m256i) -> Self {
        Self(unsafe { _mm256_castsi256_pd(bits) })
    }
}

impl Lanes for Avx2 {
    const LANES: usize = 4;
    type Mask = Avx2Mask;

    #[inline(always)]
    fn splat(x: f64) -> Self {
        Self(unsafe { _mm256_set1_pd(x) })
    }
    #[inline(always)]
    fn load(from: &[f64], i: usize) -> Self {
        let from = &from[i..i + 4];
        Self(unsafe { _mm256_loadu_pd(from.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [f64], i: usize) {
        let to = &mut to[i..i + 4];
        unsafe { _mm256_storeu_pd(to.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn store_whole(self, to: &mut [i64], i: usize) {
        let to = &mut to[i..i + 4];
        unsafe {
            let whole = _mm256_sub_epi64((self + TWO_52).bits(), Self::splat(TWO_52).bits());
            _mm256_storeu_si256(to.as_mut_ptr().cast(), whole);
        }
    }
    fours_of_register!();
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(unsafe { _mm256_sqrt_pd(self.0) })
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self(unsafe { _mm256_andnot_pd(_mm256_set1_pd(-0.0), self.0) })
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Avx2Mask {
        Avx2Mask(unsafe { _mm256_cmp_pd::<_CMP_LT_OQ>(self.0, other.0) })
    }
    #[inline(always)]
    fn le(self, other: Self) -> Avx2Mask {
        Avx2Mask(unsafe { _mm256_cmp_pd::<_CMP_LE_OQ>(self.0, other.0) })
    }
    #[inline(always)]
    fn eq(self, other: Self) -> Avx2Mask {
        Avx2Mask(unsafe { _mm256_cmp_pd::<_CMP_EQ_OQ>(self.0, other.0) })
    }
    #[inline(always)]
    fn select(mask: Avx2Mask, yes: Self, no: Self) -> Self {
        Self(unsafe { _mm256_blendv_pd(no.0, yes.0, mask.0) })
    }
    #[inline(always)]
    fn or_zero(self, mask: Avx2Mask) -> Self {
        Self(unsafe { _mm256_and_pd(self.0, mask.0) })
    }
    #[inline(always)]
    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let mut lanes = [0.0; 4];
        self.store(&mut lanes, 0);
        Self::load(&lanes.map(f), 0)
    }
    #[inline(always)]
    fn exponent(self) -> Self {
        let two_52 = Self::splat(TWO_52);
        let whole = unsafe { _mm256_or_si256(_mm256_srli_epi64::<52>(self.bits()), two_52.bits()) };
        Self::from_bits(whole) - (TWO_52 + 1023.0)
    }
    #[inline(always)]
    fn significand(self) -> Self {
        let one = Self::splat(1.0);
        Self::from_bits(unsafe {
            let fraction = _mm256_and_si256(self.bits(), _mm256_set1_epi64x(FRACTION as i64));
            _mm256_or_si256(fraction, one.bits())
        })
    }
    #[inline(always)]
    fn scaled_to(self, other: Self) -> (Self, Self) {
        let (scaled, biased) = unsafe {
            let difference = _mm256_sub_epi64(self.bits(), other.bits());
            let rounded = _mm256_add_epi64(difference, _mm256_set1_epi64x(1 << 51));
            let e = _mm256_and_si256(rounded, _mm256_set1_epi64x(!FRACTION as i64));
            let biased = _mm256_srli_epi64::<52>(_mm256_xor_si256(e, _mm256_set1_epi64x(i64::MIN)));
            let whole = _mm256_or_si256(biased, Self::splat(TWO_52).bits());
            (_mm256_sub_epi64(self.bits(), e), whole)
        };
        (Self::from_bits(scaled), Self::from_bits(biased) - (TWO_52 + 2048.0))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(unsafe { _mm256_min_pd(self.0, other.0) })
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(unsafe { _mm256_max_pd(self.0, other.0) })
    }
    #[inline(always)]
    fn exp2_whole(self) -> Self {
        let biased = self + (TWO_52 + 1023.0);
        Self::from_bits(unsafe { _mm256_slli_epi64::<52>(biased.bits()) })
    }
}

impl Register for Avx2 {
    #[inline(always)]
    fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        unsafe {
            let (ab_even, ab_odd) = (_mm256_unpacklo_pd(a.0, b.0), _mm256_unpackhi_pd(a.0, b.0));
            let (cd_even, cd_odd) = (_mm256_unpacklo_pd(c.0, d.0), _mm256_unpackhi_pd(c.0, d.0));
            [
                Self(_mm256_permute2f128_pd::<0x20>(ab_even, cd_even)),
                Self(_mm256_permute2f128_pd::<0x20>(ab_odd, cd_odd)),
                Self(_mm256_permute2f128_pd::<0x31>(ab_even, cd_even)),
                Self(_mm256_permute2f128_pd::<0x31>(ab_odd, cd_odd)),
            ]
        }
    }
}
