//! Four lanes of an AVX2 register. The one file with unsafe code.
//!
//! Safe because no value of these types leaves [`run`], which is called only where the processor has
//! AVX2, and because every slice is checked before its pointer is used.

#![allow(unsafe_code)]

use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use super::dispatch::Kernel;
use super::singles::TWO_23;
use super::{
    Bytes, COLUMNS, FRACTION, Lanes, MOST_LANES, Mask, Register, Row, Singles, TWO_52, Words,
    fours_of_register, operator,
};

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
    type Singles = Avx2Singles;

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
    #[inline(always)]
    fn within_unit(words: &[u64], i: usize) -> Self {
        let words = &words[i..i + 4];
        let shifted = unsafe {
            let words = _mm256_loadu_si256(words.as_ptr().cast());
            _mm256_or_si256(_mm256_srli_epi64::<12>(words), Self::splat(1.0).bits())
        };
        Self::from_bits(shifted) - (1.0 - 0.5 * f64::EPSILON)
    }
}

impl Bytes for Avx2 {
    #[inline(always)]
    fn digits(words: &[u64; COLUMNS], base: u8, rows: &mut [Row]) {
        for (half, words) in words.chunks_exact(16).enumerate() {
            // SAFETY: 16 words are four registers; half a row has room for 16 bytes
            unsafe {
                let base = _mm256_set1_epi64x(i64::from(base));
                let mut low: [__m256i; 4] =
                    std::array::from_fn(|i| _mm256_loadu_si256(words[4 * i..].as_ptr().cast()));
                let mut high = low.map(|word| _mm256_srli_epi64::<32>(word));
                for row in &mut *rows {
                    // of both only the lower 32 bits are multiplied, so what is above them may stay
                    for (low, high) in low.iter_mut().zip(&mut high) {
                        *low = _mm256_mul_epu32(*low, base);
                        let carry = _mm256_srli_epi64::<32>(*low);
                        *high = _mm256_add_epi64(_mm256_mul_epu32(*high, base), carry);
                    }
                    let [a, b, c, d] = high;
                    let shorts = _mm256_packus_epi32(upper_halves(a, b), upper_halves(c, d));
                    let bytes = _mm_packus_epi16(
                        _mm256_castsi256_si128(shorts),
                        _mm256_extracti128_si256::<1>(shorts),
                    );
                    // packs of half registers leave words 2 and 3 of each four behind
                    let order = _mm_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15);
                    let to = row[16 * half..].as_mut_ptr();
                    _mm_storeu_si128(to.cast(), _mm_shuffle_epi8(bytes, order));
                }
            }
        }
    }

    #[inline(always)]
    fn occurrences(rows: &[Row], first: u8) -> [Row; 4] {
        let mut found = [[0; COLUMNS]; 4];
        // SAFETY: a row is a register
        unsafe {
            let mut counts = [_mm256_setzero_si256(); 4];
            for row in rows {
                let row = _mm256_loadu_si256(row.as_ptr().cast());
                for (number, count) in (0..).zip(&mut counts) {
                    let number = _mm256_set1_epi8(first.wrapping_add(number) as i8);
                    // what is equal is -1
                    *count = _mm256_sub_epi8(*count, _mm256_cmpeq_epi8(row, number));
                }
            }
            for (found, count) in found.iter_mut().zip(counts) {
                _mm256_storeu_si256(found.as_mut_ptr().cast(), count);
            }
        }
        found
    }
}

/// The upper 32 bits of numbers, those of two half registers beside each other.
#[inline(always)]
unsafe fn upper_halves(a: __m256i, b: __m256i) -> __m256i {
    unsafe {
        let (a, b) = (_mm256_castsi256_ps(a), _mm256_castsi256_ps(b));
        _mm256_castps_si256(_mm256_shuffle_ps::<0b11_01_11_01>(a, b))
    }
}

/// Four words in a register.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2Words(__m256i);

impl Words for Avx2Words {
    const LANES: usize = 4;

    #[inline(always)]
    fn splat(word: u64) -> Self {
        Self(unsafe { _mm256_set1_epi64x(word as i64) })
    }
    #[inline(always)]
    fn load(from: &[u64], i: usize) -> Self {
        let from = &from[i..i + 4];
        Self(unsafe { _mm256_loadu_si256(from.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [u64], i: usize) {
        let to = &mut to[i..i + 4];
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(unsafe { _mm256_xor_si256(self.0, other.0) })
    }
    /// By halves, as there is no product of whole words.
    #[inline(always)]
    fn multiply(self, by: u64) -> (Self, Self) {
        let (by_low, by_high) = (Self::splat(by).0, Self::splat(by >> 32).0);
        unsafe {
            let upper = _mm256_srli_epi64::<32>(self.0);
            let low = _mm256_mul_epu32(self.0, by_low);
            let carry = _mm256_srli_epi64::<32>(low);
            let first = _mm256_add_epi64(_mm256_mul_epu32(upper, by_low), carry);
            let half = _mm256_and_si256(first, _mm256_set1_epi64x(0xffff_ffff));
            let second = _mm256_add_epi64(_mm256_mul_epu32(self.0, by_high), half);
            let high = _mm256_add_epi64(
                _mm256_add_epi64(_mm256_mul_epu32(upper, by_high), _mm256_srli_epi64::<32>(first)),
                _mm256_srli_epi64::<32>(second),
            );
            (
                Self(high),
                Self(_mm256_blend_epi32::<0b1010_1010>(low, _mm256_slli_epi64::<32>(second))),
            )
        }
    }
}

impl Register for Avx2 {
    type Words = Avx2Words;

    #[inline(always)]
    fn load_bytes(from: &Row, i: usize) -> Self {
        let from = &from[i..i + 4];
        let bytes = i32::from_le_bytes([from[0], from[1], from[2], from[3]]);
        Self(unsafe { _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes))) })
    }

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

/// Eight numbers of single precision in a register.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2Singles(__m256);

macro_rules! singly {
    ($trait:ident, $method:ident, $intrinsic:ident) => {
        impl $trait for Avx2Singles {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    };
}
singly!(Add, add, _mm256_add_ps);
singly!(Sub, sub, _mm256_sub_ps);
singly!(Mul, mul, _mm256_mul_ps);
singly!(Div, div, _mm256_div_ps);

/// Eight whole numbers in a register.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2Counts(__m256i);

impl Singles for Avx2Singles {
    type Counts = Avx2Counts;
    type Mask = Self;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self(unsafe { _mm256_set1_ps(x) })
    }
    #[inline(always)]
    fn narrow(from: &[f64; MOST_LANES]) -> Self {
        let half = |i| unsafe { _mm256_cvtpd_ps(Avx2::load(from, i).0) };
        Self(unsafe { _mm256_set_m128(half(4), half(0)) })
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Self {
        Self(unsafe { _mm256_cmp_ps::<_CMP_LT_OQ>(self.0, other.0) })
    }
    #[inline(always)]
    fn any(mask: Self) -> bool {
        unsafe { _mm256_movemask_ps(mask.0) != 0 }
    }
    #[inline(always)]
    fn select(mask: Self, yes: Self, no: Self) -> Self {
        Self(unsafe { _mm256_blendv_ps(no.0, yes.0, mask.0) })
    }
    #[inline(always)]
    fn exp2_whole(self) -> Self {
        let biased = self + Self::splat(TWO_23 + 127.0);
        Self(unsafe { _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_castps_si256(biased.0))) })
    }
    #[inline(always)]
    fn nothing() -> Avx2Counts {
        Avx2Counts(unsafe { _mm256_setzero_si256() })
    }
    #[inline(always)]
    fn count(mask: Self, counts: Avx2Counts) -> Avx2Counts {
        // what is true is -1
        Avx2Counts(unsafe { _mm256_sub_epi32(counts.0, _mm256_castps_si256(mask.0)) })
    }
    #[inline(always)]
    fn numbers(Avx2Counts(counts): Avx2Counts) -> [f64; MOST_LANES] {
        let mut numbers = [0.0; MOST_LANES];
        let (low, high) = unsafe {
            let high = _mm256_extracti128_si256::<1>(counts);
            (_mm256_cvtepi32_pd(_mm256_castsi256_si128(counts)), _mm256_cvtepi32_pd(high))
        };
        Avx2(low).store(&mut numbers, 0);
        Avx2(high).store(&mut numbers, 4);
        numbers
    }
}
